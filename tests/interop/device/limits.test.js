// Limits against abuse (section 10): guessing codes, and wrong signatures, cost whoever tries and nobody else.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { MobileId, assertFault, assertOk } from "../../support/mobileid.js";
import { newKey } from "./crypto.js";

const A_MINUTE = 10;
const IN_AN_HOUR = 100;
const OTHER_KEY = { sign: (kind, make) => make(undefined, newKey()) };
const codeOf = (operation) => operation.operationProperties.activationCode;
let mobile;

before(async () => { mobile = await MobileId.started(); });
after(() => mobile.remove());

function assertTooMany(answer) {
	assert.equal(answer.status, 429, String(answer.json ?? answer.error));
	assert.match(answer.headers.get("retry-after"), /^[1-9]\d*$/);
	assert.equal(typeof answer.error, "string");
}

/** A phone at that address. */
const phoneAt = (address) => mobile.newPhone({ address });

/** A phone of another account, at an address that nobody had yet. */
const attackerOf = (account) => account.newPhone({ address: mobile.newAddress() });

async function guess(phone, times, code = "000000") {
	for (let i = 0; i < times; i++)
		assertFault(await phone.activate(code), 200);
}

describe("wrong codes", () => {
	test("ten a minute, then 429 for that address, whatever it asks; others are not concerned", async () => {
		const operation = await mobile.startRegistration(await mobile.newUser());
		const attacker = mobile.newPhone();

		await guess(attacker, A_MINUTE);
		assertTooMany(await attacker.activate("000000"));
		assertTooMany(await phoneAt(attacker.address).activate(codeOf(operation)));
		assertOk(await phoneAt(attacker.address).configuration());
		assertOk(await mobile.newPhone().activate(codeOf(operation)));
	});

	test("a right code from another device counts as one", async () => {
		const operation = await mobile.startRegistration(await mobile.newUser());
		const address = mobile.newAddress();

		assertOk(await mobile.newPhone().activate(codeOf(operation)));
		for (let i = 0; i < A_MINUTE; i++)
			assertFault(await phoneAt(address).activate(codeOf(operation)), 200);
		assertTooMany(await phoneAt(address).activate(codeOf(operation)));
	});

	test("what is no attempt is not counted", async () => {
		const operation = await mobile.startRegistration(await mobile.newUser());
		const phone = mobile.newPhone();

		for (let i = 0; i <= A_MINUTE; i++) {
			assertFault(await phone.activate("000000", {}, OTHER_KEY), 214);
			assertFault(await phone.activate("", {}), 244);
		}
		assertOk(await phone.activate(codeOf(operation)));
		for (let i = 0; i <= A_MINUTE; i++)
			assertOk(await phone.activate(codeOf(operation)));
	});

	test("an address that knows one right code cannot guess others for it", async () => {
		const operation = await mobile.startRegistration(await mobile.newUser());
		const address = mobile.newAddress();
		const phone = phoneAt(address);

		for (let i = 0; i < A_MINUTE; i++) {
			await guess(phoneAt(address), 1);
			if (i < A_MINUTE - 1)
				assertOk(await phone.activate(codeOf(operation)));
		}
		assertTooMany(await phone.activate(codeOf(operation)));
	});
});

describe("wrong signatures of a start", () => {
	test("ten a minute and registration, then 429 for that address; the owner elsewhere goes on", async () => {
		const phone = await mobile.phone();
		const attacker = phone.copy();

		attacker.address = mobile.newAddress();
		await mobile.startOperation(phone);
		for (let i = 0; i < A_MINUTE; i++)
			assertFault(await attacker.start({}, OTHER_KEY), 214);
		assertTooMany(await attacker.start({}, OTHER_KEY));
		attacker.store.dk = phone.store.dk;
		assertTooMany(await attacker.start());
		assert.equal((await mobile.device(phone)).state, "ACTIVE");
		assertOk(await phone.start());
	});

	test("another registration at the same address is not concerned", async () => {
		const one = await mobile.phone();
		const two = await mobile.phone({ address: one.address });

		for (let i = 0; i < A_MINUTE; i++)
			await one.start({}, OTHER_KEY);
		assertTooMany(await one.start());
		await mobile.startOperation(two);
		assertOk(await two.start());
	});

	test("a registration that nobody has is limited alike", async () => {
		const stranger = (await mobile.phone()).copy();

		stranger.address = mobile.newAddress();
		stranger.store.reg = crypto.randomUUID();
		for (let i = 0; i < A_MINUTE; i++)
			assertFault(await stranger.start(), 214);
		assertTooMany(await stranger.start());
	});

	test("good ones are not limited", async () => {
		const phone = await mobile.phone();

		await mobile.startOperation(phone);
		for (let i = 0; i < 3 * A_MINUTE; i++)
			assertOk(await phone.start());
	});
});

test("pending codes of the base length fill at most one ten-thousandth; further ones are longer", async () => {
	const crowded = await MobileId.started({ config: { activationCodeLength: 4 } });

	try {
		const [first, second, third] = [await crowded.newUser(), await crowded.newUser(), await crowded.newUser()];
		const short = await crowded.startRegistration(first);
		const longer = await crowded.startRegistration(second);

		assert.match(codeOf(short), /^\d{4}$/);
		assert.match(codeOf(longer), /^\d{8}$/);
		assertOk(await crowded.newPhone().activate(codeOf(longer)));
		assertOk(await crowded.newPhone().activate(codeOf(short)));
		await crowded.cancel(short, "registrations");
		await crowded.cancel(longer, "registrations");
		assert.match(codeOf(await crowded.startRegistration(third)), /^\d{4}$/);
	} finally {
		await crowded.remove();
	}
});

test("a hundred wrong codes in an hour: new ones are longer, and only tries of the base length are turned away", async () => {
	const attacked = await mobile.otherAccount("Attacked bank");
	const before = await attacked.startRegistration(await attacked.newUser());

	for (let i = 0; i < IN_AN_HOUR / A_MINUTE; i++)
		await guess(attackerOf(attacked), A_MINUTE);
	assertTooMany(await attackerOf(attacked).activate("000000"));
	assertTooMany(await attackerOf(attacked).activate(codeOf(before)));
	const after = await attacked.startRegistration(await attacked.newUser());
	assert.match(codeOf(after), /^\d{10}$/);
	assertOk(await attackerOf(attacked).activate(codeOf(after)));
	assertFault(await attackerOf(attacked).activate("0000000000"), 200);
	const other = await mobile.startRegistration(await mobile.newUser());
	assert.match(codeOf(other), /^\d{6}$/, "another application is not concerned");
	assertOk(await mobile.newPhone().activate(codeOf(other)));
});
