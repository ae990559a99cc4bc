// Hardware-protected keys under each of the four validation strategies: who is let in, what is reported, what locks (section 8).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { MobileId } from "../../support/mobileid.js";
import { KIND } from "./client.js";
import { newKey } from "./crypto.js";

const REPORTED = "hwKeyClientStatus, hwKeyServerResult";
let all;

before(async () => {
	all = await MobileId.started({ config: {} });
});
after(() => all?.remove());

/** A registered phone, with a hardware-protected key or without. */
async function phoneWith(hardware, members = {}) {
	const phone = all.newPhone();

	phone.user = await all.newUser();
	if (hardware)
		phone.store.hk = newKey();
	const operation = await all.startRegistration(phone.user, {});
	const { session } = await phone.activate(operation.operationProperties.activationCode);
	phone.store.pin = "1357";
	assert.ok((await session.newPin("1357")).ok);
	const answer = await session.register(members);

	return { phone, operation, answer };
}

async function approve(phone, alter, pin = "1357") {
	const { operation, session } = await all.session({}, phone);

	assert.ok((await session.pin(pin)).ok);
	return { operation, session, answer: await session.finish("DEVICE_PIN", { hwKeyClientStatus: "OK_SIGNED_SUCCESS" }, alter) };
}

const result = async (operation) => (await all.operation(operation)).riskAttributes
	?.find(({ name }) => name === "hw_key_server_result")?.value;
const broken = { sign: (kind, make) => {
	const signature = Buffer.from(make());

	if (kind === KIND.HARDWARE)
		signature[40] ^= 1;
	return signature;
} };
const missing = { sign: (kind, make) => (kind === KIND.HARDWARE ? null : make()) };

async function locked(phone) {
	const device = await all.device(phone);

	return `${device.state} ${device.deviceDetails.lockReason}`;
}

for (const strategy of ["SUPPORTED", "REQUIRED_IF_SUPPORTED", "REQUIRED"]) {
	test(`${strategy}: a good signature goes on; a wrong one locks; a missing one counts like a wrong PIN`, async () => {
		await all.configure({ hwKeyValidationStrategy: strategy, riskAttributes: REPORTED });
		const { phone, answer } = await phoneWith(true);
		assert.ok(answer.ok, answer.json);
		const good = await approve(phone);
		assert.ok(good.answer.ok, good.answer.json);
		assert.equal(await result(good.operation), "SIGNATURE_VERIFICATION_SUCCESS");

		const without = await approve(phone, missing);
		assert.deepEqual([without.answer.code, without.answer.is.err.recoverable, without.answer.is.err.remaining], [214, true, 2]);
		const wrongPin = await approve(phone, undefined, "0000");
		assert.equal(wrongPin.answer.json.length, without.answer.json.length); // nobody learns which it was
		assert.ok((await approve((await phoneWith(true)).phone)).answer.ok);

		const other = (await phoneWith(true)).phone;
		const wrong = await approve(other, broken);
		assert.deepEqual([wrong.answer.code, wrong.answer.is.err.recoverable], [214, false]);
		assert.equal((await all.operation(wrong.operation)).errorCode, "LOCKED_HW_KEY_VERIFICATION_FAILED");
		assert.equal(await result(wrong.operation), "SIGNATURE_VERIFICATION_FAILED");
		assert.equal(await locked(other), "LOCKED HW_KEY_VERIFICATION_FAILED");
	});
}

test("RISK_PARAMS: reported only", async () => {
	await all.configure({ hwKeyValidationStrategy: "RISK_PARAMS", riskAttributes: REPORTED });
	const { phone } = await phoneWith(true);

	for (const [alter, wanted] of [[undefined, "SIGNATURE_VERIFICATION_SUCCESS"], [broken, "SIGNATURE_VERIFICATION_FAILED"],
		[missing, "SIGNATURE_VERIFICATION_FAILED"]]) {
		const { operation, answer } = await approve(phone, alter);

		assert.ok(answer.ok, answer.json);
		assert.equal(await result(operation), wanted);
	}
});

test("a device without such a key: goes on, unless one is required; then nothing is locked", async () => {
	await all.configure({ hwKeyValidationStrategy: "SUPPORTED", riskAttributes: REPORTED });
	const { phone } = await phoneWith(false);
	const good = await approve(phone);

	assert.ok(good.answer.ok, good.answer.json);
	assert.equal(await result(good.operation), "NOT_ACTIVATED_WITH_HW_KEY");
	await all.configure({ hwKeyValidationStrategy: "REQUIRED", riskAttributes: REPORTED });
	const operation = await all.startOperation(phone);
	const answer = await phone.start();
	assert.deepEqual([answer.code, answer.is.err.recoverable], [214, false]);
	assert.equal((await all.operation(operation)).errorCode, "LOCKED_HW_KEY_VERIFICATION_FAILED");
	assert.equal(await locked(phone), "ACTIVE OPEN");
});

test("REQUIRED: a registration without such a key is refused", async () => {
	await all.configure({ hwKeyValidationStrategy: "REQUIRED", riskAttributes: REPORTED });
	const refused = await phoneWith(false);
	assert.equal(refused.answer.code, 246);
	assert.equal((await all.operation(refused.operation, "registrations")).errorCode, "CALLBACK_PROCESSING_ERROR");
	const old = await phoneWith(false, { hwKeyClientStatus: undefined });
	assert.equal(old.answer.code, 240);
	assert.ok((await phoneWith(true)).answer.ok);
});

test("a registration tells what came of it", async () => {
	await all.configure({ hwKeyValidationStrategy: "SUPPORTED", riskAttributes: REPORTED });
	const told = async ({ operation }) => (await all.operation(operation, "registrations")).riskAttributes
		.filter(({ name }) => name.startsWith("hw_key")).map(({ name, value }) => `${name}=${value}`);

	assert.deepEqual(await told(await phoneWith(false)), ["hw_key_client_status=INFO_NO_HARDWARE_SUPPORT"]);
	assert.deepEqual(await told(await phoneWith(false, { hwKeyClientStatus: undefined })), ["hw_key_server_result=NOT_PROVIDED_BY_CLIENT"]);
	for (const status of ["INFO_NO_OPERATING_SYSTEM_SUPPORT", "ERR_KEY_GENERATION_FAILED", "ERR_RETRIEVE_PUBLIC_KEY_FAILED"])
		assert.deepEqual(await told(await phoneWith(false, { hwKeyClientStatus: status })), [`hw_key_client_status=${status}`]);
});
