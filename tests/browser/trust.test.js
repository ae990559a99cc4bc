// Which authenticators are welcome: the FIDO Metadata Service's blob, roots, attestation that is asked for.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { Stage } from "../support/browser.js";
import { Server } from "../support/server.js";

// Of Chromium's virtual authenticators.
const VIRTUAL = "01020304-0506-0708-0102-030405060708";
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), "trust-test-"));

after(() => fs.rmSync(scratch, { recursive: true, force: true }));

function openssl(...words) {
	execFileSync("openssl", words, { cwd: scratch, stdio: "ignore" });
}

/** A root, and a leaf that signs the blob. */
function makeCertificates() {
	const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

	fs.writeFileSync(path.join(scratch, "leaf.ext"), "basicConstraints=critical,CA:FALSE\n");
	openssl("req", "-x509", ...key, "-keyout", "root.key", "-out", "root.pem", "-days", "30", "-subj", "/CN=Root");
	openssl("req", ...key, "-keyout", "leaf.key", "-out", "leaf.csr", "-subj", "/CN=Leaf");
	openssl("x509", "-req", "-in", "leaf.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-out", "leaf.pem", "-days", "20",
		"-extfile", "leaf.ext");
	openssl("x509", "-in", "leaf.pem", "-outform", "DER", "-out", "leaf.der");
}

/** The blob as a file; alter(text) may spoil it. */
function writeBlob(entries, alter = (text) => text) {
	const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
	const leaf = fs.readFileSync(path.join(scratch, "leaf.der")).toString("base64");
	const text = `${encode({ alg: "ES256", typ: "JWT", x5c: [leaf] })}.${encode({ no: 1, nextUpdate: "2030-01-01", entries })}`;
	const signature = crypto.sign("sha256", Buffer.from(text),
		{ key: fs.readFileSync(path.join(scratch, "leaf.key")), dsaEncoding: "ieee-p1363" }).toString("base64url");
	const file = path.join(scratch, "blob.jwt");

	fs.writeFileSync(file, alter(`${text}.${signature}\n`));
	return ["--passkey-metadata", file, "--passkey-metadata-root", path.join(scratch, "root.pem")];
}

const entry = (status, aaguid = VIRTUAL) => ({
	aaguid, statusReports: [{ status }], metadataStatement: { attestationRootCertificates: [] },
});

before(makeCertificates);

async function registered(args, ...settings) {
	const stage = await Stage.started({ args });

	try {
		if (settings.length)
			await stage.configure(...settings);
		const person = await stage.person();
		person.user = await stage.newUser("person");
		const done = await stage.carryOut(person, await stage.register(person.user), "registrations");

		return { done, log: stage.server.log };
	} finally {
		await stage.remove();
	}
}

test("an authenticator that is certified is taken, one that was compromised is not", async () => {
	const good = await registered(writeBlob([entry("FIDO_CERTIFIED"), { aaid: "1234#5678" }]), "--attestation", "on");

	assert.equal(good.done.state, "COMPLETED", JSON.stringify(good.done));
	assert.match(good.log, /kinds=1/);
	const bad = await registered(writeBlob([entry("FIDO_CERTIFIED", crypto.randomUUID()), entry("ATTESTATION_KEY_COMPROMISE")]), "--attestation", "on");
	assert.equal(bad.done.errorCode, "FAILED_VERIFICATION");
	assert.match(bad.done.errorDescription, /not allowed/);
});

test("only kinds that are named, only roots that are trusted", async () => {
	const other = await registered([], "--attestation", "on", "--aaguids", crypto.randomUUID());

	assert.match(other.done.errorDescription, /not allowed/);
	const named = await registered([], "--attestation", "on", "--aaguids", `${crypto.randomUUID()} ${VIRTUAL}`);
	assert.equal(named.done.state, "COMPLETED", JSON.stringify(named.done));
	const untrusted = await registered(["--passkey-roots", path.join(scratch, "root.pem")], "--attestation", "on", "--trusted-only", "on");
	assert.match(untrusted.done.errorDescription, /trusted root/);
});

test("a blob that is altered, or of another root, keeps the server from starting", async () => {
	const flipped = (text) => text.replace(/\.(.)/, (_, c) => `.${c === "e" ? "f" : "e"}`);

	for (const alter of [flipped, (text) => text.slice(0, 40), (text) => `${text.trim().slice(0, -4)}AAAA`])
		await assert.rejects(Server.started({ args: writeBlob([entry("REVOKED")], alter) }), /roots or metadata/);
	openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "other.key", "-out", "root.pem", "-days", "9",
		"-subj", "/CN=Root");
	await assert.rejects(Server.started({ args: writeBlob([]) }), /roots or metadata/);
});
