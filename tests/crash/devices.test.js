// The server is killed at random moments while phones authenticate with PIN. No acknowledged step is lost, nothing completes twice,
// and every phone goes on: by sending its last request again, or by starting anew.
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Session } from "../interop/device/client.js";
import { unb64 } from "../interop/device/crypto.js";
import { MobileId, PIN } from "../support/mobileid.js";
import { long } from "../support/server.js";

const ROUNDS = long ? 100 : 10;
const PHONES = 8;
const LIFE_MS_MIN = 100;
const LIFE_MS_MAX = 1200;
const GIVES_UP = 0.3; // how often a phone starts anew instead of asking again
const PAUSE_MS = 20;
let mobile;

after(() => mobile?.remove());

const between = (min, max) => min + Math.random() * (max - min);

class GaveUp extends Error {}

/** One phone that authenticates again and again, whatever happens to the server. */
class Approver {
	constructor(phone) {
		this.phone = phone;
		this.completed = [];      // operations whose finish was acknowledged
		this.started = [];        // operations whose start by REST was acknowledged
		this.repeats = 0;
		this.last = null;         // the last answer that was acknowledged
		this.sent = null;         // the last request that may have arrived
		this.verified = 0;
	}

	async run(stopped) {
		while (!stopped()) {
			try {
				await this.approve();
			} catch (error) {
				if (!(error instanceof GaveUp))
					throw error;
			}
		}
	}

	/** Until the server answers: the identical request again, unless the phone gives up and starts anew. */
	async insist(request, send = (r) => this.phone.send(r)) {
		for (let lost = false; ; lost = true) {
			this.sent = request;
			try {
				const answer = await send(request);

				// 503, or 221 inside the envelope: it stops or is overtaken, and promises that nothing was stored.
				if (answer.status !== 503 && answer.code !== 221) {
					this.repeats += lost;
					this.last = answer.ok ? { request, is: answer.is } : this.last;
					return answer;
				}
			} catch (error) {
				if (!(error instanceof TypeError))
					throw error;
			}
			if (Math.random() < GIVES_UP)
				throw new GaveUp();
			await sleep(PAUSE_MS);
		}
	}

	async operation() {
		const pending = this.started.at(-1);

		if (pending && !pending.over)
			return pending;
		try {
			const operation = await mobile.startOperation(this.phone, { tags: [String(this.started.length)] });

			this.started.push(operation);
			return operation;
		} catch (error) {
			if (!(error instanceof TypeError) && !/ 503 /.test(error.message))
				throw error;
			await sleep(PAUSE_MS);
			throw new GaveUp();
		}
	}

	async approve() {
		const operation = await this.operation();
		const request = await this.phone.startRequest({ clientData: operation.transactionId });
		const start = await this.insist(request);

		if (!start.ok) {
			// Its finish was stored, and the answer got lost when the phone gave up.
			assert.equal(start.code, 208, String(start.json));
			operation.over = true;
			return;
		}
		const session = new Session(this.phone, request, start);
		const attempt = session.newTry(PIN);
		const evaluated = await this.insist(await session.pinRequest("ses.pin", attempt), (r) => session.send(r));
		assert.ok(evaluated.ok, String(evaluated.json));
		session.pinKey = attempt.key(unb64(evaluated.is.e));
		const finish = await this.insist(await session.finishRequest(), (r) => session.sendFinish(r));
		assert.ok(finish.ok, String(finish.json));
		operation.over = true;
		this.completed.push(operation);
	}

	/** Nothing of what this phone was told has gone. all: also what was looked at before. */
	async verify(all = false) {
		if (this.last && this.last.request === this.sent) {
			const again = await this.phone.send(this.sent);

			assert.deepEqual(again.is, this.last.is, "an answer that was acknowledged can be asked for again");
		}
		for (const operation of all ? this.started : this.started.slice(this.verified))
			await this.verifyOperation(operation);
		this.verified = Math.max(0, this.started.length - 1);
	}

	async verifyOperation(operation) {
		const { state, clientData } = await mobile.operation(operation);
		const events = mobile.events("device.authentication.completed", operation).length;

		assert.notEqual(state, "FAILED", "nothing here ends an operation badly");
		assert.equal(events, state === "COMPLETED" ? 1 : 0);
		if (this.completed.includes(operation))
			assert.equal(state, "COMPLETED");
		if (state === "COMPLETED")
			assert.equal(clientData, operation.transactionId);
	}
}

/** Lets the phones work for a while, kills the server under them, starts it again and lets them go on. */
async function killed(approvers) {
	let over = false;
	const working = approvers.map((approver) => approver.run(() => over));
	const all = Promise.all(working);

	all.catch(() => {}); // looked at below
	await sleep(between(LIFE_MS_MIN, LIFE_MS_MAX));
	await mobile.server.kill();
	await sleep(between(0, 50));
	await mobile.server.start();
	await sleep(between(0, 200));
	over = true;
	await all;
}

test(`${ROUNDS} kills under ${PHONES} phones that authenticate: nothing is lost, nothing happens twice`, async (t) => {
	mobile = await MobileId.started({ binary: process.env.RELEASE_BINARY, config: { amountFailuresAllowed: 100 } });
	const approvers = [];

	for (let i = 0; i < PHONES; i++)
		approvers.push(new Approver(await mobile.phone()));
	for (let round = 0; round < ROUNDS; round++) {
		await killed(approvers);
		for (const approver of approvers)
			await approver.verify();
	}
	for (const approver of approvers) {
		await approver.approve();
		assert.equal((await mobile.device(approver.phone)).state, "ACTIVE");
	}
	for (const approver of approvers)
		await approver.verify(true);
	const sum = (count) => approvers.map(count).reduce((a, b) => a + b);
	t.diagnostic(`${sum((a) => a.completed.length)} authentications, ${sum((a) => a.repeats)} answers asked for again`);
	assert.ok(sum((a) => a.completed.length) >= ROUNDS * 2, "the phones did work");
	const double = mobile.rows("SELECT transaction_id FROM outbox WHERE name LIKE 'device.%.completed' GROUP BY transaction_id HAVING count(*) > 1");
	assert.deepEqual(double, []);
	const evidence = mobile.rows("SELECT t.id FROM transactions t LEFT JOIN evidence e ON e.id = t.id WHERE t.state = 2 AND e.id IS NULL");
	assert.deepEqual(evidence, [], "every completed operation has its evidence");
});
