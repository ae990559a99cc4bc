// Passkeys on our own pages, in Debian's Chromium with virtual authenticators.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { call, assertProblem } from "../support/api.js";
import { PASSKEYS, Stage, ended } from "../support/browser.js";

let stage;

before(async () => {
	stage = await Stage.started();
});
after(() => stage?.remove());

test("register, then authenticate: the passkey tells who it is", async () => {
	const jane = await stage.customer("jane");
	const { registered } = jane;

	assert.equal(registered.passkey.name, "Passkey of jane");
	assert.equal(registered.passkey.domain, "localhost");
	assert.equal(registered.user.id, jane.user.id);
	const [credential] = await jane.authenticator.credentials();
	assert.equal(credential.rpId, "localhost");
	assert.equal(credential.isResidentCredential, true);
	const started = await stage.authenticate({ properties: { requestedUserAttributes: ["tier", "unknown"] }, tags: ["a tag"] });
	const done = await stage.carryOut(jane, started);

	assert.equal(done.state, "COMPLETED", JSON.stringify(done));
	assert.deepEqual(done.user, { id: jane.user.id, externalRef: "jane" });
	assert.equal(done.passkey.id, registered.passkey.id);
	assert.deepEqual(done.operationProperties.requestedUserAttributes, { tier: "gold" });
	assert.deepEqual(done.tags, ["a tag"]);

	const passkey = await stage.must("GET", `${PASSKEYS}/${done.passkey.id}?userId=${jane.user.id}`);
	assert.equal(Buffer.from(Buffer.from(passkey.keyId, "base64url").toString(), "base64url").toString("base64"), credential.credentialId);
	assert.equal(passkey.userVerification, true);
	const { credentials } = await stage.must("GET", `/reuseid/core/users/${jane.user.id}/credentials?credentialType=passkey`);
	assert.deepEqual(credentials.map(({ id, state, lastOperationType }) => ({ id, state, lastOperationType })),
		[{ id: done.passkey.id, state: "ACTIVE", lastOperationType: "AUTHENTICATION" }]);
	const list = await stage.must("GET", `${PASSKEYS}/${done.passkey.id}/transactions?userId=${jane.user.id}`);
	assert.deepEqual(list.transactions.map((one) => one.operationType), ["AUTHENTICATION", "REGISTRATION"]);
	const all = await stage.must("GET", `/reuseid/core/users/${jane.user.id}/transactions?credentialType=passkey`);
	assert.equal(all.transactions.length, 2);
	const user = await stage.must("GET", `/reuseid/core/users/${jane.user.id}`);
	assert.ok(user.lastUsed);
});

test("the whole way through the shop, with its redirect", async () => {
	const { page } = await stage.person();

	await page.goto(stage.shop);
	await page.fill("#name", "shopper");
	await page.click("#register button");
	await page.click("#go");
	await page.waitForURL(`${stage.shop}/done?kind=registrations&transactionId=*`);
	await page.waitForFunction(() => document.getElementById("result").textContent.includes("COMPLETED"));
	await page.click("#login button");
	await page.click("#go");
	await page.waitForURL(`${stage.shop}/done?kind=authentications&transactionId=*`);
	await page.waitForFunction(() => document.getElementById("result").textContent.includes("\"gold\""));
});

test("user verification: required, but the authenticator has none", async () => {
	const { page, authenticator } = await stage.person({}, { hasUserVerification: false });
	const user = await stage.newUser("no-verification");

	for (const [userVerification, expected] of [["preferred", "COMPLETED"], ["required", "FAILED"]]) {
		const started = await stage.register(user, { properties: { userVerification, sessionTimeout: 30000 } });

		if (expected === "COMPLETED") {
			const done = await stage.carryOut({ page }, started, "registrations");

			assert.equal(done.state, "COMPLETED", JSON.stringify(done));
			const passkey = await stage.must("GET", `${PASSKEYS}/${done.passkey.id}?userId=${user.id}`);
			assert.equal(passkey.userVerification, false);
			await authenticator.remove((await authenticator.credentials())[0].credentialId);
		} else {
			const done = await stage.carryOut({ page }, started, "registrations");

			assert.equal(done.state, "FAILED");
			assert.match(done.errorCode, /^(CANCELLED_BY_USER|FAILED_VERIFICATION)$/);
		}
	}
});

test("user verification: discouraged is not asked for, a wrong finger does not pass", async () => {
	const jane = await stage.customer("finger");
	const loose = await stage.carryOut(jane, await stage.authenticate({ properties: { userVerification: "DISCOURAGED" } }));

	assert.equal(loose.state, "COMPLETED");
	assert.equal(loose.operationProperties.userVerification, "discouraged");
	await jane.authenticator.verifies(false);
	const strict = await stage.carryOut(jane, await stage.authenticate({ properties: { userVerification: "required" } }));
	assert.equal(strict.errorCode, "CANCELLED_BY_USER");
});

test("cancelled by the user, on the page", async () => {
	const { page } = await stage.person();
	const started = await stage.authenticate({ rpRedirectUri: `${stage.shop}/done` });

	await page.goto(started.operationUrl);
	await page.click("#cancel");
	assert.equal(await ended(page), "CANCELLED_BY_USER");
	await page.waitForURL(`${stage.shop}/done?transactionId=${started.transactionId}`);
	const done = await stage.operation(started);
	assert.equal(done.state, "FAILED");
	assert.equal(done.errorCode, "CANCELLED_BY_USER");
});

test("expired: before it was opened, and in the middle", async () => {
	const jane = await stage.customer("expired");
	const [unopened, opened, asked] = [await stage.authenticate(), await stage.authenticate({ rpRedirectUri: `${stage.shop}/done` }),
		await stage.authenticate()];

	await stage.expire(unopened);
	await jane.page.goto(unopened.operationUrl);
	assert.equal(await ended(jane.page), "EXPIRED");
	await jane.page.goto(opened.operationUrl);
	await stage.expire(opened);
	await jane.page.click("#go");
	assert.equal(await ended(jane.page), "EXPIRED");
	await jane.page.waitForURL(`${stage.shop}/done?transactionId=${opened.transactionId}`);
	await jane.authenticator.present(false);
	await jane.page.goto(asked.operationUrl);
	const options = jane.page.waitForResponse((reply) => reply.url().endsWith("/options"));
	await jane.page.click("#go");
	await options;
	await stage.expire(asked);
	await jane.page.click("#cancel");
	assert.equal(await ended(jane.page), "EXPIRED");
	for (const one of [unopened, opened, asked])
		assert.equal((await stage.operation(one)).errorCode, "EXPIRED");
});

test("cancelled by the service provider, while the page is open", async () => {
	const jane = await stage.customer("cancelled");
	const started = await stage.authenticate();

	await jane.page.goto(started.operationUrl);
	assert.equal((await stage.api("DELETE", `${PASSKEYS}/authentications/${started.transactionId}`)).status, 204);
	await jane.page.click("#go");
	assert.equal(await ended(jane.page), "FAILED");
	assert.equal((await stage.operation(started)).errorCode, "CANCELLED_BY_SP");
	assertProblem(await stage.api("DELETE", `${PASSKEYS}/authentications/${started.transactionId}`), 400, "invalid_operation");
});

test("a refreshed page: before the ceremony it goes on, during it the operation fails", async () => {
	const jane = await stage.customer("refresh");
	const early = await stage.authenticate();

	await jane.page.goto(early.operationUrl);
	await jane.page.reload();
	await jane.page.click("#go");
	assert.equal(await ended(jane.page), "COMPLETED");
	await jane.authenticator.present(false);
	const late = await stage.authenticate();
	await jane.page.goto(late.operationUrl);
	const asked = jane.page.waitForResponse((reply) => reply.url().endsWith("/options"));
	await jane.page.click("#go");
	await asked;
	await jane.page.reload();
	assert.equal(await ended(jane.page), "INVALID_SEQUENCE_PARAMETERS");
	assert.equal((await stage.operation(late)).errorCode, "INVALID_SEQUENCE_PARAMETERS");
});

test("a second browser is refused, and changes nothing", async () => {
	const jane = await stage.customer("first"), { page } = await stage.person();
	const started = await stage.authenticate();

	await jane.page.goto(started.operationUrl);
	const reply = await page.goto(started.operationUrl);
	assert.equal(reply.status(), 403);
	assert.match(await page.textContent("main"), /another browser/);
	assert.equal((await stage.operation(started)).state, "PENDING");
	await jane.page.click("#go");
	assert.equal(await ended(jane.page), "COMPLETED");
});

test("two tabs of one browser", async () => {
	const jane = await stage.customer("tabs");
	const [one, two] = [await stage.authenticate(), await stage.authenticate()];
	const other = await jane.context.newPage();

	await jane.page.goto(one.operationUrl);
	await other.goto(two.operationUrl);
	await other.click("#cancel");
	await jane.page.click("#go");
	assert.equal(await ended(jane.page), "COMPLETED");
	assert.equal(await ended(other), "CANCELLED_BY_USER");
});

test("a passkey that was deleted on the server", async () => {
	const jane = await stage.customer("deleted");

	assert.equal((await stage.api("DELETE", `${PASSKEYS}/${jane.registered.passkey.id}?userId=${jane.user.id}`)).status, 204);
	const done = await stage.carryOut(jane, await stage.authenticate());
	assert.equal(done.errorCode, "MISSING_PASSKEY");
	assertProblem(await stage.api("GET", `${PASSKEYS}/${jane.registered.passkey.id}?userId=${jane.user.id}`), 404, "passkey_entity_does_not_exist");
	/* The Signal API took it out of the authenticator. */
	assert.deepEqual(await jane.authenticator.credentials(), []);
});

test("a passkey whose user was deleted", async () => {
	const jane = await stage.customer("erased");

	await stage.must("PATCH", `/reuseid/core/users/${jane.user.id}`, { state: "LOCKED" });
	assert.equal((await stage.api("DELETE", `/reuseid/core/users/${jane.user.id}`)).status, 204);
	const done = await stage.carryOut(jane, await stage.authenticate());
	assert.equal(done.errorCode, "PASSKEY_DOES_NOT_EXIST");
	/* The operation of a registration tells nothing of an erased user any more. */
	const gone = await stage.operation(jane.registered, "registrations");
	assert.equal("user" in gone, false);
	assert.equal(JSON.stringify(gone).includes("erased"), false);
});

test("a locked user", async () => {
	const jane = await stage.customer("locked");

	await stage.must("PATCH", `/reuseid/core/users/${jane.user.id}`, { state: "LOCKED" });
	const done = await stage.carryOut(jane, await stage.authenticate());
	assert.equal(done.errorCode, "FAILED_VERIFICATION");
	assert.equal(done.errorDescription, "The user is locked");
	assertProblem(await stage.api("POST", `${PASSKEYS}/registrations`, { userId: jane.user.id, passkey: { domain: "localhost" } }), 400, "invalid_operation");
	await stage.must("PATCH", `/reuseid/core/users/${jane.user.id}`, { state: "ACTIVE" });
	assert.equal((await stage.carryOut(jane, await stage.authenticate())).state, "COMPLETED");
});

test("two passkeys of one user, on two authenticators; a second one on the same is refused", async () => {
	const jane = await stage.customer("both"), laptop = await stage.person();
	const second = await stage.carryOut(laptop, await stage.register(jane.user, { name: "Laptop" }), "registrations");

	assert.equal(second.state, "COMPLETED");
	assert.notEqual(second.passkey.id, jane.registered.passkey.id);
	for (const [person, passkey] of [[jane, jane.registered.passkey], [laptop, second.passkey]]) {
		const done = await stage.carryOut(person, await stage.authenticate());

		assert.equal(done.passkey.id, passkey.id);
		assert.equal(done.user.id, jane.user.id);
	}
	const again = await stage.carryOut(jane, await stage.register(jane.user), "registrations");
	assert.equal(again.errorCode, "CANCELLED_BY_USER");
	assert.equal((await jane.authenticator.credentials()).length, 1);
});

test("several users on one authenticator: each by its own passkey", async () => {
	const first = await stage.customer("several-1");
	const second = await stage.newUser("several-2");
	const other = await stage.carryOut(first, await stage.register(second), "registrations");

	assert.equal(other.state, "COMPLETED");
	const credentials = await first.authenticator.credentials();
	assert.equal(credentials.length, 2);
	const seen = new Set();
	for (const keep of credentials) {
		for (const one of credentials)
			if (one !== keep)
				await first.authenticator.remove(one.credentialId);
		seen.add((await stage.carryOut(first, await stage.authenticate())).user.id);
		for (const one of credentials)
			if (one !== keep)
				await first.authenticator.add(one);
	}
	assert.deepEqual(seen, new Set([first.user.id, second.id]));
});

test("without a redirect: the opener is told, and the reader", async () => {
	const { page } = await stage.person();
	const started = await stage.authenticate();

	await page.goto(stage.shop);
	await page.evaluate((url) => {
		window.told = new Promise((resolve) => addEventListener("message", (event) => resolve([event.origin, event.data])));
		window.open(url);
	}, started.operationUrl);
	const popup = page.context().pages().find((one) => one !== page) ?? await page.context().waitForEvent("page");
	await popup.click("#cancel");
	assert.deepEqual(await page.evaluate(() => window.told),
		[stage.pages, { type: "reuseid-passkey", transactionId: started.transactionId, state: "FAILED" }]);
	assert.match(await popup.textContent("#close"), /close this window/);
});

test("an operation that is over shows its end to its browser, and nothing to others", async () => {
	const jane = await stage.customer("over"), { page } = await stage.person();
	const started = await stage.authenticate({ rpRedirectUri: `${stage.shop}/done` });

	await jane.page.goto(started.operationUrl);
	await jane.page.click("#go");
	await jane.page.waitForURL(`${stage.shop}/done*`);
	await jane.page.goto("about:blank");
	await jane.page.goto(started.operationUrl);
	await jane.page.waitForURL(`${stage.shop}/done*`);
	assert.equal((await page.goto(started.operationUrl)).status(), 403);
	assert.equal((await page.goto(`${stage.pages}/passkeys/authentications/7daa489e-6b35-46ca-83a4-1bba2ea35f68`)).status(), 404);
});

test("with the keyboard alone, in Norwegian, on a small dark phone", async () => {
	const { page } = await stage.person({ locale: "nb-NO", colorScheme: "dark", viewport: { width: 320, height: 480 } });
	const user = await stage.newUser("keyboard"), started = await stage.register(user, { name: "Telefonen min" });

	await page.goto(started.operationUrl);
	assert.equal(await page.getAttribute("html", "lang"), "nb");
	assert.match(await page.textContent("#go"), /Lag|Opprett/);
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "nothing hangs over the edge");
	const luma = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).slice(0, 3).reduce((sum, n) => sum + Number(n), 0));
	assert.ok(luma < 150, `dark: ${luma}`);
	await page.keyboard.press("Tab");
	assert.equal(await page.evaluate(() => document.activeElement.id), "cancel");
	await page.keyboard.press("Shift+Tab");
	await page.keyboard.press("Enter");
	assert.equal(await ended(page), "COMPLETED");
	/* The end is read out: the heading has the focus. */
	assert.equal(await page.evaluate(() => document.activeElement.tagName), "H1");
	assert.equal((await stage.operation(started, "registrations")).state, "COMPLETED");
});

test("without JavaScript the page says what it needs, and nothing is begun", async () => {
	const { page } = await stage.person({ javaScriptEnabled: false }, null), started = await stage.authenticate();

	await page.goto(started.operationUrl);
	assert.match(await page.innerText("main"), /needs JavaScript/);
	assert.equal(await page.isVisible("#go"), false);
	assert.equal((await stage.operation(started)).state, "PENDING");
});

test("no token and another account: nothing is told", async () => {
	const started = await stage.authenticate();

	assertProblem(await call(stage.server, null, "GET", `${PASSKEYS}/authentications/${started.transactionId}`), 401, "invalid_token");
});
