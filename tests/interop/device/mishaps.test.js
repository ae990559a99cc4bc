// The project's own SDK against the server while everything goes wrong once: the app dies before any of its steps, its storage takes no
// change any more, a message gets lost, arrives twice, is answered by somebody else. Whatever the moment, the phone goes on with what the
// server has, and nothing happens twice.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { MISHAPS } from "../../support/mishaps.js";
import { Died } from "../../support/sdk_phone.js";
import { ACTS } from "./acts.js";
import { SdkWorld } from "./values/world.js";

const AT_ONCE = 6;
const NOT_STORED = 172;
let world;

before(async () => { world = await SdkWorld.started(); });
after(() => world?.close());

/** The act, until it is over or the app is: what stopped it. */
async function stopped(act, it) {
	try {
		await act.act(it);
		return null;
	} catch (error) {
		if (!(error instanceof Died) && error.number !== NOT_STORED)
			throw error;
		return error;
	}
}

/** One run, with this fate. Gives how much there was that could go wrong. */
async function lived(act, fate = {}) {
	const it = await act.prepared(world);

	it.phone.doom(fate);
	const end = await stopped(act, it);
	const { steps, messages, storings } = it.phone;
	assert.equal(end instanceof Died, fate.dies !== undefined);
	if (end || fate.full) {
		it.phone.restart();
		await act.again(it);
	}
	it.phone.spare();
	await act.checked(it);
	return { dies: steps, full: storings, ...Object.fromEntries(Object.keys(MISHAPS).map((mishap) => [mishap, messages])) };
}

describe("mishaps", { concurrency: AT_ONCE }, () => {
	for (const [name, act] of Object.entries(ACTS))
		test(name, async (t) => {
			const count = await lived(act);

			assert.ok(count.lost > 0 && count.full > 0);
			for (const [what, n] of Object.entries(count))
				for (let at = 1; at <= n; at++)
					await t.test(`${what} ${at} of ${n}`, () => lived(act, { [what]: at }));
		});
});
