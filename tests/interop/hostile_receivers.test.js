// Receivers that fail in every way there is, all at once, and one that is well: nothing of them reaches the well one, or inside.
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { after, before, test } from "node:test";
import { call } from "../support/api.js";
import { MobileId } from "../support/mobileid.js";
import { OUTBOUND, Receiver } from "../support/receiver.js";

const BASE = "/events-management";

let all, guarded;
const receivers = [];
const sockets = [];

before(async () => {
	all = await MobileId.started({ args: OUTBOUND });
	guarded = await MobileId.started({ args: ["--outbound-http"] });
});

after(async () => {
	for (const receiver of receivers)
		await receiver.close();
	for (const socket of sockets)
		socket.close();
	await all?.remove();
	await guarded?.remove();
});

async function receiver(answer) {
	const made = await Receiver.started(answer);

	receivers.push(made);
	return made;
}

/** A raw server: connection(socket) does what it likes. */
async function raw(connection) {
	const server = net.createServer((socket) => {
		socket.on("error", () => {});
		connection(socket);
	}).listen(0, "127.0.0.1");

	await once(server, "listening");
	server.unref();
	sockets.push(server);
	return `http://127.0.0.1:${server.address().port}/`;
}

async function subscribe(to, url) {
	const reply = await to.rest("POST", `${BASE}/subscriptions`, { name: "Test", url, events: ["*"] });

	assert.equal(reply.status, 200, JSON.stringify(reply.body));
	return reply.body;
}

async function happen(to) {
	const user = await to.newUser();
	const { transactionId } = await to.startRegistration(user);

	assert.equal((await to.cancel({ transactionId }, "registrations")).status, 204);
	return transactionId;
}

const delivery = async (to, subscription) => {
	const { events } = (await to.rest("GET", `${BASE}/events?limit=100`)).body;

	return events.flatMap((event) => event.deliveries).filter(({ subscriptionId }) => subscriptionId === subscription.id);
};

test("nobody holds up another", async () => {
	const inner = await receiver(204);
	const bad = {
		500: (await receiver(500)).url,
		redirect: (await receiver((request, response) => response.writeHead(302, { location: inner.url }).end())).url,
		"permanent redirect": (await receiver((request, response) => response.writeHead(308, { location: inner.url }).end())).url,
		hangs: (await receiver(() => {})).url,
		closes: await raw((socket) => socket.destroy()),
		garbage: await raw((socket) => socket.end("SSH-2.0-x\r\n")),
		"never a byte": await raw(() => {}),
		"endless headers": await raw((socket) => {
			socket.write("HTTP/1.1 200 OK\r\n");
			const timer = setInterval(() => socket.write("X-More: 1\r\n"), 5);

			socket.on("close", () => clearInterval(timer));
		}),
		"nobody there": "http://127.0.0.1:1/",
	};
	const gone = await receiver(410);
	const subscriptions = {};

	for (const [name, url] of Object.entries(bad))
		subscriptions[name] = await subscribe(all, url);
	const goneSubscription = await subscribe(all, gone.url);
	const good = await receiver(204);

	await subscribe(all, good.url);
	const ids = [];

	for (let i = 0; i < 20; i++)
		ids.push(await happen(all));
	await good.until(() => ids.every((id) => good.events.some((event) => event.eventData.transactionId === id)));
	assert.equal(good.deliveries.length, ids.length);
	assert.equal(inner.deliveries.length, 0, "a redirect was followed");
	for (const [name, reason, status] of [["500", undefined, 500], ["redirect", undefined, 302], ["closes", "broken"], ["garbage", "broken"],
		["nobody there", "not_connected"], ["permanent redirect", undefined, 308]]) {
		const [first] = await all.until(() => delivery(all, subscriptions[name]), (list) => list.some(({ attempts }) => attempts))
			.then((list) => list.filter(({ attempts }) => attempts));

		assert.equal(first.status, "PENDING", name);
		assert.equal(first.reason, reason, name);
		assert.equal(first.httpStatus, status, name);
	}
	const disabled = await all.until(() => all.rest("GET", `${BASE}/subscriptions/${goneSubscription.id}`), (reply) => !reply.body.enabled);

	assert.equal(disabled.body.disabledReason, "gone");
	assert.ok(gone.deliveries.length >= 1 && gone.deliveries.length <= 32);
});

test("no name leads inside", async () => {
	const inside = await receiver(204);

	for (const host of ["localhost", "127.0.0.1.nip.io.invalid"]) {
		const subscription = await subscribe(guarded, `http://${host}:${inside.port}/hook`);
		const tested = await guarded.rest("POST", `${BASE}/subscriptions/${subscription.id}/test`);

		assert.equal(tested.status, 200, JSON.stringify(tested.body));
		assert.equal(tested.body.delivered, false);
		if (host === "localhost")
			assert.equal(tested.body.reason, "address_refused");
		await happen(guarded);
		const [first] = await guarded.until(() => delivery(guarded, subscription), (list) => list.some(({ attempts }) => attempts));

		assert.equal(first.status, "PENDING");
	}
	assert.equal(inside.deliveries.length, 0);
	for (const url of [inside.url, "http://0.0.0.0/", "http://[::ffff:127.0.0.1]/", "http://2130706433/"])
		assert.equal((await call(guarded.server, guarded.token, "POST", `${BASE}/subscriptions`, { name: "x", url, events: ["*"] })).status, 400);
});
