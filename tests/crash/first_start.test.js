// A first start that fails or is killed leaves nothing half done: the next one makes a server that can be used.
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { accessToken, createUser } from "../support/api.js";
import { Server, long } from "../support/server.js";

const KILLS = long ? 200 : 25;
const KILL_MS_MAX = 150;
const servers = [];

function newServer() {
	const server = new Server({ binary: process.env.RELEASE_BINARY });

	servers.push(server);
	return server;
}

after(() => Promise.all(servers.map((server) => server.remove())));

/** What bootstrap.json tells is true. */
async function canBeUsed(server) {
	assert.equal(server.bootstrap.baseUrl, server.baseUrl);
	await createUser(server, await accessToken(server));
}

test(`${KILLS} first starts that are killed`, async () => {
	for (let i = 0; i < KILLS; i++) {
		const server = newServer();
		const starting = server.start().catch(() => {});

		await sleep((KILL_MS_MAX * i) / KILLS);
		await server.kill();
		await starting;
		await server.start();
		await canBeUsed(server);
		await server.remove();
	}
});

test("a first start on a port that is taken", async () => {
	const server = newServer();
	const squatter = net.createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");

	await once(squatter, "listening");
	server.port = squatter.address().port;
	await assert.rejects(server.start());
	assert.notEqual(server.process.exitCode, 0);
	assert.match(server.log, /in use/);
	squatter.close();
	await once(squatter, "close");
	await server.start();
	await canBeUsed(server);
});
