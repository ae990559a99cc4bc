// The OIDC engine against the npm package oidc-provider, as an eID or a wallet would stand there: discovery, PKCE, nonce, ID token,
// UserInfo, pushed requests, restarts; and everything that has to be refused. What is forged: oidc_forged.test.js.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Issuer, SECRET, browse } from "../../support/issuer.js";
import { ONBOARDINGS, Flows } from "../../support/flows.js";

const KARI = { firstName: "KARI", lastName: "NORDMANN", dateOfBirth: "1979-02-28", gender: "F", nationality: "NOR" };
let mobile, issuer;

before(async () => {
	mobile = await Flows.started({ args: ["--outbound-networks", "127.0.0.0/8", "--outbound-http"] });
	issuer = await Issuer.started(callbackOf());
	const { url } = issuer, plain = { issuer: url, clientId: "proofing", secretRef: "s" };

	await mobile.proofing({
		providers: [
			{ name: "signicatvideoid", engine: "oidc", settings: plain },
			{ name: "keyed", engine: "oidc", settings: {
				issuer: url, clientId: "keyed", clientAuth: "private_key_jwt", secretRef: "key", keyId: "client", usePAR: true,
			} },
			{ name: "written", engine: "oidc", settings: {
				...plain, clientAuth: "basic", authorizationEndpoint: `${url}/auth`, tokenEndpoint: `${url}/token`, jwksUri: `${url}/jwks`,
			} },
			{ name: "strict", engine: "oidc", settings: { ...plain, minAcr: ["high"] } },
		],
		secrets: [{ name: "s", value: SECRET }, { name: "key", value: issuer.clientKey.pem }],
	});
});
after(async () => {
	await mobile.remove();
	issuer.stop();
});

const callbackOf = () => `${mobile.server.baseUrl}/proofing/oidc/callback`;

/** The address of the issuer, as the page leads there. */
async function authorizeUrl(told) {
	await mobile.until(async () => (await fetch(told.captureUrl)).text(), (text) => text.includes('value="outside"'));
	const reply = await fetch(told.captureUrl, { method: "POST", body: new URLSearchParams({ step: "outside" }), redirect: "manual" });

	assert.equal(reply.status, 303);
	return new URL(reply.headers.get("location"), told.captureUrl);
}

/** An onboarding whose person has logged in; the address that leads back to us. */
async function loggedIn(body) {
	const { flow, told } = await mobile.registered(body);
	const url = await authorizeUrl(told);

	return { flow, told, url, back: new URL(await browse(url.href, { stopAt: callbackOf() })) };
}

async function completed(flow) {
	const done = await mobile.ended(ONBOARDINGS, flow);

	assert.equal(done.status, "Completed", JSON.stringify(done));
	assert.equal(done.userData.firstName, "KARI");
	assert.deepEqual(await mobile.attributes(flow.userId), done.userData);
	assert.equal((await mobile.verifications(flow.userId)).length, 1);
	return done;
}

async function failedWith(flow, code) {
	const done = await mobile.ended(ONBOARDINGS, flow);

	assert.equal(done.errorCode, code, JSON.stringify(done));
	assert.deepEqual(await mobile.attributes(flow.userId), {});
	assert.deepEqual(await mobile.verifications(flow.userId), []);
}

/** Trouble at one endpoint while `act` runs; then it is over, and what is due later is due now. */
async function trouble(path, flow, act = () => {}) {
	const asked = issuer.asked(path);

	issuer.alter[path] = () => {
		throw 503;
	};
	await mobile.until(() => issuer.asked(path) > asked, Boolean);
	await act();
	delete issuer.alter[path];
}

function finished(flow) {
	return mobile.until(() => {
		mobile.sooner(flow);
		return mobile.flow(ONBOARDINGS, flow);
	}, ({ status }) => status !== "Pending");
}

async function restart() {
	await mobile.server.kill();
	await mobile.server.start();
}

test("a login at the issuer becomes the identity of the user", async () => {
	const { flow, told } = await mobile.registered();
	const url = await authorizeUrl(told);

	assert.equal(url.searchParams.get("code_challenge_method"), "S256");
	assert.match(url.searchParams.get("nonce"), /^[\w-]{43}$/);
	assert.equal((await browse(url.href)).status, 200);
	assert.deepEqual((await completed(flow)).userData, KARI);
	assert.ok(issuer.asked("/me"), "UserInfo was asked");
});

test("a pushed request, and a client that proves itself with its key", async () => {
	const { flow, url, back } = await loggedIn({ provider: "keyed" });

	assert.deepEqual([...url.searchParams.keys()].sort(), ["client_id", "request_uri"]);
	await fetch(back);
	await completed(flow);
});

test("a link of a pushed request that had its time is asked for again", async () => {
	issuer.alter["/request"] = (body) => {
		delete issuer.alter["/request"];
		return { ...body, expires_in: 1 };
	};
	const { flow, told } = await mobile.registered({ provider: "keyed" });
	const before = issuer.asked("/request");

	await mobile.until(async () => (await fetch(told.captureUrl)).text(), (text) => text.includes('value="outside"'));
	const leave = () => fetch(told.captureUrl, { method: "POST", body: new URLSearchParams({ step: "outside" }), redirect: "manual" });
	const page = await mobile.until(leave, (reply) => reply.headers.get("location").endsWith("?go=1"));

	const on = await mobile.until(() => fetch(page.headers.get("location"), { redirect: "manual" }), ({ status }) => status === 303);
	await browse(on.headers.get("location"));
	await completed(flow);
	assert.ok(issuer.asked("/request") > before);
});

test("endpoints that the settings name", async () => {
	const asked = issuer.asked("/.well-known/openid-configuration");
	const { flow, back } = await loggedIn({ provider: "written" });

	/* Nothing tells us that this issuer always says who it is. */
	back.searchParams.delete("iss");
	await fetch(back);
	/* Without UserInfo the ID token has no name in it. */
	await failedWith(flow, "PROOFING_FAILED");
	assert.equal(issuer.asked("/.well-known/openid-configuration"), asked);
});

test("assurance that does not suffice", async () => {
	const { flow, back } = await loggedIn({ provider: "strict" });

	await fetch(back);
	await failedWith(flow, "REJECTED");
});

test("a code is taken once, and for its own process only", async () => {
	const one = await loggedIn(), two = await mobile.registered();
	const stolen = new URL(one.back);

	stolen.searchParams.set("state", (await authorizeUrl(two.told)).searchParams.get("state"));
	assert.equal((await browse(stolen.href)).status, 200);
	/* PKCE and nonce are those of the other process. */
	await failedWith(two.flow, "PROOFING_FAILED");
	assert.equal((await mobile.flow(ONBOARDINGS, one.flow)).status, "Pending");
});

test("the same answer again, and another one behind it", async () => {
	const { flow, back } = await loggedIn();
	const asked = issuer.asked("/token"), other = new URL(back);

	other.searchParams.set("code", "another");
	for (const url of [back, back, other])
		assert.equal((await browse(url.href)).status, 200);
	const done = await completed(flow);
	assert.equal(issuer.asked("/token"), asked + 1);
	for (const url of [back, other, `${callbackOf()}?error=access_denied&state=${back.searchParams.get("state")}&iss=${issuer.url}`])
		assert.equal((await browse(`${url}`)).status, 200);
	assert.deepEqual(await mobile.flow(ONBOARDINGS, flow), done);
});

test("a person who says no, and an issuer in trouble", async () => {
	for (const [error, code] of [["access_denied", "CANCELLED"], ["server_error", "PROOFING_FAILED"], ["login_required", "PROOFING_FAILED"]]) {
		const { flow, told } = await mobile.registered();
		const state = (await authorizeUrl(told)).searchParams.get("state");

		assert.equal((await browse(`${callbackOf()}?error=${error}&error_description=x&state=${state}&iss=${issuer.url}`)).status, 200);
		await failedWith(flow, code);
	}
});

test("a made-up code, a made-up state, none at all", async () => {
	const { flow, told } = await mobile.registered();
	const state = (await authorizeUrl(told)).searchParams.get("state");

	assert.equal((await fetch(`${callbackOf()}?code=x&state=${"A".repeat(43)}`)).status, 404);
	assert.equal((await fetch(callbackOf())).status, 404);
	await browse(`${callbackOf()}?state=${state}&iss=${issuer.url}`);
	assert.equal((await mobile.flow(ONBOARDINGS, flow)).status, "Pending");
	await browse(`${callbackOf()}?code=guessed&state=${state}&iss=${issuer.url}`);
	await failedWith(flow, "PROOFING_FAILED");
});

test("mixed up: an answer in the name of another issuer, or of none", async () => {
	const { flow, back } = await loggedIn();

	for (const iss of ["https://evil.example", `${issuer.url}/`, undefined]) {
		const mixed = new URL(back);

		mixed.searchParams.delete("iss");
		if (iss)
			mixed.searchParams.set("iss", iss);
		assert.equal((await fetch(mixed)).status, 404);
		assert.equal((await fetch(`${callbackOf()}?error=access_denied&state=${back.searchParams.get("state")}${iss ? `&iss=${iss}` : ""}`)).status, 404);
	}
	assert.equal((await mobile.flow(ONBOARDINGS, flow)).status, "Pending");
	await fetch(back);
	await completed(flow);
});

test("an answer when the time is over", async () => {
	const { flow, back } = await loggedIn();

	mobile.overdue(flow);
	await failedWith(flow, "EXPIRED");
	assert.equal((await browse(back.href)).status, 200);
	await failedWith(flow, "EXPIRED");
});

test("time is over while the issuer is asked", async () => {
	const { flow, back } = await loggedIn();

	await Promise.all([trouble("/token", flow, async () => {
		mobile.overdue(flow);
		await failedWith(flow, "EXPIRED");
	}), fetch(back)]);
	mobile.sooner(flow);
	await failedWith(flow, "EXPIRED");
});

test("claims that break the rules are no result", async () => {
	const { flow, back } = await loggedIn(), { claims } = issuer;

	issuer.claims = { ...claims, birthdate: "1979-02-31" };
	await fetch(back);
	await failedWith(flow, "PROOFING_FAILED");
	issuer.claims = claims;
});

for (const path of ["/token", "/jwks", "/me"]) {
	test(`trouble of a moment at ${path} is waited for`, async () => {
		const { flow, back } = await loggedIn();

		await Promise.all([trouble(path, flow), fetch(back)]);
		if (path === "/token") /* oidc-provider took the code, although it said otherwise */
			return failedWith(flow, (await finished(flow)).errorCode);
		await finished(flow);
		return completed(flow);
	});

	test(`a restart in trouble at ${path}`, async () => {
		const { flow, back } = await loggedIn();

		await Promise.all([trouble(path, flow, restart), fetch(back).catch(() => {})]);
		const done = await finished(flow);
		assert.equal(done.status, path === "/token" ? "Failed" : "Completed");
	});
}

test("a restart before the login, and one behind it", async () => {
	const { flow, told } = await mobile.registered();
	const url = await authorizeUrl(told);

	await restart();
	const back = await browse(url.href, { stopAt: callbackOf() });
	await restart();
	await fetch(back, { redirect: "manual" });
	await restart();
	const done = await finished(flow);
	/* When the code had been taken and not yet kept, it is worth nothing any more: then there is no result, and not half of one. */
	assert.equal(done.status === "Completed", Object.keys(await mobile.attributes(flow.userId)).length > 0);
});

test("what opened something at the issuer is forgotten behind the end", async () => {
	const { flow, back } = await loggedIn();

	await fetch(back);
	await completed(flow);
	const { body } = await mobile.rest("GET", `/assure/dossiers/${flow.dossierId}/processes/${flow.processId}/raw`);
	assert.equal(JSON.stringify(body).includes("access_token"), false);
});
