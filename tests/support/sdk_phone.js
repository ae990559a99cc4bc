// A phone whose app is made with the project's own SDK, in C. The SDK performs nothing: it runs in a program of its own
// (sdk_lines/) and says step by step what is to be done. The app that does it is here: network, storage, key store, cloud, platform.
// So an app that is not honest, and a network that is not, are a few lines of a test.
import { newKey, publicKey, random, sign } from "../interop/device/crypto.js";
import { MISHAPS, unsent } from "./mishaps.js";
import { alteredRecord } from "./sdk_record.js";

const SLOT = "default";
export const METHODS = { DEVICE: 1, DEVICE_PIN: 2, DEVICE_IOS_FACE_ID: 4, DEVICE_STRONG_TOUCH_ID: 8, DEVICE_ANDROID_BIOMETRIC_PROMPT: 16,
	DEVICE_SERVER_SIDE_FACE: 32 };
const OF_THE_APP = Object.values(METHODS).reduce((all, bit) => all | bit) & ~(METHODS.DEVICE | METHODS.DEVICE_PIN);
const RECOVERIES = { CLOUD_BACKUP_RECOVERY_CODE: 1, CLOUD_BACKUP_SERVER_SIDE_FACE: 2 };
const PURPOSES = { addOrUpdateRecovery: 1, deleteRecovery: 2 };
const STORING = ["STORE", "ERASE", "BACK_UP"];
const HARDWARE = { NONE: 0, OS_TOO_OLD: 1, YES: 2 };
const TROUBLES = { REFUSED: 0, GONE: 1, BROKEN: 2 };
const PLACES = ["OK", "LOCATION_NOT_ENABLED", "LOCATION_TIMEOUT", "LOCATION_MOCKED", "GEOCODER_NOT_SUPPORTED", "GEOCODER_NETWORK_ERROR",
	"GEOCODER_UNEXPECTED_ERROR", "GEOCODER_TIMEOUT", "GEOCODER_NO_RESULT_FOUND"];

const bitsOf = (methods) => methods.reduce((bits, m) => bits | METHODS[m], 0);
const hexOf = (data) => Buffer.from(data).toString("hex");

/** The process of the app ended where it was. */
export class Died extends Error {}

/** The step of a call that went well. */
export function must(step) {
	if (step.kind !== "DONE" && step.kind !== "SHOW")
		throw Object.assign(new Error(`${step.kind} ${step.number} ${step.title}: ${step.description}`), { number: step.number });
	return step;
}

/** What the app does at each step; gives the call that hands it back. */
const PERFORM = {
	SEND: (phone, step) => phone.post(step),
	LOAD: ({ storage, generations }, { name }) => ({ call: "loaded", bytes: storage.get(name), generation: generations.get(name) ?? 0 }),
	STORE: ({ storage, generations }, { name, bytes, generation }) => {
		storage.set(name, bytes);
		generations.set(name, generation);
		return { call: "stored", worked: 1 };
	},
	ERASE: ({ storage }, { name }) => forgotten(storage, name),
	MAKE_KEY: (phone, step) => phone.makeKey(step),
	SIGN: (phone, step) => phone.sign(step),
	DROP_KEY: ({ keys }, { handle }) => forgotten(keys, handle),
	WAIT: () => ({ call: "waited" }),
	ATTEST: async ({ attest }, step) => attestation(await attest(step)),
	LOCATE: ({ place }) => ({ call: "located", status: PLACES.indexOf(place.clientStatus), country: place.country }),
	AWAIT_PUSH: async ({ hear }) => ({ call: "push_came", nonce: await hear() }),
	BACK_UP: ({ cloud }, { name, bytes }) => {
		cloud.set(name, bytes);
		return { call: "stored", worked: 1 };
	},
	LOAD_BACKUP: ({ cloud }, { name }) => ({ call: "backup_loaded", bytes: cloud.get(name) }),
	FORGET_BACKUP: ({ cloud }, { name }) => forgotten(cloud, name),
};

function forgotten(map, name) {
	map.delete(name);
	return { call: "stored", worked: 1 };
}

/** An attestation or assertion of Apple's, a token of Google's, or what the platform said instead. */
function attestation({ kind, keyId, object, token, status, message }) {
	if (kind === "attestation" || kind === "assertion")
		return { call: "attested", keyId, object: hexOf(Buffer.from(object, "base64url")), assertion: kind === "assertion" ? 1 : 0 };
	return status === "OK" ? { call: "attested", token } : { call: "not_attested", status, message };
}

export class SdkPhone {
	#number = null;
	#opening = null;
	#reg = null;

	/** config: applicationId, publicKey, serverUrl as the server's configuration has them. address: whom it seems to come from. */
	constructor(lines, config, { address, os = "Android", hardware = "NONE", deviceKeyInApp = 0, deviceHash, pushToken, cloud } = {}) {
		Object.assign(this, { lines, config, address, os, hardware, deviceKeyInApp, pushToken });
		this.deviceHash = deviceHash ?? random(32).toString("base64");
		this.storageKey = random(32);
		this.cloud = cloud ?? new Map();
		this.storage = new Map();
		this.generations = new Map();
		this.keys = new Map();
		this.tokens = {};
		this.trouble = {}; // { make, sign }: of the hardware's keys, one of TROUBLES
		this.place = { clientStatus: "LOCATION_TIMEOUT" };
		this.attest = () => ({});
		this.hear = () => undefined;
		this.spare();
	}

	/**
	 * What will happen to it, counted from now on: `dies` before that step; `full`: from that change of its storage on, none works; or
	 * something of MISHAPS to that message.
	 */
	doom(fate) {
		Object.assign(this, { fate, steps: 0, messages: 0, storings: 0 });
	}

	spare() {
		this.doom({});
	}

	/** Everything that is in the phone's storage, on another phone. */
	copy() {
		const other = new SdkPhone(this.lines, this.config, this);

		Object.assign(other, { user: this.user, pin: this.pin, storageKey: this.storageKey });
		for (const part of ["storage", "generations", "keys"])
			other[part] = new Map(this[part]);
		other.#reg = this.#reg;
		return other;
	}

	/** What service providers know it by. */
	get store() {
		return { reg: this.#reg };
	}

	// ---- what the app does ----

	async post({ url, contentType, accept, body }) {
		const headers = { "content-type": contentType, accept, "x-forwarded-for": this.address };
		const message = ++this.messages;
		const mishap = Object.keys(MISHAPS).find((name) => this.fate[name] === message);
		const deliver = async () => {
			const reply = await fetch(url, { method: "POST", redirect: "manual", headers, body: Buffer.from(body, "hex") });

			return { call: "sent", status: reply.status, answer: Buffer.from(await reply.arrayBuffer()) };
		};
		const { answer, ...back } = await (mishap ? MISHAPS[mishap](deliver) : deliver()).catch(() => unsent());

		return { ...back, ...(answer && { answer: hexOf(answer) }) };
	}

	makeKey({ handle, hardware }) {
		if (hardware && this.trouble.make)
			return { call: "key_failed", why: TROUBLES[this.trouble.make] };
		const key = newKey();

		this.keys.set(handle, key);
		return { call: "key_made", publicKey: hexOf(publicKey(key)) };
	}

	sign({ handle, hardware, message }) {
		if (hardware && this.trouble.sign)
			return { call: "key_failed", why: TROUBLES[this.trouble.sign] };
		return { call: "signed", signature: hexOf(sign(this.keys.get(handle), Buffer.from(message, "hex"))) };
	}

	// ---- calls ----

	async #opened() {
		const { phone, number } = await this.lines.ask({ ...this.config, os: this.os, deviceHash: this.deviceHash, pushToken: this.pushToken,
			storageKey: hexOf(this.storageKey), hardware: HARDWARE[this.hardware], deviceKeyInApp: this.deviceKeyInApp, appMethods: OF_THE_APP });

		if (phone === undefined)
			throw new Error(`the SDK takes no such configuration: ${number}`);
		this.#number = phone;
		must(await this.#performed({ call: "load" }));
	}

	#perform(step) {
		if (++this.steps === this.fate.dies)
			throw new Died(step.kind);
		if (STORING.includes(step.kind) && ++this.storings >= this.fate.full)
			return { call: "stored", worked: 0 };
		return PERFORM[step.kind](this, step);
	}

	/** Makes a call and performs its steps, until it is the person's turn or the call is over. What got lost is asked for again. */
	async #performed(message) {
		let step = await this.lines.ask({ phone: this.#number, ...message });

		for (;;) {
			if (PERFORM[step.kind])
				step = await this.lines.ask({ phone: this.#number, ...await this.#perform(step) });
			else if (step.repeatable)
				step = await this.lines.ask({ phone: this.#number, call: "repeat" });
			else
				break;
		}
		this.#reg = step.registrationId ?? this.#reg;
		for (const { purpose, token } of step.tokens ?? [])
			this.tokens[Object.keys(PURPOSES).find((name) => PURPOSES[name] === purpose)] = token;
		return step;
	}

	async call(name, parameters = {}) {
		await (this.#opening ??= this.#opened());
		return this.#performed({ call: name, ...parameters });
	}

	async #say(name, parameters) {
		await (this.#opening ??= this.#opened());
		const { number } = await this.lines.ask({ phone: this.#number, call: name, ...parameters });

		if (number)
			throw new Error(`${name}: ${number}`);
	}

	/** The app is started anew, with what is stored. */
	restart() {
		this.spare();
		this.#opening = null;
	}

	/** Somebody with the run of the phone alters its record, under the very key that seals it; the app is started anew. */
	alterRecord(field, value) {
		this.storage.set(SLOT, alteredRecord(this.storage.get(SLOT), this.storageKey, this.config.applicationId, SLOT, field, value));
		this.restart();
	}

	// Registration.

	activate(code) {
		return this.call("start_activation", { code });
	}

	/** methods: their names. */
	async enrol({ methods = ["DEVICE_PIN"], pin } = {}) {
		const step = await this.call("finish_activation", { methods: bitsOf(methods), pin: pin ?? undefined });

		if (step.kind === "DONE")
			this.pin = pin;
		return step;
	}

	/** The whole of it. Throws unless everything goes well. pin null: without one. */
	async register(code, { pin = "1357" } = {}) {
		must(await this.activate(code));
		return must(await this.enrol({ pin, methods: pin === null ? ["DEVICE"] : ["DEVICE_PIN"] }));
	}

	/** Asks the server. DONE: it is. */
	isActivated() {
		return this.call("is_activated");
	}

	deactivate() {
		return this.call("deactivate");
	}

	// Authentication and signature.

	start() {
		return this.call("start_authentication_or_signing");
	}

	finish(m = "DEVICE_PIN", pin = this.pin) {
		return this.call("finish_authentication_or_signing", { method: METHODS[m], ...(m === "DEVICE_PIN" && { pin }) });
	}

	cancel() {
		return this.call("cancel_session");
	}

	/** For the next finish. */
	tellRisk(name, value) {
		return this.#say("set_risk_parameter", { name, value });
	}

	showFace(scan) {
		return this.#say("set_face_scan", { scan: hexOf(scan) });
	}

	wantTokens() {
		return this.#say("want_tokens", { purposes: PURPOSES.addOrUpdateRecovery | PURPOSES.deleteRecovery });
	}

	// Methods.

	/** Authorised by the PIN. Throws unless everything goes well. newPin: when the method is the PIN. */
	async addMethod(m, newPin) {
		must(await this.call("start_add_or_update", { method: METHODS[m] }));
		must(await this.call("finish_add_or_update", { method: METHODS.DEVICE_PIN, pin: this.pin, newPin }));
		this.pin = newPin ?? this.pin;
	}

	removeMethod(m) {
		return this.call("deactivate_auth_method", { method: METHODS[m] });
	}

	// Recovery.

	startRecovery({ method = "CLOUD_BACKUP_RECOVERY_CODE", token = this.tokens.addOrUpdateRecovery } = {}) {
		return this.call("start_add_or_update_recovery", { method: RECOVERIES[method], token });
	}

	/** Throws unless everything goes well. */
	async addRecovery(code) {
		must(await this.startRecovery());
		return must(await this.finishRecovery(code));
	}

	finishRecovery(code) {
		return this.call("finish_add_or_update_recovery", { code });
	}

	deleteRecovery() {
		return this.call("delete_recovery", { token: this.tokens.deleteRecovery });
	}

	/** On a new phone with the cloud of the old one. */
	startRecovering() {
		return this.call("start_recovery");
	}

	async recover(code, pin) {
		const step = await this.call("finish_recovery", { code, pin, methods: METHODS.DEVICE_PIN });

		if (step.kind === "DONE")
			this.pin = pin;
		return step;
	}
}
