// What the rows of the table of values share: one server, a bank for each configuration, and the acts that a row is made of.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { MobileId, DEVICES, PIN } from "../../../support/mobileid.js";
import { PushServices, Subscription, serviceKey } from "../../../support/push_services.js";
import { FakeApple } from "../../../support/app_attest.js";
import { must } from "../client.js";
import { newKey } from "../crypto.js";

export const WRONG_PIN = "9999";
export const PACKAGE = "com.example.app";
export const APP_ID = "TEAM123456.com.example.app";
export const OTHER_KEY = { sign: (kind, make) => (kind === 1 ? make(undefined, newKey()) : make()) };

export class World {
	#banks = new Map();

	static async started() {
		const world = new World();

		world.services = await PushServices.started();
		world.apple = FakeApple.made();
		world.decryption = crypto.randomBytes(32);
		world.signing = serviceKey("ec");
		world.server = await MobileId.started({ args: [...world.services.args, "--app-attest-root", world.apple.rootFile] });
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

	/** A phone that hears pushes at a path of this name, where an intermediate push is required. */
	async pushPhone(path) {
		const bank = await this.bank({ pushEnabled: true, intermediatePushMode: "REQUIRED", intermediatePushTimeout: 20000 });
		const subscription = new Subscription(`${this.services.url}/${path}/1`);
		const phone = bank.newPhone();

		phone.user = await bank.newUser();
		const { operationProperties } = await bank.startRegistration(phone.user);
		const pushToken = JSON.stringify(subscription);
		const { session } = must(await phone.activate(operationProperties.activationCode, { pushToken }));
		const heard = (n) => this.services.nth(path, n).then(({ body }) => subscription.open(body));

		must(await session.newPin(PIN));
		phone.store.pin = PIN;
		must(await session.register({ pushToken, ...await heard(1) }));
		return { bank, phone, heard: () => heard(2) };
	}

	/** An iPhone whose app is attested, where that is required; and an assertion of an earlier session, shown again. */
	async replayedAssertion() {
		const bank = await this.bank({ ...this.apple_app, attestationIosAppAttestMode: "REQUIRED" });
		const key = this.apple.newKey(APP_ID);
		const { phone, answer } = await register(bank, { os: "iOS", make: (session) => ({ attest: key.attestation(session.binding) }) });
		let shown;

		must(answer);
		const good = await approve(bank, phone, { make: (session) => ({ attest: shown = key.assertion(session.binding) }) });
		must(good.answer);
		return { bank, phone, replayed: await approve(bank, phone, { make: () => ({ attest: shown }) }) };
	}
}

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

/** A phone with a recovery: { phone, backup }. */
export async function recoverable(bank, code = "314159") {
	const phone = await bank.phone();

	await phoneWithTokens(bank, phone);
	await phone.addRecovery(code);
	return { phone, backup: phone.store.backup, code };
}

/** An authentication whose finish hands out the tokens for a recovery. */
export async function phoneWithTokens(bank, phone) {
	const { answer } = await approve(bank, phone, { make: () => ({ tokenPurposes: ["addOrUpdateRecovery", "deleteRecovery"] }) });

	return must(answer);
}

export const risk = (view, name) => view.riskAttributes?.find((one) => one.name === name)?.value;

/** What the lists say of the newest transaction of a phone, or of its newest of this type. */
export async function newest(bank, phone, type) {
	const { body } = await bank.rest("GET", `${DEVICES}/${phone.store.reg}/transactions?userId=${phone.user.id}&limit=20`);

	return body.transactions.find(({ operationType }) => !type || operationType === type);
}

export async function recoveryView(bank, transactionId) {
	const { status, body } = await bank.rest("GET", `${DEVICES}/recoveries/${transactionId}`);

	assert.equal(status, 200, JSON.stringify(body));
	return body;
}

export const recoveryLock = (bank, phone, recoveryLock) =>
	bank.rest("PUT", `${DEVICES}/${phone.store.reg}/recovery-lock?userId=${phone.user.id}`, { recoveryLock });

/** The operation failed with this code, says the API, once its list and its event say so too. */
export async function failedWith(bank, operation, errorCode, kind = "authentications") {
	const view = await bank.operation(operation, kind);

	assert.deepEqual([view.state, view.errorCode], ["FAILED", errorCode]);
	assert.match(view.errorDescription, /^[A-Z].*\.$/);
	await bank.until(() => bank.events(`device.${kind.slice(0, -1)}.completed`, operation), (events) => events.length === 1);
	return view;
}

export async function lockedFor(bank, phone, reason) {
	const { state, deviceDetails } = await bank.device(phone);

	assert.deepEqual([state, deviceDetails.lockReason], ["LOCKED", reason]);
}
