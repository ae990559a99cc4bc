// The clone ticket (section 5.4): each success hands one out, the next start shows it, and so a copy of the phone's storage that is
// used beside the original is found out.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { MobileId, PIN, assertFault, assertOk } from "../../support/mobileid.js";
import { must } from "./client.js";
import { b64, random } from "./crypto.js";

let mobile;

before(async () => { mobile = await MobileId.started(); });
after(() => mobile.remove());

const withoutTicket = { members: ({ ticket, ...rest }) => rest };

/** Approves with the ticket given, or none; gives the ticket handed out. */
async function approveWith(phone, ticket) {
	await mobile.startOperation(phone);
	const { session } = must(await phone.start(ticket ? { ticket } : {}, ticket ? {} : withoutTicket));

	must(await session.pin(PIN));
	return must(await session.finish()).is.ticket;
}

/** How a start with that ticket is answered; undefined: without one. Leaves counters as they were. */
async function answerTo(phone, ticket) {
	await mobile.startOperation(phone);
	const answer = await phone.start(ticket ? { ticket } : {}, ticket ? {} : withoutTicket);

	if (!answer.ok)
		await mobile.changeDevice(phone, { state: "ACTIVE" });
	return answer;
}

async function accepted(phone, ...tickets) {
	for (const ticket of tickets)
		assertOk(await answerTo(phone, ticket));
}

async function refused(phone, ...tickets) {
	for (const ticket of tickets)
		assertFault(await answerTo(phone, ticket), 214);
}

const remaining = async (phone) => must(await phone.start()).is.attempts.remaining;

test("that of the registration is accepted, and so is none, until it was shown", async () => {
	const phone = await mobile.phone();

	await accepted(phone, undefined, undefined, phone.store.ticket);
	await refused(phone, undefined);
	await accepted(phone, phone.store.ticket);
});

test("when an answer got lost, the one that the last session was started with still counts", async () => {
	const phone = await mobile.phone();
	const first = phone.store.ticket;
	const second = await approveWith(phone, first);

	await accepted(phone, first, second);
});

test("showing the newest drops the other", async () => {
	const phone = await mobile.phone();
	const first = phone.store.ticket;
	const second = await approveWith(phone, first);

	await accepted(phone, second);
	await refused(phone, first);
	await accepted(phone, second);
});

test("a start that is not accepted drops nothing", async () => {
	const phone = await mobile.phone();
	const first = phone.store.ticket;
	const second = await approveWith(phone, first);

	assertFault(await phone.start({ ticket: second }), 208);
	await mobile.startOperation(phone);
	assertFault(await phone.start({ ticket: second, purpose: "sign" }), 236);
	await accepted(phone, first);
});

test("those handed out before the last two are stale", async () => {
	const phone = await mobile.phone();
	const first = phone.store.ticket;
	const second = await approveWith(phone, first);
	const other = await approveWith(phone, first); // as if the answer with the second had been lost

	await refused(phone, second);
	await accepted(phone, first, other);
	await refused(phone, first, second);
});

test("a stale, a missing and an invented one are charged as the device's failures, and lock", async () => {
	const phone = await mobile.phone();
	const stale = await approveWith(phone, phone.store.ticket);

	await approveWith(phone, stale);
	await approveWith(phone, phone.store.ticket);
	const operation = await mobile.startOperation(phone);
	assertFault(await phone.start({ ticket: stale }), 214);
	assertFault(await phone.start({}, withoutTicket), 214);
	assert.equal((await mobile.device(phone)).state, "ACTIVE");
	assert.equal((await mobile.operation(operation)).state, "PENDING");
	assertFault(await phone.start({ ticket: b64(random(32)) }), 214);
	const device = await mobile.device(phone);
	assert.equal(device.state, "LOCKED");
	assert.equal(device.deviceDetails.lockReason, "DEVICE_VERIFICATION_FAILED");
	assert.equal((await mobile.operation(operation)).errorCode, "LOCKED_DEVICE_VERIFICATION_FAILED");
	assertFault(await phone.start(), 226);
});

test("it is charged when nothing is pending too, before 208 is said", async () => {
	const phone = await mobile.phone();

	assertFault(await phone.start({ ticket: b64(random(32)) }), 214);
	await mobile.startOperation(phone);
	assert.equal(await remaining(phone), 2);
});

test("a refused one does not end the session that runs", async () => {
	const { phone, session } = await mobile.session();

	assertFault(await phone.start({ ticket: b64(random(32)) }), 214);
	must(await session.pin());
	assertOk(await session.finish());
});

test("with a try open, a refused one does not lock; the end of the session does", async () => {
	const { phone, operation, session } = await mobile.session();

	must(await session.pin());
	for (let i = 0; i < 3; i++)
		assertFault(await phone.start({ ticket: b64(random(32)) }), 214);
	assert.equal((await mobile.device(phone)).state, "ACTIVE");
	assertOk(await session.finish());
	assert.equal((await mobile.operation(operation)).state, "COMPLETED");
	await mobile.startOperation(phone);
	assert.equal(await remaining(phone), 3, "success cleared everything");
});

test("with a try open, the lock comes when the session ends without success", async () => {
	const { phone, operation, session } = await mobile.session();

	must(await session.pin("9999"));
	for (let i = 0; i < 2; i++)
		assertFault(await phone.start({ ticket: b64(random(32)) }), 214);
	assertFault(await phone.start(), 226);
	assert.equal((await mobile.operation(operation)).errorCode, "LOCKED");
	assert.equal((await mobile.device(phone)).deviceDetails.lockReason, "DEVICE_OR_PIN_VERIFICATION_FAILED");
	assertFault(await session.finish(), 208);
});

test("a failed finish hands out none, and leaves those that there are", async () => {
	const { phone, session } = await mobile.session();

	must(await session.pin("9999"));
	assert.equal("ticket" in (await session.finish()).is, false);
	await accepted(phone, phone.store.ticket);
});

test("locking and unlocking leaves tickets alone", async () => {
	const phone = await mobile.phone();
	const first = phone.store.ticket;
	const second = await approveWith(phone, first);

	await accepted(phone, second);
	await mobile.changeDevice(phone, { state: "LOCKED" });
	await mobile.changeDevice(phone, { state: "ACTIVE" });
	await refused(phone, first, undefined);
	await accepted(phone, second);
});

test("a copy of the storage that is used beside the original ends in a lock, whoever is first", async () => {
	for (const first of ["copy", "original"]) {
		const original = await mobile.phone();
		const copy = original.copy();

		copy.user = original.user;
		// The first one gets on; the other is still let in by the older ticket, and then the first one's is stale.
		const order = first === "copy" ? [copy, original] : [original, copy];
		for (const who of order) {
			await mobile.startOperation(original);
			await who.approve("DEVICE_PIN");
		}
		await mobile.startOperation(original);
		assertOk(await order[1].start());
		assertFault(await order[0].start(), 214);
		order[0].store.lastTs = order[1].store.lastTs + 1000;
		for (let i = 0; i < 3; i++)
			await order[0].start();
		assert.equal((await mobile.device(original)).state, "LOCKED");
		assert.equal((await mobile.device(original)).deviceDetails.lockReason, "DEVICE_VERIFICATION_FAILED");
	}
});
