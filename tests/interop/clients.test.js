// What an operator changes about accounts and API clients counts from the next request on, without a restart or a new token.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { decodeJwt } from "jose";
import { SCOPE, USERS, accessToken, assertProblem, call, createUser, tokenRequest } from "../support/api.js";
import { Server } from "../support/server.js";

const UNKNOWN_USER = `${USERS}/0190a0a0-0000-7000-8000-000000000000`;
let server, account;

before(async () => {
	server = await Server.started();
	account = server.bootstrap.accountId;
});
after(() => server.remove());

/** A client of its own for a test; options as for the command. */
async function newClient(...options) {
	const made = await server.command("client", "create", "Test", "--account", account, "--products", "all", ...options);

	return { clientId: made.id, clientSecret: made.secrets[0].secret, secretId: made.secrets[0].id };
}

const update = (client, ...options) => server.command("client", "update", client.clientId, ...options);
const tokenStatus = async ({ clientId, clientSecret }) => (await tokenRequest(server, {
	grant_type: "client_credentials", scope: SCOPE, client_id: clientId, client_secret: clientSecret,
})).status;

describe("the lifetime of a token", () => {
	for (const seconds of [1, 3600])
		test(`can be ${seconds} s`, async () => {
			const client = await newClient();

			await update(client, "--token-lifetime", seconds);
			const { iat, exp } = decodeJwt(await accessToken(server, client));
			assert.equal(exp - iat, seconds);
		});

	for (const seconds of [0, 3601])
		test(`cannot be ${seconds} s`, async () => {
			const client = await newClient();

			await assert.rejects(update(client, "--token-lifetime", seconds));
			const { iat, exp } = decodeJwt(await accessToken(server, client));
			assert.equal(exp - iat, 600);
		});

	test("ends: after it the token is no longer good", async () => {
		const client = await newClient("--token-lifetime", "1");
		const token = await accessToken(server, client);

		await createUser(server, token);
		await sleep(2100);
		const reply = await call(server, token, "GET", UNKNOWN_USER);
		assertProblem(reply, 401, "invalid_token");
		assert.match(reply.headers.get("www-authenticate"), /^Bearer/);
	});
});

describe("a secret", () => {
	test("that is one of two works until it is removed, and the other after that", async () => {
		const client = await newClient();
		const second = await server.command("client", "secret", "add", client.clientId, "second");
		const withSecond = { clientId: client.clientId, clientSecret: second.secret };

		assert.equal(await tokenStatus(client), 200);
		assert.equal(await tokenStatus(withSecond), 200);
		await server.command("client", "secret", "remove", client.clientId, client.secretId);
		assert.equal(await tokenStatus(client), 400);
		assert.equal(await tokenStatus(withSecond), 200);
	});

	test("is shown once: nobody can read it later", async () => {
		const client = await newClient();
		const shown = JSON.stringify(await server.command("client", "show", client.clientId));

		assert.ok(!shown.includes(client.clientSecret));
	});
});

describe("a permission", () => {
	test("that is taken away is missing from the next request on, with the same token", async () => {
		const client = await newClient();
		const token = await accessToken(server, client);
		const user = await createUser(server, token);

		await update(client, "--products", "ReuseID Onboarding API");
		const reply = await call(server, token, "GET", `${USERS}/${user.id}`);
		assertProblem(reply, 403, "missing_permission");
		assert.equal(reply.body.detail, `The subject with ID '${client.clientId}' does not have the required permission `
			+ `'reuseid:user:read' on the target resource '${account}'`);
		await update(client, "--products", "ReuseID Passkey API");
		assert.equal((await call(server, token, "GET", `${USERS}/${user.id}`)).status, 200);
	});
});

describe("a client", () => {
	test("that is disabled gets no token, and those it has are no longer good, until it is enabled", async () => {
		const client = await newClient();
		const token = await accessToken(server, client);

		await update(client, "--disable");
		assert.equal(await tokenStatus(client), 400);
		assertProblem(await call(server, token, "GET", UNKNOWN_USER), 401, "invalid_token");
		await update(client, "--enable");
		assert.equal(await tokenStatus(client), 200);
		assertProblem(await call(server, token, "GET", UNKNOWN_USER), 404, "user_entity_does_not_exist");
	});

	test("that is deleted is unknown, and its tokens are no longer good", async () => {
		const client = await newClient();
		const token = await accessToken(server, client);

		await server.command("client", "delete", client.clientId);
		assert.equal(await tokenStatus(client), 400);
		assertProblem(await call(server, token, "GET", UNKNOWN_USER), 401, "invalid_token");
	});

	test("of the whole organisation names the account in each request", async () => {
		const made = await server.command("client", "create", "Everywhere", "--organisation", "--products", "all");
		const token = await accessToken(server, { clientId: made.id, clientSecret: made.secrets[0].secret });

		assert.equal(decodeJwt(token).account_id, undefined);
		const reply = await call(server, token, "POST", `${USERS}?signicat-accountId=${account}`, {});
		assert.ok([200, 201].includes(reply.status), JSON.stringify(reply.body));
		const nowhere = await call(server, token, "POST", USERS, {});
		assert.ok(nowhere.status >= 400 && nowhere.status < 500, JSON.stringify(nowhere.body));
	});
});

describe("two accounts", () => {
	let own, other;

	before(async () => {
		const { id } = await server.command("account", "create", "Other", "--type", "production");
		const made = await server.command("client", "create", "Other", "--account", id, "--products", "all");

		own = await accessToken(server);
		other = await accessToken(server, { clientId: made.id, clientSecret: made.secrets[0].secret });
	});

	test("know nothing of each other's users: each answers as for an unknown one", async () => {
		const user = await createUser(server, own, { externalRef: "shared" });
		const answer = async (path) => {
			const { status, body } = await call(server, other, "GET", path);

			return { status, code: body.code, detail: body.detail.replaceAll(/[0-9a-f-]{36}/g, "ID") };
		};

		assert.deepEqual(await answer(`${USERS}/${user.id}`), await answer(UNKNOWN_USER));
		assertProblem(await call(server, other, "PATCH", `${USERS}/${user.id}`, { segment: "x" }), 404, "user_entity_does_not_exist");
		assertProblem(await call(server, other, "DELETE", `${USERS}/${user.id}`), 404, "user_entity_does_not_exist");
		assertProblem(await call(server, other, "POST", `${USERS}/resolve`, { externalRef: "shared" }),
			404, "user_entity_does_not_exist");
	});

	test("may use the same external reference", async () => {
		await createUser(server, own, { externalRef: "twice" });
		await createUser(server, other, { externalRef: "twice" });
	});

	test("tell by their token whether they are for tests", async () => {
		assert.equal(decodeJwt(own).sandbox, true);
		assert.ok(!decodeJwt(other).sandbox);
	});
});
