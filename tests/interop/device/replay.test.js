// Replay, loss and order (section 4): every answer can be lost and asked for again, and nothing else can be sent twice.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { MobileId, PIN, assertFault, assertOk } from "../../support/mobileid.js";
import { Session, must } from "./client.js";
import { newKey, random, unb64 } from "./crypto.js";

const OTHER_KEY = { sign: (kind, make) => make(undefined, newKey()) };
let mobile, phone;

before(async () => {
	mobile = await MobileId.started({ config: { amountFailuresAllowed: 5 } });
	phone = await mobile.phone();
});
after(() => mobile.remove());

/** The request reaches the server and its answer gets lost, once or more often; then it is sent by `send`. */
async function lost(who, request, send = (r) => who.send(r)) {
	const first = await who.send(request);

	await mobile.unchanged(async () => {
		for (let i = 0; i < 2; i++) {
			const again = await who.send(request);

			assert.deepEqual(again.is, first.is, "the same answer");
			assert.notDeepEqual(again.body, first.body, "sealed anew");
		}
	});
	return send(request);
}

/** An evaluation whose answer is lost. */
async function evaluate(session, t, pin = PIN) {
	const attempt = session.newTry(pin);
	const answer = await lost(session.phone, await session.pinRequest(t, attempt), (request) => session.send(request));

	session.pinKey = attempt.key(unb64(must(answer).is.e));
	return answer;
}

describe("a lost answer", () => {
	test("at every step of a registration", async () => {
		const operation = await mobile.startRegistration(phone.user);
		const other = mobile.newPhone();
		const start = await other.activationRequest(operation.operationProperties.activationCode);
		const session = new Session(other, start, must(await lost(other, start)));

		await evaluate(session, "act.pin");
		const finish = await session.registerRequest();
		assertOk(await lost(other, finish, (request) => session.sendFinish(request)));
		other.user = phone.user;
		assert.equal(mobile.events("device.registration.completed", operation).length, 1);
		assert.equal((await mobile.device(other)).state, "ACTIVE");
		await mobile.startOperation(other);
		other.store.pin = PIN;
		await other.approve();
	});

	test("at every step of an authentication", async () => {
		const operation = await mobile.startOperation(phone, { postOperationContext: { title: "after" } });
		const start = await phone.startRequest();
		const session = new Session(phone, start, must(await lost(phone, start)));

		await evaluate(session, "ses.pin", "9999");
		assertFault(await lost(phone, await session.finishRequest(), (request) => session.send(request)), 214, { recoverable: true, remaining: 4 });
		await evaluate(session, "ses.pin");
		const finish = await session.finishRequest();
		assertOk(await lost(phone, finish, (request) => session.sendFinish(request)));
		assert.equal((await mobile.operation(operation)).state, "COMPLETED");
		assert.equal(mobile.events("device.authentication.completed", operation).length, 1);
		await mobile.startOperation(phone);
		assert.equal(must(await phone.start()).is.attempts.remaining, 5);
	});

	test("of a cancellation", async () => {
		const { session, operation } = await mobile.session({}, phone);

		assertOk(await lost(phone, await session.request("ses.cancel")));
		assert.equal(mobile.events("device.authentication.completed", operation).length, 1);
	});

	test("of a deactivation", async () => {
		const other = await mobile.phone();

		assertOk(await lost(other, await other.request("reg.deactivate", {}, other.device)));
	});

	test("of the try that locked", async () => {
		const other = await mobile.phone();
		const { session } = await mobile.session({}, other);

		for (let i = 0; i < 4; i++) {
			must(await session.pin("9999"));
			await session.finish();
		}
		must(await session.pin("9999"));
		assertFault(await lost(other, await session.finishRequest()), 226);
		const id = Buffer.from(other.store.reg.replaceAll("-", ""), "hex");
		assert.equal(mobile.rows("SELECT * FROM outbox WHERE name = 'device.state.change' AND device_id = ?", id).length, 1);
	});

	test("of a start that was refused for its ticket is free", async () => {
		const other = await mobile.phone();

		await mobile.startOperation(other);
		assertFault(await lost(other, await other.startRequest({ ticket: random(32).toString("base64url") })), 214);
		assert.equal(must(await other.start()).is.attempts.remaining, 4);
	});

	test("of a start that was answered 226 because it settled the older session", async () => {
		const other = await mobile.phone();
		const { session } = await mobile.session({}, other);

		for (let i = 0; i < 5; i++)
			must(await session.pin("9999"));
		assertFault(await lost(other, await other.startRequest()), 226);
	});
});

describe("an identical request", () => {
	test("under another rnd is a repeat too, since it is the plaintext that counts", async () => {
		const { session } = await mobile.session({}, phone);
		const request = await session.pinRequest("ses.pin", session.newTry(PIN));
		const first = must(await session.send(request));

		await mobile.unchanged(async () => {
			const again = await session.say("ses.pin", {}, {}, { plaintext: () => request.plaintext });

			assert.deepEqual(again.is, first.is);
		});
	});

	test("is answered after the device was locked, and does not change that", async () => {
		const other = await mobile.phone();
		const { session } = await mobile.session({}, other);

		must(await session.pin());
		const finish = await session.finishRequest();
		const first = must(await session.sendFinish(finish));
		await mobile.changeDevice(other, { state: "LOCKED" });
		assert.deepEqual((await other.send(finish)).is, first.is);
		assert.equal((await mobile.device(other)).state, "LOCKED");
	});

	test("of the start still opens its session after later steps", async () => {
		const { session } = await mobile.session({}, phone);
		const { request } = { request: await phone.startRequest() };
		const start = must(await phone.send(request));
		const opened = new Session(phone, request, start);

		assertFault(await session.pin(), 208);
		must(await opened.pin());
		await mobile.unchanged(async () => assert.deepEqual((await phone.send(request)).is, start.is));
		assertOk(await opened.finish());
		assert.deepEqual((await phone.send(request)).is, start.is);
	});

	test("of a registration's start as well", async () => {
		const { operationProperties: { activationCode } } = await mobile.startRegistration(phone.user);
		const other = mobile.newPhone();
		const request = await other.activationRequest(activationCode);
		const start = must(await other.send(request));
		const session = new Session(other, request, start);

		must(await session.newPin(PIN));
		await mobile.unchanged(async () => assert.deepEqual((await other.send(request)).is, start.is));
		assertOk(await session.register());
	});

	test("that was refused as wrong is judged again", async () => {
		const { session } = await mobile.session({}, phone);

		assertFault(await session.finish("DEVICE_PIN"), 208);
		assertOk(await session.cancel());
		const request = await phone.startRequest();
		assertFault(await phone.send(request), 208);
		await mobile.startOperation(phone);
		assertOk(await phone.send(request));
	});
});

describe("an older request", () => {
	test("of the session: 208, and nothing changes", async () => {
		const { session } = await mobile.session({}, phone);
		const older = [];

		for (let i = 0; i < 2; i++) {
			const attempt = session.newTry(PIN);
			const request = await session.pinRequest("ses.pin", attempt);

			session.pinKey = attempt.key(unb64(must(await session.send(request)).is.e));
			older.push(request);
		}
		await mobile.unchanged(async () => assertFault(await phone.send(older[0]), 208));
		assert.deepEqual((await phone.send(older[1])).step, 3);
		assertOk(await session.finish());
		await mobile.unchanged(async () => {
			for (const request of older)
				assertFault(await phone.send(request), 208);
		});
	});

	test("that opened an older session: 249", async () => {
		await mobile.startOperation(phone);
		const first = await phone.startRequest();

		must(await phone.send(first));
		must(await phone.start());
		await mobile.unchanged(async () => assertFault(await phone.send(first), 249));
	});

	test("that never arrived comes too late: 249", async () => {
		await mobile.startOperation(phone);
		const held = await phone.startRequest();

		must(await phone.start());
		await mobile.unchanged(async () => assertFault(await phone.send(held), 249));
	});

	test("a deactivation that is held back comes too late as well", async () => {
		const other = await mobile.phone();
		const held = await other.request("reg.deactivate", {}, other.device);

		await mobile.startOperation(other);
		must(await other.start());
		await mobile.unchanged(async () => assertFault(await other.send(held), 249));
		assert.equal((await mobile.device(other)).state, "ACTIVE");
	});
});

describe("order", () => {
	test("a finish that overtakes the evaluation: 208", async () => {
		const { session } = await mobile.session({}, phone);
		const attempt = session.newTry(PIN);
		const pin = await session.pinRequest("ses.pin", attempt);
		const ahead = await session.request("ses.finish", { m: "DEVICE", chal: session.challenge }, phone.device,
			{ members: (m) => ({ ...m, step: 2 }) });

		assertFault(await phone.send(ahead), 208);
		must(await session.send(pin));
		assertFault(await phone.send(await session.request("ses.finish", { m: "DEVICE", chal: session.challenge }, phone.device,
			{ members: (m) => ({ ...m, step: 1 }) })), 208);
	});

	test("a message of the other family: 208, and the session goes on", async () => {
		const { session } = await mobile.session({}, phone);

		await mobile.unchanged(async () => {
			assertFault(await session.newPin(PIN), 208);
			assertFault(await session.register({ methods: ["DEVICE"] }), 208);
		});
		assertOk(await session.pin());

		const { operationProperties: { activationCode } } = await mobile.startRegistration(phone.user);
		const { session: act } = must(await mobile.newPhone().activate(activationCode));
		await mobile.unchanged(async () => {
			assertFault(await act.pin(PIN), 208);
			assertFault(await act.finish("DEVICE"), 208);
			assertFault(await act.cancel(), 208);
		});
		assertOk(await act.newPin(PIN));
	});
});

describe("ts", () => {
	const wrong = (last) => [last, last - 1, 1, Date.now() + 600_000 + 5000];

	test("that is not above the last accepted one, or too far ahead: 249 with the time, and nothing changes", async () => {
		await mobile.startOperation(phone);
		const { request: { members: { ts } } } = must(await phone.start());

		await mobile.unchanged(async () => {
			for (const value of wrong(ts)) {
				for (const answer of [await phone.start({ ts: value }), await phone.wait(0, { members: (m) => ({ ...m, ts: value }) }),
					await phone.deactivate({ members: (m) => ({ ...m, ts: value }) })]) {
					assertFault(answer, 249);
					assert.ok(Math.abs(answer.is.time - Date.now()) < 5000);
				}
			}
		});
	});

	test("may be up to ten minutes ahead, and then has to go on from there", async () => {
		const other = await mobile.phone();

		await mobile.startOperation(other);
		assertOk(await other.start({ ts: Date.now() + 590_000 }));
		assertFault(await other.start({ ts: Date.now() }), 249);
		assertOk(await other.start({ ts: Date.now() + 595_000 }));
	});

	test("a phone whose clock is wrong corrects itself by what 249 says", async () => {
		for (const hours of [-24, 24]) {
			const other = await mobile.phone();

			await mobile.startOperation(other);
			must(await other.start());
			other.store.offset = hours * 3_600_000;
			other.store.lastTs = 0;
			const refused = await other.start();
			assertFault(refused, 249);
			other.store.offset = refused.is.time - Date.now();
			other.store.lastTs = 0;
			assertOk(await other.start());
		}
	});

	test("is moved by what is accepted only: not by refusals, 208 or ses.wait", async () => {
		const other = await mobile.phone();
		const before = Date.now() - 1000;

		assertOk(await other.wait());
		assertFault(await other.start(), 208);
		assertFault(await other.start({ purpose: "sign" }), 208);
		assertFault(await other.start({}, OTHER_KEY), 214);
		await mobile.startOperation(other);
		assertFault(await other.start({ purpose: "sign" }), 236);
		assertFault(await other.start({ push: "nothing" }), 210);
		assertFault(await other.start({ clientOnly: true }), 211);
		assertOk(await other.start({ ts: before }));
	});

	test("is judged after the signature and before the states", async () => {
		const other = await mobile.phone();

		assertFault(await other.start({ ts: 1 }, OTHER_KEY), 214);
		await mobile.startOperation(other);
		must(await other.start());
		await mobile.changeDevice(other, { state: "LOCKED" });
		assertFault(await other.start({ ts: 1 }), 249);
		assertFault(await other.start({ ticket: random(32).toString("base64url") }), 224);
		await mobile.changeDevice(other, { state: "ACTIVE" });
		assertFault(await other.start({ ticket: random(32).toString("base64url") }), 214);
	});
});
