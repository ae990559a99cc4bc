// What the token service accepts, what it refuses, and how.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { SCOPE, TOKEN_PATH, USERS, accessToken, assertProblem, basic, call, createUser, tokenRequest } from "../support/api.js";
import { Server } from "../support/server.js";

const GRANT = { grant_type: "client_credentials", scope: SCOPE };
let server, clientId, clientSecret;

before(async () => {
	server = await Server.started();
	({ clientId, clientSecret } = server.bootstrap);
});
after(() => server.remove());

async function assertRefused(reply, status, error) {
	assert.equal(reply.status, status);
	assert.equal((await reply.json()).error, error);
	assert.equal(reply.headers.get("cache-control"), "no-store");
}

describe("client authentication", () => {
	const accepted = {
		"Basic": () => tokenRequest(server, GRANT, { authorization: basic(clientId, clientSecret) }),
		"the body": () => tokenRequest(server, { ...GRANT, client_id: clientId, client_secret: clientSecret }),
		"Basic with the same client_id in the body": () =>
			tokenRequest(server, { ...GRANT, client_id: clientId }, { authorization: basic(clientId, clientSecret) }),
	};

	for (const [name, request] of Object.entries(accepted))
		test(`by ${name} gives a token`, async () => {
			const reply = await request();
			const body = await reply.json();

			assert.equal(reply.status, 200);
			assert.equal(reply.headers.get("cache-control"), "no-store");
			assert.match(reply.headers.get("content-type"), /^application\/json\b/);
			assert.deepEqual({ ...body, access_token: "" },
				{ access_token: "", expires_in: 600, token_type: "Bearer", scope: SCOPE });
		});

	test("with a wrong secret in the body is 400", async () => {
		await assertRefused(await tokenRequest(server, { ...GRANT, client_id: clientId, client_secret: "0".repeat(48) }),
			400, "invalid_client");
	});

	test("with a wrong secret by Basic is 401 with a challenge", async () => {
		const reply = await tokenRequest(server, GRANT, { authorization: basic(clientId, "0".repeat(48)) });

		assert.match(reply.headers.get("www-authenticate"), /^Basic/);
		await assertRefused(reply, 401, "invalid_client");
	});

	test("with Basic and another client_id in the body is refused", async () => {
		const reply = await tokenRequest(server, { ...GRANT, client_id: "sandbox-other-client-123" },
			{ authorization: basic(clientId, clientSecret) });

		assert.ok([400, 401].includes(reply.status));
		assert.ok(["invalid_client", "invalid_request"].includes((await reply.json()).error));
	});

	test("of an unknown client looks like a wrong secret", async () => {
		await assertRefused(await tokenRequest(server, { ...GRANT, client_id: "sandbox-no-client-000", client_secret: clientSecret }),
			400, "invalid_client");
	});

	test("that is missing is refused", async () => {
		await assertRefused(await tokenRequest(server, GRANT), 400, "invalid_client");
	});
});

describe("the request", () => {
	const withClient = (fields) => tokenRequest(server, { client_id: clientId, client_secret: clientSecret, ...fields });

	test("without a scope means signicat-api", async () => {
		const reply = await withClient({ grant_type: "client_credentials" });

		assert.equal((await reply.json()).scope, SCOPE);
	});

	test("for an unknown scope is refused", async () => {
		await assertRefused(await withClient({ ...GRANT, scope: "everything" }), 400, "invalid_scope");
	});

	test("of an unknown grant is refused", async () => {
		await assertRefused(await withClient({ ...GRANT, grant_type: "password" }), 400, "unsupported_grant_type");
	});

	test("without a grant is refused", async () => {
		await assertRefused(await withClient({ scope: SCOPE }), 400, "invalid_request");
	});

	test("with a repeated parameter is refused", async () => {
		const fields = new URLSearchParams({ ...GRANT, client_id: clientId, client_secret: clientSecret });

		fields.append("scope", SCOPE);
		await assertRefused(await tokenRequest(server, fields), 400, "invalid_request");
	});

	test("as JSON is refused", async () => {
		const reply = await fetch(server.baseUrl + TOKEN_PATH, {
			method: "POST", headers: { "content-type": "application/json" },
			body: JSON.stringify({ ...GRANT, client_id: clientId, client_secret: clientSecret }),
		});

		assert.ok([400, 415].includes(reply.status));
	});
});

describe("a token", () => {
	test("that is missing, mangled or of no known key is 401 with a challenge", async () => {
		const token = await accessToken(server);
		const [header, payload] = token.split(".");

		for (const wrong of [null, "x", `${token}x`, `${header}.${payload}.`, `${header}.${payload}.${"A".repeat(86)}`]) {
			const reply = await call(server, wrong, "GET", `${USERS}/0190a0a0-0000-7000-8000-000000000000`);

			assertProblem(reply, 401, "invalid_token");
			assert.match(reply.headers.get("www-authenticate"), /^Bearer/);
		}
	});

	test("works the same with its own account named in the query, in any case and everywhere", async () => {
		const token = await accessToken(server);
		const user = await createUser(server, token, { externalRef: "own account" });
		const account = server.bootstrap.accountId;
		const requests = [
			["GET", `${USERS}/${user.id}`],
			["GET", `${USERS}/${user.id}/transactions?credentialType=device`],
			["GET", `${USERS}/${user.id}/credentials?credentialType=passkey`],
			["GET", `${USERS}/${user.id}/identity-verifications`],
			["PATCH", `${USERS}/${user.id}`, { segment: "NO" }],
			["POST", `${USERS}/resolve`, { externalRef: "own account" }],
			["POST", USERS, {}],
			["DELETE", `${USERS}/${user.id}`],
		];

		for (const name of ["signicat-accountId", "signicat-accountid", "SIGNICAT-ACCOUNTID"])
			for (const [method, path, body] of requests) {
				const plain = await call(server, token, method, path, body);
				const named = await call(server, token, method, `${path}${path.includes("?") ? "&" : "?"}${name}=${account}`, body);

				assert.equal(named.status, plain.status, `${method} ${path}`);
				assert.equal(named.body?.code, plain.body?.code);
			}
	});

	test("does not work for another account named in the query", async () => {
		const token = await accessToken(server);
		const reply = await call(server, token, "POST", `${USERS}?signicat-accountId=a-spge-Abcdefghijk123456789`, {});

		assertProblem(reply, 403, "missing_permission");
		assert.match(reply.body.detail, /on the target resource 'a-spge-Abcdefghijk123456789'$/);
	});
});
