// Who sends: what was started on the older paths, and what a phone that was registered there does by itself, is told by `mobileid`; all
// else by `reuseid`; nothing by both.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { MobileId, PIN } from "../support/mobileid.js";

const CODE = "314159", TOKENS = { tokenPurposes: ["addOrUpdateRecovery", "deleteRecovery"] };
const OLDER = "/mobileid/core", NEWER = "/reuseid/core/credentials/devices";
let all;

before(async () => {
	all = await MobileId.started({ config: { recoveryEnabled: true } });
});
after(() => all?.remove());

/** Everything that was told since the last look: "SENDER:NAME". */
let seen = 0;

function told() {
	const rows = all.rows("SELECT n, sender, name FROM outbox WHERE n > ? ORDER BY n", seen);

	seen = rows.at(-1)?.n ?? seen;
	return rows.map(({ sender, name }) => `${sender}:${name}`);
}

async function must(method, where, body) {
	const reply = await all.rest(method, where, body);

	assert.ok(reply.status < 300, `${method} ${where}: ${reply.status} ${JSON.stringify(reply.body)}`);
	return reply.body;
}

async function registered(base, members = {}) {
	const phone = all.newPhone();

	phone.user = await all.newUser();
	const { operationProperties } = await must("POST", `${base}/registrations`, { userId: phone.user.id, operationProperties: { authLevel: "TWO_FACTOR" } });

	await phone.register(operationProperties.activationCode, { pin: PIN, ...members });
	return phone;
}

const start = (base, kind, phone) => must("POST", `${base}/${kind}`, { userId: phone.user.id, device: { id: phone.store.reg },
	operationProperties: { preOperationContext: { title: "T", mimeType: "text/plain", content: "c" } } });
const deviceOf = (base, phone) => `${base}${base === OLDER ? "/devices" : ""}/${phone.store.reg}?userId=${phone.user.id}`;

for (const [base, sender, name] of [[OLDER, "mobileid", (word) => `mobileid:${word}`], [NEWER, "reuseid", (word) => `reuseid:device.${word}`]]) {
	test(`${base}: ${sender} sends what was started there`, async () => {
		const phone = await registered(base);

		assert.deepEqual(told(), [name("registration.completed")]);
		for (const [kind, word] of [["authentications", "authentication"], ["signatures", "signature"]]) {
			await start(base, kind, phone);
			await phone.approve();
			assert.deepEqual(told(), [name(`${word}.completed`)]);
			const { transactionId } = await start(base, kind, phone);

			await must("DELETE", `${base}/${kind}/${transactionId}`);
			assert.deepEqual(told(), [name(`${word}.completed`)], "cancelled");
		}
	});

	test(`${base}: a device that is locked by its own doing, or deactivated`, async () => {
		const phone = await registered(base), other = await registered(base);

		told();
		await start(base, "authentications", phone);
		for (let tries = 0; tries < 3; tries++) {
			const session = (tries === 0 ? (await phone.start()).session : phone.session);

			await session.pin("0000");
			await session.finish();
		}
		assert.deepEqual(told().sort(), [name("authentication.completed"), `${sender}:device.state.change`].sort());
		assert.ok((await other.deactivate()).ok);
		assert.deepEqual(told(), [`${sender}:device.state.change`]);
	});

	test(`${base}: a recovery that is set up, used, and given up`, async () => {
		const phone = await registered(base, TOKENS), next = all.newPhone();

		told();
		await phone.addRecovery(CODE, TOKENS);
		assert.deepEqual(told(), [name("account-recovery.state.change")]);
		assert.ok((await phone.deleteRecovery()).ok);
		assert.deepEqual(told(), [name("account-recovery.state.change")]);
		const again = await registered(base, TOKENS);

		await again.addRecovery(CODE, TOKENS);
		told();
		await next.recover(again.store.backup, CODE, PIN);
		assert.deepEqual(told().sort(), [name("account-recovery.completed"), `${sender}:device.state.change`].sort(), "the older device is gone");
	});

	test(`${base}: a change that the request wants told`, async () => {
		const phone = await registered(base);

		told();
		await must("PATCH", deviceOf(base, phone), { state: "LOCKED" });
		assert.deepEqual(told(), []);
		await must("PATCH", `${deviceOf(base, phone)}&generateEvent=true`, { state: "ACTIVE" });
		assert.deepEqual(told(), [`${sender}:device.state.change`]);
	});
}

test("what is started on one path is told by it, wherever the device was registered", async () => {
	const phone = await registered(OLDER);

	told();
	await start(NEWER, "authentications", phone);
	await phone.approve();
	assert.deepEqual(told(), ["reuseid:device.authentication.completed"]);
});
