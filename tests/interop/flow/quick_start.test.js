// The quick start of onboarding and step-up, with its own request bodies and without a person: the simulator is told how to end.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { JANE, ONBOARDINGS, STEPUPS, Flows, contextOf } from "../../support/flows.js";

const DOCUMENTS = { docTypes: [138, 169, 147, 245, 277], defaultId: 138 };
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
let mobile;

before(async () => {
	mobile = await Flows.started();
});
after(() => mobile.remove());

/** Each field of the sample, and nothing of another kind. */
function assertSample(data, fields) {
	assert.deepEqual(Object.keys(data).sort(), [...fields].sort());
	for (const name of fields.filter((field) => field.endsWith("Id")))
		assert.match(data[name], UUID, name);
}

test("onboarding: user, device, proofing, attributes, verification", async () => {
	const flow = await mobile.onboard({
		externalRef: "000-000-000", input: { eidProviderOptions: DOCUMENTS },
	});

	assertSample(flow, ["transactionId", "userId", "activationCode", "status", "dossierId", "processId"]);
	assert.equal(flow.status, "Pending");
	assert.match(flow.activationCode, /^\d+$/);
	assert.deepEqual(await mobile.flow(ONBOARDINGS, flow), flow);

	const phone = mobile.newPhone();
	const told = contextOf(await phone.register(flow.activationCode));
	assert.equal(told.operation, "REUSEID_ONBOARDING");
	assert.equal(told.transactionId, flow.transactionId);
	assert.equal(told.processId, flow.processId);
	assert.deepEqual({ docTypes: told.docTypes, defaultId: told.defaultId }, DOCUMENTS);
	assert.match(told.captureUrl, new RegExp(`^${mobile.server.baseUrl}/proofing/[\\w-]{43}$`));

	const pending = await mobile.flow(ONBOARDINGS, flow);
	assert.equal(pending.status, "Pending");
	assert.equal(pending.deviceId, phone.store.reg);
	await mobile.accepted(flow);

	const done = await mobile.flow(ONBOARDINGS, flow);
	assertSample(done, ["transactionId", "userId", "activationCode", "deviceId", "proofingId", "dossierId", "processId", "status", "userData"]);
	assert.equal(done.status, "Completed");
	assert.deepEqual(done.userData, JANE);
	assert.deepEqual({ ...done, deviceId: undefined, proofingId: undefined, userData: undefined, status: "Pending" },
		{ ...flow, deviceId: undefined, proofingId: undefined, userData: undefined });

	const { body: user } = await mobile.rest("GET", `/reuseid/core/users/${flow.userId}`);
	assert.equal(user.externalRef, "000-000-000");
	assert.deepEqual(user.attributes, JANE);
	const [verification, ...others] = await mobile.verifications(flow.userId);
	assert.equal(others.length, 0);
	assert.deepEqual({ ...verification, created: undefined }, {
		verificationId: done.proofingId, userId: flow.userId, provider: "signicatvideoid", dossierId: flow.dossierId,
		processId: flow.processId, orchestrationId: flow.transactionId, created: undefined,
	});
});

test("step-up: authentication, proofing, attributes, another verification", async () => {
	const { flow, phone } = await mobile.registered({ input: {} });
	await mobile.accepted(flow);

	const step = await mobile.started200(STEPUPS, { input: { userId: flow.userId, deviceId: phone.store.reg, eidProviderOptions: DOCUMENTS } });
	assertSample(step, ["transactionId", "userId", "deviceId", "status", "dossierId", "processId"]);
	assert.equal(step.status, "Pending");
	assert.equal(step.userId, flow.userId);
	assert.equal(step.deviceId, phone.store.reg);

	const opened = await phone.start();
	assert.deepEqual(contextOf(opened), { operation: "REUSEID_STEPUP", transactionId: step.transactionId, provider: "signicatvideoid" });
	await opened.session.pin();
	const told = contextOf(await opened.session.finish("DEVICE_PIN"));
	assert.equal(told.operation, "REUSEID_STEPUP");
	assert.equal(told.processId, step.processId);
	await mobile.accepted(step, { firstName: "ANNA", documentNumber: "X1" });

	const done = await mobile.flow(STEPUPS, step);
	assertSample(done, ["transactionId", "userId", "deviceId", "proofingId", "dossierId", "processId", "status", "userData"]);
	assert.deepEqual(done.userData, { ...JANE, firstName: "ANNA" });
	assert.deepEqual(await mobile.attributes(flow.userId), { ...JANE, firstName: "ANNA" });
	const list = await mobile.verifications(flow.userId);
	assert.deepEqual(list.map((v) => v.verificationId), [done.proofingId, (await mobile.flow(ONBOARDINGS, flow)).proofingId]);
});

test("minimal bodies, and forms of every age", async () => {
	for (const body of [{}, { input: {} }, { eidProviderOptions: DOCUMENTS }, { videoidProviderOptions: DOCUMENTS },
		{ input: DOCUMENTS }, { input: { docType: 138 } }, { provider: "videoid" }, { provider: "readid" }, { input: { provider: "readid" } },
		{ externalRef: 4711 }, { input: { externalRef: "inside" } }, { externalRef: "" }, { externalRef: null }, { anything: ["else"] }]) {
		const flow = await mobile.onboard(body);

		assert.equal(flow.status, "Pending", JSON.stringify(body));
	}
	const { body } = await mobile.rest("POST", "/reuseid/core/users/resolve", { externalRef: "4711" });
	assert.match(body.userId, UUID);
	assert.equal((await mobile.rest("POST", "/reuseid/core/users/resolve", { externalRef: "inside" })).status, 200);
});

test("a script in a header ends it without anybody", async () => {
	const { flow } = await mobile.registered({}, { "x-proofing-simulate": "accepted;firstName=OLA;gender=M" });
	const done = await mobile.ended(ONBOARDINGS, flow);

	assert.equal(done.status, "Completed", JSON.stringify(done));
	assert.deepEqual(done.userData, { ...JANE, firstName: "OLA", gender: "M" });
});
