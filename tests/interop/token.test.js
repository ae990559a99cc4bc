// The access token as others see it: verified with the published keys by an independent library, its claims as documented.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
import { accessToken } from "../support/api.js";
import { Server } from "../support/server.js";

let server, keys, token;

before(async () => {
	server = await Server.started();
	keys = createRemoteJWKSet(new URL("/auth/open/.well-known/openid-configuration/jwks", server.baseUrl));
	token = await accessToken(server);
});
after(() => server.remove());

const verified = () => jwtVerify(token, keys, {
	issuer: `${server.baseUrl}/auth/open`, audience: server.baseUrl, typ: "at+jwt", algorithms: ["ES256"],
});

test("the signature verifies with the published keys", verified);

test("the header names the type and a key of the documented form", () => {
	const header = decodeProtectedHeader(token);

	assert.deepEqual(Object.keys(header).sort(), ["alg", "kid", "typ"]);
	assert.equal(header.alg, "ES256");
	assert.equal(header.typ, "at+jwt");
	assert.match(header.kid, /^(sandbox-)?signing-key-[0-9a-f]{32}$/);
});

test("the claims are those documented, and no others", async () => {
	const { payload } = await verified();
	const { iss, aud, client_id, account_id, sandbox, scope, jti, nbf, iat, exp, ...rest } = payload;

	assert.equal(iss, `${server.baseUrl}/auth/open`);
	assert.equal(aud, server.baseUrl);
	assert.equal(client_id, server.bootstrap.clientId);
	assert.equal(account_id, server.bootstrap.accountId);
	assert.equal(sandbox, true);
	assert.deepEqual(scope, ["signicat-api"]);
	assert.match(jti, /^[0-9A-F]{32}$/);
	assert.equal(nbf, iat);
	assert.equal(exp, iat + 600);
	assert.ok(Math.abs(iat - Date.now() / 1000) < 30);
	assert.deepEqual(rest, {});
});

test("two tokens are never the same", async () => {
	assert.notEqual(await accessToken(server), token);
});

test("a changed token does not verify", async () => {
	const [header, payload, signature] = token.split(".");
	const claims = JSON.parse(Buffer.from(payload, "base64url"));
	const forged = Buffer.from(JSON.stringify({ ...claims, client_id: "sandbox-other-client-123" })).toString("base64url");

	await assert.rejects(jwtVerify(`${header}.${forged}.${signature}`, keys), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
});

test("the published keys hold nothing private", async () => {
	const reply = await fetch(`${server.baseUrl}/auth/open/.well-known/openid-configuration/jwks`);
	const { keys: published } = await reply.json();

	assert.ok(published.length >= 1);
	for (const key of published)
		assert.deepEqual(["d", "p", "q", "dp", "dq", "qi", "k"].filter((name) => name in key), []);
});

test("discovery points to this server", async () => {
	const reply = await fetch(`${server.baseUrl}/auth/open/.well-known/openid-configuration`);
	const document = await reply.json();

	assert.equal(document.issuer, `${server.baseUrl}/auth/open`);
	assert.equal(document.token_endpoint, `${server.baseUrl}/auth/open/connect/token`);
	assert.equal(document.jwks_uri, `${server.baseUrl}/auth/open/.well-known/openid-configuration/jwks`);
	assert.ok(document.grant_types_supported.includes("client_credentials"));
	assert.ok(document.scopes_supported.includes("signicat-api"));
	for (const method of ["client_secret_basic", "client_secret_post"])
		assert.ok(document.token_endpoint_auth_methods_supported.includes(method));
});
