// Events for those who cannot take webhooks: the stream, read by an EventSource of others, and the spool.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { EventSource } from "eventsource";
import { assertProblem } from "../support/api.js";
import { MobileId } from "../support/mobileid.js";

const STREAM = "/events-management/stream";
const PATIENCE_MS = 20_000;

let all, spool;
const sources = [];

before(async () => {
	spool = fs.mkdtempSync(path.join(os.tmpdir(), "spool-"));
	all = await MobileId.started({ args: ["--event-spool", spool] });
});

after(async () => {
	for (const source of sources)
		source.close();
	await all?.remove();
	fs.rmSync(spool, { recursive: true, force: true });
});

async function happen(tags) {
	const user = await all.newUser();
	const { transactionId } = await all.startRegistration(user, { tags });

	assert.equal((await all.cancel({ transactionId }, "registrations")).status, 204);
	return transactionId;
}

async function until(is, what) {
	const end = Date.now() + PATIENCE_MS;

	while (!is()) {
		assert.ok(Date.now() < end, `${what} did not come`);
		await sleep(10);
	}
}

/** Listens; the ids of transactions that were told, and the id of the last event. */
function listen(query = "", { lastEventId } = {}) {
	const heard = { ids: [], events: [], positions: 0 };
	const source = new EventSource(all.server.baseUrl + STREAM + query, {
		fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${all.token}`,
			...(lastEventId && !init.headers["Last-Event-ID"] && { "Last-Event-ID": lastEventId }) } }),
	});

	sources.push(source);
	source.onmessage = ({ data, lastEventId: id }) => {
		const event = JSON.parse(data);

		assert.equal(event.id, id);
		heard.events.push(event);
		heard.ids.push(event.eventData.transactionId);
	};
	source.addEventListener("position", () => heard.positions++);
	heard.close = () => source.close();
	return heard;
}

describe("the stream", () => {
	test("tells what happens from now on, each event once and in order", async () => {
		const before = await happen();
		const heard = listen();

		await until(() => heard.positions >= 1, "the position");
		const ids = [];

		for (let i = 0; i < 30; i++) {
			ids.push(await happen(["stream"]));
			if (i % 7 === 0)
				await sleep(30);
		}
		await until(() => heard.ids.length >= ids.length, "the events");
		assert.deepEqual(heard.ids, ids);
		assert.ok(!heard.ids.includes(before));
		assert.deepEqual(heard.events[0].tags, ["stream"]);
		heard.close();
	});

	test("goes on behind the last event that was seen, also after a restart of the server", async () => {
		const first = listen();

		await until(() => first.positions >= 1, "the position");
		const id = await happen();

		await until(() => first.ids.includes(id), "the event");
		first.close();
		const missed = [await happen(), await happen()];

		await all.server.kill();
		await all.server.start();
		const second = listen("", { lastEventId: first.events.at(-1).id });

		await until(() => second.ids.length >= 2, "what was missed");
		assert.deepEqual(second.ids, missed);
		second.close();
	});

	test("waits for the next event", async () => {
		const heard = listen();

		await until(() => heard.positions >= 1, "the position");
		await sleep(300);
		const comings = heard.positions, id = await happen();

		await until(() => heard.ids.includes(id), "the event");
		assert.ok(comings <= 4, `${comings} comings for nothing`);
		heard.close();
	});

	test("from the oldest on, and only what is wanted", async () => {
		const wanted = await happen(["wanted"]);

		await happen(["other"]);
		const every = listen("?lastEventId=0"), some = listen("?tag=wanted", { lastEventId: "0" }), none = listen("?events=mobileid:*", { lastEventId: "0" });

		await until(() => every.ids.length > 5, "the events");
		await until(() => some.ids.length > 0 && none.positions >= 1, "the event");
		every.close();
		assert.deepEqual(some.ids, [wanted]);
		assert.deepEqual(none.ids, []);
		some.close();
		none.close();
	});

	test("an unknown id begins with the oldest; another account hears nothing of this one", async () => {
		const reply = await fetch(all.server.baseUrl + STREAM, { headers: { authorization: `Bearer ${all.token}`, "last-event-id": "f".repeat(32) } });

		assert.equal(reply.headers.get("content-type"), "text/event-stream");
		assert.ok((await reply.text()).split("\ndata: ").length > 5);
		const other = await all.server.command("account", "create", "Other", "--type", "sandbox");
		const client = await all.server.command("client", "create", "events", "--account", other.id, "--products", "Events Management API");
		const { accessToken } = await import("../support/api.js");
		const token = await accessToken(all.server, { clientId: client.id, clientSecret: client.secrets[0].secret });
		const theirs = await fetch(all.server.baseUrl + STREAM, { headers: { authorization: `Bearer ${token}`, accept: "text/event-stream" } });

		assert.equal(await theirs.text(), "retry: 20\n\nevent: position\nid: 0\ndata: {}\n\n");
	});

	test("a client that does not come again by itself gets the next event", async () => {
		let text = null;

		fetch(all.server.baseUrl + STREAM, { headers: { authorization: `Bearer ${all.token}` } })
			.then(async (reply) => { text = await reply.text(); });
		const ids = [];

		while (text === null)
			ids.push(await happen());
		assert.ok(ids.some((id) => text.match(new RegExp(`^data: .*${id}`, "m"))), text);
	});

	test("wants a token with the permission", async () => {
		const client = await all.server.command("client", "create", "none", "--account", all.app.accountId, "--products", "Audit API");
		const { accessToken, call } = await import("../support/api.js");
		const token = await accessToken(all.server, { clientId: client.id, clientSecret: client.secrets[0].secret });

		assertProblem(await call(all.server, token, "GET", STREAM), 403, "missing_permission");
		assertProblem(await call(all.server, null, "GET", STREAM), 401, "invalid_token");
	});
});

describe("the spool", () => {
	const dir = () => path.join(spool, all.app.accountId);
	const lines = () => fs.readdirSync(dir()).sort().flatMap((name) => fs.readFileSync(path.join(dir(), name), "utf8").split("\n").filter(Boolean));
	const ids = () => lines().map((line) => JSON.parse(line).eventData.transactionId);

	test("has each event as a line, readable by nobody else", async () => {
		const id = await happen(["spooled"]);

		await until(() => fs.existsSync(dir()) && ids().includes(id), "the line");
		const event = JSON.parse(lines().find((line) => line.includes(id)));

		assert.deepEqual(Object.keys(event).sort(), ["accountId", "eventData", "eventName", "expiresAt", "id", "organizationId", "sender",
			"tags", "timestamp"]);
		assert.match(fs.readdirSync(dir())[0], /^\d{4}-\d\d-\d\d\.jsonl$/);
		assert.equal(fs.statSync(dir()).mode & 0o777, 0o700);
		assert.equal(fs.statSync(path.join(dir(), fs.readdirSync(dir())[0])).mode & 0o777, 0o600);
	});

	test("loses nothing when the server is killed, and a cut line spoils only itself", async () => {
		const all_ids = [];

		for (let round = 0; round < 4; round++) {
			for (let i = 0; i < 5; i++)
				all_ids.push(await happen());
			await all.server.kill();
			if (round === 1)
				fs.appendFileSync(path.join(dir(), fs.readdirSync(dir()).sort().at(-1)), '{"id":"cut');
			await all.server.start();
		}
		const whole = () => lines().flatMap((line) => {
			try {
				return [JSON.parse(line)];
			} catch {
				return [];
			}
		}).map((event) => event.eventData.transactionId);

		await until(() => all_ids.every((id) => whole().includes(id)), "every line");
		assert.equal(lines().length - whole().length, 1);
	});

	test("webhooks and stream go on when the spool cannot be written", async () => {
		await all.server.stop();
		fs.rmSync(spool, { recursive: true });
		fs.writeFileSync(spool, "not a directory");
		await all.server.start();
		const heard = listen();

		await until(() => heard.positions >= 1, "the position");
		const id = await happen();

		await until(() => heard.ids.includes(id), "the event");
		heard.close();
		await until(() => all.server.log.includes("events not spooled"), "the line in the log");
		fs.rmSync(spool);
		fs.mkdirSync(spool);
		await until(() => fs.existsSync(dir()) && ids().includes(id), "the line");
	});
});
