// A passkey without a browser: a key, and the answer of an authenticator to a challenge (WebAuthn Level 3, 6.1 and 6.3.3).
import crypto from "node:crypto";

const PRESENT_AND_VERIFIED = 0x05;
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

	/** What the browser sends to .../result. */
	answer({ challenge }, origin, user) {
		const clientDataJSON = Buffer.from(JSON.stringify({ type: "webauthn.get", challenge, origin, crossOrigin: false }));
		const count = Buffer.alloc(4);

		count.writeUInt32BE(++this.signCount);
		const authenticatorData = Buffer.concat([sha256(this.rpId), Buffer.of(PRESENT_AND_VERIFIED), count]);
		const signature = crypto.sign("sha256", Buffer.concat([authenticatorData, sha256(clientDataJSON)]), this.keys.privateKey);
		const text = (data) => data.toString("base64url");

		return { rawId: text(this.credentialId), id: text(this.credentialId), type: "public-key", response: {
			clientDataJSON: text(clientDataJSON), authenticatorData: text(authenticatorData), signature: text(signature),
			userHandle: text(Buffer.from(user.id.replaceAll("-", ""), "hex")),
		} };
	}
}
