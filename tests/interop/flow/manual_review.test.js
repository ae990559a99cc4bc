// Manual review: what was uploaded is kept, sealed, until the operator has decided and the retention is over.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { JANE, ONBOARDINGS, Flows } from "../../support/flows.js";

const PICTURE = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from("a face\r\n--that is not a boundary")]);
let mobile;

before(async () => {
	mobile = await Flows.started();
	await mobile.proofing({ providers: [{ name: "signicatvideoid", engine: "manual" }], evidenceRetentionDays: 1 });
});
after(() => mobile.remove());

async function step(told, fields, image) {
	const form = new FormData();

	for (const [name, value] of Object.entries(fields))
		form.set(name, value);
	if (image)
		form.set("image", new Blob([image], { type: "image/jpeg" }), "a.jpg");
	return (await fetch(told.captureUrl, { method: "POST", body: form, redirect: "manual" })).status;
}

async function shown() {
	const { flow, told } = await mobile.registered();

	assert.equal(await step(told, { step: "prepare" }), 303);
	assert.equal(await step(told, { step: "document", docType: 99999 }), 422);
	assert.equal(await step(told, { step: "document", docType: 138 }), 303);
	assert.equal(await step(told, { step: "front" }, Buffer.from("<script>")), 422);
	assert.equal(await step(told, { step: "front" }, PICTURE), 303);
	assert.equal(await step(told, { step: "back" }, PICTURE), 303);
	assert.equal(await step(told, { step: "selfie" }, PICTURE), 303);
	return flow;
}

test("pictures are kept, the operator accepts, the user has the attributes", async () => {
	const flow = await shown(), where = `/assure/dossiers/${flow.dossierId}`;

	assert.equal((await mobile.flow(ONBOARDINGS, flow)).status, "Pending");
	const { body: process } = await mobile.rest("GET", `${where}/processes/${flow.processId}`);
	assert.deepEqual([process.status, process.depictions], ["processing", ["back", "front", "selfie"]]);
	const { body: images } = await mobile.rest("GET", `${where}/processes/${flow.processId}/images`);
	const got = await fetch(`${mobile.server.baseUrl}${where}/files/${images[0].fileId}`, { headers: { authorization: `Bearer ${mobile.token}` } });
	assert.deepEqual(Buffer.from(await got.arrayBuffer()), PICTURE);
	assert.equal(mobile.rows("SELECT box FROM proofing_files").some(({ box }) => Buffer.from(box).includes("face")), false);
	assert.equal((await mobile.complete(flow, { status: "accepted" })).status, 409, "it is not the simulator's");
	await mobile.decide(flow, { decision: "accepted", finalResult: JANE });
	assert.deepEqual((await mobile.flow(ONBOARDINGS, flow)).userData, JANE);
	await assert.rejects(mobile.decide(flow, { decision: "rejected" }));
});

test("the operator rejects, and the attributes stay", async () => {
	const flow = await shown();

	await assert.rejects(mobile.decide(flow, { decision: "accepted" }), "who it is has to be said");
	await mobile.decide(flow, { decision: "rejected" });
	assert.equal((await mobile.flow(ONBOARDINGS, flow)).errorCode, "REJECTED");
	assert.deepEqual(await mobile.attributes(flow.userId), {});
});
