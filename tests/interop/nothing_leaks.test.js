// Marked values are planted wherever a caller can put one; then everything that is told or kept in the clear is searched for them.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { MobileId } from "../support/mobileid.js";
import { OUTBOUND, Receiver } from "../support/receiver.js";

const PIN = "864213579086";
const mark = (name) => `marked-${name}-7f3a`;

let all, receiver, began;
const secrets = {}; // what may stand nowhere
const personal = {}; // what polling shows, and so events do; nothing else does

before(async () => {
	all = await MobileId.started({ args: [...OUTBOUND, "--log-requests", "--log-level", "debug", "--audit-token-issued"] });
	receiver = await Receiver.started();
	began = all.server.log.length; // the first start shows the first secret, this once
});

after(async () => {
	await all?.remove();
	await receiver?.close();
});

async function play() {
	const events = "/events-management/subscriptions";
	const subscription = (await all.rest("POST", events, { name: "n", events: ["*"], url: `${receiver.url}?${mark("url")}`,
		headers: { authorization: mark("header") }, signing: { jws: true } })).body;
	const client = await all.server.command("client", "create", "x", "--account", all.app.accountId, "--products", "Audit API");
	const user = await all.newUser({ externalRef: mark("reference"), attributes: { [mark("key")]: mark("attribute"), other: mark("other") } });
	const context = (name) => ({ title: mark(name), mimeType: "text/plain", content: Buffer.from(mark(`${name}-content`)).toString("base64") });

	Object.assign(secrets, { pin: PIN, token: all.token, clientSecret: all.app.clientSecret, anotherSecret: client.secrets[0].secret,
		webhookSecret: subscription.secrets[0].secret, url: mark("url"), header: mark("header"), attribute: mark("attribute") });
	const started = await all.startRegistration(user, { authLevel: "TWO_FACTOR", device: { name: mark("device") }, tags: [mark("tag")] });
	const phone = all.newPhone();

	phone.user = user;
	await phone.register(started.operationProperties.activationCode, { pin: PIN });
	const operation = await all.startOperation(phone, { preOperationContext: context("pre"), postOperationContext: context("post"),
		requestedUserAttributes: ["other"], tags: [mark("tag")] });

	await phone.approve();
	await all.changeUser(user, { attributes: { [mark("key")]: mark("attribute") + "-new" } });
	await all.changeDevice(phone, { state: "LOCKED", name: mark("device") + "-new" }, "&generateEvent=true");
	Object.assign(personal, { reference: mark("reference"), device: mark("device"), tag: mark("tag"), other: mark("other") });
	await receiver.until((list) => list.some(({ event }) => event.eventName === "device.state.change")
		&& list.some(({ event }) => event.eventData.transactionId === operation.transactionId));
}

const holds = (text, values) => Object.entries(values).filter(([, value]) => text.includes(value)).map(([name]) => name);

function tables() {
	return all.rows("SELECT name FROM sqlite_master WHERE type = 'table'").map(({ name }) => name);
}

test("marked values stand only where they belong", async () => {
	await play();
	const bodies = receiver.deliveries.map(({ body }) => body.toString()).join("\n");

	assert.deepEqual(holds(bodies, secrets), [], "in events");
	assert.ok(holds(bodies, personal).length > 2, "the values were planted at all");
	assert.deepEqual(holds(all.server.log.slice(began), { ...secrets, ...personal }), [], "in the log");
	for (const table of tables()) {
		const text = JSON.stringify(all.rows(`SELECT * FROM "${table}"`), (key, value) =>
			value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value);

		assert.deepEqual(holds(text, { ...secrets, ...personal }), [], `in the table ${table}`);
	}
	const audit = await all.rest("POST", "/audit/query", {});

	assert.equal(audit.status, 200, JSON.stringify(audit.body));
	assert.ok(audit.body.data.length > 5);
	assert.deepEqual(holds(JSON.stringify(audit.body), { ...secrets, reference: personal.reference, device: personal.device,
		other: personal.other }), [], "in the audit log");
});
