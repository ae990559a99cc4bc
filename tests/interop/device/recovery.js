// The recovery key in the phone's backup, and the code that opens it (section 6.4).
import { bytes, hkdf, label, newKey, oprfBlind, oprfFinalize, open, seal, sha256, u16 } from "./crypto.js";

const WRAP_NONCE = Buffer.alloc(12); // each recovery wraps one key, once

export class RecoveryTry {
	constructor(id, dsRec, code) {
		const text = Buffer.from(code.normalize("NFC"));

		this.id = id;
		this.input = sha256(label("rid-device/v1 rec-input"), id, dsRec, u16(text.length), text);
		Object.assign(this, oprfBlind(this.input));
	}

	static wrapKeyOf(id, secret) {
		return hkdf(id, secret, "rid-device/v1 rec-wrap", 32);
	}

	wrapKey(evaluated) {
		return RecoveryTry.wrapKeyOf(this.id, oprfFinalize(this.input, this.blind, evaluated));
	}
}

export const wrapKey = (key, id, rk) => seal(key, WRAP_NONCE, id, rk);

/** With a key that a wrong code gave: some other key, for what the server makes of it. */
export const unwrapKey = (key, id, wrapped) => open(key, WRAP_NONCE, id, wrapped).catch(() => newKey());
