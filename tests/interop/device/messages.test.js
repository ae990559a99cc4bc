// What a message has to look like: its frame, its JSON, its members, its signatures. What is broken is told as 243 to 245 and changes
// nothing; inside a live session it ends the operation.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { MobileId, assertFault, assertOk } from "../../support/mobileid.js";
import { KIND, must } from "./client.js";
import { b64, bytes, highS, newKey, points, random, u16, u32, unb64 } from "./crypto.js";
import { plaintextOf } from "./envelope.js";

const NOT_PARSABLE = 243;
const MISSING = 244;
const MALFORMED = 245;
let mobile, phone;

before(async () => {
	mobile = await MobileId.started({ config: { amountFailuresAllowed: 128 } });
	phone = await mobile.phone();
});
after(() => mobile.remove());

const raw = (text) => ({ json: () => Buffer.from(text) });
const edited = (edit) => ({ json: (json) => Buffer.from(edit(json.toString())) });
const without = (name) => ({ members: ({ [name]: gone, ...rest }) => rest });
const emptied = (name) => ({ members: (m) => ({ ...m, [name]: null }) }); // null stands for none
const having = (more) => ({ members: (m) => ({ ...m, ...more }) });
const any = random(64);
const isEmpty = (value) => value === "" || (Array.isArray(value) && value.length === 0);
const codesFor = (value) => (isEmpty(value) ? [MISSING, MALFORMED] : [MALFORMED]); // an empty one may count as none

// ---- the frame ----

const frames = {
	"a trailing byte": (p) => bytes(p, 0),
	"no signature count": (p, json) => bytes(u32(json.length), json),
	"a JSON that is longer than the message": (p, json) => bytes(u32(json.length + 1000), json, 0),
	"a JSON of 4 GiB": (p, json) => bytes(u32(0xffffffff), json, 0),
	"nothing": () => Buffer.alloc(0),
	"three bytes": () => Buffer.alloc(3),
	"fewer signatures than said": (p, json) => bytes(u32(json.length), json, 1),
	"a signature of kind 0": (p, json) => plaintextOf(json, [[0, any]]),
	"a signature of an unknown kind": (p, json) => plaintextOf(json, [[0x0b, any]]),
	"a signature of 63 bytes": (p, json) => plaintextOf(json, [[1, any.subarray(1)]]),
	"a signature of 65 bytes": (p, json) => plaintextOf(json, [[1, bytes(any, 1)]]),
	"an empty signature": (p, json) => plaintextOf(json, [[1, Buffer.alloc(0)]]),
	"a signature that is cut": (p, json) => bytes(u32(json.length), json, 1, 1, u16(64), any.subarray(1)),
	"kinds that descend": (p, json) => plaintextOf(json, [[8, any], [1, any]]),
	"a doubled kind": (p, json) => plaintextOf(json, [[1, any], [1, any]]),
	"17 signatures": (p, json) => plaintextOf(json, Array.from({ length: 17 }, () => [7, any])),
};

describe("a frame with", () => {
	for (const [name, make] of Object.entries(frames))
		test(name, () => mobile.unchanged(async () => {
			const alter = {};

			alter.json = (json) => { alter.plaintext = (p) => make(p, json); return json; };
			const config = await phone.configuration(alter);
			assertFault(config, NOT_PARSABLE);
			assertFault(await phone.wait(0, alter), NOT_PARSABLE);
		}));
});

// ---- the JSON ----

const texts = {
	"nothing": "", "a word": "null", "a list": "[]", "a text": '"cfg.get"', "a number": "7",
	"an open brace": "{", "two objects": '{"t":"cfg.get"}{}', "a comma too many": '{"t":"cfg.get",}', "single quotes": "{'t':'cfg.get'}",
	"a zero byte": '{"t":"cfg.get"}\0', "a byte order mark": "\ufeff{}", "a comment": '{"t":"cfg.get"/**/}',
	"nine levels": `{"t":"cfg.get","x":${"[".repeat(8)}${"]".repeat(8)}}`,
};

describe("JSON that is", () => {
	for (const [name, text] of Object.entries(texts))
		test(name, async () => assertFault(await phone.configuration(raw(text)), NOT_PARSABLE));

	test("not UTF-8", async () =>
		assertFault(await phone.configuration({ json: (json) => bytes(json.subarray(0, -1), ',"x":"', 0xff, '"}') }), NOT_PARSABLE));

	test("doubling a member, at any depth", async () => {
		assertFault(await phone.configuration(edited((json) => json.replace("{", '{"v":1,'))), NOT_PARSABLE);
		assertFault(await phone.configuration(edited((json) => json.replace("{", '{"x":{"a":1,"a":1},'))), NOT_PARSABLE);
		assertFault(await phone.configuration(edited((json) => json.replace("{", '{"\\u0076":1,'))), NOT_PARSABLE);
	});

	test("eight levels deep, full of unknown members, spaced out", async () => {
		const inner = `${"[".repeat(7)}${"]".repeat(7)}`;

		assertOk(await phone.configuration(edited((json) => json.replace("{", ` {\n"x": ${inner},\t"y":{"ok":true},`))));
	});
});

// ---- members outside a session ----

const activationCode = async () => (await mobile.startRegistration(phone.user)).operationProperties.activationCode;

const outsideMessages = {
	"cfg.get": { say: (alter) => phone.configuration(alter), required: ["t", "v", "sdk", "os", "ts"] },
	"ses.wait": { say: (alter) => phone.wait(0, alter), required: ["t", "v", "sdk", "os", "ts"] },
	"ses.start": { say: (alter) => phone.start({}, alter), required: ["t", "v", "sdk", "os", "ts", "enc", "purpose"] },
	"reg.deactivate": { say: (alter) => phone.deactivate(alter), required: ["t", "v", "sdk", "os", "ts"] },
	"act.start": {
		say: async (alter) => mobile.newPhone().activate(await activationCode(), {}, alter),
		required: ["t", "v", "sdk", "os", "ts", "enc", "code", "deviceHash", "dk"],
	},
};

const wrongEverywhere = {
	t: [1, true, {}, "", "ses.nothing", "SES.WAIT", "ses.pin", "act.finish"],
	v: [2, 0, "1", 1.5, true], sdk: [1, ""], os: ["Symbian", "android", 1, ""],
	ts: ["1", 0, -1, 1.5, 1e300],
};
const wrongMembers = {
	"ses.wait": { waitMs: [-1, 55001, "0", 1.5], reg: [1, "", "x", "20874199f4d14e9d86eedd4a46030acb"] },
	"ses.start": {
		purpose: ["pay", "", 1, "AUTH"], enc: ["", 1, b64(random(31)), b64(random(33))], push: [1, "x".repeat(65)],
		clientData: [1, {}, "x".repeat(4097)], clientOnly: ["true", 1], reg: [1, "", "x"],
		ticket: [1, b64(random(31)), b64(random(33)), random(32).toString("base64"), `${b64(random(32))}=`],
	},
	"act.start": {
		code: [1, "", "1".repeat(65)], dk: [1, "", b64(random(32)), b64(random(34))],
		deviceHash: [1, "", "x", random(31).toString("base64"), random(33).toString("base64"), b64(random(32)), "A".repeat(44)],
		enc: [1, ""], prev: [1, "", "x"], pushToken: [1, {}],
	},
};

describe("outside a session", () => {
	for (const [t, { say, required }] of Object.entries(outsideMessages)) {
		test(`${t} without one of its members`, () => mobile.unchanged(async () => {
			for (const name of required)
				for (const alter of [without(name), ...(name === "t" ? [] : [emptied(name)])])
					assertFault(t === "act.start" ? await mobile.newPhone().activate("000000", {}, alter) : await say(alter), MISSING);
		}));

		test(`${t} with members of the wrong kind`, () => mobile.unchanged(async () => {
			for (const [name, values] of Object.entries({ ...wrongEverywhere, ...wrongMembers[t] }))
				for (const value of values) {
					const alter = having({ [name]: value });
					const answer = t === "act.start" ? await mobile.newPhone().activate("000000", {}, alter) : await say(alter);

					assert.ok(codesFor(value).includes(answer.code), `${t} ${name} ${JSON.stringify(value)}: ${answer.json ?? answer.error}`);
				}
		}));
	}

	test("base64url is strict: no padding, no other alphabet, no spare bits", () => mobile.unchanged(async () => {
		const loose = "_".repeat(43);

		for (const ticket of [`${b64(random(32))}=`, "+".repeat(42) + "A", "/".repeat(42) + "A", loose, ` ${b64(random(32))}`, `${b64(random(32))}\n`])
			assertFault(await phone.start({ ticket }), MALFORMED);
	}));

	test("a message of a session, and a session's envelope around one that has none, are told apart", async () => {
		assertFault(await phone.say("ses.pin", { step: 1 }), MALFORMED);
		const { session, operation } = await mobile.session({}, phone);
		assertFault(await session.say("ses.wait", { ts: phone.ts(), reg: phone.store.reg }, phone.device), MALFORMED);
		assert.equal((await mobile.operation(operation)).errorCode, "CALLBACK_PROCESSING_ERROR");
	});
});

// ---- inside a session: the operation ends ----

/** A session for an authentication, and for a registration: { session, operation, kind }. */
async function authentication() {
	await mobile.changeDevice(phone, { state: "ACTIVE" }); // evaluations without a finish stay charged
	return { ...await mobile.session({ authLevel: "ONE_FACTOR" }, phone), kind: "authentications" };
}

async function registration() {
	const operation = await mobile.startRegistration(phone.user, { authLevel: "ONE_FACTOR" });
	const { session } = must(await mobile.newPhone().activate(operation.operationProperties.activationCode));

	return { session, operation, kind: "registrations" };
}

/** The phone's evaluation, the same for every session: it takes long to work out. */
const evaluation = {};

async function evaluatedAuthentication() {
	const begun = await authentication();

	evaluation.attempt ??= begun.session.newTry(phone.store.pin);
	const answer = must(await begun.session.send(await begun.session.pinRequest("ses.pin", evaluation.attempt)));
	evaluation.key ??= evaluation.attempt.key(unb64(answer.is.e));
	begun.session.pinKey = evaluation.key;
	return begun;
}

async function evaluatedRegistration() {
	const begun = await registration();

	must(await begun.session.newPin("1357"));
	return begun;
}

const insideMessages = {
	"ses.pin": { begin: authentication, say: ({ session }, alter) => session.pin("1357", alter), required: ["t", "v", "sdk", "os", "step", "b", "skid"] },
	"ses.finish": { begin: evaluatedAuthentication, say: ({ session }, alter) => session.finish("DEVICE_PIN", {}, alter), required: ["t", "v", "sdk", "os", "step", "m", "chal"] },
	"ses.cancel": { begin: authentication, say: ({ session }, alter) => session.cancel(alter), required: ["t", "v", "sdk", "os", "step"] },
	"act.pin": { begin: registration, say: ({ session }, alter) => session.newPin("1357", alter), required: ["t", "v", "sdk", "os", "step", "b", "skid"] },
	"act.finish": { begin: evaluatedRegistration, say: ({ session }, alter) => session.register({}, alter), required: ["t", "v", "sdk", "os", "step", "methods"] },
};

/** The message breaks its session: told so, the operation ended, nothing of the session left; a repeat gives the same answer. */
async function breaks(t, alter, ...codes) {
	const { begin, say } = insideMessages[t];
	const started = await begin();
	const answer = await say(started, alter);

	assert.ok(codes.includes(answer.code), `${t}: ${answer.json ?? answer.error}`);
	assertFault(answer, answer.code);
	const { state, errorCode } = await mobile.operation(started.operation, started.kind);
	assert.equal(state, "FAILED");
	assert.equal(errorCode, "CALLBACK_PROCESSING_ERROR");
	assertFault(await say(started, {}), 208);
}

const point = { length: b64(random(32)), offCurve: () => b64(points.offCurve()), zero: b64(points.padded), infinity: b64(points.infinity) };
const wrongInside = {
	"ses.pin": { b: [1, "", point.length, point.offCurve, point.zero, point.infinity], skid: [1, "", "x".repeat(65)], step: ["1", 0, 1.5] },
	"ses.finish": {
		m: ["PIN", "", 1, "DEVICE:PIN"], chal: [1, "", b64(random(31)), b64(random(33))], riskData: ["x", 1, []],
		hwKeyClientStatus: ["OK", 1], tokenPurposes: ["x", {}], step: ["2"],
	},
	"act.pin": { b: [1, "", point.length, point.offCurve, point.zero, point.infinity], skid: [1, ""] },
	"act.finish": {
		methods: [{}, "DEVICE", [], ["DEVICE"], [{ m: "PIN" }], [{ m: 1 }], [{ m: "DEVICE" }, { m: "DEVICE" }]],
		deviceName: [1, "x".repeat(129), "a\u0007b"], riskData: ["x", [], 1], hwKeyClientStatus: ["x", 1], hk: [1, ""],
	},
};

describe("inside a session", () => {
	for (const [t, { required }] of Object.entries(insideMessages)) {
		test(`${t} without one of its members`, async () => {
			for (const name of required)
				await breaks(t, without(name), MISSING);
		});

		for (const [name, values] of Object.entries(wrongInside[t] ?? {}))
			test(`${t} with a wrong ${name}`, async () => {
				for (const value of values)
					await breaks(t, having({ [name]: typeof value === "function" ? value() : value }), ...codesFor(value));
			});

		test(`${t} that is no message at all`, async () => {
			await breaks(t, { plaintext: (p) => bytes(p, 0) }, NOT_PARSABLE);
			await breaks(t, edited((json) => json.slice(1)), NOT_PARSABLE);
			await breaks(t, edited((json) => json.replace("{", '{"v":1,')), NOT_PARSABLE);
			await breaks(t, having({ t: "ses.nothing" }), MALFORMED);
		});
	}

	test("a new PIN key that is no point, or is missing", async () => {
		const pub = (value) => ({ members: (m) => ({ ...m, methods: [{ m: "DEVICE" }, { m: "DEVICE_PIN", ...(value !== undefined && { pub: value }) }] }) });

		for (const value of [point.length, point.zero, point.infinity, point.offCurve(), undefined, 1, null]) {
			const started = await evaluatedRegistration();
			const answer = await started.session.register({}, pub(value));

			assert.ok([244, 245, 246].includes(answer.code), String(answer.json));
			assert.equal((await mobile.operation(started.operation, "registrations")).errorCode, "CALLBACK_PROCESSING_ERROR");
		}
	});
});

// ---- signatures: exactly those that belong there ----

const extra = (kind) => ({ signatures: (list) => [...list, [kind, any]].sort(([a], [b]) => a - b) });
const missing = (kind) => ({ sign: (k, make) => (k === kind ? null : make()) });
const doubled = (kind) => ({ signatures: (list) => list.flatMap((s) => (s[0] === kind ? [s, s] : [s])) });
const kindsBut = (...allowed) => [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].filter((kind) => !allowed.includes(kind));

describe("signatures", () => {
	const outsideKinds = {
		"cfg.get": { must: [], may: [] }, "ses.wait": { must: [KIND.DEVICE], may: [] }, "ses.start": { must: [KIND.DEVICE], may: [] },
		"reg.deactivate": { must: [KIND.DEVICE], may: [KIND.HARDWARE] }, "act.start": { must: [KIND.NEW_DEVICE], may: [] },
	};

	for (const [t, { must: needed, may }] of Object.entries(outsideKinds))
		test(`of ${t}`, async () => {
			const { say } = outsideMessages[t];

			for (const kind of kindsBut(...needed, ...may))
				assertFault(await say(extra(kind)), NOT_PARSABLE);
			for (const kind of needed) {
				assertFault(await say(missing(kind)), NOT_PARSABLE);
				assertFault(await say(doubled(kind)), NOT_PARSABLE);
			}
		});

	const insideKinds = {
		"ses.pin": [], "ses.cancel": [], "act.pin": [],
		"ses.finish": [KIND.DEVICE, KIND.PIN], "act.finish": [KIND.NEW_PIN, KIND.NEW_DEVICE],
	};

	for (const [t, needed] of Object.entries(insideKinds))
		test(`of ${t}`, async () => {
			for (const kind of kindsBut(...needed))
				await breaks(t, extra(kind), NOT_PARSABLE);
			for (const kind of needed) {
				await breaks(t, missing(kind), NOT_PARSABLE);
				await breaks(t, doubled(kind), NOT_PARSABLE);
			}
		});

	test("of ses.finish with DEVICE: none of the PIN", async () => {
		const { session, operation } = await evaluatedAuthentication();

		assertFault(await session.finish("DEVICE", {}, { signatures: (list) => [...list, [KIND.PIN, any]] }), NOT_PARSABLE);
		assert.equal((await mobile.operation(operation)).errorCode, "CALLBACK_PROCESSING_ERROR");
	});

	test("of ses.finish with PIN before any evaluation: none of the PIN", async () => {
		const { session, operation } = await mobile.session({}, phone);

		assertFault(await session.finish("DEVICE_PIN", {}, { signatures: (list) => [...list, [KIND.PIN, any]] }), NOT_PARSABLE);
		assert.equal((await mobile.operation(operation)).errorCode, "CALLBACK_PROCESSING_ERROR");
	});

	test("of act.finish without PIN: none of a PIN", async () => {
		const { session, operation } = await evaluatedRegistration();

		assertFault(await session.register({ methods: ["DEVICE"] }, extra(KIND.NEW_PIN)), NOT_PARSABLE);
		assert.equal((await mobile.operation(operation, "registrations")).errorCode, "CALLBACK_PROCESSING_ERROR");
	});

	test("that only plain ECDSA would take (high s), or of another kind, key or message, count as wrong", async () => {
		await mobile.changeDevice(phone, { state: "ACTIVE" });
		await mobile.startOperation(phone);
		const wrong = [
			(make) => highS(make()), (make) => make(undefined, newKey()), (make) => make(Buffer.from("something else")),
			() => Buffer.alloc(64), () => random(64), (make) => { const s = make(); s[40] ^= 1; return s; },
		];

		await mobile.unchanged(async () => {
			for (const make of wrong)
				assertFault(await phone.start({}, { sign: (kind, right) => make(right) }), 214);
		});
	});
});
