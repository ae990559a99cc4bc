// The two envelopes of rid-device/v1 (docs/DEVICE-PROTOCOL.md, section 2), the phone's side.
import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { DhkemX25519HkdfSha256 } from "@hpke/dhkem-x25519";
import { x25519 } from "@noble/curves/ed25519.js";
import { bytes, hkdfExpand, hkdfExtract, label, open, random, seal, sha256, u16, u32 } from "./crypto.js";

export const REQUEST_TYPE = "application/vnd.reuseid.device-req";
export const ANSWER_TYPE = "application/vnd.reuseid.device-res";
export const SALT_BYTES = 32;
export const TAG_BYTES = 16;

const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });

/** u32 length, JSON, u8 count, then kind, u16 length and bytes of each signature: [[kind, bytes], …] */
export const plaintextOf = (json, signatures) => bytes(
	u32(json.length), json, signatures.length,
	...signatures.flatMap(([kind, signature]) => [kind, u16(signature.length), signature]));

export const keyIdOf = (serverKey) => sha256(serverKey).subarray(0, 8);

export const startHeader = (serverKey, applicationId) => bytes(
	1, 1, keyIdOf(serverKey), Buffer.byteLength(applicationId), applicationId);

export const sessionHeader = (sid) => bytes(1, 2, sid);

/** Suite 01, in two steps, because the JSON carries enc. ephemeral: only for known answers. */
export async function startSender(serverKey, hdr, ephemeral) {
	const sender = await suite.createSenderContext({
		recipientPublicKey: await suite.kem.deserializePublicKey(new Uint8Array(serverKey)),
		info: new Uint8Array(bytes(label("rid-device/v1 req"), hdr)),
		ekm: ephemeral,
	});
	const exported = async (text) => Buffer.from(await sender.export(new Uint8Array(bytes(text)), 32));
	const enc = Buffer.from(sender.enc);

	return {
		enc,
		exchange: { salt: enc, secret: await exported("rid-device/v1 res"), sessionSecret: await exported("rid-device/v1 ses") },
		seal: async (plaintext) => bytes(hdr, enc, Buffer.from(await sender.seal(new Uint8Array(plaintext), new Uint8Array(hdr)))),
	};
}

/** For known answers: the pair of an ephemeral secret. */
export const ephemeralPair = async (secret) => ({
	privateKey: await suite.kem.importKey("raw", new Uint8Array(secret), false),
	publicKey: await suite.kem.importKey("raw", x25519.getPublicKey(new Uint8Array(secret)), true),
});

export const sessionKey = (th1, sessionSecret) => hkdfExtract(th1, sessionSecret);

/** Suite 02. rnd: only for known answers, or to use one twice. */
export async function sealSession(key, hdr, plaintext, rnd = random(SALT_BYTES)) {
	const prk = hkdfExtract(rnd, key);
	const aad = bytes(hdr, rnd);

	return {
		wire: bytes(aad, await seal(hkdfExpand(prk, "req key", 32), hkdfExpand(prk, "req nonce", 12), aad, plaintext)),
		exchange: { salt: rnd, secret: hkdfExpand(prk, "res", 32) },
	};
}

function answerKey({ salt, secret }, nonce) {
	const prk = hkdfExtract(bytes(salt, nonce), secret);

	return [hkdfExpand(prk, "key", 32), hkdfExpand(prk, "nonce", 12)];
}

/** The JSON of an answer; throws when it is not from the server that could open the request. */
export async function openAnswer(exchange, answer) {
	const nonce = answer.subarray(0, SALT_BYTES);

	return open(...answerKey(exchange, nonce), Buffer.alloc(0), answer.subarray(SALT_BYTES));
}

/** The server's side; here for known answers only. */
export async function sealAnswer(exchange, nonce, json) {
	return bytes(nonce, await seal(...answerKey(exchange, nonce), Buffer.alloc(0), json));
}
