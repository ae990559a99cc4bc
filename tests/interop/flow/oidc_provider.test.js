// The OIDC engine against the npm package oidc-provider, as an eID or a wallet would stand there: discovery, PKCE, nonce, ID token,
// UserInfo, and everything that has to be refused.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import Provider from "oidc-provider";
import { freePort } from "../../support/server.js";
import { ONBOARDINGS, Flows } from "../../support/flows.js";

const CLIENT = { client_id: "proofing", client_secret: "a secret of more than enough characters" };
const CLAIMS = {
	given_name: "KARI", family_name: "NORDMANN", birthdate: "1979-02-28", gender: "female", nin: "28027912345", nin_issuing_country: "NO",
	nationality: "no",
};
let mobile, issuer, web, alter = (claims) => claims, seen = [];

before(async () => {
	const port = await freePort(), url = `http://127.0.0.1:${port}`;

	mobile = await Flows.started({ args: ["--outbound-networks", "127.0.0.0/8", "--outbound-http"] });
	issuer = new Provider(url, {
		clients: [{
			...CLIENT, redirect_uris: [`${mobile.server.baseUrl}/proofing/oidc/callback`], grant_types: ["authorization_code"],
			response_types: ["code"], id_token_signed_response_alg: "RS256",
		}],
		claims: { openid: ["sub"], profile: Object.keys(CLAIMS) },
		pkce: { required: () => true },
		features: { devInteractions: { enabled: false } },
		findAccount: (_, id) => ({ accountId: id, claims: async () => alter({ sub: id, ...CLAIMS }) }),
		interactions: { url: (_, { uid }) => `/interaction/${uid}` },
		cookies: { keys: ["k"] },
		loadExistingGrant: async ({ oidc }) => {
			const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });

			grant.addOIDCScope("openid profile");
			await grant.save();
			return grant;
		},
	});
	web = createServer(async (request, reply) => {
		seen.push(request.url);
		if (!request.url.startsWith("/interaction/"))
			return issuer.callback()(request, reply);
		return issuer.interactionFinished(request, reply, { login: { accountId: "somebody", acr: "high" } });
	}).listen(port, "127.0.0.1");
	await once(web, "listening");
	await mobile.proofing({
		providers: [{ name: "signicatvideoid", engine: "oidc", settings: {
			issuer: url, clientId: CLIENT.client_id, secretRef: "s", scope: "openid profile",
		} }],
		secrets: [{ name: "s", value: CLIENT.client_secret }],
	});
});
after(async () => {
	if (process.env.SHOW_LOG)
		console.error(mobile.server.log);
	await mobile.remove();
	web.closeAllConnections();
	web.close();
});

/** A browser with cookies that follows every redirect until a page of ours comes. */
async function browse(start, { stopAt } = {}) {
	const jar = new Map();
	let url = start;

	for (let i = 0; i < 12; i++) {
		if (stopAt && url.startsWith(stopAt))
			return url;
		const reply = await fetch(url, { redirect: "manual", headers: { cookie: [...jar].map((pair) => pair.join("=")).join("; ") } });

		for (const line of reply.headers.getSetCookie()) {
			const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);

			jar.set(name, value);
		}
		if (reply.status < 300 || reply.status > 399)
			return reply;
		url = new URL(reply.headers.get("location"), url).href;
	}
	throw new Error("it goes round and round");
}

/** The address of the issuer, as the page leads there. */
async function authorizeUrl(told) {
	await mobile.until(async () => (await fetch(told.captureUrl)).text(), (text) => text.includes('value="outside"'));
	const reply = await fetch(told.captureUrl, { method: "POST", body: new URLSearchParams({ step: "outside" }), redirect: "manual" });

	assert.equal(reply.status, 303);
	return new URL(reply.headers.get("location"));
}

const callbackOf = () => `${mobile.server.baseUrl}/proofing/oidc/callback`;

test("a login at the issuer becomes the identity of the user", async () => {
	const { flow, told } = await mobile.registered();
	const url = await authorizeUrl(told);

	assert.equal(url.searchParams.get("code_challenge_method"), "S256");
	assert.match(url.searchParams.get("nonce"), /^[\w-]{43}$/);
	assert.equal((await browse(url.href)).status, 200);
	const done = await mobile.ended(ONBOARDINGS, flow);
	assert.equal(done.status, "Completed", JSON.stringify(done));
	assert.deepEqual(done.userData, {
		firstName: "KARI", lastName: "NORDMANN", dateOfBirth: "1979-02-28", gender: "F", nationality: "NOR",
	});
	assert.ok(seen.some((path) => path.startsWith("/me")), "UserInfo was asked");
});

test("a code is taken once, and for its own process only", async () => {
	const one = await mobile.registered(), two = await mobile.registered();
	const back = await browse((await authorizeUrl(one.told)).href, { stopAt: callbackOf() });
	const stolen = new URL(back), state = (await authorizeUrl(two.told)).searchParams.get("state");

	stolen.searchParams.set("state", state);
	assert.equal((await browse(stolen.href)).status, 200);
	/* PKCE and nonce are those of the other process. */
	const failed = await mobile.ended(ONBOARDINGS, two.flow);
	assert.equal(failed.errorCode, "PROOFING_FAILED", JSON.stringify(failed));
	assert.deepEqual(await mobile.attributes(two.flow.userId), {});
	assert.equal((await mobile.flow(ONBOARDINGS, one.flow)).status, "Pending");
});

test("a person who says no, and an issuer in trouble", async () => {
	for (const [error, code] of [["access_denied", "CANCELLED"], ["server_error", "PROOFING_FAILED"]]) {
		const { flow, told } = await mobile.registered();
		const state = (await authorizeUrl(told)).searchParams.get("state");

		assert.equal((await browse(`${callbackOf()}?error=${error}&state=${state}`)).status, 200);
		const done = await mobile.ended(ONBOARDINGS, flow);
		assert.equal(done.errorCode, code);
		assert.deepEqual(await mobile.attributes(flow.userId), {});
	}
});

test("a made-up code, a made-up state, none at all", async () => {
	const { flow, told } = await mobile.registered();
	const state = (await authorizeUrl(told)).searchParams.get("state");

	assert.equal((await fetch(`${callbackOf()}?code=x&state=${"A".repeat(43)}`)).status, 404);
	assert.equal((await fetch(callbackOf())).status, 404);
	await browse(`${callbackOf()}?code=guessed&state=${state}`);
	assert.equal((await mobile.ended(ONBOARDINGS, flow)).errorCode, "PROOFING_FAILED");
});

test("claims that break the rules are no result", async () => {
	const { flow, told } = await mobile.registered();
	const url = await authorizeUrl(told);

	alter = (claims) => ({ ...claims, birthdate: "1979-02-31" });
	await browse(url.href);
	assert.equal((await mobile.ended(ONBOARDINGS, flow)).errorCode, "PROOFING_FAILED");
	alter = (claims) => claims;
	assert.deepEqual(await mobile.attributes(flow.userId), {});
});

test("a restart between the login and its end loses nothing", async () => {
	const { flow, told } = await mobile.registered();
	const back = await browse((await authorizeUrl(told)).href, { stopAt: callbackOf() });

	await fetch(back, { redirect: "manual" });
	await mobile.server.kill();
	await mobile.server.start();
	const done = await mobile.until(async () => {
		mobile.sooner(flow);
		return mobile.flow(ONBOARDINGS, flow);
	}, ({ status }) => status !== "Pending");
	assert.ok(["Completed", "Failed"].includes(done.status));
	assert.equal(done.status === "Completed", Object.keys(await mobile.attributes(flow.userId)).length > 0);
});
