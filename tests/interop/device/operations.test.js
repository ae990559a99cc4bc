// Registration, authentication and consent signature from both sides: what the service provider starts, sees meanwhile and gets,
// and what the phone is shown.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from "jose";
import { DEVICES, MobileId, assertOk } from "../../support/mobileid.js";
import { must } from "./client.js";
import { unb64 } from "./crypto.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const TAGS = ["some tag", "another tag"];
const PRE = { title: "Consent Sign", content: "Pay me 100$ – nå", mimeType: "text/plain" };
const POST = { title: "Receipt", content: '{"voucher":"ABC"}', mimeType: "application/json" };
const SHOWN_POST = { title: POST.title, mime: POST.mimeType, b64: Buffer.from(POST.content).toString("base64url") };
const SHOWN_PRE = { title: PRE.title, mime: PRE.mimeType, b64: Buffer.from(PRE.content).toString("base64url") };
let mobile, phone;

before(async () => {
	mobile = await MobileId.started();
	phone = await mobile.phone({ user: await mobile.newUser({
		externalRef: "Empl10300469", segment: "SE", attributes: { firstname: "Jane", level: 3, vip: true },
	}) });
});
after(() => mobile.remove());

/** What is of this run only is taken out after a look at its form. */
function stripped(view) {
	const { transactionId, accountId, created, completed, ...rest } = structuredClone(view);

	assert.match(transactionId, UUID);
	assert.equal(accountId, mobile.server.bootstrap.accountId);
	assert.match(created, TIME);
	if (completed) {
		assert.match(completed, TIME);
		assert.ok(completed >= created);
	}
	if (rest.operationProperties?.sessionExpiryTime) {
		rest.lifetime = Date.parse(rest.operationProperties.sessionExpiryTime) - Date.parse(created);
		delete rest.operationProperties.sessionExpiryTime;
	}
	return rest;
}

/** What is told of every finish, asked for or not. */
const alwaysOf = (of) => [{ name: "device_hash", value: of.store.deviceHash }];
const briefUser = () => ({ externalRef: "Empl10300469", id: phone.user.id, segment: "SE" });
const briefDevice = async (of = phone) => ({ id: of.store.reg, name: (await mobile.device(of)).name });

async function fullUser() {
	const { attributes, ...user } = (await mobile.rest("GET", `/reuseid/core/users/${phone.user.id}`)).body;

	return user;
}

async function fullDevice(of = phone) {
	const { deviceDetails, ...device } = await mobile.device(of);

	return device;
}

// ---- registration ----

test("a registration while it is pending", async () => {
	const started = await mobile.startRegistration(phone.user, {
		device: { name: "My iPhone" }, tags: TAGS, authLevel: "TWO_FACTOR", sessionTimeout: "90000", registrationMode: "REGISTRATION",
	});
	const { operationProperties: { activationCode } } = started;

	assert.match(activationCode, /^\d{6}$/);
	assert.deepEqual(stripped(started), {
		state: "PENDING", lifetime: 90000, tags: TAGS, device: { name: "My iPhone" }, user: briefUser(),
		operationProperties: { activationCode, authLevel: "TWO_FACTOR", sessionTimeout: "90000", registrationMode: "REGISTRATION" },
	});
	assert.deepEqual(await mobile.operation(started, "registrations"), started, "asking gives what starting gave");
});

test("what the phone hears at its registration", async () => {
	const { operationProperties: { activationCode } } = await mobile.startRegistration(phone.user, { postOperationContext: POST });
	const other = mobile.newPhone();
	const start = await other.activate(activationCode);

	assertOk(start);
	const { ok, time, sid, reg, cid, challenge, saltKeyId, ...rest } = start.is;
	assert.equal(unb64(sid).length, 16);
	assert.match(reg, UUID);
	assert.equal(unb64(cid).length, 16);
	assert.equal(unb64(challenge).length, 32);
	assert.ok(saltKeyId.length >= 1 && saltKeyId.length <= 64);
	assert.deepEqual(rest, {
		step: 1, mode: "REGISTRATION", authLevel: "TWO_FACTOR",
		methods: ["DEVICE", "DEVICE_PIN", "DEVICE_IOS_FACE_ID", "DEVICE_STRONG_TOUCH_ID", "DEVICE_ANDROID_BIOMETRIC_PROMPT"],
		pin: { min: 4, max: 50, type: "NUMERIC" }, hw: { wanted: true }, attest: { mode: "OFF" }, geo: { mode: "OFF" }, push: { mode: "OFF" }, risk: [],
	});
	const evaluated = await start.session.newPin("246810");
	assertOk(evaluated);
	assert.deepEqual(Object.keys(evaluated.is).sort(), ["e", "ok", "step", "time"]);
	const finish = await start.session.register();
	assertOk(finish);
	assert.equal(finish.step, 3);
	assert.equal(unb64(finish.is.ticket).length, 32);
	assert.deepEqual(finish.is.tokens, []);
	assert.deepEqual(finish.is.ctx, SHOWN_POST);
	assert.deepEqual(finish.is.methods, ["DEVICE", "DEVICE_PIN"]);
});

test("a completed registration", async () => {
	const started = await mobile.startRegistration(phone.user, { device: { name: "My iPhone" }, tags: TAGS, requestedUserAttributes: ["firstname", "none"] });
	const other = mobile.newPhone();

	other.user = phone.user;
	await other.register(started.operationProperties.activationCode, { deviceName: "the phone's own name" });
	const view = await mobile.operation(started, "registrations");
	assert.deepEqual(stripped(view), {
		type: "REGISTRATION", state: "COMPLETED", lifetime: 300000, tags: TAGS, device: await fullDevice(other), user: await fullUser(),
		operationProperties: {
			authLevel: "TWO_FACTOR", sessionTimeout: "300000", registrationMode: "REGISTRATION", requestedUserAttributes: { firstname: "Jane" },
			activatedAuthenticationMethods: ["DEVICE", "DEVICE:PIN"],
		},
		riskAttributes: alwaysOf(other),
	});
	assert.equal(view.device.id, other.store.reg, "the device's id is the registration's");
	assert.equal(view.device.name, "My iPhone", "the name of the request wins");
	assert.equal(view.device.state, "ACTIVE");
	assert.equal(view.device.lastOperationType, "REGISTRATION");
});

test("the phone's own name counts when the request has none", async () => {
	const { operationProperties: { activationCode } } = await mobile.startRegistration(phone.user);
	const other = mobile.newPhone();

	other.user = phone.user;
	await other.register(activationCode, { deviceName: "Janes mobil" });
	assert.equal((await mobile.device(other)).name, "Janes mobil");
});

test("what a device is known by in detail", async () => {
	const { operationProperties: { activationCode } } = await mobile.startRegistration(phone.user);
	const other = mobile.newPhone({ os: "iOS", sdk: "4.1.2" });

	other.user = phone.user;
	await other.register(activationCode, { riskData: {
		operatingSystemType: "iOS", operatingSystemVersion: "18.1", deviceManufacturer: "Apple", deviceModel: "iPad2,2", locale: "nb_NO",
	} });
	assert.deepEqual((await mobile.device(other)).deviceDetails, {
		lockReason: "OPEN", manufacturer: "Apple", model: "iPad2,2", operatingSystemType: "iOS", operatingSystemVersion: "18.1",
		deviceHash: other.store.deviceHash, sdkVersion: "4.1.2", applicationId: mobile.server.bootstrap.applicationId,
		activatedAuthenticationMethods: ["DEVICE", "DEVICE:PIN"], isHardwareKeyProtected: false,
	});
});

// ---- authentication ----

test("an authentication while it is pending", async () => {
	const started = await mobile.startOperation(phone, { sessionTimeout: "90000", tags: TAGS, requestedUserAttributes: ["firstname"], postOperationContext: POST });

	assert.deepEqual(stripped(started), {
		state: "PENDING", lifetime: 90000, tags: TAGS, device: await briefDevice(), user: briefUser(), operationProperties: { pushSent: false },
	});
	assert.deepEqual(await mobile.operation(started), started);
});

test("a pending authentication shows the context before, never the one after", async () => {
	const started = await mobile.startOperation(phone, { preOperationContext: PRE, postOperationContext: POST });

	assert.deepEqual(started.operationProperties.preOperationContext, PRE);
	assert.ok(!JSON.stringify(started).includes("voucher"));
});

test("what the phone hears of an authentication", async () => {
	await mobile.startOperation(phone, { preOperationContext: PRE, postOperationContext: POST });
	const start = await phone.start({ purpose: "auth" });

	assertOk(start);
	const { ok, time, sid, challenge, cid, saltKeyId, attempts, ...rest } = start.is;
	assert.equal(unb64(sid).length, 16);
	assert.equal(unb64(challenge).length, 32);
	assert.equal(cid, phone.store.cid);
	assert.equal(saltKeyId, phone.store.saltKeyId);
	assert.deepEqual(attempts, { total: 3, remaining: 3, last: null });
	assert.deepEqual(rest, {
		step: 1, op: "AUTHENTICATION", ctx: SHOWN_PRE, methods: ["DEVICE_PIN"], pin: { min: 4, max: 50, type: "NUMERIC" },
		hw: { wanted: true }, attest: { mode: "OFF" }, geo: { mode: "OFF" }, push: { mode: "OFF" }, risk: [],
	});
	const evaluated = await start.session.pin();
	assertOk(evaluated);
	assert.equal(evaluated.is.remaining, 2);
	assert.ok(!String(evaluated.json).includes("ctx"), "nothing is shown before success");
	const finish = await start.session.finish();
	assertOk(finish);
	assert.deepEqual(finish.is.ctx, SHOWN_POST);
	assert.deepEqual(finish.is.tokens, []);
	assert.equal(unb64(finish.is.ticket).length, 32);
});

test("a completed authentication with PIN", async () => {
	const started = await mobile.startOperation(phone, {
		preOperationContext: PRE, tags: TAGS, requestedUserAttributes: ["firstname", "level", "vip", "unknown"], sessionTimeout: 120000,
	});

	await phone.approve("DEVICE_PIN", { clientData: "from the app: é\t\"quoted\"\n\u{1F600}" });
	const view = await mobile.operation(started);
	assert.deepEqual(stripped(view), {
		type: "AUTHENTICATION", state: "COMPLETED", lifetime: 120000, tags: TAGS, device: await fullDevice(), user: await fullUser(),
		clientData: "from the app: é\t\"quoted\"\n\u{1F600}", riskAttributes: alwaysOf(phone),
		operationProperties: {
			authLevel: "TWO_FACTOR", authMethod: "DEVICE_PIN", preOperationContext: PRE, pushSent: false,
			requestedUserAttributes: { firstname: "Jane", level: 3, vip: true },
		},
	});
	assert.equal(view.device.lastOperationType, "AUTHENTICATION");
	assert.equal(view.device.lastUsed, view.completed);
	assert.deepEqual(await mobile.operation(started), view, "and stays so");
	assert.equal(mobile.events("device.authentication.completed", started).length, 1);
});

test("a failed authentication", async () => {
	const started = await mobile.startOperation(phone, { preOperationContext: PRE, tags: TAGS, requestedUserAttributes: ["firstname"], postOperationContext: POST });
	const { session } = must(await phone.start({ clientData: "x" }));

	must(await session.cancel());
	const { errorDescription, ...view } = stripped(await mobile.operation(started));
	assert.match(errorDescription, /^[A-Z].*\.$/);
	assert.deepEqual(view, {
		state: "FAILED", errorCode: "CANCELLED_BY_DEVICE", lifetime: 300000, tags: TAGS, device: await briefDevice(), user: briefUser(),
		operationProperties: { preOperationContext: PRE, pushSent: false },
	});
});

test("a failed registration keeps its code to itself", async () => {
	const started = await mobile.startRegistration(phone.user, { device: { name: "My iPhone" }, authLevel: "ONE_FACTOR" });

	await mobile.cancel(started, "registrations");
	const { errorDescription, ...view } = stripped(await mobile.operation(started, "registrations"));
	assert.deepEqual(view, {
		state: "FAILED", errorCode: "CANCELLED_BY_SP", lifetime: 300000, device: { name: "My iPhone" }, user: briefUser(),
		operationProperties: { authLevel: "ONE_FACTOR", sessionTimeout: "300000", registrationMode: "REGISTRATION" },
	});
});

test("one factor is enough where one is asked; the answer says what was used", async () => {
	const started = await mobile.startOperation(phone, { authLevel: "ONE_FACTOR" });
	const start = await phone.start();

	assert.deepEqual(start.is.methods, ["DEVICE", "DEVICE_PIN"]);
	assertOk(await start.session.finish("DEVICE"));
	const { operationProperties } = await mobile.operation(started);
	assert.equal(operationProperties.authLevel, "ONE_FACTOR");
	assert.equal(operationProperties.authMethod, "DEVICE");
});

test("two factors are welcome where one is asked", async () => {
	const started = await mobile.startOperation(phone, { authLevel: "ONE_FACTOR" });

	await phone.approve("DEVICE_PIN");
	const { operationProperties } = await mobile.operation(started);
	assert.equal(operationProperties.authLevel, "TWO_FACTOR");
	assert.equal(operationProperties.authMethod, "DEVICE_PIN");
});

test("a PIN counts by its characters, however they are put together", async () => {
	const other = await mobile.phone({ pin: "caf\u00e9 42" });

	await mobile.startOperation(other);
	other.store.pin = "cafe\u0301 42";
	await other.approve();
});

test("clientData is that of the start whose session approved", async () => {
	const started = await mobile.startOperation(phone);

	must(await phone.start({ clientData: "of a session that was given up" }));
	await phone.approve();
	assert.equal("clientData" in await mobile.operation(started), false);
});

test("clientData of the last start counts; too much of it is refused", async () => {
	const started = await mobile.startOperation(phone);

	must(await phone.start({ clientData: "first" }));
	assert.equal((await phone.start({ clientData: "x".repeat(4097) })).code, 245);
	must(await phone.start({ clientData: "x".repeat(4096) }));
	await phone.approve("DEVICE_PIN", { clientData: "last" });
	assert.equal((await mobile.operation(started)).clientData, "last");
});

test("contexts of every form arrive as they were sent", async () => {
	const long = { content: `${"ø".repeat(4999)}!`, mimeType: "text/plain" };

	for (const context of [{ title: "only a title" }, { content: "x", mimeType: "application/octet-stream" }, long]) {
		await mobile.startOperation(phone, { preOperationContext: context, postOperationContext: context });
		const session = must(await phone.start()).session;
		const expected = { ...(context.title && { title: context.title }), ...(context.content && {
			mime: context.mimeType, b64: Buffer.from(context.content).toString("base64url") }) };

		assert.deepEqual(session.start.ctx, expected);
		must(await session.pin());
		assert.deepEqual((await session.finish()).is.ctx, expected);
	}
});

// ---- consent signature ----

test("a signature while it is pending", async () => {
	const started = await mobile.startOperation(phone, { kind: "signatures", sessionTimeout: "90000", preOperationContext: PRE, postOperationContext: POST });

	assert.deepEqual(stripped(started), {
		state: "PENDING", lifetime: 90000, device: await briefDevice(), user: briefUser(),
		operationProperties: { preOperationContext: PRE, pushSent: false, sendPush: false },
	});
	assert.deepEqual(await mobile.operation(started, "signatures"), started);
});

test("a completed signature and its JWT", async () => {
	const started = await mobile.startOperation(phone, { kind: "signatures", preOperationContext: PRE, tags: TAGS });
	const start = await phone.start({ purpose: "sign", clientData: "seen" });

	assert.equal(start.is.op, "SIGNING");
	assert.deepEqual(start.is.ctx, SHOWN_PRE);
	must(await start.session.pin());
	assertOk(await start.session.finish());
	const view = await mobile.operation(started, "signatures");
	const { signature, ...rest } = stripped(view);
	assert.deepEqual(rest, {
		type: "SIGNATURE", state: "COMPLETED", lifetime: 300000, tags: TAGS, device: await fullDevice(), user: await fullUser(), clientData: "seen",
		riskAttributes: alwaysOf(phone),
		operationProperties: { authLevel: "TWO_FACTOR", authMethod: "DEVICE_PIN", preOperationContext: PRE, pushSent: false, sendPush: false },
	});
	assert.equal(view.device.lastOperationType, "SIGNING");

	const keys = createRemoteJWKSet(new URL("/auth/open/.well-known/openid-configuration/jwks", mobile.server.baseUrl));
	const { payload, protectedHeader } = await jwtVerify(signature, keys, { audience: view.accountId, algorithms: ["ES256"], typ: "JWT" });
	assert.deepEqual(Object.keys(protectedHeader).sort(), ["alg", "kid", "typ"]);
	const { iss, iat, ...claims } = payload;
	assert.equal(iss, mobile.server.baseUrl);
	assert.equal(iat, Math.floor(Date.parse(view.completed) / 1000));
	assert.deepEqual(claims, {
		sub: phone.user.id, aud: view.accountId, jti: view.transactionId, transactionId: view.transactionId, accountId: view.accountId,
		type: "SIGNATURE", state: "COMPLETED", created: view.created, completed: view.completed,
		user: { id: phone.user.id, externalRef: "Empl10300469" }, device: { id: phone.store.reg, name: view.device.name },
		authLevel: "TWO_FACTOR", authMethod: "DEVICE_PIN", preOperationContext: PRE,
	});
	assert.equal("exp" in payload, false, "it is meant for keeping");
});

test("the JWT of a signature does not verify once a word of it is changed", async () => {
	const started = await mobile.startOperation(phone, { kind: "signatures", preOperationContext: PRE });

	await phone.approve();
	const { signature } = await mobile.operation(started, "signatures");
	const keys = createRemoteJWKSet(new URL("/auth/open/.well-known/openid-configuration/jwks", mobile.server.baseUrl));
	const [header, , tail] = signature.split(".");
	const claims = { ...decodeJwt(signature), preOperationContext: { ...PRE, content: "Pay me 999$" } };
	const forged = [header, Buffer.from(JSON.stringify(claims)).toString("base64url"), tail].join(".");

	assert.equal(decodeProtectedHeader(signature).alg, "ES256");
	await assert.rejects(jwtVerify(forged, keys), { code: "ERR_JWS_SIGNATURE_VERIFICATION_FAILED" });
});

test("the greatest contexts there may be, in the greatest form", async () => {
	const pre = { title: "\u{1F512}".repeat(255), content: "\u{1F4B6}".repeat(20000), mimeType: "text/plain" };
	const post = { title: "\u00e9".repeat(255), content: '"'.repeat(5000), mimeType: "text/plain" };
	const started = await mobile.startOperation(phone, { kind: "signatures", preOperationContext: pre, postOperationContext: post });
	const { session } = must(await phone.start({ clientData: "\u{1F512}".repeat(4096) }));

	assert.equal(unb64(session.start.ctx.b64).toString(), pre.content);
	must(await session.pin());
	assert.equal(unb64(must(await session.finish()).is.ctx.b64).toString(), post.content);
	const { signature, clientData } = await mobile.operation(started, "signatures");
	assert.deepEqual(decodeJwt(signature).preOperationContext, pre);
	assert.equal(clientData, "\u{1F512}".repeat(4096));
	const reply = await mobile.rest("POST", `${DEVICES}/signatures`, {
		userId: phone.user.id, device: { id: phone.store.reg }, operationProperties: { preOperationContext: { ...pre, content: `${pre.content}!` } },
	});
	assert.deepEqual([reply.status, reply.body.code], [400, "invalid_request_parameter"]);
});

test("sendPush is echoed; no push is claimed that nobody sent", async () => {
	const { operationProperties } = await mobile.startOperation(phone, { kind: "signatures", sendPush: true });

	assert.equal(operationProperties.sendPush, true);
	assert.equal(operationProperties.pushSent, false);
});

// ---- both ----

test("an operation has one result event, and lists name it", async () => {
	const started = await mobile.startOperation(phone, { kind: "signatures" });

	await phone.approve();
	assert.equal(mobile.events("device.signature.completed", started).length, 1);
	const { body } = await mobile.rest("GET", `/reuseid/core/credentials/devices/${phone.store.reg}/transactions?userId=${phone.user.id}&limit=1`);
	assert.equal(body.transactions[0].transactionId, started.transactionId);
	assert.equal(body.transactions[0].state, "COMPLETED");
	assert.equal(body.transactions[0].operationType, "SIGNING");
});

test("an id of another kind is unknown", async () => {
	const started = await mobile.startOperation(phone);

	for (const kind of ["signatures", "registrations"]) {
		const reply = await mobile.rest("GET", `/reuseid/core/credentials/devices/${kind}/${started.transactionId}`);

		assert.equal(reply.status, 404);
		assert.equal(reply.body.code, "transaction_id_does_not_exist");
		assert.equal((await mobile.cancel(started, kind)).status, 404);
	}
});
