// An Apple of our own for App Attest: a root, an intermediate, and what an iPhone's Secure Enclave makes under them. DER and CBOR are
// written here, by hand, so that nothing is shared with the server; node signs. Every value can be made wrong on its own.
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const NONCE_EXTENSION = "1.2.840.113635.100.8.2";
const AAGUIDS = { PRODUCTION: Buffer.from("appattest\0\0\0\0\0\0\0"), DEVELOPMENT: Buffer.from("appattestdevelop") };
const ATTESTED = 0x40;
const DAY_MS = 24 * 3600 * 1000;

const sha256 = (...parts) => crypto.createHash("sha256").update(Buffer.concat(parts)).digest();
const u16 = (n) => Buffer.of(n >> 8, n & 255);
const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32BE(n); return b; };

// ---- DER ----

function der(tag, ...parts) {
	const content = Buffer.concat(parts);
	const { length } = content;
	const size = length < 128 ? Buffer.of(length) : length < 256 ? Buffer.of(0x81, length) : Buffer.concat([Buffer.of(0x82), u16(length)]);

	return Buffer.concat([Buffer.of(tag), size, content]);
}

const sequence = (...parts) => der(0x30, ...parts);

function oid(text) {
	const [first, second, ...rest] = text.split(".").map(Number);
	const bytes = [40 * first + second];

	for (const n of rest) {
		const groups = [n & 127];

		for (let left = n >> 7; left; left >>= 7)
			groups.unshift(128 | left & 127);
		bytes.push(...groups);
	}
	return der(0x06, Buffer.from(bytes));
}

const ECDSA_SHA256 = sequence(oid("1.2.840.10045.4.3.2"));
const name = (text) => sequence(der(0x31, sequence(oid("2.5.4.3"), der(0x0c, Buffer.from(text)))));
const time = (ms) => der(0x17, Buffer.from(`${new Date(ms).toISOString().slice(2, 19).replace(/[-:T]/g, "")}Z`));
const extension = (id, value, critical) => sequence(oid(id), ...(critical ? [der(0x01, Buffer.of(0xff))] : []), der(0x04, value));
const spki = (key) => key.export({ type: "spki", format: "der" });
const newKey = () => crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });

function certificate({ subject, issuer, key, signer, ca, extensions = [], from = Date.now() - DAY_MS, until = Date.now() + DAY_MS }) {
	const basic = extension("2.5.29.19", ca ? sequence(der(0x01, Buffer.of(0xff))) : sequence(), true);
	const body = sequence(der(0xa0, der(0x02, Buffer.of(2))), der(0x02, crypto.randomBytes(8).fill(1, 0, 1)), ECDSA_SHA256, name(issuer),
		sequence(time(from), time(until)), name(subject), spki(key.publicKey), der(0xa3, sequence(basic, ...extensions)));

	return sequence(body, ECDSA_SHA256, der(0x03, Buffer.of(0), crypto.sign("sha256", body, signer.privateKey)));
}

// ---- CBOR ----

const head = (major, n) => (n < 24 ? Buffer.of(major << 5 | n) : n < 256 ? Buffer.of(major << 5 | 24, n) : Buffer.concat([Buffer.of(major << 5 | 25), u16(n)]));

function cbor(value) {
	if (Buffer.isBuffer(value))
		return Buffer.concat([head(2, value.length), value]);
	if (typeof value === "string")
		return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
	if (typeof value === "number")
		return value < 0 ? head(1, -1 - value) : head(0, value);
	if (Array.isArray(value))
		return Buffer.concat([head(4, value.length), ...value.map(cbor)]);
	const entries = value instanceof Map ? [...value] : Object.entries(value);

	return Buffer.concat([head(5, entries.length), ...entries.flatMap(([k, v]) => [cbor(k), cbor(v)])]);
}

const pointOf = ({ publicKey }) => {
	const { x, y } = publicKey.export({ format: "jwk" });

	return { x: Buffer.from(x, "base64url"), y: Buffer.from(y, "base64url") };
};

// ---- the service, and a phone's key ----

export class FakeApple {
	static made() {
		const apple = new FakeApple();

		apple.scratch = fs.mkdtempSync(path.join(os.tmpdir(), "apple-test-"));
		apple.rootFile = path.join(apple.scratch, "root.pem");
		apple.root = newKey();
		apple.middle = newKey();
		const root = certificate({ subject: "root", issuer: "root", key: apple.root, signer: apple.root, ca: true });

		apple.middleCertificate = certificate({ subject: "middle", issuer: "root", key: apple.middle, signer: apple.root, ca: true });
		fs.writeFileSync(apple.rootFile, new crypto.X509Certificate(root).toString());
		return apple;
	}

	remove() {
		fs.rmSync(this.scratch, { recursive: true });
	}

	newKey(appId) {
		return new AppKey(this, appId);
	}
}

/** wrong: members that take the place of the right ones, each named where it is used. */
class AppKey {
	constructor(apple, appId) {
		const { x, y } = pointOf(this.pair = newKey());

		Object.assign(this, { apple, appId, counter: 0, x, y });
		this.id = sha256(Buffer.of(4), x, y);
	}

	get keyId() {
		return this.id.toString("base64");
	}

	#front(counter, { appId = this.appId }) {
		return Buffer.concat([sha256(Buffer.from(appId)), Buffer.of(ATTESTED), u32(counter)]);
	}

	/** What `attest` of a finish holds. */
	attestation(clientDataHash, wrong = {}) {
		const { environment = "PRODUCTION", credentialId = this.id, counter = 0, hash = clientDataHash, fmt = "apple-appattest" } = wrong;
		const cose = cbor(new Map([[1, 2], [3, -7], [-1, 1], [-2, this.x], [-3, this.y]]));
		const authData = Buffer.concat([this.#front(counter, wrong), AAGUIDS[environment], u16(credentialId.length), credentialId, cose]);
		const object = { fmt, attStmt: { x5c: this.#chain(sha256(authData, hash), wrong), receipt: Buffer.from("receipt") }, authData };

		return { kind: "attestation", keyId: wrong.keyId ?? this.keyId, object: cbor(object).toString("base64url") };
	}

	#chain(nonce, { signer = this.apple.middle, leafKey = this.pair, until, from, middle = this.apple.middleCertificate, nonceExtension }) {
		const value = nonceExtension ?? sequence(der(0xa1, der(0x04, nonce)));
		const leaf = certificate({ subject: "leaf", issuer: "middle", key: leafKey, signer, from, until,
			extensions: [extension(NONCE_EXTENSION, value)] });

		return [leaf, middle];
	}

	assertion(clientDataHash, wrong = {}) {
		const { counter = ++this.counter, hash = clientDataHash, key = this.pair } = wrong;
		const authenticatorData = this.#front(counter, wrong);
		const signature = crypto.sign("sha256", sha256(authenticatorData, hash), key.privateKey);

		return { kind: "assertion", keyId: wrong.keyId ?? this.keyId, object: cbor({ signature, authenticatorData }).toString("base64url") };
	}
}

export { newKey as newAppleKey };
