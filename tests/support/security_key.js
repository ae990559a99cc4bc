// An authenticator in JavaScript: passkeys with self attestation (WebAuthn Level 3, 8.2) and assertions, and whatever a test spoils.
import crypto from "node:crypto";

const PRESENT = 1, VERIFIED = 4, ATTESTED = 0x40;

function head(major, n) {
	if (n < 24)
		return Buffer.from([major << 5 | n]);
	return n < 256 ? Buffer.from([major << 5 | 24, n]) : Buffer.from([major << 5 | 25, n >> 8, n & 255]);
}

/** CBOR (RFC 8949) of integers, text, bytes and [[key, value], …] maps. */
export function cbor(value) {
	if (typeof value === "number")
		return value < 0 ? head(1, -1 - value) : head(0, value);
	if (typeof value === "string")
		return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
	if (Buffer.isBuffer(value))
		return Buffer.concat([head(2, value.length), value]);
	return Buffer.concat([head(5, value.length), ...value.flat().map(cbor)]);
}

export const sha256 = (bytes) => crypto.createHash("sha256").update(bytes).digest();

export class SecurityKey {
	constructor(rpId, origin) {
		Object.assign(this, { rpId, origin, id: crypto.randomBytes(16), count: 0 });
		({ privateKey: this.privateKey, publicKey: this.publicKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" }));
	}

	get coseKey() {
		const { x, y } = this.publicKey.export({ format: "jwk" });

		return cbor([[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(x, "base64url")], [-3, Buffer.from(y, "base64url")]]);
	}

	#clientData(type, challenge) {
		return Buffer.from(JSON.stringify({ type, challenge, origin: this.origin, crossOrigin: false }));
	}

	#data(flags, more = Buffer.alloc(0)) {
		const count = Buffer.alloc(4);

		count.writeUInt32BE(++this.count);
		return Buffer.concat([sha256(this.rpId), Buffer.from([flags]), count, more]);
	}

	#sign(data, clientData) {
		return crypto.sign("sha256", Buffer.concat([data, sha256(clientData)]), this.privateKey);
	}

	/** Members as bytes: what PublicKeyCredential.toJSON() has as text. */
	create(options) {
		this.handle = Buffer.from(options.user.id, "base64url");
		const clientDataJSON = this.#clientData("webauthn.create", options.challenge);
		const credential = Buffer.concat([Buffer.alloc(16), Buffer.from([0, this.id.length]), this.id, this.coseKey]);
		const authData = this.#data(PRESENT | VERIFIED | ATTESTED, credential);
		const attStmt = [["alg", -7], ["sig", this.#sign(authData, clientDataJSON)]];

		return { clientDataJSON, attestationObject: cbor([["fmt", "packed"], ["attStmt", attStmt], ["authData", authData]]) };
	}

	get(options) {
		const clientDataJSON = this.#clientData("webauthn.get", options.challenge);
		const authenticatorData = this.#data(PRESENT | VERIFIED);

		return { clientDataJSON, authenticatorData, signature: this.#sign(authenticatorData, clientDataJSON), userHandle: this.handle };
	}

	/** What the page sends. */
	sent(members, id = this.id) {
		const response = Object.fromEntries(Object.entries(members).map(([name, bytes]) => [name, bytes.toString("base64url")]));

		return { id: id.toString("base64url"), rawId: id.toString("base64url"), type: "public-key", response };
	}
}
