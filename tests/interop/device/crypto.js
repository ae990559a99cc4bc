// What the device protocol is made of, from independent libraries: @noble for curves and hashes, WebCrypto for AES-GCM.
import { p256, p256_oprf } from "@noble/curves/nist.js";
import { expand, extract, hkdf as nobleHkdf } from "@noble/hashes/hkdf.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";

export const SCALAR_BYTES = 32;
export const SIGNATURE_BYTES = 64;

const ORDER = p256.Point.Fn.ORDER;

/** Text as UTF-8, numbers as one byte each, bytes as they are. */
export const bytes = (...parts) => Buffer.concat(parts.map((part) =>
	typeof part === "number" ? Buffer.of(part) : Buffer.from(part)));

/** "text" 00 */
export const label = (text) => bytes(text, 0);
export const u16 = (n) => Buffer.of(n >> 8, n & 255);
export const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };
export const b64 = (data) => Buffer.from(data).toString("base64url");
export const unb64 = (text) => Buffer.from(text, "base64url");
export const random = (n) => Buffer.from(crypto.getRandomValues(new Uint8Array(n)));
export const uuidBytes = (text) => Buffer.from(text.replaceAll("-", ""), "hex");

export const sha256 = (...parts) => Buffer.from(nobleSha256(bytes(...parts)));
export const hkdfExtract = (salt, ikm) => Buffer.from(extract(nobleSha256, ikm, salt));
export const hkdfExpand = (prk, info, n) => Buffer.from(expand(nobleSha256, prk, bytes(info), n));
export const hkdf = (salt, ikm, info, n) => Buffer.from(nobleHkdf(nobleSha256, ikm, salt, bytes(info), n));

const aesKey = (key, use) => crypto.subtle.importKey("raw", key, "AES-GCM", false, [use]);

export async function seal(key, nonce, aad, plaintext) {
	return Buffer.from(await crypto.subtle.encrypt(
		{ name: "AES-GCM", iv: nonce, additionalData: aad }, await aesKey(key, "encrypt"), plaintext));
}

export async function open(key, nonce, aad, ciphertext) {
	return Buffer.from(await crypto.subtle.decrypt(
		{ name: "AES-GCM", iv: nonce, additionalData: aad }, await aesKey(key, "decrypt"), ciphertext));
}

// ---- signatures: ECDSA P-256 with SHA-256, raw r and s, low-s, made as RFC 6979 says ----

export const newKey = () => Buffer.from(p256.utils.randomSecretKey());
export const publicKey = (secret) => Buffer.from(p256.getPublicKey(secret, true));
export const sign = (secret, message) => Buffer.from(p256.sign(message, secret, { lowS: true, prehash: true }));
export const verify = (point, message, signature) => p256.verify(signature, message, point, { lowS: true, prehash: true });

/** The other signature of the same message that plain ECDSA would take too. */
export function highS(signature) {
	const s = BigInt(`0x${Buffer.from(signature.subarray(32)).toString("hex")}`);

	return bytes(signature.subarray(0, 32), scalar(ORDER - s));
}

// ---- the OPRF of RFC 9497, mode 0 ----

export const scalar = (n) => Buffer.from(n.toString(16).padStart(2 * SCALAR_BYTES, "0"), "hex");

/** blind: only for known answers; else random. */
export function oprfBlind(input, blind) {
	// The library draws 48 bytes and takes them modulo the order less one, plus one.
	const drawn = blind && bytes(Buffer.alloc(16), scalar(BigInt(`0x${Buffer.from(blind).toString("hex")}`) - 1n));

	return p256_oprf.oprf.blind(input, drawn ? () => new Uint8Array(drawn) : undefined);
}

export const oprfFinalize = (input, blind, evaluated) => Buffer.from(p256_oprf.oprf.finalize(input, blind, evaluated));

/** What the server does; here for known answers only. */
export function oprfEvaluate(saltKey, id, derivation, info, blinded) {
	const seed = hkdf(saltKey, id, derivation, 32);
	const { secretKey } = p256_oprf.oprf.deriveKeyPair(new Uint8Array(seed), new Uint8Array(bytes(info)));

	return { key: Buffer.from(secretKey), evaluated: Buffer.from(p256_oprf.oprf.blindEvaluate(secretKey, blinded)) };
}

/** 1 + (wide mod (n - 1)) */
export const scalarFromWide = (wide) => scalar(1n + BigInt(`0x${wide.toString("hex")}`) % (ORDER - 1n));

/** A point that is on the curve, and three that are not. */
export const points = {
	random: () => publicKey(newKey()),
	infinity: Buffer.of(0),
	padded: Buffer.alloc(33),
	offCurve: () => {
		for (;;) {
			const point = bytes(2, random(32));

			try {
				p256.Point.fromBytes(point);
			} catch {
				return point;
			}
		}
	},
};
