// The error codes of operations, each brought about.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { must } from "../../../support/sdk_phone.js";
import { b64, random } from "../crypto.js";
import { WRONG_PIN } from "../world.js";
import { playIntegrity } from "./platforms.js";
import { LIMIT, WRONG_CODE, approve, assertFailed, copied, failedWith, newest, phoneWithTokens, recoverable, recoveryLock, recoveryView,
	register, started, successorOf, swapHardwareKey, withoutSdk, wrongPins } from "./world.js";

const SOURCE = path.resolve(import.meta.dirname, "../../../../src");

async function pending(bank) {
	const phone = await bank.phone();

	return { phone, operation: await bank.startOperation(phone) };
}

/** A file of the server's that makes operations fail with it. */
const producers = (code) => fs.readdirSync(SOURCE, { recursive: true }).filter((file) => file.endsWith(".c"))
	.filter((file) => fs.readFileSync(path.join(SOURCE, file), "utf8").includes(`OPERATION_${code}`));

export const errorCode = {
	async AUTHORIZATION_TOKEN_VERIFICATION_FAILED(world) {
		const bank = await world.recovering();
		const phone = await bank.phone();

		assertFailed(await phone.startRecovery({ token: random(32).toString("hex") }), 233);
		const { transactionId, state, errorCode: listed } = await newest(bank, phone, "ADD_OR_UPDATE_RECOVERY");
		assert.deepEqual([state, listed], ["FAILED", "AUTHORIZATION_TOKEN_VERIFICATION_FAILED"]);
		assert.equal((await recoveryView(bank, transactionId)).errorCode, "AUTHORIZATION_TOKEN_VERIFICATION_FAILED");
	},

	CALLBACK_FAILED: withoutSdk("of synchronous callbacks, which the service once had: it is in the list, and nothing leads to it", async () => {
		assert.match(fs.readFileSync(path.join(SOURCE, "operation/errors.def"), "utf8"), /^OPERATION_ERROR\(CALLBACK_FAILED,/m);
		assert.deepEqual(producers("CALLBACK_FAILED"), []);
		assert.notDeepEqual(producers("CALLBACK_PROCESSING_ERROR"), []);
	}),

	async CALLBACK_PROCESSING_ERROR(world) {
		const bank = await world.bank({ hwKeyValidationStrategy: "REQUIRED" });
		const { answer, operation } = await register(bank, { hardware: "YES", trouble: { make: "BROKEN" } });

		assertFailed(answer, 246);
		await failedWith(bank, operation, "CALLBACK_PROCESSING_ERROR", "registrations");
	},

	async CANCELLED_APPATTEST_REQUIRED(world) {
		const bank = await world.bank({ ...world.apple_app, attestationIosAppAttestMode: "REQUIRED" });
		const { answer, operation } = await register(bank, { os: "iOS" });

		assertFailed(answer, 214);
		await failedWith(bank, operation, "CANCELLED_APPATTEST_REQUIRED", "registrations");
	},

	async CANCELLED_AUTH_METHOD_DEACTIVATED(world) {
		const bank = await world.bank();
		const { phone } = await register(bank, { methods: ["DEVICE", "DEVICE_PIN", "DEVICE_IOS_FACE_ID"] });
		const operation = await bank.startOperation(phone);

		must(await phone.removeMethod("DEVICE_IOS_FACE_ID"));
		await failedWith(bank, operation, "CANCELLED_AUTH_METHOD_DEACTIVATED");
	},

	async CANCELLED_BY_DEVICE(world) {
		const bank = await world.bank();
		const { phone, operation } = await started(bank);

		must(await phone.cancel());
		await failedWith(bank, operation, "CANCELLED_BY_DEVICE");
	},

	async CANCELLED_BY_SP(world) {
		const bank = await world.bank();
		const { phone, operation } = await pending(bank);
		const next = await bank.startOperation(phone, { kind: "signatures" });

		await failedWith(bank, operation, "CANCELLED_BY_SP");
		assert.equal((await bank.cancel(next, "signatures")).status, 204);
		await failedWith(bank, next, "CANCELLED_BY_SP", "signatures");
	},

	async CANCELLED_INTERMEDIATE_PUSH_REQUIRED(world) {
		const { bank, phone } = await world.pushPhone("silent");

		phone.hear = () => undefined;
		const { operation, answer } = await approve(bank, phone);
		assertFailed(answer, 247);
		await failedWith(bank, operation, "CANCELLED_INTERMEDIATE_PUSH_REQUIRED");
	},

	async CANCELLED_NEW_ACTIVATION(world) {
		const bank = await world.bank();
		const { phone, operation } = await pending(bank);
		const first = await bank.startRegistration(phone.user);
		const { operationProperties } = await bank.startRegistration(phone.user, { registrationMode: "RE_REGISTRATION", device: { id: phone.store.reg } });

		await failedWith(bank, first, "CANCELLED_NEW_ACTIVATION", "registrations");
		must(await phone.activate(operationProperties.activationCode));
		await failedWith(bank, operation, "CANCELLED_NEW_ACTIVATION");
	},

	async CANCELLED_PERFORM_RECOVERY_STARTED(world) {
		const bank = await world.recovering();
		const { phone } = await recoverable(bank);
		const operation = await bank.startOperation(phone);

		must(await successorOf(bank, phone).startRecovering());
		await failedWith(bank, operation, "CANCELLED_PERFORM_RECOVERY_STARTED");
	},

	async EXPIRED(world) {
		const bank = await world.bank();
		const phone = await bank.phone();
		const operation = await bank.startOperation(phone, { sessionTimeout: 1000 });

		await sleep(Math.max(0, Date.parse(operation.operationProperties.sessionExpiryTime) - Date.now()) + 5);
		assertFailed(await phone.start(), 208);
		await failedWith(bank, operation, "EXPIRED");
	},

	async FAILED_RECOVERY_DOES_NOT_EXIST(world) {
		const bank = await world.recovering();
		const { phone } = await recoverable(bank);
		const thief = successorOf(bank, phone, new Map(phone.cloud));

		await phoneWithTokens(bank, phone);
		must(await phone.deleteRecovery());
		assertFailed(await thief.startRecovering(), 202);
		const { transactionId, errorCode: listed } = await newest(bank, phone, "RECOVERY");
		assert.equal(listed, "FAILED_RECOVERY_DOES_NOT_EXIST");
		assert.equal((await recoveryView(bank, transactionId)).errorCode, listed);
	},

	async GEOFENCING_FAILED(world) {
		const bank = await world.bank({ geofencingAuthenticationMode: "REQUIRED", geofencingAllowedContinents: "EU" });
		const { answer, operation } = await approve(bank, await bank.phone(), { place: { clientStatus: "LOCATION_MOCKED" } });

		assertFailed(answer, 214);
		await failedWith(bank, operation, "GEOFENCING_FAILED");
	},

	async LOCKED_APPATTEST_VERIFICATION_FAILED(world) {
		const { bank, phone, replayed } = await world.replayedAssertion();

		assertFailed(replayed.answer, 214);
		await failedWith(bank, replayed.operation, "LOCKED_APPATTEST_VERIFICATION_FAILED");
		assertFailed(await phone.start(), 226);
	},

	async LOCKED_BY_ADMIN(world) {
		const bank = await world.bank();
		const { phone, operation } = await pending(bank);

		await bank.changeDevice(phone, { state: "LOCKED" });
		await failedWith(bank, operation, "LOCKED_BY_ADMIN");
	},

	async LOCKED_DEVICE_VERIFICATION_FAILED(world) {
		const bank = await world.bank();
		const { phone, copy } = await copied(bank);
		const operation = await bank.startOperation(phone);

		for (let i = 1; i <= LIMIT; i++)
			assertFailed(await copy.start(), 214);
		await failedWith(bank, operation, "LOCKED_DEVICE_VERIFICATION_FAILED");
	},

	async LOCKED_HW_KEY_VERIFICATION_FAILED(world) {
		const bank = await world.bank();
		const { phone } = await register(bank, { hardware: "YES" });

		swapHardwareKey(phone);
		const { operation, answer } = await approve(bank, phone);
		assertFailed(answer, 214);
		await failedWith(bank, operation, "LOCKED_HW_KEY_VERIFICATION_FAILED");
	},

	async LOCKED_INCORRECT_SALT_KEY_ID(world) {
		const bank = await world.bank();
		const phone = await bank.phone();

		phone.alterRecord("saltKeyId", "another");
		const { operation, answer } = await approve(bank, phone);
		assertFailed(answer, 214);
		await failedWith(bank, operation, "LOCKED_INCORRECT_SALT_KEY_ID");
	},

	async LOCKED_INTERMEDIATE_PUSH_VERIFICATION_FAILED(world) {
		const { bank, phone } = await world.pushPhone("wrong");

		phone.hear = () => b64(random(16));
		const { operation, answer } = await approve(bank, phone);
		assertFailed(answer, 210);
		await failedWith(bank, operation, "LOCKED_INTERMEDIATE_PUSH_VERIFICATION_FAILED");
	},

	async LOCKED_PERFORM_RECOVERY_FAILED(world) {
		const bank = await world.recovering();
		const { phone } = await recoverable(bank);
		const thief = successorOf(bank, phone);

		must(await thief.startRecovering());
		for (let i = 0; i < LIMIT; i++)
			assertFailed(await thief.recover(`00000${i}`, WRONG_PIN), WRONG_CODE, { recoverable: true });
		assertFailed(await thief.recover("000009", WRONG_PIN), 226);
		assert.equal((await newest(bank, phone, "RECOVERY")).errorCode, "LOCKED_PERFORM_RECOVERY_FAILED");
		const other = await recoverable(bank);
		assert.equal((await recoveryLock(bank, other.phone, true)).status, 200);
		assertFailed(await successorOf(bank, other.phone).startRecovering(), 226);
		assert.equal((await newest(bank, other.phone, "RECOVERY")).errorCode, "LOCKED_PERFORM_RECOVERY_FAILED");
	},

	async LOCKED_PIN_VERIFICATION_FAILED(world) {
		const bank = await world.bank();
		const { phone, operation } = await started(bank);

		await wrongPins(phone);
		await failedWith(bank, operation, "LOCKED_PIN_VERIFICATION_FAILED");
	},

	async LOCKED_PLAYINTEGRITY_VERIFICATION_FAILED(world) {
		const bank = await world.bank({ ...world.play_app, attestationAndroidPlayIntegrityMode: "REQUIRED" });
		const { operation, answer } = await register(bank, { attest: playIntegrity(world, (p) => { p.requestDetails.nonce = "AAAA"; }) });

		assertFailed(answer, 214);
		await failedWith(bank, operation, "LOCKED_PLAYINTEGRITY_VERIFICATION_FAILED", "registrations");
	},

	async LOCKED(world) {
		const bank = await world.bank();
		const { phone, copy } = await copied(bank);

		assertFailed(await copy.start(), 214);
		const { operation } = await started(bank, { phone });
		await wrongPins(phone, 1);
		await failedWith(bank, operation, "LOCKED");
	},
};
