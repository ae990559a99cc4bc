// Marked values are planted wherever a caller can put one; then everything that is told or kept in the clear is searched for them.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { Flows } from "../support/flows.js";
import { ADDRESS, Life, NAMES, PIN, mark } from "../support/life.js";
import { serviceKey } from "../support/push_services.js";
import { OUTBOUND, Receiver } from "../support/receiver.js";

let all, life, receiver, began;
const secrets = {}; // what may stand nowhere
const personal = Object.fromEntries(NAMES.map((name) => [name, mark(name)])); // what some answers and events show, and nothing else does
const NEVER_TOLD = ["picture", "filename", "stored", "push", "document", "credential", "redirect"]; // in no event

before(async () => {
	all = await Flows.started({ args: [...OUTBOUND, "--log-requests", "--log-level", "debug", "--audit-token-issued"] });
	life = new Life(all);
	await life.prepare();
	receiver = await Receiver.started();
	began = all.server.log.length; // the first start shows the first secret, this once
});

after(async () => {
	await all?.remove();
	await receiver?.close();
});

/** What an account entrusts to the server. */
async function entrust() {
	const subscription = await life.must("POST", "/events-management/subscriptions", { name: "n", events: ["*"],
		url: `${receiver.url}?${mark("url")}`, headers: { authorization: mark("header") }, signing: { jws: true } });
	const client = await all.server.command("client", "create", "x", "--account", all.app.accountId, "--products", "Audit API");
	const added = await life.must("POST", `/events-management/subscriptions/${subscription.id}/secrets`);
	const apple = serviceKey("ec");

	await life.must("PUT", `/mobileid/admin/accounts/${all.app.accountId}/push-configurations/APNS`,
		{ teamId: "TEAM123456", keyId: "KEY1234567", topic: "com.example.app", privateKey: apple.pem });
	Object.assign(secrets, { token: all.token, clientSecret: all.app.clientSecret, anotherSecret: client.secrets[0].secret,
		webhookSecret: subscription.secrets[0].secret, secondWebhookSecret: added.secret, url: mark("url"), header: mark("header"),
		pushKey: apple.pem.split("\n")[1], pin: PIN });
}

/** Last, since it takes the place of the simulator. */
async function entrustProvider() {
	await all.proofing({
		providers: [{ name: "signicatvideoid", engine: "http", settings: {
			start: { method: "POST", url: "https://provider.example.com/sessions", auth: { type: "bearer", secretRef: "token" },
				bodyTemplate: {}, idPointer: "/id", urlPointer: "/url" },
			poll: { url: "https://provider.example.com/sessions/${externalId}", intervalSec: 1, statusPointer: "/state", statusMap: { OK: "accepted" } },
		} }],
		secrets: [{ name: "token", value: mark("provider-secret") }],
	});
	secrets.providerSecret = mark("provider-secret");
}

const holds = (text, values) => Object.entries(values).filter(([, value]) => text.includes(value)).map(([name]) => name);

function tables() {
	return all.rows("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => name);
}

/** Of a record, what stands in it for those who may read about the person. */
function withoutPersonalPart({ ipAddress, personalData, ...record }) {
	return record;
}

test("a user lives, and the account entrusts what it has", async () => {
	await entrust();
	await life.live();
	Object.assign(secrets, { activationCode: life.activationCode, binder: life.binder });
	await receiver.until((list) => list.some(({ event }) => event.eventName === "device.state.change")
		&& list.some(({ event }) => event.eventData.transactionId === life.ids.signature)
		&& list.some(({ event }) => event.eventName === "onboarding.completed"));
	await entrustProvider();
	assert.equal(Object.keys(secrets).length, 12);
});

test("no event tells a secret, nor what polling does not show", () => {
	const bodies = receiver.deliveries.map(({ body }) => body.toString()).join("\n");
	const { activationCode, ...others } = secrets; // polling an onboarding shows its code

	assert.deepEqual(holds(bodies, others), []);
	assert.ok(holds(bodies, personal).length > 5, "the values were planted at all");
	assert.deepEqual(holds(bodies, personal).filter((name) => NEVER_TOLD.includes(name)), []);
	assert.ok(!bodies.includes(ADDRESS));
});

test("no line of the log has any of them", () => {
	// Whoever has requests logged sees whence they come.
	assert.ok(all.server.log.slice(began).includes(ADDRESS), "requests are logged at all");
	assert.deepEqual(holds(all.server.log.slice(began), { ...secrets, ...personal }), []);
});

test("no table and no file has any of them", () => {
	const kept = { ...secrets, ...personal, address: ADDRESS };

	for (const table of tables()) {
		const text = JSON.stringify(all.rows(`SELECT * FROM "${table}"`), (key, value) =>
			value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value);

		assert.deepEqual(holds(text, kept), [], `in the table ${table}`);
	}
	for (const name of fs.readdirSync(all.server.data)) {
		const file = path.join(all.server.data, name);

		if (!fs.statSync(file).isFile())
			continue;
		const { clientSecret, ...others } = kept; // the first one lies in a file of its own until it is taken

		assert.deepEqual(holds(fs.readFileSync(file), name === "bootstrap.json" ? others : kept), [], `in ${name}`);
	}
});

test("the audit log has what was changed by its name only, and that in the personal part", async () => {
	const { body: { data } } = await all.rest("POST", "/audit/query", {});
	const { attributekey, ...others } = personal;

	assert.ok(data.length > 20);
	assert.deepEqual(holds(JSON.stringify(data), { ...secrets, ...others }), []);
	assert.deepEqual(holds(JSON.stringify(data.map(withoutPersonalPart)), { attributekey, address: ADDRESS }), []);
	assert.ok(JSON.stringify(data).includes(attributekey), "it is there for who may read about him");
});
