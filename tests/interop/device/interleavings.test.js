// Two who act on one operation at the same moment, over HTTP, on a server with the thread sanitizer: it ends once, with one event and one
// audit record, and each is told what happened. Fifty rounds of each race, a thousand in the long form; the sanitizer has nothing to say.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { accessToken } from "../../support/api.js";
import { DEVICES, MobileId } from "../../support/mobileid.js";
import { long, threadSanitizer } from "../../support/server.js";
import { must } from "./client.js";
import { newKey } from "./crypto.js";

const ROUNDS = long ? 1000 : 50;
const LANES = 5;
const APART_MS = 12;
const LIFE_MS = 1000;
const AROUND_END_MS = 12;
const LIMIT = 3;
const FACE_ID = "DEVICE_IOS_FACE_ID";
const TOUCH_ID = "DEVICE_STRONG_TOUCH_ID";
const BIOMETRIC = ["DEVICE", FACE_ID, TOUCH_ID];
const WRONG = { sign: (kind, make) => make(undefined, newKey()) };
let bank;

before(async () => { bank = await MobileId.started({ ...threadSanitizer(), config: { recoveryEnabled: true, amountFailuresAllowed: LIMIT } }); });
after(async () => {
	await bank.server.stop();
	assert.ok(!bank.server.log.includes("ThreadSanitizer"), bank.server.log);
	await bank.remove();
});

// ---- rounds ----

/** Each actor a moment apart from the other, whichever is first. */
const atOnce = (...actors) => Promise.all(actors.map((act) => sleep(Math.random() * APART_MS).then(act)));

/** `prepare` makes what a lane uses in all its rounds, `round` is one; lanes run side by side. */
async function race(prepare, round, lanes = LANES) {
	bank.token = await accessToken(bank.server); /* all races together may take longer than one lives */
	await Promise.all(Array.from({ length: lanes }, async (_, lane) => {
		const made = await prepare();

		for (let i = lane; i < ROUNDS; i += lanes)
			await round(made);
	}));
}

/** 221 means: again. */
async function patient(act) {
	for (;;) {
		const answer = await act();

		if (answer.code !== 221 && answer.status !== 503)
			return answer;
	}
}

/** "ok", the device error, or else the HTTP status: an answer without a code is no success. */
const outcome = (answer) => answer.ok ? "ok" : answer.code ?? answer.status;

const send = (session, request) => () => patient(() => session.phone.send(request));

// ---- scenes ----

const idOf = (uuid) => Buffer.from(uuid.replaceAll("-", ""), "hex");

/** A device without PIN, which is quick: with biometric keys, or with nothing but its own key. */
async function quickPhone({ user, methods = BIOMETRIC, ...members } = {}) {
	const phone = bank.newPhone();

	phone.user = user ?? await bank.newUser();
	const authLevel = methods.length > 1 ? "TWO_FACTOR" : "ONE_FACTOR";
	const { operationProperties } = await bank.startRegistration(phone.user, { authLevel });
	must(await must(await phone.activate(operationProperties.activationCode)).session.register({ methods, ...members }));
	return phone;
}

const simplePhone = () => quickPhone({ methods: ["DEVICE"] });

async function started(phone, options) {
	const operation = await bank.startOperation(phone, { authLevel: "ONE_FACTOR", ...options });
	const { session } = must(await phone.start());

	return { operation, session, finish: send(session, await session.finishRequest("DEVICE")) };
}

/** How it ended, which it did exactly once. Waits for the sweeper where nobody else ends it. */
async function endedOnce({ transactionId }, kind = "AUTHENTICATION") {
	const id = idOf(transactionId);
	const ends = () => bank.rows("SELECT type FROM audit WHERE reference = ? AND type NOT LIKE '%_STARTED'", transactionId);

	await bank.until(() => bank.rows("SELECT 1 FROM transactions WHERE id = ? AND state = 1", id), (rows) => rows.length === 0);
	const records = ends();
	assert.equal(records.length, 1, JSON.stringify(records));
	assert.match(records[0].type, new RegExp(`DEVICE_${kind}_(COMPLETED|FAILED|CANCELLED)$`));
	const events = bank.rows("SELECT name FROM outbox WHERE transaction_id = ?", id);
	assert.equal(events.length, /METHOD|SETUP_(FAILED|CANCELLED)/.test(records[0].type) ? 0 : 1, JSON.stringify(events));
	return records[0].type.endsWith("COMPLETED");
}

async function completedWhen(answer, operation) {
	assert.equal(await endedOnce(operation), answer.ok, String(answer.json ?? answer.error));
	const { state } = await bank.operation(operation);

	assert.equal(state, answer.ok ? "COMPLETED" : "FAILED");
}

const stateEvents = (phone) => bank.rows("SELECT n FROM outbox WHERE name = 'device.state.change' AND device_id = ?", idOf(phone.store.reg)).length;

// ---- one operation, two ends ----

test("two devices finish a broadcast", () => race(async () => {
	const first = await simplePhone();

	return [first, await quickPhone({ user: first.user, methods: ["DEVICE"] })];
}, async (phones) => {
	const { body: operation } = await bank.rest("POST", `${DEVICES}/authentications`,
		{ userId: phones[0].user.id, operationProperties: { broadcast: true, authLevel: "ONE_FACTOR" } });
	const finishes = [];

	for (const phone of phones) {
		const { session } = must(await phone.start());

		finishes.push(send(session, await session.finishRequest("DEVICE")));
	}
	const answers = await atOnce(...finishes);
	assert.deepEqual(answers.map(outcome).sort(), [208, "ok"]);
	assert.equal(await endedOnce(operation), true);
	assert.equal((await bank.operation(operation)).device.id, phones[answers[0].ok ? 0 : 1].store.reg);
}));

test("two finishes of one session", () => race(simplePhone, async (phone) => {
	const { operation, session } = await started(phone);
	const requests = [await session.finishRequest("DEVICE", { riskData: { n: "1" } }), await session.finishRequest("DEVICE", { riskData: { n: "2" } })];
	const answers = await atOnce(...requests.map((request) => send(session, request)));

	assert.deepEqual(answers.map(outcome).sort(), [208, "ok"]);
	assert.equal(await endedOnce(operation), true);
}));

test("finish, and cancel by the service provider", () => race(simplePhone, async (phone) => {
	const { operation, finish } = await started(phone);
	const [answer, reply] = await atOnce(finish, () => bank.cancel(operation));

	assert.equal(answer.ok, reply.status !== 204, `${answer.json} ${reply.status}`);
	await completedWhen(answer, operation);
}));

test("finish, and cancel by the phone", () => race(simplePhone, async (phone) => {
	const { operation, session, finish } = await started(phone);
	const [answer, cancelled] = await atOnce(finish, send(session, await session.request("ses.cancel", {})));

	assert.notEqual(answer.ok, cancelled.ok);
	await completedWhen(answer, operation);
}));

test("finish, and the end of its time", () => race(simplePhone, async (phone) => {
	const { operation, finish } = await started(phone, { sessionTimeout: LIFE_MS });
	const end = Date.parse(operation.operationProperties.sessionExpiryTime);

	await sleep(Math.max(0, end - Date.now() + (Math.random() * 2 - 1) * AROUND_END_MS));
	await completedWhen(await finish(), operation);
}, 2 * LANES));

test("finish, and deletion of the device", () => race(() => {}, async () => {
	const phone = await simplePhone();
	const { operation, finish } = await started(phone);
	const [answer] = await atOnce(finish, () => bank.deleteDevice(phone));

	await completedWhen(answer, operation);
	assert.equal((await bank.device(phone)).state, "DELETED");
}));

for (const [what, lock, unlock] of [
	["the device", (phone) => bank.changeDevice(phone, { state: "LOCKED" }), (phone) => bank.changeDevice(phone, { state: "ACTIVE" })],
	["the user", ({ user }) => bank.changeUser(user, { state: "LOCKED" }), ({ user }) => bank.changeUser(user, { state: "ACTIVE" })],
])
	test(`finish, and a lock of ${what}`, () => race(simplePhone, async (phone) => {
		const { operation, finish } = await started(phone);
		const [answer] = await atOnce(finish, () => lock(phone));

		await completedWhen(answer, operation);
		await unlock(phone);
	}));

test("finish, and the next operation", () => race(simplePhone, async (phone) => {
	const { operation, finish } = await started(phone);
	const [answer, next] = await atOnce(finish, () => bank.startOperation(phone, { authLevel: "ONE_FACTOR" }));

	await completedWhen(answer, operation);
	assert.equal((await bank.operation(next)).state, "PENDING");
}));

test("two operations started at once", () => race(simplePhone, async (phone) => {
	const operations = await atOnce(...[1, 2, 3].map(() => () => bank.startOperation(phone, { authLevel: "ONE_FACTOR" })));
	const states = await Promise.all(operations.map((operation) => bank.operation(operation)));

	assert.equal(states.filter(({ state }) => state === "PENDING").length, 1);
	for (const [i, { errorCode }] of states.entries())
		if (errorCode) {
			assert.equal(errorCode, "CANCELLED_BY_SP");
			assert.equal(await endedOnce(operations[i]), false);
		}
}));

// ---- tries, registrations, methods, recoveries ----

test("the last tries at once lock once", () => race(simplePhone, async (phone) => {
	const { operation, session } = await started(phone);
	const earlier = stateEvents(phone);

	for (let i = 1; i < LIMIT; i++)
		assert.equal((await session.finish("DEVICE", { riskData: { n: String(i) } }, WRONG)).code, 214);
	const requests = [await session.finishRequest("DEVICE", { riskData: { n: "a" } }, WRONG), await session.finishRequest("DEVICE", { riskData: { n: "b" } }, WRONG)];
	const answers = await atOnce(...requests.map((request) => send(session, request)));
	assert.deepEqual(answers.map(({ code }) => code).sort(), [208, 226]);
	assert.equal(await endedOnce(operation), false);
	assert.equal(stateEvents(phone) - earlier, 1);
	await bank.changeDevice(phone, { state: "ACTIVE" });
}));

test("the end of a registration, and its cancel", () => race(() => bank.newUser(), async (user) => {
	const operation = await bank.startRegistration(user, { authLevel: "ONE_FACTOR" });
	const { session } = must(await bank.newPhone().activate(operation.operationProperties.activationCode));
	const [answer, reply] = await atOnce(send(session, await session.registerRequest()), () => bank.cancel(operation, "registrations"));

	assert.equal(answer.ok, reply.status !== 204);
	assert.equal(await endedOnce(operation, "REGISTRATION"), answer.ok);
	assert.equal(bank.rows("SELECT 1 FROM devices WHERE id = ?", idOf(session.start.reg)).length, answer.ok ? 1 : 0);
}));

/** What the second phone says is a wrong code; with more of them in an hour codes get longer, and those on their way count no more. */
async function allowedWrongCodes() {
	for (let i = 0; i < 100; i++)
		assert.equal((await patient(() => bank.newPhone().activate("0000000000"))).code, 200);
}

async function twoPhonesWithOneCode(user) {
	const operation = await bank.startRegistration(user, { authLevel: "ONE_FACTOR" });
	const phones = [bank.newPhone(), bank.newPhone()];
	const answers = await atOnce(...phones.map((phone) => () => patient(() => phone.activate(operation.operationProperties.activationCode))));

	assert.deepEqual(answers.map(outcome).sort(), [200, "ok"]);
	must(await answers.find((answer) => answer.ok).session.register());
	assert.equal(await endedOnce(operation, "REGISTRATION"), true);
}

test("two phones with one code", async () => {
	await allowedWrongCodes();
	await race(() => bank.newUser(), twoPhonesWithOneCode);
});

test("the end of a method, and a lock of the device", () => race(() => {}, async () => {
	const phone = await quickPhone();
	const { session } = must(await phone.startMethod("deactivate", FACE_ID));
	const [{ operation }] = bank.rows("SELECT operation FROM device_sessions WHERE sid = ?", session.sid);
	const transactionId = Buffer.from(operation).toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
	const [answer] = await atOnce(send(session, await session.finishRequest("DEVICE")), () => bank.changeDevice(phone, { state: "LOCKED" }));

	assert.equal(await endedOnce({ transactionId }, "METHOD_DEACTIVATION"), answer.ok);
	const { deviceDetails } = await bank.device(phone);
	assert.equal(deviceDetails.activatedAuthenticationMethods.length, answer.ok ? 2 : 3);
}));

test("one token, used twice", () => race(() => {}, async () => {
	const phone = await quickPhone({ tokenPurposes: ["addOrUpdateRecovery"] });
	const answers = await atOnce(...[1, 2].map(() => () => patient(() => phone.startRecovery())));
	const codes = answers.map(outcome);

	assert.equal(codes.filter((code) => code === "ok").length, 1, String(codes));
	assert.ok(codes.every((code) => ["ok", 233, 249].includes(code)), String(codes));
	assert.equal(bank.rows("SELECT 1 FROM device_sessions WHERE device = ? AND ended = 0", idOf(phone.store.reg)).length, 1);
}));

/** A device with a recovery, and the backup as a thief or its owner finds it. */
async function recoverable() {
	const phone = await quickPhone({ tokenPurposes: ["addOrUpdateRecovery"] });

	await phone.addRecovery("314159");
	return { phone, backup: phone.store.backup };
}

test("finish of the old device, and the start of its recovery", () => race(() => {}, async () => {
	const { phone, backup } = await recoverable();
	const { operation, finish } = await started(phone);
	const [answer, recovering] = await atOnce(finish, () => patient(() => bank.newPhone().startRecovering(backup)));

	assert.ok(recovering.ok, String(recovering.json));
	await completedWhen(answer, operation);
	if (!answer.ok)
		assert.equal((await bank.operation(operation)).errorCode, "CANCELLED_PERFORM_RECOVERY_STARTED");
}));

test("the end of a recovery, and another one's start", () => race(() => {}, async () => {
	const { phone, backup } = await recoverable();
	const { session } = must(await bank.newPhone().startRecovering(backup));

	must(await session.unlock("314159"));
	const finish = await session.registerRequest({ methods: ["DEVICE", TOUCH_ID] });
	const [answer, other] = await atOnce(send(session, finish), () => patient(() => bank.newPhone().startRecovering(backup)));
	assert.notEqual(answer.ok, other.ok, `${answer.json} ${other.json}`);
	const active = bank.rows("SELECT id FROM credentials WHERE user_id = ? AND state = 1", idOf(phone.user.id));
	assert.deepEqual(active.map(({ id }) => Buffer.from(id).toString("hex")), [idOf(answer.ok ? session.start.reg : phone.store.reg).toString("hex")]);
}));
