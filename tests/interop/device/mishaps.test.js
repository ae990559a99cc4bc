// The project's own SDK against the server while everything goes wrong once: the app dies before any of its steps, its storage takes no
// change any more, a message gets lost, arrives twice, is answered by somebody else. Whatever the moment, the phone goes on with what the
// server has, and nothing happens twice.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { MISHAPS } from "../../support/mishaps.js";
import { Died, must } from "../../support/sdk_phone.js";
import { SdkWorld, approve, newest, phoneWithTokens, recoverable, recoveryView, successorOf } from "./values/world.js";

const AT_ONCE = 6;
const PIN = "1357";
const NEW_PIN = "97531";
const NOT_STORED = 172;
const TOUCH = "DEVICE_STRONG_TOUCH_ID";
const [CODE, NEW_CODE] = ["314159", "271828"];
let bank, world;

before(async () => {
	world = await SdkWorld.started();
	bank = await world.recovering();
});
after(() => world?.close());

const once = async (name, operation) => assert.equal((await bank.until(() => bank.events(name, operation), (found) => found.length > 0)).length, 1);

async function approves(phone, options) {
	const { answer, view } = await approve(bank, phone, options);

	must(answer);
	assert.equal(view.state, "COMPLETED");
}

/** Of the newest operation of that kind: is it done? */
const isDone = async (phone, type, earlier) => {
	const item = await newest(bank, phone, type);

	return item !== undefined && item.transactionId !== earlier && item.state === "COMPLETED";
};

/** Each: what is there before, what the phone does, what a person does after it died, and what has to be true in the end. */
const ACTS = {
	registration: {
		async prepared() {
			const phone = Object.assign(bank.newPhone(), { user: await bank.newUser() });

			return { phone, operation: await bank.startRegistration(phone.user) };
		},
		async act({ phone, operation }) {
			must(await phone.activate(operation.operationProperties.activationCode));
			must(await phone.enrol({ pin: PIN }));
		},
		async again(it) {
			if ((await it.phone.isActivated()).kind !== "DONE")
				await this.act(it);
			it.phone.pin = PIN;
		},
		async checked({ phone, operation }) {
			const { state, device } = await bank.operation(operation, "registrations");

			assert.deepEqual([state, device.id], ["COMPLETED", phone.store.reg]);
			await once("device.registration.completed", operation);
			await approves(phone);
		},
	},

	approval: {
		async prepared() {
			const phone = await bank.phone();

			return { phone, operation: await bank.startOperation(phone, { kind: "signatures" }) };
		},
		async act({ phone }) {
			must(await phone.start());
			must(await phone.finish());
		},
		async again(it) {
			if ((await bank.operation(it.operation, "signatures")).state === "PENDING")
				await this.act(it);
		},
		async checked({ phone, operation }) {
			assert.equal((await bank.operation(operation, "signatures")).state, "COMPLETED");
			await once("device.signature.completed", operation);
			await approves(phone);
			await approves(phone);
		},
	},

	"PIN change": {
		prepared: async () => ({ phone: await bank.phone() }),
		act: ({ phone }) => phone.addMethod("DEVICE_PIN", NEW_PIN),
		async again({ phone }) {
			phone.pin = await isDone(phone, "AUTH_AND_ACTIVATE") ? NEW_PIN : PIN;
		},
		checked: ({ phone }) => approves(phone),
	},

	"biometric method, added": {
		prepared: async () => ({ phone: await bank.phone() }),
		act: ({ phone }) => phone.addMethod(TOUCH),
		async again({ phone }) {
			if (!await isDone(phone, "AUTH_AND_ACTIVATE"))
				await phone.addMethod(TOUCH);
		},
		checked: ({ phone }) => approves(phone, { m: TOUCH }),
	},

	"recovery, replaced": {
		async prepared() {
			const { phone } = await recoverable(bank, CODE);
			const { transactionId } = await newest(bank, phone, "ADD_OR_UPDATE_RECOVERY");

			await phoneWithTokens(bank, phone);
			return { phone, earlier: transactionId, code: NEW_CODE };
		},
		act: ({ phone }) => phone.addRecovery(NEW_CODE),
		async again(it) {
			it.code = await isDone(it.phone, "ADD_OR_UPDATE_RECOVERY", it.earlier) ? NEW_CODE : CODE;
		},
		async checked({ phone, code }) {
			const successor = successorOf(bank, phone);

			assert.equal((await bank.device(phone)).deviceDetails.recoveryStatus, "ACTIVATED");
			must(await successor.startRecovering());
			must(await successor.recover(code, NEW_PIN));
			await approves(successor);
		},
	},

	"recovery, carried out": {
		async prepared() {
			const { phone: old } = await recoverable(bank, CODE);

			return { old, phone: successorOf(bank, old) };
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
		async checked({ old, phone }) {
			const { transactionId } = await newest(bank, phone, "RECOVERY");

			assert.equal((await recoveryView(bank, transactionId)).recoveryStatus, "RECOVERED");
			assert.deepEqual([(await bank.device(old)).state, (await bank.device(phone)).state], ["DELETED", "ACTIVE"]);
			await approves(phone);
		},
	},

	deactivation: {
		prepared: async () => ({ phone: await bank.phone() }),
		act: async ({ phone }) => must(await phone.deactivate()),
		async again(it) {
			if ((await it.phone.isActivated()).registrationId)
				await this.act(it);
		},
		async checked({ phone }) {
			const { kind, registrationId } = await phone.isActivated();

			assert.deepEqual([kind, registrationId, (await bank.device(phone)).state], ["FAILED", null, "DELETED"]);
		},
	},
};

/** The act, until it is over or the app is: what stopped it. */
async function stopped(act, it) {
	try {
		await act.act(it);
		return null;
	} catch (error) {
		if (!(error instanceof Died) && error.number !== NOT_STORED)
			throw error;
		return error;
	}
}

/** One run, with this fate. Gives how much there was that could go wrong. */
async function lived(act, fate = {}) {
	const it = await act.prepared();

	it.phone.doom(fate);
	const end = await stopped(act, it);
	const { steps, messages, storings } = it.phone;
	assert.equal(end instanceof Died, fate.dies !== undefined);
	if (end || fate.full) {
		it.phone.restart();
		await act.again(it);
	}
	it.phone.spare();
	await act.checked(it);
	return { dies: steps, full: storings, ...Object.fromEntries(Object.keys(MISHAPS).map((mishap) => [mishap, messages])) };
}

describe("mishaps", { concurrency: AT_ONCE }, () => {
	for (const [name, act] of Object.entries(ACTS))
		test(name, async (t) => {
			const count = await lived(act);

			assert.ok(count.lost > 0 && count.full > 0);
			for (const [what, n] of Object.entries(count))
				for (let at = 1; at <= n; at++)
					await t.test(`${what} ${at} of ${n}`, () => lived(act, { [what]: at }));
		});
});
