// What the rows of the table of values share: the acts that a row is made of. Their phones are apps on the project's SDK.
import assert from "node:assert/strict";
import { MobileId, DEVICES, PIN } from "../../../support/mobileid.js";
import { Subscription } from "../../../support/push_services.js";
import { SdkLines } from "../../../support/sdk_lines.js";
import { SdkPhone, must } from "../../../support/sdk_phone.js";
import { Phone } from "../client.js";
import { newKey, publicKey } from "../crypto.js";
import { APP_ID, WRONG_PIN, World } from "../world.js";

export const LIMIT = 3; // failures until a lock

/** What the SDK says by itself (sdk/reuseid_device_types.h). */
export const NOT_ALLOWED = 129;
export const WRONG_CODE = 130;

/** As a service provider has it; with phones on the SDK. */
class Bank extends MobileId {
	newPhone(options) {
		return new SdkPhone(this.lines, this.app, { address: this.newAddress(), ...options });
	}
}

export class SdkWorld extends World {
	static async started() {
		return Object.assign(await super.started(), { lines: new SdkLines() });
	}

	get accounts() {
		return Bank;
	}

	async bank(config) {
		return Object.assign(await super.bank(config), { lines: this.lines });
	}

	async close() {
		const status = await this.lines.close();

		await super.close();
		assert.equal(status, 0, "the SDK's program ended badly");
	}

	/** A phone that hears pushes at a path of this name, where an intermediate push is required: { bank, phone }. */
	async pushPhone(path) {
		const bank = await this.bank({ pushEnabled: true, intermediatePushMode: "REQUIRED", intermediatePushTimeout: 20000 });
		const subscription = new Subscription(`${this.services.url}/${path}/1`);
		const phone = bank.newPhone({ pushToken: JSON.stringify(subscription) });
		let heard = 0;

		phone.hear = async () => subscription.open((await this.services.nth(path, ++heard)).body).pushNonce;
		must((await register(bank, { phone })).answer);
		return { bank, phone };
	}

	/** An iPhone whose app is attested, where that is required; and an assertion of an earlier session, shown again. */
	async replayedAssertion() {
		const bank = await this.bank({ ...this.apple_app, attestationIosAppAttestMode: "REQUIRED" });
		const key = this.apple.newKey(APP_ID);
		const { phone, answer } = await register(bank, { os: "iOS", attest: ({ hash }) => key.attestation(Buffer.from(hash, "hex")) });
		let shown;

		must(answer);
		const good = await approve(bank, phone, { attest: ({ hash }) => (shown = key.assertion(Buffer.from(hash, "hex"))) });
		must(good.answer);
		return { bank, phone, replayed: await approve(bank, phone, { attest: () => shown }) };
	}
}

/** What the app does, and says before the finish. */
async function prepared(phone, { attest, place, face, riskData = {}, tokens }) {
	Object.assign(phone, attest && { attest }, place && { place });
	if (face)
		await phone.showFace(face);
	if (tokens)
		await phone.wantTokens();
	for (const [name, value] of Object.entries(riskData))
		await phone.tellRisk(name, value);
}

/**
 * A registration as an app carries it out: { phone, operation, started, answer, view }. `trouble`: the hardware's; `attest`, `place`, `face`,
 * `riskData`: what the app tells at its end; `tokens`: asks for them; further options are the phone's.
 */
export async function register(bank, { phone, methods, pin = PIN, user, mode, device, authLevel, trouble = {}, attest, place, face, riskData, tokens,
	...options } = {}) {
	const who = phone ?? bank.newPhone(options);
	const enrolled = methods ?? (pin === null ? ["DEVICE"] : ["DEVICE_PIN"]);

	who.user ??= user ?? await bank.newUser();
	who.trouble = trouble;
	const operation = await bank.startRegistration(who.user, {
		authLevel: authLevel ?? (pin === null ? "ONE_FACTOR" : "TWO_FACTOR"), registrationMode: mode, device,
	});
	const started = must(await who.activate(operation.operationProperties.activationCode));

	await prepared(who, { attest, place, face, riskData, tokens });
	const answer = await who.enrol({ methods: enrolled, pin });
	return { phone: who, operation, started, answer, view: await bank.operation(operation, "registrations") };
}

/** An operation, and the phone's start of it: { phone, operation, started }. */
export async function started(bank, { phone, ...properties } = {}) {
	const who = phone ?? await bank.phone();
	const operation = await bank.startOperation(who, properties);

	return { phone: who, operation, started: must(await who.start()) };
}

/** An authentication or signature: { operation, started, answer, view }. `m` is the method; the rest as with register(). */
export async function approve(bank, phone, { m = "DEVICE_PIN", kind, pin, trouble = {}, attest, place, face, riskData, tokens,
	...properties } = {}) {
	const { operation, started: shown } = await started(bank, { phone, kind, ...properties });

	phone.trouble = trouble;
	await prepared(phone, { attest, place, face, riskData, tokens });
	const answer = await phone.finish(m, pin);
	return { operation, started: shown, answer, view: await bank.operation(operation, kind) };
}

/** A phone with a recovery: { phone, code }. */
export async function recoverable(bank, code = "314159") {
	const phone = await bank.phone();

	await phoneWithTokens(bank, phone);
	await phone.addRecovery(code);
	return { phone, code };
}

/** An authentication whose finish hands out the tokens for a recovery. */
export async function phoneWithTokens(bank, phone) {
	must((await approve(bank, phone, { tokens: true })).answer);
}

/** A new phone, with the cloud of the old one. */
export function successorOf(bank, old, cloud = old.cloud) {
	return Object.assign(bank.newPhone({ cloud }), { user: old.user });
}

/** As many wrong PINs as lock, after `before` failures that were counted already. */
export async function wrongPins(phone, before = 0) {
	for (let i = before + 1; i < LIMIT; i++)
		assertFailed(await phone.finish("DEVICE_PIN", WRONG_PIN), 214, { recoverable: true, remaining: LIMIT - i });
	assertFailed(await phone.finish("DEVICE_PIN", WRONG_PIN), 226);
}

/** What is in the phone's storage before it is used once more, on another phone: the ticket that the copy shows is an old one. */
export async function copied(bank) {
	const phone = await bank.phone();
	const copy = phone.copy();

	must((await approve(bank, phone)).answer);
	must((await approve(bank, phone)).answer);
	return { phone, copy };
}

/** The phone's storage is altered, and its key store: another key is where the hardware's was. What it signs looks good on the phone. */
export function swapHardwareKey(phone) {
	const handle = [...phone.keys.keys()].find((name) => name.includes(".hk."));
	const other = newKey();

	phone.keys.set(handle, other);
	phone.alterRecord("hardwareKey", publicKey(other));
}

/** A row for which the SDK is of no use, and why. It gets a maker of phones with the tests' own client of the protocol. */
export const withoutSdk = (reason, row) => Object.assign(
	(world) => row(world, (bank) => new Phone(bank.app, { address: bank.newAddress() })), { reason });

/** The call failed with this number. remaining: attempts until the lock, where they are told. */
export function assertFailed(step, number, { recoverable = false, remaining = -1 } = {}) {
	assert.deepEqual([step.kind, step.number, step.recoverable, step.remaining], ["FAILED", number, recoverable, remaining], JSON.stringify(step));
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
