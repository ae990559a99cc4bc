// The service provider's side: what a start accepts and what it refuses, and by what name (api.md 4).
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { assertProblem } from "../../support/api.js";
import { DEVICES, MobileId } from "../../support/mobileid.js";

const KINDS = ["registrations", "authentications", "signatures"];
let mobile, phone;

before(async () => {
	mobile = await MobileId.started();
	phone = await mobile.phone();
});
after(() => mobile.remove());

const body = (kind, { operationProperties, ...more } = {}) => ({
	userId: phone.user.id, ...(kind !== "registrations" && { device: { id: phone.store.reg } }), operationProperties, ...more,
});
const start = (kind, more) => mobile.rest("POST", `${DEVICES}/${kind}`, body(kind, more));
const options = (operationProperties) => ({ operationProperties });
const points = (n, of = "\u{1F512}") => of.repeat(n);

/** Refused for this parameter, and nothing started. */
async function invalid(kind, more, name) {
	const reply = await start(kind, more);

	assertProblem(reply, 400, "invalid_request_parameter");
	assert.ok(reply.body.invalidParams.some((param) => param.name.startsWith(name) || name.startsWith(param.name)),
		`${JSON.stringify(more)}: ${JSON.stringify(reply.body.invalidParams)}`);
}

for (const kind of KINDS)
	describe(kind, () => {
		const contexts = kind === "registrations" ? { postOperationContext: 5000 }
			: { preOperationContext: kind === "signatures" ? 20000 : 5000, postOperationContext: 5000 };

		test("take a lifetime from one second to a day, as text or number", async () => {
			for (const sessionTimeout of [1000, "1000", 86_400_000, "86400000"])
				assert.equal((await start(kind, options({ sessionTimeout }))).status, 200);
			for (const sessionTimeout of [999, "999", 86_400_001, "86400001", "x", "", -1, 1.5, [], true])
				await invalid(kind, options({ sessionTimeout }), "operationProperties.sessionTimeout");
		});

		for (const [name, most] of Object.entries(contexts))
			test(`take a ${name} of up to ${most} characters`, async () => {
				const path = `operationProperties.${name}`;

				assert.equal((await start(kind, options({ [name]: { title: points(255), content: points(most), mimeType: "text/plain" } }))).status, 200);
				assert.equal((await start(kind, options({ [name]: {} }))).status, 200);
				await invalid(kind, options({ [name]: { content: points(most + 1), mimeType: "text/plain" } }), path);
				await invalid(kind, options({ [name]: { title: points(256) } }), path);
				await invalid(kind, options({ [name]: { content: "without a type" } }), path);
				await invalid(kind, options({ [name]: { content: "x", mimeType: "text" } }), path);
				for (const wrong of ["text", 1, [], { title: 1 }, { content: {} , mimeType: "a/b" }])
					await invalid(kind, options({ [name]: wrong }), path);
			});

		test("take up to 20 tags of 1 to 64 characters", async () => {
			const tags = Array.from({ length: 20 }, (_, i) => points(62) + String(i).padStart(2, "0"));

			assert.deepEqual((await start(kind, { tags })).body.tags, tags);
			assert.equal((await start(kind, { tags: [] })).status, 200);
			for (const wrong of [[...tags, "x"], [points(65)], [""], [1], "x", {}])
				await invalid(kind, { tags: wrong }, "tags");
		});

		test("take the levels that there are", async () => {
			for (const authLevel of ["ONE_FACTOR", "TWO_FACTOR"])
				assert.equal((await start(kind, options({ authLevel }))).status, 200);
			for (const authLevel of ["THREE_FACTOR", "", 2, "one_factor"])
				await invalid(kind, options({ authLevel }), "operationProperties.authLevel");
		});

		test("ignore what they do not know", async () => {
			assert.equal((await start(kind, { ...options({ unheardOf: { x: 1 } }), unheardOf: 1 })).status, 200);
		});

		test("need a user who is there", async () => {
			for (const userId of [undefined, null, "", "x", 1])
				await invalid(kind, { userId }, "userId");
			assertProblem(await start(kind, { userId: crypto.randomUUID() }), 404, "user_entity_does_not_exist");
		});

		test("need a user who is not locked", async () => {
			const user = await mobile.newUser();
			const other = kind === "registrations" ? null : await mobile.phone({ user });

			await mobile.changeUser(user, { state: "LOCKED" });
			assertProblem(await start(kind, { userId: user.id, ...(other && { device: { id: other.store.reg } }) }), 400, "invalid_operation");
		});

		test("answer where to look, and are found there", async () => {
			const { headers, body: started } = await start(kind);

			assert.equal(headers.get("location"), `${mobile.server.baseUrl}${DEVICES}/${kind}/${started.transactionId}`);
			assert.deepEqual(await mobile.operation(started, kind), started);
		});

		test("end when they are cancelled, once", async () => {
			const { body: started } = await start(kind);
			const first = await mobile.cancel(started, kind);

			assert.equal(first.status, 204);
			assert.equal(first.body, null);
			assertProblem(await mobile.cancel(started, kind), 400, "invalid_operation");
			const { state, errorCode, errorDescription } = await mobile.operation(started, kind);
			assert.deepEqual([state, errorCode], ["FAILED", "CANCELLED_BY_SP"]);
			assert.match(errorDescription, /\w\.$/);
		});

		test("are unknown under any other id", async () => {
			for (const method of ["GET", "DELETE"]) {
				assertProblem(await mobile.rest(method, `${DEVICES}/${kind}/${crypto.randomUUID()}`), 404, "transaction_id_does_not_exist");
				assertProblem(await mobile.rest(method, `${DEVICES}/${kind}/x`), 400, "invalid_request_parameter");
			}
		});
	});

describe("the device", () => {
	for (const kind of ["authentications", "signatures"])
		test(`of ${kind} has to be named, there, the user's and active`, async () => {
			const foreign = await mobile.phone();
			const locked = await mobile.phone({ user: phone.user });
			const deleted = await mobile.phone({ user: phone.user });

			for (const device of [undefined, null, {}, { id: "" }, { id: "x" }, { id: 1 }, "x"])
				await invalid(kind, { device }, "device");
			for (const id of [crypto.randomUUID(), foreign.store.reg])
				assertProblem(await start(kind, { device: { id } }), 404, "device_entity_does_not_exist");
			await mobile.changeDevice(locked, { state: "LOCKED" });
			await mobile.deleteDevice(deleted);
			for (const { store } of [locked, deleted])
				assertProblem(await start(kind, { device: { id: store.reg } }), 400, "invalid_operation");
			assert.equal((await start(kind, { device: { id: phone.store.reg.toUpperCase() } })).status, 200);
		});

	test("of a registration has a name of up to 128 characters without control characters", async () => {
		for (const name of ["My iPhone", "", points(128)])
			assert.equal((await start("registrations", { device: { name } })).status, 200);
		for (const name of [points(129), "a\u0000b", "a\nb", 1])
			await invalid("registrations", { device: { name } }, "device");
	});

	test("is managed only together with its user", async () => {
		const path = `${DEVICES}/${phone.store.reg}`;
		const stranger = await mobile.newUser();

		for (const [method, change] of [["GET"], ["PATCH", { name: "x" }], ["DELETE"]]) {
			assertProblem(await mobile.rest(method, path, change), 400, "invalid_request");
			assertProblem(await mobile.rest(method, `${path}?userId=${crypto.randomUUID()}`, change), 404, "user_entity_does_not_exist");
			assertProblem(await mobile.rest(method, `${path}?userId=${stranger.id}`, change), 404, "device_entity_does_not_exist");
			assertProblem(await mobile.rest(method, `${DEVICES}/${crypto.randomUUID()}?userId=${phone.user.id}`, change), 404, "device_entity_does_not_exist");
		}
	});

	test("is renamed, and the new name is shown everywhere", async () => {
		assert.equal((await mobile.changeDevice(phone, { name: "Janes neues 📱" })).name, "Janes neues 📱");
		assert.equal((await start("authentications")).body.device.name, "Janes neues 📱");
		const { body: { credentials } } = await mobile.rest("GET", `/reuseid/core/users/${phone.user.id}/credentials?credentialType=device&limit=100`);
		assert.equal(credentials.find(({ id }) => id === phone.store.reg).name, "Janes neues 📱");
		for (const name of [points(129), "a\u0007b"])
			assertProblem(await mobile.rest("PATCH", `${DEVICES}/${phone.store.reg}?userId=${phone.user.id}`, { name }), 400, "invalid_request_parameter");
		for (const state of ["DELETED", "OPEN", "", 1])
			assertProblem(await mobile.rest("PATCH", `${DEVICES}/${phone.store.reg}?userId=${phone.user.id}`, { state }), 400, "invalid_request_parameter");
	});

	test("shows its lock reason only in detail, and takes none", async () => {
		const other = await mobile.phone();

		await mobile.changeDevice(other, { state: "LOCKED", lockReason: "PIN_VERIFICATION_FAILED" });
		const plain = (await mobile.rest("GET", `${DEVICES}/${other.store.reg}?userId=${other.user.id}`)).body;
		assert.equal("deviceDetails" in plain, false);
		assert.equal("lockReason" in plain, false);
		assert.equal((await mobile.device(other)).deviceDetails.lockReason, "LOCKED_BY_ADMIN");
	});
});

describe("signatures", () => {
	test("carry no certificate", async () => {
		assert.equal((await start("signatures", options({ signedJwtCertificateOption: "NONE" }))).status, 200);
		for (const signedJwtCertificateOption of ["SINGLE", "CHAIN", "none", 1])
			await invalid("signatures", options({ signedJwtCertificateOption }), "operationProperties.signedJwtCertificateOption");
	});

	test("have another path too", async () => {
		const reply = await mobile.rest("POST", `${DEVICES}/signings`, body("signatures"));

		assert.equal(reply.status, 200);
		assert.equal((await mobile.rest("GET", `${DEVICES}/signings/${reply.body.transactionId}`)).status, 200);
		assert.equal((await mobile.rest("DELETE", `${DEVICES}/signings/${reply.body.transactionId}`)).status, 204);
	});
});
