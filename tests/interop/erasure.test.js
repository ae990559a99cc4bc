// A user about whom there is something of everything: the export holds all of it; erased, nothing of it is left, in no file and no answer.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { Flows, ONBOARDINGS } from "../support/flows.js";
import { ADDRESS, Life, NAMES, PASSKEYS, mark } from "../support/life.js";
import { DEVICES } from "../support/mobileid.js";
import { OUTBOUND, Receiver } from "../support/receiver.js";

const bytes = (id) => Buffer.from(id.replaceAll("-", ""), "hex");
const EVENTS = "/events-management/events";
let all, life, receiver, spool;

before(async () => {
	spool = fs.mkdtempSync(path.join(os.tmpdir(), "spool-"));
	all = await Flows.started({ args: [...OUTBOUND, "--event-spool", spool, "--log-requests", "--log-level", "debug"] });
	life = new Life(all);
	await life.prepare();
	receiver = await Receiver.started();
	await life.must("POST", "/events-management/subscriptions", { name: "All", url: receiver.url, events: ["*"] });
});

after(async () => {
	await all?.remove();
	await receiver?.close();
	fs.rmSync(spool, { recursive: true, force: true });
});

// ---- everything that can be asked for ----

const answered = async (where) => (await fetch(all.server.baseUrl + where, { headers: { authorization: `Bearer ${all.token}` } })).text();

async function everyEvent() {
	const texts = [];

	for (let url = `${EVENTS}?limit=100`; url;) {
		const list = await life.must("GET", url);

		texts.push(JSON.stringify(list));
		for (const { id } of list.events)
			texts.push(await answered(`${EVENTS}/${id}`));
		url = list.next && list.next.replace(all.server.baseUrl, "");
	}
	return texts.join("\n");
}

async function everyAnswer() {
	const outputs = {
		events: await everyEvent(),
		stream: await answered("/events-management/stream?lastEventId=00000000000000000000000000000000"),
		audit: await answered("/audit/export"),
		csv: await answered("/audit/export?format=csv"),
	};

	for (const where of [`/reuseid/core/users/${life.user.id}`, `/reuseid/core/users/${life.user.id}/credentials`,
		`/reuseid/core/users/${life.user.id}/transactions`, `/reuseid/core/users/${life.user.id}/export`,
		`${DEVICES}/signatures/${life.ids.signature}`, `${DEVICES}/signatures/${life.ids.signature}/evidence`, `${DEVICES}/authentications/${life.ids.pending}`,
		`${PASSKEYS}/authentications/${life.ids.authentication}`, `${PASSKEYS}/registrations/${life.ids.registration}`, `${PASSKEYS}/export`,
		`${ONBOARDINGS}/${life.ids.flow}`, `/assure/dossiers/${life.ids.dossier}`, `/assure/dossiers`, `/assure/dossiers/${life.ids.dossier}/files`,
		`/assure/dossiers/${life.ids.dossier}/processes/${life.ids.process}/raw`, "/assure/processes"])
		outputs[where] = await answered(where);
	return outputs;
}

/** Every file below a directory, as it is on the disk. */
function files(directory) {
	return fs.readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
		.map((entry) => [path.join(entry.parentPath ?? entry.path, entry.name), fs.readFileSync(path.join(entry.parentPath ?? entry.path, entry.name))]);
}

const inSpool = (what) => files(spool).some(([, content]) => content.includes(what));
const found = (text, values) => values.filter((value) => text.includes(value));
const ALL = [...NAMES.map(mark), ADDRESS];

test("a user lives", async () => {
	await life.live();
	await receiver.until((list) => list.some(({ event }) => event.eventName === "onboarding.completed")
		&& list.some(({ event }) => event.eventName === "device.state.change"));
});

test("the export holds everything about him", async () => {
	const text = await life.raw("GET", `/reuseid/core/users/${life.user.id}/export`);
	const plain = Object.fromEntries(["picture", "credential"].map((name) => [name, Buffer.from(mark(name))]));
	const everything = JSON.parse(text);

	for (const name of NAMES.filter((one) => !plain[one]))
		assert.ok(text.includes(mark(name)), `${name} is not in the export`);
	assert.ok(text.includes(plain.picture.toString("base64")) && text.includes(plain.credential.toString("base64url")));
	assert.ok(text.includes(ADDRESS), "the address");
	for (const name of ["user", "identityVerifications", "credentials", "transactions", "devices", "recoveries", "faces", "deviceOperations", "passkeys",
		"passkeyOperations", "flows", "dossiers", "auditRecords"])
		assert.ok(everything[name], name);
	assert.equal(everything.identityVerifications.length, 1);
	assert.equal(everything.flows.length, 2);
	assert.equal(everything.dossiers.length, 2);
	assert.equal(everything.passkeys.length, 1);
	assert.deepEqual(everything.passkeyOperations.flatMap((one) => one.content.tags).sort(), [mark("authtag"), mark("passkeytag")]);
	assert.equal(everything.devices[0].geofencing.allowedCountries, "NO");
	assert.ok(!text.includes("activationCode"), "what opens something is for whom it opens");
});

test("erased, nothing of him is left", async () => {
	const keys = all.rows("SELECT wrapped_key FROM users WHERE id = ?", bytes(life.user.id))
		.concat(all.rows("SELECT wrapped_key FROM dossiers WHERE user_id = ?", bytes(life.user.id)))
		.concat(all.rows("SELECT content AS wrapped_key FROM passkey_operations WHERE id = ?", bytes(life.ids.authentication)))
		.map(({ wrapped_key: key }) => Buffer.from(key));
	const lines = () => files(spool).flatMap(([, content]) => content.toString().split("\n").filter(Boolean));

	assert.equal(keys.length, 4);
	await all.until(() => inSpool(mark("device")) && inSpool(mark("reference")) && inSpool(mark("authtag")), Boolean);
	const before = lines().map((line) => [line.length, JSON.parse(line).id]);
	const other = await all.newUser({ externalRef: "another one" });
	const { transactionId } = await all.startRegistration(other, { tags: ["of another one"] });

	await all.cancel({ transactionId }, "registrations");
	await all.changeUser(life.user, { state: "LOCKED" });
	await life.must("DELETE", `/reuseid/core/users/${life.user.id}`);
	await all.until(() => all.rows("SELECT * FROM spool_erasures").length === 0 && inSpool("of another one"), Boolean);
	const afterwards = lines().map((line) => [line.length, JSON.parse(line).id]);

	assert.deepEqual(afterwards.slice(0, before.length), before, "lines stay where they were");
	await receiver.until((list) => list.some(({ event }) => event.eventName === "user.state.change" && event.eventData.state === "DELETED"));
	const { events } = await life.must("GET", `${EVENTS}?limit=100`), sent = receiver.deliveries.length;

	for (const { id } of events)
		assert.equal((await all.rest("POST", `${EVENTS}/${id}/resend`)).status, 204);
	await receiver.until((list) => list.length >= sent + events.length);
	assert.ok(events.length > 10);
	assert.deepEqual(found(receiver.deliveries.slice(sent).map(({ body }) => body.toString()).join("\n"), ALL), [], "in events that are sent again");
	for (const [where, text] of Object.entries(await everyAnswer()))
		assert.deepEqual([where, ...found(text, ALL)], [where]);
	assert.equal((await all.rest("GET", `${DEVICES}/signatures/${life.ids.signature}`)).body.state, "COMPLETED");
	assert.equal((await all.rest("GET", `${PASSKEYS}/authentications/${life.ids.authentication}`)).body.state, "COMPLETED");
	all.forgetReader();
	await all.server.stop();
	/* The log of requests, which an operator has to ask for, tells whence they come. */
	for (const [where, content] of [...files(all.server.data), ...files(spool), ["log", Buffer.from(all.server.log)]]) {
		assert.deepEqual([where, ...found(content, where === "log" ? NAMES.map(mark) : ALL)], [where]);
		assert.ok(keys.every((key) => !content.includes(key)), `a key of his in ${where}`);
	}
	await all.server.start();
});
