// A session of the device channel (suite 02), as the phone has it: steps, transcript, PIN, and the finish of each family.
import { b64, label, newKey, publicKey, random, sha256, unb64 } from "./crypto.js";
import { sealSession, sessionHeader, sessionKey } from "./envelope.js";
import { KIND, PinTry, Request, compose, same, transcriptNext } from "./message.js";
import { RecoveryTry, unwrapKey, wrapKey } from "./recovery.js";

const HARDWARE_KEY_NONE = Buffer.alloc(33);
const FACE = "DEVICE_SERVER_SIDE_FACE";
const KEYLESS = ["DEVICE", "DEVICE_PIN", FACE];

export const isBiometric = (m) => !KEYLESS.includes(m);

export class Session {
	constructor(phone, request, answer) {
		this.phone = phone;
		this.family = request.members.t.replace(/\.start$/, "");
		this.purpose = request.members.purpose;
		this.method = request.members.m ?? request.members.method;
		this.sid = unb64(answer.is.sid);
		this.start = answer.is;
		this.step = answer.is.step;
		this.challenge = answer.is.challenge;
		this.th = transcriptNext(phone.th0, request.plaintext, answer.json);
		this.th1 = this.th;
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

	cancel(alter) {
		return this.say("ses.cancel", {}, {}, alter);
	}

	/** What the phone's platform has to vouch for: this session and these keys (6.6). */
	get binding() {
		const { dk, hk } = this.phone.store;

		return sha256(label("rid-device/v1 attest"), this.th1, publicKey(dk), hk ? publicKey(hk) : HARDWARE_KEY_NONE);
	}

	// ---- the PIN: blinded, evaluated by the server, made into a key ----

	newTry(pin) {
		const { store } = this.phone;

		return new PinTry(this.start.reg ?? store.reg, unb64(this.start.cid), store.ds, pin);
	}

	/** how: { use, skid } where they are not the common ones. */
	pinRequest(t, attempt, { use, skid = this.start.saltKeyId } = {}, alter = {}) {
		return this.request(t, { ...(use && { use }), b: b64(attempt.blinded), skid }, {}, alter);
	}

	async evaluate(t, pin, use, alter) {
		const attempt = this.newTry(pin);
		const answer = await this.send(await this.pinRequest(t, attempt, { use }, alter));

		if (answer.ok)
			this.pinKey = attempt.key(unb64(answer.is.e));
		if (answer.ok && answer.is.e2)
			this.rotatedKey = attempt.key(unb64(answer.is.e2));
		return answer;
	}

	/** The PIN in use, to authorise something. */
	pin(pin = this.phone.store.pin, alter) {
		return this.family === "am" ? this.evaluate("am.pin", pin, "authorise", alter) : this.evaluate("ses.pin", pin, undefined, alter);
	}

	/** A PIN that is chosen: at a registration, after a recovery, or in the place of the old one. */
	newPin(pin, alter) {
		if (this.family === "am")
			return this.changePin(pin, alter);
		return this.family === "rec" ? this.evaluate("rec.pin", pin, "new", alter) : this.evaluate("act.pin", pin, undefined, alter);
	}

	async changePin(pin, alter) {
		const ds = random(32);
		const attempt = new PinTry(this.phone.store.reg, unb64(this.start.newCid ?? this.start.cid), ds, pin);
		const skid = this.start.newSaltKeyId ?? this.start.saltKeyId;
		const answer = await this.send(await this.pinRequest("am.pin", attempt, { use: "new", skid }, alter));

		if (answer.ok)
			this.newMethod = { key: attempt.key(unb64(answer.is.e)), ds, pin, cid: this.start.newCid, saltKeyId: skid };
		return answer;
	}

	// ---- finishes ----

	/** Those who authorise: the device, its hardware-protected key, and the second factor. */
	signersFor(m) {
		const { dk, hk, biometrics } = this.phone.store;
		const signers = { [KIND.DEVICE]: dk };

		if (hk)
			signers[KIND.HARDWARE] = hk;
		if (m === "DEVICE_PIN" && this.pinKey)
			signers[KIND.PIN] = this.pinKey;
		if (isBiometric(m) && biometrics[m])
			signers[KIND.BIOMETRIC] = biometrics[m];
		return signers;
	}

	get signedStatus() {
		return this.phone.store.hk ? "OK_SIGNED_SUCCESS" : "INFO_NOT_ACTIVATED_WITH_HW_KEY";
	}

	addNew(signers) {
		const pin = this.method === "DEVICE_PIN";

		if (!pin && isBiometric(this.method))
			this.newMethod ??= { key: newKey() };
		if (this.newMethod)
			signers[pin ? KIND.NEW_PIN : KIND.NEW_BIOMETRIC] = this.newMethod.key;
		return { m: this.method, ...(this.newMethod && { pub: b64(publicKey(this.newMethod.key)) }) };
	}

	/** members.rotate: with the PIN key of the newest salt key. */
	finishRequest(m = "DEVICE_PIN", { rotate, ...members } = {}, alter = {}) {
		const signers = this.signersFor(m);
		const own = {};

		if (rotate) {
			own.rot = { pkPin: b64(publicKey(this.rotatedKey)) };
			signers[KIND.NEW_PIN] = this.rotatedKey;
		}
		if (this.family === "am" && this.purpose === "activate")
			own.new = this.addNew(signers);
		return this.request(this.family === "am" ? "am.finish" : "ses.finish", { riskData: {}, m, chal: this.challenge, hwKeyClientStatus: this.signedStatus, ...own, ...members },
			signers, alter);
	}

	async finish(m, members, alter) {
		return this.sendFinish(await this.finishRequest(m, members, alter));
	}

	/** methods: their names. Of a recovery the recovery key signs as well. */
	registerRequest({ methods, ...members } = {}, alter = {}) {
		const { dk, hk, biometrics } = this.phone.store;
		const list = methods ?? (this.pinKey ? ["DEVICE", "DEVICE_PIN"] : ["DEVICE"]);
		const signers = { [KIND.NEW_DEVICE]: dk };

		if (this.recoveryKey)
			signers[KIND.RECOVERY] = this.recoveryKey;
		if (list.includes("DEVICE_PIN") && this.pinKey)
			signers[KIND.NEW_PIN] = this.pinKey;
		if (list.some(isBiometric))
			signers[KIND.NEW_BIOMETRIC] = list.filter(isBiometric).map((m) => (biometrics[m] ??= newKey()));
		if (hk)
			signers[KIND.NEW_HARDWARE] = hk;
		const keyOf = (m) => (m === "DEVICE_PIN" ? this.pinKey : biometrics[m]);
		return this.request(this.family === "rec" ? "rec.finish" : "act.finish", { riskData: {},
			methods: list.map((m) => (keyOf(m) ? { m, pub: b64(publicKey(keyOf(m))) } : { m })),
			...(hk && { hk: b64(publicKey(hk)) }), hwKeyClientStatus: hk ? "OK_KEY_PROVIDED" : "INFO_NO_HARDWARE_SUPPORT", ...members,
		}, signers, alter);
	}

	async register(members, alter) {
		return this.sendFinish(await this.registerRequest(members, alter));
	}

	/** Sends a finish, for the first time or again, and keeps what a success gives. */
	async sendFinish(request) {
		const answer = await this.send(request);

		if (answer.ok)
			this.keep(request.members, answer.is);
		return answer;
	}

	keep(members, is) {
		const { store } = this.phone;

		store.ticket = is.ticket ?? store.ticket;
		for (const { purpose, token } of is.tokens ?? [])
			store.tokens[purpose] = token;
		if (["act", "rec"].includes(this.family))
			Object.assign(store, { reg: this.start.reg, cid: this.start.cid, saltKeyId: this.start.saltKeyId });
		if (members.rot)
			store.saltKeyId = this.start.newSaltKeyId;
		if (members.new)
			this.keepMethod(store, members.new.m);
	}

	keepMethod(store, m) {
		const { key, ...pin } = this.newMethod ?? {};

		if (m === "DEVICE_PIN")
			Object.assign(store, pin);
		else if (key)
			store.biometrics[m] = key;
	}

	// ---- recovery (6.4) ----

	/** rec.add.pin: the code that locks the recovery key in the backup. */
	async recoveryCode(code, alter) {
		const dsRec = random(32);
		const attempt = new RecoveryTry(unb64(this.start.recoveryId), dsRec, code);
		const answer = await this.send(await this.pinRequest("rec.add.pin", attempt, {}, alter));

		if (answer.ok)
			this.wrapping = { dsRec, key: attempt.wrapKey(unb64(answer.is.e)) };
		return answer;
	}

	/** rec.add.finish: a recovery key, of which only the backup holds the private half. */
	async addRecovery(members = {}, alter = {}) {
		const { dk, hk } = this.phone.store;
		const rk = newKey();
		const signers = { [KIND.DEVICE]: dk, [KIND.NEW_RECOVERY]: rk, ...(hk && { [KIND.HARDWARE]: hk }) };
		const answer = await this.sendFinish(await this.request("rec.add.finish", { rkPub: b64(publicKey(rk)), ...members }, signers, alter));

		if (answer.ok)
			this.phone.store.backup = await this.backupOf(rk, answer.is.wrapShare);
		return answer;
	}

	async backupOf(rk, share) {
		const id = unb64(this.start.recoveryId);
		const key = share ? RecoveryTry.wrapKeyOf(id, unb64(share)) : this.wrapping.key;

		return { recoveryId: this.start.recoveryId, dsRec: this.wrapping?.dsRec, saltKeyId: this.start.saltKeyId, method: this.method,
			wrapped: await wrapKey(key, id, rk) };
	}

	/** rec.pin: the code of the backup. What a wrong one gives opens nothing. */
	async unlock(code, alter) {
		const { backup } = this;
		const id = unb64(backup.recoveryId);
		const attempt = new RecoveryTry(id, backup.dsRec, code);
		const answer = await this.send(await this.pinRequest("rec.pin", attempt, { use: "recovery", skid: backup.saltKeyId }, alter));

		if (answer.ok)
			this.recoveryKey = await unwrapKey(attempt.wrapKey(unb64(answer.is.e)), id, backup.wrapped);
		return answer;
	}

	/** rec.face: a scan instead of the code. */
	async unlockByFace(scan, alter) {
		const { backup } = this;
		const id = unb64(backup.recoveryId);
		const answer = await this.say("rec.face", { face: scan }, {}, alter);

		if (answer.ok)
			this.recoveryKey = await unwrapKey(RecoveryTry.wrapKeyOf(id, unb64(answer.is.wrapShare)), id, backup.wrapped);
		return answer;
	}
}
