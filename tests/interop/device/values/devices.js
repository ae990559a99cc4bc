// Methods, levels, modes, states, types, reasons of locks, recoveries, risk attributes.
import assert from "node:assert/strict";
import { METHODS, must } from "../../../support/sdk_phone.js";
import { b64, random } from "../crypto.js";
import { playIntegrity } from "./platforms.js";
import { LIMIT, NOT_ALLOWED, WRONG_CODE, approve, assertFailed, copied, lockedFor, newest, phoneWithTokens, recoverable, recoveryLock, recoveryView,
	register, risk, started, successorOf, swapHardwareKey, wrongPins } from "./world.js";

const NEW_PIN = "97531";
const FACE = "DEVICE_SERVER_SIDE_FACE";
const BY_FACE = "CLOUD_BACKUP_SERVER_SIDE_FACE";
const ANNA = Buffer.from("live:Anna"); // as the provider of sandboxes knows people
const BERTA = Buffer.from("live:Berta");
const PIN_AND_FACE = ["DEVICE_PIN", FACE];

// ---- methods, levels, modes ----

const approvedBy = (m, options = {}) => async (world) => {
	const bank = await world.bank();
	const { phone } = await register(bank, { methods: [...new Set(["DEVICE", "DEVICE_PIN", m])] });
	const { view } = await approve(bank, phone, { m, ...options });

	assert.equal(view.state, "COMPLETED");
	assert.deepEqual([view.operationProperties.authMethod, view.operationProperties.authLevel], [m, options.authLevel ?? "TWO_FACTOR"]);
};

export const authMethod = {
	DEVICE: approvedBy("DEVICE", { authLevel: "ONE_FACTOR" }),
	DEVICE_PIN: approvedBy("DEVICE_PIN"),
	DEVICE_IOS_FACE_ID: approvedBy("DEVICE_IOS_FACE_ID"),
	DEVICE_STRONG_TOUCH_ID: approvedBy("DEVICE_STRONG_TOUCH_ID"),
	DEVICE_ANDROID_BIOMETRIC_PROMPT: approvedBy("DEVICE_ANDROID_BIOMETRIC_PROMPT", { kind: "signatures" }),
	async DEVICE_SERVER_SIDE_FACE(world) {
		const bank = await world.facing();
		const { phone } = await register(bank, { methods: PIN_AND_FACE, face: ANNA });
		const { view } = await approve(bank, phone, { m: FACE, face: ANNA });

		assert.deepEqual([view.state, view.operationProperties.authMethod, view.operationProperties.authLevel], ["COMPLETED", FACE, "TWO_FACTOR"]);
		const { answer } = await approve(bank, phone, { m: FACE, face: BERTA });
		assertFailed(answer, 214, { recoverable: true, remaining: LIMIT - 1 });
		assertFailed((await register(await world.bank(), { methods: PIN_AND_FACE, face: ANNA })).answer, NOT_ALLOWED, { recoverable: true });
	},
};

const registeredAt = (authLevel, pin) => async (world) => {
	const bank = await world.bank();
	const { started: shown, view, phone } = await register(bank, { authLevel, pin });

	assert.equal(shown.twoFactor, authLevel === "TWO_FACTOR" ? 1 : 0);
	assert.deepEqual([view.state, view.operationProperties.authLevel], ["COMPLETED", authLevel]);
	const { view: later } = await approve(bank, phone, { authLevel, m: pin === null ? "DEVICE" : "DEVICE_PIN" });
	assert.equal(later.operationProperties.authLevel, authLevel);
};

export const authLevel = { ONE_FACTOR: registeredAt("ONE_FACTOR", null), TWO_FACTOR: registeredAt("TWO_FACTOR") };

async function registeredAgain(world) {
	const bank = await world.bank();
	const { phone, view: first, started: fresh } = await register(bank);
	const { reg } = phone.store;
	const { view, started: again } = await register(bank, { phone, mode: "RE_REGISTRATION", device: { id: reg } });

	assert.deepEqual([fresh.reRegistration, again.reRegistration, phone.store.reg], [0, 1, reg]);
	return { bank, first, phone, view };
}

export const registrationMode = {
	async REGISTRATION(world) {
		const { first } = await registeredAgain(world);

		assert.equal(first.operationProperties.registrationMode, "REGISTRATION");
	},
	async RE_REGISTRATION(world) {
		const { view } = await registeredAgain(world);

		assert.deepEqual([view.state, view.operationProperties.registrationMode], ["COMPLETED", "RE_REGISTRATION"]);
	},
};

// ---- states ----

export const deviceState = {
	async ACTIVE(world) {
		const bank = await world.bank();

		assert.equal((await bank.device(await bank.phone())).state, "ACTIVE");
	},
	async LOCKED(world) {
		const bank = await world.bank();
		const phone = await bank.phone();

		await bank.changeDevice(phone, { state: "LOCKED" });
		assert.equal((await bank.device(phone)).state, "LOCKED");
		assertFailed(await phone.start(), 224);
	},
	async DELETED(world) {
		const bank = await world.bank();
		const phone = await bank.phone();
		const other = await bank.phone();

		must(await phone.deactivate());
		await bank.deleteDevice(other);
		for (const gone of [phone, other])
			assert.equal((await bank.device(gone)).state, "DELETED");
		assertFailed(await other.start(), 202);
	},
};

export const userState = {
	async ACTIVE(world) {
		const bank = await world.bank();

		assert.equal((await bank.rest("GET", `/reuseid/core/users/${(await bank.newUser()).id}`)).body.state, "ACTIVE");
	},
	async LOCKED(world) {
		const bank = await world.bank();
		const phone = await bank.phone();

		await bank.changeUser(phone.user, { state: "LOCKED" });
		assert.equal((await bank.rest("GET", `/reuseid/core/users/${phone.user.id}`)).body.state, "LOCKED");
		assertFailed(await phone.start(), 224);
	},
};

export const operationState = {
	async PENDING(world) {
		const bank = await world.bank();
		const phone = await bank.phone();
		const operation = await bank.startOperation(phone);

		for (const { state } of [operation, await bank.operation(operation), await newest(bank, phone)])
			assert.equal(state, "PENDING");
	},
	async COMPLETED(world) {
		const bank = await world.bank();
		const phone = await bank.phone();
		const { view } = await approve(bank, phone);

		for (const { state } of [view, await newest(bank, phone)])
			assert.equal(state, "COMPLETED");
	},
	async FAILED(world) {
		const bank = await world.bank();
		const { phone, operation } = await started(bank);

		must(await phone.cancel());
		for (const { state } of [await bank.operation(operation), await newest(bank, phone)])
			assert.equal(state, "FAILED");
	},
};

// ---- types, as the lists of the device and of its user tell them ----

async function typed(bank, phone, type, state = "COMPLETED") {
	const { transactionId, ...item } = await newest(bank, phone, type);
	const { body } = await bank.rest("GET", `/reuseid/core/users/${phone.user.id}/transactions?credentialType=device&limit=20`);

	assert.equal(item.state, state);
	assert.equal(body.transactions.find((one) => one.transactionId === transactionId).operationType, type);
}

const asked = (type, kind) => async (world) => {
	const bank = await world.bank();
	const phone = await bank.phone();

	assert.equal((await approve(bank, phone, { kind })).view.state, "COMPLETED");
	await typed(bank, phone, type);
	assert.equal((await bank.device(phone)).lastOperationType, type);
};

export const operationType = {
	async REGISTRATION(world) {
		const bank = await world.bank();

		await typed(bank, await bank.phone(), "REGISTRATION");
	},
	async RE_REGISTRATION(world) {
		const { bank, phone } = await registeredAgain(world);

		await typed(bank, phone, "RE_REGISTRATION");
	},
	AUTHENTICATION: asked("AUTHENTICATION", "authentications"),
	SIGNING: asked("SIGNING", "signatures"),
	async RECOVERY(world) {
		const { bank, phone } = await recovered(world);

		await typed(bank, phone, "RECOVERY");
	},
	async AUTH_AND_ACTIVATE(world) {
		const bank = await world.bank();
		const phone = await bank.phone();

		await phone.addMethod("DEVICE_IOS_FACE_ID");
		await typed(bank, phone, "AUTH_AND_ACTIVATE");
		assert.ok((await bank.device(phone)).deviceDetails.activatedAuthenticationMethods.includes("DEVICE:IOS_FACE_ID"));
		await phone.addMethod("DEVICE_PIN", NEW_PIN);
		must((await approve(bank, phone, { pin: NEW_PIN })).answer);
	},
	async AUTH_AND_DEACTIVATE(world) {
		const bank = await world.bank();
		const { phone } = await register(bank, { methods: ["DEVICE", "DEVICE_PIN", "DEVICE_IOS_FACE_ID"] });

		assert.equal(must(await phone.removeMethod("DEVICE_IOS_FACE_ID")).activated, METHODS.DEVICE | METHODS.DEVICE_PIN);
		await typed(bank, phone, "AUTH_AND_DEACTIVATE");
		assert.deepEqual((await bank.device(phone)).deviceDetails.activatedAuthenticationMethods, ["DEVICE", "DEVICE:PIN"]);
	},
	async ADD_OR_UPDATE_RECOVERY(world) {
		const bank = await world.recovering();
		const { phone } = await recoverable(bank);

		await typed(bank, phone, "ADD_OR_UPDATE_RECOVERY");
	},
};

// ---- recoveries ----

/** A new phone has taken the place of an old one: { bank, old, phone, view }. */
async function recovered(world) {
	const bank = await world.recovering();
	const { phone: old, code } = await recoverable(bank);
	const phone = successorOf(bank, old);

	must(await phone.startRecovering());
	must(await phone.recover(code, NEW_PIN));
	const { transactionId } = await newest(bank, phone, "RECOVERY");
	return { bank, old, phone, view: await recoveryView(bank, transactionId) };
}

const statusOf = async (bank, phone) => (await bank.device(phone)).deviceDetails.recoveryStatus;

export const recoveryMethod = {
	async CLOUD_BACKUP_RECOVERY_CODE(world) {
		const { view } = await recovered(world);

		assert.deepEqual([view.state, view.recoveryMethod], ["COMPLETED", "CLOUD_BACKUP_RECOVERY_CODE"]);
	},
	async CLOUD_BACKUP_SERVER_SIDE_FACE(world) {
		const bank = await world.facing();
		const { phone: old } = await register(bank, { methods: PIN_AND_FACE, face: ANNA, tokens: true });

		must(await old.startRecovery({ method: BY_FACE }));
		await old.showFace(ANNA);
		must(await old.finishRecovery());
		assert.equal((await bank.device(old)).deviceDetails.recoveryMethod, BY_FACE);
		const phone = successorOf(bank, old);
		must(await phone.startRecovering());
		await phone.showFace(ANNA);
		must(await phone.recover(undefined, NEW_PIN));
		const view = await recoveryView(bank, (await newest(bank, phone, "RECOVERY")).transactionId);
		assert.deepEqual([view.state, view.recoveryMethod, view.recoveryStatus], ["COMPLETED", BY_FACE, "RECOVERED"]);
		const faceless = await bank.phone();
		await phoneWithTokens(bank, faceless);
		assertFailed(await faceless.startRecovery({ method: BY_FACE }), 251);
	},
};

export const recoveryStatus = {
	async ACTIVATED(world) {
		const bank = await world.recovering();
		const { phone } = await recoverable(bank);

		assert.equal(await statusOf(bank, phone), "ACTIVATED");
	},
	async DEACTIVATED(world) {
		const bank = await world.recovering();
		const { phone } = await recoverable(bank);

		await phoneWithTokens(bank, phone);
		must(await phone.deleteRecovery());
		assert.equal(await statusOf(bank, phone), "DEACTIVATED");
	},
	async RECOVERED(world) {
		const { bank, view, phone, old } = await recovered(world);

		assert.equal(view.recoveryStatus, "RECOVERED");
		assert.equal(view.device.id, phone.store.reg);
		assert.deepEqual([(await bank.device(old)).state, (await bank.device(phone)).state], ["DELETED", "ACTIVE"]);
		must((await approve(bank, phone)).answer);
	},
	async LOCKED(world) {
		const bank = await world.recovering();
		const { phone } = await recoverable(bank);
		const thief = successorOf(bank, phone);

		must(await thief.startRecovering());
		for (let i = 0; i < LIMIT; i++)
			assertFailed(await thief.recover("000000", NEW_PIN), WRONG_CODE, { recoverable: true });
		assertFailed(await thief.recover("000000", NEW_PIN), 226);
		assert.equal(await statusOf(bank, phone), "LOCKED");
		assert.equal((await recoveryLock(bank, phone, false)).status, 200);
		assert.equal(await statusOf(bank, phone), "ACTIVATED");
	},
};

// ---- reasons of a lock ----

export const lockReason = {
	async OPEN(world) {
		const bank = await world.bank();

		assert.equal((await bank.device(await bank.phone())).deviceDetails.lockReason, "OPEN");
	},
	async DEVICE_OR_PIN_VERIFICATION_FAILED(world) {
		const bank = await world.bank();
		const { phone, copy } = await copied(bank);

		assertFailed(await copy.start(), 214);
		await started(bank, { phone });
		await wrongPins(phone, 1);
		await lockedFor(bank, phone, "DEVICE_OR_PIN_VERIFICATION_FAILED");
	},
	async LOCKED_BY_ADMIN(world) {
		const bank = await world.bank();
		const phone = await bank.phone();

		await bank.changeDevice(phone, { state: "LOCKED" });
		await lockedFor(bank, phone, "LOCKED_BY_ADMIN");
	},
	async DEVICE_VERIFICATION_FAILED(world) {
		const bank = await world.bank();
		const { phone, copy } = await copied(bank);

		for (let i = 1; i <= LIMIT; i++)
			assertFailed(await copy.start(), 214);
		assertFailed(await phone.start(), 226);
		await lockedFor(bank, phone, "DEVICE_VERIFICATION_FAILED");
	},
	async PIN_VERIFICATION_FAILED(world) {
		const bank = await world.bank();
		const { phone } = await started(bank);

		await wrongPins(phone);
		await lockedFor(bank, phone, "PIN_VERIFICATION_FAILED");
	},
	async INCORRECT_SALT_KEY_ID(world) {
		const bank = await world.bank();
		const phone = await bank.phone();

		phone.alterRecord("saltKeyId", "another");
		await started(bank, { phone });
		assertFailed(await phone.finish(), 214);
		await lockedFor(bank, phone, "INCORRECT_SALT_KEY_ID");
	},
	async HW_KEY_VERIFICATION_FAILED(world) {
		const bank = await world.bank();
		const { phone } = await register(bank, { hardware: "YES" });

		swapHardwareKey(phone);
		assertFailed((await approve(bank, phone)).answer, 214);
		await lockedFor(bank, phone, "HW_KEY_VERIFICATION_FAILED");
	},
	async APPATTEST_VERIFICATION_FAILED(world) {
		const { bank, phone } = await world.replayedAssertion();

		await lockedFor(bank, phone, "APPATTEST_VERIFICATION_FAILED");
	},
	async PLAYINTEGRITY_VERIFICATION_FAILED(world) {
		const bank = await world.bank({ ...world.play_app, attestationAndroidPlayIntegrityMode: "REQUIRED" });
		const { phone, answer } = await register(bank, { attest: playIntegrity(world) });

		must(answer);
		await approve(bank, phone, { attest: playIntegrity(world, (p) => { p.requestDetails.nonce = b64(random(32)); }) });
		await lockedFor(bank, phone, "PLAYINTEGRITY_VERIFICATION_FAILED");
	},
};

// ---- risk attributes ----

const OF_THE_SERVER = ["serverClientIp", "userAgent", "hwKeyClientStatus", "hwKeyServerResult"];
const snake = (name) => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);
const told = (name) => (name.startsWith("is") ? "false" : `${name} of this phone`);

/** Everything that a phone may tell, told once where all is asked for and once where nothing is. */
async function tell(world, names, riskAttributes) {
	const bank = await world.bank({ riskAttributes });
	const { phone } = await register(bank, { hardware: "YES" });
	const riskData = Object.fromEntries(names.map((name) => [name, told(name)]));
	const { started: { risk: asked }, view, answer } = await approve(bank, phone, { riskData });

	must(answer);
	return { phone, asked, view };
}

export function riskRows(names, always) {
	let everything, nothing;
	const of = (name, phone) => ({
		serverClientIp: phone.address, userAgent: "node", hwKeyClientStatus: "OK_SIGNED_SUCCESS", hwKeyServerResult: "SIGNATURE_VERIFICATION_SUCCESS",
		deviceHash: phone.deviceHash,
	}[name] ?? told(name));

	return Object.fromEntries(names.map((name) => [name, async (world) => {
		const all = await (everything ??= tell(world, names, names.join(", ")));
		const none = await (nothing ??= tell(world, names, ""));
		const isAlways = always.includes(name);

		assert.equal(risk(all.view, snake(name)), of(name, all.phone));
		assert.equal(risk(none.view, snake(name)), isAlways ? of(name, none.phone) : undefined);
		assert.equal(all.asked.includes(name), !isAlways && !OF_THE_SERVER.includes(name));
		assert.deepEqual(none.asked, []);
	}]));
}
