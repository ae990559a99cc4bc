// What people do with a phone, each as: what is there before, what the phone does, what a person does after the app died, and what has to
// be true in the end, whatever happened on the way. Each run has a phone of its own.
import assert from "node:assert/strict";
import { Died, must } from "../../support/sdk_phone.js";
import { playIntegrity } from "./values/platforms.js";
import { approve, newest, phoneWithTokens, recoverable, recoveryView, register, risk, successorOf } from "./values/world.js";

const PIN = "1357";
const NEW_PIN = "97531";
const TOUCH = "DEVICE_STRONG_TOUCH_ID";
const [CODE, NEW_CODE, THIRD_CODE] = ["314159", "271828", "161803"];
const LAST_OF_ADDING = 6; // of the steps with which a recovery is set up: to record that it is confirmed

async function once(bank, name, operation) {
	assert.equal((await bank.until(() => bank.events(name, operation), (found) => found.length > 0)).length, 1);
}

async function approves({ bank, phone }, options) {
	const { answer, view } = await approve(bank, phone, options);

	must(answer);
	assert.equal(view.state, "COMPLETED");
	return view;
}

/** Of the newest operation of that kind: is it done? */
async function isDone({ bank, phone }, type, earlier) {
	const item = await newest(bank, phone, type);

	return item !== undefined && item.transactionId !== earlier && item.state === "COMPLETED";
}

/** A new phone takes the place of this one. */
async function recovers({ bank, phone, code }) {
	const successor = successorOf(bank, phone);

	assert.equal((await bank.device(phone)).deviceDetails.recoveryStatus, "ACTIVATED");
	must(await successor.startRecovering());
	must(await successor.recover(code, NEW_PIN));
	await approves({ bank, phone: successor });
}

const activeMethods = async ({ bank, phone }) => (await bank.device(phone)).deviceDetails.activatedAuthenticationMethods;

/** A phone with all keys in its key store, and everything that an application can require: one in hardware, a place, a word of the platform. */
async function strictPhone(world) {
	const bank = await world.bank({ ...world.play_app, attestationAndroidPlayIntegrityMode: "REQUIRED", hwKeyValidationStrategy: "REQUIRED",
		geofencingActivationMode: "REQUIRED", geofencingAuthenticationMode: "REQUIRED", geofencingAllowedContinents: "EU",
		riskAttributes: "hwKeyServerResult" });
	const phone = Object.assign(bank.newPhone({ hardware: "YES", deviceKeyInApp: 1 }), {
		attest: playIntegrity(world), place: { clientStatus: "OK", country: "NO" }, user: await bank.newUser(),
	});

	return { bank, phone };
}

function assertStrict(view) {
	assert.equal(risk(view, "hw_key_server_result"), "SIGNATURE_VERIFICATION_SUCCESS");
	assert.equal(view.attestation.playIntegrityStatus, "VERIFIED");
	assert.equal(view.geofencing.serverBoundaryValidation, "SUCCESS");
}

const registration = {
	async prepared(world) {
		const bank = await world.recovering();
		const phone = Object.assign(bank.newPhone(), { user: await bank.newUser() });

		return { bank, phone, operation: await bank.startRegistration(phone.user) };
	},
	async act({ phone, operation, methods }) {
		must(await phone.activate(operation.operationProperties.activationCode));
		must(await phone.enrol({ pin: PIN, methods }));
	},
	async again(it) {
		if ((await it.phone.isActivated()).kind !== "DONE")
			await this.act(it);
		it.phone.pin = PIN;
	},
	async checked(it) {
		const view = await it.bank.operation(it.operation, "registrations");

		assert.deepEqual([view.state, view.device.id], ["COMPLETED", it.phone.store.reg]);
		await once(it.bank, "device.registration.completed", it.operation);
		await approves(it);
		return view;
	},
};

const approval = {
	async prepared(world) {
		const bank = await world.recovering();
		const phone = await bank.phone();

		return { bank, phone, operation: await bank.startOperation(phone, { kind: "signatures" }) };
	},
	async act({ phone }) {
		must(await phone.start());
		must(await phone.finish());
	},
	async again(it) {
		if ((await it.bank.operation(it.operation, "signatures")).state === "PENDING")
			await this.act(it);
	},
	async checked(it) {
		const view = await it.bank.operation(it.operation, "signatures");

		assert.equal(view.state, "COMPLETED");
		await once(it.bank, "device.signature.completed", it.operation);
		await approves(it);
		await approves(it);
		return view;
	},
};

/** Of a registered phone, with the methods that it has besides the PIN. */
const withPhone = (...methods) => async (world) => {
	const bank = await world.recovering();

	return { bank, phone: (await register(bank, { methods: ["DEVICE_PIN", ...methods] })).phone };
};

export const ACTS = {
	registration,

	"registration with all that can be required, and a biometric key": {
		...registration,
		async prepared(world) {
			const { bank, phone } = await strictPhone(world);

			return { bank, phone, operation: await bank.startRegistration(phone.user), methods: ["DEVICE_PIN", TOUCH] };
		},
		async checked(it) {
			assertStrict(await registration.checked(it));
			assertStrict(await approves(it, { m: TOUCH }));
		},
	},

	"registration of the same device again": {
		...registration,
		async prepared(world) {
			const bank = await world.recovering();
			const phone = await bank.phone();

			return { bank, phone, operation: await bank.startRegistration(phone.user, { registrationMode: "RE_REGISTRATION", device: { id: phone.store.reg } }) };
		},
		async again(it) {
			if ((await it.bank.operation(it.operation, "registrations")).state === "PENDING")
				await this.act(it);
		},
	},

	approval,

	"approval with all that can be required": {
		...approval,
		async prepared(world) {
			const { bank, phone } = await strictPhone(world);

			must((await register(bank, { phone })).answer);
			return { bank, phone, operation: await bank.startOperation(phone, { kind: "signatures" }) };
		},
		async checked(it) {
			assertStrict(await approval.checked(it));
		},
	},

	/** In an account of its own, since salt keys are the account's. */
	"approval with which the PIN moves to a newer salt key": {
		...approval,
		async prepared(world) {
			const bank = await world.bank({ amountFailuresAllowed: 4 });
			const phone = await bank.phone();

			await bank.server.command("mobileid", "rotate-salt-key", bank.app.accountId);
			return { bank, phone, operation: await bank.startOperation(phone, { kind: "signatures" }) };
		},
	},

	"PIN change": {
		prepared: withPhone(),
		act: ({ phone }) => phone.addMethod("DEVICE_PIN", NEW_PIN),
		async again(it) {
			if (await isDone(it, "AUTH_AND_ACTIVATE"))
				it.phone.pin = NEW_PIN;
			else
				await this.act(it);
		},
		checked: (it) => approves(it),
	},

	"biometric method, added": {
		prepared: withPhone(),
		act: ({ phone }) => phone.addMethod(TOUCH),
		async again(it) {
			if (!await isDone(it, "AUTH_AND_ACTIVATE"))
				await it.phone.addMethod(TOUCH);
		},
		checked: (it) => approves(it, { m: TOUCH }),
	},

	"biometric method, removed": {
		prepared: withPhone(TOUCH),
		act: async ({ phone }) => must(await phone.removeMethod(TOUCH)),
		async again(it) {
			if (!await isDone(it, "AUTH_AND_DEACTIVATE"))
				await this.act(it);
		},
		async checked(it) {
			assert.deepEqual(await activeMethods(it), ["DEVICE", "DEVICE:PIN"]);
			await approves(it);
		},
	},

	"recovery, replaced": {
		async prepared(world) {
			const bank = await world.recovering();
			const { phone } = await recoverable(bank, CODE);
			const { transactionId } = await newest(bank, phone, "ADD_OR_UPDATE_RECOVERY");

			await phoneWithTokens(bank, phone);
			return { bank, phone, earlier: transactionId, code: NEW_CODE };
		},
		act: ({ phone }) => phone.addRecovery(NEW_CODE),
		async again(it) {
			it.code = await isDone(it, "ADD_OR_UPDATE_RECOVERY", it.earlier) ? NEW_CODE : CODE;
		},
		checked: recovers,
	},

	/** The one that holds is a backup of which the phone never heard that it was confirmed. */
	"recovery, replaced once more": {
		async prepared(world) {
			const bank = await world.recovering();
			const { phone } = await recoverable(bank, CODE);

			await phoneWithTokens(bank, phone);
			phone.doom({ dies: LAST_OF_ADDING });
			await assert.rejects(phone.addRecovery(NEW_CODE), Died);
			phone.restart();
			assert.ok(await isDone({ bank, phone }, "ADD_OR_UPDATE_RECOVERY"));
			const { transactionId } = await newest(bank, phone, "ADD_OR_UPDATE_RECOVERY");
			await phoneWithTokens(bank, phone);
			return { bank, phone, earlier: transactionId, code: THIRD_CODE };
		},
		act: ({ phone }) => phone.addRecovery(THIRD_CODE),
		async again(it) {
			it.code = await isDone(it, "ADD_OR_UPDATE_RECOVERY", it.earlier) ? THIRD_CODE : NEW_CODE;
		},
		checked: recovers,
	},

	"recovery, carried out": {
		async prepared(world) {
			const bank = await world.recovering();
			const { phone: old } = await recoverable(bank, CODE);

			return { bank, old, phone: successorOf(bank, old) };
		},
		async act({ phone }) {
			must(await phone.startRecovering());
			must(await phone.recover(CODE, NEW_PIN));
		},
		async again(it) {
			if ((await it.phone.isActivated()).kind !== "DONE")
				await this.act(it);
			it.phone.pin = NEW_PIN;
		},
		async checked(it) {
			const { bank, old, phone } = it;
			const { transactionId } = await newest(bank, phone, "RECOVERY");

			assert.equal((await recoveryView(bank, transactionId)).recoveryStatus, "RECOVERED");
			assert.deepEqual([(await bank.device(old)).state, (await bank.device(phone)).state], ["DELETED", "ACTIVE"]);
			await approves(it);
		},
	},

	deactivation: {
		prepared: withPhone(),
		act: async ({ phone }) => must(await phone.deactivate()),
		async again(it) {
			if ((await it.phone.isActivated()).registrationId)
				await this.act(it);
		},
		async checked({ bank, phone }) {
			const { kind, registrationId } = await phone.isActivated();

			assert.deepEqual([kind, registrationId, (await bank.device(phone)).state], ["FAILED", null, "DELETED"]);
		},
	},
};
