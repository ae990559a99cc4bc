// Push from end to end: local services check who calls, with npm's jose, and open what came, with node's own cryptography.
import assert from "node:assert/strict";
import crypto from "node:crypto";
import { after, before, test } from "node:test";
import { importJWK, jwtVerify } from "jose";
import { call } from "../../support/api.js";
import { MobileId } from "../../support/mobileid.js";
import { PushServices, Subscription, serviceKey } from "../../support/push_services.js";

const APNS_TOKEN = "ab".repeat(32);
let services, all, vapid;
const keys = { fcm: serviceKey("rsa"), apns: serviceKey("ec") };

const configurations = () => `/mobileid/admin/accounts/${all.app.accountId ?? all.server.bootstrap.accountId}/push-configurations`;
const configure = (service, body) => call(all.server, all.token, "PUT", `${configurations()}/${service}`, body);

async function put(service, body) {
	const reply = await configure(service, body);

	assert.equal(reply.status, 200, JSON.stringify(reply.body));
	return reply.body;
}

before(async () => {
	services = await PushServices.started();
	all = await MobileId.started({ args: services.args, config: { pushEnabled: true } });
	vapid = (await put("WEBPUSH", { subject: "mailto:push@example.com" })).publicKey;
	await put("FCM", { type: "service_account", project_id: "app-1", private_key_id: "k1", client_email: "p@app-1.example",
		private_key: keys.fcm.pem, token_uri: `${services.url}/token`, url: services.url });
	await put("APNS", { teamId: "TEAM123456", keyId: "KEY1234567", topic: "com.example.app", privateKey: keys.apns.pem,
		url: services.url });
});
after(async () => {
	await all?.remove();
	await services?.close();
});

/** A registered phone that said where it hears. */
async function phoneWith(pushToken, options) {
	const phone = await all.phone(options);
	const answer = await phone.say("push.update", { pushToken }, phone.device);

	assert.ok(answer.ok, answer.json);
	return phone;
}

test("Web Push: encrypted for the subscription, signed with the key that apps subscribe with", async () => {
	const subscription = new Subscription(`${services.url}/webpush/1`);
	const phone = await phoneWith(JSON.stringify(subscription));
	const operation = await all.startOperation(phone, { sendPush: true, sessionTimeout: 90_000, pushPayload: "hello" });
	const { headers, body } = await services.nth("webpush");

	assert.equal(operation.operationProperties.pushSent, true);
	assert.deepEqual(subscription.open(body), { op: "AUTHENTICATION", pushSessionId: operation.transactionId, payload: "hello" });
	assert.equal(headers["content-encoding"], "aes128gcm");
	assert.equal(headers.urgency, "high");
	assert.ok(Number(headers.ttl) > 80 && Number(headers.ttl) <= 90, headers.ttl);
	const [, token, key] = headers.authorization.match(/^vapid t=([^,]+), k=(.+)$/);
	assert.equal(key, vapid);
	const point = Buffer.from(key, "base64url");
	const jwk = { kty: "EC", crv: "P-256", x: point.subarray(1, 33).toString("base64url"), y: point.subarray(33).toString("base64url") };
	const { payload } = await jwtVerify(token, await importJWK(jwk, "ES256"), { audience: services.url });
	assert.equal(payload.sub, "mailto:push@example.com");
	assert.ok(payload.exp - Date.now() / 1000 < 24 * 3600);
	assert.equal((await all.operation(operation)).operationProperties.pushSent, true);
});

test("FCM: an access token for a signed assertion, then the message; the token serves again", async () => {
	const phone = await phoneWith("dGVzdA:APA91b_x-y");
	const operation = await all.startOperation(phone, { kind: "signatures", sendPush: true });
	const asked = await services.nth("token");
	const { headers, body } = await services.nth("v1");
	const form = new URLSearchParams(asked.body.toString());

	assert.equal(operation.operationProperties.pushSent, true);
	assert.equal(form.get("grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
	const { payload, protectedHeader } = await jwtVerify(form.get("assertion"), keys.fcm.publicKey,
		{ issuer: "p@app-1.example", audience: `${services.url}/token` });
	assert.equal(protectedHeader.kid, "k1");
	assert.equal(protectedHeader.alg, "RS256");
	assert.equal(payload.scope, "https://www.googleapis.com/auth/firebase.messaging");
	assert.equal(headers.authorization, "Bearer ya29.test");
	const { message } = JSON.parse(body);
	assert.equal(message.token, "dGVzdA:APA91b_x-y");
	assert.deepEqual(message.data, { op: "SIGNING", pushSessionId: operation.transactionId });
	await all.startOperation(phone, { sendPush: true });
	await services.nth("v1", 2);
	assert.equal(services.of("token").length, 1);
});

test("APNs: HTTP/2, a provider token, nothing of the content", async () => {
	const phone = await phoneWith(APNS_TOKEN, { os: "iOS" });
	const operation = await all.startOperation(phone, { sendPush: true, preOperationContext: { title: "Pay", content: "100 EUR", mimeType: "text/plain" } });
	const { headers, body, path, version } = await services.nth("3");

	assert.equal(version, "2.0");
	assert.equal(path, `/3/device/${APNS_TOKEN}`);
	const { payload, protectedHeader } = await jwtVerify(headers.authorization.replace(/^bearer /, ""), keys.apns.publicKey);
	assert.equal(payload.iss, "TEAM123456");
	assert.equal(protectedHeader.kid, "KEY1234567");
	assert.equal(headers["apns-topic"], "com.example.app");
	assert.equal(headers["apns-push-type"], "alert");
	assert.equal(headers["apns-priority"], "10");
	assert.ok(!body.includes("Pay") && !body.includes("100 EUR"));
	const { aps, ...rest } = JSON.parse(body);
	assert.deepEqual(rest, { op: "AUTHENTICATION", pushSessionId: operation.transactionId });
	assert.ok(aps.alert["loc-key"]);
});

test("no push unless it is asked for, and can be sent", async () => {
	const phone = await phoneWith(JSON.stringify(new Subscription(`${services.url}/quiet/1`)));
	const deaf = await all.phone();

	assert.equal((await all.startOperation(phone)).operationProperties.pushSent, false);
	assert.equal((await all.startOperation(deaf, { sendPush: true })).operationProperties.pushSent, false);
	assert.ok((await phone.say("push.update", {}, phone.device)).ok); // it hears nowhere any more
	assert.equal((await all.startOperation(phone, { sendPush: true })).operationProperties.pushSent, false);
	assert.equal(services.of("quiet").length, 0);
});

test("tokens that are none are refused, and what was there stays", async () => {
	const phone = await phoneWith(JSON.stringify(new Subscription(`${services.url}/stays/1`)));

	for (const bad of ["{}", "a b", "{\"endpoint\":\"x\"}", " "]) {
		const answer = await phone.say("push.update", { pushToken: bad }, phone.device);

		assert.equal(answer.code, 245, bad);
	}
	assert.equal((await all.startOperation(phone, { sendPush: true })).operationProperties.pushSent, true);
	await services.nth("stays");
});

test("an app tells its token at registration and with each success", async () => {
	const phone = all.newPhone();

	phone.user = await all.newUser();
	const { operationProperties } = await all.startRegistration(phone.user, {});
	await phone.register(operationProperties.activationCode, { pushToken: JSON.stringify(new Subscription(`${services.url}/first/1`)) });
	await all.startOperation(phone, { sendPush: true });
	await services.nth("first");
	const session = (await phone.start()).session;
	assert.ok((await session.pin()).ok);
	assert.ok((await session.finish("DEVICE_PIN", { pushToken: JSON.stringify(new Subscription(`${services.url}/second/1`)) })).ok);
	await all.startOperation(phone, { sendPush: true });
	await services.nth("second");
	assert.equal(services.of("first").length, 1);
});

test("a phone that recovers tells its token with the finish", async () => {
	const [old, phone] = [all.newPhone(), all.newPhone()];

	await all.configure({ pushEnabled: true, recoveryEnabled: true });
	old.user = phone.user = await all.newUser();
	const { operationProperties } = await all.startRegistration(old.user, {});
	await old.register(operationProperties.activationCode, { tokenPurposes: ["addOrUpdateRecovery"] });
	await old.addRecovery("314159");
	await phone.recover(old.store.backup, "314159", "2468", { pushToken: JSON.stringify(new Subscription(`${services.url}/recovered/1`)) });
	assert.equal((await all.startOperation(phone, { sendPush: true })).operationProperties.pushSent, true);
	await services.nth("recovered");
	await all.configure({ pushEnabled: true });
});

test("a subscription that is gone is forgotten, and the answer says so", async () => {
	const phone = await phoneWith(JSON.stringify(new Subscription(`${services.url}/gone/1`)));

	services.statuses.gone = 410;
	const operation = await all.startOperation(phone, { sendPush: true });
	await services.nth("gone");
	await all.until(() => all.operation(operation), (seen) => !seen.operationProperties.pushSent);
	await all.until(() => all.rows("SELECT count(*) AS n FROM push_tokens WHERE device = ?", Buffer.from(phone.store.reg.replaceAll("-", ""), "hex")),
		([{ n }]) => n === 0);
	assert.equal((await all.startOperation(phone, { sendPush: true })).operationProperties.pushSent, false);
	assert.equal(services.of("gone").length, 1);
});

test("a dead push service delays nothing, and polling works without", async () => {
	const phone = await phoneWith(JSON.stringify(new Subscription(`${services.url}/dead/1`)));

	services.held = "dead";
	const operation = await all.startOperation(phone, { sendPush: true });
	assert.equal(operation.operationProperties.pushSent, true);
	await phone.approve();
	assert.equal((await all.operation(operation)).state, "COMPLETED");
	services.held = null;
});

test("what hears is kept sealed, and a stranger changes nothing", async () => {
	const subscription = new Subscription(`${services.url}/sealed/1`);
	const phone = await phoneWith(JSON.stringify(subscription));
	const [{ box }] = all.rows("SELECT box FROM push_tokens WHERE device = ?", Buffer.from(phone.store.reg.replaceAll("-", ""), "hex"));

	assert.ok(!Buffer.from(box).includes("sealed/1"));
	const stranger = phone.copy();
	stranger.store.dk = crypto.randomBytes(32);
	assert.equal((await stranger.say("push.update", { pushToken: "other" }, stranger.device)).code, 214);
	await all.startOperation(phone, { sendPush: true });
	await services.nth("sealed");
});

test("push.ack: of what is pending for this device, and of nothing else", async () => {
	const phone = await phoneWith(JSON.stringify(new Subscription(`${services.url}/ack/1`)));
	const other = await all.phone();
	const operation = await all.startOperation(phone, { sendPush: true });

	assert.ok((await phone.say("push.ack", { pushSessionId: operation.transactionId }, phone.device)).ok);
	assert.equal((await other.say("push.ack", { pushSessionId: operation.transactionId }, other.device)).code, 210);
	assert.equal((await phone.say("push.ack", { pushSessionId: crypto.randomUUID() }, phone.device)).code, 210);
});

test("a phone cannot have the server call by starting again and again", async () => {
	const phone = await phoneWith(JSON.stringify(new Subscription(`${services.url}/again/1`)));
	const other = await phoneWith(JSON.stringify(new Subscription(`${services.url}/other/1`)));

	await all.configure({ pushEnabled: true, intermediatePushMode: "OPTIONAL" });
	await all.startOperation(phone);
	for (let i = 0; i < 10; i++)
		assert.ok((await phone.start()).ok);
	assert.equal((await phone.start()).status, 429);
	await services.nth("again", 10);
	await all.startOperation(other);
	assert.ok((await other.start()).ok);
	await services.nth("other");
	assert.equal(services.of("again").length, 10);
	await all.configure({ intermediatePushMode: "OFF" });
});

test("configurations: private keys are sealed and never answered; what is wrong is named", async () => {
	const get = (service) => call(all.server, all.token, "GET", `${configurations()}/${service}`);
	const { body } = await get("FCM");

	assert.equal(body.project_id, "app-1");
	for (const service of ["FCM", "APNS", "WEBPUSH"])
		assert.ok(!JSON.stringify((await get(service)).body).includes("PRIVATE"));
	assert.ok(all.rows("SELECT box FROM push_configurations").every(({ box }) => !Buffer.from(box).includes("PRIVATE")));
	for (const [service, bad, name] of [
		["APNS", { teamId: "a", keyId: "b", topic: "c", privateKey: keys.fcm.pem }, "privateKey"],
		["APNS", { teamId: "a", keyId: "b", topic: "c", privateKey: keys.apns.pem, url: "http://127.0.0.1/" }, "url"],
		["FCM", { project_id: "a", client_email: "b", private_key_id: "c", private_key: keys.apns.pem }, "private_key"],
		["FCM", { project_id: "a", client_email: "b", private_key_id: "c", token_uri: "file:///etc/passwd" }, "token_uri"],
		["WEBPUSH", { subject: "push@example.com" }, "subject"],
		["APNS", {}, "teamId"],
	]) {
		const reply = await configure(service, bad);

		assert.equal(reply.status, 400, `${service} ${JSON.stringify(bad)}`);
		assert.ok(JSON.stringify(reply.body).includes(name), JSON.stringify(reply.body));
	}
	assert.equal((await put("APNS", { teamId: "TEAM123456", keyId: "KEY1234567", topic: "com.example.other", url: services.url })).topic,
		"com.example.other"); // without a key the one that is there stays
	const fcm = { project_id: "app-1", private_key_id: "k1", client_email: "p@app-1.example", token_uri: `${services.url}/token`, url: services.url };
	const apns = { teamId: "TEAM123456", keyId: "KEY1234567", topic: "com.example.app", url: services.url };
	const elsewhere = `${services.url}/elsewhere`;

	assert.equal((await put("FCM", fcm)).url, services.url);
	for (const [service, moved] of [["FCM", { ...fcm, url: elsewhere }], ["FCM", { ...fcm, token_uri: elsewhere }], ["APNS", { ...apns, url: elsewhere }]])
		assert.equal((await configure(service, moved)).status, 400, JSON.stringify(moved)); // it is shown to nobody else
	assert.equal((await put("APNS", { ...apns, url: elsewhere, privateKey: keys.apns.pem })).url, elsewhere);
	assert.equal((await put("APNS", { ...apns, privateKey: keys.apns.pem })).url, services.url);
});

test("configurations of another account are nobody's; one that is deleted is gone", async () => {
	const other = "a-spge-AAAAAAAAAAAAAAAAAAAA";
	const where = configurations().replace(/accounts\/[^/]+/, `accounts/${other}`);

	assert.equal((await call(all.server, all.token, "GET", `${where}/FCM`)).status, 404);
	assert.equal((await call(all.server, all.token, "DELETE", `${configurations()}/FCM`)).status, 204);
	assert.equal((await call(all.server, all.token, "GET", `${configurations()}/FCM`)).status, 404);
	assert.equal((await call(all.server, all.token, "DELETE", `${configurations()}/FCM`)).status, 404);
	const phone = await phoneWith("now:unreachable");
	assert.equal((await all.startOperation(phone, { sendPush: true })).operationProperties.pushSent, false);
});
