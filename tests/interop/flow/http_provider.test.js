// The HTTP engine against a stand-in of a real provider's API: it ends once, in the right state, whatever comes late, twice, forged or
// contradictory, and whenever the server restarts.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { ONBOARDINGS, Flows } from "../../support/flows.js";

const SECRET = "callback-secret", TOKEN = "bearer-secret";
const OLA = { first: "Ola", last: "Nordmann", born: "17.05.1985", sex: "male", country: "no" };
const ATTRIBUTES = { firstName: "OLA", lastName: "NORDMANN", dateOfBirth: "1985-05-17", gender: "M", nationality: "NOR" };
let mobile, stand;

/** What a provider has: sessions by id, and a way to be slow or broken. */
class StandIn {
	sessions = new Map();
	requests = [];
	broken = 0;
	hanging = false; /* no answer at all */
	hung = false;

	async start() {
		this.server = createServer((request, reply) => this.answer(request, reply)).listen(0, "127.0.0.1");
		await once(this.server, "listening");
		this.url = `http://127.0.0.1:${this.server.address().port}`;
	}

	async answer(request, reply) {
		const chunks = [];

		for await (const chunk of request)
			chunks.push(chunk);
		const body = chunks.length ? JSON.parse(Buffer.concat(chunks)) : null;
		this.requests.push({ method: request.method, url: request.url, headers: request.headers, body });
		const say = (status, value) => reply.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));

		if (this.hanging) {
			this.hung = true;
			return;
		}
		if (this.broken > 0) {
			this.broken--;
			return say(503, { error: "try later" });
		}
		if (request.headers.authorization !== `Bearer ${TOKEN}`)
			return say(401, {});
		if (request.method === "POST") {
			const id = body.reference;

			this.sessions.set(id, this.sessions.get(id) ?? { id: `ext/${id}`, state: "OPEN", callback: body.notify, body });
			return say(201, { session: { id: `ext/${id}`, link: `https://provider.example/${id}`, sdk: "sdk-token" } });
		}
		const session = this.sessions.get(decodeURIComponent(request.url.split("/").pop()).slice(4));

		if (request.method === "DELETE") {
			session.deleted = true;
			return say(200, {});
		}
		return say(200, { state: session.state, person: session.state === "OK" ? session.person : undefined });
	}

	session({ processId }) {
		return this.sessions.get(processId);
	}

	end(flow, state, person = OLA) {
		Object.assign(this.session(flow), { state, person });
	}
}

function callback(flow, body, { secret = SECRET, process = flow } = {}) {
	const text = JSON.stringify(body);

	return fetch(`${mobile.server.baseUrl}/proofing/callbacks/${process.processId}`, {
		method: "POST", body: text, headers: {
			"content-type": "application/json", "x-signature": createHmac("sha256", secret).update(text).digest("hex"),
		},
	});
}

const settings = (url) => ({
	start: {
		method: "POST", url: `${url}/sessions`, auth: { type: "bearer", secretRef: "token" },
		bodyTemplate: { reference: "${processId}", notify: "${callbackUrl}", kind: "${processType}", nested: [{ dossier: "${dossierId}" }] },
		idPointer: "/session/id", urlPointer: "/session/link", authorizationPointer: "/session/sdk",
	},
	poll: {
		url: `${url}/sessions/\${externalId}`, intervalSec: 1, statusPointer: "/state",
		statusMap: { OPEN: "pending", BUSY: "processing", OK: "accepted", NO: "rejected", MAYBE: "inconclusive", GONE: "canceled", BAD: "failed" },
		resultMap: {
			firstName: "/person/first|upper", lastName: "/person/last|upper", dateOfBirth: "/person/born|date(DD.MM.YYYY)",
			gender: "/person/sex|gender", nationality: "/person/country|iso3166a2toa3", documentType: "const(passport)",
		},
	},
	callback: { hmac: { header: "x-signature", algo: "sha256", encoding: "hex", secretRef: "hook" }, idPointer: "/id", thenPoll: true },
	cancel: { method: "DELETE", url: `${url}/sessions/\${externalId}` },
	timeouts: { requestMs: 2000 },
});

before(async () => {
	stand = new StandIn();
	await stand.start();
	mobile = await Flows.started({ args: ["--outbound-networks", "127.0.0.0/8", "--outbound-http"] });
	await mobile.proofing({
		providers: [{ name: "signicatvideoid", engine: "http", settings: settings(stand.url) }],
		secrets: [{ name: "token", value: TOKEN }, { name: "hook", value: SECRET }],
	});
});
after(async () => {
	await mobile.remove();
	stand.server.closeAllConnections();
	stand.server.close();
});

/** An onboarding whose session at the provider is there, and whose device is registered. */
async function begun() {
	const flow = await mobile.onboard();
	await mobile.until(() => stand.session(flow), Boolean);
	const phone = mobile.newPhone();

	await phone.register(flow.activationCode);
	return flow;
}

async function failedWith(flow, code) {
	const done = await mobile.ended(ONBOARDINGS, flow);

	assert.equal(done.status, "Failed", JSON.stringify(done));
	assert.equal(done.errorCode, code);
	assert.equal(typeof done.errorDescription, "string");
	assert.equal(done.userData, undefined);
	assert.equal(done.proofingId, undefined);
	assert.deepEqual(await mobile.attributes(flow.userId), {});
	assert.deepEqual(await mobile.verifications(flow.userId), []);
}

test("the session is started as the template says, and what was found becomes the user's", async () => {
	const flow = await begun(), { body } = stand.session(flow);

	assert.equal(body.reference, flow.processId);
	assert.equal(body.kind, "substantial");
	assert.equal(body.nested[0].dossier, flow.dossierId);
	assert.equal(body.notify, `${mobile.server.baseUrl}/proofing/callbacks/${flow.processId}`);
	stand.end(flow, "OK");
	const done = await mobile.ended(ONBOARDINGS, flow);
	assert.equal(done.status, "Completed", JSON.stringify(done));
	assert.deepEqual(done.userData, ATTRIBUTES);
	assert.deepEqual(await mobile.attributes(flow.userId), ATTRIBUTES);
});

for (const [state, code] of [["NO", "REJECTED"], ["MAYBE", "INCONCLUSIVE"], ["GONE", "CANCELLED"], ["BAD", "PROOFING_FAILED"]]) {
	test(`${state}: ${code}, and the attributes stay`, async () => {
		const flow = await begun();

		stand.end(flow, state);
		await failedWith(flow, code);
	});
}

test("a result that breaks the rules is none", async () => {
	const flow = await begun();

	stand.end(flow, "OK", { ...OLA, born: "31.02.1985" });
	await failedWith(flow, "PROOFING_FAILED");
});

test("a callback is a bell: what is true is asked for", async () => {
	const flow = await begun();

	stand.end(flow, "OK");
	assert.equal((await callback(flow, { id: `ext/${flow.processId}`, state: "NO" })).status, 204);
	assert.equal((await mobile.ended(ONBOARDINGS, flow)).status, "Completed");
});

test("late, repeated and contradictory results change nothing", async () => {
	const flow = await begun();

	stand.end(flow, "OK");
	const done = await mobile.ended(ONBOARDINGS, flow);
	for (const state of ["NO", "OK", "GONE"]) {
		stand.end(flow, state, { ...OLA, first: "Kari" });
		assert.equal((await callback(flow, { id: `ext/${flow.processId}`, state })).status, 204);
	}
	assert.deepEqual(await mobile.flow(ONBOARDINGS, flow), done);
	assert.deepEqual(await mobile.attributes(flow.userId), ATTRIBUTES);
	assert.equal((await mobile.verifications(flow.userId)).length, 1);
});

test("a forged callback, one for another process, one for nobody", async () => {
	const flow = await begun(), other = await begun();
	const seen = stand.requests.length;

	assert.equal((await callback(flow, { id: `ext/${flow.processId}` }, { secret: "guessed" })).status, 403);
	assert.equal((await callback(flow, { id: `ext/${flow.processId}` }, { process: { processId: flow.userId } })).status, 403);
	assert.equal((await callback(flow, { id: `ext/${flow.processId}` }, { process: other })).status, 204);
	assert.ok(stand.requests.length - seen < 20);
	for (const pending of [flow, other])
		assert.equal((await mobile.flow(ONBOARDINGS, pending)).status, "Pending");
});

test("a provider that cannot be reached for a while", async () => {
	stand.broken = 1;
	const flow = await mobile.onboard();
	const phone = mobile.newPhone();

	await phone.register(flow.activationCode);
	assert.equal((await mobile.flow(ONBOARDINGS, flow)).status, "Pending");
	await mobile.until(() => stand.broken, (left) => left === 0);
	await mobile.until(() => {
		mobile.sooner(flow);
		return stand.session(flow);
	}, Boolean);
	stand.end(flow, "OK");
	assert.equal((await mobile.ended(ONBOARDINGS, flow)).status, "Completed");
});

test("a provider that never answers holds up nobody, and is asked again", async () => {
	const slow = await begun(), other = await begun();

	stand.hanging = true;
	await mobile.until(() => {
		mobile.sooner(slow);
		return stand.hung;
	}, Boolean);
	assert.equal((await mobile.flow(ONBOARDINGS, slow)).status, "Pending");
	stand.hanging = false;
	for (const flow of [slow, other])
		stand.end(flow, "OK");
	await mobile.until(() => {
		mobile.sooner(slow);
		mobile.sooner(other);
		return Promise.all([slow, other].map((flow) => mobile.flow(ONBOARDINGS, flow)));
	}, (flows) => flows.every(({ status }) => status === "Completed"));
	assert.equal((await mobile.verifications(slow.userId)).length, 1);
});

test("restarts in the middle lose nothing", async () => {
	const waiting = await mobile.onboard();
	await mobile.server.kill();
	await mobile.server.start();
	await mobile.until(() => stand.session(waiting), Boolean);
	const phone = mobile.newPhone();
	await phone.register(waiting.activationCode);
	await mobile.server.kill();
	stand.end(waiting, "OK");
	await mobile.server.start();
	mobile.sooner(waiting);
	assert.equal((await mobile.ended(ONBOARDINGS, waiting)).status, "Completed");
	assert.deepEqual(await mobile.attributes(waiting.userId), ATTRIBUTES);
});

test("time over: the flow expires, the provider is told, a later result changes nothing", async () => {
	const flow = await begun();

	await mobile.overdue(flow);
	await failedWith(flow, "EXPIRED");
	await mobile.until(() => stand.session(flow).deleted, Boolean);
	stand.end(flow, "OK");
	assert.equal((await callback(flow, { id: `ext/${flow.processId}` })).status, 204);
	await failedWith(flow, "EXPIRED");
});

test("who is locked meanwhile gets nothing", async () => {
	const flow = await begun();

	await mobile.changeUser({ id: flow.userId }, { state: "LOCKED" });
	stand.end(flow, "OK");
	await failedWith(flow, "LOCKED_BY_ADMIN");
});
