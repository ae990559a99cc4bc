// The operator makes a new salt key: the next approval by PIN moves the PIN to it, and nothing else is noticed.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { MobileId } from "../../support/mobileid.js";

let all;

before(async () => {
	all = await MobileId.started();
});
after(() => all?.remove());

const keys = () => all.rows("SELECT id FROM salt_keys ORDER BY created");

test("a new salt key, made by command, is announced and used by new PINs", async () => {
	const phone = await all.phone();
	const [first] = keys();

	await all.server.command("mobileid", "rotate-salt-key", all.app.accountId ?? all.server.bootstrap.accountId);
	assert.equal(keys().length, 2);
	await all.startOperation(phone);
	const { session } = await phone.start();
	assert.equal(session.start.saltKeyId, first.id);
	assert.equal(session.start.newSaltKeyId, keys()[1].id);
	assert.ok((await session.pin()).ok);
	assert.ok((await session.finish()).ok);
	assert.equal((await all.phone()).store.saltKeyId, keys()[1].id);
});

test("of an account that there is not", async () => {
	await assert.rejects(all.server.command("mobileid", "rotate-salt-key", "a-spge-nobody"));
	assert.equal(keys().length, 2);
});
