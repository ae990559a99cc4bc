// Secrets that the server draws itself, or is told by others while something is under way: looked for in every table, file and line of the
// log at the very moment at which it has them, and once more behind the end.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { must } from "./device/client.js";
import { ONBOARDINGS, Flows } from "../support/flows.js";
import { Issuer, SECRET, browse } from "../support/issuer.js";
import { OUTBOUND } from "../support/receiver.js";

const FACE = "live:marked-face-77d1", CODE = "marked recovery code 77d1", PIN = "7531902468135790";
let all, issuer;

before(async () => {
	all = await Flows.started({
		args: [...OUTBOUND, "--log-requests", "--log-level", "debug"],
		config: {
			serverSideFaceEnabled: true, faceProvider: "MOCK", recoveryEnabled: true,
			allowedAuthMethods: "DEVICE, DEVICE:PIN, DEVICE:SERVER_SIDE_FACE",
		},
	});
	issuer = await Issuer.started(`${all.server.baseUrl}/proofing/oidc/callback`);
	await all.proofing({
		providers: [{ name: "signicatvideoid", engine: "oidc", settings: { issuer: issuer.url, clientId: "proofing", secretRef: "s" } }],
		secrets: [{ name: "s", value: SECRET }],
	});
});
after(async () => {
	await all?.remove();
	issuer?.stop();
});

/** The forms in which a value may stand somewhere. */
function forms(value) {
	const bytes = Buffer.from(value);

	return [value, bytes.toString("base64"), bytes.toString("base64url"), bytes.toString("hex"), encodeURIComponent(value)];
}

/** Where one of them stands in the clear: names of tables and files. */
function places(secrets) {
	const values = Object.values(secrets).flatMap(forms);
	const told = (text) => values.some((value) => text.includes(value));
	const tables = all.rows("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => name);
	const files = fs.readdirSync(all.server.data).map((name) => path.join(all.server.data, name)).filter((file) => fs.statSync(file).isFile());

	return [
		...tables.filter((name) => told(JSON.stringify(all.rows(`SELECT * FROM "${name}"`), (key, value) =>
			value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value))),
		...[...files, all.server.logFile].filter((file) => told(fs.readFileSync(file, "latin1"))),
	];
}

function assertNowhere(secrets) {
	for (const [name, value] of Object.entries(secrets))
		assert.ok(typeof value === "string" && value.length > 8, `${name} was seen at all: ${value}`);
	assert.deepEqual(places(secrets), []);
}

test("the search finds what does stand in the clear", async () => {
	await all.onboard();
	assert.ok(places({ provider: "signicatvideoid" }).includes("flows"));
	assert.ok(places({ path: "/reuseid/id-onboardings" }).includes(all.server.logFile));
});

test("an OIDC proofing: verifier, nonce, state and code, then its tokens", async () => {
	const { flow, told } = await all.registered(), seen = {};

	await all.until(async () => (await fetch(told.captureUrl)).text(), (text) => text.includes('value="outside"'));
	const leave = await fetch(told.captureUrl, { method: "POST", body: new URLSearchParams({ step: "outside" }), redirect: "manual" });
	const asked = new URL(leave.headers.get("location")).searchParams;
	Object.assign(seen, { handle: new URL(told.captureUrl).pathname.split("/").at(-1), nonce: asked.get("nonce") });
	assert.equal(asked.get("state"), seen.handle);
	assertNowhere(seen);
	/* The issuer is away for a moment: what it will be asked with has to be kept. */
	issuer.alter = { "/token": (body, ctx) => {
		Object.assign(seen, { code: ctx.oidc.params.code, verifier: ctx.oidc.params.code_verifier });
		throw 503;
	} };
	await browse(leave.headers.get("location"));
	await all.until(() => seen.verifier, Boolean);
	assertNowhere(seen);
	issuer.alter = {};
	await all.until(() => all.flow(ONBOARDINGS, flow), ({ status }) => status !== "Pending" || (all.sooner(flow), false));
	assertNowhere(seen);
});

test("tokens of an OIDC issuer who is away before he has told who it was", async () => {
	const { flow, told } = await all.registered(), seen = {};

	await all.until(async () => (await fetch(told.captureUrl)).text(), (text) => text.includes('value="outside"'));
	const leave = await fetch(told.captureUrl, { method: "POST", body: new URLSearchParams({ step: "outside" }), redirect: "manual" });
	issuer.alter = {
		"/token": (body) => {
			Object.assign(seen, { idToken: body.id_token, accessToken: body.access_token });
			return body;
		},
		"/me": () => {
			throw 503;
		},
	};
	await browse(leave.headers.get("location"));
	await all.until(() => issuer.asked("/me"), Boolean);
	await all.until(() => all.rows("SELECT next FROM proofing_processes WHERE status = 2 AND next > ?", Date.now()).length, Boolean);
	assertNowhere(seen);
	issuer.alter = {};
	await all.until(() => all.flow(ONBOARDINGS, flow), ({ status }) => status !== "Pending" || (all.sooner(flow), false));
	assert.equal((await all.flow(ONBOARDINGS, flow)).status, "Completed");
	assertNowhere(seen);
});

test("a face, a PIN and the code of a recovery", async () => {
	const user = await all.newUser(), phone = all.newPhone();
	const { operationProperties } = await all.startRegistration(user);
	const { session } = must(await phone.activate(operationProperties.activationCode));

	phone.user = user;
	await session.newPin(PIN);
	must(await session.register({ methods: ["DEVICE", "DEVICE_PIN", "DEVICE_SERVER_SIDE_FACE"], face: Buffer.from(FACE) }));
	assert.equal(all.rows("SELECT count(*) AS n FROM faces")[0].n, 1, "the template is kept");
	await all.startOperation(phone);
	const approving = (await phone.start()).session;
	must(await approving.finish("DEVICE_SERVER_SIDE_FACE", { face: Buffer.from(FACE), tokenPurposes: ["addOrUpdateRecovery"] }));
	await phone.addRecovery(CODE);
	assert.equal(all.rows("SELECT count(*) AS n FROM recoveries")[0].n, 1);
	assertNowhere({ FACE, PIN, CODE });
	const recovered = all.newPhone();
	await recovered.recover(phone.store.backup, CODE, PIN);
	assertNowhere({ FACE, PIN, CODE });
});
