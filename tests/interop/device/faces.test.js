// Faces matched by a provider that is reached over HTTP: a service of the test's own, which keeps the faces itself.
import assert from "node:assert/strict";
import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DEVICES, MobileId } from "../../support/mobileid.js";
import { OUTBOUND } from "../../support/receiver.js";
import { must } from "./client.js";
import { bytes } from "./crypto.js";

const FACE = "DEVICE_SERVER_SIDE_FACE";
const SECRET = "token of the account";
const ANNA = Buffer.from("scan of Anna, who is alive");
const BERTA = Buffer.from("scan of Berta, who is alive");
const MATCHING_SCORE = 750;

/** A face engine that takes the same bytes for the same face. */
class Provider {
	faces = new Map();
	calls = [];
	mood = "well"; // or: away (503), silent (never), mute (an answer that says nothing), or lost (done, and 503)

	async open() {
		this.http = http.createServer((request, response) => this.#take(request, response));
		this.http.listen(0, "127.0.0.1");
		await once(this.http, "listening");
		this.url = `http://127.0.0.1:${this.http.address().port}/engine`;
		return this;
	}

	async #take(request, response) {
		const chunks = [];

		for await (const chunk of request)
			chunks.push(chunk);
		const body = JSON.parse(Buffer.concat(chunks).toString() || "null");

		this.calls.push({ method: request.method, url: request.url, headers: request.headers, body });
		if (this.mood === "silent")
			return;
		if (this.mood === "away" || request.headers.authorization !== `Bearer ${SECRET}`)
			return void response.writeHead(503).end();
		if (this.mood === "lost")
			this.#answer(request.method, request.url.replace("/engine", ""), body);
		if (this.mood === "lost")
			return void response.writeHead(503).end();
		const answer = this.mood === "mute" ? {} : this.#answer(request.method, request.url.replace("/engine", ""), body);
		response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
	}

	#answer(method, where, body) {
		const [, , id, match] = where.split("/");

		if (where === "/sessions")
			return { init: Buffer.from("for the scanner").toString("base64") };
		if (method === "DELETE")
			return { forgotten: this.faces.delete(id) };
		if (match)
			return { matched: this.faces.get(id) === body.scan, score: this.faces.get(id) === body.scan ? MATCHING_SCORE : 0 };
		const alive = Buffer.from(body.scan, "base64").includes("alive");
		if (alive)
			this.faces.set(body.faceId, body.scan);
		return { enrolled: alive };
	}

	close() {
		this.http.closeAllConnections();
		this.http.close();
	}
}

const ALLOWED = {
	serverSideFaceEnabled: true, faceProvider: "HTTP", faceProviderSecret: SECRET, faceProviderSessions: true, faceTimeout: 1500,
	faceScoreMin: MATCHING_SCORE, recoveryEnabled: true, allowedAuthMethods: `DEVICE, DEVICE:PIN, DEVICE:SERVER_SIDE_FACE`,
};
let provider, all;

before(async () => {
	provider = await new Provider().open();
	all = await MobileId.started({ args: OUTBOUND, config: { ...ALLOWED, faceProviderUrl: `${provider.url}/` } });
});
after(async () => {
	await all?.remove();
	provider?.close();
});

/** A phone that is not registered yet, with its session. */
async function beginning() {
	const user = await all.newUser();
	const operation = await all.startRegistration(user);
	const phone = all.newPhone();
	const answer = await phone.activate(operation.operationProperties.activationCode);

	assert.ok(answer.ok, answer.json);
	phone.user = user;
	await answer.session.newPin("1357");
	return { phone, session: answer.session, operation };
}

const enrol = (session, scan) => session.register({ methods: ["DEVICE", "DEVICE_PIN", FACE], face: scan });

async function registered(scan = ANNA) {
	const { phone, session } = await beginning();
	const answer = await enrol(session, scan);

	assert.ok(answer.ok, answer.json);
	return phone;
}

async function started(phone) {
	const operation = await all.startOperation(phone);
	const { session } = await phone.start();

	return { operation, session };
}

const approve = (session, scan, members) => session.finish(FACE, { face: scan, ...members });

test("enrolled at registration, matched at an approval; the scanner is handed what the provider says", async () => {
	const phone = await registered();
	const { operation, session } = await started(phone);

	assert.equal(Buffer.from(session.start.face.init, "base64url").toString(), "for the scanner");
	assert.ok((await approve(session, ANNA)).ok);
	assert.equal((await all.operation(operation)).operationProperties.authMethod, FACE);
	const { body } = provider.calls.at(-1);
	assert.deepEqual(Object.keys(body), ["scan"]);
	assert.equal(provider.calls.every(({ headers }) => headers.authorization === `Bearer ${SECRET}`), true);
});

test("another face, and a face that is not alive", async () => {
	const { phone, session: first } = await beginning();
	const dead = await enrol(first, Buffer.from("a photograph"));

	assert.deepEqual([dead.code, dead.is.err.recoverable], [232, true]);
	assert.ok((await enrol(first, ANNA)).ok);
	const { session } = await started(phone);
	const wrong = await approve(session, BERTA);
	assert.deepEqual([wrong.code, wrong.is.err.remaining], [214, 2]);
	assert.ok((await approve(session, ANNA)).ok);
});

for (const mood of ["away", "silent", "mute"])
	test(`a provider that is ${mood}: the phone may try again, and nothing is charged`, async () => {
		const phone = await registered();
		const { session } = await started(phone);

		provider.mood = mood;
		const answer = await approve(session, ANNA);
		assert.deepEqual([answer.code, answer.is.err.recoverable, answer.is.err.remaining], [221, true, undefined]);
		assert.equal(all.rows("SELECT fail_device + fail_second AS n FROM devices ORDER BY rowid DESC LIMIT 1")[0].n, 0);
		await all.startOperation(phone);
		const { session: without } = await phone.start();
		assert.equal(without.start.face, mood === "mute" ? without.start.face : undefined);
		provider.mood = "well";
		await all.startOperation(phone);
		assert.ok((await approve((await phone.start()).session, ANNA)).ok);
	});

test("while one waits for the provider, the others go on", async () => {
	const phones = await Promise.all([registered(), registered()]);
	const sessions = await Promise.all(phones.map(async (phone) => (await started(phone)).session));

	provider.mood = "silent";
	const waiting = Promise.all(sessions.flatMap((session) => [approve(session, ANNA)]));
	for (let i = 0; i < 20; i++)
		assert.equal((await all.rest("GET", `${DEVICES}/${phones[0].store.reg}?userId=${phones[0].user.id}`)).status, 200);
	assert.deepEqual((await waiting).map(({ code }) => code), [221, 221]);
	provider.mood = "well";
});

test("a phone that leaves in the middle leaves nothing behind", async () => {
	const phone = await registered();
	const { session } = await started(phone);
	const request = await session.finishRequest(FACE, { face: ANNA });

	provider.mood = "silent";
	await assert.rejects(fetch(`${phone.config.serverUrl}/device/v1`, {
		method: "POST", body: request.wire, headers: { "content-type": "application/vnd.reuseid.device-req" }, signal: AbortSignal.timeout(200),
	}));
	provider.mood = "well";
	assert.ok((await session.send(request)).ok);
});

test("large scans are taken in a session that asks for one, and nowhere else", async () => {
	const large = Buffer.concat([Buffer.from("alive"), Buffer.alloc(2_500_000, 7)]);
	const phone = await registered(large);
	const { session } = await started(phone);

	assert.ok((await approve(session, large)).ok);
	const outside = await phone.post(bytes(1, 1, Buffer.alloc(300_000)));
	assert.equal(outside.status, 413);
});

test("a new phone recovers the account by face", async () => {
	const old = await registered();
	const { session } = await started(old);
	const { faces } = (await all.rest("GET", `/reuseid/core/users/${old.user.id}/export`)).body;

	assert.deepEqual(faces.map((face) => Object.keys(face)), [["created"]]);
	assert.ok((await approve(session, ANNA, { tokenPurposes: ["addOrUpdateRecovery"] })).ok);
	const adding = must(await old.startRecovery({ method: "CLOUD_BACKUP_SERVER_SIDE_FACE" })).session;
	must(await adding.addRecovery({ face: ANNA }));
	const phone = all.newPhone();
	const recovering = must(await phone.startRecovering({ ...old.store.backup, method: "CLOUD_BACKUP_SERVER_SIDE_FACE" })).session;
	assert.equal((await recovering.unlockByFace(BERTA)).code, 214);
	must(await recovering.unlockByFace(ANNA));
	must(await recovering.newPin("8642"));
	must(await recovering.register());
	const { transactions } = (await all.rest("GET", `${DEVICES}/${phone.store.reg}/transactions?userId=${old.user.id}`)).body;
	const { body } = await all.rest("GET", `${DEVICES}/recoveries/${transactions[0].transactionId}`);
	assert.deepEqual([body.state, body.recoveryMethod, body.recoveryStatus, body.device.id],
		["COMPLETED", "CLOUD_BACKUP_SERVER_SIDE_FACE", "RECOVERED", phone.store.reg]);
});

test("scans lie nowhere; the secret is not answered", async () => {
	const phone = await registered();
	const { session } = await started(phone);

	assert.ok((await approve(session, ANNA)).ok);
	await all.server.stop();
	for (const name of fs.readdirSync(all.server.data).filter((name) => name.startsWith("reuseid.db")))
		assert.equal(fs.readFileSync(path.join(all.server.data, name)).includes(ANNA), false, name);
	await all.server.start();
	const { body } = await all.rest("GET", `/mobileid/admin/accounts/${all.app.accountId}/application-configurations`);
	assert.equal(body.applications[0].properties.faceProviderSecret, "********");
	const { faceProviderUrl } = body.applications[0].properties;
	const change = (properties) => all.rest("PATCH",
		`/mobileid/admin/accounts/${all.app.accountId}/application-configurations/${all.app.applicationId}`, properties);

	for (const moved of [{}, { faceProviderSecret: "********" }]) // nor is it shown to another provider
		assert.equal((await change({ faceProviderUrl: `${faceProviderUrl}/elsewhere`, ...moved })).status, 400);
	assert.equal((await change({ faceProviderUrl, faceProviderSecret: "********" })).status, 200);
});

test("a face that the provider took and nobody heard of is forgotten when its session is over", async () => {
	const { session, operation } = await beginning();
	const toForget = () => all.rows("SELECT due FROM face_deletions");
	const kept = provider.faces.size;

	provider.mood = "lost";
	assert.equal((await enrol(session, ANNA)).code, 221);
	assert.equal(provider.faces.size, kept + 1);
	await all.until(async () => toForget(), (rows) => rows.length === 1);
	const [{ due }] = toForget();
	assert.ok(due > Date.parse(operation.operationProperties.sessionExpiryTime), String(due));
	provider.mood = "well";
	assert.ok((await enrol(session, ANNA)).ok);
	assert.deepEqual(toForget(), []);
	assert.equal(provider.faces.size, kept + 1);
});

test("a phone that starts again and again does not have the provider asked as often", async () => {
	const phone = await registered();
	const asked = () => provider.calls.filter(({ url }) => url.endsWith("/sessions")).length;
	const before = asked();

	await all.startOperation(phone);
	for (let i = 0; i < 10; i++)
		assert.ok((await phone.start()).session.start.face);
	const { session } = await phone.start();
	assert.equal(session.start.face, undefined);
	assert.equal(asked(), before + 10);
	assert.ok((await session.pin("1357")).ok);
	assert.ok((await session.finish("DEVICE_PIN")).ok);
});

test("the provider is told to forget the face of a device that is deleted", async () => {
	const phone = await registered();
	const before = provider.faces.size;

	await all.deleteDevice(phone);
	const until = Date.now() + 30_000;
	while (provider.faces.size === before && Date.now() < until)
		await sleep(100);
	assert.equal(provider.faces.size, before - 1);
	assert.equal(provider.calls.at(-1).method, "DELETE");
});
