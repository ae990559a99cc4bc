// Methods, levels, modes, states, types, reasons of locks, recoveries, risk attributes.
import assert from "node:assert/strict";
import { assertFault, assertOk } from "../../../support/mobileid.js";
import { must } from "../client.js";
import { b64, random } from "../crypto.js";
import { playIntegrity } from "./platforms.js";
import { OTHER_KEY, WRONG_PIN, approve, lockedFor, newest, phoneWithTokens, recoverable, recoveryLock, recoveryView, register, risk }
	from "./world.js";

const LIMIT = 3;
const FACE = "DEVICE_SERVER_SIDE_FACE";
const BY_FACE = "CLOUD_BACKUP_SERVER_SIDE_FACE";
const ANNA = Buffer.from("live:Anna"); // as the provider of sandboxes knows people
const BERTA = Buffer.from("live:Berta");
const TOKENS = { tokenPurposes: ["addOrUpdateRecovery", "deleteRecovery"] };

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
		const { phone } = await register(bank, { methods: ["DEVICE", "DEVICE_PIN", FACE], make: () => ({ face: ANNA }) });
		const { view } = await approve(bank, phone, { m: FACE, make: () => ({ face: ANNA }) });

		assert.deepEqual([view.state, view.operationProperties.authMethod, view.operationProperties.authLevel], ["COMPLETED", FACE, "TWO_FACTOR"]);
		const { answer } = await approve(bank, phone, { m: FACE, make: () => ({ face: BERTA }) });
		assertFault(answer, 214, { recoverable: true, remaining: LIMIT - 1 });
		assertFault((await register(await world.bank(), { methods: ["DEVICE", "DEVICE_PIN", FACE], make: () => ({ face: ANNA }) })).answer, 231);
	},
};

const registeredAt = (authLevel, pin) => async (world) => {
	const bank = await world.bank();
	const { view, phone } = await register(bank, { authLevel, pin });

	assert.deepEqual([view.state, view.operationProperties.authLevel], ["COMPLETED", authLevel]);
	const { view: later } = await approve(bank, phone, { authLevel, m: pin === null ? "DEVICE" : "DEVICE_PIN" });
	assert.equal(later.operationProperties.authLevel, authLevel);
};

export const authLevel = { ONE_FACTOR: registeredAt("ONE_FACTOR", null), TWO_FACTOR: registeredAt("TWO_FACTOR") };

async function registeredAgain(world) {
	const bank = await world.bank();
	const { phone, view: first } = await register(bank);
	const again = bank.newPhone({ deviceHash: phone.store.deviceHash });

	again.user = phone.user;
	const { view } = await register(bank, { phone: again, mode: "RE_REGISTRATION", device: { id: phone.store.reg } });
	assert.equal(again.store.reg, phone.store.reg);
	return { bank, first, phone: again, view };
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
		assertFault(await phone.start(), 224);
	},
	async DELETED(world) {
		const bank = await world.bank();
		const phone = await bank.phone();
		const other = await bank.phone();

		assertOk(await phone.deactivate());
		await bank.deleteDevice(other);
		for (const gone of [phone, other])
			assert.equal((await bank.device(gone)).state, "DELETED");
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
		assertFault(await phone.start(), 224);
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
		const { phone, operation, session } = await bank.session();

		assertOk(await session.cancel());
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
		await phone.addMethod("DEVICE_PIN", { pin: "24680" });
		assertOk((await approve(bank, phone)).answer);
	},
	async AUTH_AND_DEACTIVATE(world) {
		const bank = await world.bank();
		const { phone } = await register(bank, { methods: ["DEVICE", "DEVICE_PIN", "DEVICE_IOS_FACE_ID"] });

		await phone.removeMethod("DEVICE_IOS_FACE_ID");
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
	const { phone: old, backup, code } = await recoverable(bank);
	const phone = bank.newPhone();

	phone.user = old.user;
	await phone.recover(backup, code, "97531");
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
		const { phone: old } = await register(bank, { methods: ["DEVICE", "DEVICE_PIN", FACE], make: () => ({ face: ANNA, ...TOKENS }) });

		must(await must(await old.startRecovery({ method: BY_FACE })).session.addRecovery({ face: ANNA }));
		assert.equal((await bank.device(old)).deviceDetails.recoveryMethod, BY_FACE);
		const phone = bank.newPhone();
		const { session } = must(await phone.startRecovering(old.store.backup));
		must(await session.unlockByFace(ANNA));
		must(await session.newPin("97531"));
		must(await session.register());
		phone.user = old.user;
		const view = await recoveryView(bank, (await newest(bank, phone, "RECOVERY")).transactionId);
		assert.deepEqual([view.state, view.recoveryMethod, view.recoveryStatus], ["COMPLETED", BY_FACE, "RECOVERED"]);
		const faceless = await bank.phone();
		await phoneWithTokens(bank, faceless);
		assertFault(await faceless.startRecovery({ method: BY_FACE }), 251);
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
		assertOk(await phone.deleteRecovery());
		assert.equal(await statusOf(bank, phone), "DEACTIVATED");
	},
	async RECOVERED(world) {
		const { bank, view, phone, old } = await recovered(world);

		assert.equal(view.recoveryStatus, "RECOVERED");
		assert.equal(view.device.id, phone.store.reg);
		assert.deepEqual([(await bank.device(old)).state, (await bank.device(phone)).state], ["DELETED", "ACTIVE"]);
		assertOk((await approve(bank, phone)).answer);
	},
	async LOCKED(world) {
		const bank = await world.recovering();
		const { phone, backup } = await recoverable(bank);
		const { session } = must(await bank.newPhone().startRecovering(backup));

		for (let i = 0; i < LIMIT; i++)
			assertOk(await session.unlock("000000"));
		assertFault(await session.unlock("000000"), 226);
		assert.equal(await statusOf(bank, phone), "LOCKED");
		assert.equal((await recoveryLock(bank, phone, false)).status, 200);
		assert.equal(await statusOf(bank, phone), "ACTIVATED");
	},
};

// ---- reasons of a lock ----

const brokenHardware = { sign: (kind, make) => (kind === 2 ? make(random(64)) : make()) };

/** Three tries, each as `act` makes it; the last one locks. */
const tried = (reason, options, act) => async (world) => {
	const bank = await world.bank();
	const { phone, session } = await bank.session(options);

	for (let i = 1; i < LIMIT; i++)
		assertFault(await act(session, i), 214, { recoverable: true, remaining: LIMIT - i });
	assertFault(await act(session, LIMIT), 226);
	await lockedFor(bank, phone, reason);
};

async function wrongPin(session, alter) {
	must(await session.pin(WRONG_PIN));
	return session.finish("DEVICE_PIN", {}, alter);
}

export const lockReason = {
	async OPEN(world) {
		const bank = await world.bank();

		assert.equal((await bank.device(await bank.phone())).deviceDetails.lockReason, "OPEN");
	},
	DEVICE_OR_PIN_VERIFICATION_FAILED: tried("DEVICE_OR_PIN_VERIFICATION_FAILED", {},
		(session, i) => wrongPin(session, i === 1 ? OTHER_KEY : {})),
	async LOCKED_BY_ADMIN(world) {
		const bank = await world.bank();
		const phone = await bank.phone();

		await bank.changeDevice(phone, { state: "LOCKED" });
		await lockedFor(bank, phone, "LOCKED_BY_ADMIN");
	},
	DEVICE_VERIFICATION_FAILED: tried("DEVICE_VERIFICATION_FAILED", { authLevel: "ONE_FACTOR" }, (session) => session.finish("DEVICE", {}, OTHER_KEY)),
	PIN_VERIFICATION_FAILED: tried("PIN_VERIFICATION_FAILED", {}, (session) => wrongPin(session)),
	async INCORRECT_SALT_KEY_ID(world) {
		const bank = await world.bank();
		const { phone, session } = await bank.session();

		assertFault(await session.pin(undefined, { members: (m) => ({ ...m, skid: "another" }) }), 214);
		await lockedFor(bank, phone, "INCORRECT_SALT_KEY_ID");
	},
	async HW_KEY_VERIFICATION_FAILED(world) {
		const bank = await world.bank();
		const { phone } = await register(bank, { hardware: true });

		assertFault((await approve(bank, phone, { alter: brokenHardware })).answer, 214);
		await lockedFor(bank, phone, "HW_KEY_VERIFICATION_FAILED");
	},
	async APPATTEST_VERIFICATION_FAILED(world) {
		const { bank, phone } = await world.replayedAssertion();

		await lockedFor(bank, phone, "APPATTEST_VERIFICATION_FAILED");
	},
	async PLAYINTEGRITY_VERIFICATION_FAILED(world) {
		const bank = await world.bank({ ...world.play_app, attestationAndroidPlayIntegrityMode: "REQUIRED" });
		const { phone, answer } = await register(bank, { make: playIntegrity(world) });

		assertOk(answer);
		await approve(bank, phone, { make: playIntegrity(world, (p) => { p.requestDetails.nonce = b64(random(32)); }) });
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
	const { phone } = await register(bank, { hardware: true });
	const riskData = Object.fromEntries(names.map((name) => [name, told(name)]));
	const { session, view, answer } = await approve(bank, phone, { make: () => ({ riskData }) });

	assertOk(answer);
	return { phone, asked: session.start.risk, view };
}

export function riskRows(names, always) {
	let everything, nothing;
	const of = (name, phone) => ({
		serverClientIp: phone.address, userAgent: "node", hwKeyClientStatus: "OK_SIGNED_SUCCESS", hwKeyServerResult: "SIGNATURE_VERIFICATION_SUCCESS",
	}[name] ?? told(name));

	return Object.fromEntries(names.map((name) => [name, async (world) => {
		const all = await (everything ??= tell(world, names, names.join(", ")));
		const none = await (nothing ??= tell(world, names, ""));
		const isAlways = always.includes(name);

		assert.equal(risk(all.view, snake(name)), of(name, all.phone));
		assert.equal(risk(none.view, snake(name)), isAlways ? told(name) : undefined);
		assert.equal(all.asked.includes(name), !isAlways && !OF_THE_SERVER.includes(name));
		assert.deepEqual(none.asked, []);
	}]));
}
