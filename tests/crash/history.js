// What a group of writers sent and what was acknowledged, and whether what a server holds fits to that.
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { USERS, call } from "../support/api.js";

const PAUSE_AFTER_REFUSAL_MS = 5;

/** One user that one writer changes: the last value acknowledged, and those sent since, of which any may have been stored. */
class Entry {
	constructor(reference) {
		this.reference = reference;
		this.id = null;
		this.acknowledged = null;
		this.sent = [];
	}
}

/** Both attributes always hold the same value: a write that was stored in part would show. */
const attributes = (value) => ({ first: value, second: value });

export class History {
	constructor() {
		this.entries = [];
		this.acknowledged = 0;
		this.refused = 0;
		this.next = 0;
	}

	/** Writers that create and change users until stopped() is true; ends when all have ended. */
	async write(server, token, writers, stopped) {
		await Promise.all(Array.from({ length: writers }, () => this.#writer(server, token, stopped)));
	}

	async #writer(server, token, stopped) {
		const own = [];

		while (!stopped()) {
			const entry = own.length === 0 || Math.random() < 0.4 ? null : own[Math.floor(Math.random() * own.length)];
			const worked = entry
				? await this.#change(server, token, entry)
				: await this.#create(server, token, own);

			if (!worked)
				await sleep(PAUSE_AFTER_REFUSAL_MS);
		}
	}

	async #create(server, token, own) {
		const number = ++this.next;
		const entry = new Entry(`reference-${process.pid}-${number}`);
		const value = `value-${number}`;

		this.entries.push(entry);
		const answer = await this.#send(entry, value, () =>
			call(server, token, "POST", USERS, { externalRef: entry.reference, attributes: attributes(value) }));

		if (answer) {
			entry.id = answer.id;
			own.push(entry);
		}
		return answer;
	}

	#change(server, token, entry) {
		const value = `value-${++this.next}`;

		return this.#send(entry, value, () =>
			call(server, token, "PATCH", `${USERS}/${entry.id}`, { attributes: attributes(value) }));
	}

	/** Sends and notes what came of it. A refusal with an answer promises that nothing was stored. */
	async #send(entry, value, request) {
		let reply;

		entry.sent.push(value);
		try {
			reply = await request();
		} catch {
			return null;
		}
		if (reply.status >= 500) {
			assert.equal(reply.status, 503, JSON.stringify(reply.body));
			assert.equal(reply.body.code, "service_unavailable");
			entry.sent.pop();
			this.refused++;
			return null;
		}
		assert.ok(reply.status === 200 || reply.status === 201, JSON.stringify(reply.body));
		entry.acknowledged = value;
		entry.sent = [];
		this.acknowledged++;
		return reply.body;
	}

	/** Every entry of the list is as it was acknowledged, or as it was asked to be later. */
	async verify(server, token, entries = this.entries) {
		const batch = 16;

		for (let at = 0; at < entries.length; at += batch)
			await Promise.all(entries.slice(at, at + batch).map((entry) => this.#verifyOne(server, token, entry)));
	}

	async #verifyOne(server, token, entry) {
		const found = await call(server, token, "POST", `${USERS}/resolve`, { externalRef: entry.reference });

		if (found.status === 404) {
			assert.equal(entry.acknowledged, null, `${entry.reference} was acknowledged and is lost`);
			return;
		}
		assert.equal(found.status, 200, JSON.stringify(found.body));
		const { status, body } = await call(server, token, "GET", `${USERS}/${found.body.userId}`);
		assert.equal(status, 200, JSON.stringify(body));
		const possible = [...entry.sent, ...(entry.acknowledged ? [entry.acknowledged] : [])];
		assert.ok(possible.includes(body.attributes.first),
			`${entry.reference} holds ${body.attributes.first}, possible: ${possible.join(", ") || "nothing"}`);
		assert.deepEqual(body.attributes, attributes(body.attributes.first), "stored in part");
		assert.equal(body.externalRef, entry.reference);
		// What is read now is durable: from here on it counts as acknowledged.
		entry.id = found.body.userId;
		entry.acknowledged = body.attributes.first;
		entry.sent = [];
	}
}
