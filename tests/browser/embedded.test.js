// Passkeys on a page of the service provider's own: our script, another client library, autofill, other origins, replays.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { assertProblem } from "../support/api.js";
import { PASSKEYS, Stage } from "../support/browser.js";

const LIBRARY = "tests/node_modules/@simplewebauthn/browser/dist/bundle/index.umd.min.js";
let stage;

before(async () => {
	stage = await Stage.started();
});
after(() => stage?.remove());

/** What the shop's page shows at the end. */
async function shown(page) {
	await page.waitForFunction(() => document.getElementById("result").textContent.length > 0);
	return JSON.parse(await page.textContent("#result"));
}

/** The script's part by hand: POST to the operation, as a page of that origin. */
async function post(started, kind, what, body, origin = stage.shop, pages = stage.pages) {
	const headers = { "content-type": "application/json" };

	if (origin)
		headers.origin = origin;
	const reply = await fetch(`${pages}/passkeys/${kind}/${started.transactionId}/${what}`,
		{ method: "POST", headers, body: JSON.stringify(body) });
	const text = await reply.text();

	return { status: reply.status, headers: reply.headers, body: text ? JSON.parse(text) : null };
}

/** Lets a page make what the options ask for, with another library. */
function simple(page, kind, optionsJSON) {
	return page.evaluate(([name, options]) => window.SimpleWebAuthnBrowser[name]({ optionsJSON: options }),
		[kind === "registrations" ? "startRegistration" : "startAuthentication", optionsJSON]);
}

async function simplePage(person) {
	await person.page.goto(stage.shop);
	await person.page.addScriptTag({ content: fs.readFileSync(LIBRARY, "utf8") });
}

/** A person whose passkey was made with the other library; and what was sent for it. */
async function simpleCustomer(name) {
	const person = await stage.person();

	person.user = await stage.newUser(name);
	await simplePage(person);
	const started = await stage.register(person.user);
	const { body: { publicKey, token } } = await post(started, "registrations", "options", {});
	const credential = await simple(person.page, "registrations", publicKey);
	const reply = await post(started, "registrations", "result", { ...credential, token });

	assert.equal(reply.body?.state, "COMPLETED", JSON.stringify(reply));
	return { ...person, started, publicKey, token, credential };
}

/** An authentication up to what the authenticator made. */
async function made(person) {
	const started = await stage.authenticate();
	const { body: { publicKey, token } } = await post(started, "authentications", "options", {});

	return { started, token, publicKey, credential: await simple(person.page, "authentications", publicKey) };
}

test("our script on the shop's page: register, then log in", async () => {
	const { page } = await stage.person();

	await page.goto(`${stage.shop}/embedded`);
	await page.fill("#name", "embedded");
	await page.click("#register button");
	const registered = await shown(page);
	assert.equal(registered.outcome?.state, "COMPLETED", JSON.stringify(registered));
	await page.reload();
	await page.click("#login button");
	const { outcome, truth } = await shown(page);
	assert.equal(outcome.state, "COMPLETED");
	assert.equal(truth.user.externalRef, "embedded");
	assert.deepEqual(truth.operationProperties.requestedUserAttributes, { tier: "gold" });
});

test("autofill: the browser offers the passkey in a field", async () => {
	const person = await stage.customer("autofill");

	await person.page.goto(`${stage.shop}/embedded#autofill`);
	const { outcome, truth } = await shown(person.page);
	assert.equal(outcome?.state, "COMPLETED");
	assert.equal(truth.user.id, person.user.id);
});

test("@simplewebauthn/browser drives the same endpoints", async () => {
	const person = await simpleCustomer("simple");
	const { started, token, credential } = await made(person);
	const reply = await post(started, "authentications", "result", { ...credential, token });

	assert.deepEqual(reply.body, { state: "COMPLETED" });
	assert.equal(reply.headers.get("access-control-allow-origin"), stage.shop);
	assert.equal((await stage.operation(started)).user.id, person.user.id);
});

test("a page of another origin is not served, and its ceremony does not count", async () => {
	const person = await simpleCustomer("origin");
	const started = await stage.authenticate();

	for (const origin of ["https://evil.example", "http://localhost", `${stage.shop}0`, "null", ""])
		assertOutside(await post(started, "authentications", "options", {}, origin));
	const { body: { publicKey, token } } = await post(started, "authentications", "options", {});
	/* The same person, on a page that has no business there: the same relying party, another origin. */
	await person.page.route("http://localhost:9/**", (route) => route.fulfill({ body: "<p>evil", contentType: "text/html" }));
	await person.page.goto("http://localhost:9/");
	await person.page.addScriptTag({ content: fs.readFileSync(LIBRARY, "utf8") });
	const credential = await simple(person.page, "authentications", publicKey);
	const reply = await post(started, "authentications", "result", { ...credential, token });
	assert.equal(reply.body.errorCode, "FAILED_VERIFICATION");
	assert.match((await stage.operation(started)).errorDescription, /origin/);
});

function assertOutside(reply) {
	assert.equal(reply.status, 403, JSON.stringify(reply.body));
	assert.equal(reply.body.code, "wrong_browser");
}

test("only who got the token goes on with it", async () => {
	const person = await simpleCustomer("token");
	const { started, token, credential } = await made(person);

	for (const wrong of [undefined, "", "A".repeat(43), `${token.slice(0, -1)}A`])
		if (wrong !== token)
			assertOutside(await post(started, "authentications", "result", { ...credential, token: wrong }));
	assertOutside(await post(started, "authentications", "options", {}));
	assertOutside(await post(started, "authentications", "cancel", {}));
	assert.equal((await stage.operation(started)).state, "PENDING");
	assert.equal((await post(started, "authentications", "result", { ...credential, token })).body.state, "COMPLETED");
});

test("options twice end the operation", async () => {
	const started = await stage.authenticate();
	const { body: { token } } = await post(started, "authentications", "options", {});

	assert.equal((await post(started, "authentications", "options", { token })).body.errorCode, "INVALID_SEQUENCE_PARAMETERS");
	assert.equal((await stage.operation(started)).errorCode, "INVALID_SEQUENCE_PARAMETERS");
	assertProblem({ ...(await post(started, "authentications", "options", { token })) }, 400, "invalid_operation");
});

test("what was captured never counts again", async () => {
	const person = await simpleCustomer("replay");
	const first = await made(person);

	assert.equal((await post(first.started, "authentications", "result", { ...first.credential, token: first.token })).body.state, "COMPLETED");
	assertProblem(await post(first.started, "authentications", "result", { ...first.credential, token: first.token }), 400, "invalid_operation");
	/* In another operation: its challenge is another one. */
	const started = await stage.authenticate();
	const { body: { token } } = await post(started, "authentications", "options", {});
	assert.equal((await post(started, "authentications", "result", { ...first.credential, token })).body.errorCode, "FAILED_VERIFICATION");
	/* A registration: neither in its own operation nor in another one. */
	assertProblem(await post(person.started, "registrations", "result", { ...person.credential, token: person.token }), 400, "invalid_operation");
	const again = await stage.register(person.user);
	const options = await post(again, "registrations", "options", {});
	assert.equal((await post(again, "registrations", "result", { ...person.credential, token: options.body.token })).body.errorCode,
		"FAILED_VERIFICATION");
	const { credentials } = await stage.must("GET", `/reuseid/core/users/${person.user.id}/credentials?credentialType=passkey`);
	assert.equal(credentials.length, 1);
});

function altered(text, at) {
	const bytes = Buffer.from(text, "base64url");

	bytes[at % bytes.length] ^= 1 << (at % 8);
	return bytes.toString("base64url");
}

test("altered bytes: every part, some of its bytes; each attempt fails and is over", async () => {
	const person = await simpleCustomer("altered");
	let tried = 0;

	for (const part of ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
		for (const at of [0, 3, 9, 17, 32, 33, 40, 60]) {
			const { started, token, credential } = await made(person);
			const response = { ...credential.response, [part]: altered(credential.response[part], at) };
			const reply = await post(started, "authentications", "result", { ...credential, response, token });

			assert.equal(reply.body.state, "FAILED", `${part} ${at}: ${JSON.stringify(reply.body)}`);
			assert.equal((await stage.operation(started)).state, "FAILED");
			tried++;
		}
	assert.equal(tried, 32);
	const { started, token, credential } = await made(person);
	assert.equal((await post(started, "authentications", "result", { ...credential, token })).body.state, "COMPLETED");
});

test("a counter that goes back fails the operation", async () => {
	const person = await simpleCustomer("copied");
	const copy = (await person.authenticator.credentials())[0];
	const { started, token, credential } = await made(person);

	assert.equal((await post(started, "authentications", "result", { ...credential, token })).body.state, "COMPLETED");
	await person.authenticator.remove(copy.credentialId);
	await person.authenticator.add({ ...copy, signCount: 1 });
	const older = await made(person);
	const reply = await post(older.started, "authentications", "result", { ...older.credential, token: older.token });
	assert.equal(reply.body.errorCode, "FAILED_VERIFICATION");
	assert.match((await stage.operation(older.started)).errorDescription, /counter/);
});

test("a token of options is no cookie: the hosted page is closed to others", async () => {
	const started = await stage.authenticate();

	await post(started, "authentications", "options", {});
	assert.equal((await fetch(started.operationUrl)).status, 403);
});

test("export and import over REST: away and back, and what is refused", async () => {
	const person = await simpleCustomer("moving");
	const reply = await fetch(`${stage.server.baseUrl}${PASSKEYS}/export`, { headers: { authorization: `Bearer ${stage.token}` } });
	const lines = (await reply.text()).trim().split("\n").map((line) => JSON.parse(line));
	const line = lines.find((one) => one.userId === person.user.id);

	assert.equal(line.credentialId, person.credential.id);
	assert.equal(line.externalRef, "moving");
	/* Away with it; then back. */
	assert.equal((await stage.api("DELETE", `${PASSKEYS}/${line.id}?userId=${person.user.id}`)).status, 204);
	const gone = await made(person);
	const unknown = await post(gone.started, "authentications", "result", { ...gone.credential, token: gone.token });
	assert.equal(unknown.body.errorCode, "MISSING_PASSKEY");
	assert.equal(unknown.body.unknownCredential, true);
	assert.deepEqual(await stage.must("POST", `${PASSKEYS}/import`, line), { imported: 1 });
	assertProblem(await stage.api("POST", `${PASSKEYS}/import`, line), 409, "passkey_entity_already_exists");
	const back = await made(person);
	assert.equal((await post(back.started, "authentications", "result", { ...back.credential, token: back.token })).body.state, "COMPLETED");
	assertProblem(await stage.api("POST", `${PASSKEYS}/import`, { ...line, domain: "elsewhere.example" }), 400, "invalid_request");
	assertProblem(await stage.api("POST", `${PASSKEYS}/import`, { ...line, publicKey: "oA" }), 400, "invalid_request");
});

test("a passkey moves to another instance, where its user has another id, and logs in there", async () => {
	const person = await simpleCustomer("emigrant"), elsewhere = await Stage.started();
	const file = path.join(stage.server.data, "passkeys.jsonl");
	const here = stage.server.bootstrap.accountId, there = elsewhere.server.bootstrap.accountId;

	try {
		fs.writeFileSync(file, await stage.server.said("passkey", "export", here));
		const mine = fs.readFileSync(file, "utf8").split("\n").filter((line) => line.includes(person.user.id));
		assert.equal(mine.length, 1);
		fs.writeFileSync(file, mine[0]);
		await assert.rejects(elsewhere.server.command("passkey", "import", there, file), /line 1: userId or externalRef/);
		const user = await elsewhere.newUser("emigrant");
		assert.notEqual(user.id, person.user.id);
		assert.deepEqual(await elsewhere.server.command("passkey", "import", there, file), { imported: 1 });
		await elsewhere.configure("--origins", stage.shop);
		const started = await elsewhere.authenticate();
		const { body: { publicKey, token } } = await post(started, "authentications", "options", {}, stage.shop, elsewhere.pages);
		const credential = await simple(person.page, "authentications", publicKey);
		const reply = await post(started, "authentications", "result", { ...credential, token }, stage.shop, elsewhere.pages);
		assert.deepEqual(reply.body, { state: "COMPLETED" });
		assert.deepEqual((await elsewhere.operation(started)).user, { id: user.id, externalRef: "emigrant" });
		/* And on: from there it goes out as it came in, but for ids, counter and time. */
		const again = JSON.parse(await elsewhere.server.said("passkey", "export", there)), before = JSON.parse(mine[0]);
		for (const member of ["credentialId", "publicKey", "userHandle", "externalRef", "aaGuid", "backupEligible"])
			assert.equal(again[member], before[member], member);
		assert.equal(Buffer.from(before.userHandle, "base64url").toString("hex"), person.user.id.replaceAll("-", ""));
		await assert.rejects(elsewhere.server.command("passkey", "import", there, file), /0 passkeys in front of it/);
		await assert.rejects(stage.server.said("passkey", "export", there), /no account/);
	} finally {
		await elsewhere.remove();
	}
});

test("well-known files, by host name", async () => {
	await stage.configure("--apple-apps", "ABCDE12345.com.acme.app", "--android-apps", `com.acme.app=${Array(32).fill("AB").join(":")}`,
		"--origins", `${stage.shop} https://www.acme.com android:apk-key-hash:abc`);
	const get = async (file) => (await fetch(`${stage.pages}/.well-known/${file}`)).json();

	assert.deepEqual(await get("webauthn"), { origins: [stage.pages, "https://www.acme.com"] });
	assert.deepEqual(await get("apple-app-site-association"), { webcredentials: { apps: ["ABCDE12345.com.acme.app"] } });
	assert.equal((await get("assetlinks.json"))[0].target.package_name, "com.acme.app");
	assert.equal((await fetch(`${stage.server.baseUrl}/.well-known/webauthn`)).status, 404);
	await stage.configure("--origins", stage.shop);
});

test("where a browser may be sent, and for how long it waits", async () => {
	const start = (rpRedirectUri, properties = {}) => stage.api("POST", `${PASSKEYS}/authentications`,
		{ rpRedirectUri, operationProperties: { domain: "localhost", ...properties } });

	for (const bad of ["https://evil.example/", "http://127.0.0.1/", "javascript:alert(1)", "//localhost/", "https://localhost@evil.example/",
		"https://localhost.evil.example/", "http://localhost\\@evil.example/", "https://evillocalhost/"])
		assertProblem(await start(bad), 400, "invalid_request_parameter");
	for (const good of ["http://localhost:1234/a?b=c#d", "https://shop.localhost/x"])
		assert.ok((await start(good)).status < 300, good);
	await stage.configure("--redirects", "https://partner.example/back https://other.example");
	for (const good of ["https://partner.example/back", "https://partner.example/back/a?b=../c", "https://other.example/x/y..z"])
		assert.ok((await start(good)).status < 300, good);
	for (const bad of ["https://partner.example/", "https://partner.example/back/../admin", "https://partner.example/back/%2E%2e/admin",
		"https://partner.example/back/.%2e/admin", "https://partner.example/back/..", "https://other.example.evil.example/", "https://other.example:444/",
		"http://other.example/"])
		assertProblem(await start(bad), 400, "invalid_request_parameter");
	await stage.configure("--redirects", "");
	for (const [userVerification, sessionTimeout, good] of [["preferred", 29999, false], ["preferred", 30000, true], ["required", "600000", true],
		["required", 600001, false], ["DISCOURAGED", 180000, true], ["discouraged", 180001, false], ["maybe", 30000, false]])
		assert.equal((await start("", { userVerification, sessionTimeout })).status < 300, good, `${userVerification} ${sessionTimeout}`);
	const { body } = await start("", { sessionTimeout: 600000 });
	assert.equal(Date.parse(body.operationProperties.sessionExpiryTime) - Date.parse(body.created), 600000);
	assertProblem(await stage.api("POST", `${PASSKEYS}/authentications`, { operationProperties: { domain: "unknown.example" } }), 400,
		"invalid_request_parameter");
});
