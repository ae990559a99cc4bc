// The disk fills up. Writes are refused as documented, reads go on, nothing acknowledged is lost, and it heals by itself.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { USERS, accessToken, assertProblem, call, createUser } from "../support/api.js";
import { Server, long } from "../support/server.js";
import { History } from "./history.js";

const HEAL_LIMIT_MS = 10_000;
const ROUNDS = long ? 60 : 6;
const WRITERS = 16;

/** A server on a disk that fill() fills, but for some bytes, and empty() empties. */
class FullDiskServer extends Server {
	constructor() {
		super({ binary: process.env.RELEASE_BINARY });
		this.flag = path.join(this.scratch, "full");
		this.env = { LD_PRELOAD: process.env.FULL_DISK, FULL_DISK_BELOW: this.data, FULL_DISK_FLAG: this.flag };
	}

	fill(bytesLeft = 0) {
		// Renamed into place: the server sees it whole, and as another file each time.
		fs.writeFileSync(`${this.flag}.new`, String(bytesLeft));
		fs.renameSync(`${this.flag}.new`, this.flag);
	}

	empty() {
		fs.rmSync(this.flag, { force: true });
	}
}

let server, token;

before(async () => {
	server = new FullDiskServer();
	await server.start();
	token = await accessToken(server);
});
after(async () => {
	server.empty();
	await server.remove();
});

async function heals() {
	const until = Date.now() + HEAL_LIMIT_MS;

	for (;;) {
		const reply = await call(server, token, "POST", USERS, {});

		if (reply.status < 300)
			return;
		assertProblem(reply, 503, "service_unavailable");
		assert.ok(Date.now() < until, "it still refuses writes after the disk has room again");
		await sleep(50);
	}
}

test("while it is full, writes are refused, reads go on, and nothing is half written", async () => {
	const user = await createUser(server, token, { externalRef: "before", attributes: { city: "Oslo" } });

	server.fill();
	try {
		assertProblem(await call(server, token, "POST", USERS, { externalRef: "during" }), 503, "service_unavailable");
		assertProblem(await call(server, token, "PATCH", `${USERS}/${user.id}`, { attributes: { city: "Bergen" } }),
			503, "service_unavailable");
		const read = await call(server, token, "GET", `${USERS}/${user.id}`);
		assert.equal(read.status, 200);
		assert.deepEqual(read.body.attributes, { city: "Oslo" });
		await accessToken(server);
	} finally {
		server.empty();
	}
	await heals();
	assertProblem(await call(server, token, "POST", `${USERS}/resolve`, { externalRef: "during" }),
		404, "user_entity_does_not_exist");
	assert.deepEqual((await call(server, token, "GET", `${USERS}/${user.id}`)).body.attributes, { city: "Oslo" });
});

test("it is not ready while it cannot write, and ready again by itself", async () => {
	const status = async () => (await fetch(`${server.baseUrl}/readyz`)).status;

	server.fill();
	await call(server, token, "POST", USERS, {});
	const whileFull = await status();
	server.empty();
	await heals();
	assert.equal(whileFull, 503);
	assert.equal(await status(), 200);
});

test("filling up in the middle of writes loses nothing that was acknowledged", async () => {
	const history = new History();
	let verified = 0;

	for (let round = 0; round < ROUNDS; round++) {
		let over = false;
		const writing = history.write(server, token, WRITERS, () => over);

		await sleep(150);
		server.fill(Math.floor(Math.random() * 100_000));
		await sleep(250);
		if (round % 2) {
			await server.kill();
			server.empty();
			await server.start();
		} else {
			server.empty();
		}
		await sleep(100);
		over = true;
		await writing;
		await heals();
		await history.verify(server, token, history.entries.slice(verified));
		verified = history.entries.length;
	}
	await history.verify(server, token);
	assert.ok(history.acknowledged > 0 && history.refused > 0, `${history.acknowledged} and ${history.refused}`);
});

test("a first start on a full disk fails with a word about it, and works once there is room", async () => {
	const fresh = new FullDiskServer();

	try {
		fresh.fill();
		await assert.rejects(fresh.start());
		assert.notEqual(fresh.process.exitCode, 0);
		assert.notEqual(fresh.log, "");
		fresh.empty();
		await fresh.start();
		await createUser(fresh, await accessToken(fresh));
	} finally {
		fresh.empty();
		await fresh.remove();
	}
});
