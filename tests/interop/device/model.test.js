// Random walks of a phone and a service provider, step by step beside the model. SEED repeats one.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { MobileId } from "../../support/mobileid.js";
import { long } from "../../support/server.js";
import { b64, newKey, random } from "./crypto.js";
import { Model } from "./model.js";

const WALKS = long ? 400 : 12;
const STEPS = 40;
const LIMIT = 3;
const REFUSED = [208, 232]; // inside a session: nothing was accepted
const OTHER_KEY = { sign: (kind, make) => (kind === 1 ? make(undefined, newKey()) : make()) };
const OTHER_CHALLENGE = { members: (m) => ({ ...m, chal: b64(random(32)) }) };
const firstSeed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e9));
let mobile;

before(async () => { mobile = await MobileId.started({ config: { amountFailuresAllowed: LIMIT } }); });
after(() => mobile.remove());

let told = 0;

/** Signatures are deterministic, so two messages could be the same bytes: a repeat. Each says something of its own. */
const once = (alter = {}) => ({ ...alter, members: (m) => ({ ...(alter.members ?? ((same) => same))(m), told: ++told }) });

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
function dice(seed) {
	let a = seed >>> 0;

	return () => {
		a = (a + 0x6d2b79f5) >>> 0;
		let t = Math.imul(a ^ (a >>> 15), 1 | a);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
	};
}

class Walk {
	constructor(phone, roll) {
		Object.assign(this, { phone, roll, story: [] });
		this.model = new Model(LIMIT, phone.store.ticket);
		this.tickets = [phone.store.ticket];
		this.operation = null;
		this.last = null;
	}

	pick(...choices) {
		return choices[Math.floor(this.roll() * choices.length)];
	}

	/** What the phone heard is what the model says. */
	heard(answer, { code, ...more }) {
		assert.equal(answer.ok ? "ok" : answer.code, code, String(answer.json ?? answer.error));
		if (answer.ok && answer.request.members.t !== "ses.finish" && "remaining" in more)
			assert.equal(answer.is.attempts?.remaining ?? answer.is.remaining, more.remaining);
		if (!answer.ok) {
			assert.equal(answer.is.err.remaining, more.remaining);
			assert.equal(answer.is.err.recoverable, more.recoverable ?? false);
		}
		if (answer.request.members.step && !REFUSED.includes(code))
			this.accepted = answer;
		return answer;
	}

	async begin() {
		const level = this.pick("ONE_FACTOR", "TWO_FACTOR");
		const reply = await mobile.rest("POST", "/reuseid/core/credentials/devices/authentications", {
			userId: this.phone.user.id, device: { id: this.phone.store.reg }, operationProperties: { authLevel: level },
		});

		assert.equal(reply.status, this.model.begin(level));
		this.operation = reply.status === 200 ? reply.body : this.operation;
		return level;
	}

	async cancelByRest() {
		if (this.operation)
			assert.equal((await mobile.cancel(this.operation)).status, this.model.cancelByRest());
	}

	async admin() {
		const lock = !this.model.locked && this.roll() < 0.3;

		await mobile.changeDevice(this.phone, { state: lock ? "LOCKED" : "ACTIVE" });
		if (lock)
			this.model.lockByAdmin();
		else
			this.model.unlock();
		return lock ? "lock" : "unlock";
	}

	async start() {
		const ticket = this.pick(this.tickets.at(-1), this.tickets.at(-1), this.tickets.at(-1), this.tickets.at(-2) ?? null, null, b64(random(32)));
		const signed = this.roll() < 0.9;
		const answer = await this.phone.start({}, {
			...(signed ? {} : OTHER_KEY), members: ({ ticket: shown, ...m }) => ({ ...m, ...(ticket && { ticket }) }),
		});

		if (this.heard(answer, this.model.start(ticket, signed)).ok)
			this.session = answer.session;
		return `${signed ? "" : "unsigned "}${this.tickets.indexOf(ticket)}`;
	}

	async pin() {
		const right = this.roll() < 0.5;

		if (this.session)
			this.heard(await this.session.pin(right ? this.phone.store.pin : "0000", once()), this.model.pin(right));
		return right;
	}

	async otherSalt() {
		if (this.session && this.roll() < 0.2)
			this.heard(await this.session.pin("0000", once({ members: (m) => ({ ...m, skid: "other" }) })), this.model.pinWithOtherSalt());
	}

	async finish() {
		const method = this.pick("DEVICE", "DEVICE_PIN", "DEVICE_PIN", "DEVICE_PIN");
		const alter = this.pick({}, {}, {}, OTHER_KEY, OTHER_CHALLENGE);

		if (!this.session)
			return "";
		const answer = await this.session.finish(method, {}, once(alter));
		this.heard(answer, this.model.finish(method, Object.keys(alter).length === 0, answer.is?.ticket));
		if (answer.ok)
			this.tickets.push(answer.is.ticket);
		return `${method} ${Object.keys(alter)}`;
	}

	async cancel() {
		if (this.session)
			this.heard(await this.session.cancel(once()), this.model.cancel());
	}

	/** Whatever was accepted last in a session can be asked for again, and changes nothing. */
	async repeat() {
		if (this.accepted)
			assert.deepEqual((await this.phone.send(this.accepted.request)).is, this.accepted.is);
	}

	/** The server stands where the model stands; a lock that the end of a session brings may take a moment. */
	async compare() {
		const { reason, operation } = this.model;
		const wanted = { state: this.model.locked ? "LOCKED" : "ACTIVE", reason, operation: operation && [operation.state, operation.errorCode] };

		await mobile.until(async () => {
			const { state, deviceDetails } = await mobile.device(this.phone);
			const view = this.operation && await mobile.operation(this.operation);

			return { state, reason: deviceDetails.lockReason, operation: view && [view.state, view.errorCode] };
		}, (is) => JSON.stringify(is) === JSON.stringify(wanted)).catch((error) => {
			throw new Error(`wanted ${JSON.stringify(wanted)}; ${error.message}`);
		});
	}

	async step() {
		const name = this.model.locked ? this.pick("admin", "start", "begin", "pin", "finish")
			: this.pick("begin", "start", "start", "pin", "pin", "pin", "finish", "finish", "finish", "cancel", "cancelByRest", "otherSalt", "repeat", "admin");

		this.story.push(name);
		this.story.push(await this[name]());
		await this.compare();
	}
}

test(`${WALKS} random walks of ${STEPS} steps from seed ${firstSeed}`, async () => {
	for (let i = 0; i < WALKS; i++) {
		const walk = new Walk(await mobile.phone(), dice(firstSeed + i));

		try {
			for (let step = 0; step < STEPS; step++)
				await walk.step();
		} catch (error) {
			throw new Error(`SEED=${firstSeed + i}: ${walk.story.join(" ")}`, { cause: error });
		}
	}
});
