// The capture page in Chromium: an onboarding from start to end, with and without script, without a mouse, on a phone, in the dark.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { JANE, ONBOARDINGS, STEPUPS, Flows, contextOf } from "../support/flows.js";
import { PIN } from "../support/mobileid.js";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const LOOK = process.env.SCREENSHOTS; /* a directory: pictures are put there, to be looked at */
let mobile, browser;

before(async () => {
	mobile = await Flows.started();
	browser = await chromium.launch({
		executablePath: CHROMIUM, args: ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
	});
});
after(async () => {
	await browser?.close();
	await mobile.remove();
});

async function look(page, name) {
	if (LOOK)
		await page.screenshot({ path: path.join(LOOK, `${name}.png`), fullPage: true });
}

/** Opens the page; what the browser complains of is a fault. */
async function opened(url, options = {}) {
	const context = await browser.newContext(options), page = await context.newPage();

	page.complaints = [];
	page.sent = [];
	page.on("console", (message) => message.type() === "error" && page.complaints.push(message.text()));
	page.on("pageerror", (error) => page.complaints.push(String(error)));
	page.on("request", (request) => request.method() === "POST" && page.sent.push(request.postDataBuffer()?.length ?? 0));
	await page.goto(url);
	return page;
}

const next = (page) => page.getByRole("button", { name: /^(Continue|Fortsett)$/ }).click();
const title = (page) => page.getByRole("heading", { level: 1 }).textContent();

const DOCUMENTS = { docTypes: [138, 169, 147, 245, 277], defaultId: 138 };
const STARTED = ["transactionId", "userId", "status", "dossierId", "processId"];
const COMPLETED = [...STARTED, "deviceId", "proofingId", "userData"];

function assertFields(data, status, fields) {
	assert.deepEqual(Object.keys(data).sort(), [...fields].sort());
	assert.equal(data.status, status);
}

/** The page from its start to its end, as a person goes through it; with another first name, if there is one. */
async function goThrough(told, firstName) {
	const page = await opened(told.captureUrl, { permissions: ["camera"] });

	if (firstName)
		await page.getByLabel("First name").fill(firstName);
	await next(page);
	assert.match(await page.locator(".choice").first().textContent(), /Norwegian passport/);
	await page.locator(".choice").first().click();
	await next(page);
	await next(page);
	await next(page);
	await page.getByRole("heading", { name: "Done" }).waitFor();
	assert.deepEqual(page.complaints, []);
	await page.context().close();
}

/** The identity proofings of the end-user, and the full set of data of the process. */
async function assertReviewed({ dossierId, processId }, found) {
	const { body: dossier } = await mobile.rest("GET", `/assure/dossiers/${dossierId}`);
	const { body: process } = await mobile.rest("GET", `/assure/dossiers/${dossierId}/processes/${processId}`);

	assert.deepEqual(dossier.processes.map(({ processId: id, status }) => [id, status]), [[processId, "accepted"]]);
	for (const [name, value] of Object.entries({ ...found, documentType: "passport", issuingCountry: "NOR", similarityScore: "high" }))
		assert.equal(process.finalResult[name], value, name);
	assert.equal(process.providerSpecific.ocr.idType, "138");
	assert.ok(Object.values(process.providerSpecific.ocr.securityChecks).every(({ valid }) => valid));
}

test("the quick start with its own bodies: onboarding, step-up, review", async () => {
	const flow = await mobile.onboard({ externalRef: "000-000-000", input: { eidProviderOptions: DOCUMENTS } });
	const phone = mobile.newPhone();

	assertFields(flow, "Pending", [...STARTED, "activationCode"]);
	await goThrough(contextOf(await phone.register(flow.activationCode, { pin: PIN })));
	const done = await mobile.flow(ONBOARDINGS, flow);
	assertFields(done, "Completed", [...COMPLETED, "activationCode"]);
	assert.deepEqual([done.userData, done.deviceId], [JANE, phone.store.reg]);
	await assertReviewed(done, JANE);

	const step = await mobile.started200(STEPUPS, { input: { userId: flow.userId, deviceId: done.deviceId, eidProviderOptions: DOCUMENTS } });
	assertFields(step, "Pending", [...STARTED, "deviceId"]);
	const session = await phone.start();
	assert.equal(contextOf(session).operation, "REUSEID_STEPUP");
	await phone.session.pin();
	await goThrough(contextOf(await phone.session.finish("DEVICE_PIN")), "ANNA");
	const stepped = await mobile.flow(STEPUPS, step), anna = { ...JANE, firstName: "ANNA" };
	assertFields(stepped, "Completed", COMPLETED);
	await assertReviewed(stepped, anna);
	const { body: user } = await mobile.rest("GET", `/reuseid/core/users/${flow.userId}`);
	assert.deepEqual([user.externalRef, user.attributes], ["000-000-000", anna]);
	assert.deepEqual((await mobile.verifications(flow.userId)).map(({ verificationId, orchestrationId }) => [verificationId, orchestrationId]),
		[[stepped.proofingId, step.transactionId], [done.proofingId, flow.transactionId]]);
});

test("a camera that is refused is in nobody's way", async () => {
	const { flow, told } = await mobile.registered();
	const page = await opened(told.captureUrl);

	await page.addInitScript(() => {
		navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", "NotAllowedError"));
	});
	await next(page);
	await page.locator(".choice").first().click();
	await next(page);
	await next(page);
	await page.getByRole("button", { name: "Turn the camera on" }).click();
	await page.getByText("The camera cannot be used").waitFor();
	await look(page, "camera-refused");
	await next(page);
	await page.getByRole("heading", { name: "Done" }).waitFor();
	assert.equal((await mobile.flow(ONBOARDINGS, flow)).status, "Completed");
	await page.context().close();
});

test("documents, pictures, camera, done", async () => {
	const { flow, told } = await mobile.registered({ input: { eidProviderOptions: { docTypes: [138, 169, 147, 245, 277], defaultId: 169 } } });
	const page = await opened(told.captureUrl, { permissions: ["camera"] });

	assert.match(await page.locator(".mark").textContent(), /SIMULATION/);
	await look(page, "1-prepare");
	await next(page);
	const documents = await page.locator(".choice").allTextContents();
	assert.equal(documents.length, 5);
	assert.match(documents[0], /Swedish passport/);
	await look(page, "2-document");
	await page.locator(".choice").first().click();
	assert.equal(await title(page), "Front of the document");
	await look(page, "3-front");
	await next(page);
	assert.equal(await title(page), "Back of the document");
	await next(page);
	await page.getByRole("button", { name: "Turn the camera on" }).click();
	await page.getByRole("button", { name: "Take the picture" }).click();
	await page.getByText("The picture is taken.").waitFor();
	await look(page, "5-selfie");
	await next(page);
	await page.getByRole("heading", { name: "Done" }).waitFor();
	await look(page, "6-done");
	assert.ok(Math.max(...page.sent) < 1000, "nothing of the picture leaves the browser");
	assert.deepEqual(page.complaints, []);
	const done = await mobile.flow(ONBOARDINGS, flow);
	assert.deepEqual(done.userData, JANE);
	assert.deepEqual(await mobile.attributes(flow.userId), JANE);
	const { body } = await mobile.rest("GET", `/assure/dossiers/${flow.dossierId}/processes/${flow.processId}`);
	assert.equal(body.status, "accepted");
	assert.equal(body.finalResult.issuingCountry, "SWE");
	await page.context().close();
});

test("a step-up on a dark phone in Norwegian, without script", async () => {
	const { flow, phone } = await mobile.registered();
	await mobile.accepted(flow);
	const step = await mobile.stepUp(phone);
	await phone.start();
	await phone.session.pin();
	const answer = await phone.session.finish("DEVICE_PIN");
	const told = JSON.parse(Buffer.from(answer.is.ctx.b64, "base64url"));
	const page = await opened(told.captureUrl, {
		javaScriptEnabled: false, locale: "nb-NO", colorScheme: "dark", viewport: { width: 360, height: 740 }, isMobile: true,
	});

	await page.getByLabel("Fornavn").fill("ANNA");
	await look(page, "dark-phone-1");
	await next(page);
	await look(page, "dark-phone-2");
	await page.locator(".choice").first().click();
	await next(page);
	await next(page);
	await look(page, "dark-phone-5");
	await next(page);
	await page.getByRole("heading", { name: "Ferdig" }).waitFor();
	assert.equal(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth).catch(() => true), true);
	assert.equal((await mobile.flow(STEPUPS, step)).userData.firstName, "ANNA");
	await page.context().close();
});

test("with the keyboard alone, and the end that was chosen", async () => {
	const { flow, told } = await mobile.registered();
	const page = await opened(told.captureUrl);

	await page.getByLabel("How it ends").focus();
	await page.keyboard.press("r"); /* "Rejected" */
	await page.keyboard.press("Tab");
	await page.keyboard.press("Enter");
	await page.locator(".choice").first().focus();
	await page.keyboard.press("Enter");
	for (const heading of ["Front of the document", "Back of the document", "A picture of you"]) {
		await page.getByRole("heading", { name: heading }).waitFor();
		await page.getByRole("button", { name: "Continue" }).focus();
		await page.keyboard.press("Enter");
	}
	await page.getByText("could not be confirmed").waitFor();
	assert.equal((await mobile.flow(ONBOARDINGS, flow)).errorCode, "REJECTED");
	assert.deepEqual(await mobile.attributes(flow.userId), {});
	await page.context().close();
});

test("called off; opened before its time; an unknown handle", async () => {
	const { flow, told } = await mobile.registered();
	const page = await opened(told.captureUrl);

	await page.getByRole("button", { name: "Cancel" }).click();
	await page.getByText("called off").waitFor();
	assert.equal((await mobile.flow(ONBOARDINGS, flow)).errorCode, "CANCELLED");
	const reply = await page.goto(`${mobile.server.baseUrl}/proofing/${"A".repeat(43)}`);
	assert.equal(reply.status(), 404);
	await page.context().close();
});
