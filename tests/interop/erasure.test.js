// A user about whom there is something of everything: the export holds all of it; erased, nothing of it is left, in no file and no answer.
import assert from "node:assert/strict";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { Authenticator } from "../support/authenticator.js";
import { Flows, ONBOARDINGS, STEPUPS } from "../support/flows.js";
import { DEVICES } from "../support/mobileid.js";
import { OUTBOUND, Receiver } from "../support/receiver.js";

const PASSKEYS = "/reuseid/core/credentials/passkeys";
const mark = (name) => `marked-${name}-9c41`;
const bytes = (id) => Buffer.from(id.replaceAll("-", ""), "hex");
const NAMES = ["reference", "attributekey", "attribute", "lastname", "device", "tag", "pre", "post", "clientdata", "passkey", "credential",
	"newpasskey", "passkeytag", "authtag", "redirect", "document", "picture", "filename", "stored", "push"];
const EVENTS = "/events-management/events";
const ADDRESS = "203.0.113.77";
let all, receiver, spool, user, phone, passkey;
const ids = {};

before(async () => {
	spool = fs.mkdtempSync(path.join(os.tmpdir(), "spool-"));
	all = await Flows.started({ args: [...OUTBOUND, "--event-spool", spool, "--log-requests", "--log-level", "debug"] });
	await all.server.command("account", "update", all.app.accountId, "--extended-events", "on");
	await all.server.command("domain", "add", "localhost", "--account", all.app.accountId);
	await all.server.command("passkey", "domain", "set", "localhost", "--page-url", page());
	receiver = await Receiver.started();
	await must("POST", "/events-management/subscriptions", { name: "All", url: receiver.url, events: ["*"] });
});

after(async () => {
	await all?.remove();
	await receiver?.close();
	fs.rmSync(spool, { recursive: true, force: true });
});

const page = () => `http://localhost:${all.server.port}`;

async function must(method, where, body) {
	const reply = await all.rest(method, where, body);

	assert.ok(reply.status < 300, `${method} ${where}: ${reply.status} ${JSON.stringify(reply.body)}`);
	return reply.body;
}

async function raw(method, where, body, type) {
	const reply = await fetch(all.server.baseUrl + where, { method, body,
		headers: { authorization: `Bearer ${all.token}`, ...(type && { "content-type": type }) } });
	const text = await reply.text();

	assert.ok(reply.status < 300, `${method} ${where}: ${reply.status} ${text}`);
	return text;
}

// ---- a life ----

async function onboarded() {
	const flow = await all.onboard({ externalRef: mark("reference") });

	phone = all.newPhone({ address: ADDRESS });
	user = phone.user = { id: flow.userId };
	await phone.register(flow.activationCode);
	await raw("POST", `/assure/dossiers/${flow.dossierId}/files?name=${mark("filename")}`, mark("picture"), "image/png");
	await must("PUT", `/assure/dossiers/${flow.dossierId}/userdata`, { lastName: mark("stored") });
	await all.accepted(flow, { ...JANE, lastName: mark("lastname"), documentNumber: mark("document") });
	await all.ended(ONBOARDINGS, flow);
	Object.assign(ids, { flow: flow.transactionId, dossier: flow.dossierId, process: flow.processId });
}

const JANE = { firstName: "JANE", dateOfBirth: "1990-01-01", gender: "F", nationality: "NOR" };

async function used() {
	const context = (name) => ({ title: "T", mimeType: "text/plain", content: mark(name) });

	await all.changeUser(user, { attributes: { [mark("attributekey")]: mark("attribute") } });
	await all.changeDevice(phone, { name: mark("device") });
	await must("PUT", `${DEVICES}/${phone.store.reg}/geofencing?userId=${user.id}`, { mode: "OPTIONAL", allowedCountries: "NO" });
	const { transactionId } = await all.startOperation(phone, { kind: "signatures", tags: [mark("tag")], preOperationContext: context("pre"),
		postOperationContext: context("post"), requestedUserAttributes: [mark("attributekey")] });

	await phone.approve("DEVICE_PIN", { clientData: mark("clientdata") });
	ids.signature = transactionId;
	ids.evidence = (await raw("GET", `${DEVICES}/signatures/${transactionId}/evidence`)).length;
	assert.ok((await phone.say("push.update", { pushToken: `${mark("push")}:${"x".repeat(40)}` }, phone.device)).ok);
	await all.stepUp(phone);
	ids.pending = (await all.startOperation(phone, { tags: [mark("tag")], preOperationContext: context("pre") })).transactionId;
	await all.changeDevice(phone, { state: "LOCKED" }, "&generateEvent=true");
}

/** As a page does it. */
async function ceremony(where, body) {
	const reply = await fetch(page() + where, { method: "POST", body: JSON.stringify(body ?? {}),
		headers: { "content-type": "application/json", origin: page() } });

	assert.equal(reply.status, 200, `${where}: ${await reply.clone().text()}`);
	return reply.json();
}

async function usedPasskeys() {
	passkey = new Authenticator("localhost", mark("credential"));
	await raw("POST", `${PASSKEYS}/import`, passkey.record(user, { name: mark("passkey") }), "application/x-ndjson");
	const more = { rpRedirectUri: `${page()}/${mark("redirect")}` };
	const started = await must("POST", `${PASSKEYS}/authentications`, { operationProperties: { domain: "localhost" }, tags: [mark("authtag")], ...more });
	const where = `/passkeys/authentications/${started.transactionId}`;
	const { publicKey, token } = await ceremony(`${where}/options`);
	const outcome = await ceremony(`${where}/result`, { token, ...passkey.answer(publicKey, page(), user) });

	assert.equal(outcome.state, "COMPLETED", JSON.stringify(outcome));
	ids.authentication = started.transactionId;
	ids.registration = (await must("POST", `${PASSKEYS}/registrations`, { userId: user.id, tags: [mark("passkeytag")],
		passkey: { domain: "localhost", name: mark("newpasskey") }, ...more })).transactionId;
}

// ---- everything that can be asked for ----

const answered = async (where) => (await fetch(all.server.baseUrl + where, { headers: { authorization: `Bearer ${all.token}` } })).text();

async function everyEvent() {
	const texts = [];

	for (let url = `${EVENTS}?limit=100`; url;) {
		const list = await must("GET", url);

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

	for (const where of [`/reuseid/core/users/${user.id}`, `/reuseid/core/users/${user.id}/credentials`,
		`/reuseid/core/users/${user.id}/transactions`, `/reuseid/core/users/${user.id}/export`,
		`${DEVICES}/signatures/${ids.signature}`, `${DEVICES}/signatures/${ids.signature}/evidence`, `${DEVICES}/authentications/${ids.pending}`,
		`${PASSKEYS}/authentications/${ids.authentication}`, `${PASSKEYS}/registrations/${ids.registration}`, `${PASSKEYS}/export`,
		`${ONBOARDINGS}/${ids.flow}`, `/assure/dossiers/${ids.dossier}`, `/assure/dossiers`, `/assure/dossiers/${ids.dossier}/files`,
		`/assure/dossiers/${ids.dossier}/processes/${ids.process}/raw`, "/assure/processes"])
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
	await onboarded();
	await usedPasskeys();
	await used();
	await receiver.until((list) => list.some(({ event }) => event.eventName === "onboarding.completed")
		&& list.some(({ event }) => event.eventName === "device.state.change"));
});

test("the export holds everything about him", async () => {
	const text = await raw("GET", `/reuseid/core/users/${user.id}/export`);
	const plain = Object.fromEntries(["picture", "credential"].map((name) => [name, Buffer.from(mark(name))]));
	const everything = JSON.parse(text);

	for (const name of NAMES.filter((one) => !plain[one]))
		assert.ok(text.includes(mark(name)), `${name} is not in the export`);
	assert.ok(text.includes(plain.picture.toString("base64")) && text.includes(plain.credential.toString("base64url")));
	assert.ok(text.includes(ADDRESS), "the address");
	for (const name of ["user", "identityVerifications", "credentials", "transactions", "devices", "recoveries", "deviceOperations", "passkeys",
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
	const keys = all.rows("SELECT wrapped_key FROM users WHERE id = ?", bytes(user.id))
		.concat(all.rows("SELECT wrapped_key FROM dossiers WHERE user_id = ?", bytes(user.id)))
		.concat(all.rows("SELECT content AS wrapped_key FROM passkey_operations WHERE id = ?", bytes(ids.authentication)))
		.map(({ wrapped_key: key }) => Buffer.from(key));
	const lines = () => files(spool).flatMap(([, content]) => content.toString().split("\n").filter(Boolean));

	assert.equal(keys.length, 4);
	await all.until(() => inSpool(mark("device")) && inSpool(mark("reference")) && inSpool(mark("authtag")), Boolean);
	const before = lines().map((line) => [line.length, JSON.parse(line).id]);
	const other = await all.newUser({ externalRef: "another one" });
	const { transactionId } = await all.startRegistration(other, { tags: ["of another one"] });

	await all.cancel({ transactionId }, "registrations");
	await all.changeUser(user, { state: "LOCKED" });
	await must("DELETE", `/reuseid/core/users/${user.id}`);
	await all.until(() => all.rows("SELECT * FROM spool_erasures").length === 0 && inSpool("of another one"), Boolean);
	const afterwards = lines().map((line) => [line.length, JSON.parse(line).id]);

	assert.deepEqual(afterwards.slice(0, before.length), before, "lines stay where they were");
	await receiver.until((list) => list.some(({ event }) => event.eventName === "user.state.change" && event.eventData.state === "DELETED"));
	const { events } = await must("GET", `${EVENTS}?limit=100`), sent = receiver.deliveries.length;

	for (const { id } of events)
		assert.equal((await all.rest("POST", `${EVENTS}/${id}/resend`)).status, 204);
	await receiver.until((list) => list.length >= sent + events.length);
	assert.ok(events.length > 10);
	assert.deepEqual(found(receiver.deliveries.slice(sent).map(({ body }) => body.toString()).join("\n"), ALL), [], "in events that are sent again");
	for (const [where, text] of Object.entries(await everyAnswer()))
		assert.deepEqual([where, ...found(text, ALL)], [where]);
	assert.equal((await all.rest("GET", `${DEVICES}/signatures/${ids.signature}`)).body.state, "COMPLETED");
	assert.equal((await all.rest("GET", `${PASSKEYS}/authentications/${ids.authentication}`)).body.state, "COMPLETED");
	await all.server.stop();
	/* The log of requests, which an operator has to ask for, tells whence they come. */
	for (const [where, content] of [...files(all.server.data), ...files(spool), ["log", Buffer.from(all.server.log)]]) {
		assert.deepEqual([where, ...found(content, where === "log" ? NAMES.map(mark) : ALL)], [where]);
		assert.ok(keys.every((key) => !content.includes(key)), `a key of his in ${where}`);
	}
	await all.server.start();
});
