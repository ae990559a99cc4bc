// Attestations end to end: each of Apple's checks wrong in one thing, under a root of our own; each way in which a token of Google's can
// be another one, made with npm's jose. None of them is taken, whatever the phone says about itself.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { after, before, describe, test } from "node:test";
import { FakeApple, newAppleKey } from "../../support/app_attest.js";
import { serviceKey } from "../../support/push_services.js";
import { KIND, must } from "./client.js";
import { b64, random } from "./crypto.js";
import { APP_ID, World, approve, playIntegrity, register } from "./world.js";

const AT_ONCE = 4;
const DAY_MS = 24 * 3600 * 1000;
const MINUTE_MS = 60_000;
const INVALID = "FAILED_VALIDATION_EXCEPTION";
let world, bank;

before(async () => {
	world = await World.started();
	bank = await world.reporting();
});
after(() => world?.close());

// ---- App Attest ----

const longAgo = { from: Date.now() - 3 * DAY_MS, until: Date.now() - DAY_MS };
const stranger = () => {
	const apple = FakeApple.made();

	apple.remove();
	return apple;
};

/** Apple's list: what is wrong, by the number of the check. */
const attestations = {
	"1 a chain to another root": () => { const { middle, middleCertificate } = stranger(); return { signer: middle, middle: middleCertificate }; },
	"1 a leaf that another one signed": () => ({ signer: newAppleKey() }),
	"1 a leaf whose time is over": () => longAgo,
	"1 a leaf whose time is to come": () => ({ from: Date.now() + DAY_MS, until: Date.now() + 2 * DAY_MS }),
	"2 a nonce of other client data": () => ({ hash: crypto.randomBytes(32) }),
	"2 a nonce in another form": () => ({ nonceExtension: Buffer.from("30030401aa", "hex") }),
	"3 a key id that is not the key's": () => ({ keyId: crypto.randomBytes(32).toString("base64") }),
	"3 a leaf with another key": () => ({ leafKey: newAppleKey() }),
	"4 another app": () => ({ appId: "TEAM123456.com.example.other" }),
	"5 a counter that is not zero": () => ({ counter: 1 }),
	"6 the other environment": () => ({ environment: "DEVELOPMENT" }),
	"7 another credential id": () => ({ credentialId: crypto.randomBytes(32) }),
	"another format": () => ({ fmt: "packed" }),
};

async function attestedKey() {
	const key = world.apple.newKey(APP_ID);
	const { phone, view } = await register(bank, { os: "iOS", make: (session) => ({ attest: key.attestation(session.binding) }) });

	assert.equal(view.attestation.appAttestStatus, "VERIFIED");
	return { key, phone };
}

const assertionOf = async ({ key, phone }, wrong) =>
	(await approve(bank, phone, { make: (session) => ({ attest: key.assertion(session.binding, wrong) }) })).view.attestation.appAttestStatus;

const assertions = {
	"of other client data": () => ({ hash: crypto.randomBytes(32) }),
	"by another key": () => ({ key: newAppleKey() }),
	"of another app": () => ({ appId: "TEAM123456.com.example.other" }),
	"with another key id": () => ({ keyId: crypto.randomBytes(32).toString("base64") }),
	"with the counter of the attestation": () => ({ counter: 0 }),
};

describe("App Attest", { concurrency: AT_ONCE }, () => {
	for (const [what, wrong] of Object.entries(attestations))
		test(`attestation: ${what}`, async () => {
			const key = world.apple.newKey(APP_ID);
			const { view } = await register(bank, { os: "iOS", make: (session) => ({ attest: key.attestation(session.binding, wrong()) }) });

			assert.equal(view.attestation.appAttestStatus, INVALID);
		});

	for (const [what, wrong] of Object.entries(assertions))
		test(`assertion: ${what}`, async () => assert.equal(await assertionOf(await attestedKey(), wrong()), INVALID));

	test("assertion: the counter grows, and never goes back", async () => {
		const device = await attestedKey();

		assert.equal(await assertionOf(device, { counter: 7 }), "VERIFIED");
		for (const counter of [7, 6, 1])
			assert.equal(await assertionOf(device, { counter }), INVALID);
		assert.equal(await assertionOf(device, { counter: 8 }), "VERIFIED");
	});

	test("assertion: of a key that another device attested", async () => {
		const [one, other] = [await attestedKey(), await attestedKey()];

		assert.equal(await assertionOf({ key: other.key, phone: one.phone }), INVALID);
	});

	test("an attestation in the place of an assertion: the key is a new one from then on", async () => {
		const { phone } = await attestedKey();
		const key = world.apple.newKey(APP_ID);
		const { view } = await approve(bank, phone, { make: (session) => ({ attest: key.attestation(session.binding) }) });

		assert.equal(view.attestation.appAttestStatus, "VERIFIED");
		assert.equal(await assertionOf({ key, phone }), "VERIFIED");
	});

	test("what was verified once in a session holds for its later tries, and is not asked for again", async () => {
		const { key, phone } = await attestedKey();
		const operation = await bank.startOperation(phone);
		const { session } = must(await phone.start());

		must(await session.pin("9999"));
		assert.equal((await session.finish("DEVICE_PIN", { attest: key.assertion(session.binding) })).code, 214);
		must(await session.pin());
		must(await session.finish());
		assert.equal((await bank.operation(operation)).attestation.appAttestStatus, "VERIFIED");
	});
});

test("what came beside a try that failed for want of the hardware's signature was seen all the same", async () => {
	const strict = await world.bank({ ...world.apple_app, attestationIosAppAttestMode: "REQUIRED" });
	const key = world.apple.newKey(APP_ID);
	const { phone } = await register(strict, { os: "iOS", hardware: true, make: (session) => ({ attest: key.attestation(session.binding) }) });
	const operation = await strict.startOperation(phone);
	const { session } = must(await phone.start());

	must(await session.pin());
	const failed = await session.finish("DEVICE_PIN", { attest: key.assertion(session.binding), hwKeyClientStatus: "ERR_SIGN_OPERATION_FAILED" },
		{ sign: (kind, make) => (kind === KIND.HARDWARE ? null : make()) });
	assert.deepEqual([failed.code, failed.is.err.recoverable], [214, true]);
	must(await session.pin());
	must(await session.finish());
	assert.equal((await strict.operation(operation)).attestation.appAttestStatus, "VERIFIED");
});

// ---- Play Integrity: what jose makes, and the server does not take ----

const invalid = "FAILED_INVALID_JWS";
const tokens = {
	"a JWS by another key": [invalid, {}, () => ({ signer: crypto.createPrivateKey(serviceKey("ec").pem) })],
	"a JWS by the secret key, as HMAC": [invalid, {}, () => ({ signAlg: "HS256", signer: world.decryption })],
	"a JWS with RSA": [invalid, {}, () => ({ signAlg: "RS256", signer: crypto.createPrivateKey(serviceKey("rsa").pem) })],
	"a JWE under another key": [invalid, {}, () => ({ key: crypto.randomBytes(32) })],
	"a JWE without key wrapping": [invalid, {}, () => ({ alg: "dir" })],
	"a JWE with another wrapping": [invalid, {}, () => ({ alg: "A256GCMKW" })],
	"a JWE with another cipher": [invalid, {}, () => ({ enc: "A128CBC-HS256" })],
	"no request": ["FAILED_INCORRECT_NONCE", { change: (p) => { delete p.requestDetails; } }],
	"no nonce": ["FAILED_INCORRECT_NONCE", { change: (p) => { delete p.requestDetails.nonce; } }],
	"a nonce with padding": ["FAILED_INCORRECT_NONCE", { change: (p) => { p.requestDetails.nonce += "="; } }],
	"a hash of a request in the place of the nonce": ["FAILED_INCORRECT_NONCE",
		{ change: (p) => { p.requestDetails.requestHash = p.requestDetails.nonce; delete p.requestDetails.nonce; } }],
	"a time before the session": ["FAILED_INVALID_TIMESTAMP", { change: (p) => { p.requestDetails.timestampMillis = String(Date.now() - 5 * MINUTE_MS); } }],
	"a time after it": ["FAILED_INVALID_TIMESTAMP", { change: (p) => { p.requestDetails.timestampMillis = String(Date.now() + 60 * MINUTE_MS); } }],
	"no time": ["FAILED_INVALID_TIMESTAMP", { change: (p) => { delete p.requestDetails.timestampMillis; } }],
	"no package": ["FAILED_INCORRECT_PACKAGE_NAME", { change: (p) => { delete p.requestDetails.requestPackageName; } }],
	"an app that was not evaluated": ["FAILED_UNRECOGNIZED_PLAY_APP", { change: (p) => { p.appIntegrity.appRecognitionVerdict = "UNEVALUATED"; } }],
	"no verdict about the app": ["FAILED_UNRECOGNIZED_PLAY_APP", { change: (p) => { delete p.appIntegrity; } }],
	"a licence that was not evaluated": ["FAILED_UNLICENSED_PLAY_APP", { change: (p) => { p.accountDetails.appLicensingVerdict = "UNEVALUATED"; } }],
	"no licence": ["FAILED_UNLICENSED_PLAY_APP", { change: (p) => { delete p.accountDetails; } }],
	"no verdict about the device": ["FAILED_INTEGRITY_CHECK", { change: (p) => { p.deviceIntegrity = {}; } }],
	"a verdict that is text": ["FAILED_INTEGRITY_CHECK", { change: (p) => { p.deviceIntegrity.deviceRecognitionVerdict = "MEETS_DEVICE_INTEGRITY"; } }],
	"nothing wrong": ["VERIFIED", {}],
};

describe("Play Integrity", { concurrency: AT_ONCE }, () => {
	for (const [what, [status, { change }, how = () => ({})]] of Object.entries(tokens))
		test(what, async () => {
			const { view } = await register(bank, { make: (session) => playIntegrity(world, change, how())(session) });

			assert.equal(view.attestation.playIntegrityStatus, status);
		});

	test("a token that was good for another session, and one for another device", async () => {
		const phone = await bank.phone();
		const other = await bank.phone();
		let shown;

		const keep = async (session) => { shown = await playIntegrity(world)(session); return shown; };
		assert.equal((await approve(bank, phone, { make: keep })).view.attestation.playIntegrityStatus, "VERIFIED");
		for (const who of [phone, other])
			assert.equal((await approve(bank, who, { make: () => shown })).view.attestation.playIntegrityStatus, "FAILED_INCORRECT_NONCE");
	});

	test("a token that is none", async () => {
		for (const token of ["x", "a.b.c.d.e", b64(random(64)), "....", `${"A".repeat(60_000)}.....`]) {
			const { view } = await register(bank, { make: () => ({ attest: { kind: "playIntegrity", status: "OK", token } }) });

			assert.equal(view.attestation.playIntegrityStatus, invalid);
		}
	});
});
