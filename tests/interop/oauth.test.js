// Well-known OAuth clients, as they come, get a token and use it.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import * as oauth from "oauth4webapi";
import * as openid from "openid-client";
import { ClientCredentials } from "simple-oauth2";
import { SCOPE, TOKEN_PATH, USERS } from "../support/api.js";
import { Server } from "../support/server.js";

const WRONG_SECRET = "0".repeat(48);
const JSON_TYPE = { "content-type": "application/json" };
let server, issuer, clientId, clientSecret;

before(async () => {
	server = await Server.started();
	({ clientId, clientSecret } = server.bootstrap);
	issuer = new URL(`${server.baseUrl}/auth/open`);
});
after(() => server.remove());

/** request(method, url, body): a user is created and read with what the library does for a protected resource. */
async function usesTheApi(request) {
	const created = await request("POST", new URL(USERS, server.baseUrl), "{}");
	assert.ok([200, 201].includes(created.status));
	const user = await created.json();
	const read = await request("GET", new URL(`${USERS}/${user.id}`, server.baseUrl));
	assert.equal(read.status, 200);
	assert.equal((await read.json()).id, user.id);
}

const usesTokenWithFetch = (token) => usesTheApi((method, url, body) =>
	fetch(url, { method, body, headers: { authorization: `Bearer ${token}`, ...(body ? JSON_TYPE : {}) } }));

describe("openid-client", () => {
	const discover = (authentication) => openid.discovery(issuer, clientId, undefined, authentication,
		{ execute: [openid.allowInsecureRequests] });

	for (const [name, authenticate] of Object.entries({ Basic: openid.ClientSecretBasic, post: openid.ClientSecretPost })) {
		test(`gets a token by ${name} and uses it`, async () => {
			const config = await discover(authenticate(clientSecret));
			const tokens = await openid.clientCredentialsGrant(config, { scope: SCOPE });

			assert.equal(tokens.expires_in, 600);
			await usesTheApi((method, url, body) => openid.fetchProtectedResource(config, tokens.access_token, url, method,
				body, new Headers(body ? JSON_TYPE : {})));
		});

		test(`hears of a wrong secret by ${name}`, async () => {
			const config = await discover(authenticate(WRONG_SECRET));

			await assert.rejects(openid.clientCredentialsGrant(config, { scope: SCOPE }),
				(error) => error.error === "invalid_client" || error.status === 401);
		});
	}
});

describe("oauth4webapi", () => {
	const insecure = { [oauth.allowInsecureRequests]: true };

	async function grant(authentication) {
		const discovered = await oauth.discoveryRequest(issuer, { algorithm: "oidc", ...insecure });
		const authority = await oauth.processDiscoveryResponse(issuer, discovered);
		const client = { client_id: clientId };
		const reply = await oauth.clientCredentialsGrantRequest(authority, client, authentication,
			new URLSearchParams({ scope: SCOPE }), insecure);

		return oauth.processClientCredentialsResponse(authority, client, reply);
	}

	for (const [name, authenticate] of Object.entries({ Basic: oauth.ClientSecretBasic, post: oauth.ClientSecretPost })) {
		test(`gets a token by ${name} and uses it`, async () => {
			const tokens = await grant(authenticate(clientSecret));

			assert.equal(tokens.token_type, "bearer");
			await usesTheApi((method, url, body) => oauth.protectedResourceRequest(tokens.access_token, method, url,
				new Headers(body ? JSON_TYPE : {}), body, insecure));
		});

		test(`hears of a wrong secret by ${name}`, async () => {
			await assert.rejects(grant(authenticate(WRONG_SECRET)),
				(error) => error.error === "invalid_client" || error.status === 401);
		});
	}
});

describe("simple-oauth2", () => {
	const client = (method, secret) => new ClientCredentials({
		client: { id: clientId, secret },
		auth: { tokenHost: server.baseUrl, tokenPath: TOKEN_PATH },
		options: { authorizationMethod: method },
	});

	for (const [name, method] of Object.entries({ Basic: "header", post: "body" })) {
		test(`gets a token by ${name} and uses it`, async () => {
			const { token } = await client(method, clientSecret).getToken({ scope: SCOPE });

			await usesTokenWithFetch(token.access_token);
		});

		test(`hears of a wrong secret by ${name}`, async () => {
			await assert.rejects(client(method, WRONG_SECRET).getToken({ scope: SCOPE }),
				(error) => error.output.statusCode === (method === "header" ? 401 : 400)
					&& error.data.payload.error === "invalid_client");
		});
	}
});
