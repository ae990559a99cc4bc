// A phone that speaks rid-device/v1, written from docs/DEVICE-PROTOCOL.md with libraries of others, so that it shares nothing with
// the server. What it sends can be altered on the way out, as message.js says.
import { b64, newKey, publicKey, random } from "./crypto.js";
import { REQUEST_TYPE, startHeader, startSender } from "./envelope.js";
import { Answer, KIND, Request, compose, must, same, transcriptStart } from "./message.js";
import { Session } from "./session.js";

export { KIND, PinTry, must, pinInput, preimage, transcriptNext, transcriptStart } from "./message.js";
export { Session } from "./session.js";

const SPKI_BYTES_BEFORE_KEY = 12;

export class Phone {
	/** config: applicationId, publicKey, serverUrl as the server's configuration has them. address: whom it seems to come from. */
	constructor(config, { address, os = "Android", sdk = "4.0.0", deviceHash } = {}) {
		Object.assign(this, { config, address, os, sdk });
		this.serverKey = Buffer.from(config.publicKey, "base64").subarray(SPKI_BYTES_BEFORE_KEY);
		this.th0 = transcriptStart(config.applicationId);
		this.store = { dk: newKey(), ds: random(32), lastTs: 0, offset: 0, deviceHash: deviceHash ?? random(32).toString("base64"),
			biometrics: {}, tokens: {} };
	}

	/** Whoever copied the phone's storage. */
	copy() {
		const other = new Phone(this.config, this);

		other.store = { ...this.store, biometrics: { ...this.store.biometrics }, tokens: { ...this.store.tokens } };
		return other;
	}

	common() {
		return { v: 1, sdk: this.sdk, os: this.os };
	}

	/** Above the last one, whatever the clock says. */
	ts() {
		this.store.lastTs = Math.max(Date.now() + this.store.offset, this.store.lastTs + 1);
		return this.store.lastTs;
	}

	async request(t, members, signers = {}, alter = {}) {
		const hdr = (alter.header ?? same)(startHeader(this.serverKey, this.config.applicationId));
		const sender = await startSender(this.serverKey, hdr);
		const outside = { t, ...this.common(), ts: this.ts(), ...(this.store.reg && { reg: this.store.reg }) };
		const enc = t.endsWith(".start") ? { enc: b64(sender.enc) } : {};
		const { members: all, plaintext } = compose({ ...outside, ...enc, ...members }, signers, this.th0, alter);

		return new Request(all, plaintext, (alter.wire ?? same)(await sender.seal(plaintext)), sender.exchange, alter.contentType);
	}

	async post(wire, contentType = REQUEST_TYPE) {
		return fetch(`${this.config.serverUrl}/device/v1`, {
			method: "POST", body: wire,
			headers: { "content-type": contentType, ...(this.address && { "x-forwarded-for": this.address }) },
		});
	}

	/** Sends a request, for the first time or again. */
	async send(request) {
		const reply = await this.post(request.wire, request.contentType);

		return new Answer(request, reply, Buffer.from(await reply.arrayBuffer())).open();
	}

	async say(t, members, signers, alter) {
		return this.send(await this.request(t, members, signers, alter));
	}

	get device() {
		return { [KIND.DEVICE]: this.store.dk };
	}

	get deviceAndHardware() {
		return { ...this.device, ...(this.store.hk && { [KIND.HARDWARE]: this.store.hk }) };
	}

	/** A start, sent: its answer, with the session when there is one. */
	async #open(request) {
		const answer = await this.send(request);

		if (answer.ok)
			answer.session = this.session = new Session(this, request, answer);
		return answer;
	}

	// Registration.

	activationRequest(code, { prev, ...members } = {}, alter = {}) {
		const signers = { ...(prev && { [KIND.DEVICE]: prev.store.dk }), [KIND.NEW_DEVICE]: this.store.dk };

		return this.request("act.start", {
			code, deviceHash: this.store.deviceHash, dk: b64(publicKey(this.store.dk)), ...(prev && { prev: prev.store.reg }), ...members,
		}, signers, alter);
	}

	async activate(code, members, alter) {
		return this.#open(await this.activationRequest(code, members, alter));
	}

	/** The whole of it. Throws unless everything is ok. */
	async register(code, { pin = "1357", prev, ...members } = {}) {
		const session = must(await this.activate(code, { prev })).session;

		if (pin !== null)
			must(await session.newPin(pin));
		this.store.pin = pin;
		return must(await session.register(members));
	}

	// Authentication and signature.

	startRequest({ purpose = "any", ticket = this.store.ticket, ...members } = {}, alter = {}) {
		return this.request("ses.start", { purpose, ...(ticket && { ticket }), ...members }, this.device, alter);
	}

	async start(members, alter) {
		return this.#open(await this.startRequest(members, alter));
	}

	/** The session of a start whose request is at hand: for a repeat after a lost answer. */
	resume(request) {
		return this.#open(request);
	}

	/** The whole of it. Throws unless everything is ok. */
	async approve(m = "DEVICE_PIN", members = {}) {
		const session = must(await this.start(members)).session;

		if (m === "DEVICE_PIN")
			must(await session.pin());
		return must(await session.finish(m));
	}

	wait(waitMs = 0, alter) {
		return this.say("ses.wait", { waitMs }, this.device, alter);
	}

	configuration(alter) {
		return this.say("cfg.get", {}, {}, alter);
	}

	deactivate(alter) {
		return this.say("reg.deactivate", {}, this.deviceAndHardware, alter);
	}

	// Methods.

	/** purpose: activate or deactivate */
	async startMethod(purpose, m, { ticket = this.store.ticket, ...members } = {}, alter = {}) {
		return this.#open(await this.request("am.start", { purpose, m, ...(ticket && { ticket }), ...members }, this.device, alter));
	}

	/** The whole of it, authorised by the PIN. `pin`: the new one, when the method is the PIN. Throws unless everything is ok. */
	async addMethod(m, { pin, ...members } = {}) {
		const session = must(await this.startMethod("activate", m)).session;

		must(await session.pin());
		if (pin !== undefined)
			must(await session.newPin(pin));
		return must(await session.finish("DEVICE_PIN", members));
	}

	async removeMethod(m, members) {
		const { session } = must(await this.startMethod("deactivate", m));
		const answer = must(await session.finish("DEVICE", members));

		delete this.store.biometrics[m];
		return answer;
	}

	// Recovery.

	async startRecovery({ token = this.store.tokens.addOrUpdateRecovery, method = "CLOUD_BACKUP_RECOVERY_CODE", ...members } = {}, alter = {}) {
		return this.#open(await this.request("rec.add.start", { token, method, ...members }, this.deviceAndHardware, alter));
	}

	/** The whole of it, with a token that an earlier finish gave. */
	async addRecovery(code, members = {}) {
		const { session } = must(await this.startRecovery());

		must(await session.recoveryCode(code));
		return must(await session.addRecovery(members));
	}

	deleteRecovery({ token = this.store.tokens.deleteRecovery, ...members } = {}, alter = {}) {
		return this.say("rec.delete", { token, ...members }, this.deviceAndHardware, alter);
	}

	recoveryRequest(backup, members = {}, alter = {}) {
		return this.request("rec.start", {
			recoveryId: backup.recoveryId, deviceHash: this.store.deviceHash, dk: b64(publicKey(this.store.dk)), ...members,
		}, { [KIND.NEW_DEVICE]: this.store.dk }, alter);
	}

	/** A new phone that found this backup. */
	async startRecovering(backup, members, alter) {
		const answer = await this.#open(await this.recoveryRequest(backup, members, alter));

		if (answer.ok)
			answer.session.backup = backup;
		return answer;
	}

	/** The whole of it. */
	async recover(backup, code, pin, members = {}) {
		const { session } = must(await this.startRecovering(backup));

		must(await session.unlock(code));
		must(await session.newPin(pin));
		this.store.pin = pin;
		return must(await session.register(members));
	}

	// Push.

	tellPush(pushToken, alter) {
		return this.say("push.update", { ...(pushToken !== undefined && { pushToken }) }, this.device, alter);
	}

	acknowledgePush(pushSessionId, alter) {
		return this.say("push.ack", { pushSessionId }, this.device, alter);
	}
}
