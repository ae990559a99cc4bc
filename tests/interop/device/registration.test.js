// The rules of a registration (sections 6.1 and 7): codes, the key that a code is bound to, proofs of possession, methods, the
// registration that it replaces, and what ends it in the middle.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { MobileId, assertFault, assertOk } from "../../support/mobileid.js";
import { KIND, must } from "./client.js";
import { b64, highS, newKey, points, publicKey, random } from "./crypto.js";

let mobile, user;

before(async () => {
	mobile = await MobileId.started();
	user = await mobile.newUser();
});
after(() => mobile.remove());

const code = (operation) => operation.operationProperties.activationCode;
const started = (options) => mobile.startRegistration(user, options);
const view = (operation) => mobile.operation(operation, "registrations");

/** A registration whose phone has a session: { operation, phone, session }. */
async function begun(options, of = user) {
	const operation = await mobile.startRegistration(of, options);
	const phone = mobile.newPhone();

	phone.user = of;
	return { operation, phone, session: must(await phone.activate(code(operation))).session };
}

async function failed(operation, errorCode) {
	const { state, errorCode: given, errorDescription, completed } = await view(operation);

	assert.equal(state, "FAILED");
	assert.equal(given, errorCode);
	assert.ok(errorDescription.length > 10);
	assert.ok(completed);
	assert.equal(mobile.events("device.registration.completed", operation).length, 1, "one result event");
}

async function pending(operation) {
	assert.equal((await view(operation)).state, "PENDING");
}

describe("the code", () => {
	test("is wrong when nobody was given it", async () => {
		const operation = await started();
		const other = code(operation) === "111111" ? "222222" : "111111";

		await mobile.unchanged(async () => {
			for (const wrong of [other, `${code(operation)}0`, code(operation).slice(1), ` ${code(operation)}`])
				assertFault(await mobile.newPhone().activate(wrong), 200);
		});
		await pending(operation);
	});

	test("is bound to the device key of the first start that was answered", async () => {
		const { operation, session } = await begun();

		await mobile.unchanged(async () => assertFault(await mobile.newPhone().activate(code(operation)), 200));
		must(await session.newPin("1357"));
		assertOk(await session.register());
	});

	test("is not bound by a start that was refused", async () => {
		const operation = await started();

		assertFault(await mobile.newPhone().activate(code(operation), {}, { sign: () => random(64) }), 214);
		assertFault(await mobile.newPhone({ sdk: "0.1.0" }).activate(code(operation)), 238);
		assertOk(await mobile.newPhone().activate(code(operation)));
	});

	test("may be used again by the same key: the older session is over", async () => {
		const { operation, phone, session } = await begun();
		const second = must(await phone.activate(code(operation))).session;

		assertFault(await session.newPin("1357"), 208);
		assert.notEqual(second.start.reg, undefined);
		must(await second.newPin("1357"));
		assertOk(await second.register());
	});

	test("is gone once it was used", async () => {
		const { operation, phone, session } = await begun();

		must(await session.newPin("1357"));
		must(await session.register());
		assertFault(await phone.activate(code(operation)), 200);
		assertFault(await mobile.newPhone().activate(code(operation)), 200);
	});

	test("is gone when the registration was cancelled", async () => {
		const operation = await started();

		assert.equal((await mobile.cancel(operation, "registrations")).status, 204);
		assertFault(await mobile.newPhone().activate(code(operation)), 200);
		await failed(operation, "CANCELLED_BY_SP");
	});

	test("is gone when its time is over, before and after the sweeper", async () => {
		const operation = await started({ sessionTimeout: 1000 });

		await sleep(1010);
		assertFault(await mobile.newPhone().activate(code(operation)), 200);
		await mobile.until(() => mobile.events("device.registration.completed", operation), (events) => events.length === 1);
		await failed(operation, "EXPIRED");
		assertFault(await mobile.newPhone().activate(code(operation)), 200);
	});

	test("is gone when a newer registration was started for the user", async () => {
		const first = await started();
		const second = await started();

		await failed(first, "CANCELLED_NEW_ACTIVATION");
		assertFault(await mobile.newPhone().activate(code(first)), 200);
		assertOk(await mobile.newPhone().activate(code(second)));
	});

	test("of another user stays as it is", async () => {
		const other = await mobile.startRegistration(await mobile.newUser());

		await started();
		await pending(other);
		assertOk(await mobile.newPhone().activate(code(other)));
	});
});

describe("act.start", () => {
	test("proves its new device key", async () => {
		const operation = await started();
		const wrong = [(make) => highS(make()), (make) => make(undefined, newKey()), () => random(64), (make) => make(Buffer.from("else"))];

		await mobile.unchanged(async () => {
			for (const make of wrong)
				assertFault(await mobile.newPhone().activate(code(operation), {}, { sign: (kind, right) => make(right) }), 214);
		});
	});

	test("needs a device key that is a point", async () => {
		const operation = await started();

		await mobile.unchanged(async () => {
			for (const dk of [points.offCurve(), points.padded])
				assert.ok([214, 245].includes((await mobile.newPhone().activate(code(operation), { dk: b64(dk) })).code));
		});
	});

	test("needs a ts above the last one of the code, and not far ahead", async () => {
		const operation = await started();
		const phone = mobile.newPhone();
		const { ts } = must(await phone.activate(code(operation))).request.members;

		await mobile.unchanged(async () => {
			for (const wrong of [ts, ts - 1, ts - 100_000, Date.now() + 601_000]) {
				const answer = await phone.activate(code(operation), { ts: wrong });

				assertFault(answer, 249);
				assert.ok(Math.abs(answer.is.time - Date.now()) < 5000, "it says what time it is");
			}
		});
		assertOk(await phone.activate(code(operation), { ts: Date.now() + 590_000 }));
	});

	for (const [sdk, fault] of Object.entries({ "0.9.9": 238, "1.0": 245, "x.y.z": 245, "1.0.0": 0, "99.0.0-beta.1": 0 }))
		test(`of SDK ${sdk}`, async () => {
			const operation = await started();
			const answer = await mobile.newPhone({ sdk }).activate(code(operation));

			assert.equal(answer.code ?? 0, fault);
			await pending(operation);
		});
});

describe("act.pin", () => {
	test("evaluates five times, not more", async () => {
		const { operation, session } = await begun();

		for (let i = 0; i < 5; i++)
			assertOk(await session.newPin(`135${i}`));
		await mobile.unchanged(async () => assertFault(await session.newPin("1359", {}), 208));
		await pending(operation);
		assertOk(await session.register());
	});

	test("of another salt key ends the registration", async () => {
		const { operation, session } = await begun();

		assertFault(await session.newPin("1357", { members: (m) => ({ ...m, skid: "another" }) }), 214);
		await failed(operation, "LOCKED_INCORRECT_SALT_KEY_ID");
		assertFault(await session.newPin("1357"), 208);
	});
});

describe("act.finish", () => {
	const proofs = {
		"a device key of somebody else": [KIND.NEW_DEVICE, (make) => make(undefined, newKey())],
		"a high s of the device key": [KIND.NEW_DEVICE, (make) => highS(make())],
		"noise for the PIN": [KIND.NEW_PIN, () => random(64)],
		"a PIN key of somebody else": [KIND.NEW_PIN, (make) => make(undefined, newKey())],
		"a high s of the PIN key": [KIND.NEW_PIN, (make) => highS(make())],
	};

	for (const [name, [kind, make]] of Object.entries(proofs))
		test(`with ${name} ends the registration`, async () => {
			const { operation, session } = await begun();

			must(await session.newPin("1357"));
			assertFault(await session.register({}, { sign: (k, right) => (k === kind ? make(right) : right()) }), 246);
			await failed(operation, "CALLBACK_PROCESSING_ERROR");
			assertFault(await session.register(), 208);
		});

	test("with a PIN key that no evaluation of this session can have made ends the registration", async () => {
		const { operation, session } = await begun();

		session.pinKey = newKey();
		assertFault(await session.register(), 246);
		await failed(operation, "CALLBACK_PROCESSING_ERROR");
	});

	test("signed over another transcript ends the registration", async () => {
		const { operation, session } = await begun();

		must(await session.newPin("1357"));
		session.th = random(32);
		assertFault(await session.register(), 246);
		await failed(operation, "CALLBACK_PROCESSING_ERROR");
	});

	test("without a second factor where two are asked: 234, and it can be done better", async () => {
		const { operation, session } = await begun({ authLevel: "TWO_FACTOR" });

		await mobile.unchanged(async () => assertFault(await session.register({ methods: ["DEVICE"] }), 234));
		await pending(operation);
		must(await session.newPin("1357"));
		assertOk(await session.register());
	});

	test("without a second factor where one is enough", async () => {
		const { operation, phone, session } = await begun({ authLevel: "ONE_FACTOR" });

		assertOk(await session.register());
		assert.deepEqual((await view(operation)).operationProperties.activatedAuthenticationMethods, ["DEVICE"]);
		assert.deepEqual((await mobile.device(phone)).deviceDetails.activatedAuthenticationMethods, ["DEVICE"]);
	});

	test("with a method that the application does not allow: 231, and it can be done better", async () => {
		const { session } = await begun();
		const face = { members: (m) => ({ ...m, methods: [...m.methods, { m: "DEVICE_SERVER_SIDE_FACE" }] }) };

		must(await session.newPin("1357"));
		await mobile.unchanged(async () => assertFault(await session.register({}, face), 231));
		assertOk(await session.register());
	});

	test("of a user who was locked meanwhile", async () => {
		const locked = await mobile.newUser();
		const { operation, session } = await begun({}, locked);

		must(await session.newPin("1357"));
		await mobile.changeUser(locked, { state: "LOCKED" });
		assert.ok([208, 224].includes((await session.register()).code));
		await failed(operation, "LOCKED_BY_ADMIN");
	});
});

describe("in the middle", () => {
	const ends = {
		"cancelled by REST": ["CANCELLED_BY_SP", async ({ operation }) => { await mobile.cancel(operation, "registrations"); }],
		"superseded by a newer registration": ["CANCELLED_NEW_ACTIVATION", async () => { await started(); }],
	};

	for (const [name, [errorCode, act]] of Object.entries(ends))
		test(`${name}: 208, and no device`, async () => {
			const all = await begun();

			must(await all.session.newPin("1357"));
			await act(all);
			assertFault(await all.session.newPin("1357"), 208);
			assertFault(await all.session.register(), 208);
			await failed(all.operation, errorCode);
			assert.equal((await mobile.rest("GET", `/reuseid/core/credentials/devices/${all.session.start.reg}?userId=${user.id}`)).status, 404);
		});

	test("its time is over: 208 and EXPIRED, at once and for good", async () => {
		const { operation, session } = await begun({ sessionTimeout: 1000 });

		must(await session.newPin("1357"));
		await sleep(1010);
		const { state, errorCode } = await view(operation);
		assert.deepEqual([state, errorCode], ["FAILED", "EXPIRED"]);
		assertFault(await session.register(), 208);
		await mobile.until(() => mobile.events("device.registration.completed", operation), (events) => events.length === 1);
		assertFault(await session.register(), 208);
		await failed(operation, "EXPIRED");
	});
});

describe("the registration that stood in this place of the app", () => {
	/** A phone, and a new one in its place, on the way to be registered. */
	async function replacing(options = {}) {
		const old = await mobile.phone({ user: options.owner ?? user });
		const operation = await started();
		const phone = mobile.newPhone();

		phone.user = user;
		return { old, operation, phone, answer: (members, alter) => phone.activate(code(operation), { prev: old, ...members }, alter) };
	}

	const stateOf = async (phone) => (await mobile.device(phone)).state;

	test("is deleted when the new one succeeds, not before, and its owner hears of it", async () => {
		const { old, answer } = await replacing();
		const { session } = must(await answer());

		assert.equal(await stateOf(old), "ACTIVE");
		must(await session.newPin("1357"));
		assert.equal(await stateOf(old), "ACTIVE");
		assertOk(await session.register());
		assert.equal(await stateOf(old), "DELETED");
		assertFault(await old.start(), 202);
		const device = Buffer.from(old.store.reg.replaceAll("-", ""), "hex");
		assert.equal(mobile.rows("SELECT * FROM outbox WHERE name = 'device.state.change' AND device_id = ?", device).length, 1);
	});

	test("loses what is pending when the new one starts", async () => {
		const { old, answer } = await replacing();
		const { session: open, operation } = await mobile.session({}, old);

		must(await answer());
		assert.equal((await mobile.operation(operation)).errorCode, "CANCELLED_NEW_ACTIVATION");
		assertFault(await open.pin(), 208);
		assert.equal(await stateOf(old), "ACTIVE");
		await mobile.startOperation(old);
		await old.approve();
	});

	test("of another user is replaced as well, in that user's name", async () => {
		const owner = await mobile.newUser();
		const { old, answer } = await replacing({ owner });
		const { session } = must(await answer());

		must(await session.newPin("1357"));
		assertOk(await session.register());
		assert.equal(await stateOf(old), "DELETED");
		const [{ user_id: of }] = mobile.rows("SELECT user_id FROM audit WHERE type = 'DEVICE_REPLACED' AND reference = ?", old.store.reg);
		assert.equal(Buffer.from(of).toString("hex"), owner.id.replaceAll("-", ""));
	});

	test("has to be proven when it is known: 214, and nothing changes", async () => {
		const { old, operation, answer } = await replacing();
		const wrong = [() => null, (make) => highS(make()), (make) => make(undefined, newKey()), () => random(64)];

		await mobile.startOperation(old);
		await mobile.unchanged(async () => {
			for (const make of wrong)
				assertFault(await answer({}, { sign: (kind, right) => (kind === KIND.DEVICE ? make(right) : right()) }), 214);
		});
		await pending(operation);
		assertOk(await answer());
	});

	test("is no obstacle when it is locked", async () => {
		const { old, answer } = await replacing();

		await mobile.changeDevice(old, { state: "LOCKED" });
		const { session } = must(await answer());
		must(await session.newPin("1357"));
		assertOk(await session.register());
		assert.equal(await stateOf(old), "DELETED");
	});

	test("is ignored when it is deleted or unknown", async () => {
		const { old, answer } = await replacing();

		await mobile.deleteDevice(old);
		assertOk(await answer());
		const { session } = must(await answer({}, { members: (m) => ({ ...m, prev: crypto.randomUUID() }) }));
		must(await session.newPin("1357"));
		assertOk(await session.register());
	});
});
