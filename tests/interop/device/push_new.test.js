// Push addresses of phones that are not registered yet: what a start says holds for its session, and for the device that comes of it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { MobileId } from "../../support/mobileid.js";
import { PushServices, Subscription } from "../../support/push_services.js";
import { must } from "./client.js";

const CODE = "314159";
const PIN = "2468";
let services, all, n = 0;

before(async () => {
	services = await PushServices.started();
	all = await MobileId.started({ args: services.args,
		config: { pushEnabled: true, recoveryEnabled: true, intermediatePushMode: "REQUIRED" } });
	const { status } = await all.rest("PUT", `/mobileid/admin/accounts/${all.app.accountId}/push-configurations/WEBPUSH`,
		{ subject: "mailto:push@example.com" });

	assert.equal(status, 200);
});
after(async () => {
	await all?.remove();
	await services?.close();
});

/** Where a phone hears: its token, and what came last. */
function ear() {
	const name = `ear${++n}`;
	const subscription = new Subscription(`${services.url}/${name}/1`);

	return {
		token: JSON.stringify(subscription),
		heard: async (nth) => subscription.open((await services.nth(name, nth)).body),
		count: () => services.of(name).length,
	};
}

async function activated(phone, members) {
	phone.user ??= await all.newUser();
	const operation = await all.startRegistration(phone.user, {});

	return { operation, answer: await phone.activate(operation.operationProperties.activationCode, members) };
}

/** A device that heard its nonce where its start had said. */
async function registered(hears, members = {}) {
	const phone = all.newPhone();
	const { session } = must((await activated(phone, { pushToken: hears.token })).answer);

	must(await session.newPin(PIN));
	phone.store.pin = PIN;
	must(await session.register({ ...await hears.heard(), tokenPurposes: ["addOrUpdateRecovery"], ...members }));
	return phone;
}

async function rings(phone, hears) {
	const before = hears.count();
	const operation = await all.startOperation(phone, { sendPush: true });

	assert.equal(operation.operationProperties.pushSent, true);
	assert.equal((await hears.heard(before + 1)).pushSessionId, operation.transactionId);
}

test("a registration proves the address of its start, which is the device's from then on", async () => {
	const hears = ear();
	const phone = await registered(hears);

	await rings(phone, hears);
	const { session } = must(await phone.start());
	must(await session.pin());
	must(await session.finish("DEVICE_PIN", await hears.heard(3)));
});

test("the finish may say another one, but what is no address changes nothing", async () => {
	const [first, second, third] = [ear(), ear(), ear()];

	await rings(await registered(first, { pushToken: second.token }), second);
	await rings(await registered(third, { pushToken: "{}" }), third);
	assert.equal(first.count(), 1);
});

test("a registration that fails leaves no address", async () => {
	const hears = ear();
	const phone = all.newPhone();
	const { session } = must((await activated(phone, { pushToken: hears.token })).answer);

	must(await session.newPin(PIN));
	await hears.heard();
	const count = () => all.rows("SELECT count(*) AS n FROM push_tokens")[0].n;
	const before = count();
	assert.equal((await session.register({ pushNonce: "AAAAAAAAAAAAAAAAAAAAAA" })).code, 210);
	assert.equal(count(), before);
});

test("without an address neither a registration nor a recovery begins where one is required", async () => {
	const deaf = all.newPhone();
	const { operation, answer } = await activated(deaf);

	assert.equal(answer.code, 248);
	assert.equal((await all.operation(operation, "registrations")).errorCode, "CANCELLED_INTERMEDIATE_PUSH_REQUIRED");

	const old = await registered(ear());
	await old.addRecovery(CODE);
	const refused = await all.newPhone().startRecovering(old.store.backup);
	assert.equal(refused.code, 248, String(refused.json));
	const [{ error }] = all.rows("SELECT error FROM transactions ORDER BY created DESC, id DESC LIMIT 1");
	assert.equal(error, "CANCELLED_INTERMEDIATE_PUSH_REQUIRED");
	assert.equal((await all.device(old)).state, "ACTIVE");
	const pending = await all.startOperation(old); // that one took nothing away from the old device
	assert.equal((await all.operation(pending)).state, "PENDING");
});

test("a recovery proves the address of its start, which is the new device's from then on", async () => {
	const old = await registered(ear());

	await old.addRecovery(CODE);
	const [phone, hears] = [all.newPhone(), ear()];
	phone.user = old.user;
	const { session } = must(await phone.startRecovering(old.store.backup, { pushToken: hears.token }));
	must(await session.unlock(CODE));
	must(await session.newPin(PIN));
	phone.store.pin = PIN;
	const nonce = await hears.heard();
	assert.deepEqual(Object.keys(nonce), ["pushNonce"]);
	must(await session.register(nonce));
	await rings(phone, hears);
});
