// What phones and their platforms report: App Attest, Play Integrity, hardware-protected keys, places.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { CompactEncrypt, CompactSign } from "jose";
import { assertFault, assertOk } from "../../../support/mobileid.js";
import { b64 } from "../crypto.js";
import { must } from "../client.js";
import { APP_ID, PACKAGE, approve, register, risk } from "./world.js";

const HOUR_MS = 3600_000;
const WHEN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

// ---- Play Integrity ----

/** A token of Google's, made with npm's jose. `change` alters what it says, `how` its keys and algorithms. */
export async function playToken(world, nonce, change = () => {}, how = {}) {
	const { alg = "A256KW", enc = "A256GCM", key = world.decryption, signer = crypto.createPrivateKey(world.signing.pem) } = how;
	const payload = {
		requestDetails: { requestPackageName: PACKAGE, nonce, timestampMillis: String(Date.now()) },
		appIntegrity: { appRecognitionVerdict: "PLAY_RECOGNIZED", packageName: PACKAGE },
		deviceIntegrity: { deviceRecognitionVerdict: ["MEETS_DEVICE_INTEGRITY", "MEETS_BASIC_INTEGRITY"] },
		accountDetails: { appLicensingVerdict: "LICENSED" },
	};

	change(payload);
	const jws = await new CompactSign(Buffer.from(JSON.stringify(payload))).setProtectedHeader({ alg: how.signAlg ?? "ES256" }).sign(signer);
	return new CompactEncrypt(Buffer.from(jws)).setProtectedHeader({ alg, enc }).encrypt(key);
}

export const playIntegrity = (world, change, how) => async (session) =>
	({ attest: { kind: "playIntegrity", status: "OK", token: await playToken(world, b64(session.binding), change, how) } });

const clientSays = (kind, status) => () => ({ attest: { kind, status, message: "as the platform put it" } });

/** Reported at a registration and at an authentication. */
async function attested(bank, expected, make, options = {}) {
	const name = options.os === "iOS" ? "appAttest" : "playIntegrity";
	const { phone, view } = await register(bank, { ...options, make });
	const { session, view: later } = await approve(bank, phone, { make: options.later ?? make });

	assert.deepEqual([session.start.attest.type, session.start.attest.mode], [name, "OPTIONAL"]);
	for (const { state, attestation } of [view, later]) {
		assert.equal(state, "COMPLETED");
		assert.equal(attestation[`${name}Status`], expected);
		assert.match(attestation[`${name}Date`], WHEN);
	}
}

const google = (expected, make) => async (world) => attested(await world.reporting(), expected, make(world));
const changed = (expected, change) => google(expected, (world) => playIntegrity(world, change));
const googleClient = (status) => google(status, () => clientSays("playIntegrity", status));

export const playIntegrityStatus = {
	VERIFIED: changed("VERIFIED", () => {}),
	FAILED_INTEGRITY_CHECK: changed("FAILED_INTEGRITY_CHECK", (p) => { p.deviceIntegrity.deviceRecognitionVerdict = ["MEETS_BASIC_INTEGRITY"]; }),
	FAILED_UNRECOGNIZED_PLAY_APP: changed("FAILED_UNRECOGNIZED_PLAY_APP",
		(p) => { p.appIntegrity.appRecognitionVerdict = "UNRECOGNIZED_VERSION"; }),
	FAILED_UNLICENSED_PLAY_APP: changed("FAILED_UNLICENSED_PLAY_APP", (p) => { p.accountDetails.appLicensingVerdict = "UNLICENSED"; }),
	FAILED_INCORRECT_PACKAGE_NAME: changed("FAILED_INCORRECT_PACKAGE_NAME", (p) => { p.requestDetails.requestPackageName = "com.example.evil"; }),
	FAILED_INVALID_JWS: google("FAILED_INVALID_JWS", (world) => playIntegrity(world, undefined, { key: crypto.randomBytes(32) })),
	FAILED_CLIENT_API_FAILURE: googleClient("FAILED_CLIENT_API_FAILURE"),
	FAILED_CLIENT_TIMEOUT: googleClient("FAILED_CLIENT_TIMEOUT"),
	FAILED_INCORRECT_NONCE: changed("FAILED_INCORRECT_NONCE", (p) => { p.requestDetails.nonce = "AAAA"; }),
	FAILED_MISSING_JWS: google("FAILED_MISSING_JWS", () => () => ({ attest: { kind: "playIntegrity", status: "OK" } })),
	FAILED_MISSING_STATUS: google("FAILED_MISSING_STATUS", () => () => ({})),
	FAILED_INVALID_TIMESTAMP: changed("FAILED_INVALID_TIMESTAMP", (p) => { p.requestDetails.timestampMillis = String(Date.now() - HOUR_MS); }),
	FAILED_CLIENT_PLAY_SERVICES_OUT_OF_DATE: googleClient("FAILED_CLIENT_PLAY_SERVICES_OUT_OF_DATE"),
};

// ---- App Attest ----

const appleClient = (status) => async (world) => attested(await world.reporting(), status, clientSays("appAttest", status), { os: "iOS" });

export const appAttestStatus = {
	async VERIFIED(world) {
		const key = world.apple.newKey(APP_ID);

		await attested(await world.reporting(), "VERIFIED", (session) => ({ attest: key.attestation(session.binding) }),
			{ os: "iOS", later: (session) => ({ attest: key.assertion(session.binding) }) });
	},
	FAILED_CLIENT_APPLE_SERVER_UNAVAILABLE: appleClient("FAILED_CLIENT_APPLE_SERVER_UNAVAILABLE"),
	FAILED_CLIENT_NOT_SUPPORTED: appleClient("FAILED_CLIENT_NOT_SUPPORTED"),
	FAILED_CLIENT_UNEXPECTED_ERROR: appleClient("FAILED_CLIENT_UNEXPECTED_ERROR"),
	FAILED_CLIENT_TIMEOUT: appleClient("FAILED_CLIENT_TIMEOUT"),
	async FAILED_VALIDATION_EXCEPTION(world) {
		const key = world.apple.newKey(APP_ID);
		const wrong = { environment: "DEVELOPMENT" };

		await attested(await world.reporting(), "FAILED_VALIDATION_EXCEPTION", (session) => ({ attest: key.attestation(session.binding, wrong) }),
			{ os: "iOS" });
	},
};

// ---- hardware-protected keys ----

const CLIENT = "hw_key_client_status";
const SERVER = "hw_key_server_result";
const says = (status) => () => ({ hwKeyClientStatus: status });

/** Of a registration without such a key, whose SDK says why. */
const atRegistration = (status) => async (world) => {
	const { view } = await register(await world.reporting(), { make: says(status) });

	assert.equal(view.state, "COMPLETED");
	assert.equal(risk(view, CLIENT), status);
	assert.equal(risk(view, SERVER), undefined);
};

/** And of an authentication whose SDK could not sign with the key that there is. */
const atBoth = (status) => async (world) => {
	const bank = await world.reporting();

	await atRegistration(status)(world);
	const { phone } = await register(bank, { hardware: true });
	const { view } = await approve(bank, phone, { make: says(status), alter: { sign: (kind, make) => (kind === 2 ? null : make()) } });
	assert.deepEqual([view.state, risk(view, CLIENT), risk(view, SERVER)], ["COMPLETED", status, "SIGNATURE_VERIFICATION_FAILED"]);
};

async function hardwareUsed(world, alter) {
	const bank = await world.reporting();
	const { phone, view: registered } = await register(bank, { hardware: true });
	const { view } = await approve(bank, phone, { alter });

	assert.equal((await bank.device(phone)).deviceDetails.isHardwareKeyProtected, true);
	return { registered, view };
}

export const hwKeyClientStatus = {
	async OK_KEY_PROVIDED(world) {
		const { registered } = await hardwareUsed(world);

		assert.equal(risk(registered, CLIENT), "OK_KEY_PROVIDED");
	},
	async OK_SIGNED_SUCCESS(world) {
		const { view } = await hardwareUsed(world);

		assert.equal(risk(view, CLIENT), "OK_SIGNED_SUCCESS");
	},
	INFO_NO_HARDWARE_SUPPORT: atRegistration("INFO_NO_HARDWARE_SUPPORT"),
	INFO_NO_OPERATING_SYSTEM_SUPPORT: atRegistration("INFO_NO_OPERATING_SYSTEM_SUPPORT"),
	async INFO_NOT_ACTIVATED_WITH_HW_KEY(world) {
		const bank = await world.reporting();
		const { view } = await approve(bank, await bank.phone(), { make: says("INFO_NOT_ACTIVATED_WITH_HW_KEY") });

		assert.equal(risk(view, CLIENT), "INFO_NOT_ACTIVATED_WITH_HW_KEY");
	},
	ERR_KEY_GENERATION_FAILED: atRegistration("ERR_KEY_GENERATION_FAILED"),
	ERR_RETRIEVE_PUBLIC_KEY_FAILED: atRegistration("ERR_RETRIEVE_PUBLIC_KEY_FAILED"),
	ERR_RETRIEVE_PRIVATE_KEY_REF_FAILED: atBoth("ERR_RETRIEVE_PRIVATE_KEY_REF_FAILED"),
	ERR_SIGN_OPERATION_FAILED: atBoth("ERR_SIGN_OPERATION_FAILED"),
};

const flipped = { sign: (kind, make) => {
	const signature = Buffer.from(make());

	signature[40] ^= kind === 2 ? 1 : 0;
	return signature;
} };

export const hwKeyServerResult = {
	async SIGNATURE_VERIFICATION_SUCCESS(world) {
		const { registered, view } = await hardwareUsed(world);

		for (const seen of [registered, view])
			assert.equal(risk(seen, SERVER), "SIGNATURE_VERIFICATION_SUCCESS");
	},
	async SIGNATURE_VERIFICATION_FAILED(world) {
		const { view } = await hardwareUsed(world, flipped);

		assert.deepEqual([view.state, risk(view, SERVER)], ["COMPLETED", "SIGNATURE_VERIFICATION_FAILED"]);
	},
	async NOT_ACTIVATED_WITH_HW_KEY(world) {
		const bank = await world.reporting();
		const { view } = await approve(bank, await bank.phone());

		assert.equal(risk(view, SERVER), "NOT_ACTIVATED_WITH_HW_KEY");
	},
	async NOT_PROVIDED_BY_CLIENT(world) {
		const { view, answer } = await register(await world.reporting(), { sdk: "3.7.4", make: says(undefined) });

		assertOk(answer);
		assert.deepEqual([risk(view, SERVER), risk(view, CLIENT)], ["NOT_PROVIDED_BY_CLIENT", undefined]);
	},
};

// ---- places ----

const place = (geo, expected) => async (world) => {
	const bank = await world.reporting();
	const { phone, view } = await register(bank, { make: () => ({ geo }) });
	const { view: later } = await approve(bank, phone, { make: () => ({ geo }) });

	for (const { state, geofencing } of [view, later]) {
		assert.equal(state, "COMPLETED");
		assert.deepEqual(geofencing, { clientStatus: geo.clientStatus, ...(geo.country && { countryCode: geo.country }), ...expected });
	}
};
const nowhere = (clientStatus) => place({ clientStatus }, {});

export const clientStatus = {
	OK: place({ clientStatus: "OK", country: "NO" }, { serverBoundaryValidation: "SUCCESS" }),
	LOCATION_NOT_ENABLED: nowhere("LOCATION_NOT_ENABLED"),
	LOCATION_TIMEOUT: nowhere("LOCATION_TIMEOUT"),
	LOCATION_MOCKED: nowhere("LOCATION_MOCKED"),
	GEOCODER_NOT_SUPPORTED: nowhere("GEOCODER_NOT_SUPPORTED"),
	GEOCODER_NETWORK_ERROR: nowhere("GEOCODER_NETWORK_ERROR"),
	GEOCODER_UNEXPECTED_ERROR: nowhere("GEOCODER_UNEXPECTED_ERROR"),
	GEOCODER_TIMEOUT: nowhere("GEOCODER_TIMEOUT"),
	GEOCODER_NO_RESULT_FOUND: nowhere("GEOCODER_NO_RESULT_FOUND"),
};

export const serverBoundaryValidation = {
	SUCCESS: place({ clientStatus: "OK", country: "DE" }, { serverBoundaryValidation: "SUCCESS" }),
	FAILURE: place({ clientStatus: "OK", country: "US" }, { serverBoundaryValidation: "FAILURE" }),
};

/** What is in no list is refused: nothing else can ever be reported. */
export async function unlisted(world) {
	const bank = await world.reporting();
	const phone = await bank.phone();

	for (const members of [{ geo: { clientStatus: "SOMEWHERE" } }, { hwKeyClientStatus: "OK_MORE_OR_LESS" }]) {
		await bank.startOperation(phone);
		const { session } = must(await phone.start());

		must(await session.pin());
		assertFault(await session.finish("DEVICE_PIN", members), 245);
	}
}
