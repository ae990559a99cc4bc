// The two envelopes: whatever is altered, cut or put together differently is refused outside, and changes nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { MobileId, assertFault, assertOk, assertOutside } from "../../support/mobileid.js";
import { long } from "../../support/server.js";
import { Phone, must } from "./client.js";
import { bytes, random, unb64 } from "./crypto.js";
import { REQUEST_TYPE, keyIdOf, sessionHeader, startHeader } from "./envelope.js";

const BYTES_MAX = 256 * 1024;
const START_FIELDS = { version: 0, suite: 1, keyId: 2, length: 10, application: 11, enc: 47, box: 79 };
const SESSION_FIELDS = { version: 0, suite: 1, sid: 2, rnd: 18, box: 50 };
let mobile, other, phone;

before(async () => {
	mobile = await MobileId.started();
	other = await mobile.otherAccount();
	phone = await mobile.phone();
});
after(() => mobile.remove());

function flipped(wire, at, bit = Math.floor(Math.random() * 8)) {
	const altered = Buffer.from(wire);

	altered[at] ^= 1 << bit;
	return altered;
}

async function outside(who, wire, contentType) {
	const reply = await who.post(wire, contentType);
	const text = await reply.text();

	return { status: reply.status, error: reply.status === 200 ? `it was answered with ${text.length} bytes` : JSON.parse(text).error };
}

// Every form of every byte in the long run.
const bits = () => (long ? [0, 1, 2, 3, 4, 5, 6, 7] : [Math.floor(Math.random() * 8)]);

/** Sends the message with each of its bytes altered. expected(at) lists the errors that are right there. */
async function everyByteCounts(request, expected) {
	await mobile.unchanged(async () => {
		for (let at = 0; at < request.wire.length; at++) {
			for (const bit of bits()) {
				const answer = await outside(phone, flipped(request.wire, at, bit));

				assert.equal(answer.status, 400, `byte ${at} bit ${bit}: ${answer.error}`);
				assert.ok(expected(at).includes(answer.error), `byte ${at} bit ${bit}: ${answer.error}`);
			}
		}
	});
}

// ---- suite 01 ----

const startErrors = (at) =>
	at === START_FIELDS.version ? ["malformed"]
	: at === START_FIELDS.suite ? ["malformed", "unknown_session"]
	: at < START_FIELDS.length ? ["unknown_key"]
	: at === START_FIELDS.length ? ["malformed", "unknown_application"]
	: at < START_FIELDS.enc ? ["unknown_application"]
	: ["malformed"];

test("suite 01: a message with any one byte altered is refused", async () => {
	const operation = await mobile.startOperation(phone);
	const request = await phone.startRequest();

	assert.equal(request.wire.length > START_FIELDS.box, true);
	await everyByteCounts(request, startErrors);
	assertOk(await phone.send(request));
	assert.equal((await mobile.operation(operation)).state, "PENDING");
});

test("suite 01: a message that is cut or has more is refused", async () => {
	const request = await phone.configuration().then((answer) => answer.request);
	const cuts = Object.values(START_FIELDS).flatMap((at) => [at, at + 1]).concat(request.wire.length - 1);

	for (const length of cuts)
		assertOutside(await outside(phone, request.wire.subarray(0, length)), 400, "malformed");
	assertOutside(await outside(phone, bytes(request.wire, 0)), 400, "malformed");
});

test("suite 01: header and box of two messages do not fit together", async () => {
	const one = (await phone.configuration()).request.wire;
	const two = (await phone.configuration()).request.wire;

	assertOutside(await outside(phone, bytes(one.subarray(0, START_FIELDS.box), two.subarray(START_FIELDS.box))), 400, "malformed");
});

test("suite 01: an ephemeral key of small order is refused", async () => {
	for (const point of [Buffer.alloc(32), bytes(1, Buffer.alloc(31)), bytes(Buffer.from("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", "hex"))]) {
		const wire = bytes(startHeader(phone.serverKey, phone.config.applicationId), point, random(64));

		assertOutside(await outside(phone, wire), 400, "malformed");
	}
});

test("suite 01: a key that nobody has", async () => {
	const strange = new Phone({ ...phone.config, publicKey: bytes(Buffer.alloc(12), random(32)).toString("base64") }, phone);

	assertOutside(await strange.configuration(), 400, "unknown_key");
});

test("suite 01: an application that nobody has; its id is text of one form", async () => {
	for (const applicationId of [crypto.randomUUID(), "", "x", phone.config.applicationId.toUpperCase(), `${phone.config.applicationId}x`, "é".repeat(127)]) {
		const strange = new Phone({ ...phone.config, applicationId }, phone);

		assertOutside(await strange.configuration(), 400, "unknown_application");
	}
});

test("suite 01: the key of another application is unknown here", async () => {
	const mixed = new Phone({ ...phone.config, publicKey: other.app.publicKey }, phone);

	assertOk(await new Phone({ ...phone.config, ...other.app }, phone).configuration());
	assertOutside(await mixed.configuration(), 400, "unknown_key");
});

test("suite 01: enc in the JSON has to be that of the envelope", async () => {
	await mobile.startOperation(phone);
	await mobile.unchanged(async () => {
		const answer = await phone.start({}, { members: (m) => ({ ...m, enc: random(32).toString("base64url") }) });

		assertOutside(answer, 400, "malformed");
	});
	const { operationProperties: { activationCode } } = await mobile.startRegistration(phone.user);
	assertOutside(await mobile.newPhone().activate(activationCode, {}, { members: (m) => ({ ...m, enc: random(32).toString("base64url") }) }),
		400, "malformed");
});

test("a start that is sent on by another way under another enc is refused, though it was signed", async () => {
	await mobile.startOperation(phone);
	const first = await phone.startRequest();

	// Whoever could open the first one puts its plaintext into an envelope of his own.
	await mobile.unchanged(async () =>
		assertOutside(await phone.say("ses.start", {}, phone.device, { plaintext: () => first.plaintext }), 400, "malformed"));
});

// ---- what is looked up only within the application of the header ----

test("a registration of another application is unknown", async () => {
	const moved = phone.copy();

	Object.assign(moved, { config: other.app, serverKey: other.newPhone().serverKey, th0: other.newPhone().th0 });
	await mobile.startOperation(phone);
	assertFault(await moved.start(), 214);
	assertFault(await moved.wait(), 214);
	assertFault(await moved.deactivate(), 214);
});

test("an activation code of another application is wrong", async () => {
	const { operationProperties: { activationCode } } = await mobile.startRegistration(phone.user);

	assertFault(await other.newPhone().activate(activationCode), 200);
	assertOk(await mobile.newPhone().activate(activationCode));
});

// ---- suite 02 ----

const sessionErrors = (at) =>
	at === SESSION_FIELDS.version ? ["malformed"]
	: at === SESSION_FIELDS.suite ? ["malformed", "unknown_application", "unknown_key"]
	: ["unknown_session"];

test("suite 02: a message with any one byte altered is refused, and the session goes on", async () => {
	const { session, operation } = await mobile.session({}, phone);
	const attempt = session.newTry(phone.store.pin);
	const request = await session.pinRequest("ses.pin", attempt);

	await everyByteCounts(request, sessionErrors);
	const answer = await session.send(request);
	assertOk(answer);
	session.pinKey = attempt.key(unb64(answer.is.e));
	const finish = await session.finishRequest();
	await everyByteCounts(finish, sessionErrors);
	const done = await session.send(finish);
	assertOk(done);
	phone.store.ticket = done.is.ticket;
	assert.equal((await mobile.operation(operation)).state, "COMPLETED");
});

test("suite 02: a message that is cut or has more is refused", async () => {
	const { session } = await mobile.session({}, phone);
	const request = await session.pinRequest("ses.pin", session.newTry(phone.store.pin));

	await mobile.unchanged(async () => {
		for (const length of [0, 1, 2, 17, 18, 49, 50, 65])
			assertOutside(await outside(phone, request.wire.subarray(0, length)), 400, "malformed");
		for (const length of [66, request.wire.length - 1])
			assertOutside(await outside(phone, request.wire.subarray(0, length)), 400, "unknown_session");
		assertOutside(await outside(phone, bytes(request.wire, 0)), 400, "unknown_session");
	});
});

test("suite 02: a session that nobody has, another one's key, another one's sid", async () => {
	const second = await mobile.phone();
	const { session } = await mobile.session({}, phone);
	const { session: foreign } = await mobile.session({}, second);

	await mobile.unchanged(async () => {
		assertOutside(await session.say("ses.cancel", {}, {}, { header: () => sessionHeader(random(16)) }), 400, "unknown_session");
		assertOutside(await session.say("ses.cancel", {}, {}, { key: foreign.key }), 400, "unknown_session");
		assertOutside(await session.say("ses.cancel", {}, {}, { header: () => sessionHeader(foreign.sid) }), 400, "unknown_session");
	});
	assertOk(await foreign.cancel());
	assertOk(await session.cancel());
});

test("suite 02: rnd used twice gives the same box, and that opens", async () => {
	const { session } = await mobile.session({}, phone);
	const rnd = random(32);
	const answer = await session.say("ses.cancel", {}, {}, { rnd });

	assertOk(answer);
	assert.deepEqual((await session.fork().request("ses.cancel", {}, {}, { rnd, members: () => answer.request.members })).wire, answer.request.wire);
});

// ---- the way in ----

test("another content type, or none, is no message", async () => {
	const { wire } = (await phone.configuration()).request;

	for (const contentType of ["application/json", "application/octet-stream", "application/vnd.reuseid.device-res", ""])
		assertOutside(await outside(phone, wire, contentType), 400, "malformed");
	assert.equal((await phone.post(wire, REQUEST_TYPE)).status, 200);
	assert.equal((await phone.post(wire, REQUEST_TYPE.toUpperCase())).status, 200);
});

test("nothing at all, one byte, and noise are no messages", async () => {
	for (const wire of [Buffer.alloc(0), Buffer.of(1), Buffer.of(1, 1), Buffer.of(1, 2), random(100), Buffer.alloc(1000, 1), Buffer.from("{}")])
		assertOutside(await outside(phone, wire), 400, wire.length === 1000 ? "unknown_application" : "malformed");
});

test("only POST reaches the channel", async () => {
	for (const method of ["GET", "PUT", "DELETE", "PATCH"])
		assert.equal((await fetch(`${phone.config.serverUrl}/device/v1`, { method })).status, 405);
});

async function configurationOf(wireBytes) {
	const empty = (await phone.request("cfg.get", { filler: "" })).wire.length;

	return phone.request("cfg.get", { filler: "x".repeat(wireBytes - empty) });
}

test("256 KiB are taken, a byte more is not", async () => {
	const most = await configurationOf(BYTES_MAX);

	assert.equal(most.wire.length, BYTES_MAX);
	assertOk(await phone.send(most));
	assert.equal((await phone.post((await configurationOf(BYTES_MAX + 1)).wire)).status, 413);
});

test("answers are never stored on the way, have their own type, and are sealed anew each time", async () => {
	const { request } = await phone.configuration();
	const replies = [await phone.send(request), await phone.send(request)];

	for (const reply of replies) {
		assertOk(reply);
		assert.equal(reply.headers.get("cache-control"), "no-store");
	}
	assert.notDeepEqual(replies[0].body.subarray(0, 32), replies[1].body.subarray(0, 32));
	assert.notEqual(replies[0].body.toString("hex"), replies[1].body.toString("hex"));
});

test("cfg.get tells the form of codes and PINs, and the key that the app was shipped with", async () => {
	const { ok, time, ...rest } = must(await mobile.newPhone().configuration()).is;

	assert.deepEqual(rest, {
		activationCode: { length: 6, maxLength: 10, type: "NUMERIC" }, pin: { min: 4, max: 50, type: "NUMERIC" },
		minSdk: "1.0.0", blocked: [], e2eKeys: [phone.config.publicKey],
	});
	assert.equal(keyIdOf(phone.serverKey).length, 8);
});
