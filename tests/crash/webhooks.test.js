// The server is killed at random moments while events are delivered. Whatever was acknowledged has its event delivered at least once.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { accessToken, call, createUser } from "../support/api.js";
import { OUTBOUND, Receiver } from "../support/receiver.js";
import { Server, long } from "../support/server.js";

const ROUNDS = long ? 40 : 6;
const WRITERS = 8;
const TWICE_FAILED_MS = 60_000;
const LIFE_MS_MIN = 100;
const LIFE_MS_MAX = 900;
const REGISTRATIONS = "/reuseid/core/credentials/devices/registrations";

let server, receiver;

after(async () => {
	await server?.remove();
	await receiver?.close();
});

const between = (min, max) => min + Math.random() * (max - min);

/** Starts and cancels registrations until the server is gone; gives the ids of those whose end was acknowledged. */
async function write(token, user, acknowledged) {
	for (;;) {
		const started = await call(server, token, "POST", REGISTRATIONS, { userId: user.id }).catch(() => null);

		if (started?.status !== 200)
			return;
		const cancelled = await call(server, token, "DELETE", `${REGISTRATIONS}/${started.body.transactionId}`).catch(() => null);

		if (cancelled?.status !== 204)
			return;
		acknowledged.push(started.body.transactionId);
	}
}

test(`${ROUNDS} kills lose no event of what was acknowledged`, async (t) => {
	const acknowledged = [];

	// Most are taken, some fail, some get no answer.
	receiver = await Receiver.started((delivery, response) => {
		const luck = Math.random();

		if (luck < 0.01)
			response.writeHead(500).end();
		else if (luck < 0.02)
			response.destroy();
		else
			response.writeHead(204).end();
	});
	server = await Server.started({ binary: process.env.RELEASE_BINARY, args: OUTBOUND });
	let token = await accessToken(server);
	const made = await call(server, token, "POST", "/events-management/subscriptions", { name: "Test", url: receiver.url, events: ["*"] });

	assert.equal(made.status, 200, JSON.stringify(made.body));
	for (let round = 0; round < ROUNDS; round++) {
		token = await accessToken(server);
		const users = await Promise.all(Array.from({ length: WRITERS }, () => createUser(server, token)));
		const writing = users.map((user) => write(token, user, acknowledged));

		await sleep(between(LIFE_MS_MIN, LIFE_MS_MAX));
		await server.kill();
		await Promise.all(writing);
		await server.start();
	}
	receiver.answer = 204;
	const arrived = () => new Set(receiver.events.map((event) => event.eventData.transactionId));

	await receiver.until(() => acknowledged.every((id) => arrived().has(id)), "an event of what was acknowledged",
		TWICE_FAILED_MS);
	t.diagnostic(`${acknowledged.length} operations were acknowledged, ${receiver.deliveries.length} deliveries arrived`);
	assert.ok(acknowledged.length > ROUNDS * 5);
	const ids = receiver.events.map((event) => `${event.id} ${event.eventData.transactionId}`);

	assert.equal(new Set(ids).size, new Set(receiver.events.map((event) => event.id)).size, "an event keeps its id");
});

test("a clean stop sends nothing twice", async () => {
	const before = receiver.deliveries.length;
	const token = await accessToken(server);
	const user = await createUser(server, token);
	const acknowledged = [];

	receiver.answer = (delivery, response) => setTimeout(() => response.writeHead(204).end(), 50);
	const writing = write(token, user, acknowledged);

	await sleep(300);
	await server.stop();
	await writing;
	await server.start();
	await receiver.until(() => acknowledged.every((id) => receiver.events.some((event) => event.eventData.transactionId === id)));
	const ids = receiver.events.slice(before).map((event) => event.id);

	assert.equal(new Set(ids).size, ids.length);
});
