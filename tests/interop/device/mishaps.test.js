// The project's own SDK against the server while everything goes wrong once: the app dies before any of its steps, its storage takes no
// change any more, a message gets lost, arrives twice, is answered by somebody else. Whatever the moment, the phone goes on with what the
// server has, and nothing happens twice.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { after, before, describe, test } from "node:test";
import { MISHAPS } from "../../support/mishaps.js";
import { Died } from "../../support/sdk_phone.js";
import { long } from "../../support/server.js";
import { ACTS } from "./acts.js";
import { SdkWorld } from "./values/world.js";

const AT_ONCE = 6;
const NOT_STORED = 172;
const PAIRS = long ? 100 : 2;
let world;

before(async () => { world = await SdkWorld.started(); });
after(() => world?.close());

/** What is done, until it is over or the app is: what stopped it. */
async function stopped(does) {
	try {
		await does();
		return null;
	} catch (error) {
		if (!(error instanceof Died) && error.number !== NOT_STORED)
			throw error;
		return error;
	}
}

/** One run, with one of these fates after another as long as they stop it. Gives how much there was that could go wrong in the first. */
async function lived(act, ...fates) {
	const it = await act.prepared(world);
	let count, goesOn = () => act.act(it);

	for (const fate of [...fates, {}]) {
		it.phone.doom(fate);
		const end = await stopped(goesOn);
		const { steps, messages, storings } = it.phone;
		count ??= { end, dies: steps, full: storings, ...Object.fromEntries(Object.keys(MISHAPS).map((mishap) => [mishap, messages])) };
		if (!end && !fate.full)
			break;
		it.phone.restart();
		goesOn = () => act.again(it);
	}
	it.phone.spare();
	await act.checked(it);
	return count;
}

async function livedOnce(act, what, at) {
	const { end } = await lived(act, { [what]: at });

	assert.equal(end instanceof Died, what === "dies");
}

/** Two misfortunes in a row, the same each time that the test runs. */
function twoFates(count, seed) {
	const drawn = (n) => crypto.createHash("sha256").update(`${seed}/${n}`).digest().readUInt32BE();

	return [0, 1].map((i) => {
		const [what, n] = Object.entries(count)[drawn(3 * i) % Object.keys(count).length];

		return { [what]: 1 + drawn(3 * i + 1) % n };
	});
}

describe("mishaps", { concurrency: AT_ONCE }, () => {
	for (const [name, act] of Object.entries(ACTS))
		test(name, async (t) => {
			const { end, ...count } = await lived(act);

			assert.equal(end, null);
			assert.ok(count.lost > 0 && count.full > 0);
			for (const [what, n] of Object.entries(count))
				for (let at = 1; at <= n; at++)
					await t.test(`${what} ${at} of ${n}`, () => livedOnce(act, what, at));
			for (let i = 0; i < PAIRS; i++) {
				const fates = twoFates({ dies: count.dies, full: count.full }, i);

				await t.test(`one after the other: ${JSON.stringify(fates)}`, () => lived(act, ...fates));
			}
		});
});
