// The Assure-compatible routes: "get all identity proofings" and "get the full data set of the process", and all that is kept.
import assert from "node:assert/strict";
import fs from "node:fs";
import { after, before, test } from "node:test";
import { accessToken, call } from "../../support/api.js";
import { JANE, ONBOARDINGS, Flows } from "../../support/flows.js";
import { Server } from "../../support/server.js";

const BASE = "/assure/dossiers";
let mobile;

before(async () => {
	mobile = await Flows.started();
});
after(() => mobile.remove());

async function ok(method, where, body, status = 200) {
	const reply = await mobile.rest(method, where, body);

	assert.equal(reply.status, status, JSON.stringify(reply.body));
	return reply.body;
}

test("the proofing of a flow, from its dossier to its full set of data", async () => {
	const { flow } = await mobile.registered({ externalRef: "assure-1" });

	await mobile.accepted(flow);
	const dossier = await ok("GET", `${BASE}/${flow.dossierId}`);
	assert.equal(dossier.externalReference, "assure-1");
	assert.match(dossier.createdAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
	assert.deepEqual(dossier.processes.map(({ processId, status, provider }) => [processId, status, provider]),
		[[flow.processId, "accepted", "signicatvideoid"]]);
	const process = await ok("GET", `${BASE}/${flow.dossierId}/processes/${flow.processId}`);
	for (const [name, value] of Object.entries(JANE))
		assert.equal(process.finalResult[name], value);
	assert.equal(process.finalResult.similarityScore, "high");
	assert.equal(process.providerSpecific.simulated, true);
	assert.equal(process.providerSpecific.ocr.securityChecks.livenessDetected.valid, true);
	assert.ok((await ok("GET", "/assure/processes")).some(({ processId }) => processId === flow.processId));
});

test("a process of one's own: create, start, complete, delete", async () => {
	const { dossierId } = await ok("POST", BASE, { externalReference: "own" }, 201);
	const made = await ok("POST", `${BASE}/${dossierId}/processes`, { provider: "readid", eventTags: ["a"] }, 201), where = `${BASE}/${dossierId}/processes/${made.processId}`;

	assert.equal(made.status, "pending");
	assert.equal((await mobile.complete(made, { status: "accepted" })).status, 409);
	await ok("POST", where);
	assert.equal((await mobile.complete(made, { status: "accepted" })).status, 204);
	const process = await ok("GET", where);
	assert.equal(process.providerSpecific.consolidatedIdentityData.chipVerification, "SUCCEEDED");
	assert.deepEqual(process.eventTags, ["a"]);
	assert.equal((await mobile.rest("POST", `${where}/fail`)).status, 409);
	await ok("DELETE", where, undefined, 204);
	assert.equal((await mobile.rest("GET", where)).status, 404);
	await ok("DELETE", `${BASE}/${dossierId}`, undefined, 204);
	const gone = await mobile.rest("GET", `${BASE}/${dossierId}`);
	assert.equal(gone.status, 404);
	for (const name of ["type", "title", "status", "detail", "instance", "method", "timestamp", "traceId"])
		assert.ok(name in gone.body, name);
});

test("files and data are sealed, come back as they were, and go", async () => {
	const { dossierId } = await ok("POST", BASE, {}, 201), secret = Buffer.from("\x89PNG a picture that nobody else may see");
	const sent = await fetch(`${mobile.server.baseUrl}${BASE}/${dossierId}/files?name=a.png`, {
		method: "POST", body: secret, headers: { authorization: `Bearer ${mobile.token}`, "content-type": "image/png" },
	});
	const file = await sent.json();

	assert.equal(sent.status, 201, JSON.stringify(file));
	const got = await fetch(`${mobile.server.baseUrl}${BASE}/${dossierId}/files/${file.fileId}`, { headers: { authorization: `Bearer ${mobile.token}` } });
	assert.deepEqual(Buffer.from(await got.arrayBuffer()), secret);
	assert.equal(got.headers.get("content-disposition"), "attachment");
	assert.equal(got.headers.get("x-content-type-options"), "nosniff");
	const [row] = mobile.rows("SELECT box FROM proofing_files");
	assert.equal(Buffer.from(row.box).includes("picture"), false);
	await ok("PUT", `${BASE}/${dossierId}/userdata`, { note: "mine" });
	assert.deepEqual(await ok("GET", `${BASE}/${dossierId}/userdata`), { note: "mine" });
	await ok("DELETE", `${BASE}/${dossierId}/files/${file.fileId}`, undefined, 204);
	await ok("DELETE", `${BASE}/${dossierId}`, undefined, 204);
	assert.equal(mobile.rows("SELECT count(*) AS n FROM proofing_files")[0].n, 0);
});

test("pictures, a video, and all of it in one file; what is replaced is gone", async () => {
	const { flow } = await mobile.registered(), where = `${BASE}/${flow.dossierId}/processes/${flow.processId}`;
	const raw = (method, path, body, type = "image/png") => fetch(mobile.server.baseUrl + path, {
		method, body, headers: { authorization: `Bearer ${mobile.token}`, "content-type": type },
	});

	assert.equal((await raw("GET", `${where}/video`)).status, 404);
	for (const [kind, status] of [["front", 201], ["video", 201], ["film", 400]])
		assert.equal((await raw("POST", `${where}/images?kind=${kind}`, `a ${kind}`)).status, status);
	assert.deepEqual((await ok("GET", where)).depictions, ["front"]);
	assert.deepEqual((await ok("GET", `${where}/images`)).map(({ kind }) => kind), ["front"]);
	assert.equal(await (await raw("GET", `${where}/video`)).text(), "a video");
	const zip = await raw("GET", `${where}/download`);
	assert.equal(zip.headers.get("content-type"), "application/zip");
	assert.equal(Buffer.from(await zip.arrayBuffer()).subarray(0, 4).toString("latin1"), "PK\x03\x04");

	const file = await (await raw("POST", `${BASE}/${flow.dossierId}/files?name=a`, "one")).json();
	const put = await raw("PUT", `${BASE}/${flow.dossierId}/files/${file.fileId}?name=b`, "two");
	assert.deepEqual({ ...await put.json(), createdAt: 0 }, { ...file, name: "b", createdAt: 0 });
	assert.equal(await (await raw("GET", `${BASE}/${flow.dossierId}/files/${file.fileId}`)).text(), "two");
	const [picture] = await ok("GET", `${where}/images`);
	assert.equal((await raw("PUT", `${BASE}/${flow.dossierId}/files/${picture.fileId}`, "x")).status, 404);
});

test("whoever is deleted takes everything along; before that he can have it", async () => {
	const { flow } = await mobile.registered({ externalRef: "exported" });
	await mobile.accepted(flow, { placeOfBirth: "BERGEN" });

	const all = await ok("GET", `/reuseid/core/users/${flow.userId}/export`);
	assert.deepEqual(all.dossiers.map(({ dossierId, externalRef }) => [dossierId, externalRef]), [[flow.dossierId, "exported"]]);
	const [process] = all.dossiers[0].processes;
	assert.deepEqual([process.processId, process.status, process.result.finalResult.placeOfBirth], [flow.processId, "accepted", "BERGEN"]);
	assert.deepEqual(all.flows.map(({ transactionId, status, userData }) => [transactionId, status, userData]),
		[[flow.transactionId, "Completed", JANE]]);
	assert.equal(JSON.stringify(all).includes("/proofing/"), false, "no link that still opens something");
	await mobile.changeUser({ id: flow.userId }, { state: "LOCKED" });
	await ok("DELETE", `/reuseid/core/users/${flow.userId}`, undefined, 204);
	const id = (table, text) => mobile.rows(`SELECT count(*) AS n FROM ${table} WHERE hex(id) = ?`, text.replaceAll("-", "").toUpperCase())[0].n;
	assert.deepEqual([id("dossiers", flow.dossierId), id("proofing_processes", flow.processId)], [0, 0]);
	const kept = mobile.rows("SELECT content FROM flows WHERE hex(id) = ?", flow.transactionId.replaceAll("-", "").toUpperCase());
	assert.deepEqual(kept.map(({ content }) => content), [null]);
});

test("an account that is deleted takes its dossiers and the settings of its providers along", async () => {
	const other = await mobile.otherAccount("Short-lived", "Assure API"), { accountId } = other.app;

	await other.rest("POST", BASE, { externalReference: "theirs" });
	const [{ n }] = mobile.rows("SELECT n FROM accounts WHERE id = ?", accountId), before = (table) =>
		mobile.rows(`SELECT count(*) AS n FROM ${table} WHERE account = ?`, n)[0].n;
	await mobile.proofing({ manualReview: true }, accountId);
	assert.deepEqual([before("dossiers"), before("proofing_accounts")], [1, 1]);
	await mobile.server.command("account", "delete", accountId);
	assert.deepEqual(["dossiers", "proofing_accounts", "proofing_processes", "flows"].map(before), [0, 0, 0, 0]);
});

test("with all permissions of its own, another account reaches nothing of ours", async () => {
	const { flow } = await mobile.registered(), other = await mobile.otherAccount("Curious", "Assure API");
	const where = `${BASE}/${flow.dossierId}`, process = `${where}/processes/${flow.processId}`;
	const { body: theirs } = await other.rest("POST", BASE, {});
	const before = await ok("GET", process);

	for (const [method, path, body] of [
		["GET", where], ["DELETE", where], ["POST", `${where}/processes`, { provider: "readid" }], ["POST", `${where}/capture`, {}],
		["GET", `${where}/userdata`], ["PUT", `${where}/userdata`, { a: 1 }], ["GET", `${where}/files`], ["POST", `${where}/files`, {}],
		["GET", process], ["POST", process], ["DELETE", process], ["POST", `${process}/fail`], ["GET", `${process}/raw`], ["GET", `${process}/images`],
		["GET", `${process}/download`], ["GET", `${process}/video`], ["GET", `${process}/external-id`],
		/* our process in a dossier of theirs */
		["GET", `${BASE}/${theirs.dossierId}/processes/${flow.processId}`], ["DELETE", `${BASE}/${theirs.dossierId}/processes/${flow.processId}`],
		["POST", `/proofing-simulator/${flow.processId}/complete`, { status: "accepted" }],
	]) {
		assert.equal((await other.rest(method, path, body)).status, 404, `${method} ${path}`);
	}
	assert.equal((await other.rest("DELETE", `${BASE}/all`)).status, 204);
	assert.equal((await other.rest("GET", "/assure/processes")).body.length, 0);
	assert.deepEqual(await ok("GET", process), before);
	assert.equal((await mobile.flow(ONBOARDINGS, flow)).status, "Pending");
});

test("a dossier holds so many processes and no more", async () => {
	const { dossierId } = await ok("POST", BASE, {}, 201);
	const made = () => mobile.rest("POST", `${BASE}/${dossierId}/processes`, { provider: "readid" });

	for (let i = 0; i < 10; i++)
		assert.deepEqual((await Promise.all(Array.from({ length: 20 }, made))).map(({ status }) => status), Array(20).fill(201));
	assert.equal((await made()).status, 409);
	assert.equal((await ok("GET", `${BASE}/${dossierId}`)).processes.length, 200);
});

test("a link for the end-user leads to https or to this very machine", async () => {
	const { dossierId } = await ok("POST", BASE, {}, 201);
	const made = (redirectUrl) => mobile.rest("POST", `${BASE}/${dossierId}/capture`, { redirectUrl });

	for (const url of ["https://example.com/done", "http://localhost", "http://localhost:3000/x"])
		assert.equal((await made(url)).status, 201, url);
	for (const url of ["http://localhost.evil.example", "http://example.com", "javascript:alert(1)", "https://", "//example.com"])
		assert.equal((await made(url)).status, 400, url);
});

test("a dossier that a flow needs cannot be deleted under its feet", async () => {
	const flow = await mobile.onboard();

	assert.equal((await mobile.rest("DELETE", `${BASE}/${flow.dossierId}`)).status, 409);
	await ok("DELETE", `${BASE}/all`, undefined, 204);
	await ok("GET", `${BASE}/${flow.dossierId}`);
});

test("documents, and another account's dossiers", async () => {
	const types = await ok("GET", "/assure/signicatvideoid/document-types"), other = await mobile.otherAccount();
	const { dossierId } = await ok("POST", BASE, {}, 201);

	assert.ok(types.some(({ id, country, type }) => id === 147 && country === "PRT" && type === "passport"));
	assert.equal((await mobile.rest("GET", "/assure/nobody/document-types")).status, 404);
	assert.equal((await other.rest("GET", `${BASE}/${dossierId}`)).status, 403);
	assert.equal((await fetch(`${mobile.server.baseUrl}/assure/v3/api-docs`)).status, 200);
});

/** The most memory that the server has had so far, in KiB. */
function peak(server) {
	return Number(/^VmHWM:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${server.process.pid}/status`, "utf8"))[1]);
}

test("a long list of dossiers takes the memory of what it shows", async () => {
	const server = await Server.started({ binary: process.env.RELEASE_BINARY });

	try {
		const token = await accessToken(server);
		for (let made = 0; made < 300; made += 50)
			await Promise.all(Array.from({ length: 50 }, () => call(server, token, "POST", BASE, {})));
		/* Each holds something besides that the list does not show. */
		const all = (await call(server, token, "GET", `${BASE}?limit=2000`)).body, userData = { text: "x".repeat(30_000) };
		for (let filled = 0; filled < 300; filled += 50)
			await Promise.all(all.slice(filled, filled + 50).map(({ dossierId }) => call(server, token, "PUT", `${BASE}/${dossierId}/userdata`, userData)));
		const before = peak(server);
		const list = await call(server, token, "GET", `${BASE}?limit=2000`);
		assert.equal(list.body.length, 300);
		assert.ok(peak(server) - before < 4 * 1024, `${peak(server) - before} KiB`);
	} finally {
		await server.remove();
	}
});
