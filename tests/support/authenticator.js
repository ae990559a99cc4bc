// A passkey without a browser: a key, and the answers of an authenticator to a challenge (WebAuthn Level 3, 6.1, 6.3.2 and 6.3.3).
import crypto from "node:crypto";

const PRESENT_AND_VERIFIED = 0x05, ATTESTED = 0x40;
const sha256 = (data) => crypto.createHash("sha256").update(data).digest();
const fromText = (text) => Buffer.from(text, "base64url");

export class Authenticator {
	/** credentialId: bytes of one's own choice */
	constructor(rpId, credentialId) {
		Object.assign(this, { rpId, credentialId: Buffer.from(credentialId), signCount: 0 });
		this.keys = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
	}

	/** The public key as COSE has it: {1: 2, 3: -7, -1: 1, -2: x, -3: y}. */
	get cose() {
		const { x, y } = this.keys.publicKey.export({ format: "jwk" });

		return Buffer.concat([Buffer.from("a5010203262001215820", "hex"), fromText(x), Buffer.from("225820", "hex"), fromText(y)]);
	}

	/** A line for the import of passkeys. */
	record(user, fields) {
		return JSON.stringify({ userId: user.id, domain: this.rpId, credentialId: this.credentialId.toString("base64url"),
			publicKey: this.cose.toString("base64url"), signCount: 0, backupEligible: false, ...fields });
	}

	#data(flags, more = Buffer.alloc(0)) {
		const count = Buffer.alloc(4);

		count.writeUInt32BE(this.signCount);
		return Buffer.concat([sha256(this.rpId), Buffer.of(flags), count, more]);
	}

	#named(response) {
		const id = this.credentialId.toString("base64url");

		return { rawId: id, id, type: "public-key", response };
	}

	/** Of a new passkey, what the browser sends to .../result; without an attestation: {"fmt": "none", "attStmt": {}, "authData": …}. */
	make({ challenge }, origin) {
		const clientDataJSON = Buffer.from(JSON.stringify({ type: "webauthn.create", challenge, origin, crossOrigin: false }));
		const length = Buffer.of(this.credentialId.length >> 8, this.credentialId.length & 255);
		const data = this.#data(PRESENT_AND_VERIFIED | ATTESTED, Buffer.concat([Buffer.alloc(16), length, this.credentialId, this.cose]));
		const object = Buffer.concat([Buffer.from("a363666d74646e6f6e656761747453746d74a068617574684461746158", "hex"), Buffer.of(data.length), data]);

		return this.#named({ clientDataJSON: clientDataJSON.toString("base64url"), attestationObject: object.toString("base64url"), transports: ["internal"] });
	}

	/** What the browser sends to .../result. */
	answer({ challenge }, origin, user) {
		const clientDataJSON = Buffer.from(JSON.stringify({ type: "webauthn.get", challenge, origin, crossOrigin: false }));

		this.signCount++;
		const authenticatorData = this.#data(PRESENT_AND_VERIFIED);
		const signature = crypto.sign("sha256", Buffer.concat([authenticatorData, sha256(clientDataJSON)]), this.keys.privateKey);
		const text = (data) => data.toString("base64url");

		return this.#named({ clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature),
			userHandle: text(Buffer.from(user.id.replaceAll("-", ""), "hex")) });
	}
}
