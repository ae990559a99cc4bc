// What is believed of a phone besides its keys, from end to end: Play Integrity tokens made with npm's jose, App Attest as far as no
// iPhone is needed, the nonce of the intermediate push, places of single devices.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { CompactEncrypt, CompactSign } from "jose";
import { call } from "../../support/api.js";
import { DEVICES, MobileId } from "../../support/mobileid.js";
import { PushServices, Subscription, serviceKey } from "../../support/push_services.js";
import { b64, bytes, label, publicKey, sha256 } from "./crypto.js";

const PACKAGE = "com.example.app";
const decryption = crypto.randomBytes(32);
const signing = serviceKey("ec");
const PLAY = {
	attestationAndroidPlayIntegrityDecryptionKey: decryption.toString("base64"),
	attestationAndroidPlayIntegrityVerificationKey: signing.publicKey.export({ type: "spki", format: "der" }).toString("base64"),
	attestationAndroidPlayIntegrityPackageName: PACKAGE,
};
const APPLE = { attestationIosAppAttestAppId: "TEAM123456.com.example.app" };
let services, all;
const phones = {};

before(async () => {
	services = await PushServices.started();
	all = await MobileId.started({ args: services.args, config: {} });
	for (const name of ["reported", "good", "wrongNonce", "otherDevice", "silent", "failing", "web", "nonce", "late", "wrongPush", "deaf", "place", "evidence"])
		phones[name] = await all.phone(name === "web" ? { os: "Web" } : {});
	for (const name of ["apple", "appleSilent", "appleGarbage"])
		phones[name] = await all.phone({ os: "iOS" });
});
after(async () => {
	await all?.remove();
	await services?.close();
});

/** What the platform has to vouch for: this session and these keys. */
const binding = (session, phone) =>
	sha256(bytes(label("rid-device/v1 attest"), session.th, publicKey(phone.store.dk), Buffer.alloc(33)));

async function playToken(nonce, change = () => {}) {
	const payload = {
		requestDetails: { requestPackageName: PACKAGE, nonce, timestampMillis: String(Date.now()) },
		appIntegrity: { appRecognitionVerdict: "PLAY_RECOGNIZED", packageName: PACKAGE },
		deviceIntegrity: { deviceRecognitionVerdict: ["MEETS_DEVICE_INTEGRITY", "MEETS_BASIC_INTEGRITY"] },
		accountDetails: { appLicensingVerdict: "LICENSED" },
	};

	change(payload);
	const jws = await new CompactSign(Buffer.from(JSON.stringify(payload))).setProtectedHeader({ alg: "ES256" })
		.sign(crypto.createPrivateKey(signing.pem));
	return new CompactEncrypt(Buffer.from(jws)).setProtectedHeader({ alg: "A256KW", enc: "A256GCM" }).encrypt(decryption);
}

/** Starts, proves the PIN, finishes with what `make` says. */
async function approve(phone, make) {
	const { operation, session } = await all.session({}, phone);
	const members = await make(session);

	assert.ok((await session.pin()).ok);
	return { operation, session, answer: await session.finish("DEVICE_PIN", members) };
}

const play = (phone, change) => async (session) =>
	({ attest: { kind: "playIntegrity", status: "OK", token: await playToken(b64(binding(session, phone)), change) } });

async function locked(phone) {
	const device = await all.device(phone);

	return `${device.state} ${device.deviceDetails.lockReason}`;
}

test("Play Integrity, reported: each status of the server and of the client", async () => {
	const rows = [
		["VERIFIED", () => {}],
		["FAILED_INCORRECT_NONCE", (p) => { p.requestDetails.nonce = "AAAA"; }],
		["FAILED_INVALID_TIMESTAMP", (p) => { p.requestDetails.timestampMillis = String(Date.now() - 3_600_000); }],
		["FAILED_INCORRECT_PACKAGE_NAME", (p) => { p.requestDetails.requestPackageName = "com.example.evil"; }],
		["FAILED_UNRECOGNIZED_PLAY_APP", (p) => { p.appIntegrity.appRecognitionVerdict = "UNRECOGNIZED_VERSION"; }],
		["FAILED_UNLICENSED_PLAY_APP", (p) => { p.accountDetails.appLicensingVerdict = "UNLICENSED"; }],
		["FAILED_INTEGRITY_CHECK", (p) => { p.deviceIntegrity.deviceRecognitionVerdict = ["MEETS_BASIC_INTEGRITY"]; }],
	].map(([status, change]) => [status, play(phones.reported, change)]);

	rows.push(
		["FAILED_INVALID_JWS", async (session) => ({ attest: { kind: "playIntegrity", status: "OK",
			token: (await playToken(b64(binding(session, phones.reported)))).replace(/.$/, (c) => (c === "A" ? "B" : "A")) } })],
		["FAILED_MISSING_JWS", () => ({ attest: { kind: "playIntegrity", status: "OK" } })],
		["FAILED_MISSING_STATUS", () => ({})],
		["FAILED_MISSING_STATUS", () => ({ attest: { kind: "playIntegrity", status: "VERIFIED" } })], // not the client's to claim
		["FAILED_CLIENT_API_FAILURE", () => ({ attest: { kind: "playIntegrity", status: "FAILED_CLIENT_API_FAILURE", message: "-8" } })],
		["FAILED_CLIENT_TIMEOUT", () => ({ attest: { kind: "playIntegrity", status: "FAILED_CLIENT_TIMEOUT" } })],
		["FAILED_CLIENT_PLAY_SERVICES_OUT_OF_DATE", () => ({ attest: { kind: "playIntegrity", status: "FAILED_CLIENT_PLAY_SERVICES_OUT_OF_DATE" } })]);
	await all.configure({ ...PLAY, attestationAndroidPlayIntegrityMode: "OPTIONAL" });
	for (const [status, make] of rows) {
		const { operation, session, answer } = await approve(phones.reported, make);

		assert.deepEqual([session.start.attest.type, session.start.attest.mode], ["playIntegrity", "OPTIONAL"]);
		assert.ok(answer.ok, `${status}: ${answer.json}`);
		const { state, attestation } = await all.operation(operation);
		assert.equal(state, "COMPLETED");
		assert.equal(attestation.playIntegrityStatus, status);
		assert.match(attestation.playIntegrityDate, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
	}
});

test("Play Integrity, required: verified goes on; a token of something else locks; none locks nothing", async () => {
	await all.configure({ ...PLAY, attestationAndroidPlayIntegrityMode: "REQUIRED" });
	const good = await approve(phones.good, play(phones.good));
	assert.ok(good.answer.ok, good.answer.json);

	const wrong = await approve(phones.wrongNonce, play(phones.wrongNonce, (p) => { p.requestDetails.nonce = "AAAA"; }));
	assert.deepEqual([wrong.answer.code, wrong.answer.is.err.recoverable], [214, false]);
	assert.equal((await all.operation(wrong.operation)).errorCode, "LOCKED_PLAYINTEGRITY_VERIFICATION_FAILED");
	assert.equal(await locked(phones.wrongNonce), "LOCKED PLAYINTEGRITY_VERIFICATION_FAILED");

	// A good token, of another device's session.
	const other = await approve(phones.otherDevice, play(phones.good));
	assert.equal((await all.operation(other.operation)).attestation.playIntegrityStatus, "FAILED_INCORRECT_NONCE");
	assert.equal(await locked(phones.otherDevice), "LOCKED PLAYINTEGRITY_VERIFICATION_FAILED");

	for (const [phone, attest] of [[phones.silent, undefined], [phones.failing, { kind: "playIntegrity", status: "FAILED_CLIENT_TIMEOUT" }]]) {
		const { operation, answer } = await approve(phone, () => ({ attest }));

		assert.equal(answer.code, 214);
		assert.equal((await all.operation(operation)).errorCode, "CALLBACK_PROCESSING_ERROR");
		assert.equal(await locked(phone), "ACTIVE OPEN");
	}
	// Nobody gets around it by calling himself a browser.
	const web = await approve(phones.web, () => ({}));
	assert.equal(web.answer.code, 214);
	assert.equal((await all.operation(web.operation)).errorCode, "CALLBACK_PROCESSING_ERROR");
});

test("the evidence of a signature proves what the store said of the app", async () => {
	const phone = phones.evidence, file = (name, text) => {
		fs.writeFileSync(path.join(all.server.scratch, name), text);
		return path.join(all.server.scratch, name);
	};

	await all.configure({ ...PLAY, attestationAndroidPlayIntegrityMode: "REQUIRED" });
	const { operation, session } = await all.session({ kind: "signatures", preOperationContext: { title: "T", mimeType: "text/plain", content: "c" } }, phone);

	// Verified in a try that fails for another reason: the one that succeeds leaves it out.
	const members = await play(phone)(session);

	assert.ok((await session.pin("0000")).ok);
	assert.equal((await session.finish("DEVICE_PIN", members)).is.err.recoverable, true);
	assert.ok((await session.pin()).ok);
	assert.ok((await session.finish()).ok);
	const bundle = await fetch(`${all.server.baseUrl}${DEVICES}/signatures/${operation.transactionId}/evidence`,
		{ headers: { authorization: `Bearer ${all.token}` } }).then((reply) => reply.text());
	const { body: keys } = await call(all.server, null, "GET", "/auth/open/.well-known/openid-configuration/jwks");
	const { stdout } = await promisify(execFile)(all.server.binary, ["consent", "verify", file("bundle.json", bundle), "--keys",
		file("keys.json", JSON.stringify(keys)), "--json"]);

	assert.deepEqual([JSON.parse(stdout).good, JSON.parse(stdout).attestation], [true, "playIntegrity"]);
	assert.ok(!bundle.includes(PLAY.attestationAndroidPlayIntegrityDecryptionKey), "the key that opens tokens stays here");
});

test("a failed attestation does not tell whether the PIN was right", async () => {
	const seen = [];

	await all.configure({ ...PLAY, attestationAndroidPlayIntegrityMode: "REQUIRED" });
	for (const pin of ["1357", "0000"]) {
		const { session } = await all.session({}, phones.failing);

		assert.ok((await session.pin(pin)).ok);
		const answer = await session.finish("DEVICE_PIN", { attest: { kind: "playIntegrity", status: "FAILED_CLIENT_TIMEOUT" } });
		seen.push([answer.code, answer.json.length, answer.is.err.remaining, answer.is.err.recoverable]);
	}
	assert.deepEqual(seen[0], seen[1]);
});

test("App Attest: what is no attestation is reported, or locks; nothing at all is cancelled", async () => {
	const object = { kind: "attestation", keyId: crypto.randomBytes(32).toString("base64"), object: b64(crypto.randomBytes(64)) };

	await all.configure({ ...APPLE, attestationIosAppAttestMode: "OPTIONAL" });
	for (const [status, attest] of [
		["FAILED_VALIDATION_EXCEPTION", object],
		["FAILED_VALIDATION_EXCEPTION", { kind: "assertion", keyId: object.keyId, object: object.object }], // no key was ever attested
		["FAILED_VALIDATION_EXCEPTION", { kind: "appAttest", status: "VERIFIED" }],
		["FAILED_CLIENT_APPLE_SERVER_UNAVAILABLE", { kind: "appAttest", status: "FAILED_CLIENT_APPLE_SERVER_UNAVAILABLE" }],
		["FAILED_CLIENT_NOT_SUPPORTED", { kind: "appAttest", status: "FAILED_CLIENT_NOT_SUPPORTED" }],
		["FAILED_CLIENT_UNEXPECTED_ERROR", { kind: "appAttest", status: "FAILED_CLIENT_UNEXPECTED_ERROR", message: "x" }],
		["FAILED_CLIENT_TIMEOUT", { kind: "appAttest", status: "FAILED_CLIENT_TIMEOUT" }],
	]) {
		const { operation, session, answer } = await approve(phones.apple, () => ({ attest }));

		assert.equal(session.start.attest.type, "appAttest");
		assert.ok(answer.ok, `${status}: ${answer.json}`);
		assert.equal((await all.operation(operation)).attestation.appAttestStatus, status);
	}
	await all.configure({ ...APPLE, attestationIosAppAttestMode: "REQUIRED" });
	const silent = await approve(phones.appleSilent, () => ({}));
	assert.equal((await all.operation(silent.operation)).errorCode, "CANCELLED_APPATTEST_REQUIRED");
	assert.equal(await locked(phones.appleSilent), "ACTIVE OPEN");
	const garbage = await approve(phones.appleGarbage, () => ({ attest: object }));
	assert.equal((await all.operation(garbage.operation)).errorCode, "LOCKED_APPATTEST_VERIFICATION_FAILED");
	assert.equal(await locked(phones.appleGarbage), "LOCKED APPATTEST_VERIFICATION_FAILED");
});

test("intermediate push: the nonce comes over the push service, and only it opens the way", async () => {
	const subscriptions = {};

	await all.configure({ pushEnabled: true, intermediatePushMode: "REQUIRED" });
	const where = `/mobileid/admin/accounts/${all.server.bootstrap.accountId}/push-configurations/WEBPUSH`;
	assert.equal((await call(all.server, all.token, "PUT", where, { subject: "mailto:push@example.com" })).status, 200);
	for (const name of ["nonce", "late", "wrongPush"]) {
		subscriptions[name] = new Subscription(`${services.url}/${name}/1`);
		const answer = await phones[name].say("push.update", { pushToken: JSON.stringify(subscriptions[name]) }, phones[name].device);
		assert.ok(answer.ok, answer.json);
	}
	const good = await approve(phones.nonce, async () => {
		const opened = subscriptions.nonce.open((await services.nth("nonce")).body);

		assert.deepEqual(Object.keys(opened), ["pushNonce"]);
		return opened;
	});
	assert.ok(good.answer.ok, good.answer.json);

	const late = await approve(phones.late, () => ({}));
	assert.equal(late.answer.code, 247);
	assert.equal((await all.operation(late.operation)).errorCode, "CANCELLED_INTERMEDIATE_PUSH_REQUIRED");
	assert.equal(await locked(phones.late), "ACTIVE OPEN");

	const wrong = await approve(phones.wrongPush, () => ({ pushNonce: b64(crypto.randomBytes(16)) }));
	assert.equal(wrong.answer.code, 210);
	assert.equal((await all.operation(wrong.operation)).errorCode, "LOCKED_INTERMEDIATE_PUSH_VERIFICATION_FAILED");
	assert.equal(await locked(phones.wrongPush), "LOCKED DEVICE_VERIFICATION_FAILED");

	const operation = await all.startOperation(phones.deaf);
	assert.equal((await phones.deaf.start()).code, 248);
	assert.equal((await all.operation(operation)).errorCode, "CANCELLED_INTERMEDIATE_PUSH_REQUIRED");
	assert.equal(await locked(phones.deaf), "ACTIVE OPEN");
});

test("a device's own region takes the place of the application's", async () => {
	const where = `${DEVICES}/${phones.place.store.reg}/geofencing?userId=${phones.place.user.id}`;
	const from = (country) => () => ({ geo: { clientStatus: "OK", country } });

	await all.configure({ geofencingAuthenticationMode: "REQUIRED", geofencingAllowedCountries: "US" });
	assert.equal((await all.rest("GET", where)).body.code, "geofencing_configuration_does_not_exist");
	assert.equal((await approve(phones.place, from("NO"))).answer.code, 214);
	const own = await all.rest("PUT", where, { mode: "required", allowedContinents: "EU", deniedCountries: "BY" });
	assert.deepEqual(own.body, { mode: "REQUIRED", allowedContinents: "EU", allowedCountries: "", deniedCountries: "BY" });
	assert.deepEqual((await all.rest("GET", where)).body, own.body);
	assert.ok((await approve(phones.place, from("NO"))).answer.ok);
	assert.equal((await approve(phones.place, from("US"))).answer.code, 214);
	assert.equal((await approve(phones.place, from("BY"))).answer.code, 214);
	assert.equal((await all.rest("PUT", where, { mode: "OFF" })).body.mode, "DISABLED");
	assert.ok((await approve(phones.place, from("KP"))).answer.ok);
	for (const bad of [{ mode: "SOMETIMES" }, { allowedContinents: "XX" }, { allowedCountries: "DEU" }, { deniedCountries: "D;E" }])
		assert.equal((await all.rest("PUT", where, bad)).status, 400, JSON.stringify(bad));
	assert.equal((await all.rest("DELETE", where)).status, 204);
	assert.equal((await all.rest("DELETE", where)).status, 404);
	assert.ok((await approve(phones.place, from("US"))).answer.ok);
});
