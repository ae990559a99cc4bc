// Consent evidence and the audit log as files: taken from a server, checked without one.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { call } from "../support/api.js";
import { DEVICES, MobileId } from "../support/mobileid.js";

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
