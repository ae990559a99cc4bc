// A device that is deleted keeps what records need and no more, whoever deletes it (time does so in tests/unit/device/mobileid_test.c); and
// so does one that is registered anew.
import assert from "node:assert/strict";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { DEVICES, MobileId, PIN } from "../../support/mobileid.js";
import { must } from "./client.js";

const CODE = "314159";
const CONFIG = { recoveryEnabled: true, pushEnabled: true };
const SECRETS = ["pin_keys", "pending_salt", "ticket", "old_ticket", "geofence"];
const TOKENS = ["addOrUpdateRecovery", "deleteRecovery"];
let all;

before(async () => { all = await MobileId.started({ config: CONFIG }); });
after(() => all?.remove());

const idOf = (uuid) => Buffer.from(uuid.replaceAll("-", ""), "hex");

function write(sql, ...values) {
	const database = new DatabaseSync(path.join(all.server.data, "reuseid.db"));

	database.exec("PRAGMA busy_timeout = 5000");
	database.prepare(sql).run(...values);
	database.close();
}

/** A phone of which everything is kept that can be; what its platform vouches for is put there by hand. */
async function phoneWithAll(user) {
	const phone = all.newPhone();

	phone.user = user ?? await all.newUser();
	const { operationProperties } = await all.startRegistration(phone.user, {});
	phone.code = operationProperties.activationCode;
	await phone.register(phone.code, { pushToken: "dGVzdA:APA91b_x-y", tokenPurposes: TOKENS });
	await phone.addRecovery(CODE, { tokenPurposes: TOKENS });
	for (let i = 0; i < 2; i++) {
		await all.startOperation(phone);
		await phone.approve();
	}
	const where = `${DEVICES}/${phone.store.reg}/geofencing?userId=${phone.user.id}`;
	assert.equal((await all.rest("PUT", where, { mode: "OPTIONAL", allowedCountries: "NO" })).status, 200);
	write("INSERT INTO app_attest_keys (device, user_id, box) VALUES (?, ?, ?)", idOf(phone.store.reg), idOf(phone.user.id), Buffer.from("box"));
	write("UPDATE devices SET pending_salt = 'newer' WHERE id = ?", idOf(phone.store.reg));
	assert.deepEqual(kept(phone), [...SECRETS, "push_tokens", "app_attest_keys", "authorisation_tokens", "recoveries"]);
	return phone;
}

/** What there is of secrets, by column and table. */
function kept({ store }) {
	const id = idOf(store.reg);
	const [device] = all.rows("SELECT * FROM devices WHERE id = ?", id);
	const some = (table, and = "") => all.rows(`SELECT 1 FROM ${table} WHERE device = ? ${and}`, id).length;

	return [...SECRETS.filter((column) => device[column] !== null),
		...["push_tokens", "app_attest_keys", "authorisation_tokens"].filter((table) => some(table)),
		...(some("recoveries", "AND secret IS NOT NULL") ? ["recoveries"] : [])];
}

async function assertGone(phone) {
	const device = await all.device(phone);

	assert.equal(device.state, "DELETED");
	assert.deepEqual(kept(phone), []);
	assert.equal(device.deviceDetails.deviceHash, phone.store.deviceHash);
	assert.deepEqual(device.deviceDetails.activatedAuthenticationMethods, ["DEVICE", "DEVICE:PIN"]);
	assert.equal((await phone.wait()).code, 202); // it is still known, so that its app hears what has become of it
}

test("by the service provider", async () => {
	const phone = await phoneWithAll();

	await all.deleteDevice(phone);
	await assertGone(phone);
	const where = `${DEVICES}/${phone.store.reg}/geofencing?userId=${phone.user.id}`;
	assert.equal((await all.rest("GET", where)).status, 404);
	assert.equal((await all.rest("PUT", where, { mode: "OFF" })).body.code, "invalid_operation");
});

test("by the phone, which may still ask for a lost answer", async () => {
	const phone = await phoneWithAll();
	const request = await phone.request("reg.deactivate", {}, phone.device);

	must(await phone.send(request));
	must(await phone.send(request));
	await assertGone(phone);
});

test("by a recovery on another phone", async () => {
	const phone = await phoneWithAll();
	const other = all.newPhone();

	other.user = phone.user;
	await other.recover(phone.store.backup, CODE, PIN);
	await assertGone(phone);
	assert.ok(kept(other).includes("pin_keys"));
});

test("by a new registration in its place, another user's too", async () => {
	for (const user of [null, await all.newUser()]) {
		const phone = await phoneWithAll();

		await all.phone({ user: user ?? phone.user, prev: phone });
		await assertGone(phone);
	}
});

test("registered again: what belonged to the app that was there is gone, what is the device's stays", async () => {
	const phone = await phoneWithAll();
	const again = all.newPhone({ deviceHash: phone.store.deviceHash });
	const { body } = await all.rest("POST", `${DEVICES}/registrations`, { userId: phone.user.id, device: { id: phone.store.reg },
		operationProperties: { registrationMode: "RE_REGISTRATION" } });

	again.user = phone.user;
	await again.register(body.operationProperties.activationCode);
	assert.equal(again.store.reg, phone.store.reg);
	assert.deepEqual(kept(again), ["pin_keys", "ticket", "geofence"]);
	assert.equal((await phone.wait()).code, 214);
	await all.startOperation(again);
	await again.approve();
});
