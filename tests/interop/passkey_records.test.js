// What browsers do with passkeys leaves its records and sends its events: no service provider has a hand in these routes.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Authenticator } from "../support/authenticator.js";
import { MobileId } from "../support/mobileid.js";

const PASSKEYS = "/reuseid/core/credentials/passkeys";
let all, user, passkey;

before(async () => {
	all = await MobileId.started();
	await all.server.command("domain", "add", "localhost", "--account", all.app.accountId);
	await all.server.command("passkey", "domain", "set", "localhost", "--page-url", page());
	user = await all.newUser();
	passkey = new Authenticator("localhost", "a credential");
});
after(() => all?.remove());

const page = () => `http://localhost:${all.server.port}`;

async function started(kind, body) {
	const reply = await all.rest("POST", `${PASSKEYS}/${kind}`, body);

	assert.equal(reply.status, 200, JSON.stringify(reply.body));
	return reply.body.transactionId;
}

const registration = () => started("registrations", { userId: user.id, passkey: { domain: "localhost" } });
const authentication = () => started("authentications", { operationProperties: { domain: "localhost" } });

async function ceremony(where, body = {}) {
	const reply = await fetch(`${page()}/passkeys/${where}`, { method: "POST", body: JSON.stringify(body),
		headers: { "content-type": "application/json", origin: page() } });

	assert.equal(reply.status, 200, await reply.clone().text());
	return reply.json();
}

const records = async (id) => (await all.rest("POST", "/audit/query", { and: [{ field: "referenceId", operator: "eq", value: id }] })).body.data
	.map(({ eventType }) => eventType).reverse();
const events = (id) => all.rows("SELECT sender, name FROM outbox WHERE transaction_id = ?", Buffer.from(id.replaceAll("-", ""), "hex"))
	.map(({ sender, name }) => `${sender}:${name}`);

/** Carries it out; `say(options)` is what is sent in the end, and where to. */
async function carryOut(kind, id, how, say) {
	const { publicKey, token } = await ceremony(`${kind}/${id}/options`);

	return ceremony(`${kind}/${id}/${how}`, { token, ...say(publicKey) });
}

test("a registration that is completed", async () => {
	const id = await registration();

	assert.equal((await carryOut("registrations", id, "result", (options) => passkey.make(options, page()))).state, "COMPLETED");
	assert.deepEqual(await records(id), ["API_PASSKEY_REGISTRATION_STARTED", "PASSKEY_REGISTRATION_COMPLETED"]);
	assert.deepEqual(events(id), ["reuseid:passkey.registration.completed"]);
	const { body } = await all.rest("GET", `${PASSKEYS}/registrations/${id}`);

	assert.deepEqual(await records(body.passkey.id), ["PASSKEY_ADDED"]);
	assert.equal(all.rows("SELECT data FROM outbox WHERE name = 'passkey.state.change'").length, 1);
});

test("an authentication that is completed: the record names who it was", async () => {
	const id = await authentication();

	assert.equal((await carryOut("authentications", id, "result", (options) => passkey.answer(options, page(), user))).state, "COMPLETED");
	assert.deepEqual(await records(id), ["API_PASSKEY_AUTHENTICATION_STARTED", "PASSKEY_AUTHENTICATION_COMPLETED"]);
	assert.deepEqual(events(id), ["reuseid:passkey.authentication.completed"]);
	const { body } = await all.rest("POST", "/audit/query", { and: [{ field: "userId", operator: "eq", value: user.id }] });

	assert.equal(body.data[0].eventType, "PASSKEY_AUTHENTICATION_COMPLETED");
	assert.ok(body.data[0].ipAddress);
});

test("what fails, and what is given up", async () => {
	const stranger = new Authenticator("localhost", "another");
	const rows = [
		["authentications", await authentication(), "result", (options) => stranger.answer(options, page(), user)],
		["authentications", await authentication(), "result", (options) => passkey.answer(options, "https://elsewhere.example", user)],
		["registrations", await registration(), "result", (options) => passkey.make(options, page())], // it is there already
		["authentications", await authentication(), "cancel", () => ({ error: "NotAllowedError" })],
		["registrations", await registration(), "cancel", () => ({ error: "NotSupportedError" })],
	];

	for (const [kind, id, how, say] of rows) {
		const word = kind.slice(0, -1), outcome = await carryOut(kind, id, how, say);

		assert.equal(outcome.state, "FAILED", JSON.stringify(outcome));
		const [first, last, ...more] = await records(id);

		assert.equal(first, `API_PASSKEY_${word.toUpperCase()}_STARTED`);
		assert.equal(last, `PASSKEY_${word.toUpperCase()}_FAILED`, outcome.errorCode);
		assert.deepEqual(more, []);
		assert.deepEqual(events(id), [`reuseid:passkey.${word}.completed`]);
	}
});
