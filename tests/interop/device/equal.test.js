// What a phone hears does not tell which factor failed (sections 5.3 and 7): code, text, length on the wire, what is left and what the
// server keeps of it are the same, also with hardware-protected keys, attestation, places, biometric keys and tickets in play. That the
// work is the same too is counted in tests/unit/device/equal_test.c.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { KIND, must } from "./client.js";
import { b64, newKey, random } from "./crypto.js";
import { APP_ID, WRONG_PIN, World, playIntegrity, register } from "./world.js";

const AT_ONCE = 4;
const FACE_ID = "DEVICE_IOS_FACE_ID";
const FACE = "DEVICE_SERVER_SIDE_FACE";
const ANNA = Buffer.from("live:Anna"); // as the provider of sandboxes knows people
const BERTA = Buffer.from("live:Berta");
const LIMIT = 3;
let world;

before(async () => { world = await World.started(); });
after(() => world?.close());

// ---- ways to fail ----

const byOther = (...kinds) => (kind, make) => (kinds.includes(kind) ? make(undefined, newKey()) : make());
const SECOND = [KIND.PIN, KIND.BIOMETRIC];
const oldChallenge = (m) => ({ ...m, chal: b64(random(32)) });

/** Each gives how the finish is altered, and whether the PIN is wrong before it. None is to be told from another. */
const FAILURES = {
	"the device key": { alter: { sign: byOther(KIND.DEVICE) } },
	"the second factor": { alter: { sign: byOther(...SECOND) }, wrongPin: true },
	"the signature of the second factor": { alter: { sign: byOther(...SECOND) } },
	"the challenge": { alter: { members: oldChallenge } },
	"both": { alter: { sign: byOther(KIND.DEVICE, ...SECOND) }, wrongPin: true },
	"everything": { alter: { sign: byOther(KIND.DEVICE, ...SECOND), members: oldChallenge }, wrongPin: true },
};
const WITH_HARDWARE = {
	"no signature of the hardware": { alter: { sign: (kind, make) => (kind === KIND.HARDWARE ? null : make()) } },
	"no signature of the hardware, and the second factor": {
		alter: { sign: (kind, make) => (kind === KIND.HARDWARE ? null : byOther(...SECOND)(kind, make)) }, wrongPin: true },
	"the device key and that of the hardware": { alter: { sign: byOther(KIND.DEVICE, KIND.HARDWARE) } },
	"the device key, and no signature of the hardware": {
		alter: { sign: (kind, make) => (kind === KIND.HARDWARE ? null : byOther(KIND.DEVICE)(kind, make)) } },
};

// ---- what is seen ----

/** The answer as its reader has it, but for the time and the challenge, which are never the same. */
const masked = (answer) => String(answer.json).replace(/"time":\d+/, '"time":0').replace(/"challenge":"[\w-]{43}"/, '"challenge":""');
const seen = (answer) => ({
	status: answer.status, type: answer.headers.get("content-type"), names: [...answer.headers.keys()].sort(), bytes: answer.body.length,
	text: masked(answer),
});

/** And what is left behind it, for whoever asks with the same phone. */
async function afterwards(phone) {
	const start = await phone.start();

	return { code: start.code, attempts: start.is.attempts && { ...start.is.attempts, last: 0 }, text: masked(start).length };
}

/** Fails in that way until the device is locked, and gives all that was heard. */
async function failing(bank, phone, { make, m = "DEVICE_PIN" }, { alter, wrongPin }) {
	const operation = await bank.startOperation(phone);
	const { session } = must(await phone.start());
	const members = { ...await make?.(session), ...(m === FACE && { face: wrongPin ? BERTA : ANNA }) };
	const heard = [];
	const codes = [];

	for (let i = 0; i < LIMIT; i++) {
		if (m === "DEVICE_PIN")
			heard.push(seen(must(await session.pin(wrongPin ? WRONG_PIN : undefined))));
		const answer = await session.finish(m, { ...members, riskData: { n: String(i) } }, alter);

		heard.push(seen(answer));
		codes.push(answer.code);
		members.attest = undefined; // verified once in a session
	}
	heard.push(await afterwards(phone));
	assert.deepEqual(codes, [214, 214, 226]);
	assert.equal((await bank.operation(operation)).state, "FAILED");
	return heard.map((one) => ({ ...one, text: typeof one.text === "string" ? one.text.replace(/"e":"[\w-]{44}"/, '"e":""') : one.text }));
}

async function allAlike(bank, situation, ways) {
	let first = null;

	for (const [what, way] of Object.entries(ways)) {
		const { phone, answer } = await register(bank, situation.device);

		must(answer);
		await situation.ready?.(bank, phone);
		const heard = await failing(bank, phone, situation, way);
		first ??= { what, heard };
		assert.deepEqual(heard, first.heard, `${what}, and ${first.what}`);
	}
}

// ---- in which situations ----

const place = () => ({ geo: { clientStatus: "OK", country: "NO" } });

const situations = {
	"nothing else in play": { config: {}, device: {} },
	"a ticket of several logins": { config: {}, device: {}, ready: async (bank, phone) => {
		for (let i = 0; i < 2; i++) {
			await bank.startOperation(phone);
			await phone.approve();
		}
	} },
	"a biometric key": { config: {}, device: { methods: ["DEVICE", "DEVICE_PIN", FACE_ID] }, m: FACE_ID },
	"a hardware-protected key": { config: {}, device: { hardware: true }, hardware: true },
	"a hardware-protected key that is required": { config: { hwKeyValidationStrategy: "REQUIRED" }, device: { hardware: true }, hardware: true },
	"a face": { facing: true, device: { methods: ["DEVICE", "DEVICE_PIN", FACE], make: () => ({ face: ANNA }) }, m: FACE },
	"a place that is required": { config: { geofencingAuthenticationMode: "REQUIRED", geofencingAllowedContinents: "EU" }, device: {}, make: place },
	"Play Integrity": { play: true, device: {} },
	"App Attest and a hardware-protected key": { apple: true, device: { os: "iOS", hardware: true }, hardware: true },
};

async function tried(situation) {
	let { config, device, make } = situation;
	let all = situation;

	if (situation.play) {
		config = { ...world.play_app, attestationAndroidPlayIntegrityMode: "REQUIRED" };
		make = playIntegrity(world);
		device = { ...device, make };
	}
	if (situation.apple) {
		const keys = new Map();
		const keyOf = (session) => keys.get(session.phone) ?? keys.set(session.phone, world.apple.newKey(APP_ID)).get(session.phone);

		config = { ...world.apple_app, attestationIosAppAttestMode: "REQUIRED" };
		make = (session) => ({ attest: keyOf(session).assertion(session.binding) });
		device = { ...device, make: (session) => ({ attest: keyOf(session).attestation(session.binding) }) };
	}
	all = { ...situation, device, make };
	const ways = { ...FAILURES, ...(situation.hardware && WITH_HARDWARE) };

	if (situation.facing)
		delete ways["the signature of the second factor"]; // there is none
	await allAlike(await (situation.facing ? world.facing() : world.bank(config)), all, ways);
}

describe("which factor failed", { concurrency: AT_ONCE }, () => {
	for (const [name, situation] of Object.entries(situations))
		test(`with ${name}`, () => tried(situation));
});

// ---- what fails before the second factor does not tell whether it was right ----

const flippedHardware = { sign: (kind, make) => (kind === KIND.HARDWARE ? make(Buffer.from("else")) : make()) };

const checks = {
	"a wrong hardware-protected key": { config: {}, device: { hardware: true }, alter: flippedHardware },
	"a token of another session": { play: true, device: {}, make: () => playIntegrity(world, (p) => { p.requestDetails.nonce = "AAAA"; }) },
	"a client without a token": { play: true, device: {}, make: () => () => ({ attest: { kind: "playIntegrity", status: "FAILED_CLIENT_TIMEOUT" } }) },
	"a place outside": { config: { geofencingAuthenticationMode: "REQUIRED", geofencingAllowedContinents: "EU" }, device: {},
		make: () => () => ({ geo: { clientStatus: "OK", country: "US" } }) },
	"another salt key": { config: {}, device: {}, skid: "another" },
};

async function failedCheck({ config, play, device, make, alter, skid }, pin) {
	const bank = await world.bank(play ? { ...world.play_app, attestationAndroidPlayIntegrityMode: "REQUIRED" } : config);
	const { phone } = await register(bank, play ? { ...device, make: playIntegrity(world) } : device);
	const operation = await bank.startOperation(phone);
	const { session } = must(await phone.start());
	const members = await make?.()(session);
	const evaluated = await session.pin(pin, skid && { members: (m) => ({ ...m, skid }) });
	const answer = evaluated.ok ? await session.finish("DEVICE_PIN", members, alter) : evaluated;
	const { state, deviceDetails } = await bank.device(phone);

	return { heard: seen(answer), state, reason: deviceDetails.lockReason, errorCode: (await bank.operation(operation)).errorCode };
}

describe("whether the PIN was right", { concurrency: AT_ONCE }, () => {
	for (const [name, check] of Object.entries(checks))
		test(`${name} does not tell`, async () => assert.deepEqual(await failedCheck(check, WRONG_PIN), await failedCheck(check, undefined)));
});
