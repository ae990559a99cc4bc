// Rotation of salt keys (section 5.2): the operator makes one, new credentials use it, PINs move to it when they are used, and nobody has
// to type anything twice.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { MobileId, PIN, assertFault, assertOk } from "../../support/mobileid.js";
import { must } from "./client.js";

let mobile, account;

before(async () => {
	mobile = await MobileId.started({ config: { recoveryEnabled: true } });
	account = mobile.app.accountId;
});
after(() => mobile.remove());

/** Makes a salt key; gives the id of the newest. */
async function rotate() {
	await mobile.server.command("mobileid", "rotate-salt-key", account);
	const [{ id }] = mobile.rows("SELECT id FROM salt_keys ORDER BY created DESC, id DESC LIMIT 1");

	return { saltKeyId: id };
}

async function begun(phone) {
	const { session } = await mobile.session({}, phone);

	must(await session.pin());
	return session;
}

test("a PIN moves with the first approval behind it, and is the same PIN", async () => {
	const phone = await mobile.phone();
	const older = phone.store.saltKeyId;
	const { saltKeyId } = await rotate();
	const session = await begun(phone);

	assert.deepEqual([session.start.saltKeyId, session.start.newSaltKeyId], [older, saltKeyId]);
	assertOk(await session.finish("DEVICE_PIN", { rotate: true }));
	const next = (await mobile.session({}, phone)).session;
	next.start.saltKeyId = saltKeyId; // what the phone has stored
	must(await next.pin());
	assertOk(await next.finish());
	const after = (await mobile.session({}, phone)).session;
	assert.deepEqual([after.start.saltKeyId, after.start.newSaltKeyId], [saltKeyId, undefined]);
	must(await after.pin("9999"));
	assertFault(await after.finish(), 214, { recoverable: true, remaining: 2 });
});

test("until the new one was used, the older one holds beside it; then it locks", async () => {
	const phone = await mobile.phone();
	const older = phone.store.saltKeyId;
	const { saltKeyId } = await rotate();

	assertOk(await (await begun(phone)).finish("DEVICE_PIN", { rotate: true })); // the phone never hears of it, say
	const again = (await mobile.session({}, phone)).session;
	again.start.saltKeyId = older;
	must(await again.pin());
	assertOk(await again.finish());
	const moved = (await mobile.session({}, phone)).session;
	moved.start.saltKeyId = saltKeyId;
	must(await moved.pin());
	assertOk(await moved.finish());
	const last = (await mobile.session({}, phone)).session;
	last.start.saltKeyId = older;
	assertFault(await last.pin(), 214);
	assert.equal((await mobile.device(phone)).deviceDetails.lockReason, "INCORRECT_SALT_KEY_ID");
});

test("new PINs, changed PINs and recoveries use the newest at once; a recovery of before still opens", async () => {
	const phone = await mobile.phone();

	await mobile.startOperation(phone);
	await phone.approve("DEVICE_PIN");
	const { session } = await mobile.session({}, phone);
	must(await session.pin());
	must(await session.finish("DEVICE_PIN", { tokenPurposes: ["addOrUpdateRecovery"] }));
	await phone.addRecovery("314159");
	const { saltKeyId } = await rotate();
	assert.notEqual(phone.store.backup.saltKeyId, saltKeyId);
	assert.equal((await mobile.phone()).store.saltKeyId, saltKeyId);
	await phone.addMethod("DEVICE_PIN", { pin: "24680" });
	assert.equal(phone.store.saltKeyId, saltKeyId);
	const other = mobile.newPhone();
	await other.recover(phone.store.backup, "314159", PIN);
	assert.equal(other.store.saltKeyId, saltKeyId);
});

test("only the operator can, and only for an account that has MobileID", async () => {
	await assert.rejects(mobile.server.command("mobileid", "rotate-salt-key", "a-spge-AAAAAAAAAAAAAAAAAAAA"));
	assert.notEqual((await mobile.rest("POST", `/admin/mobileid/${account}/salt-keys`, {})).status, 200);
	assert.equal(mobile.rows("SELECT count(*) AS n FROM audit WHERE type = 'ADMIN_SALT_KEY_ADDED'")[0].n, 3);
});
