// Passkeys under attack, without a browser: every byte, every replay, every race, other domains and accounts, hostile CBOR.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { after, before, test } from "node:test";
import { accessToken, assertProblem, call, createUser } from "../support/api.js";
import { SecurityKey, cbor } from "../support/security_key.js";
import { Server } from "../support/server.js";

const PASSKEYS = "/reuseid/core/credentials/passkeys";
const AT_ONCE = 8;
let server, token, origin;

before(async () => {
	server = await Server.started({ args: ["--rate-writes", "0", "--rate-reads", "0"] });
	token = await accessToken(server);
	origin = `http://localhost:${server.port}`;
	await server.command("domain", "add", "localhost", "--account", server.bootstrap.accountId);
	await server.command("domain", "add", "other.example", "--account", server.bootstrap.accountId);
	await server.command("passkey", "domain", "set", "localhost", "--attestation", "on");
});
after(() => server?.remove());

async function must(method, path, body, as = token) {
	const reply = await call(server, as, method, path, body);

	assert.ok(reply.status < 300, `${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
	return reply.body;
}

/** What the page's script asks for. */
async function post(started, what, body, from = origin) {
	const kind = started.passkey ? "registrations" : "authentications";
	const reply = await fetch(`${server.baseUrl}/passkeys/${kind}/${started.transactionId}/${what}`,
		{ method: "POST", headers: { "content-type": "application/json", origin: from }, body: JSON.stringify(body) });

	return { status: reply.status, headers: reply.headers, body: JSON.parse(await reply.text()) };
}

const startRegistration = (user, more = {}) =>
	must("POST", `${PASSKEYS}/registrations`, { userId: user.id, passkey: { domain: "localhost" }, ...more });
const startLogin = (domain = "localhost", as = token) => must("POST", `${PASSKEYS}/authentications`, { operationProperties: { domain } }, as);
const polled = (started, as = token) =>
	must("GET", `${PASSKEYS}/${started.passkey ? "registrations" : "authentications"}/${started.transactionId}`, undefined, as);
const passkeysOf = async (user) =>
	(await must("GET", `/reuseid/core/users/${user.id}/credentials?credentialType=passkey`)).credentials;

/** An operation up to the options. */
async function asked(started, from = origin) {
	const { status, body } = await post(started, "options", {}, from);

	assert.equal(status, 200, JSON.stringify(body));
	return { started, token: body.token, publicKey: body.publicKey };
}

async function customer() {
	const user = await createUser(server, token), key = new SecurityKey("localhost", origin);
	const one = await asked(await startRegistration(user));
	const { body } = await post(one.started, "result", { ...key.sent(key.create(one.publicKey)), token: one.token });

	assert.deepEqual(body, { state: "COMPLETED" });
	return { user, key };
}

async function logIn({ key, user }) {
	const one = await asked(await startLogin());
	const { body } = await post(one.started, "result", { ...key.sent(key.get(one.publicKey)), token: one.token });

	assert.deepEqual(body, { state: "COMPLETED" });
	assert.equal((await polled(one.started)).user.id, user.id);
}

function altered(bytes, at) {
	const copy = Buffer.from(bytes);

	copy[at] ^= 1 << (at % 8);
	return copy;
}

/** The operation failed, and is over for good. */
async function refused(one, credential, why) {
	const { body } = await post(one.started, "result", { ...credential, token: one.token });

	assert.equal(body.state, "FAILED", `${why}: ${JSON.stringify(body)}`);
	return body.errorCode;
}

test("an assertion: every byte of every member", async () => {
	const person = await customer(), { key } = person;
	const { clientDataJSON, ...others } = key.get({ challenge: "A".repeat(43) });
	const sizes = { clientDataJSON: clientDataJSON.length };
	let tried = 0;

	for (const [name, bytes] of Object.entries(others))
		sizes[name] = bytes.length;
	for (const [name, size] of Object.entries(sizes))
		for (let at = 0; at < size; at++) {
			const one = await asked(await startLogin()), members = key.get(one.publicKey);

			members[name] = altered(members[name], at % members[name].length);
			assert.equal(await refused(one, key.sent(members), `${name} ${at}`), "FAILED_VERIFICATION");
			tried++;
		}
	assert.ok(tried > 200, String(tried));
	for (let at = 0; at < key.id.length; at++) {
		const one = await asked(await startLogin());

		assert.equal(await refused(one, key.sent(key.get(one.publicKey), altered(key.id, at)), `id ${at}`), "MISSING_PASSKEY");
	}
	await logIn(person);
});

test("a registration with its attestation: every byte of every member", async () => {
	const user = await createUser(server, token), key = new SecurityKey("localhost", origin);
	const sample = key.create({ user: { id: "AAAAAAAAAAAAAAAAAAAAAA" }, challenge: "A".repeat(43) });

	for (const [name, bytes] of Object.entries(sample))
		for (let at = 0; at < bytes.length; at++) {
			const one = await asked(await startRegistration(user)), members = key.create(one.publicKey);

			members[name] = altered(members[name], at % members[name].length);
			assert.equal(await refused(one, key.sent(members), `${name} ${at}`), "FAILED_VERIFICATION");
		}
	assert.deepEqual(await passkeysOf(user), []);
});

test("what was captured is good for its own operation, and once", async () => {
	const person = await customer(), { key, user } = person;
	const first = await asked(await startLogin()), captured = key.sent(key.get(first.publicKey));
	const second = await asked(await startLogin());

	assert.equal(await refused(second, captured, "another operation"), "FAILED_VERIFICATION");
	assert.equal((await post(first.started, "result", { ...captured, token: first.token })).body.state, "COMPLETED");
	for (const what of ["result", "cancel", "options"])
		assertProblem(await post(first.started, what, { ...captured, token: first.token }), 400, "invalid_operation");
	assert.equal((await polled(first.started)).state, "COMPLETED");
	/* An assertion is no registration, nor the other way round. */
	const registration = await asked(await startRegistration(user));
	assertProblem(await post({ ...registration.started, passkey: undefined }, "result", { ...captured, token: registration.token }), 404,
		"transaction_id_does_not_exist");
	assert.equal(await refused(registration, captured, "an assertion"), "FAILED_VERIFICATION");
	await logIn(person);
});

/** How many of the answers say so. */
const count = (replies, state) => replies.filter(({ body }) => body.state === state).length;

test("many results at once: exactly one wins", async () => {
	const { key, user } = await customer();

	for (let round = 0; round < 5; round++) {
		const one = await asked(await startLogin());
		const results = Array.from({ length: AT_ONCE }, () => ({ ...key.sent(key.get(one.publicKey)), token: one.token }));
		const replies = await Promise.all(results.map((credential) => post(one.started, "result", credential)));

		assert.equal(count(replies, "COMPLETED"), 1, JSON.stringify(replies.map(({ body }) => body)));
		assert.equal(count(replies, "FAILED"), 0);
		for (const reply of replies)
			if (reply.status !== 200)
				assertProblem(reply, 400, "invalid_operation");
	}
	const one = await asked(await startLogin());
	const [result, cancelled] = await Promise.all([post(one.started, "result", { ...key.sent(key.get(one.publicKey)), token: one.token }),
		post(one.started, "cancel", { token: one.token })]);
	assert.equal([result, cancelled].filter(({ status }) => status === 200).length, 1);
	assert.equal((await polled(one.started)).state, result.status === 200 ? "COMPLETED" : "FAILED");
	const { transactions } = await must("GET", `${PASSKEYS}/${(await passkeysOf(user))[0].id}/transactions?userId=${user.id}&limit=100`);
	assert.ok(transactions.every(({ state }) => state === "COMPLETED"));
});

test("many registrations of one key at once, for two users: exactly one of them has it", async () => {
	const users = [await createUser(server, token), await createUser(server, token)], key = new SecurityKey("localhost", origin);
	const ones = [];

	for (let i = 0; i < AT_ONCE; i++)
		ones.push(await asked(await startRegistration(users[i % 2])));
	const replies = await Promise.all(ones.map((one) => post(one.started, "result", { ...key.sent(key.create(one.publicKey)), token: one.token })));
	assert.equal(count(replies, "COMPLETED"), 1);
	assert.equal(count(replies, "FAILED"), AT_ONCE - 1);
	assert.equal((await passkeysOf(users[0])).length + (await passkeysOf(users[1])).length, 1);
});

test("many that ask for options at once: one gets the challenge, the others are strangers", async () => {
	const started = await startLogin();
	const replies = await Promise.all(Array.from({ length: AT_ONCE }, () => post(started, "options", {})));

	assert.equal(replies.filter(({ body }) => body.publicKey).length, 1);
	for (const reply of replies)
		if (!reply.body.publicKey)
			assertProblem(reply, 403, "wrong_browser");
	assert.equal((await polled(started)).state, "PENDING");
});

test("a passkey counts on its own domain and in its own account only", async () => {
	const person = await customer(), { key } = person;
	const elsewhere = await asked(await startLogin("other.example"), "https://other.example");

	assert.equal(elsewhere.publicKey.rpId, "other.example");
	const body = { ...key.sent(key.get(elsewhere.publicKey)), token: elsewhere.token };
	assert.equal((await post(elsewhere.started, "result", body, "https://other.example")).body.errorCode, "MISSING_PASSKEY");
	/* Signed for the other domain, brought to ours. */
	const stranger = Object.assign(new SecurityKey("other.example", origin), { id: key.id, handle: key.handle, privateKey: key.privateKey });
	const here = await asked(await startLogin());
	assert.equal(await refused(here, stranger.sent(stranger.get(here.publicKey)), "of another relying party"), "FAILED_VERIFICATION");
	/* Another account, with a domain of its own. */
	const account = await server.command("account", "create", "Another", "--type", "sandbox");
	const client = await server.command("client", "create", "Another", "--account", account.id, "--products", "all");
	const as = await accessToken(server, { clientId: client.id, clientSecret: client.secrets[0].secret });
	await server.command("domain", "add", "another.example", "--account", account.id);
	const theirs = await asked(await startLogin("another.example", as), "https://another.example");
	const reply = await post(theirs.started, "result", { ...key.sent(key.get(theirs.publicKey)), token: theirs.token }, "https://another.example");
	assert.equal(reply.body.errorCode, "MISSING_PASSKEY");
	for (const [method, path] of [["GET", `authentications/${here.started.transactionId}`], ["DELETE", `authentications/${here.started.transactionId}`]])
		assertProblem(await call(server, as, method, `${PASSKEYS}/${path}`), 404, "transaction_id_does_not_exist");
	assertProblem(await call(server, as, "POST", `${PASSKEYS}/authentications`, { operationProperties: { domain: "localhost" } }), 400,
		"invalid_request_parameter");
	await logIn(person);
});

/** The records of an operation's end. */
async function recordsOf({ transactionId }) {
	const { data } = await must("POST", "/audit/query", { and: [{ field: "referenceId", operator: "eq", value: transactionId },
		{ field: "eventType", operator: "eq", value: "PASSKEY_AUTHENTICATION_FAILED" }] });

	return data;
}

test("a copied key and a locked user leave a record that names the user; a wrong signature names nobody", async () => {
	const { key, user } = await customer();

	await logIn({ key, user });
	key.count = 0;
	const copied = await asked(await startLogin());
	assert.equal(await refused(copied, key.sent(key.get(copied.publicKey)), "copied"), "FAILED_VERIFICATION");
	assert.match((await polled(copied.started)).errorDescription, /counter/);
	assert.equal("user" in await polled(copied.started), false);
	const [record, ...more] = await recordsOf(copied.started);
	assert.deepEqual(more, []);
	assert.equal(record.userId, user.id);
	assert.equal(record.data.reason, "SIGN_COUNT");
	assert.equal(record.ipAddress, "127.0.0.1");
	assert.match(record.commitment, /./); /* sealed: gone with the user */
	const wrong = await asked(await startLogin()), members = key.get(wrong.publicKey);
	await refused(wrong, key.sent({ ...members, signature: altered(members.signature, 20) }), "wrong");
	const [unknown] = await recordsOf(wrong.started);
	assert.equal(unknown.userId, undefined);
	assert.equal(unknown.ipAddress, "127.0.0.1");
	await must("PATCH", `/reuseid/core/users/${user.id}`, { state: "LOCKED" });
	key.count = 100;
	const locked = await asked(await startLogin());
	await refused(locked, key.sent(key.get(locked.publicKey)), "locked");
	assert.equal((await recordsOf(locked.started))[0].userId, user.id);
});

const bombs = {
	"arrays within arrays": Buffer.alloc(60_000, 0x81),
	"maps within maps": Buffer.concat(Array.from({ length: 9_000 }, () => Buffer.from([0xa1, 0x61, 0x61]))),
	"an array of 2^64 - 1": Buffer.from("9bffffffffffffffff", "hex"),
	"a map of 2^32": Buffer.from("bb0000000100000000", "hex"),
	"text of 2^63": Buffer.from("7b7fffffffffffffff61", "hex"),
	"bytes without an end": Buffer.from("5f41004100", "hex"),
	"a tag": Buffer.from("d81840", "hex"),
	"sixty thousand items": Buffer.concat([Buffer.from("99ea60", "hex"), Buffer.alloc(60_000)]),
	"a key twice": cbor([["fmt", "none"], ["fmt", "none"], ["attStmt", []]]),
	"a number that is no half float": Buffer.from("a1f97e00f97e00", "hex"),
};

test("hostile CBOR is refused, and the server goes on", async () => {
	const user = await createUser(server, token), key = new SecurityKey("localhost", origin);

	for (const [what, bytes] of Object.entries(bombs)) {
		const one = await asked(await startRegistration(user)), members = key.create(one.publicKey);
		assert.equal(await refused(one, key.sent({ ...members, attestationObject: bytes }), what), "FAILED_VERIFICATION");
		/* And in place of the extensions, behind everything else. */
		const two = await asked(await startLogin());
		const data = Buffer.concat([Buffer.alloc(32), Buffer.from([0x81]), Buffer.alloc(4), bytes]).subarray(0, 4096);
		await refused(two, key.sent({ ...key.get(two.publicKey), authenticatorData: data, userHandle: Buffer.alloc(16) }), what);
	}
	await logIn(await customer());
});

test("text that is not base64url as it has to be is refused, and the operation stays", async () => {
	const { key } = await customer(), one = await asked(await startLogin());
	const good = { ...key.sent(key.get(one.publicKey)), token: one.token };

	for (const spoil of [(text) => `${text}=`, (text) => `${text}\n`, (text) => `+${text.slice(1)}`, () => "A", () => 1, () => ({})])
		for (const member of ["clientDataJSON", "authenticatorData", "signature", "userHandle"]) {
			const response = { ...good.response, [member]: spoil(good.response[member]) };

			assertProblem(await post(one.started, "result", { ...good, response }), 400, "invalid_request_parameter");
		}
	assert.equal((await post(one.started, "result", good)).body.state, "COMPLETED");
});

test("names cannot write into the page, and the page keeps to itself", async () => {
	const evil = "\"><script>alert(1)</script>{{title}}<b onclick='x'>";
	const user = await createUser(server, token, { attributes: { "passkeys-name": evil } });

	await server.command("passkey", "domain", "set", "localhost", "--title", evil);
	const started = await startRegistration(user, { passkey: { domain: "localhost", name: evil }, tags: [evil.slice(0, 60)] });
	const reply = await fetch(`${server.baseUrl}/passkeys/registrations/${started.transactionId}`), text = await reply.text();
	assert.equal(reply.status, 200);
	assert.equal(text.includes("<script>alert"), false);
	assert.equal(text.includes("<b onclick"), false);
	assert.equal(text.match(/&quot;&gt;&lt;script&gt;alert\(1\)&lt;\/script&gt;\{\{title\}\}&lt;b onclick=&#39;x&#39;&gt;/g).length >= 2, true);
	assert.match(reply.headers.get("content-security-policy"), /default-src 'none'.*frame-ancestors 'none'.*base-uri 'none'/);
	assert.equal(reply.headers.get("content-security-policy").includes("unsafe"), false);
	assert.equal(reply.headers.get("cache-control"), "no-store");
	assert.equal(reply.headers.get("referrer-policy"), "no-referrer");
	assert.match(reply.headers.get("permissions-policy"), /publickey-credentials-create=\(self\)/);
	assert.match(reply.headers.get("set-cookie"), /^pk=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
	await server.command("passkey", "domain", "set", "localhost", "--title", "");
});

test("a stranger's requests: no origin, a form, another's cookie", async () => {
	const started = await startLogin(), page = await fetch(`${server.baseUrl}/passkeys/authentications/${started.transactionId}`);
	const cookie = page.headers.get("set-cookie").split(";")[0];
	const send = (headers, body = "{}") => fetch(`${server.baseUrl}/passkeys/authentications/${started.transactionId}/cancel`,
		{ method: "POST", headers: { "content-type": "application/json", origin, cookie, ...headers }, body });

	assert.equal((await send({ origin: "https://evil.example" })).status, 403);
	assert.equal((await send({ origin: "null" })).status, 403);
	assert.equal((await send({ cookie: `pk=${crypto.randomBytes(32).toString("base64url")}` })).status, 403);
	assert.equal((await send({ cookie: "" })).status, 403);
	assert.equal((await send({ "content-type": "text/plain" })).status, 415);
	assert.equal((await send({ "content-type": "application/x-www-form-urlencoded" }, "a=b")).status, 415);
	assert.equal((await polled(started)).state, "PENDING");
	assert.equal((await send({})).status, 200);
	assert.equal((await polled(started)).errorCode, "CANCELLED_BY_USER");
});
