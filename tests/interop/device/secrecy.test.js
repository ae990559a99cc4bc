// Nothing that a phone hears tells a wrong key from a wrong PIN (section 7; PSD2 RTS art. 4(3)(a)).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { MobileId, PIN, assertFault } from "../../support/mobileid.js";
import { must } from "./client.js";
import { b64, highS, newKey, random } from "./crypto.js";

const WRONG_PIN = "9999";
const OTHER_KEY = { sign: (kind, make) => (kind === 1 ? make(undefined, newKey()) : make()) };
const OLD_CHALLENGE = { members: (m) => ({ ...m, chal: b64(random(32)) }) };
let mobile;

before(async () => { mobile = await MobileId.started(); });
after(() => mobile.remove());

describe("nothing that a phone hears tells a wrong key from a wrong PIN", () => {
	const wrong = {
		"a wrong PIN": [WRONG_PIN, {}],
		"a wrong device key": [PIN, OTHER_KEY],
		"a high s of the device key": [PIN, { sign: (kind, make) => (kind === 1 ? highS(make()) : make()) }],
		"a wrong challenge": [PIN, OLD_CHALLENGE],
		"a signature of the PIN over something else": [PIN, { sign: (kind, make) => (kind === 3 ? make(random(32)) : make()) }],
		"everything wrong": [WRONG_PIN, { ...OLD_CHALLENGE, ...OTHER_KEY }],
	};

	/** All that three failed tries answer, but for what is random or the time. */
	async function heard([pin, alter]) {
		const { session } = await mobile.session();
		const all = [];

		for (let i = 0; i < 3; i++) {
			must(await session.pin(pin));
			const answer = await session.finish("DEVICE_PIN", {}, alter);
			const { time, challenge, ...rest } = answer.is;

			all.push({ status: answer.status, rest, order: Object.keys(answer.is), length: answer.body.length, type: answer.headers.get("content-type") });
		}
		return all;
	}

	test("code, text, order and length are the same", async () => {
		const expected = await heard(wrong["a wrong PIN"]);

		assert.deepEqual(expected.map(({ rest }) => rest.err.code), [214, 214, 226]);
		for (const [name, how] of Object.entries(wrong))
			assert.deepEqual(await heard(how), expected, name);
	});

	test("nor does the next start, before the lock", async () => {
		const expected = [];

		for (const [pin, alter] of Object.values(wrong)) {
			const { phone, session } = await mobile.session();

			must(await session.pin(pin));
			await session.finish("DEVICE_PIN", {}, alter);
			const { time, sid, challenge, cid, attempts: { last, ...attempts }, saltKeyId, ...rest } = must(await phone.start()).is;
			expected.push({ attempts, rest });
		}
		for (const one of expected)
			assert.deepEqual(one, expected[0]);
	});

	test("one factor: a wrong key and a wrong challenge answer the same", async () => {
		const answers = [];

		for (const alter of [OTHER_KEY, OLD_CHALLENGE]) {
			const { session } = await mobile.session({ authLevel: "ONE_FACTOR" });
			const answer = await session.finish("DEVICE", {}, alter);
			const { time, challenge, ...rest } = answer.is;

			answers.push({ rest, length: answer.body.length });
		}
		assert.deepEqual(answers[0], answers[1]);
	});

	test("an unknown registration and a bad signature answer the same at a start", async () => {
		const phone = await mobile.phone();
		const stranger = phone.copy();

		await mobile.startOperation(phone);
		stranger.store.reg = crypto.randomUUID();
		const [bad, unknown] = [await phone.start({}, OTHER_KEY), await stranger.start()];
		assertFault(bad, 214);
		assert.deepEqual({ ...unknown.is, time: 0 }, { ...bad.is, time: 0 });
		assert.equal(unknown.body.length, bad.body.length);
	});
});
