// What nobody else learns: other accounts by asking, and whoever gets hold of the files.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, test } from "node:test";
import { DEVICES, MobileId } from "../../support/mobileid.js";
import { must } from "./client.js";
import { publicKey, unb64 } from "./crypto.js";

let mobile, phone;

before(async () => {
	mobile = await MobileId.started();
	phone = await mobile.phone();
});
after(() => mobile.remove());

test("another account knows nothing of it: each answer is that for an unknown id", async () => {
	const other = await mobile.otherAccount();
	const started = await mobile.startOperation(phone);
	const user = await other.newUser();
	const answers = async (device, operation) => {
		const replies = [];

		for (const kind of ["authentications", "signatures", "registrations"])
			for (const method of ["GET", "DELETE"])
				replies.push(await other.rest(method, `${DEVICES}/${kind}/${operation}`));
		for (const owner of [user.id, phone.user.id]) {
			for (const [method, body] of [["GET"], ["PATCH", { state: "LOCKED" }], ["DELETE"]])
				replies.push(await other.rest(method, `${DEVICES}/${device}?userId=${owner}`, body));
			replies.push(await other.rest("GET", `${DEVICES}/${device}/transactions?userId=${owner}`));
			replies.push(await other.rest("POST", `${DEVICES}/authentications`, { userId: owner, device: { id: device } }));
			replies.push(await other.rest("POST", `${DEVICES}/registrations`, { userId: owner === user.id ? crypto.randomUUID() : owner }));
		}
		return replies.map(({ status, body: { traceId, detail, ...body } }) => ({ status, body }));
	};

	assert.deepEqual(await answers(phone.store.reg, started.transactionId), await answers(crypto.randomUUID(), crypto.randomUUID()));
	assert.equal((await mobile.operation(started)).state, "PENDING");
	assert.equal((await mobile.device(phone)).state, "ACTIVE");
});

test("nothing of it can be read in the files of the database, or in the log", async () => {
	const secrets = {
		title: "Zahlung-4c1f", content: "an-Acme-9d2e", after: "Gutschein-77aa", clientData: "aus-der-App-b3b3", deviceName: "Janes-Telefon-e0e0", pin: "80246813579",
	};
	const user = await mobile.newUser({ externalRef: "Kundin-5f5f" });
	const { operationProperties: { activationCode } } = await mobile.startRegistration(user);
	const other = mobile.newPhone();

	other.user = user;
	must(await other.register(activationCode, { deviceName: secrets.deviceName, pin: secrets.pin }));
	const firstTicket = other.store.ticket;
	await mobile.startOperation(other, {
		kind: "signatures", preOperationContext: { title: secrets.title, content: secrets.content, mimeType: "text/plain" },
		postOperationContext: { title: secrets.after }, requestedUserAttributes: ["firstname"],
	});
	const { signature } = await (async () => {
		await other.approve("DEVICE_PIN", { clientData: secrets.clientData });
		const { body } = await mobile.rest("GET", `${DEVICES}/${other.store.reg}/transactions?userId=${user.id}&limit=1`);

		return mobile.operation(body.transactions[0], "signatures");
	})();
	const { pinKey, key, sid } = other.session;
	const texts = [...Object.values(secrets), "Kundin-5f5f", other.store.deviceHash, firstTicket, other.store.ticket, signature.split(".")[1].slice(-80)];
	const binary = [firstTicket, other.store.ticket].map(unb64).concat(key, publicKey(pinKey), publicKey(pinKey).subarray(1));
	const files = fs.readdirSync(mobile.server.data).filter((name) => name.startsWith("reuseid.db")).map((name) => path.join(mobile.server.data, name));

	assert.ok(files.length >= 1);
	for (const file of [...files, mobile.server.logFile]) {
		const bytes = fs.readFileSync(file);

		for (const needle of [...texts, ...binary])
			assert.equal(bytes.indexOf(needle), -1, `${path.basename(file)} holds ${needle.toString("hex")}`);
	}
	assert.ok(files.some((file) => fs.readFileSync(file).indexOf(sid) >= 0), "one can find what is not secret");
});
