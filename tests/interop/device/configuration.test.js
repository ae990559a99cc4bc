// What the application's configuration changes for its phones (mobileid.md 2).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { MobileId, PIN, assertFault, assertOk } from "../../support/mobileid.js";
import { must } from "./client.js";

let mobile, phone;

before(async () => {
	mobile = await MobileId.started();
	phone = await mobile.phone();
});
after(() => mobile.remove());

const activationOf = async (options) => (await mobile.startRegistration(phone.user, options)).operationProperties.activationCode;

test("codes and PINs have the form that it says", async () => {
	await mobile.configure({ activationCodeLength: 8, activationCodeType: "ALPHA", pinCodeLengthMin: 6, pinCodeLengthMax: 12, pinCodeType: "ALPHANUMERIC" });
	const code = await activationOf();
	const other = mobile.newPhone();
	const { is } = must(await other.configuration());

	assert.match(code, /^[A-Z]{8}$/);
	assert.deepEqual(is.activationCode, { length: 8, maxLength: 12, type: "ALPHA" });
	assert.deepEqual(is.pin, { min: 6, max: 12, type: "ALPHANUMERIC" });
	assert.deepEqual(must(await other.activate(code)).is.pin, is.pin);
});

test("versions of the SDK on its block list are refused with 241, on that system only, in and outside sessions", async () => {
	const { session } = await mobile.session({}, phone);
	const blocked = phone.copy();
	const code = await activationOf();

	await mobile.configure({ encapApiBlacklistAndroid: "3.9.1, 4.0.1", encapApiBlacklistIos: "4.2.0" });
	assert.deepEqual(must(await phone.configuration()).is.blocked.sort(), ["3.9.1", "4.0.1", "4.2.0"]);
	blocked.sdk = "4.0.1";
	blocked.store.lastTs = Date.now() + 1000;
	await mobile.unchanged(async () => {
		assertFault(await blocked.start(), 241);
		assertFault(await mobile.newPhone({ sdk: "4.0.1" }).activate(code), 241);
		session.phone.sdk = "4.0.1";
		assertFault(await session.pin(), 241);
		assertFault(await session.finish("DEVICE"), 241);
	});
	phone.sdk = "4.0.0";
	assertOk(await session.pin());
	assertOk(await session.finish());
	assertOk(await mobile.newPhone({ sdk: "4.0.1", os: "iOS" }).activate(code));
	await mobile.configure({});
});

test("a method that it no longer allows: 231, uncharged, and it is not offered", async () => {
	const { session } = await mobile.session({ authLevel: "ONE_FACTOR" }, phone);

	must(await session.pin());
	await mobile.configure({ allowedAuthMethods: "DEVICE" });
	await mobile.unchanged(async () => {
		assertFault(await session.finish(), 231);
		assertFault(await session.pin(), 231);
	});
	assert.deepEqual(must(await phone.start()).is.methods, ["DEVICE"]);
	assertOk(await phone.session.finish("DEVICE"));
	await mobile.configure({});
});

test("where no PIN is configured, two factors cannot be registered: 230; one can", async () => {
	await mobile.configure({ allowedAuthMethods: "DEVICE" });
	const two = must(await mobile.newPhone().activate(await activationOf({ authLevel: "TWO_FACTOR" })));

	assert.deepEqual(two.is.methods, ["DEVICE"]);
	assertFault(await two.session.register({ methods: ["DEVICE"] }), 230);
	must(await two.session.newPin(PIN));
	assertFault(await two.session.register(), 231);
	const one = must(await mobile.newPhone().activate(await activationOf({ authLevel: "ONE_FACTOR" })));
	assertOk(await one.session.register());
	await mobile.configure({});
});

for (const [allowed, tries] of [[0, 1], [1, 1], [5, 5]])
	test(`${allowed} failures allowed: the device is locked at the failure number ${tries}`, async () => {
		await mobile.configure({ amountFailuresAllowed: allowed });
		const other = await mobile.phone();
		const { session } = await mobile.session({}, other);

		assert.equal(session.start.attempts.total, tries);
		for (let i = 1; i < tries; i++) {
			must(await session.pin("9999"));
			assertFault(await session.finish(), 214, { recoverable: true, remaining: tries - i });
		}
		must(await session.pin("9999"));
		assertFault(await session.finish(), 226);
		await mobile.configure({});
	});

test("the lifetime of operations, unless the request says otherwise", async () => {
	await mobile.configure({ sessionTimeout: 60_000 });
	const lifetime = ({ created, operationProperties }) => Date.parse(operationProperties.sessionExpiryTime) - Date.parse(created);

	assert.equal(lifetime(await mobile.startOperation(phone)), 60_000);
	assert.equal(lifetime(await mobile.startOperation(phone, { sessionTimeout: 5000 })), 5000);
	await mobile.configure({});
});
