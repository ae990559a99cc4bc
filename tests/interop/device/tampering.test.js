// Messages that were altered inside their envelope, by somebody who holds its key but not the device's: the signatures cover every byte.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { MobileId, assertOk } from "../../support/mobileid.js";
import { long } from "../../support/server.js";
import { must } from "./client.js";
import { bytes } from "./crypto.js";

const STRIDE = long ? 1 : 9;  // of a finish: each byte costs a try
const PACE = long ? 1 : 4;    // of a start
const LIMIT = 100;
let mobile, phone;

before(async () => {
	mobile = await MobileId.started({ config: { amountFailuresAllowed: LIMIT } });
	phone = await mobile.phone();
});
after(() => mobile.remove());

const flip = (at, bit = Math.floor(Math.random() * 8)) => ({
	plaintext: (p) => { const altered = Buffer.from(p); altered[at] ^= 1 << bit; return altered; },
});

/** 400 for an `enc` that is not the envelope's. */
const refusedOutside = (answer) => answer.status === 400 && answer.error === "malformed";

test("a start with any one byte altered", async () => {
	const { length } = (await phone.startRequest()).plaintext;

	await mobile.startOperation(phone, { sessionTimeout: 86_400_000 });
	await mobile.unchanged(async () => {
		for (let at = 0; at < length; at += PACE) {
			phone.address = mobile.newAddress(); // wrong signatures are limited by address
			const answer = await phone.start({}, flip(at));

			assert.ok(refusedOutside(answer) || [214, 243, 244, 245].includes(answer.code), `byte ${at}: ${answer.json ?? answer.error}`);
		}
	});
	assertOk(await phone.start());
});

test("a registration's start with any one byte altered", async () => {
	const operation = await mobile.startRegistration(phone.user);
	const { activationCode } = operation.operationProperties;
	const { length } = (await mobile.newPhone().activationRequest(activationCode)).plaintext;

	await mobile.unchanged(async () => {
		for (let at = 0; at < length; at += PACE) {
			const answer = await mobile.newPhone().activate(activationCode, {}, flip(at));

			assert.ok(refusedOutside(answer) || [214, 243, 244, 245].includes(answer.code), `byte ${at}: ${answer.json ?? answer.error}`);
		}
	});
	assertOk(await mobile.newPhone().activate(activationCode));
});

test("a finish with one byte altered fails or breaks, and never completes", async () => {
	let begun = null;
	let length = STRIDE + 1;

	for (let at = 0; at < length; at += STRIDE) {
		if (!begun) {
			await mobile.changeDevice(phone, { state: "ACTIVE" });
			begun = await mobile.session({}, phone);
			must(await begun.session.pin());
			({ length } = (await begun.session.finishRequest()).plaintext);
		}
		const answer = await begun.session.finish("DEVICE_PIN", {}, flip(at));
		const { state, errorCode } = await mobile.operation(begun.operation);
		const where = `byte ${at}: ${answer.json ?? answer.error}`;

		if (answer.code === 214 || answer.code === 208) {
			assert.equal(state, "PENDING", where);
		} else {
			assert.ok([243, 244, 245].includes(answer.code), where);
			assert.equal(errorCode, "CALLBACK_PROCESSING_ERROR", where);
			begun = null;
		}
	}
});

test("signatures of one message do not serve another", async () => {
	const { session } = await mobile.session({ authLevel: "ONE_FACTOR" }, phone);
	const first = await session.finishRequest("DEVICE", {}, { sign: (kind, make) => make(bytes("x")) });

	assert.equal((await session.send(first)).code, 214);
	const good = await session.finishRequest("DEVICE");
	const signature = good.plaintext.subarray(-64);
	assert.equal((await session.finish("DEVICE", { riskData: { a: "b" } }, { signatures: () => [[1, signature]] })).code, 214);
	assert.equal((await session.finish("DEVICE", {}, { signatures: () => [[1, signature]] })).code, 214, "the challenge is another one now");
	const { session: next } = must(await phone.start());
	assert.equal((await next.finish("DEVICE", {}, { signatures: () => [[1, signature]] })).code, 214);
	assertOk(await next.finish("DEVICE"));
});

test("a kind of signature does not serve as another", async () => {
	const { session } = await mobile.session({}, phone);

	must(await session.pin());
	const swapped = { signatures: ([[, device], [, pin]]) => [[1, pin], [3, device]] };
	assert.equal((await session.finish("DEVICE_PIN", {}, swapped)).code, 214);
	const both = { sign: (kind, make) => make(undefined, phone.store.dk) };
	must(await session.pin());
	assert.equal((await session.finish("DEVICE_PIN", {}, both)).code, 214, "the device key is not the PIN's");
});
