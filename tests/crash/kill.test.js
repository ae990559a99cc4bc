// The server is killed at random moments. It is ready again by itself, and everything it acknowledged is there.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { accessToken, createUser } from "../support/api.js";
import { Server, long } from "../support/server.js";
import { History } from "./history.js";

const ROUNDS = long ? 100 : 10;
const WRITERS = 32;
const LIFE_MS_MIN = 30;
const LIFE_MS_MAX = 800;
const servers = [];

function newServer() {
	const server = new Server({ binary: process.env.RELEASE_BINARY });

	servers.push(server);
	return server;
}

after(async () => {
	for (const server of servers)
		await server.remove();
});

const between = (min, max) => min + Math.random() * (max - min);

/** Lets writers write for a while and kills the server under them. */
async function killedWhileWriting(server, history) {
	const token = await accessToken(server);
	let over = false;
	const writing = history.write(server, token, WRITERS, () => over);

	await sleep(between(LIFE_MS_MIN, LIFE_MS_MAX));
	const killed = server.kill();
	over = true;
	await killed;
	await writing;
}

/** Starts; now and then it is killed in the middle of that too, in the time that recovery takes. */
async function startAgain(server) {
	if (Math.random() < 0.3) {
		const starting = server.start().catch(() => {});

		await sleep(between(0, 60));
		await server.kill();
		await starting;
	}
	await server.start();
}

test(`${ROUNDS} kills under load lose nothing that was acknowledged`, async (t) => {
	const server = newServer();
	const history = new History();
	let verified = 0;

	await server.start();
	const firstToken = await accessToken(server);
	for (let round = 0; round < ROUNDS; round++) {
		await killedWhileWriting(server, history);
		await startAgain(server);
		await history.verify(server, await accessToken(server), history.entries.slice(verified));
		verified = history.entries.length;
		if (round === 0)
			await createUser(server, firstToken); // a token from before the kill is still good
	}
	await history.verify(server, await accessToken(server));
	t.diagnostic(`${history.acknowledged} writes were acknowledged`);
	assert.ok(history.acknowledged > ROUNDS * 10, "the rounds did write");
});
