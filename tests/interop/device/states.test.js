// What happens to operations, sessions and devices from outside (sections 6.2 and 9): a second session, cancelling, superseding,
// locks, deletion, time.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MobileId, PIN, assertFault, assertOk, assertOutside } from "../../support/mobileid.js";
import { must } from "./client.js";

let mobile;

before(async () => { mobile = await MobileId.started(); });
after(() => mobile.remove());

async function failedWith(operation, errorCode, kind = "authentications") {
	const { state, errorCode: given } = await mobile.operation(operation, kind);

	assert.deepEqual([state, given], ["FAILED", errorCode]);
	const name = `device.${kind.slice(0, -1)}.completed`;
	await mobile.until(() => mobile.events(name, operation), (events) => events.length === 1);
}

const idOf = (phone) => Buffer.from(phone.store.reg.replaceAll("-", ""), "hex");
const stateEvents = (phone) => mobile.rows("SELECT * FROM outbox WHERE name = 'device.state.change' AND device_id = ?", idOf(phone)).length;

/** The phone can still be used. */
async function works(phone) {
	const operation = await mobile.startOperation(phone);

	await phone.approve();
	assert.equal((await mobile.operation(operation)).state, "COMPLETED");
}

async function left(phone) {
	await mobile.startOperation(phone);
	return must(await phone.start()).is.attempts.remaining;
}

describe("which operation a start is about", () => {
	test("none is pending: 208", async () => {
		const phone = await mobile.phone();

		for (const purpose of ["any", "auth", "sign"])
			await mobile.unchanged(async () => assertFault(await phone.start({ purpose }), 208));
	});

	test("one of the other kind: 236", async () => {
		const phone = await mobile.phone();

		await mobile.startOperation(phone);
		await mobile.unchanged(async () => assertFault(await phone.start({ purpose: "sign" }), 236));
		assertOk(await phone.start({ purpose: "auth" }));
		await mobile.startOperation(phone, { kind: "signatures" });
		await mobile.unchanged(async () => assertFault(await phone.start({ purpose: "auth" }), 236));
		assertOk(await phone.start({ purpose: "sign" }));
		assertOk(await phone.start({ purpose: "any" }));
	});

	test("the one that is named; an unknown, foreign or finished one: 210", async () => {
		const phone = await mobile.phone();
		const foreign = await mobile.startOperation(await mobile.phone());
		const done = await mobile.startOperation(phone);

		await phone.approve();
		await mobile.unchanged(async () => assertFault(await phone.start({ push: done.transactionId }), 210));
		const operation = await mobile.startOperation(phone);
		const [{ pushSessionId }] = must(await phone.wait()).is.pending;
		await mobile.unchanged(async () => {
			for (const push of [crypto.randomUUID(), "x", foreign.transactionId, done.transactionId, pushSessionId.toUpperCase() + " "])
				assertFault(await phone.start({ push }), 210);
		});
		const { session } = must(await phone.start({ push: pushSessionId }));
		must(await session.pin());
		must(await session.finish());
		assert.equal((await mobile.operation(operation)).state, "COMPLETED");
	});

	test("one that the device itself would start: 211", async () => {
		const phone = await mobile.phone();

		await mobile.unchanged(async () => assertFault(await phone.start({ clientOnly: true }), 211));
	});
});

describe("a second session", () => {
	test("ends the older one; the operation can be completed in it", async () => {
		const { phone, operation, session } = await mobile.session();
		const second = must(await phone.start()).session;

		await mobile.unchanged(async () => {
			assertFault(await session.pin(), 208);
			assertFault(await session.finish("DEVICE"), 208);
			assertFault(await session.cancel(), 208);
		});
		must(await second.pin());
		assertOk(await second.finish());
		assert.equal((await mobile.operation(operation)).state, "COMPLETED");
	});

	test("finds the older one's open try charged", async () => {
		const { phone, session } = await mobile.session();

		must(await session.pin(PIN));
		assert.equal(must(await phone.start()).is.attempts.remaining, 2);
	});
});

describe("cancelled", () => {
	test("by the phone: CANCELLED_BY_DEVICE", async () => {
		const { phone, operation, session } = await mobile.session();

		must(await session.pin());
		assertOk(await session.cancel());
		await failedWith(operation, "CANCELLED_BY_DEVICE");
		assertFault(await session.finish(), 208);
		await works(phone);
	});

	for (const when of ["before the start", "after the start", "after the evaluation"])
		test(`by REST ${when}: CANCELLED_BY_SP`, async () => {
			const phone = await mobile.phone();
			const operation = await mobile.startOperation(phone, { kind: "signatures" });

			if (when !== "before the start")
				must(await phone.start());
			if (when === "after the evaluation")
				must(await phone.session.pin());
			assert.equal((await mobile.cancel(operation, "signatures")).status, 204);
			await failedWith(operation, "CANCELLED_BY_SP", "signatures");
			if (phone.session) {
				assertFault(await phone.session.pin(), 208);
				assertFault(await phone.session.finish(), 208);
				assertFault(await phone.session.cancel(), 208);
			}
			assertFault(await phone.start(), 208);
			assert.equal(await left(phone), when === "after the evaluation" ? 2 : 3);
			const again = await mobile.cancel(operation, "signatures");
			assert.deepEqual([again.status, again.body.code], [400, "invalid_operation"]);
			await works(phone);
		});

	test("by REST with the last try open: the device is locked, and nothing else changes", async () => {
		const { phone, operation, session } = await mobile.session();

		for (let i = 0; i < 3; i++)
			must(await session.pin("9999"));
		await mobile.cancel(operation);
		await failedWith(operation, "CANCELLED_BY_SP");
		const device = await mobile.until(() => mobile.device(phone), ({ state }) => state === "LOCKED");
		assert.equal(device.deviceDetails.lockReason, "PIN_VERIFICATION_FAILED");
		assert.equal(stateEvents(phone), 1);
		assertFault(await phone.start(), 226);
	});

	test("a message that breaks the session with the last try open locks as well", async () => {
		const { phone, operation, session } = await mobile.session();

		for (let i = 0; i < 3; i++)
			must(await session.pin("9999"));
		assertFault(await session.finish("DEVICE_PIN", {}, { json: () => Buffer.from("{") }), 243);
		await failedWith(operation, "CALLBACK_PROCESSING_ERROR");
		const device = await mobile.until(() => mobile.device(phone), ({ state }) => state === "LOCKED");
		assert.equal(device.deviceDetails.lockReason, "PIN_VERIFICATION_FAILED");
	});
});

describe("superseded", () => {
	for (const [older, newer] of [["authentications", "authentications"], ["authentications", "signatures"], ["signatures", "authentications"]])
		test(`${older} by ${newer}: CANCELLED_BY_SP`, async () => {
			const { phone, operation, session } = await mobile.session({ kind: older });

			must(await session.pin());
			const next = await mobile.startOperation(phone, { kind: newer });
			await failedWith(operation, "CANCELLED_BY_SP", older);
			assertFault(await session.finish(), 208);
			assertFault(await session.pin(), 208);
			const { session: second } = must(await phone.start());
			assert.equal(second.start.attempts.remaining, 2, "the open try stays charged");
			must(await second.pin());
			assertOk(await second.finish());
			assert.equal((await mobile.operation(next, newer)).state, "COMPLETED");
		});

	test("a registration is not, nor the operation of another device of the user", async () => {
		const phone = await mobile.phone();
		const other = await mobile.phone({ user: phone.user });
		const registration = await mobile.startRegistration(phone.user);
		const operation = await mobile.startOperation(other);

		await mobile.startOperation(phone);
		assert.equal((await mobile.operation(operation)).state, "PENDING");
		assert.equal((await mobile.operation(registration, "registrations")).state, "PENDING");
	});
});

describe("locked by the administrator", () => {
	test("the device: 224, LOCKED_BY_ADMIN, until it is unlocked", async () => {
		const { phone, operation, session } = await mobile.session();

		must(await session.pin());
		await mobile.changeDevice(phone, { state: "LOCKED" });
		await failedWith(operation, "LOCKED_BY_ADMIN");
		assert.equal((await mobile.device(phone)).deviceDetails.lockReason, "LOCKED_BY_ADMIN");
		assert.ok([208, 224].includes((await session.finish()).code));
		for (const answer of [await phone.start(), await phone.wait(), await phone.deactivate()])
			assertFault(answer, 224);
		assert.equal(stateEvents(phone), 0, "no event unless it was asked for");
		await mobile.changeDevice(phone, { state: "ACTIVE" }, "&generateEvent=true");
		assert.equal(stateEvents(phone), 1);
		await works(phone);
	});

	test("the user: 224 on all devices, what is pending fails, until he is unlocked", async () => {
		const { phone, operation, session } = await mobile.session();
		const other = await mobile.phone({ user: phone.user });
		const signature = await mobile.startOperation(other, { kind: "signatures" });
		const registration = await mobile.startRegistration(phone.user);

		must(await session.pin());
		await mobile.changeUser(phone.user, { state: "LOCKED" });
		await failedWith(operation, "LOCKED_BY_ADMIN");
		await failedWith(signature, "LOCKED_BY_ADMIN", "signatures");
		await failedWith(registration, "LOCKED_BY_ADMIN", "registrations");
		assert.ok([208, 224].includes((await session.finish()).code));
		for (const who of [phone, other])
			for (const answer of [await who.start(), await who.wait(), await who.deactivate()])
				assertFault(answer, 224);
		for (const kind of ["authentications", "signatures"])
			assert.equal((await mobile.rest("POST", `/reuseid/core/credentials/devices/${kind}`,
				{ userId: phone.user.id, device: { id: phone.store.reg } })).body.code, "invalid_operation");
		await mobile.changeUser(phone.user, { state: "ACTIVE" });
		await works(other);
		await works(phone);
	});

	test("a device that locked itself and is then locked by the administrator says so", async () => {
		const { phone, session } = await mobile.session();

		await session.pin(PIN, { members: (m) => ({ ...m, skid: "another" }) });
		assertFault(await phone.start(), 226);
		await mobile.changeDevice(phone, { state: "LOCKED" });
		assertFault(await phone.start(), 224);
		assert.equal((await mobile.device(phone)).deviceDetails.lockReason, "LOCKED_BY_ADMIN");
	});
});

describe("deleted", () => {
	test("by REST: 202, and what is pending ends CANCELLED_BY_SP", async () => {
		const { phone, operation, session } = await mobile.session();

		must(await session.pin());
		await mobile.deleteDevice(phone);
		await failedWith(operation, "CANCELLED_BY_SP");
		assert.ok([208, 202].includes((await session.finish()).code));
		for (const answer of [await phone.start(), await phone.wait(), await phone.deactivate()])
			assertFault(answer, 202);
		assert.equal((await mobile.device(phone)).state, "DELETED");
	});

	test("by its app: 202, an event, and what is pending ends CANCELLED_BY_DEVICE", async () => {
		const { phone, operation, session } = await mobile.session();

		must(await session.pin());
		assertOk(await phone.deactivate());
		await failedWith(operation, "CANCELLED_BY_DEVICE");
		assert.ok([208, 202].includes((await session.finish()).code));
		assert.equal(stateEvents(phone), 1);
		assertFault(await phone.start(), 202);
		assert.equal((await mobile.device(phone)).state, "DELETED");
		const reply = await mobile.rest("PATCH", `/reuseid/core/credentials/devices/${phone.store.reg}?userId=${phone.user.id}`, { state: "ACTIVE" });
		assert.equal(reply.body.code, "invalid_operation");
	});

	test("with its user: the registration is unknown, the session too", async () => {
		const { phone, session } = await mobile.session();

		must(await session.pin());
		const finish = await session.finishRequest();
		await mobile.changeUser(phone.user, { state: "LOCKED" });
		assert.equal((await mobile.rest("DELETE", `/reuseid/core/users/${phone.user.id}`)).status, 204);
		assertFault(await phone.start(), 214);
		assertFault(await phone.wait(), 214);
		assertOutside(await phone.send(finish), 400, "unknown_session");
	});
});

describe("when its time is over", { concurrency: true }, () => {
	test("at once EXPIRED to those who ask and 208 to the phone; one event, once the sweeper came", async () => {
		const { phone, operation, session } = await mobile.session({ sessionTimeout: 1000 });

		must(await session.pin());
		await sleep(Math.max(0, Date.parse(operation.operationProperties.sessionExpiryTime) - Date.now()) + 5);
		assertFault(await session.finish(), 208);
		assertFault(await session.finish("DEVICE_PIN", {}, { json: () => Buffer.from("{") }), 243);
		const { state, errorCode } = await mobile.operation(operation);
		assert.deepEqual([state, errorCode], ["FAILED", "EXPIRED"]);
		assert.deepEqual(must(await phone.wait()).is.pending, []);
		assert.equal((await mobile.cancel(operation)).status, 400);
		await failedWith(operation, "EXPIRED");
		assertFault(await session.finish(), 208);
		assert.equal(await left(phone), 2, "the open try stays charged");
	});

	test("with the last try open: the device is locked, the operation stays EXPIRED", async () => {
		const { phone, operation, session } = await mobile.session({ sessionTimeout: 1000 });

		for (let i = 0; i < 3; i++)
			must(await session.pin("9999"));
		const device = await mobile.until(() => mobile.device(phone), ({ state }) => state === "LOCKED");
		assert.equal(device.deviceDetails.lockReason, "PIN_VERIFICATION_FAILED");
		await failedWith(operation, "EXPIRED");
		assert.equal(stateEvents(phone), 1);
		assertFault(await phone.start(), 226);
	});

	test("an operation that nobody started on the phone", async () => {
		const phone = await mobile.phone();
		const operation = await mobile.startOperation(phone, { sessionTimeout: "1000", kind: "signatures" });

		await sleep(1005);
		assertFault(await phone.start(), 208);
		await failedWith(operation, "EXPIRED", "signatures");
		await works(phone);
	});
});

test("a session that is over keeps neither its key nor its answers for good", async () => {
	const { phone, operation, session } = await mobile.session();

	await mobile.cancel(operation);
	must(await session.cancel().then((answer) => (answer.code === 208 ? { ok: true } : answer)));
	const live = () => mobile.rows("SELECT ended FROM device_sessions WHERE device = ?", idOf(phone)).filter(({ ended }) => ended === 0);
	await mobile.until(live, (rows) => rows.length === 0);
});
