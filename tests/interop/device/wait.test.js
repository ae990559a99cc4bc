// Long polls: ses.wait (section 6).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MobileId, assertFault, assertOk } from "../../support/mobileid.js";
import { long } from "../../support/server.js";
import { must } from "./client.js";
import { newKey } from "./crypto.js";

const LONG_MS = 30_000;
const PROMPT_MS = 3000; // with much else going on
const PHONES = long ? 200 : 30;
let mobile, phone;

before(async () => {
	mobile = await MobileId.started();
	phone = await mobile.phone();
});
after(() => mobile.remove());

async function timed(promise) {
	const began = Date.now();

	return { answer: await promise, took: Date.now() - began };
}


// A wait that is parked: { answer, took } once it ends; inside an object, since awaiting it would wait for its end.
const park = async (who, ms = LONG_MS) => {
	const wait = timed(who.wait(ms));

	await sleep(150);
	return { wait };
};

async function nothingPending() {
	const { session } = await phone.start().then((answer) => (answer.ok ? answer : {}));

	await session?.cancel();
}

test("with nothing pending, waitMs 0 answers at once, and so does none", async () => {
	await nothingPending();
	for (const answer of [await phone.wait(0), await phone.wait(0, { members: ({ waitMs, ...rest }) => rest })]) {
		assertOk(answer);
		assert.deepEqual(answer.is.pending, []);
		assert.equal("step" in answer.is, false);
	}
});

test("what is pending is told without its content", async () => {
	for (const [kind, op] of [["authentications", "AUTHENTICATION"], ["signatures", "SIGNING"]]) {
		const operation = await mobile.startOperation(phone, { kind, preOperationContext: { title: "secret" } });
		const { answer, took } = await timed(phone.wait(LONG_MS));
		const [{ pushSessionId, ...item }, ...more] = must(answer).is.pending;

		assert.ok(took < PROMPT_MS);
		assert.equal(typeof pushSessionId, "string");
		assert.deepEqual(item, { op, expires: Date.parse(operation.operationProperties.sessionExpiryTime) });
		assert.deepEqual(more, []);
		assert.ok(!String(answer.json).includes("secret"));
	}
});

test("waits as long as it was told, and says what time it is then", async () => {
	await nothingPending();
	const { answer, took } = await timed(phone.wait(700));

	assertOk(answer);
	assert.deepEqual(answer.is.pending, []);
	assert.ok(took >= 690 && took < 700 + PROMPT_MS, `${took} ms`);
	assert.ok(Math.abs(answer.is.time - Date.now()) < 500);
});

test("is woken by a start, and by that of its own device only", async () => {
	await nothingPending();
	const other = await mobile.phone({ user: phone.user });
	const { wait } = await park(phone);
	const { wait: others } = await park(other, 1500);

	await mobile.startOperation(phone);
	const { answer, took } = await wait;
	assertOk(answer);
	assert.equal(answer.is.pending.length, 1);
	assert.ok(took < PROMPT_MS, `${took} ms`);
	assert.deepEqual(must((await others).answer).is.pending, []);
});

test("ends with an empty list when a newer message of its registration comes", async () => {
	await nothingPending();
	const newer = {
		"another wait": () => phone.wait(0),
		"a start": () => phone.start(),
		"a start under a ticket that is refused": () => phone.start({ ticket: "A".repeat(43) }),
	};

	for (const [name, act] of Object.entries(newer)) {
		const { wait } = await park(phone);

		await act();
		const { answer, took } = await wait;
		assertOk(answer);
		assert.deepEqual(answer.is.pending, [], name);
		assert.ok(took < PROMPT_MS, `${name}: ${took} ms`);
	}
});

test("is not ended by a message that is not the registration's", async () => {
	await nothingPending();
	const { wait } = await park(phone, 1200);

	assertFault(await phone.start({}, { sign: (kind, make) => make(undefined, newKey()) }), 214);
	assertFault(await phone.wait(0, { members: (m) => ({ ...m, ts: 1 }) }), 249);
	const { answer, took } = await wait;
	assertOk(answer);
	assert.ok(took >= 1190, `${took} ms`);
});

test("asked for the same thing many times, only the last one waits on", async () => {
	await nothingPending();
	const waits = [];

	for (let i = 0; i < 5; i++)
		waits.push((await park(phone, 2000)).wait);
	const all = await Promise.all(waits);
	for (const { answer } of all)
		assert.deepEqual(must(answer).is.pending, []);
	assert.ok(all.slice(0, -1).every(({ took }) => took < 1500));
	assert.ok(all.at(-1).took >= 1990);
});

test("writes nothing, so its ts can come again", async () => {
	await nothingPending();
	const request = await phone.request("ses.wait", { waitMs: 0 }, phone.device);

	await mobile.unchanged(async () => {
		assertOk(await phone.send(request));
		assertOk(await phone.send(request));
	});
});

test("is signed by the device key", async () => {
	for (const make of [(right) => right(undefined, newKey()), (right) => right(Buffer.from("x"))])
		assertFault(await phone.wait(LONG_MS, { sign: (kind, right) => make(right) }), 214);
	const stranger = phone.copy();
	stranger.store.reg = crypto.randomUUID();
	assertFault(await stranger.wait(LONG_MS), 214);
});

test(`${PHONES} phones that wait hold up nobody, and each is woken by its own start`, async () => {
	const user = await mobile.newUser();
	const phones = [];

	for (let i = 0; i < PHONES; i++)
		phones.push(await mobile.phone({ user, pin: null }));
	const waits = phones.map((who) => timed(who.wait(LONG_MS)));

	await sleep(500);
	await nothingPending();
	await mobile.startOperation(phone);
	await phone.approve();
	for (const who of phones)
		await mobile.startOperation(who, { authLevel: "ONE_FACTOR" });
	for (const [i, { answer }] of (await Promise.all(waits)).entries()) {
		assert.equal(must(answer).is.pending.length, 1);
		assertOk(await phones[i].start({ push: answer.is.pending[0].pushSessionId }));
	}
});

test("a phone that goes away while it waits does no harm", async () => {
	await nothingPending();
	const request = await phone.request("ses.wait", { waitMs: LONG_MS }, phone.device);
	const away = new AbortController();
	const gone = fetch(`${phone.config.serverUrl}/device/v1`, {
		method: "POST", body: request.wire, headers: { "content-type": "application/vnd.reuseid.device-req" }, signal: away.signal,
	}).catch(() => {});

	await sleep(150);
	away.abort();
	await gone;
	await mobile.startOperation(phone);
	await phone.approve();
});

test("a server that stops does not wait for those who wait", async () => {
	await nothingPending();
	const { wait } = await park(phone);
	const began = Date.now();

	await mobile.server.stop();
	assert.ok(Date.now() - began < 10_000);
	const { answer } = await wait.catch(() => ({}));
	if (answer)
		assert.deepEqual(must(answer).is.pending, []);
	await mobile.server.start();
});
