// The error codes of operations, each brought about.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { assertFault, assertOk } from "../../../support/mobileid.js";
import { b64, random } from "../crypto.js";
import { must } from "../client.js";
import { playIntegrity } from "./platforms.js";
import { OTHER_KEY, WRONG_PIN, approve, failedWith, newest, phoneWithTokens, recoverable, recoveryLock, recoveryView, register } from "./world.js";

const LIMIT = 3;
const SOURCE = path.resolve(import.meta.dirname, "../../../../src");

const brokenHardware = { sign: (kind, make) => (kind === 2 ? make(Buffer.from("something else")) : make()) };

async function pending(bank, options) {
	const phone = await bank.phone(options);

	return { phone, operation: await bank.startOperation(phone) };
}

/** A file of the server's that makes operations fail with it. */
const producers = (code) => fs.readdirSync(SOURCE, { recursive: true }).filter((file) => file.endsWith(".c"))
	.filter((file) => fs.readFileSync(path.join(SOURCE, file), "utf8").includes(`OPERATION_${code}`));

export const errorCode = {
	async AUTHORIZATION_TOKEN_VERIFICATION_FAILED(world) {
		const bank = await world.recovering();
		const phone = await bank.phone();

		assertFault(await phone.startRecovery({ token: b64(random(32)) }), 233);
		const { transactionId, state, errorCode: listed } = await newest(bank, phone, "ADD_OR_UPDATE_RECOVERY");
		assert.deepEqual([state, listed], ["FAILED", "AUTHORIZATION_TOKEN_VERIFICATION_FAILED"]);
		assert.equal((await recoveryView(bank, transactionId)).errorCode, "AUTHORIZATION_TOKEN_VERIFICATION_FAILED");
	},

	/** A value of the synchronous callbacks that the service once had: in the list, and nothing leads to it. */
	async CALLBACK_FAILED() {
		assert.match(fs.readFileSync(path.join(SOURCE, "operation/errors.def"), "utf8"), /^OPERATION_ERROR\(CALLBACK_FAILED,/m);
		assert.deepEqual(producers("CALLBACK_FAILED"), []);
		assert.notDeepEqual(producers("CALLBACK_PROCESSING_ERROR"), []);
	},

	async CALLBACK_PROCESSING_ERROR(world) {
		const bank = await world.bank();
		const { answer, operation } = await register(bank, { alter: { members: (m) => ({ ...m, methods: [{ m: "DEVICE_PIN" }] }) } });

		assert.equal(answer.ok, false);
		await failedWith(bank, operation, "CALLBACK_PROCESSING_ERROR", "registrations");
	},

	async CANCELLED_APPATTEST_REQUIRED(world) {
		const bank = await world.bank({ ...world.apple_app, attestationIosAppAttestMode: "REQUIRED" });
		const { answer, operation } = await register(bank, { os: "iOS" });

		assertFault(answer, 214);
		await failedWith(bank, operation, "CANCELLED_APPATTEST_REQUIRED", "registrations");
	},

	async CANCELLED_AUTH_METHOD_DEACTIVATED(world) {
		const bank = await world.bank();
		const { phone } = await register(bank, { methods: ["DEVICE", "DEVICE_PIN", "DEVICE_IOS_FACE_ID"] });
		const operation = await bank.startOperation(phone);

		assertOk(await phone.startMethod("deactivate", "DEVICE_IOS_FACE_ID"));
		await failedWith(bank, operation, "CANCELLED_AUTH_METHOD_DEACTIVATED");
	},

	async CANCELLED_BY_DEVICE(world) {
		const bank = await world.bank();
		const { operation, session } = await bank.session();

		assertOk(await session.cancel());
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
		const operation = await bank.startOperation(phone);
		const { session } = must(await phone.start());

		await world.services.nth("silent");
		must(await session.pin());
		assertFault(await session.finish(), 247);
		await failedWith(bank, operation, "CANCELLED_INTERMEDIATE_PUSH_REQUIRED");
	},

	async CANCELLED_NEW_ACTIVATION(world) {
		const bank = await world.bank();
		const { phone, operation } = await pending(bank);
		const first = await bank.startRegistration(phone.user);
		const { operationProperties } = await bank.startRegistration(phone.user, { registrationMode: "RE_REGISTRATION", device: { id: phone.store.reg } });

		await failedWith(bank, first, "CANCELLED_NEW_ACTIVATION", "registrations");
		assertOk(await phone.copy().activate(operationProperties.activationCode));
		await failedWith(bank, operation, "CANCELLED_NEW_ACTIVATION");
	},

	async CANCELLED_PERFORM_RECOVERY_STARTED(world) {
		const bank = await world.recovering();
		const { phone, backup } = await recoverable(bank);
		const operation = await bank.startOperation(phone);

		assertOk(await bank.newPhone().startRecovering(backup));
		await failedWith(bank, operation, "CANCELLED_PERFORM_RECOVERY_STARTED");
	},

	async EXPIRED(world) {
		const bank = await world.bank();
		const phone = await bank.phone();
		const operation = await bank.startOperation(phone, { sessionTimeout: 1000 });

		await sleep(Math.max(0, Date.parse(operation.operationProperties.sessionExpiryTime) - Date.now()) + 5);
		assertFault(await phone.start(), 208);
		await failedWith(bank, operation, "EXPIRED");
	},

	async FAILED_RECOVERY_DOES_NOT_EXIST(world) {
		const bank = await world.recovering();
		const { phone, backup } = await recoverable(bank);

		await phoneWithTokens(bank, phone);
		assertOk(await phone.deleteRecovery());
		assertFault(await bank.newPhone().startRecovering(backup), 202);
		const { transactionId, errorCode: listed } = await newest(bank, phone, "RECOVERY");
		assert.equal(listed, "FAILED_RECOVERY_DOES_NOT_EXIST");
		assert.equal((await recoveryView(bank, transactionId)).errorCode, listed);
	},

	async GEOFENCING_FAILED(world) {
		const bank = await world.bank({ geofencingAuthenticationMode: "REQUIRED", geofencingAllowedContinents: "EU" });
		const { answer, operation } = await approve(bank, await bank.phone(), { make: () => ({ geo: { clientStatus: "LOCATION_MOCKED" } }) });

		assertFault(answer, 214);
		await failedWith(bank, operation, "GEOFENCING_FAILED");
	},

	async LOCKED_APPATTEST_VERIFICATION_FAILED(world) {
		const { bank, phone, replayed } = await world.replayedAssertion();

		assertFault(replayed.answer, 214);
		await failedWith(bank, replayed.operation, "LOCKED_APPATTEST_VERIFICATION_FAILED");
		assertFault(await phone.start(), 226);
	},

	async LOCKED_BY_ADMIN(world) {
		const bank = await world.bank();
		const { phone, operation } = await pending(bank);

		await bank.changeDevice(phone, { state: "LOCKED" });
		await failedWith(bank, operation, "LOCKED_BY_ADMIN");
	},

	async LOCKED_DEVICE_VERIFICATION_FAILED(world) {
		const bank = await world.bank();
		const { operation, session } = await bank.session({ authLevel: "ONE_FACTOR" });

		for (let i = 1; i < LIMIT; i++)
			assertFault(await session.finish("DEVICE", {}, OTHER_KEY), 214, { recoverable: true, remaining: LIMIT - i });
		assertFault(await session.finish("DEVICE", {}, OTHER_KEY), 226);
		await failedWith(bank, operation, "LOCKED_DEVICE_VERIFICATION_FAILED");
	},

	async LOCKED_HW_KEY_VERIFICATION_FAILED(world) {
		const bank = await world.bank();
		const { phone } = await register(bank, { hardware: true });
		const { operation, answer } = await approve(bank, phone, { alter: brokenHardware });

		assertFault(answer, 214);
		await failedWith(bank, operation, "LOCKED_HW_KEY_VERIFICATION_FAILED");
	},

	async LOCKED_INCORRECT_SALT_KEY_ID(world) {
		const bank = await world.bank();
		const { operation, session } = await bank.session();

		assertFault(await session.pin(undefined, { members: (m) => ({ ...m, skid: "another" }) }), 214);
		await failedWith(bank, operation, "LOCKED_INCORRECT_SALT_KEY_ID");
	},

	async LOCKED_INTERMEDIATE_PUSH_VERIFICATION_FAILED(world) {
		const { bank, phone } = await world.pushPhone("wrong");
		const { operation, answer } = await approve(bank, phone, { make: () => ({ pushNonce: b64(random(16)) }) });

		assertFault(answer, 210);
		await failedWith(bank, operation, "LOCKED_INTERMEDIATE_PUSH_VERIFICATION_FAILED");
	},

	async LOCKED_PERFORM_RECOVERY_FAILED(world) {
		const bank = await world.recovering();
		const { phone, backup } = await recoverable(bank);
		const thief = bank.newPhone();
		const { session } = must(await thief.startRecovering(backup));

		for (let i = 0; i < LIMIT; i++)
			assertOk(await session.unlock(`00000${i}`));
		assertFault(await session.unlock("000009"), 226);
		assert.equal((await newest(bank, phone, "RECOVERY")).errorCode, "LOCKED_PERFORM_RECOVERY_FAILED");
		const other = await recoverable(bank);
		assert.equal((await recoveryLock(bank, other.phone, true)).status, 200);
		assertFault(await bank.newPhone().startRecovering(other.backup), 226);
		assert.equal((await newest(bank, other.phone, "RECOVERY")).errorCode, "LOCKED_PERFORM_RECOVERY_FAILED");
	},

	async LOCKED_PIN_VERIFICATION_FAILED(world) {
		const bank = await world.bank();
		const { operation, session } = await bank.session();

		for (let i = 0; i < LIMIT; i++) {
			must(await session.pin(WRONG_PIN));
			await session.finish();
		}
		await failedWith(bank, operation, "LOCKED_PIN_VERIFICATION_FAILED");
	},

	async LOCKED_PLAYINTEGRITY_VERIFICATION_FAILED(world) {
		const bank = await world.bank({ ...world.play_app, attestationAndroidPlayIntegrityMode: "REQUIRED" });
		const { operation, answer } = await register(bank, { make: playIntegrity(world, (p) => { p.requestDetails.nonce = "AAAA"; }) });

		assertFault(answer, 214);
		await failedWith(bank, operation, "LOCKED_PLAYINTEGRITY_VERIFICATION_FAILED", "registrations");
	},

	async LOCKED(world) {
		const bank = await world.bank();
		const { operation, session } = await bank.session();

		must(await session.pin());
		await session.finish("DEVICE_PIN", {}, OTHER_KEY);
		for (let i = 1; i < LIMIT; i++) {
			must(await session.pin(WRONG_PIN));
			await session.finish();
		}
		await failedWith(bank, operation, "LOCKED");
	},
};
