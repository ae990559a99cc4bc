// The record that the SDK keeps of a registration (sdk/record.h), as somebody reads and changes it who has the phone's storage key.
import crypto from "node:crypto";

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FIELD_HEAD_BYTES = 3;
const FIELDS = { hardwareKey: 8, saltKeyId: 12 };

const placeOf = (applicationId, slot) => Buffer.from(`device record|${applicationId}|${slot}`);

function opened(box, key, place) {
	const decipher = crypto.createDecipheriv("aes-256-gcm", key, box.subarray(1, 1 + NONCE_BYTES));

	decipher.setAAD(place);
	decipher.setAuthTag(box.subarray(-TAG_BYTES));
	return Buffer.concat([decipher.update(box.subarray(1 + NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}

function sealed(plain, key, place) {
	const nonce = crypto.randomBytes(NONCE_BYTES);
	const cipher = crypto.createCipheriv("aes-256-gcm", key, nonce);

	cipher.setAAD(place);
	return Buffer.concat([Buffer.of(VERSION), nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

function replaced(plain, tag, value) {
	const parts = [plain.subarray(0, 1)];
	let found = 0;

	for (let at = 1; at < plain.length;) {
		const end = at + FIELD_HEAD_BYTES + plain.readUInt16BE(at + 1);
		const isIt = plain[at] === tag;

		parts.push(isIt ? Buffer.concat([Buffer.of(tag, value.length >> 8, value.length & 255), value]) : plain.subarray(at, end));
		found += isIt ? 1 : 0;
		at = end;
	}
	if (found !== 1)
		throw new Error(`there is no field ${tag} in the record`);
	return Buffer.concat(parts);
}

/** box: in hexadecimal, like what comes back; field: a name of FIELDS. */
export function alteredRecord(box, key, applicationId, slot, field, value) {
	const place = placeOf(applicationId, slot);
	const plain = replaced(opened(Buffer.from(box, "hex"), key, place), FIELDS[field], Buffer.from(value));

	return sealed(plain, key, place).toString("hex");
}
