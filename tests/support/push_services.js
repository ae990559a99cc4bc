// The push services on 127.0.0.1, over TLS with a certificate of their own: Web Push, Firebase Cloud Messaging with its token endpoint,
// APNs over HTTP/2. Keeps what came, opened with node's own cryptography.
import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import http2 from "node:http2";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 20_000;
const POLL_MS = 10;
const PUBLIC_BYTES = 65;
const HEADER_BYTES = 21;

const hkdf = (salt, ikm, info, n) => Buffer.from(crypto.hkdfSync("sha256", ikm, salt, info, n));

/** A browser's subscription (W3C Push API), and what it makes of a message (RFC 8291). */
export class Subscription {
	constructor(endpoint) {
		this.endpoint = endpoint;
		this.ecdh = crypto.createECDH("prime256v1");
		this.ecdh.generateKeys();
		this.auth = crypto.randomBytes(16);
	}

	toJSON() {
		return { endpoint: this.endpoint, expirationTime: null,
			keys: { p256dh: this.ecdh.getPublicKey("base64url"), auth: this.auth.toString("base64url") } };
	}

	open(body) {
		const salt = body.subarray(0, 16);
		const length = body.readUInt8(20);
		const theirs = body.subarray(HEADER_BYTES, HEADER_BYTES + length);
		const box = body.subarray(HEADER_BYTES + length);

		if (length !== PUBLIC_BYTES || body.readUInt32BE(16) < box.length)
			throw new Error("no aes128gcm message of one record");
		const info = Buffer.concat([Buffer.from("WebPush: info\0"), this.ecdh.getPublicKey(), theirs]);
		const ikm = hkdf(this.auth, this.ecdh.computeSecret(theirs), info, 32);
		const key = hkdf(salt, ikm, "Content-Encoding: aes128gcm\0", 16);
		const decipher = crypto.createDecipheriv("aes-128-gcm", key, hkdf(salt, ikm, "Content-Encoding: nonce\0", 12));

		decipher.setAuthTag(box.subarray(-16));
		const padded = Buffer.concat([decipher.update(box.subarray(0, -16)), decipher.final()]);
		const end = padded.lastIndexOf(2);

		if (end < 0 || padded.subarray(end + 1).some((byte) => byte !== 0))
			throw new Error("padding that is none");
		return JSON.parse(padded.subarray(0, end));
	}
}

export class PushServices {
	static async started() {
		const services = new PushServices();

		services.scratch = fs.mkdtempSync(path.join(os.tmpdir(), "push-test-"));
		services.caFile = path.join(services.scratch, "cert.pem");
		execFileSync("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
			"-subj", "/CN=push", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:TRUE",
			"-keyout", path.join(services.scratch, "key.pem"), "-out", services.caFile], { stdio: "ignore" });
		services.calls = []; // {path, headers, body, version}
		services.statuses = {}; // first part of a path: the status that is answered
		services.server = http2.createSecureServer({ allowHTTP1: true, cert: fs.readFileSync(services.caFile),
			key: fs.readFileSync(path.join(services.scratch, "key.pem")) }, (request, response) => services.#take(request, response));
		services.server.listen(0, "127.0.0.1");
		await once(services.server, "listening");
		services.url = `https://127.0.0.1:${services.server.address().port}`;
		return services;
	}

	/** Arguments of a server that may call these. */
	get args() {
		return ["--outbound-networks", "127.0.0.0/8", "--outbound-ca-file", this.caFile];
	}

	async #take(request, response) {
		const chunks = [];

		for await (const chunk of request)
			chunks.push(chunk);
		const call = { path: request.url, headers: request.headers, body: Buffer.concat(chunks), version: request.httpVersion };
		const status = this.statuses[call.path.split("/")[1]] ?? 200;

		this.calls.push(call);
		if (this.held && call.path.split("/")[1] === this.held)
			return; // never answered
		response.writeHead(status, { "content-type": "application/json" });
		response.end(call.path === "/token" ? JSON.stringify({ access_token: "ya29.test", expires_in: 3600, token_type: "Bearer" }) : "{}");
	}

	of(part) {
		return this.calls.filter((call) => call.path.split("/")[1] === part);
	}

	/** Waits for the n-th call below that part. */
	async nth(part, n = 1) {
		const end = Date.now() + PATIENCE_MS;

		while (this.of(part).length < n) {
			if (Date.now() > end)
				throw new Error(`no push below /${part}; there were ${JSON.stringify(this.calls.map((call) => call.path))}`);
			await sleep(POLL_MS);
		}
		return this.of(part)[n - 1];
	}

	async close() {
		this.server.closeAllConnections?.();
		this.server.close();
		fs.rmSync(this.scratch, { recursive: true });
	}
}

/** Private keys as the services hand them out: PEM; and the public half. */
export function serviceKey(type) {
	const { privateKey, publicKey } = type === "rsa" ? crypto.generateKeyPairSync("rsa", { modulusLength: 2048 }) :
		crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });

	return { pem: privateKey.export({ type: "pkcs8", format: "pem" }), publicKey };
}
