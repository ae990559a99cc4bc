// The API as the tests call it: tokens and JSON requests, with plain fetch.
import assert from "node:assert/strict";

export const TOKEN_PATH = "/auth/open/connect/token";
export const USERS = "/reuseid/core/users";
export const SCOPE = "signicat-api";

export function basic(id, secret) {
	return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64")}`;
}

/** POST to the token endpoint; fields is an object or a ready string. */
export function tokenRequest(server, fields, headers = {}) {
	return fetch(server.baseUrl + TOKEN_PATH, { method: "POST", body: new URLSearchParams(fields), headers });
}

/** An access token of the client that the first start made. */
export async function accessToken(server, { clientId, clientSecret } = server.bootstrap) {
	const reply = await tokenRequest(server, {
		grant_type: "client_credentials", scope: SCOPE, client_id: clientId, client_secret: clientSecret,
	});
	const body = await reply.json();

	assert.equal(reply.status, 200, JSON.stringify(body));
	return body.access_token;
}

/** One request with a token; gives { status, headers, body } with the body parsed. */
export async function call(server, token, method, path, body) {
	const headers = {};

	if (token)
		headers.authorization = `Bearer ${token}`;
	if (body !== undefined)
		headers["content-type"] = "application/json";
	const reply = await fetch(server.baseUrl + path, {
		method, headers, body: body === undefined ? undefined : JSON.stringify(body),
	});
	const text = await reply.text();

	return { status: reply.status, headers: reply.headers, body: text ? JSON.parse(text) : null };
}

export async function createUser(server, token, fields = {}) {
	const reply = await call(server, token, "POST", USERS, fields);

	assert.ok([200, 201].includes(reply.status), JSON.stringify(reply.body));
	return reply.body;
}

/** An error object as documented, with the trace ID of the header. */
export function assertProblem(reply, status, code) {
	assert.equal(reply.status, status, JSON.stringify(reply.body));
	assert.equal(reply.body.status, status);
	assert.equal(reply.body.code, code);
	assert.equal(typeof reply.body.title, "string");
	assert.match(reply.body.traceId, /^[0-9a-f]{32}$/);
	assert.equal(reply.headers.get("x-trace-id"), reply.body.traceId);
}
