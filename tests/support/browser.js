// A browser with virtual authenticators, and a service provider with passkeys: the demo site of the repository.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { chromium } from "playwright-core";
import { accessToken, call } from "./api.js";
import { Server } from "./server.js";

export const PASSKEYS = "/reuseid/core/credentials/passkeys";
const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

const PLATFORM = {
	protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
	automaticPresenceSimulation: true,
};

/** A server, the shop in front of it, and a browser. */
export class Stage {
	static async started(options = {}) {
		const stage = new Stage();

		stage.server = await Server.started(options);
		stage.token = await accessToken(stage.server);
		await stage.server.command("domain", "add", "localhost", "--account", stage.server.bootstrap.accountId);
		stage.pages = `http://localhost:${stage.server.port}`;
		await stage.#startShop();
		await stage.configure("--origins", stage.shop, "--title", "The Corner Shop");
		stage.browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox", "--disable-gpu"] });
		return stage;
	}

	async #startShop() {
		const { port, data, baseUrl } = this.server;

		this.shopProcess = spawn("python3", ["demo/shop.py", "--server", baseUrl, "--pages", `http://localhost:${port}`, "--bootstrap",
			path.join(data, "bootstrap.json")], { stdio: ["ignore", "pipe", "inherit"] });
		const [line] = await once(this.shopProcess.stdout, "data");
		this.shop = String(line).trim();
	}

	/** Sets what the domain means for passkeys. */
	configure(...options) {
		return this.server.command("passkey", "domain", "set", "localhost", ...options);
	}

	async remove() {
		await this.browser?.close();
		this.shopProcess?.kill();
		await this.server.remove();
	}

	/** One person's browser: { context, page, authenticator }. authenticator null: none. */
	async person(options = {}, authenticator = {}) {
		const context = await this.browser.newContext({ locale: "en-GB", ...options });
		const page = await context.newPage();

		page.setDefaultTimeout(15_000);
		return { context, page, authenticator: authenticator && await Authenticator.added(page, authenticator) };
	}

	// ---- the API, as the shop's backend has it ----

	async api(method, where, body) {
		return call(this.server, this.token, method, where, body);
	}

	async must(method, where, body) {
		const reply = await this.api(method, where, body);

		assert.ok(reply.status < 300, `${method} ${where}: ${reply.status} ${JSON.stringify(reply.body)}`);
		return reply.body;
	}

	newUser(name) {
		return this.must("POST", "/reuseid/core/users", {
			externalRef: name, attributes: { "passkeys-name": name, "passkeys-displayname": `Display ${name}`, tier: "gold" },
		});
	}

	/** more: rpRedirectUri, properties, tags, name */
	register(user, { name, properties, ...more } = {}) {
		return this.must("POST", `${PASSKEYS}/registrations`, {
			userId: user.id, passkey: { domain: "localhost", name }, operationProperties: properties, ...more,
		});
	}

	authenticate({ properties, ...more } = {}) {
		return this.must("POST", `${PASSKEYS}/authentications`, { operationProperties: { domain: "localhost", ...properties }, ...more });
	}

	operation({ transactionId }, kind = "authentications") {
		return this.must("GET", `${PASSKEYS}/${kind}/${transactionId}`);
	}

	/** Its time is over: the clock cannot be moved, so the row is. */
	async expire({ transactionId }) {
		await this.server.stop();
		const database = new DatabaseSync(path.join(this.server.data, "reuseid.db"));

		database.prepare("UPDATE transactions SET expires = created + 1 WHERE id = ?").run(Buffer.from(transactionId.replaceAll("-", ""), "hex"));
		database.close();
		await this.server.start();
		this.token = await accessToken(this.server);
	}

	// ---- what the person does on our page ----

	/** Opens the operation's page, presses the button, waits for the end. Gives what polling says. */
	async carryOut({ page }, started, kind = "authentications") {
		await page.goto(started.operationUrl);
		await page.click("#go");
		await ended(page);
		return this.operation(started, kind);
	}

	/** A person with a passkey of a new user. */
	async customer(name, options, authenticator) {
		const person = await this.person(options, authenticator);

		person.user = await this.newUser(name);
		const started = await this.register(person.user, { name: `Passkey of ${name}` });
		person.registered = await this.carryOut(person, started, "registrations");
		assert.equal(person.registered.state, "COMPLETED", JSON.stringify(person.registered));
		return person;
	}
}

/** The page says how it ended: by one of its sections. */
export async function ended(page) {
	const section = page.locator("section[data-outcome]:not([hidden])");

	await section.waitFor();
	return section.getAttribute("id");
}

/** An authenticator inside the browser, through the DevTools protocol. */
export class Authenticator {
	static async added(page, options) {
		const made = new Authenticator();

		made.devtools = await page.context().newCDPSession(page);
		await made.devtools.send("WebAuthn.enable", { enableUI: false });
		({ authenticatorId: made.id } = await made.devtools.send("WebAuthn.addVirtualAuthenticator", { options: { ...PLATFORM, ...options } }));
		return made;
	}

	#send(method, more = {}) {
		return this.devtools.send(`WebAuthn.${method}`, { authenticatorId: this.id, ...more });
	}

	async credentials() {
		return (await this.#send("getCredentials")).credentials;
	}

	add(credential) {
		return this.#send("addCredential", { credential });
	}

	remove(credentialId) {
		return this.#send("removeCredential", { credentialId });
	}

	/** Does the user pass the check of PIN or finger? */
	verifies(isUserVerified) {
		return this.#send("setUserVerified", { isUserVerified });
	}

	/** Is the user there at all? */
	present(enabled) {
		return this.#send("setAutomaticPresenceSimulation", { enabled });
	}

	/** Takes it away. */
	gone() {
		return this.#send("removeVirtualAuthenticator");
	}
}
