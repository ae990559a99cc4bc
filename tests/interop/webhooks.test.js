// Webhooks as a receiver sees them. Signatures are checked with node's own crypto and with jose.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import { after, afterEach, before, describe, test } from "node:test";
import * as jose from "jose";
import { assertProblem, call } from "../support/api.js";
import { DEVICES, MobileId } from "../support/mobileid.js";
import { OUTBOUND, Receiver } from "../support/receiver.js";

const BASE = "/events-management";

let all, receiver;

const api = (method, path, body) => all.rest(method, BASE + path, body);

async function subscribe(fields = {}) {
	const reply = await api("POST", "/subscriptions", { name: "Test", url: receiver.url, events: ["*"], ...fields });

	assert.equal(reply.status, 200, JSON.stringify(reply.body));
	return reply.body;
}

async function unsubscribe(subscription) {
	assert.equal((await api("DELETE", `/subscriptions/${subscription.id}`)).status, 204);
}

async function unsubscribeAll() {
	for (const subscription of (await api("GET", "/subscriptions")).body)
		await unsubscribe(subscription);
}

/** Something that has its result at once: a registration that is cancelled. Gives its transaction id. */
async function happen(tags) {
	const user = await all.newUser();
	const { transactionId } = await all.startRegistration(user, { tags });

	assert.equal((await all.cancel({ transactionId }, "registrations")).status, 204);
	return transactionId;
}

const of = (id) => (deliveries) => deliveries.some((delivery) => delivery.event.eventData.transactionId === id);
const find = (id) => receiver.deliveries.find((delivery) => delivery.event.eventData.transactionId === id);

function mac(secret, delivery) {
	return "sha256=" + crypto.createHmac("sha256", secret)
		.update(`${delivery.headers["x-signicat-timestamp"]}.`).update(delivery.body).digest("hex");
}

before(async () => {
	all = await MobileId.started({ args: OUTBOUND });
	receiver = await Receiver.started();
});

afterEach(unsubscribeAll);

after(async () => {
	await all?.remove();
	await receiver?.close();
});

describe("what arrives", () => {
	test("the envelope has nine fields, and eventData is what polling answers", async () => {
		const subscription = await subscribe({ events: ["reuseid:device.registration.completed"] });
		const id = await happen(["tag 1", "tag 2"]);

		await receiver.until(of(id));
		const { event, headers, method, path } = find(id);
		const polled = await all.rest("GET", `${DEVICES}/registrations/${id}`);

		assert.equal(method, "POST");
		assert.equal(path, "/hook");
		assert.equal(headers["content-type"], "application/json");
		assert.deepEqual(Object.keys(event).sort(), ["accountId", "eventData", "eventName", "expiresAt", "id", "organizationId", "sender",
			"tags", "timestamp"]);
		assert.deepEqual(event.eventData, polled.body);
		assert.match(event.id, /^[0-9a-f]{32}$/);
		assert.match(event.timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
		assert.equal(Date.parse(event.expiresAt) - Date.parse(event.timestamp), 86400_000);
		assert.equal(event.sender, "reuseid");
		assert.equal(event.eventName, "device.registration.completed");
		assert.equal(event.accountId, all.app.accountId);
		assert.match(event.organizationId, /^o-p-/);
		assert.deepEqual(event.tags, ["tag 1", "tag 2"]);
	});

	test("a completed authentication and signature, and the lock of a device", async () => {
		const subscription = await subscribe();
		const phone = await all.phone();

		for (const kind of ["authentications", "signatures"]) {
			const started = await all.startOperation(phone, { kind, tags: [kind],
				...(kind === "signatures" && { preOperationContext: { title: "Consent", mimeType: "text/plain", content: "SGVsbG8=" } }) });

			await phone.approve();
			await receiver.until(of(started.transactionId));
			assert.deepEqual(find(started.transactionId).event.eventData, await all.operation(started, kind));
		}
		await all.changeDevice(phone, { state: "LOCKED" }, "&generateEvent=true");
		await all.changeDevice(phone, { state: "ACTIVE" });
		await receiver.until((list) => list.some(({ event }) => event.eventName === "device.state.change"));
		const { eventData } = receiver.events.find((event) => event.eventName === "device.state.change");

		assert.equal(eventData.state, "LOCKED");
		assert.equal(eventData.lockReason, "LOCKED_BY_ADMIN");
		assert.equal(eventData.userId, phone.user.id);
		assert.equal(eventData.id, phone.store.reg);
	});

	test("of a user who was erased, only what remains", async () => {
		const user = await all.newUser({ externalRef: "reference-of-the-erased", segment: "segment-of-the-erased" });
		const { transactionId } = await all.startRegistration(user, { device: { name: "device-of-the-erased" }, tags: ["tag-of-the-erased"] });

		await all.cancel({ transactionId }, "registrations");
		const { id } = (await api("GET", "/events?limit=1")).body.events[0];
		const before = await api("GET", `/events/${id}`);

		assert.match(JSON.stringify(before.body), /reference-of-the-erased/);
		await all.changeUser(user, { state: "LOCKED" });
		assert.equal((await all.rest("DELETE", `/reuseid/core/users/${user.id}`)).status, 204);
		const after = await api("GET", `/events/${id}`);

		assert.equal(after.status, 200);
		assert.doesNotMatch(JSON.stringify(after.body), /of-the-erased/);
		assert.equal(after.body.eventData.transactionId, transactionId);
		assert.equal(after.body.eventData.state, "FAILED");
	});

	test("headers of the receiver's own, and how long an event lives", async () => {
		const subscription = await subscribe({ headers: { Authorization: "Bearer word", "X-Own": "1" }, timeToLiveSeconds: 30 });
		const id = await happen();

		await receiver.until(of(id));
		const { event, headers } = find(id);

		assert.equal(headers.authorization, "Bearer word");
		assert.equal(headers["x-own"], "1");
		assert.equal(Date.parse(event.expiresAt) - Date.parse(event.timestamp), 30_000);
		assert.deepEqual(subscription.headers, { Authorization: "********", "X-Own": "********" });
	});
});

describe("who it is from", () => {
	test("the function in the documents says so", async () => {
		const [, code] = fs.readFileSync("docs/WEBHOOKS.md", "utf8").match(/^```js\n(.*?)^```$/ms);
		const { isFromUs } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
		const subscription = await subscribe();
		const added = (await api("POST", `/subscriptions/${subscription.id}/secrets`)).body;
		const id = await happen();

		await receiver.until(of(id));
		const { headers, body } = find(id);

		for (const { secret } of [subscription.secrets[0], added]) {
			assert.ok(isFromUs(secret, headers, body));
			assert.ok(!isFromUs(secret, headers, Buffer.concat([body, Buffer.from(" ")])));
			assert.ok(!isFromUs(secret, { ...headers, "x-signicat-timestamp": String(headers["x-signicat-timestamp"] - 1) }, body));
			assert.ok(!isFromUs(secret, headers, body, Date.now() + 400_000));
		}
		assert.ok(!isFromUs("x".repeat(48), headers, body));
		assert.ok(!isFromUs(added.secret, {}, body));
	});

	test("HMAC over timestamp and body, by every live secret", async () => {
		const subscription = await subscribe();
		const first = subscription.secrets[0].secret;
		let id = await happen();

		await receiver.until(of(id));
		assert.equal(find(id).headers["x-signicat-signature"], mac(first, find(id)));
		assert.ok(Math.abs(find(id).headers["x-signicat-timestamp"] - Date.now() / 1000) < 60);

		const added = await api("POST", `/subscriptions/${subscription.id}/secrets`);

		assert.equal(added.status, 200);
		id = await happen();
		await receiver.until(of(id));
		assert.deepEqual(find(id).headers["x-signicat-signature"].split(","), [mac(added.body.secret, find(id)), mac(first, find(id))]);
		assert.equal((await api("DELETE", `/subscriptions/${subscription.id}/secrets/${subscription.secrets[0].id}`)).status, 204);
		id = await happen();
		await receiver.until(of(id));
		assert.equal(find(id).headers["x-signicat-signature"], mac(added.body.secret, find(id)));
		assertProblem(await api("DELETE", `/subscriptions/${subscription.id}/secrets/${added.body.id}`), 400, "invalid_operation");
	});

	test("HMAC over the body alone, where that is wanted", async () => {
		const subscription = await subscribe({ signing: { hmac: true, hmacForm: "BODY" } });
		const id = await happen();

		await receiver.until(of(id));
		assert.equal(find(id).headers["x-signicat-signature"],
			crypto.createHmac("sha256", subscription.secrets[0].secret).update(find(id).body).digest("hex"));
	});

	test("a detached JWS under a published key", async () => {
		const subscription = await subscribe({ signing: { hmac: false, jws: true } });
		const id = await happen();

		await receiver.until(of(id));
		const { headers, body } = find(id);
		const [protectedHeader, nothing, signature] = headers["x-signicat-jws"].split(".");
		const keys = jose.createRemoteJWKSet(new URL(`${all.server.baseUrl}/auth/open/.well-known/openid-configuration/jwks`));
		const verify = (bytes) => jose.flattenedVerify({ protected: protectedHeader, payload: bytes.toString("base64url"), signature }, keys);

		assert.equal(nothing, "");
		assert.deepEqual(Buffer.from((await verify(body)).payload), body);
		assert.equal(headers["x-signicat-signature"], undefined);
		const altered = Buffer.from(body);

		altered[10] ^= 1;
		await assert.rejects(verify(altered));
	});
});

describe("who gets what", () => {
	test("names, beginnings of names, tags", async () => {
		const before = receiver.deliveries.length;

		await subscribe({ events: ["reuseid:device.signature.completed"] });
		await subscribe({ events: ["mobileid:*"] });
		await subscribe({ tagFilter: { any: ["a", "b"], all: [] } });
		await subscribe({ events: ["reuseid:device.*"], tagFilter: { all: ["a", "c"] } });
		await subscribe({ enabled: false });
		const none = await happen(["d"]), one = await happen(["b"]), both = await happen(["a", "c"]);

		await receiver.until((list) => list.length >= before + 3);
		const ids = receiver.events.slice(before).map((event) => event.eventData.transactionId);

		assert.deepEqual(ids.sort(), [one, both, both].sort());
		assert.ok(!ids.includes(none));
	});

	test("another account's events and subscriptions are not there", async () => {
		const subscription = await subscribe();
		const client = await all.server.command("client", "create", "events", "--account",
			(await all.server.command("account", "create", "Other", "--type", "sandbox")).id, "--products", "Events Management API");
		const { accessToken } = await import("../support/api.js");
		const other = await accessToken(all.server, { clientId: client.id, clientSecret: client.secrets[0].secret });
		const as = (method, path, body) => call(all.server, other, method, BASE + path, body);
		const event = (await api("GET", "/events?limit=1")).body.events[0];

		assertProblem(await as("GET", `/subscriptions/${subscription.id}`), 404, "subscription_does_not_exist");
		assertProblem(await as("DELETE", `/subscriptions/${subscription.id}`), 404, "subscription_does_not_exist");
		assertProblem(await as("POST", `/subscriptions/${subscription.id}/test`), 404, "subscription_does_not_exist");
		assertProblem(await as("POST", `/subscriptions/${subscription.id}/secrets`), 404, "subscription_does_not_exist");
		assertProblem(await as("DELETE", `/subscriptions/${subscription.id}/secrets/${subscription.secrets[0].id}`), 404,
			"subscription_does_not_exist");
		assertProblem(await as("PUT", `/subscriptions/${subscription.id}`, { name: "x", url: "https://example.com/", events: ["*"] }), 404,
			"subscription_does_not_exist");
		assertProblem(await as("GET", `/events/${event.id}`), 404, "event_does_not_exist");
		assertProblem(await as("POST", `/events/${event.id}/resend`), 404, "event_does_not_exist");
		assert.deepEqual((await as("GET", "/subscriptions")).body, []);
		assert.deepEqual((await as("GET", "/events")).body.events, []);
	});
});

describe("managing", () => {
	test("what is read is what was written, without secrets", async () => {
		const made = await subscribe({ tagFilter: { any: ["a"] }, signing: { jws: true }, headers: { "X-Key": "word" } });
		const read = await api("GET", `/subscriptions/${made.id}`);

		delete made.secrets[0].secret;
		assert.deepEqual(read.body, made);
		assert.deepEqual(read.body.signing, { hmac: true, hmacForm: "TIMESTAMPED", jws: true });
		assert.deepEqual((await api("GET", "/subscriptions")).body, [made]);
		assert.ok(!JSON.stringify(read.body).includes("word"));
		await unsubscribe(made);
		assertProblem(await api("GET", `/subscriptions/${made.id}`), 404, "subscription_does_not_exist");
	});

	test("a masked header keeps its value when the subscription is replaced", async () => {
		const made = await subscribe({ headers: { "X-Key": "word", "X-Other": "gone" } });
		const replaced = await api("PUT", `/subscriptions/${made.id}`, { name: "New", url: receiver.url, events: ["reuseid:*"],
			headers: { "X-Key": "********" } });

		assert.equal(replaced.status, 200);
		assert.equal(replaced.body.name, "New");
		const id = await happen();

		await receiver.until(of(id));
		assert.equal(find(id).headers["x-key"], "word");
		assert.equal(find(id).headers["x-other"], undefined);
	});

	test("a masked header is for the receiver that it was given for: nobody sends it elsewhere without knowing it", async () => {
		const made = await subscribe({ headers: { Authorization: "a word of the receiver's" } });
		const taken = await api("PUT", `/subscriptions/${made.id}`, { name: "New", url: `${receiver.url}/elsewhere`, events: ["*"],
			headers: { Authorization: "********" } });

		assertProblem(taken, 400, "invalid_request_parameter");
		assert.match(JSON.stringify(taken.body.invalidParams), /headers\.Authorization must be given again/);
		assert.deepEqual((await api("GET", `/subscriptions/${made.id}`)).body.url, made.url);
		const moved = await api("PUT", `/subscriptions/${made.id}`, { name: "New", url: `${receiver.url}/elsewhere`, events: ["*"],
			headers: { Authorization: "another" } });

		assert.equal(moved.status, 200);
		await unsubscribe(made);
	});

	test("what cannot be is refused, and each fault named", async () => {
		const good = { name: "Test", url: receiver.url, events: ["*"] };
		const bad = {
			name: [{ name: "" }, { name: "x".repeat(101) }],
			url: [{ url: "" }, { url: "ftp://example.com/" }, { url: "https://user:word@example.com/" }, { url: "https://10.0.0.1/" },
				{ url: "https://[::1]/" }, { url: "https://0x0a000001/" }, { url: "http://169.254.169.254/latest" }, { url: "nonsense" }],
			events: [{ events: [] }, { events: ["reuseid:no.such"] }, { events: ["*.completed"] }, { events: ["reuseid:device*x"] }],
			headers: [{ headers: { Host: "x" } }, { headers: { "X-Signicat-Signature": "x" } }, { headers: { "Content-Length": "1" } },
				{ headers: { "X-A": "a\r\nX-B: b" } }, { headers: { "X A": "x" } }, { headers: { "X-A": 1 } }],
			timeToLiveSeconds: [{ timeToLiveSeconds: 29 }, { timeToLiveSeconds: 604801 }],
		};

		for (const [name, changes] of Object.entries(bad))
			for (const change of changes) {
				const reply = await api("POST", "/subscriptions", { ...good, ...change });

				assert.equal(reply.status, 400, `${JSON.stringify(change)} is accepted`);
				if (reply.body.invalidParams)
					assert.ok(reply.body.invalidParams.some((param) => param.name.startsWith(name)), JSON.stringify(reply.body));
			}
		assert.deepEqual((await api("GET", "/subscriptions")).body, []);
	});

	test("kinds of events", async () => {
		const { body } = await api("GET", "/event-types");

		assert.ok(body.some((type) => type.name === "reuseid:device.authentication.completed"));
		for (const type of body) {
			assert.equal(type.name, `${type.sender}:${type.eventName}`);
			assert.ok(type.description);
			assert.equal(typeof type.sample, "object");
		}
	});

	test("a test event tells what the receiver answered", async () => {
		const subscription = await subscribe();
		const tested = async () => (await api("POST", `/subscriptions/${subscription.id}/test`)).body;

		assert.deepEqual(await tested(), { delivered: true, httpStatus: 204 });
		const { event, headers } = receiver.deliveries.at(-1);

		assert.equal(event.eventName, "test");
		assert.equal(headers["x-signicat-signature"], mac(subscription.secrets[0].secret, receiver.deliveries.at(-1)));
		receiver.answer = 503;
		assert.deepEqual(await tested(), { delivered: false, httpStatus: 503 });
		receiver.answer = (delivery, response) => response.destroy();
		assert.equal((await tested()).reason, "broken");
		receiver.answer = 204;
		assert.ok((await api("GET", "/events")).body.events.every((shown) => shown.eventName !== "test"));
	});
});

describe("the log", () => {
	test("shows who got what, page by page, by name, tag and state", async () => {
		const subscription = await subscribe();
		const ids = [];

		for (let i = 0; i < 5; i++)
			ids.unshift(await happen(["log", `log ${i}`]));
		await receiver.until(of(ids[0]));
		await receiver.until((list) => ids.every((id) => of(id)(list)));
		const logged = await all.until(() => api("GET", "/events?tag=log&status=DELIVERED&limit=100"), (reply) => reply.body.events.length === 5);
		const one = await api("GET", `/events/${logged.body.events[0].id}`);

		assert.equal(one.body.eventData.transactionId, ids[0]);
		assert.deepEqual(one.body.tags, ["log", "log 4"]);
		assert.deepEqual(one.body.deliveries.map(({ subscriptionId, status, attempts, httpStatus }) =>
			({ subscriptionId, status, attempts, httpStatus })),
			[{ subscriptionId: subscription.id, status: "DELIVERED", attempts: 1, httpStatus: 204 }]);
		let pages = [], next = "/events?tag=log&limit=2&eventName=reuseid:device.*";

		while (next) {
			const { body } = await api("GET", next);

			pages.push(...body.events);
			next = body.next;
		}
		assert.deepEqual(pages.map((event) => event.id), logged.body.events.map((event) => event.id));
		assert.equal((await api("GET", "/events?eventName=mobileid:*")).body.events.length, 0);
		assert.equal((await api("GET", `/events?to=${encodeURIComponent(logged.body.events[4].timestamp)}&tag=log`)).body.events.length, 0);
		assert.equal((await api("GET", "/events?tag=log%202")).body.events.length, 1);
	});

	test("an event is sent again when that is asked for", async () => {
		const subscription = await subscribe();
		const id = await happen();
		const count = () => receiver.events.filter((event) => event.eventData.transactionId === id).length;

		await receiver.until(of(id));
		const { event } = find(id);
		const resend = (body) => api("POST", `/events/${event.id}/resend`, body);

		assert.equal((await resend()).status, 204);
		await receiver.until(() => count() === 2);
		assert.equal((await resend({ subscriptionId: subscription.id })).status, 204);
		await receiver.until(() => count() === 3);
		assert.deepEqual(receiver.events.filter((sent) => sent.id === event.id).map((sent) => sent.eventData), Array(3).fill(event.eventData));
		assertProblem(await resend({ subscriptionId: crypto.randomUUID() }), 400, "invalid_operation");
		assertProblem(await api("POST", `/events/${"0".repeat(32)}/resend`), 404, "event_does_not_exist");
		await unsubscribe(subscription);
		assertProblem(await resend(), 400, "invalid_operation");
	});
});
