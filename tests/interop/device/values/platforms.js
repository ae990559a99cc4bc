// What phones and their platforms report: App Attest, Play Integrity, hardware-protected keys, places.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { assertFault } from "../../../support/mobileid.js";
import { must } from "../client.js";
import { APP_ID, playToken } from "../world.js";
import { approve, register, risk, swapHardwareKey, withoutSdk } from "./world.js";

const HOUR_MS = 3600_000;
const WHEN = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

// ---- Play Integrity ----

/** What an app does that asks Google. */
export const playIntegrity = (world, change, how) => async ({ nonce }) =>
	({ kind: "playIntegrity", status: "OK", token: await playToken(world, nonce, change, how) });

const platformSays = (status) => () => ({ status, message: "as the platform put it" });

/** Reported at a registration and at an authentication. */
async function attested(bank, expected, attest, { os, later } = {}) {
	const name = os === "iOS" ? "appAttest" : "playIntegrity";
	const asked = [];
	const seen = (act) => (request) => {
		asked.push([request.type, request.required]);
		return act(request);
	};
	const { phone, view } = await register(bank, { os, attest: seen(attest) });
	const { view: next } = await approve(bank, phone, { attest: seen(later ?? attest) });

	assert.deepEqual(asked, [[name, false], [name, false]]);
	for (const { state, attestation } of [view, next]) {
		assert.equal(state, "COMPLETED");
		assert.equal(attestation[`${name}Status`], expected);
		assert.match(attestation[`${name}Date`], WHEN);
	}
}

const google = (expected, make) => async (world) => attested(await world.reporting(), expected, make(world));
const changed = (expected, change) => google(expected, (world) => playIntegrity(world, change));
const googleClient = (status) => google(status, () => platformSays(status));

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
	FAILED_MISSING_JWS: google("FAILED_MISSING_JWS", () => () => ({ status: "OK" })),
	FAILED_MISSING_STATUS: google("FAILED_MISSING_STATUS", () => () => ({})),
	FAILED_INVALID_TIMESTAMP: changed("FAILED_INVALID_TIMESTAMP", (p) => { p.requestDetails.timestampMillis = String(Date.now() - HOUR_MS); }),
	FAILED_CLIENT_PLAY_SERVICES_OUT_OF_DATE: googleClient("FAILED_CLIENT_PLAY_SERVICES_OUT_OF_DATE"),
};

// ---- App Attest ----

const appleClient = (status) => async (world) => attested(await world.reporting(), status, platformSays(status), { os: "iOS" });

export const appAttestStatus = {
	async VERIFIED(world) {
		const key = world.apple.newKey(APP_ID);

		await attested(await world.reporting(), "VERIFIED", ({ hash }) => key.attestation(Buffer.from(hash, "hex")),
			{ os: "iOS", later: ({ hash }) => key.assertion(Buffer.from(hash, "hex")) });
	},
	FAILED_CLIENT_APPLE_SERVER_UNAVAILABLE: appleClient("FAILED_CLIENT_APPLE_SERVER_UNAVAILABLE"),
	FAILED_CLIENT_NOT_SUPPORTED: appleClient("FAILED_CLIENT_NOT_SUPPORTED"),
	FAILED_CLIENT_UNEXPECTED_ERROR: appleClient("FAILED_CLIENT_UNEXPECTED_ERROR"),
	FAILED_CLIENT_TIMEOUT: appleClient("FAILED_CLIENT_TIMEOUT"),
	async FAILED_VALIDATION_EXCEPTION(world) {
		const key = world.apple.newKey(APP_ID);
		const wrong = { environment: "DEVELOPMENT" };

		await attested(await world.reporting(), "FAILED_VALIDATION_EXCEPTION",
			({ hash }) => key.attestation(Buffer.from(hash, "hex"), wrong), { os: "iOS" });
	},
};

// ---- hardware-protected keys ----

const CLIENT = "hw_key_client_status";
const SERVER = "hw_key_server_result";

/** Of a registration without such a key, for which there is a reason. */
const atRegistration = (status, options) => async (world) => {
	const { view } = await register(await world.reporting(), options);

	assert.equal(view.state, "COMPLETED");
	assert.equal(risk(view, CLIENT), status);
	assert.equal(risk(view, SERVER), undefined);
};

/** And of an authentication: there is a key, and it does not sign. */
const atBoth = (status, trouble) => async (world) => {
	const bank = await world.reporting();

	await atRegistration(status, { hardware: "YES", trouble })(world);
	const { phone } = await register(bank, { hardware: "YES" });
	const { view } = await approve(bank, phone, { trouble });
	assert.deepEqual([view.state, risk(view, CLIENT), risk(view, SERVER)], ["COMPLETED", status, "SIGNATURE_VERIFICATION_FAILED"]);
};

async function hardwareUsed(world, before = () => {}) {
	const bank = await world.reporting();
	const { phone, view: registered } = await register(bank, { hardware: "YES" });

	before(phone);
	const { view } = await approve(bank, phone);
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
	INFO_NO_HARDWARE_SUPPORT: atRegistration("INFO_NO_HARDWARE_SUPPORT", { hardware: "NONE" }),
	INFO_NO_OPERATING_SYSTEM_SUPPORT: atRegistration("INFO_NO_OPERATING_SYSTEM_SUPPORT", { hardware: "OS_TOO_OLD" }),
	async INFO_NOT_ACTIVATED_WITH_HW_KEY(world) {
		const bank = await world.reporting();
		const { view } = await approve(bank, await bank.phone());

		assert.equal(risk(view, CLIENT), "INFO_NOT_ACTIVATED_WITH_HW_KEY");
	},
	ERR_KEY_GENERATION_FAILED: atRegistration("ERR_KEY_GENERATION_FAILED", { hardware: "YES", trouble: { make: "BROKEN" } }),
	ERR_RETRIEVE_PUBLIC_KEY_FAILED: atRegistration("ERR_RETRIEVE_PUBLIC_KEY_FAILED", { hardware: "YES", trouble: { make: "GONE" } }),
	ERR_RETRIEVE_PRIVATE_KEY_REF_FAILED: atBoth("ERR_RETRIEVE_PRIVATE_KEY_REF_FAILED", { sign: "GONE" }),
	ERR_SIGN_OPERATION_FAILED: atBoth("ERR_SIGN_OPERATION_FAILED", { sign: "BROKEN" }),
};

export const hwKeyServerResult = {
	async SIGNATURE_VERIFICATION_SUCCESS(world) {
		const { registered, view } = await hardwareUsed(world);

		for (const seen of [registered, view])
			assert.equal(risk(seen, SERVER), "SIGNATURE_VERIFICATION_SUCCESS");
	},
	async SIGNATURE_VERIFICATION_FAILED(world) {
		const { view } = await hardwareUsed(world, swapHardwareKey);

		assert.deepEqual([view.state, risk(view, CLIENT), risk(view, SERVER)],
			["COMPLETED", "OK_SIGNED_SUCCESS", "SIGNATURE_VERIFICATION_FAILED"]);
	},
	async NOT_ACTIVATED_WITH_HW_KEY(world) {
		const bank = await world.reporting();
		const { view } = await approve(bank, await bank.phone());

		assert.equal(risk(view, SERVER), "NOT_ACTIVATED_WITH_HW_KEY");
	},
	NOT_PROVIDED_BY_CLIENT: withoutSdk("an SDK of before such keys says nothing of them; this one always does", async (world, foreignPhone) => {
		const bank = await world.reporting();
		const phone = Object.assign(foreignPhone(bank), { sdk: "3.7.4" });
		const operation = await bank.startRegistration(await bank.newUser());

		await phone.register(operation.operationProperties.activationCode, { hwKeyClientStatus: undefined });
		const view = await bank.operation(operation, "registrations");
		assert.deepEqual([view.state, risk(view, SERVER), risk(view, CLIENT)], ["COMPLETED", "NOT_PROVIDED_BY_CLIENT", undefined]);
	}),
};

// ---- places ----

const located = (place, expected) => async (world) => {
	const bank = await world.reporting();
	const { phone, view } = await register(bank, { place });
	const { view: later } = await approve(bank, phone, { place });

	for (const { state, geofencing } of [view, later]) {
		assert.equal(state, "COMPLETED");
		assert.deepEqual(geofencing, { clientStatus: place.clientStatus, ...(place.country && { countryCode: place.country }), ...expected });
	}
};
const nowhere = (clientStatus) => located({ clientStatus }, {});

export const clientStatus = {
	OK: located({ clientStatus: "OK", country: "NO" }, { serverBoundaryValidation: "SUCCESS" }),
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
	SUCCESS: located({ clientStatus: "OK", country: "DE" }, { serverBoundaryValidation: "SUCCESS" }),
	FAILURE: located({ clientStatus: "OK", country: "US" }, { serverBoundaryValidation: "FAILURE" }),
};

/** What is in no list is refused: nothing else can ever be reported. */
export const unlisted = withoutSdk("the SDK says nothing that is in no list", async (world, foreignPhone) => {
	const bank = await world.reporting();
	const phone = foreignPhone(bank);

	phone.user = await bank.newUser();
	await phone.register((await bank.startRegistration(phone.user)).operationProperties.activationCode);
	for (const members of [{ geo: { clientStatus: "SOMEWHERE" } }, { hwKeyClientStatus: "OK_MORE_OR_LESS" }]) {
		await bank.startOperation(phone);
		const { session } = must(await phone.start());

		must(await session.pin());
		assertFault(await session.finish("DEVICE_PIN", members), 245);
	}
});
