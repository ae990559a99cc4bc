// Consent evidence and the audit log as files: taken from a server, checked without one.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { call } from "../support/api.js";
import { verifyConsent } from "../support/consent.js";
import { DEVICES, MobileId } from "../support/mobileid.js";
import { newKey } from "./device/crypto.js";

const JWKS = "/auth/open/.well-known/openid-configuration/jwks";
const context = { title: "Loan", mimeType: "text/plain", content: "I borrow 100 € and pay back 110" };
let all, phone;

before(async () => {
	all = await MobileId.started();
	phone = await all.phone();
	file("jwks.json", JSON.stringify((await call(all.server, null, "GET", JWKS)).body));
});
after(() => all?.remove());

function file(name, text) {
	const where = path.join(all.server.scratch, name);

	fs.writeFileSync(where, text);
	return where;
}

/** A check by the command: its JSON. It fails exactly when it says so. */
async function verify(...words) {
	const keys = path.join(all.server.scratch, "jwks.json");
	const run = promisify(execFile)(all.server.binary, [...words, "--keys", keys, "--json"]);
	const { stdout, code = 0 } = await run.catch((error) => error);
	const answer = JSON.parse(stdout);

	assert.equal(code, answer.good ? 0 : 1);
	return answer;
}

async function signed(options = {}) {
	const { transactionId } = await all.startOperation(phone, { kind: "signatures", preOperationContext: context, ...options });

	assert.ok((await phone.approve()).ok);
	return transactionId;
}

async function raw(where) {
	const reply = await fetch(all.server.baseUrl + where, { headers: { authorization: `Bearer ${all.token}` } });

	return { status: reply.status, text: await reply.text(), link: reply.headers.get("link") };
}

const bundleOf = (id) => raw(`${DEVICES}/signatures/${id}/evidence`);

test("the bundle of a signature proves what was shown", async () => {
	const id = await signed();
	const bundle = await bundleOf(id);
	const verdict = await verify("consent", "verify", file("bundle.json", bundle.text));

	assert.equal(bundle.status, 200, bundle.text);
	assert.deepEqual(verdict.fault, undefined);
	assert.equal(verdict.claims.transactionId, id);
	assert.deepEqual(verdict.claims.preOperationContext, context);
	assert.ok(!bundle.text.includes("pkPin") && !JSON.parse(bundle.text).evidence.pin);
});

test("a bundle with another part of another signature proves nothing", async () => {
	const [one, other] = [JSON.parse((await bundleOf(await signed())).text), JSON.parse((await bundleOf(await signed())).text)];

	assert.ok((await verify("consent", "verify", file("one.json", JSON.stringify(one)))).good);
	for (const name of ["signature", "evidence", "record", "proof", "checkpoint"]) {
		const mixed = { ...one, [name]: other[name] };

		assert.ok(!(await verify("consent", "verify", file("mixed.json", JSON.stringify(mixed)))).good, name);
	}
});

/** Both say the same, whatever it is. */
async function bothSay(text, jwks, good, what) {
	const { good: said } = await verify("consent", "verify", file("both.json", text));
	const otherSaid = await verifyConsent(text, jwks).then(() => true, () => false);

	assert.deepEqual([said, otherSaid], [good, good], what);
}

test("another implementation comes to the same, with a hardware-protected key too", async () => {
	const jwks = (await call(all.server, null, "GET", JWKS)).body;
	const hardware = all.newPhone();

	hardware.user = await all.newUser();
	hardware.store.hk = newKey();
	await hardware.register((await all.startRegistration(hardware.user, { authLevel: "TWO_FACTOR" })).operationProperties.activationCode);
	for (const own of [phone, hardware]) {
		const { transactionId } = await all.startOperation(own, { kind: "signatures", preOperationContext: context });

		await own.approve();
		const text = (await bundleOf(transactionId)).text;
		const verdict = await verify("consent", "verify", file("hardware.json", text));

		assert.equal(verdict.keys, own === hardware ? "dk,hk" : "dk");
		assert.equal((await verifyConsent(text, jwks)).transactionId, transactionId);
		await bothSay(text, jwks, true, "as it is");
		const alter = (change) => {
			const bundle = JSON.parse(text);

			change(bundle);
			return JSON.stringify(bundle);
		};
		const flip = (value) => (value[20] === "A" ? `${value.slice(0, 20)}B${value.slice(21)}` : `${value.slice(0, 20)}A${value.slice(21)}`);

		for (const [what, change] of Object.entries({
			"the service's token": (b) => { b.signature = flip(b.signature); },
			"the request of the start": (b) => { b.evidence.start.request = flip(b.evidence.start.request); },
			"what was shown": (b) => { b.evidence.start.answer = flip(b.evidence.start.answer); },
			"what was said in between": (b) => { b.evidence.between[0].answer = flip(b.evidence.between[0].answer); },
			"the finish": (b) => { b.evidence.finish = flip(b.evidence.finish); },
			"the device's key": (b) => { b.evidence.keys.dk = flip(b.evidence.keys.dk); },
			"the record": (b) => { b.record.timestamp = b.record.timestamp.replace("20", "19"); },
			"the proof": (b) => { b.proof[0] = flip(b.proof[0]); },
			"the checkpoint": (b) => { b.checkpoint = flip(b.checkpoint); },
			"the checkpoint of then": (b) => { b.evidence.checkpoint = flip(b.evidence.checkpoint); },
			...(own === hardware && { "the hardware-protected key": (b) => { b.evidence.keys.hk = flip(b.evidence.keys.hk); } }),
		}))
			await bothSay(alter(change), jwks, false, what);
	}
});

test("evidence of what was not completed, and of what is no signature, does not exist", async () => {
	const pending = await all.startOperation(phone, { kind: "signatures", preOperationContext: context });

	assert.equal((await bundleOf(pending.transactionId)).status, 404);
	await all.cancel(pending, "signatures");
	assert.equal((await bundleOf(pending.transactionId)).status, 404);
	const authentication = await all.startOperation(phone);

	assert.ok((await phone.approve()).ok);
	assert.equal((await bundleOf(authentication.transactionId)).status, 404);
	const other = await all.otherAccount();
	const foreign = await other.rest("GET", `${DEVICES}/signatures/${await signed()}/evidence`);

	assert.equal(foreign.status, 404);
	assert.equal(foreign.body.code, "transaction_id_does_not_exist");
});

async function exported() {
	const { data: [checkpoint] } = (await all.rest("GET", "/audit/checkpoints")).body;
	let url = `/audit/export?limit=7&size=${checkpoint.size}`, text = "";

	while (url) {
		const page = await raw(url);

		assert.equal(page.status, 200, page.text);
		text += page.text;
		url = page.link?.match(/^<([^>]+)>; rel="next"$/)[1].replace(all.server.baseUrl, "");
	}
	return { lines: text.split("\n").filter(Boolean), checkpoint: file("checkpoint.jwt", checkpoint.checkpoint) };
}

test("an export is checked offline, and the first fault is named", async () => {
	const { lines, checkpoint } = await exported();
	const check = (changed) => verify("audit", "verify", file("export.jsonl", changed.map((line) => `${line}\n`).join("")), "--checkpoint", checkpoint);
	const without = (i) => lines.toSpliced(i, 1);
	const altered = lines.with(4, lines[4].replace(/"timestamp":"20/, '"timestamp":"19'));

	assert.deepEqual(await check(lines), { good: true, accountId: all.app.accountId, size: lines.length, records: lines.length });
	assert.match((await check(altered)).fault, /^record 4 was altered$/);
	for (const i of [1, 5, lines.length - 1])
		assert.match((await check(without(i))).fault, new RegExp(`^record ${i} was removed$`));
	assert.match((await check(without(0))).fault, /^record 0 was removed$/);
	assert.match((await check(lines.toSpliced(3, 0, altered[4]))).fault, /inserted in front of record 3/);
	assert.match((await check(lines.toSpliced(6, 0, lines[2]))).fault, /record 2 stands a second time/);
	assert.match((await check([])).fault, /record 0 was removed/);
	const swapped = lines.with(2, lines[3]).with(3, lines[2]);

	assert.match((await check(swapped)).fault, /record 2 was removed/);
});

test("a checkpoint of another account, or an altered one, is no checkpoint", async () => {
	const { lines } = await exported();
	const text = lines.map((line) => `${line}\n`).join("");
	const other = await all.otherAccount("Third bank");
	const audit = await all.server.command("client", "create", "auditor", "--account", (await all.server.command("account", "list")).accounts.at(-1).id,
		"--products", "Audit API");

	assert.ok(audit.id && other);
	const token = fs.readFileSync(path.join(all.server.scratch, "checkpoint.jwt"), "utf8");

	for (const i of [5, token.indexOf(".") + 20, token.length - 10]) {
		const wrong = token.slice(0, i) + (token[i] === "A" ? "B" : "A") + token.slice(i + 1);

		assert.ok(!(await verify("audit", "verify", file("export.jsonl", text), "--checkpoint", file("wrong.jwt", wrong))).good, String(i));
	}
});

test("everything that is held about a user, and nothing of another", async () => {
	const stranger = await all.newUser({ externalRef: "stranger-of-4711" });
	const user = await all.newUser({ externalRef: "ref-4711", segment: "SE", attributes: { firstname: "Astrid" } });
	const own = await all.phone({ user });

	await all.changeUser(user, { attributes: { lastname: "Lindgren" } });
	const { transactionId } = await all.startOperation(own, { kind: "signatures", preOperationContext: context, tags: ["tag-4711"] });

	assert.ok((await own.approve()).ok);
	const { status, text } = await raw(`/reuseid/core/users/${user.id}/export`);
	const export_ = JSON.parse(text);

	assert.equal(status, 200, text);
	assert.deepEqual([export_.user.externalRef, export_.user.attributes], ["ref-4711", { firstname: "Astrid", lastname: "Lindgren" }]);
	assert.deepEqual(export_.credentials.map((one) => one.credentialId), [own.store.reg]);
	assert.deepEqual(export_.transactions.map((one) => one.operationType), ["REGISTRATION", "SIGNING"]);
	const operation = export_.deviceOperations.find((one) => one.transactionId === transactionId);

	assert.equal(operation.content.pre.content, context.content);
	assert.deepEqual(operation.content.tags, ["tag-4711"]);
	assert.ok(operation.result.signature && operation.evidence.finish && !operation.evidence.pin);
	assert.ok(export_.auditRecords.length >= 5);
	assert.ok(export_.auditRecords.every((record) => record.userId === user.id));
	assert.deepEqual(export_.auditRecords.find((record) => record.eventType === "API_USER_UPDATED").personalData,
		{ changed: ["attributes.lastname"] });
	assert.match(export_.auditRecords.find((record) => record.eventType === "DEVICE_SIGNATURE_COMPLETED").ipAddress, /^10\./);
	assert.ok(!text.includes(stranger.id) && !text.includes("stranger-of-4711"));
	const other = await all.otherAccount("Fourth bank");

	assert.equal((await other.rest("GET", `/reuseid/core/users/${user.id}/export`)).status, 404);
});

test("erasure: what was sealed is gone, the log still verifies and says so", async () => {
	const marks = { externalRef: "mark-reference", attributes: { mark_attribute: "mark-value" } };
	const user = await all.newUser(marks);
	const own = await all.phone({ user, address: "203.0.113.99" });
	const before = (await all.rest("GET", "/audit/checkpoints")).body.data[0];
	const { transactionId } = await all.startOperation(own, {
		kind: "signatures", preOperationContext: { ...context, content: "mark-content" }, tags: ["mark-tag"] });

	await all.changeUser(user, { attributes: { mark_attribute: "mark-other-value" } });
	assert.ok((await own.approve()).ok);
	const bundle = (await bundleOf(transactionId)).text;

	await all.changeUser(user, { state: "LOCKED" });
	assert.equal((await all.rest("DELETE", `/reuseid/core/users/${user.id}`)).status, 204);

	const shown = await all.operation({ transactionId }, "signatures");

	assert.equal(shown.state, "COMPLETED");
	assert.ok(shown.created && shown.transactionId === transactionId);
	assert.equal((await bundleOf(transactionId)).status, 404);
	assert.equal((await raw(`/reuseid/core/users/${user.id}/export`)).status, 404);
	assert.equal(all.rows("SELECT * FROM users WHERE id = ?", Buffer.from(user.id.replaceAll("-", ""), "hex")).length, 0);
	const { lines, checkpoint } = await exported();
	const records = lines.map((line) => JSON.parse(line)).filter((record) => record.userId === user.id);
	const text = lines.map((line) => `${line}\n`).join("") + JSON.stringify(shown);

	assert.ok((await verify("audit", "verify", file("export.jsonl", text.slice(0, text.lastIndexOf("\n") + 1)), "--checkpoint", checkpoint)).good);
	assert.ok(records.some((record) => record.eventType === "API_USER_DELETED"));
	assert.ok(records.filter((record) => record.commitment).every((record) => !record.salt && !record.ipAddress && !record.personalData));
	assert.ok(records.filter((record) => record.commitment).length >= 3);
	for (const mark of ["mark-reference", "mark_attribute", "mark-value", "mark-other-value", "mark-content", "mark-tag", "203.0.113.99"])
		assert.ok(!text.includes(mark), mark);
	const after_ = (await all.rest("GET", `/audit/proofs/consistency?first=${before.size}`)).body;

	assert.equal(after_.firstRootHash, before.rootHash);
	assert.ok((await verify("consent", "verify", file("bundle.json", bundle))).good, "the exported bundle is the customer's");
});

test("an account's own retention holds for its new records", async () => {
	await all.server.command("account", "update", all.app.accountId, "--audit-retention", "30");
	const user = await all.newUser();
	const { body: { data: [record] } } = await all.rest("POST", "/audit/query", { and: [{ field: "userId", operator: "eq", value: user.id }] });

	assert.equal(Date.parse(record.expiresAt) - Date.parse(record.timestamp), 30 * 86_400_000);
});

test("deleting an account takes its application and its keys along", async () => {
	const { id } = await all.server.command("account", "create", "Short-lived", "--type", "sandbox");
	const counts = () => ["applications", "e2e_keys", "salt_keys"].map((table) => all.rows(`SELECT count(*) AS n FROM ${table}`)[0].n);
	const before = counts();

	await all.server.command("mobileid", "add", id);
	assert.deepEqual(counts(), before.map((n) => n + 1));
	await all.server.command("account", "delete", id);
	assert.deepEqual(counts(), before);
});

/* What must never stand in an audit record, a log line, an event or a file, other than where it belongs. */
test("marked values are found nowhere", async () => {
	const pin = "80357291", secret = all.server.bootstrap.clientSecret;
	const user = await all.newUser({ externalRef: "qmark-ref", attributes: { qmark_name: "qmark-value" } });
	const own = await all.phone({ user, pin, address: "203.0.113.98" });
	const { operationProperties: { activationCode } } = await all.startRegistration(user);

	await all.startOperation(own, { kind: "signatures", preOperationContext: { ...context, content: "qmark-content" }, tags: ["qmark-tag"] });
	assert.ok((await own.approve("DEVICE_PIN", {}, undefined)).ok);
	await all.rest("POST", "/reuseid/core/users/resolve", { externalRef: "qmark-unknown" });
	await fetch(`${all.server.baseUrl}/reuseid/core/users`, { headers: { authorization: "Bearer qmark-token" } });
	await all.changeUser(user, { attributes: { qmark_name: "qmark-changed" } });
	const { lines } = await exported();
	const plain = lines.map((line) => {
		const { ipAddress, personalData, ...record } = JSON.parse(line);

		return JSON.stringify(record);
	}).join("\n");
	const csv = (await raw("/audit/export?format=csv&limit=10000")).text;
	const events = JSON.stringify(all.rows("SELECT data FROM outbox"));
	const database = JSON.stringify(["audit", "transactions", "outbox"].map((table) => all.rows(`SELECT * FROM ${table}`)
		.map((row) => Object.values(row).map((value) => value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value))));

	for (const mark of ["qmark", pin, secret, activationCode, all.token])
		for (const [name, output] of Object.entries({ plain, csv, events, database, log: all.server.log.replace(/client secret .*/, "") }))
			assert.ok(!output.includes(mark), `${mark} in ${name}`);
	for (const [name, output] of Object.entries({ database, log: all.server.log }))
		assert.ok(!output.includes("203.0.113.98"), `the address in ${name}`);
	assert.ok(lines.some((line) => line.includes("qmark_name")), "names of attributes stand in the sealed part, for who may read it");
});
