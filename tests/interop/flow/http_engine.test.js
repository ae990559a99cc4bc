// What the HTTP engine can besides: mutual TLS, a call before the start, evidence, a last call to forget, callbacks that are signed
// tokens, presets; and settings that cannot be.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import fs from "node:fs";
import { createServer as createPlain } from "node:http";
import { createServer as createTls } from "node:https";
import path from "node:path";
import { after, before, test } from "node:test";
import { SignJWT } from "jose";
import { accessToken } from "../../support/api.js";
import { JANE, ONBOARDINGS, Flows } from "../../support/flows.js";
import { keyPair } from "../../support/issuer.js";

const PICTURE = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]), VIDEO = Buffer.alloc(2_000_000, 7);
let mobile, stand, key, tls;

/** Certificates of a private authority: of the provider, and of us. */
function certificates(directory) {
	const run = (...args) => execFileSync("openssl", args, { cwd: directory, stdio: "pipe" });
	const read = (name) => fs.readFileSync(path.join(directory, name), "utf8");

	run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=ca",
		"-days", "2");
	for (const [name, extra] of [["server", "subjectAltName=IP:127.0.0.1"], ["client", "subjectAltName=DNS:reuseid.example"]]) {
		fs.writeFileSync(path.join(directory, `${name}.ext`), extra);
		run("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
		run("x509", "-req", "-in", `${name}.csr`, "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", `${name}.pem`, "-days", "2",
			"-extfile", `${name}.ext`);
	}
	return Object.fromEntries(fs.readdirSync(directory).map((name) => [name, read(name)]));
}

/** A provider that tells everything in one place. */
class Provider {
	applicants = new Map();
	requests = [];
	states = new Map();
	keys = [];
	held = null; /* until this is fulfilled nobody is told of his applicant */
	tail = ""; /* of the ids of runs */
	deaf = new Set(); /* methods that are not heard just now */

	async start() {
		const answer = (request, reply) => this.answer(request, reply);

		this.server = createTls({
			key: tls["server.key"], cert: tls["server.pem"], ca: tls["ca.pem"], requestCert: true, rejectUnauthorized: true,
		}, answer).listen(0, "127.0.0.1");
		this.plain = createPlain(answer).listen(0, "127.0.0.1"); /* the keys, which need no client certificate */
		await Promise.all([once(this.server, "listening"), once(this.plain, "listening")]);
		this.url = `https://127.0.0.1:${this.server.address().port}`;
		this.keysUrl = `http://127.0.0.1:${this.plain.address().port}/keys`;
	}

	async answer(request, reply) {
		const chunks = [];

		for await (const chunk of request)
			chunks.push(chunk);
		const body = chunks.length ? JSON.parse(Buffer.concat(chunks)) : null, { method, url } = request;
		const say = (value, type = "application/json") =>
			reply.writeHead(200, { "content-type": type }).end(Buffer.isBuffer(value) ? value : JSON.stringify(value));

		this.requests.push({ method, url, body, peer: request.socket.getPeerCertificate?.()?.subject?.CN });
		if (this.deaf.has(method))
			return reply.writeHead(503).end();
		if (url === "/keys")
			return say({ keys: this.keys });
		if (url === "/applicants") {
			this.applicants.set(body.ref, `a-${body.ref}`);
			await this.held;
			return say({ id: `a-${body.ref}` });
		}
		if (url === "/runs")
			return say({ id: `r-${body.applicant.slice(2)}${this.tail}` });
		if (url.endsWith("/front"))
			return say(PICTURE, "image/jpeg");
		if (url.endsWith("/video"))
			return say(VIDEO, "video/mp4");
		if (url.endsWith("/selfie"))
			return reply.writeHead(404).end();
		return say({ state: this.states.get(url.split("/r-").pop()) ?? "pending", who: JANE });
	}

	asked(flow, method, ending) {
		return this.requests.filter((one) => one.method === method && one.url.includes(flow.processId) && one.url.endsWith(ending));
	}

	stop() {
		for (const server of [this.server, this.plain]) {
			server.closeAllConnections();
			server.close();
		}
	}
}

const RESULT = Object.fromEntries(Object.keys(JANE).map((name) => [name, `/who/${name}`]));

const settings = () => ({
	tls: { ca: tls["ca.pem"], clientCert: tls["client.pem"], clientKeyRef: "tls" },
	prepare: { url: `${stand.url}/applicants`, bodyTemplate: { ref: "${processId}", user: "${userId}" }, idPointer: "/id" },
	start: {
		url: `${stand.url}/runs`, idPointer: "/id",
		bodyTemplate: { applicant: "${parentId}", documents: "${docTypes}", first: "${defaultDocType}", until: "${expiresAt}", ref: "${externalRef}" },
	},
	poll: { url: `${stand.url}/runs/\${externalId}`, intervalSec: 3600, statusPointer: "/state", resultMap: RESULT },
	callback: {
		jwt: { jwksUrl: stand.keysUrl, iss: "provider", aud: "reuseid" }, idPointer: "/run", statusPointer: "/state", resultMap: RESULT,
	},
	evidence: Object.fromEntries(["front", "selfie", "video"].map((kind) => [kind, { url: `${stand.url}/runs/\${externalId}/${kind}` }])),
	purge: { url: `${stand.url}/applicants/\${parentId}` },
});

before(async () => {
	mobile = await Flows.started({ args: ["--outbound-networks", "127.0.0.0/8", "--outbound-http"] });
	const directory = path.join(mobile.server.scratch, "tls");

	fs.mkdirSync(directory);
	tls = certificates(directory);
	key = await keyPair("k1", "ES256");
	stand = new Provider();
	await stand.start();
	stand.keys = [key.public];
	await mobile.proofing(config());
});
after(async () => {
	await mobile.remove();
	stand.stop();
});

const config = () => ({
	storeEvidence: true,
	providers: [{ name: "signicatvideoid", engine: "http", settings: settings() }],
	secrets: [{ name: "tls", value: tls["client.key"] }, { name: "hook", value: "secret" }],
});

async function begun(body) {
	const flow = await mobile.onboard(body);
	const phone = mobile.newPhone();

	await phone.register(flow.activationCode);
	await mobile.until(() => stand.requests.some(({ url, body: sent }) => url === "/runs" && sent?.applicant === `a-${flow.processId}`), Boolean);
	await mobile.until(() => stand.asked(flow, "GET", flow.processId).length, Boolean);
	return flow;
}

const bytesOf = (id) => Buffer.from(id.replaceAll("-", ""), "hex");
const now = () => Math.floor(Date.now() / 1000);

async function callback(flow, claims = {}, { by = key, process = flow, header = {} } = {}) {
	const token = typeof claims === "string" ? claims : await new SignJWT({
		iss: "provider", aud: "reuseid", iat: now(), exp: now() + 60, run: `r-${flow.processId}`, state: "accepted", who: JANE, ...claims,
	}).setProtectedHeader({ alg: by.alg, kid: by.kid, ...header }).sign(by.privateKey);

	return (await fetch(`${mobile.server.baseUrl}/proofing/callbacks/${process.processId}`, {
		method: "POST", body: token, headers: { "content-type": "application/jwt" },
	})).status;
}

test("mutual TLS, a call before the start, and what templates can say", async () => {
	const flow = await begun({ externalRef: "Ref \"1\"", videoidProviderOptions: { docTypes: [138, 169], defaultId: 169 } });
	const [prepare] = stand.requests.filter(({ url, body }) => url === "/applicants" && body?.ref === flow.processId);
	const [start] = stand.requests.filter(({ url, body }) => url === "/runs" && body?.applicant === `a-${flow.processId}`);

	assert.equal(prepare.peer, "client");
	assert.equal(prepare.body.user, flow.userId);
	assert.deepEqual(start.body.documents, [138, 169]);
	assert.equal(start.body.first, "169");
	assert.equal(start.body.ref, "Ref \"1\"");
	assert.match(start.body.until, /^\d{4}-\d\d-\d\dT/);
});

test("a person who is faster than the provider: it is started once there all the same", async () => {
	let release;

	stand.held = new Promise((resolve) => release = resolve);
	const flow = await mobile.onboard(), phone = mobile.newPhone();
	const starts = () => stand.requests.filter(({ url, body }) => url === "/applicants" && body.ref === flow.processId).length;
	const rounds = () => mobile.rows("SELECT count(*) AS n FROM proofing_processes WHERE next > 0 AND next <= ?", Date.now())[0].n;

	await mobile.until(starts, Boolean);
	await phone.register(flow.activationCode);
	await mobile.until(rounds, (due) => due === 0);
	stand.held = null;
	release();
	await mobile.until(() => stand.asked(flow, "GET", flow.processId).length, Boolean);
	assert.equal(starts(), 1);
});

test("a signed callback ends it; pictures are fetched and sealed; then the provider is to forget", async () => {
	const flow = await begun(), where = `/assure/dossiers/${flow.dossierId}/processes/${flow.processId}`;

	assert.equal(await callback(flow), 204);
	const done = await mobile.flow(ONBOARDINGS, flow);
	assert.equal(done.status, "Completed", "at once");
	assert.deepEqual(done.userData, JANE);
	await mobile.until(() => stand.asked(flow, "DELETE", "").length, Boolean);
	const { body: process } = await mobile.rest("GET", where);
	assert.deepEqual(process.depictions, ["front"]);
	const get = (what) => fetch(`${mobile.server.baseUrl}${where}/${what}`, { headers: { authorization: `Bearer ${mobile.token}` } });
	const video = await get("video");
	assert.equal(video.headers.get("content-type"), "video/mp4");
	assert.deepEqual(Buffer.from(await video.arrayBuffer()), VIDEO);
	for (const { box } of mobile.rows("SELECT box FROM proofing_files"))
		assert.equal(Buffer.from(box).includes(VIDEO.subarray(0, 64)), false);
	const file = path.join(mobile.server.scratch, "process.zip");
	fs.writeFileSync(file, Buffer.from(await (await get("download")).arrayBuffer()));
	const unpacked = (name) => execFileSync("python3", ["-c",
		"import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; sys.stdout.buffer.write(z.read(sys.argv[2]) if sys.argv[2] else '\\n'.join(sorted(z.namelist())).encode())",
		file, name], { maxBuffer: 1 << 24 });
	assert.deepEqual(`${unpacked("")}`.split("\n"), ["front.jpg", "process.json", "raw.json", "video.mp4"]);
	assert.deepEqual(unpacked("front.jpg"), PICTURE);
	assert.deepEqual(unpacked("video.mp4"), VIDEO);
	assert.deepEqual(JSON.parse(unpacked("process.json")), process);
});

for (const [name, claims, options = {}] of [
	["of another issuer", { iss: "other" }], ["for somebody else", { aud: "other" }], ["that has expired", { exp: 1 }],
	["without an end", { exp: undefined }], ["from the future", { iat: 4102444800 }], ["that is none", "x.y.z"], ["that is empty", "{}"],
	["of an unknown key", {}, { header: { kid: "k9" } }],
]) {
	test(`a callback ${name} is refused`, async () => {
		const flow = await mobile.onboard();

		assert.equal(await callback(flow, claims, options), 403);
		assert.equal((await mobile.flow(ONBOARDINGS, flow)).status, "Pending");
	});
}

test("a callback of a stranger, one for another process, and one twice", async () => {
	const flow = await begun(), other = await begun(), stranger = await keyPair("k1", "ES256");

	assert.equal(await callback(flow, {}, { by: stranger }), 403);
	assert.equal(await callback(flow, {}, { process: other }), 204);
	assert.equal(await callback(flow, { run: undefined }), 204);
	for (const pending of [flow, other])
		assert.equal((await mobile.flow(ONBOARDINGS, pending)).status, "Pending");
	assert.equal(await callback(flow, { state: "rejected" }), 204);
	assert.equal(await callback(flow), 204);
	assert.equal((await mobile.flow(ONBOARDINGS, flow)).errorCode, "REJECTED");
	assert.deepEqual(await mobile.attributes(flow.userId), {});
});

test("an id that is none, and an answer as deep as it may be, spoil nothing", async () => {
	const processOf = (flow) => mobile.rest("GET", `/assure/dossiers/${flow.dossierId}/processes/${flow.processId}`);
	const starts = (flow) => stand.requests.filter(({ url, body }) => url === "/runs" && body.applicant === `a-${flow.processId}`).length;

	for (const tail of ["x".repeat(500), "\u0001", "\n"]) {
		stand.tail = tail;
		const flow = await mobile.onboard(), phone = mobile.newPhone();
		await phone.register(flow.activationCode);
		await mobile.until(() => starts(flow), Boolean);
		await mobile.until(() => mobile.rows("SELECT next FROM proofing_processes WHERE id = ?", bytesOf(flow.processId)),
			([{ next }]) => next > Date.now() && next < Date.now() + 20_000);
		assert.equal((await processOf(flow)).body.status, "pending");
		/* And on, as soon as the provider has come to himself. */
		stand.tail = "";
		mobile.sooner(flow);
		await mobile.until(() => stand.asked(flow, "GET", flow.processId).length, Boolean);
	}
	const flow = await begun();
	let deep = "end";
	for (let i = 0; i < 30; i++)
		deep = { deep };
	assert.equal(await callback(flow, { deep }), 204);
	assert.equal((await mobile.flow(ONBOARDINGS, flow)).status, "Completed");
	assert.equal((await processOf(flow)).status, 200);
	assert.equal((await mobile.rest("GET", "/assure/processes")).status, 200);
	assert.equal((await mobile.rest("GET", `/reuseid/core/users/${flow.userId}/export`)).status, 200);
});

test("what was said of one process does not count for another, although it is well signed", async () => {
	const plain = settings();

	plain.callback = { hmac: { header: "x-signature", secretRef: "hook" }, idPointer: "/run", statusPointer: "/state", resultMap: RESULT };
	await mobile.proofing({ ...config(), providers: [{ name: "signicatvideoid", engine: "http", settings: plain }] });
	const one = await begun(), two = await begun();
	const say = (flow, body) => fetch(`${mobile.server.baseUrl}/proofing/callbacks/${flow.processId}`, {
		method: "POST", body: JSON.stringify(body),
		headers: { "x-signature": createHmac("sha256", "secret").update(JSON.stringify(body)).digest("hex") },
	});
	const said = { run: `r-${one.processId}`, state: "accepted", who: JANE };

	await say(two, said);
	await say(two, { ...said, run: undefined });
	assert.equal((await mobile.flow(ONBOARDINGS, two)).status, "Pending");
	await say(one, said);
	assert.equal((await mobile.flow(ONBOARDINGS, one)).status, "Completed");
	await mobile.proofing(config());
});

test("settings that cannot be", async () => {
	const refused = async (change, words) => {
		const changed = settings();

		change(changed);
		await assert.rejects(mobile.proofing({ ...config(), providers: [{ name: "signicatvideoid", engine: "http", settings: changed }] }),
			(error) => `${error.stderr ?? ""}${error.message}`.includes(words), words);
	};

	await refused((s) => delete s.callback.idPointer, "idPointer");
	await refused((s) => delete s.callback.jwt, "hmac, jwt or basic");
	await refused((s) => delete s.callback.jwt.aud, "jwksUrl, iss and aud");
	await refused((s) => s.callback = { basic: { user: "u", secretRef: "unheard-of" } }, "secretRef");
	await refused((s) => s.poll.statusMap = { OK: "acepted" }, "statusMap");
	await refused((s) => s.poll.resultMap = { fristName: "/a" }, "resultMap");
	await refused((s) => s.tls.clientKeyRef = "unheard-of", "clientKeyRef");
	await refused((s) => s.start.url = "file:///etc/passwd", "start.url");
	await refused((s) => s.preset = "unheard-of", "preset");
});

const farewells = () => mobile.rows("SELECT tries FROM proofing_farewells").map(({ tries }) => tries);
const purges = (flow) => stand.requests.filter(({ method, url }) => method === "DELETE" && url === `/applicants/a-${flow.processId}`).length;

async function erased({ userId }) {
	assert.equal((await mobile.rest("PATCH", `/reuseid/core/users/${userId}`, { state: "LOCKED" })).status, 200);
	assert.equal((await mobile.rest("DELETE", `/reuseid/core/users/${userId}`)).status, 204);
}

test("a provider who does not hear is told again, until he has heard", async () => {
	const flow = await begun();

	stand.deaf.add("DELETE");
	assert.equal(await callback(flow), 204);
	await mobile.until(() => purges(flow), (n) => n === 1);
	await mobile.until(farewells, ([tries]) => tries === 1);
	await mobile.server.kill();
	await mobile.server.start();
	mobile.soonerFarewells();
	await mobile.until(() => purges(flow), (n) => n === 2);
	await mobile.until(farewells, ([tries]) => tries === 2);
	stand.deaf.clear();
	mobile.soonerFarewells();
	await mobile.until(farewells, (left) => left.length === 0);
	assert.equal(purges(flow), 3);
	/* He is told so once, whatever is deleted here later. */
	await erased(flow);
	assert.deepEqual(farewells(), []);
});

for (const [what, remove] of [
	["of a user who is erased", erased],
	["of a dossier that is deleted", (flow) => mobile.rest("DELETE", `/assure/dossiers/${flow.dossierId}`)],
	["of a process that is deleted", (flow) => mobile.rest("DELETE", `/assure/dossiers/${flow.dossierId}/processes/${flow.processId}`)],
	["of all dossiers", () => mobile.rest("DELETE", "/assure/dossiers/all")],
]) {
	test(`a provider forgets what he has ${what}`, async () => {
		const flow = await begun();

		if (remove !== erased) {
			mobile.overdue(flow); /* as long as a flow needs it, it stays */
			await mobile.until(() => mobile.rows("SELECT ended FROM flows WHERE process = ?", bytesOf(flow.processId)), ([row]) => row.ended > 0);
		}
		assert.equal(purges(flow), 0);
		await remove(flow);
		await mobile.until(() => purges(flow), Boolean);
		await mobile.until(farewells, (left) => left.length === 0);
		assert.equal(purges(flow), 1);
		assert.equal(mobile.rows("SELECT count(*) AS n FROM proofing_processes WHERE id = ?", bytesOf(flow.processId))[0].n, 0);
	});
}

test("what a provider has just begun when its user is erased, he forgets as well", async () => {
	let release;

	stand.held = new Promise((resolve) => release = resolve);
	const flow = await mobile.onboard();
	await mobile.until(() => stand.requests.some(({ url, body }) => url === "/applicants" && body.ref === flow.processId), Boolean);
	await erased(flow);
	assert.deepEqual(farewells(), []);
	stand.held = null;
	release();
	await mobile.until(() => purges(flow), Boolean);
	await mobile.until(farewells, (left) => left.length === 0);
});

test("an address that lacks its last part is not called", async () => {
	const changed = settings();

	changed.purge.url = `${stand.url}/runs/\${externalId}`;
	await mobile.proofing({ ...config(), providers: [{ name: "signicatvideoid", engine: "http", settings: changed }] });
	stand.deaf.add("POST");
	const flow = await mobile.onboard();
	await mobile.until(() => stand.requests.some(({ url, body }) => url === "/applicants" && body.ref === flow.processId), Boolean);
	await erased(flow);
	stand.deaf.clear();
	await mobile.until(farewells, (left) => left.length === 0);
	assert.equal(stand.requests.some(({ method, url }) => method === "DELETE" && url.endsWith("/runs/")), false);
	await mobile.proofing(config());
});

test("a preset: another service with the Assure API", async () => {
	const other = await mobile.otherAccount("The one who verifies");
	const client = await mobile.server.command("client", "create", "proofing", "--account", other.app.accountId, "--products", "Assure API");
	const theirs = { clientId: client.id, clientSecret: client.secrets[0].secret };
	const token = await accessToken(mobile.server, theirs), { baseUrl } = mobile.server;

	await mobile.proofing({
		providers: [{ name: "readid", engine: "http", settings: {
			preset: "assure", baseUrl: `${baseUrl}/assure`, tokenUrl: `${baseUrl}/auth/open/connect/token`, clientId: theirs.clientId, secretRef: "c",
		} }],
		secrets: [{ name: "c", value: theirs.clientSecret }],
	});
	const { flow } = await mobile.registered({ provider: "readid" });
	const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
	const theirDossiers = await mobile.until(async () => (await fetch(`${baseUrl}/assure/dossiers`, { headers })).json(), ([first]) => first?.processes.length);
	const [{ dossierId, externalReference, processes: [{ processId, provider }] }] = theirDossiers;

	assert.deepEqual([externalReference, provider], [flow.processId, "readid"]);
	const post = (where, body) => fetch(baseUrl + where, { method: "POST", headers, body: JSON.stringify(body) });
	assert.equal((await post(`/assure/dossiers/${dossierId}/processes/${processId}`)).status, 200);
	assert.equal((await post(`/proofing-simulator/${processId}/complete`, { status: "accepted" })).status, 204);
	mobile.sooner(flow);
	assert.deepEqual((await mobile.ended(ONBOARDINGS, flow)).userData, JANE);
	/* Then it is to be forgotten there. */
	await mobile.until(async () => (await fetch(`${baseUrl}/assure/dossiers/${dossierId}`, { headers })).status, (status) => status === 404);
});
