// Requests that race each other give exactly one result, whichever is first.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MobileId, PIN } from "../../support/mobileid.js";
import { long } from "../../support/server.js";
import { Session, must } from "./client.js";

const ROUNDS = long ? 100 : 8; // at least one for each rival of a finish
const AT_ONCE = 8;
const LIMIT = 50;
let mobile;

before(async () => { mobile = await MobileId.started({ config: { amountFailuresAllowed: LIMIT } }); });
after(() => mobile.remove());

const all = (n, act) => Promise.all(Array.from({ length: n }, (_, i) => act(i)));
const codes = (answers) => answers.map((answer) => (answer.ok ? "ok" : answer.code ?? answer.status));

/** 221 is told outside as 503, and means: again. */
async function patient(act) {
	for (;;) {
		const answer = await act();

		if (answer.status !== 503)
			return answer;
	}
}

async function oneResult(operation, kind = "authentications") {
	const name = `device.${kind.slice(0, -1)}.completed`;

	assert.equal(mobile.events(name, operation).length, 1);
	return mobile.operation(operation, kind);
}

async function rounds(act, n = ROUNDS) {
	for (let i = 0; i < n; i++)
		await act(i);
}

/** Those that mostly sleep, side by side. */
const roundsAtOnce = (act) => all(ROUNDS, act);

test("the same request many times at once: one effect, the same answer for all", () => rounds(async () => {
	const phone = await mobile.phone({ pin: null });
	const operation = await mobile.startOperation(phone, { authLevel: "ONE_FACTOR" });
	const start = await phone.startRequest();
	const starts = await all(AT_ONCE, () => patient(() => phone.send(start)));

	assert.equal(new Set(starts.map((answer) => String(must(answer).json))).size, 1);
	const session = new Session(phone, start, starts[0]);
	const finish = await session.finishRequest("DEVICE");
	const finishes = await all(AT_ONCE, () => patient(() => phone.send(finish)));
	assert.equal(new Set(finishes.map((answer) => String(must(answer).json))).size, 1);
	assert.equal((await oneResult(operation)).state, "COMPLETED");
}, ROUNDS / 2));

test("the same evaluation many times at once is charged once", async () => {
	const { phone, session } = await mobile.session();
	const request = await session.pinRequest("ses.pin", session.newTry(PIN));
	const answers = await all(AT_ONCE, () => patient(() => phone.send(request)));

	assert.equal(new Set(answers.map((answer) => String(must(answer).json))).size, 1);
	assert.equal(must(await phone.start()).is.attempts.remaining, LIMIT - 1);
});

test("different evaluations at once: one is made, the others come too late", async () => {
	const { phone, session } = await mobile.session();
	const requests = await all(AT_ONCE, (i) => session.pinRequest("ses.pin", session.newTry(`100${i}`)));
	const answers = await Promise.all(requests.map((request) => patient(() => phone.send(request))));

	assert.deepEqual(codes(answers).sort(), [...Array(AT_ONCE - 1).fill(208), "ok"].sort());
	assert.equal(must(await phone.start()).is.attempts.remaining, LIMIT - 1);
});

test("wrong finishes at once are charged one by one, each in its turn", async () => {
	const { phone, session } = await mobile.session({ authLevel: "ONE_FACTOR" });
	const requests = await all(AT_ONCE, (i) => session.finishRequest("DEVICE", { riskData: { n: String(i) } }, { sign: (kind, make) => make(Buffer.from("x")) }));
	const answers = await Promise.all(requests.map((request) => patient(() => phone.send(request))));

	assert.deepEqual(codes(answers).sort(), [208, 208, 208, 208, 208, 208, 208, 214]);
	assert.equal(must(await phone.start()).is.attempts.remaining, LIMIT - 1);
});

test("starts at once: each that is answered ok ended the one before, and one session lives", async () => {
	const phone = await mobile.phone();

	await mobile.startOperation(phone);
	const requests = [];
	for (let i = 0; i < AT_ONCE; i++)
		requests.push(await phone.startRequest());
	const answers = await Promise.all(requests.map((request) => patient(() => phone.send(request))));
	assert.ok(codes(answers).every((code) => ["ok", 249].includes(code)), String(codes(answers)));
	const sessions = answers.flatMap((answer, i) => (answer.ok ? [new Session(phone, requests[i], answer)] : []));
	const tries = [];
	for (const session of sessions)
		tries.push(await session.pin());
	assert.equal(codes(tries).filter((code) => code === "ok").length, 1);
});

test("a finish and what else ends the operation at the same time: exactly one result", () => rounds(async (round) => {
	const rivals = [
		({ operation }) => mobile.cancel(operation),
		({ phone }) => mobile.changeDevice(phone, { state: "LOCKED" }).catch(() => {}),
		({ phone }) => mobile.changeUser(phone.user, { state: "LOCKED" }),
		({ phone }) => mobile.startOperation(phone),
		({ phone }) => mobile.deleteDevice(phone).catch(() => {}),
		({ phone }) => patient(() => phone.deactivate()),
		({ session }) => patient(() => session.fork().cancel()),
		({ phone }) => patient(() => phone.start()),
	];
	const begun = await mobile.session();

	must(await begun.session.pin());
	const finish = await begun.session.finishRequest();
	const [answer] = await Promise.all([patient(() => begun.phone.send(finish)), sleep(Math.random() * 4).then(() => rivals[round % rivals.length](begun))]);
	const { state } = await mobile.operation(begun.operation);
	if (round % rivals.length === 7 && !answer.ok) {
		assert.equal(state, "PENDING");
		assert.equal(mobile.events("device.authentication.completed", begun.operation).length, 0);
		return;
	}
	await oneResult(begun.operation);
	assert.equal(answer.ok ? "COMPLETED" : "FAILED", state, `${codes([answer])}`);
}));

test("a finish at the moment when time is over: completed or expired, and one result", () => roundsAtOnce(async () => {
	const phone = await mobile.phone({ pin: null });
	const operation = await mobile.startOperation(phone, { authLevel: "ONE_FACTOR", sessionTimeout: 1000 });
	const { session } = must(await phone.start());
	const finish = await session.finishRequest("DEVICE");

	await sleep(Math.max(0, Date.parse(operation.operationProperties.sessionExpiryTime) - Date.now() - 3 + Math.random() * 6));
	const answer = await patient(() => phone.send(finish));
	await mobile.until(() => mobile.events("device.authentication.completed", operation), (events) => events.length > 0);
	const { state } = await oneResult(operation);
	assert.equal(answer.ok ? "COMPLETED" : "FAILED", state);
}));

test("two phones with one code at once: one is registered", () => rounds(async () => {
	const operation = await mobile.startRegistration(await mobile.newUser(), { authLevel: "ONE_FACTOR" });
	const phones = [mobile.newPhone(), mobile.newPhone(), mobile.newPhone()];
	const answers = await Promise.all(phones.map((phone) => patient(() => phone.activate(operation.operationProperties.activationCode))));

	assert.deepEqual(codes(answers).sort(), [200, 200, "ok"]);
	const { session } = answers.find((answer) => answer.ok);
	const finish = await session.registerRequest();
	const finishes = await all(3, () => patient(() => session.send(finish)));
	assert.equal(new Set(finishes.map((answer) => String(must(answer).json))).size, 1);
	assert.equal((await oneResult(operation, "registrations")).state, "COMPLETED");
}));

test("a phone and its copy at once: one completes the operation", () => rounds(async () => {
	const phone = await mobile.phone();
	const operation = await mobile.startOperation(phone);
	const copy = phone.copy();
	const approve = async (who) => {
		const start = await patient(() => who.start());

		if (!start.ok || !(await patient(() => start.session.pin(PIN))).ok)
			return start;
		return patient(() => start.session.finish());
	};

	copy.store.lastTs += 1;
	const answers = await Promise.all([approve(phone), approve(copy)]);
	const { state } = await mobile.operation(operation);
	const completed = answers.filter((answer) => answer.ok && answer.request.members.t === "ses.finish").length;
	assert.ok(completed <= 1);
	assert.equal(mobile.events("device.authentication.completed", operation).length, completed);
	assert.equal(state, completed ? "COMPLETED" : "PENDING");
}, ROUNDS / 2));

test("starts by REST for one device at once: one stays pending, the others are superseded", async () => {
	const phone = await mobile.phone();
	const operations = await all(AT_ONCE, () => mobile.startOperation(phone));
	const states = await Promise.all(operations.map((operation) => mobile.operation(operation)));

	assert.equal(states.filter(({ state }) => state === "PENDING").length, 1);
	assert.equal(states.filter(({ errorCode }) => errorCode === "CANCELLED_BY_SP").length, AT_ONCE - 1);
	await phone.approve();
});
