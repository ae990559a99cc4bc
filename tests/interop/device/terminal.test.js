// The device in the terminal, with a platform that vouches for it and a push service that it hears: App Attest and Play Integrity through
// --attest-with, the nonce of the intermediate push through --push-nonce.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { after, before, test } from "node:test";
import { Subscription } from "../../support/push_services.js";
import { APP_ID, World, playToken } from "./world.js";

const AUTHENTICATOR = path.resolve(process.env.SERVER_BINARY, "../../../authenticator/reuseid-authenticator");
const REQUIRED = { attestationIosAppAttestMode: "REQUIRED", attestationAndroidPlayIntegrityMode: "REQUIRED" };
let world, platform, program, pinFile, n = 0;

/** What a program says that stands in for the platform: asked of this test. */
let says = async () => "";

before(async () => {
	world = await World.started();
	platform = http.createServer(async (request, response) => {
		const { pathname } = new URL(request.url, "http://platform");

		response.end(await says(...pathname.slice(1).split("/")));
	});
	platform.listen(0, "127.0.0.1");
	await once(platform, "listening");
	program = path.join(world.server.server.scratch, "platform");
	pinFile = path.join(world.server.server.scratch, "pin");
	fs.writeFileSync(pinFile, "135724\n");
	fs.writeFileSync(program, `#!${process.execPath}\nconst [, , type, nonce] = process.argv;\n`
		+ `fetch(\`http://127.0.0.1:${platform.address().port}/\${type}/\${nonce}\`).then((r) => r.text()).then((text) => console.log(text));\n`,
	{ mode: 0o755 });
});
after(async () => {
	platform?.close();
	await world?.close();
});

/** A command of the authenticator: how it ended. `typed`: a promise of what stands at its standard input. */
async function run(store, words, typed = Promise.resolve("")) {
	const child = spawn(AUTHENTICATOR, [...words, "--store", store], { stdio: ["pipe", "pipe", "pipe"] });
	const ended = once(child, "close");
	let said = "";

	child.stdout.on("data", (part) => { said += part; });
	child.stderr.on("data", (part) => { said += part; });
	child.stdin.on("error", () => {}); // it may be gone by then
	typed.then((text) => child.stdin.end(text));
	return { status: (await ended)[0], said };
}

async function must(...how) {
	const { status, said } = await run(...how);

	assert.equal(status, 0, said);
	return said;
}

/** A configured store, with a user: { store, user }. */
async function phone(bank, os) {
	const store = path.join(world.server.server.scratch, `store-${++n}`);
	const { applicationId, publicKey, serverUrl } = bank.app;

	await must(store, ["configure", "-", "--phone", os],
		Promise.resolve(JSON.stringify({ v: 1, name: "Bank", applicationId, publicKey, serverUrl })));
	return { store, user: await bank.newUser() };
}

async function registration(bank, { store, user }, ...words) {
	const operation = await bank.startRegistration(user, {});
	const ended = await run(store, ["register", operation.operationProperties.activationCode, "--pin-file", pinFile, ...words]);

	return { ...ended, view: await bank.operation(operation, "registrations") };
}

async function approval(bank, { store, user, id }, words, typed) {
	const operation = await bank.startOperation({ user, store: { reg: id } });
	const ended = await run(store, ["approve", "--pin-file", pinFile, ...words], typed);

	return { ...ended, view: await bank.operation(operation) };
}

async function attested(bank, os, name) {
	const who = await phone(bank, os);
	const first = await registration(bank, who, "--attest-with", program);

	assert.equal(first.status, 0, first.said);
	assert.equal(first.view.attestation[`${name}Status`], "VERIFIED");
	who.id = first.view.device.id;
	const second = await approval(bank, who, ["--attest-with", program]);

	assert.equal(second.status, 0, second.said);
	assert.equal(second.view.attestation[`${name}Status`], "VERIFIED");
	return who;
}

test("Play Integrity: required, and had from a program", async () => {
	const bank = await world.bank({ ...world.apple_app, ...world.play_app, ...REQUIRED });
	const asked = [];

	says = async (type, nonce) => {
		asked.push(type, nonce);
		return playToken(world, nonce);
	};
	const who = await attested(bank, "Android", "playIntegrity");
	assert.equal(asked[0], "playIntegrity");
	assert.notEqual(asked[1], asked[3]); // of each session its own

	says = async () => playToken(world, asked[3]);
	const replayed = await approval(bank, who, ["--attest-with", program]);
	assert.notEqual(replayed.status, 0);
	assert.equal(replayed.view.errorCode, "LOCKED_PLAYINTEGRITY_VERIFICATION_FAILED");
});

test("App Attest: a key at first, then its assertions; without a program there is no way in", async () => {
	const bank = await world.bank({ ...world.apple_app, ...world.play_app, ...REQUIRED });
	const key = world.apple.newKey(APP_ID);
	const line = ({ kind, keyId, object }) => `${kind} ${keyId} ${object}`;
	let make = "attestation";

	says = async (type, nonce) => {
		const said = line(key[make](Buffer.from(nonce, "base64url")));

		assert.equal(type, "appAttest");
		make = "assertion";
		return said;
	};
	const who = await attested(bank, "iOS", "appAttest");
	const silent = await approval(bank, who, []);
	assert.notEqual(silent.status, 0);
	assert.equal(silent.view.errorCode, "CANCELLED_APPATTEST_REQUIRED");

	says = async () => "FAILED_CLIENT_NOT_SUPPORTED";
	const unable = await approval(bank, who, ["--attest-with", program]);
	assert.notEqual(unable.status, 0);
	assert.equal(unable.view.attestation.appAttestStatus, "FAILED_CLIENT_NOT_SUPPORTED");
	assert.equal(unable.view.errorCode, "CANCELLED_APPATTEST_REQUIRED");
});

test("the nonce of the intermediate push, typed when it is heard; another one locks", async () => {
	const bank = await world.bank({ pushEnabled: true, intermediatePushMode: "OPTIONAL" });
	const who = await phone(bank, "Android");
	const ear = new Subscription(`${world.services.url}/terminal/1`);
	const heard = async (nth) => `${ear.open((await world.services.nth("terminal", nth)).body).pushNonce}\n`;
	const first = await registration(bank, who);

	assert.equal(first.status, 0, first.said);
	who.id = first.view.device.id;
	await must(who.store, ["push-token", JSON.stringify(ear)]);
	const where = `/mobileid/admin/accounts/${bank.app.accountId}/application-configurations/${bank.app.applicationId}`;
	assert.equal((await bank.rest("PATCH", where, { intermediatePushMode: "REQUIRED" })).status, 200);

	const good = await approval(bank, who, ["--push-nonce", "-"], heard(1));
	assert.equal(good.status, 0, good.said);
	assert.equal(good.view.state, "COMPLETED");

	const none = await approval(bank, who, []);
	assert.notEqual(none.status, 0);
	assert.equal(none.view.errorCode, "CANCELLED_INTERMEDIATE_PUSH_REQUIRED");

	const wrong = await approval(bank, who, ["--push-nonce", "AAAAAAAAAAAAAAAAAAAAAA"]);
	assert.notEqual(wrong.status, 0);
	assert.equal(wrong.view.errorCode, "LOCKED_INTERMEDIATE_PUSH_VERIFICATION_FAILED");
});
