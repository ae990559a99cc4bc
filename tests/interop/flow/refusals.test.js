// What starting and ending a flow refuses, and what others may not see.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { accessToken, assertProblem, call } from "../../support/api.js";
import { JANE, ONBOARDINGS, STEPUPS, Flows } from "../../support/flows.js";

const NOBODY = "0e99b25c-abde-4553-973b-8d94d49cd87e";
let mobile;

before(async () => {
	mobile = await Flows.started();
});
after(() => mobile.remove());

async function refused(where, body, name) {
	const users = mobile.rows("SELECT count(*) AS n FROM users")[0].n;
	const reply = await mobile.rest("POST", where, body);

	assertProblem(reply, 422, "invalid_request_parameter");
	assert.ok(reply.body.invalidParams.some((fault) => fault.name === name), JSON.stringify(reply.body));
	assert.equal(mobile.rows("SELECT count(*) AS n FROM users")[0].n, users, "nothing is left half done");
}

test("onboardings that cannot be", async () => {
	await mobile.onboard({ externalRef: "taken" });
	await refused(ONBOARDINGS, { externalRef: "taken" }, "externalRef");
	await refused(ONBOARDINGS, { externalRef: { a: 1 } }, "externalRef");
	await refused(ONBOARDINGS, { externalRef: "x".repeat(256) }, "externalRef");
	await refused(ONBOARDINGS, { input: { externalRef: ["x"] } }, "input.externalRef");
	await refused(ONBOARDINGS, { provider: "unheardof" }, "provider");
	await refused(ONBOARDINGS, { input: { provider: "unheardof" } }, "input.provider");
	await refused(ONBOARDINGS, { videoidProviderOptions: { docTypes: [138, 99999] } }, "videoidProviderOptions.docTypes");
	await refused(ONBOARDINGS, { videoidProviderOptions: { docTypes: [138], defaultId: 169 } }, "videoidProviderOptions.defaultId");
	await refused(ONBOARDINGS, { videoidProviderOptions: { docType: 138, docTypes: [138] } }, "videoidProviderOptions.docType");
	await refused(ONBOARDINGS, { input: { eidProviderOptions: { docType: 7 } } }, "input.eidProviderOptions.docType");
	assertProblem(await mobile.rest("POST", ONBOARDINGS, []), 422, "invalid_request_parameter");
	const malformed = await fetch(mobile.server.baseUrl + ONBOARDINGS, {
		method: "POST", body: "{", headers: { authorization: `Bearer ${mobile.token}`, "content-type": "application/json" },
	});
	assert.equal(malformed.status, 400);
});

test("step-ups that cannot be", async () => {
	const phone = await mobile.phone(), other = await mobile.phone(), id = phone.store.reg;

	await refused(STEPUPS, {}, "userId");
	await refused(STEPUPS, { userId: phone.user.id }, "deviceId");
	await refused(STEPUPS, { userId: "x", deviceId: id }, "userId");
	await refused(STEPUPS, { userId: NOBODY, deviceId: id }, "userId");
	await refused(STEPUPS, { userId: phone.user.id, deviceId: NOBODY }, "deviceId");
	await refused(STEPUPS, { userId: other.user.id, deviceId: id }, "deviceId");
	await mobile.changeDevice(phone, { state: "LOCKED" });
	await refused(STEPUPS, { userId: phone.user.id, deviceId: id }, "deviceId");
	await mobile.changeUser(other.user, { state: "LOCKED" });
	await refused(STEPUPS, { userId: other.user.id, deviceId: other.store.reg }, "userId");
});

test("another account, another kind, nobody's id: unknown", async () => {
	const flow = await mobile.onboard(), other = await mobile.otherAccount();
	const theirs = await other.rest("POST", ONBOARDINGS, {});

	assertProblem(await other.rest("GET", `${ONBOARDINGS}/${flow.transactionId}`), 404, "transaction_id_does_not_exist");
	assertProblem(await mobile.rest("GET", `${ONBOARDINGS}/${theirs.body.data.transactionId}`), 404, "transaction_id_does_not_exist");
	assertProblem(await mobile.rest("GET", `${STEPUPS}/${flow.transactionId}`), 404, "transaction_id_does_not_exist");
	assertProblem(await mobile.rest("GET", `${ONBOARDINGS}/${NOBODY}`), 404, "transaction_id_does_not_exist");
	assertProblem(await mobile.rest("GET", `${ONBOARDINGS}/x`), 400, "invalid_request_parameter");
});

test("a result before its time, twice, contradictory, after the end", async () => {
	const flow = await mobile.onboard();

	assertProblem(await mobile.complete(flow, { status: "accepted" }), 409, "invalid_operation");
	const phone = mobile.newPhone();
	await phone.register(flow.activationCode);
	assert.equal((await mobile.complete(flow, { status: "accepted", finalResult: { dateOfBirth: "1990-13-01" } })).status, 400);
	assert.equal((await mobile.flow(ONBOARDINGS, flow)).status, "Pending");
	await mobile.accepted(flow);
	const done = await mobile.flow(ONBOARDINGS, flow);
	await mobile.accepted(flow);
	assertProblem(await mobile.complete(flow, { status: "rejected" }), 409, "invalid_operation");
	assertProblem(await mobile.complete(flow, { status: "accepted", finalResult: { firstName: "EVE" } }), 409, "invalid_operation");
	assert.deepEqual(await mobile.flow(ONBOARDINGS, flow), done);
	assert.deepEqual(await mobile.attributes(flow.userId), JANE);
	assert.equal((await mobile.verifications(flow.userId)).length, 1);
});

for (const [status, code] of [["rejected", "REJECTED"], ["inconclusive", "INCONCLUSIVE"], ["canceled", "CANCELLED"], ["failed", "PROOFING_FAILED"]]) {
	test(`${status}: the attributes stay, and a step-up is another attempt`, async () => {
		const { flow, phone } = await mobile.registered();

		assert.equal((await mobile.complete(flow, { status })).status, 204);
		const failed = await mobile.flow(ONBOARDINGS, flow);
		assert.deepEqual([failed.status, failed.errorCode, failed.userData, failed.proofingId], ["Failed", code, undefined, undefined]);
		assert.deepEqual(await mobile.attributes(flow.userId), {});
		const step = await mobile.stepUp(phone);
		await phone.approve();
		await mobile.accepted(step);
		assert.deepEqual(await mobile.attributes(flow.userId), JANE);
	});
}

test("magic names end it without a word more", async () => {
	for (const [name, code] of [["REJECT", "REJECTED"], ["INCONCLUSIVE", "INCONCLUSIVE"], ["FAIL", "PROOFING_FAILED"], ["CANCEL", "CANCELLED"]]) {
		const { flow } = await mobile.registered({}, { "x-proofing-simulate": `accepted;lastName=${name}` });

		assert.equal((await mobile.ended(ONBOARDINGS, flow)).errorCode, code);
	}
});

test("the operation fails, and so does the flow", async () => {
	const flow = await mobile.onboard();

	await mobile.startRegistration({ id: flow.userId });
	const failed = await mobile.flow(ONBOARDINGS, flow);
	assert.equal(failed.errorCode, "CANCELLED_NEW_ACTIVATION");
	assert.match(failed.errorDescription, /\.$/);
	assertProblem(await mobile.complete(flow, { status: "accepted" }), 409, "invalid_operation");
});

test("a deleted user leaves nothing to be read", async () => {
	const { flow } = await mobile.registered();

	await mobile.changeUser({ id: flow.userId }, { state: "LOCKED" });
	assert.equal((await mobile.rest("DELETE", `/reuseid/core/users/${flow.userId}`)).status, 204);
	const left = await mobile.flow(ONBOARDINGS, flow);
	assert.equal(left.status, "Failed");
	assert.equal(left.activationCode, undefined);
	assert.equal((await mobile.rest("GET", `/assure/dossiers/${flow.dossierId}`)).status, 404);
});

test("mapped attributes; what is inconclusive waits for the operator", async () => {
	await mobile.proofing({ attributeMapping: { firstName: "firstname", documentNumber: "document" }, manualReview: true });
	const { flow } = await mobile.registered();

	assert.equal((await mobile.complete(flow, { status: "inconclusive" })).status, 204);
	assert.equal((await mobile.flow(ONBOARDINGS, flow)).status, "Pending");
	const { reviews } = await mobile.server.command("proofing", "reviews");
	assert.deepEqual(reviews.map((review) => review.processId), [flow.processId]);
	await mobile.decide(flow, { decision: "accepted", finalResult: { ...JANE, documentNumber: "N1" } });
	assert.equal((await mobile.flow(ONBOARDINGS, flow)).status, "Completed");
	assert.deepEqual(await mobile.attributes(flow.userId), { firstname: "JANE", document: "N1" });
});

test("real people are not verified by the simulator, not even to the end of what was begun", async () => {
	const { id } = await mobile.server.command("account", "create", "Real bank", "--type", "production");
	const client = await mobile.server.command("client", "create", "backend", "--account", id, "--products", "Assure API,ReuseID Onboarding API");
	const token = await accessToken(mobile.server, { clientId: client.id, clientSecret: client.secrets[0].secret });
	const rest = (method, where, body) => call(mobile.server, token, method, where, body);
	const { body: { dossierId } } = await rest("POST", "/assure/dossiers", {}), where = `/assure/dossiers/${dossierId}/processes`;

	assertProblem(await rest("POST", ONBOARDINGS, {}), 422, "invalid_request_parameter");
	assert.equal((await rest("POST", where, { provider: "signicatvideoid" })).status, 400);
	await mobile.proofing({ allowSimulatorInProduction: true }, id);
	const { body: process } = await rest("POST", where, { provider: "signicatvideoid" });
	await rest("POST", `${where}/${process.processId}`);
	await mobile.proofing({}, id);
	assertProblem(await rest("POST", `/proofing-simulator/${process.processId}/complete`, { status: "accepted" }), 409, "invalid_operation");
	assert.notEqual((await rest("GET", `${where}/${process.processId}`)).body.status, "accepted");
});

test("a form that is not right spoils neither the process nor the account's list", async () => {
	const { flow, told } = await mobile.registered();
	const send = (form) => fetch(told.captureUrl, { method: "POST", body: form, redirect: "manual", headers: { "content-type": "application/x-www-form-urlencoded" } });

	for (const outcome of ["%01", "%00", "%ff%fe", "x".repeat(41), "a%0ab"])
		assert.ok([400, 422].includes((await send(`step=prepare&firstName=JANE&outcome=${outcome}`)).status), outcome);
	for (const form of ["step=prepare&firstName=%00", "step=prepare&lastName=%ff", "step=document&docType=99999999999999999999"])
		assert.ok([303, 400, 422].includes((await send(form)).status), form);
	assert.equal((await mobile.rest("GET", "/assure/processes")).status, 200);
	assert.equal((await mobile.rest("GET", `/reuseid/core/users/${flow.userId}/export`)).status, 200);
	assert.equal((await fetch(told.captureUrl)).status, 200);
});
