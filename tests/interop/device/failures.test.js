// Charge and lock (sections 5.3 and 7): what a failed try costs, when the device is locked and why, and that the phone never hears
// which factor failed.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { MobileId, PIN, assertFault, assertOk } from "../../support/mobileid.js";
import { must } from "./client.js";
import { b64, highS, newKey, random } from "./crypto.js";

const WRONG_PIN = "9999";
const OTHER_KEY = { sign: (kind, make) => (kind === 1 ? make(undefined, newKey()) : make()) };
const OLD_CHALLENGE = { members: (m) => ({ ...m, chal: b64(random(32)) }) };
let mobile;

before(async () => { mobile = await MobileId.started(); });
after(() => mobile.remove());

const begun = (options, phone) => mobile.session(options, phone);

/** A try of the PIN: evaluated and finished. */
async function tryPin(session, pin, alter) {
	must(await session.pin(pin));
	return session.finish("DEVICE_PIN", {}, alter);
}

async function lockedFor(phone, operation, reason, errorCode) {
	const device = await mobile.device(phone);

	assert.equal(device.state, "LOCKED");
	assert.equal(device.deviceDetails.lockReason, reason);
	await failedWith(operation, errorCode);
	assertFault(await phone.start(), 226);
	const id = Buffer.from(phone.store.reg.replaceAll("-", ""), "hex");
	assert.equal(mobile.rows("SELECT * FROM outbox WHERE name = 'device.state.change' AND device_id = ?", id).length, 1, "told once");
}

async function failedWith(operation, errorCode) {
	const { state, errorCode: given } = await mobile.operation(operation);

	assert.deepEqual([state, given], ["FAILED", errorCode]);
	assert.equal(mobile.events("device.authentication.completed", operation).length, 1);
}

async function active(phone) {
	const device = await mobile.device(phone);

	assert.equal(device.state, "ACTIVE");
	assert.equal(device.deviceDetails.lockReason, "OPEN");
}

/** What is left, as the next start says. */
async function left(phone) {
	await mobile.startOperation(phone);
	return must(await phone.start()).is.attempts.remaining;
}

describe("reasons of a lock", () => {
	test("three wrong PINs", async () => {
		const { phone, operation, session } = await begun();

		assertFault(await tryPin(session, WRONG_PIN), 214, { recoverable: true, remaining: 2 });
		assertFault(await tryPin(session, WRONG_PIN), 214, { recoverable: true, remaining: 1 });
		await active(phone);
		assertFault(await tryPin(session, WRONG_PIN), 226);
		await lockedFor(phone, operation, "PIN_VERIFICATION_FAILED", "LOCKED_PIN_VERIFICATION_FAILED");
	});

	test("three wrong device keys, one factor", async () => {
		const { phone, operation, session } = await begun({ authLevel: "ONE_FACTOR" });

		assertFault(await session.finish("DEVICE", {}, OTHER_KEY), 214, { recoverable: true, remaining: 2 });
		assertFault(await session.finish("DEVICE", {}, OTHER_KEY), 214, { recoverable: true, remaining: 1 });
		assertFault(await session.finish("DEVICE", {}, OTHER_KEY), 226);
		await lockedFor(phone, operation, "DEVICE_VERIFICATION_FAILED", "LOCKED_DEVICE_VERIFICATION_FAILED");
	});

	test("one PIN try with a wrong device key, then two wrong PINs", async () => {
		const { phone, operation, session } = await begun();

		assertFault(await tryPin(session, PIN, OTHER_KEY), 214, { recoverable: true, remaining: 2 });
		assertFault(await tryPin(session, WRONG_PIN), 214, { recoverable: true, remaining: 1 });
		assertFault(await tryPin(session, WRONG_PIN), 226);
		await lockedFor(phone, operation, "DEVICE_OR_PIN_VERIFICATION_FAILED", "LOCKED");
	});

	test("a wrong device key without PIN, then two wrong PINs", async () => {
		const { phone, operation, session } = await begun();

		assertFault(await session.finish("DEVICE_PIN", {}, OTHER_KEY), 214, { recoverable: true, remaining: 2 });
		assertFault(await tryPin(session, WRONG_PIN), 214, { recoverable: true, remaining: 1 });
		assertFault(await tryPin(session, WRONG_PIN), 226);
		await lockedFor(phone, operation, "DEVICE_OR_PIN_VERIFICATION_FAILED", "LOCKED");
	});

	test("two wrong PINs, then a wrong device key", async () => {
		const { phone, operation, session } = await begun({ authLevel: "ONE_FACTOR" });

		must(await session.pin(WRONG_PIN));
		assertFault(await session.finish(), 214, { recoverable: true, remaining: 2 });
		must(await session.pin(WRONG_PIN));
		assertFault(await session.finish(), 214, { recoverable: true, remaining: 1 });
		assertFault(await session.finish("DEVICE", {}, OTHER_KEY), 226);
		await lockedFor(phone, operation, "DEVICE_OR_PIN_VERIFICATION_FAILED", "LOCKED");
	});

	test("three PIN tries with a wrong device key: the PIN may have been guessed", async () => {
		const { phone, operation, session } = await begun();

		for (const remaining of [2, 1])
			assertFault(await tryPin(session, PIN, OTHER_KEY), 214, { recoverable: true, remaining });
		assertFault(await tryPin(session, PIN, OTHER_KEY), 226);
		await lockedFor(phone, operation, "DEVICE_OR_PIN_VERIFICATION_FAILED", "LOCKED");
	});

	test("a challenge that is not the last one counts as a wrong device key", async () => {
		const { phone, operation, session } = await begun({ authLevel: "ONE_FACTOR" });
		const first = session.challenge;

		assertFault(await session.finish("DEVICE", {}, OLD_CHALLENGE), 214, { recoverable: true, remaining: 2 });
		assert.notEqual(session.challenge, first, "each try has a challenge of its own");
		assertFault(await session.finish("DEVICE", { chal: first }), 214, { recoverable: true, remaining: 1 });
		assertFault(await session.finish("DEVICE", {}, OLD_CHALLENGE), 226);
		await lockedFor(phone, operation, "DEVICE_VERIFICATION_FAILED", "LOCKED_DEVICE_VERIFICATION_FAILED");
	});

	test("another salt key: at once", async () => {
		const { phone, operation, session } = await begun();

		assertFault(await session.pin(PIN, { members: (m) => ({ ...m, skid: "another" }) }), 214);
		await lockedFor(phone, operation, "INCORRECT_SALT_KEY_ID", "LOCKED_INCORRECT_SALT_KEY_ID");
	});

	test("signatures over another transcript, of a high s or of the wrong kind are wrong", async () => {
		const wrong = [
			(session) => session.finish("DEVICE", {}, { sign: (kind, make) => highS(make()) }),
			(session) => session.finish("DEVICE", {}, { sign: (kind, make) => make(random(64)) }),
			async (session) => { const fork = session.fork(); fork.th = random(32); return fork.finish("DEVICE"); },
		];
		const { phone, session } = await begun({ authLevel: "ONE_FACTOR" });

		for (const [i, act] of wrong.entries()) {
			const answer = await act(session);

			assert.equal(answer.code, i < 2 ? 214 : 226);
		}
		assert.equal((await mobile.device(phone)).state, "LOCKED");
	});
});

describe("what is charged", () => {
	test("an evaluation that is never finished", async () => {
		const { phone, session } = await begun();

		assert.equal(must(await session.pin(WRONG_PIN)).is.remaining, 2);
		assert.equal(await left(phone), 2);
		assert.equal(await left(phone), 2, "and once only");
	});

	test("every evaluation; the last one can still be finished well", async () => {
		const { phone, operation, session } = await begun();

		for (const remaining of [2, 1, 0])
			assert.equal(must(await session.pin(PIN)).is.remaining, remaining);
		assertOk(await session.finish());
		assert.equal((await mobile.operation(operation)).state, "COMPLETED");
		assert.equal(await left(phone), 3);
	});

	test("a fourth evaluation locks instead", async () => {
		const { phone, operation, session } = await begun();

		for (let i = 0; i < 3; i++)
			must(await session.pin(PIN));
		await active(phone);
		const answer = await session.pin(PIN);
		assertFault(answer, 226);
		assert.equal("e" in answer.is, false);
		await lockedFor(phone, operation, "PIN_VERIFICATION_FAILED", "LOCKED_PIN_VERIFICATION_FAILED");
		assertFault(await session.finish(), 208);
	});

	test("three evaluations in three sessions: the next start locks", async () => {
		const { phone, operation, session } = await begun();

		must(await session.pin(WRONG_PIN));
		for (let i = 0; i < 2; i++)
			must(await must(await phone.start()).session.pin(WRONG_PIN));
		await active(phone);
		assertFault(await phone.start(), 226);
		await lockedFor(phone, operation, "PIN_VERIFICATION_FAILED", "LOCKED_PIN_VERIFICATION_FAILED");
	});

	test("a lock by an open try fails what took the operation's place with LOCKED", async () => {
		const { phone, operation, session } = await begun();

		for (let i = 0; i < 3; i++)
			must(await session.pin(WRONG_PIN));
		const next = await mobile.startOperation(phone);
		await failedWith(operation, "CANCELLED_BY_SP");
		assertFault(await phone.start(), 226);
		await failedWith(next, "LOCKED");
		assert.equal((await mobile.device(phone)).deviceDetails.lockReason, "PIN_VERIFICATION_FAILED");
	});

	test("cancelling with the last try open locks, and the operation stays cancelled", async () => {
		const { phone, operation, session } = await begun();

		for (let i = 0; i < 3; i++)
			must(await session.pin(WRONG_PIN));
		assertOk(await session.cancel());
		await lockedFor(phone, operation, "PIN_VERIFICATION_FAILED", "CANCELLED_BY_DEVICE");
	});

	test("cancelling keeps what was charged, and costs nothing", async () => {
		const { phone, session } = await begun();

		must(await session.pin(WRONG_PIN));
		assertOk(await session.cancel());
		assert.equal(await left(phone), 2);
		assertOk(await phone.session.cancel());
		assert.equal(await left(phone), 2);
	});

	test("a finish closes the try that is open and adds nothing", async () => {
		const { phone, session } = await begun();

		assertFault(await tryPin(session, WRONG_PIN), 214, { recoverable: true, remaining: 2 });
		// The evaluation is charged once; a second finish on the same key is one more failure.
		assertFault(await session.finish(), 214, { recoverable: true, remaining: 1 });
		await active(phone);
		assertFault(await session.finish(), 226);
		assert.equal((await mobile.device(phone)).deviceDetails.lockReason, "PIN_VERIFICATION_FAILED");
	});

	test("a bad device key in a finish without evaluation; a good one is merely too early", async () => {
		const { phone, operation, session } = await begun();

		await mobile.unchanged(async () => assertFault(await session.finish("DEVICE_PIN"), 208));
		assertFault(await session.finish("DEVICE_PIN", {}, OTHER_KEY), 214, { recoverable: true, remaining: 2 });
		assertFault(await session.finish("DEVICE_PIN", {}, OTHER_KEY), 214, { recoverable: true, remaining: 1 });
		assertFault(await session.finish("DEVICE_PIN", {}, OTHER_KEY), 226);
		await lockedFor(phone, operation, "DEVICE_VERIFICATION_FAILED", "LOCKED_DEVICE_VERIFICATION_FAILED");
	});

	test("an evaluation of another session does not count as one of this", async () => {
		const { phone, session } = await begun();

		must(await session.pin(PIN));
		const second = must(await phone.start()).session;
		assertFault(await second.finish("DEVICE_PIN"), 208);
	});
});

describe("what success clears", () => {
	test("with PIN: everything", async () => {
		const { phone, session } = await begun();

		assertFault(await tryPin(session, PIN, OTHER_KEY), 214, { recoverable: true, remaining: 2 });
		assertFault(await tryPin(session, WRONG_PIN), 214, { recoverable: true, remaining: 1 });
		assertOk(await tryPin(session, PIN));
		assert.equal(await left(phone), 3);
		// Also that a device key was seen to fail: three wrong PINs are now nothing but that.
		for (let i = 0; i < 3; i++)
			await tryPin(phone.session, WRONG_PIN);
		assert.equal((await mobile.device(phone)).deviceDetails.lockReason, "PIN_VERIFICATION_FAILED");
	});

	test("with DEVICE: the device's failures", async () => {
		const { phone, session } = await begun({ authLevel: "ONE_FACTOR" });

		assertFault(await session.finish("DEVICE", {}, OTHER_KEY), 214, { recoverable: true, remaining: 2 });
		assertFault(await session.finish("DEVICE", {}, OTHER_KEY), 214, { recoverable: true, remaining: 1 });
		assertOk(await session.finish("DEVICE"));
		assert.equal(await left(phone), 3);
	});

	test("with DEVICE: never guesses of the PIN", async () => {
		const { phone, session } = await begun();

		for (const remaining of [2, 1])
			assertFault(await tryPin(session, WRONG_PIN), 214, { recoverable: true, remaining });
		for (let i = 0; i < 2; i++) {
			await mobile.startOperation(phone, { authLevel: "ONE_FACTOR" });
			const { session: simple } = must(await phone.start());

			assertOk(await simple.finish("DEVICE"));
		}
		assert.equal(await left(phone), 1);
		assertFault(await tryPin(phone.session, WRONG_PIN), 226);
	});

	test("with DEVICE: the last try of the PIN that is open locks all the same, and the login stands", async () => {
		const { phone, operation, session } = await begun({ authLevel: "ONE_FACTOR" });

		for (let i = 0; i < 3; i++)
			must(await session.pin(WRONG_PIN));
		assertOk(await session.finish("DEVICE"));
		assert.equal((await mobile.operation(operation)).state, "COMPLETED");
		const device = await mobile.device(phone);
		assert.deepEqual([device.state, device.deviceDetails.lockReason], ["LOCKED", "PIN_VERIFICATION_FAILED"]);
		assertFault(await phone.start(), 226);
	});

	test("with DEVICE: not a try that is open", async () => {
		const { phone, session } = await begun({ authLevel: "ONE_FACTOR" });

		must(await session.pin(WRONG_PIN));
		assertOk(await session.finish("DEVICE"));
		assert.equal(await left(phone), 2);
	});

	test("unlocking: everything, and the device works again", async () => {
		const { phone, session } = await begun();

		for (let i = 0; i < 3; i++)
			await tryPin(session, i ? WRONG_PIN : PIN, i ? {} : OTHER_KEY);
		assert.equal((await mobile.device(phone)).state, "LOCKED");
		assert.equal((await mobile.rest("POST", "/reuseid/core/credentials/devices/authentications",
			{ userId: phone.user.id, device: { id: phone.store.reg } })).body.code, "invalid_operation");
		assertFault(await phone.wait(), 226);
		await mobile.changeDevice(phone, { state: "ACTIVE" });
		await active(phone);
		assert.equal(await left(phone), 3);
		assertOk(await tryPin(phone.session, PIN));
	});
});

describe("what costs nothing", () => {
	for (const [pin, remaining] of [[PIN, 3], [WRONG_PIN, 2]])
		test(`to be second with a broadcast, ${remaining === 3 ? "when the PIN was right" : "unless the PIN was wrong"}`, async () => {
			const first = await mobile.phone();
			const second = await mobile.phone({ user: first.user });
			let ended;

			do { // until it comes before the sweeper, who ends what is over
				await mobile.rest("POST", "/reuseid/core/credentials/devices/authentications",
					{ userId: first.user.id, operationProperties: { broadcast: true } });
				const sessions = [must(await first.start()).session, must(await second.start()).session];

				must(await sessions[0].pin(PIN));
				must(await sessions[1].pin(pin));
				const finishes = await Promise.all(sessions.map((session) => session.finishRequest()));
				assertOk(await sessions[0].sendFinish(finishes[0]));
				assertFault(await sessions[1].sendFinish(finishes[1]), 208);
				[{ ended }] = mobile.rows("SELECT ended FROM device_sessions WHERE sid = ?", sessions[1].sid);
				if (ended)
					await mobile.changeDevice(second, { state: "ACTIVE" });
			} while (ended);
			assert.equal(await left(second), remaining);
		});

	test("a method that the device has not: 230, before and at the finish", async () => {
		const phone = await mobile.phone({ pin: null });
		const { session } = await begun({ authLevel: "ONE_FACTOR" }, phone);

		session.start.cid = phone.store.cid;
		session.start.saltKeyId = phone.store.saltKeyId;
		await mobile.unchanged(async () => {
			assertFault(await session.pin(PIN), 230);
			assertFault(await session.finish("DEVICE_PIN"), 230);
			assertFault(await session.finish("DEVICE_IOS_FACE_ID", {}, { signatures: (list) => [...list, [4, random(64)]] }), 230);
		});
		assertOk(await session.finish("DEVICE"));
	});

	test("one factor where two are asked: 232, and it can be done better", async () => {
		const { operation, session } = await begun();

		await mobile.unchanged(async () => assertFault(await session.finish("DEVICE"), 232));
		assert.equal((await mobile.operation(operation)).state, "PENDING");
		assertOk(await tryPin(session, PIN));
	});

	test("such a finish closes no try", async () => {
		const { phone, session } = await begun();

		must(await session.pin(PIN));
		assertFault(await session.finish("DEVICE"), 232);
		assertOk(await session.finish());
		assert.equal(await left(phone), 3);
	});

	test("but with a bad device key it is a failure like any other", async () => {
		const { session } = await begun();

		assertFault(await session.finish("DEVICE", {}, OTHER_KEY), 214, { recoverable: true, remaining: 2 });
	});

	test("a bad signature of a start: nobody locks phones by knowing an id", async () => {
		const phone = await mobile.phone();

		await mobile.startOperation(phone);
		await mobile.unchanged(async () => {
			for (let i = 0; i < 5; i++)
				assertFault(await phone.start({}, OTHER_KEY), 214);
		});
		assert.equal(must(await phone.start()).is.attempts.remaining, 3);
	});

	test("a wrong step: 208, and nothing changes", async () => {
		const { session } = await begun();

		must(await session.pin(PIN));
		await mobile.unchanged(async () => {
			for (const step of [1, 3, 100])
				assertFault(await session.finish("DEVICE_PIN", { step }, { members: (m) => ({ ...m, step }) }), 208);
		});
		assertOk(await session.finish());
	});
});
