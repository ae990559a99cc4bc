// The messages of rid-device/v1: composed, signed, and what comes back. Everything that is sent can be altered on the way out:
//
//   members(object)       the request's members, before they become JSON
//   json(bytes)           the JSON, before it is signed
//   sign(kind, make)      one signature: make(message?) gives the right one; null leaves it out
//   signatures(list)      all of them, [[kind, bytes], …]
//   plaintext(bytes)      what is sealed
//   header(bytes)         the envelope's header
//   wire(bytes)           what is sent
//   contentType           its media type
import { b64, bytes, hkdf, label, oprfBlind, oprfFinalize, scalarFromWide, sha256, sign, u16, u32, uuidBytes } from "./crypto.js";
import { ANSWER_TYPE, openAnswer, plaintextOf } from "./envelope.js";

export const KIND = { DEVICE: 1, HARDWARE: 2, PIN: 3, BIOMETRIC: 4, RECOVERY: 5, NEW_PIN: 6, NEW_BIOMETRIC: 7, NEW_DEVICE: 8, NEW_HARDWARE: 9,
	NEW_RECOVERY: 10 };
export const same = (value) => value;

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
export class Request {
	constructor(members, plaintext, wire, exchange, contentType) {
		Object.assign(this, { members, plaintext, wire, exchange, contentType });
	}
}

/** What came back: inside the envelope (`json`, parsed as `is`), or an outside error. */
export class Answer {
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

/** A scan of a face stands behind the signatures; the JSON has its hash, so that what is signed covers it. */
const splitScan = ({ face, ...members }) =>
	(Buffer.isBuffer(face) ? { members: { ...members, face: { hash: b64(sha256(face)) } }, behind: bytes(u32(face.length), face) }
		: { members: { ...members, ...(face !== undefined && { face }) }, behind: Buffer.alloc(0) });

export function compose(given, signers, th, alter) {
	const { members, behind } = splitScan(given);
	const all = (alter.members ?? same)(members);
	const json = (alter.json ?? same)(Buffer.from(JSON.stringify(all)));
	const plaintext = bytes(plaintextOf(json, signAll(signers, th, json, alter)), behind);

	return { members: all, plaintext: (alter.plaintext ?? same)(plaintext) };
}

/** The answer, which has to be ok. */
export function must(answer) {
	if (!answer.ok)
		throw new Error(`${answer.request.members.t}: ${answer.status} ${answer.error ?? answer.json}`);
	return answer;
}
