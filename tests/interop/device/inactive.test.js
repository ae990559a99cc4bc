// MobileID of an account that is not at work: nothing begins, phones are refused without harm, and all goes on afterwards.
import assert from "node:assert/strict";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { accessToken, assertProblem } from "../../support/api.js";
import { DEVICES, MobileId } from "../../support/mobileid.js";

const ACCOUNTS = "/mobileid/admin/accounts";
let all;

before(async () => {
	all = await MobileId.started();
});
after(() => all?.remove());

const own = () => all.app.accountId ?? all.server.bootstrap.accountId;
const putState = (state, account = own(), who = all) => who.rest("PUT", `${ACCOUNTS}/${account}/state`, { state });

/** Also: it may be repeated, and there is neither a new challenge nor a step, since nothing has moved. */
function assertRefused(answer) {
	assert.equal(answer.status, 200, answer.error);
	assert.deepEqual(answer.is.err, { code: 221, name: "ServiceUnavailable", recoverable: true });
}

async function assertNothingStarts(phone) {
	const device = { id: phone.store.reg };

	for (const kind of ["registrations", "authentications", "signatures"])
		assertProblem(await all.rest("POST", `${DEVICES}/${kind}`, { userId: phone.user.id, ...(kind !== "registrations" && { device }),
			...(kind === "signatures" && { operationProperties: { preOperationContext: { content: "c", mimeType: "text/plain" } } }) }),
		403, "account_inactive");
}

test("started, refused, resumed; and a restart forgets nothing", async () => {
	const { phone, operation, session } = await all.session();

	assert.equal((await putState("INACTIVE")).body.state, "INACTIVE");
	await all.unchanged(async () => {
		await assertNothingStarts(phone);
		assertRefused(await session.pin());
		assertRefused(await phone.start());
		assertRefused(await phone.configuration());
		assertRefused(await phone.deactivate());
	});
	assert.equal((await all.device(phone)).state, "ACTIVE");
	assert.equal((await all.operation(operation)).transactionState ?? (await all.operation(operation)).state, "PENDING");

	all.forgetReader();
	await all.server.stop();
	await all.server.start();
	assertRefused(await session.pin());
	assert.equal((await putState("ACTIVE")).body.state, "ACTIVE");
	assert.ok((await session.pin()).ok);
	assert.ok((await session.finish()).ok);
	assert.ok((await all.phone()).store.reg);
	assert.deepEqual(all.rows("SELECT type FROM audit WHERE type LIKE 'API_MOBILEID%' ORDER BY n").map((row) => row.type),
		["API_MOBILEID_INACTIVATED", "API_MOBILEID_ACTIVATED"]);
});

test("it is the account's own: another one's phones go on, and another one's state is out of reach", async () => {
	const other = await all.otherAccount("Bank next door", "all");

	await putState("INACTIVE");
	assert.ok((await other.phone()).store.reg);
	assertProblem(await putState("ACTIVE", own(), other), 404, "account_does_not_exist");
	assertProblem(await other.rest("POST", ACCOUNTS, { accountId: own() }), 404, "account_does_not_exist");
	assert.deepEqual((await other.rest("GET", ACCOUNTS)).body.accounts.map((one) => one.accountId), [other.app.accountId]);
	await putState("ACTIVE");
});

test("an account of another organisation is unknown, also to a client of the whole organisation", async () => {
	const { id } = await all.server.command("account", "create", "Stranger", "--type", "sandbox");
	const near = await all.server.command("account", "create", "Branch", "--type", "sandbox");
	const client = await all.server.command("client", "create", "backend", "--organisation", "--products", "all");

	all.forgetReader();
	await all.server.stop();
	const database = new DatabaseSync(path.join(all.server.data, "reuseid.db"));

	database.exec("INSERT INTO organisations (id, name, created) VALUES ('o-stranger', 'Stranger', 0)");
	database.prepare("UPDATE accounts SET organisation = (SELECT max(n) FROM organisations) WHERE id = ?").run(id);
	database.close();
	await all.server.start();
	const token = await accessToken(all.server, { clientId: client.id, clientSecret: client.secrets[0].secret });
	const whole = Object.assign(new MobileId(), { server: all.server, token, app: all.app });

	assertProblem(await whole.rest("POST", ACCOUNTS, { accountId: id }), 404, "account_does_not_exist");
	await all.server.command("mobileid", "add", id);
	assertProblem(await whole.rest("POST", ACCOUNTS, { accountId: id }), 404, "account_does_not_exist");
	assertProblem(await putState("INACTIVE", id, whole), 404, "account_does_not_exist");
	const added = await whole.rest("POST", ACCOUNTS, { accountId: near.id });

	assert.ok(added.status < 300, JSON.stringify(added.body));
	assertProblem(await whole.rest("POST", ACCOUNTS, { accountId: near.id }), 409, "account_already_onboarded");
	const seen = (await whole.rest("GET", `${ACCOUNTS}?statistics=false`)).body.accounts.map((one) => one.accountId);

	assert.ok(seen.includes(near.id) && seen.includes(own()) && !seen.includes(id), String(seen));
});

test("without the permission nothing is told or changed", async () => {
	const weak = await all.otherAccount("Weak", "ReuseID");

	assertProblem(await putState("INACTIVE", weak.app.accountId, weak), 403, "missing_permission");
	assertProblem(await weak.rest("POST", ACCOUNTS, { accountId: weak.app.accountId }), 403, "missing_permission");
	assertProblem(await weak.rest("GET", ACCOUNTS), 403, "missing_permission");
	assert.ok((await weak.phone()).store.reg);
});
