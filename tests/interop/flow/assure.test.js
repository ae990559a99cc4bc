// The Assure-compatible routes: "get all identity proofings" and "get the full data set of the process", and all that is kept.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { JANE, Flows } from "../../support/flows.js";

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
