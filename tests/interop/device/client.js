// A phone that speaks rid-device/v1, written from docs/DEVICE-PROTOCOL.md with libraries of others, so that it shares nothing with
// the server. Everything that it sends can be altered on the way out:
//
//   members(object)       the request's members, before they become JSON
//   json(bytes)           the JSON, before it is signed
//   sign(kind, make)      one signature: make(message?) gives the right one; null leaves it out
//   signatures(list)      all of them, [[kind, bytes], …]
//   plaintext(bytes)      what is sealed
//   header(bytes)         the envelope's header
//   wire(bytes)           what is sent
//   contentType           its media type
import { b64, bytes, hkdf, label, newKey, oprfBlind, oprfFinalize, publicKey, random, scalarFromWide, sha256, sign, u16, unb64, uuidBytes } from "./crypto.js";
import { ANSWER_TYPE, REQUEST_TYPE, openAnswer, plaintextOf, sealSession, sessionHeader, sessionKey, startHeader, startSender } from "./envelope.js";

export const KIND = { DEVICE: 1, HARDWARE: 2, PIN: 3, BIOMETRIC: 4, RECOVERY: 5, NEW_PIN: 6, NEW_BIOMETRIC: 7, NEW_DEVICE: 8, NEW_HARDWARE: 9 };
const SPKI_BYTES_BEFORE_KEY = 12;
const same = (value) => value;

// ---- transcript (section 3) ----

export const transcriptStart = (applicationId) =>
	sha256(label("rid-device/v1 th"), Buffer.byteLength(applicationId), applicationId);
export const transcriptNext = (th, plaintext, json) => sha256(th, sha256(plaintext), sha256(json));
export const preimage = (kind, th, json) => bytes(label("rid-device/v1 sig"), kind, th, json);

// ---- the PIN key (section 5.1) ----

export const pinInput = (pinId, ds, pin) => {
	const text = Buffer.from(pin.normalize("NFC"));

	return sha256(label("rid-device/v1 pin-input"), pinId, ds, u16(text.length), text);
};

export class PinTry {
	constructor(reg, cid, ds, pin, blind) {
		this.id = bytes(uuidBytes(reg), cid);
		this.input = pinInput(this.id, ds, pin);
		Object.assign(this, oprfBlind(this.input, blind));
	}

	key(evaluated) {
		const y = oprfFinalize(this.input, this.blind, evaluated);

		return scalarFromWide(hkdf(this.id, y, "rid-device/v1 pin-sign", 48));
	}
}

// ---- messages ----

/** One request as it was sealed: it can be sent as often as wished, and opens every answer to it. */
class Request {
	constructor(members, plaintext, wire, exchange, contentType) {
		Object.assign(this, { members, plaintext, wire, exchange, contentType });
	}
}

/** What came back: inside the envelope (`json`, parsed as `is`), or an outside error. */
class Answer {
	constructor(request, reply, body) {
		this.request = request;
		this.status = reply.status;
		this.headers = reply.headers;
		this.body = body;
		this.is = null;
	}

	async open() {
		if (this.status === 200 && this.headers.get("content-type") === ANSWER_TYPE) {
			this.json = await openAnswer(this.request.exchange, this.body);
			this.is = JSON.parse(this.json);
		} else {
			this.error = JSON.parse(this.body.toString() || "{}").error;
		}
		return this;
	}

	get ok() {
		return this.is?.ok === true;
	}

	/** Number of the fault; undefined when it is ok, or refused outside. */
	get code() {
		return this.is?.err?.code;
	}

	get step() {
		return this.is?.step;
	}
}

/** signers: { kind: secret key }, in the order of the kinds; a list of keys for several of one kind. */
function signAll(signers, th, json, alter) {
	const made = [];

	for (const [name, keys] of Object.entries(signers)) {
		for (const secret of [keys].flat()) {
			const kind = Number(name);
			const make = (message = preimage(kind, th, json), key = secret) => sign(key, message);
			const signature = alter.sign ? alter.sign(kind, make) : make();

			if (signature)
				made.push([kind, signature]);
		}
	}
	return (alter.signatures ?? same)(made);
}

function compose(members, signers, th, alter) {
	const all = (alter.members ?? same)(members);
	const json = (alter.json ?? same)(Buffer.from(JSON.stringify(all)));

	return { members: all, plaintext: (alter.plaintext ?? same)(plaintextOf(json, signAll(signers, th, json, alter))) };
}

// ---- a session (suite 02) ----

export class Session {
	constructor(phone, request, answer) {
		this.phone = phone;
		this.sid = unb64(answer.is.sid);
		this.start = answer.is;
		this.step = answer.is.step;
		this.challenge = answer.is.challenge;
		this.th = transcriptNext(phone.th0, request.plaintext, answer.json);
		this.key = sessionKey(this.th, request.exchange.sessionSecret);
		this.settled = new WeakSet();
	}

	/** A session as it is now, to try two ways of going on. */
	fork() {
		return Object.assign(Object.create(Session.prototype), this, { settled: new WeakSet() });
	}

	async request(t, members, signers = {}, alter = {}) {
		const { phone } = this;
		const { members: all, plaintext } = compose({ t, ...phone.common(), ...members, step: this.step }, signers, this.th, alter);
		const hdr = (alter.header ?? same)(sessionHeader(this.sid));
		const { wire, exchange } = await sealSession(alter.key ?? this.key, hdr, plaintext, alter.rnd);

		return new Request(all, plaintext, (alter.wire ?? same)(wire), exchange, alter.contentType);
	}

	/** Both sides advance on answers that carry a step, and once only for each request. */
	async send(request) {
		const answer = await this.phone.send(request);

		if (answer.step !== undefined && !this.settled.has(request)) {
			this.settled.add(request);
			this.th = transcriptNext(this.th, request.plaintext, answer.json);
			this.step = answer.step;
			this.challenge = answer.is.challenge ?? this.challenge;
		}
		return answer;
	}

	async say(t, members, signers, alter) {
		return this.send(await this.request(t, members, signers, alter));
	}

	// The PIN: blinded, evaluated by the server, made into a key.

	newTry(pin) {
		const { store } = this.phone;

		return new PinTry(this.start.reg ?? store.reg, unb64(this.start.cid), store.ds, pin);
	}

	pinRequest(t, attempt, alter) {
		return this.request(t, { b: b64(attempt.blinded), skid: this.start.saltKeyId }, {}, alter);
	}

	async evaluate(t, pin, alter) {
		const attempt = this.newTry(pin);
		const answer = await this.send(await this.pinRequest(t, attempt, alter));

		if (answer.ok)
			this.pinKey = attempt.key(unb64(answer.is.e));
		return answer;
	}

	pin(pin = this.phone.store.pin, alter) {
		return this.evaluate("ses.pin", pin, alter);
	}

	newPin(pin, alter) {
		return this.evaluate("act.pin", pin, alter);
	}

	// Finishes.

	finishRequest(m = "DEVICE_PIN", members = {}, alter = {}) {
		const signers = { [KIND.DEVICE]: this.phone.store.dk };

		if (this.phone.store.hk)
			signers[KIND.HARDWARE] = this.phone.store.hk;
		if (m === "DEVICE_PIN" && this.pinKey)
			signers[KIND.PIN] = this.pinKey;
		return this.request("ses.finish", { m, chal: this.challenge, hwKeyClientStatus: "INFO_NO_HARDWARE_SUPPORT", riskData: {}, ...members },
			signers, alter);
	}

	async finish(m, members, alter) {
		return this.sendFinish(await this.finishRequest(m, members, alter));
	}

	registerRequest({ methods, ...members } = {}, alter = {}) {
		const signers = { [KIND.NEW_DEVICE]: this.phone.store.dk };
		const list = methods ?? (this.pinKey ? ["DEVICE", "DEVICE_PIN"] : ["DEVICE"]);

		if (list.includes("DEVICE_PIN") && this.pinKey)
			signers[KIND.NEW_PIN] = this.pinKey;
		if (this.phone.store.hk)
			signers[KIND.NEW_HARDWARE] = this.phone.store.hk;
		return this.request("act.finish", {
			methods: list.map((m) => (m === "DEVICE_PIN" && this.pinKey ? { m, pub: b64(publicKey(this.pinKey)) } : { m })),
			...(this.phone.store.hk && { hk: b64(publicKey(this.phone.store.hk)) }),
			hwKeyClientStatus: this.phone.store.hk ? "OK_KEY_PROVIDED" : "INFO_NO_HARDWARE_SUPPORT", riskData: {}, ...members,
		}, ascending(signers), alter);
	}

	async register(members, alter) {
		return this.sendFinish(await this.registerRequest(members, alter));
	}

	/** Sends a finish, for the first time or again, and keeps what a success gives. */
	async sendFinish(request) {
		const answer = await this.send(request);

		if (!answer.ok)
			return answer;
		this.phone.store.ticket = answer.is.ticket;
		if (request.members.t === "act.finish")
			Object.assign(this.phone.store, { reg: this.start.reg, cid: this.start.cid, saltKeyId: this.start.saltKeyId });
		return answer;
	}

	cancel(alter) {
		return this.say("ses.cancel", {}, {}, alter);
	}
}

const ascending = (signers) => Object.fromEntries(Object.entries(signers).sort(([a], [b]) => a - b));

// ---- the phone ----

export class Phone {
	/** config: applicationId, publicKey, serverUrl as the server's configuration has them. address: whom it seems to come from. */
	constructor(config, { address, os = "Android", sdk = "4.0.0", deviceHash } = {}) {
		Object.assign(this, { config, address, os, sdk });
		this.serverKey = Buffer.from(config.publicKey, "base64").subarray(SPKI_BYTES_BEFORE_KEY);
		this.th0 = transcriptStart(config.applicationId);
		this.store = { dk: newKey(), ds: random(32), lastTs: 0, offset: 0, deviceHash: deviceHash ?? random(32).toString("base64") };
	}

	/** Whoever copied the phone's storage. */
	copy() {
		const other = new Phone(this.config, this);

		other.store = { ...this.store };
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
		return this.say("reg.deactivate", {}, this.device, alter);
	}
}

/** The answer, which has to be ok. */
export function must(answer) {
	if (!answer.ok)
		throw new Error(`${answer.request.members.t}: ${answer.status} ${answer.error ?? answer.json}`);
	return answer;
}
