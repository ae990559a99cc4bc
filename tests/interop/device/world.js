// One server with an account for each configuration, and fake platforms that vouch for phones; the acts of phones with the tests' own
// client of the protocol.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { CompactEncrypt, CompactSign } from "jose";
import { FakeApple } from "../../support/app_attest.js";
import { MobileId, PIN } from "../../support/mobileid.js";
import { PushServices, serviceKey } from "../../support/push_services.js";
import { must } from "./client.js";
import { b64, newKey } from "./crypto.js";

export const WRONG_PIN = "9999";
export const PACKAGE = "com.example.app";
export const APP_ID = "TEAM123456.com.example.app";

export class World {
	#banks = new Map();

	/** What its accounts are. */
	get accounts() {
		return MobileId;
	}

	static async started() {
		const world = new this();

		world.services = await PushServices.started();
		world.apple = FakeApple.made();
		world.decryption = crypto.randomBytes(32);
		world.signing = serviceKey("ec");
		world.server = await world.accounts.started({ args: [...world.services.args, "--app-attest-root", world.apple.rootFile] });
		return world;
	}

	async close() {
		await this.server?.remove();
		await this.services?.close();
		this.apple?.remove();
	}

	/** An account whose application is configured so; made once for each configuration. */
	bank(config = {}) {
		const key = JSON.stringify(config);

		if (!this.#banks.has(key))
			this.#banks.set(key, this.#open(config, `Bank ${this.#banks.size}`));
		return this.#banks.get(key);
	}

	async #open(config, name) {
		const bank = await this.server.otherAccount(name, "all");
		const where = `/mobileid/admin/accounts/${bank.app.accountId}`;
		const reply = await bank.rest("PATCH", `${where}/application-configurations/${bank.app.applicationId}`, config);

		assert.equal(reply.status, 200, JSON.stringify(reply.body));
		if (config.pushEnabled)
			assert.equal((await bank.rest("PUT", `${where}/push-configurations/WEBPUSH`, { subject: "mailto:push@example.com" })).status, 200);
		return bank;
	}

	// Configurations that several rows share.

	get apple_app() {
		return { attestationIosAppAttestAppId: APP_ID };
	}

	get play_app() {
		return {
			attestationAndroidPlayIntegrityDecryptionKey: this.decryption.toString("base64"),
			attestationAndroidPlayIntegrityVerificationKey: this.signing.publicKey.export({ type: "spki", format: "der" }).toString("base64"),
			attestationAndroidPlayIntegrityPackageName: PACKAGE,
		};
	}

	/** Everything is reported and nothing required. */
	reporting() {
		return this.bank({
			...this.apple_app, attestationIosAppAttestMode: "OPTIONAL", ...this.play_app, attestationAndroidPlayIntegrityMode: "OPTIONAL",
			geofencingActivationMode: "OPTIONAL", geofencingAuthenticationMode: "OPTIONAL", geofencingAllowedContinents: "EU",
			hwKeyValidationStrategy: "RISK_PARAMS", riskAttributes: "hwKeyClientStatus, hwKeyServerResult",
		});
	}

	recovering() {
		return this.bank({ recoveryEnabled: true });
	}

	/** Where faces are matched by the server. */
	facing() {
		return this.bank({ recoveryEnabled: true, serverSideFaceEnabled: true, faceProvider: "MOCK",
			allowedAuthMethods: "DEVICE, DEVICE:PIN, DEVICE:SERVER_SIDE_FACE" });
	}
}

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

/**
 * A registration as a phone carries it out: { phone, operation, session, answer, view }. `make(session)` gives further members of the
 * finish; `hardware`: with a hardware-protected key.
 */
export async function register(bank, { hardware, methods, pin = PIN, user, make = () => ({}), alter, phone, mode, device, authLevel, ...options } = {}) {
	const who = phone ?? bank.newPhone(options);

	who.user ??= user ?? await bank.newUser();
	if (hardware)
		who.store.hk = newKey();
	const operation = await bank.startRegistration(who.user, {
		authLevel: authLevel ?? (pin === null ? "ONE_FACTOR" : "TWO_FACTOR"), registrationMode: mode, device,
	});
	const { session } = must(await who.activate(operation.operationProperties.activationCode));

	if (pin !== null)
		must(await session.newPin(pin));
	who.store.pin = pin;
	const answer = await session.register({ methods, ...await make(session) }, alter);
	return { phone: who, operation, session, answer, view: await bank.operation(operation, "registrations") };
}

/** An authentication or signature: { operation, session, answer, view }. `m` is the method, `make(session)` further members. */
export async function approve(bank, phone, { m = "DEVICE_PIN", kind, pin, make = () => ({}), alter, ...properties } = {}) {
	const operation = await bank.startOperation(phone, { kind, ...properties });
	const { session } = must(await phone.start());
	const members = await make(session);

	if (m === "DEVICE_PIN")
		must(await session.pin(pin));
	const answer = await session.finish(m, members, alter);
	return { operation, session, answer, view: await bank.operation(operation, kind) };
}
