// The audit log against RFC 9162 as another implementation has it, and against the published keys.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createRemoteJWKSet, jwtVerify } from "jose";

import { accessToken, assertProblem, call, createUser } from "../support/api.js";
import { leafHash, leafOf, root, rootOfInclusion, rootsOfConsistency } from "../support/merkle.js";
import { Server } from "../support/server.js";

const bytes = (text) => Buffer.from(text, "base64url");
let server, token, keys;

before(async () => {
	server = await Server.started();
	token = await accessToken(server);
	keys = createRemoteJWKSet(new URL(`${server.baseUrl}/auth/open/.well-known/openid-configuration/jwks`));
	for (let i = 0; i < 300; i++)
		await createUser(server, token, { externalRef: `r-${i}` });
});
after(() => server?.remove());

const get = async (path) => {
	const reply = await call(server, token, "GET", path);

	assert.equal(reply.status, 200, JSON.stringify(reply.body));
	return reply.body;
};

async function exported(size) {
	const lines = [];
	let url = `/audit/export?limit=100&size=${size}`;

	while (url) {
		const reply = await fetch(server.baseUrl + url, { headers: { authorization: `Bearer ${token}` } });

		assert.equal(reply.status, 200);
		lines.push(...(await reply.text()).split("\n").filter(Boolean));
		url = reply.headers.get("link")?.match(/^<([^>]+)>; rel="next"$/)[1].replace(server.baseUrl, "");
	}
	return lines.map((line) => JSON.parse(line));
}

async function checkpointNow() {
	const [newest] = (await get("/audit/checkpoints")).data;
	const { payload, protectedHeader } = await jwtVerify(newest.checkpoint, keys, { typ: "audit-checkpoint+jwt" });

	assert.equal(protectedHeader.alg, "ES256");
	assert.equal(payload.accountId, server.bootstrap.accountId);
	assert.equal(payload.size, newest.size);
	assert.equal(payload.rootHash, newest.rootHash);
	assert.equal(payload.timestamp, newest.timestamp);
	return newest;
}

test("an export adds up to the checkpoint, record by record", async () => {
	const checkpoint = await checkpointNow();
	const records = await exported(checkpoint.size);

	assert.ok(records.length > 300);
	assert.equal(records.length, checkpoint.size);
	assert.equal(root(records.map((record) => leafHash(leafOf(record)))).toString("base64url"), checkpoint.rootHash);
	records.forEach((record, i) => {
		const made = rootOfInclusion(i, checkpoint.size, leafHash(leafOf(record)), record.proof.map(bytes));

		assert.equal(record.cursor, String(i));
		assert.equal(made.toString("base64url"), checkpoint.rootHash);
	});
});

test("inclusion proofs, for every record and for sizes around powers of two", async () => {
	const records = await exported((await checkpointNow()).size);
	const leaves = records.map((record) => leafHash(leafOf(record)));

	for (const size of [1, 2, 3, 7, 8, 9, 255, 256, 257, 300])
		for (const index of new Set([0, 1, size >> 1, size - 2, size - 1].filter((i) => i >= 0 && i < size))) {
			const proof = await get(`/audit/proofs/inclusion?cursor=${index}&size=${size}`);

			assert.deepEqual([proof.index, proof.size], [index, size]);
			assert.equal(proof.leafHash, leaves[index].toString("base64url"));
			assert.equal(proof.rootHash, root(leaves.slice(0, size)).toString("base64url"));
			assert.equal(rootOfInclusion(index, size, leaves[index], proof.proof.map(bytes)).toString("base64url"), proof.rootHash);
		}
});

test("consistency proofs", async () => {
	const records = await exported((await checkpointNow()).size);
	const leaves = records.map((record) => leafHash(leafOf(record)));

	for (const [first, second] of [[1, 1], [1, 2], [3, 7], [4, 7], [6, 8], [255, 256], [256, 257], [100, 300], [256, 300], [299, 300]]) {
		const proof = await get(`/audit/proofs/consistency?first=${first}&second=${second}`);
		const roots = rootsOfConsistency(first, second, proof.proof.map(bytes), bytes(proof.firstRootHash));

		assert.equal(proof.firstRootHash, root(leaves.slice(0, first)).toString("base64url"));
		assert.deepEqual(roots.map((hash) => hash.toString("base64url")), [proof.firstRootHash, proof.secondRootHash]);
		assert.equal(proof.secondRootHash, root(leaves.slice(0, second)).toString("base64url"));
	}
});

test("what was acknowledged can be proved at once", async () => {
	for (let i = 0; i < 20; i++) {
		const user = await createUser(server, token, {});
		const checkpoint = await checkpointNow();
		const found = await call(server, token, "POST", "/audit/query", { and: [{ field: "userId", operator: "eq", value: user.id }] });
		const [record] = found.body.data;
		const { proof } = await get(`/audit/proofs/inclusion?cursor=${record.cursor}&size=${checkpoint.size}`);

		assert.equal(record.eventType, "API_USER_CREATED");
		assert.equal(rootOfInclusion(Number(record.cursor), checkpoint.size, leafHash(leafOf(record)), proof.map(bytes))
			.toString("base64url"), checkpoint.rootHash);
	}
});

test("older checkpoints stay true after a restart and many more records", async () => {
	const older = await checkpointNow();

	await server.stop();
	await server.start();
	token = await accessToken(server);
	for (let i = 0; i < 300; i++)
		await createUser(server, token, {});
	const newer = await checkpointNow();
	const proof = await get(`/audit/proofs/consistency?first=${older.size}&second=${newer.size}`);

	assert.deepEqual([proof.firstRootHash, proof.secondRootHash], [older.rootHash, newer.rootHash]);
	rootsOfConsistency(older.size, newer.size, proof.proof.map(bytes), bytes(older.rootHash))
		.forEach((hash, i) => assert.equal(hash.toString("base64url"), [older, newer][i].rootHash));
});

test("proofs of what is not there are refused", async () => {
	const { size } = await checkpointNow();

	assertProblem(await call(server, token, "GET", `/audit/proofs/inclusion?cursor=${size + 100}`), 404, "audit_record_does_not_exist");
	assertProblem(await call(server, token, "GET", `/audit/proofs/inclusion?cursor=5&size=5`), 404, "audit_record_does_not_exist");
	for (const path of [`inclusion?cursor=0&size=${size + 100}`, "inclusion?cursor=-1", "inclusion?cursor=x", "inclusion?cursor=0&size=0",
		`consistency?first=1&second=${size + 100}`, "consistency?first=3&second=2", "consistency?first=0"])
		assert.equal((await call(server, token, "GET", `/audit/proofs/${path}`)).status, 400, path);
	assert.equal((await call(server, token, "GET", "/audit/proofs/consistency")).status, 400);
	assertProblem(await call(server, token, "GET", `/audit/query/cursor/${size + 100}`), 404, "audit_record_does_not_exist");
	assertProblem(await call(server, token, "GET", "/audit/query/cursor/-1"), 404, "audit_record_does_not_exist");
	assertProblem(await call(server, null, "GET", "/audit/checkpoints"), 401, "invalid_token");
});
