// A user about whom there is something of everything that the server keeps, with a marked value wherever one can be put.
import assert from "node:assert/strict";
import { Authenticator } from "./authenticator.js";
import { JANE, ONBOARDINGS } from "./flows.js";
import { DEVICES } from "./mobileid.js";

export const PASSKEYS = "/reuseid/core/credentials/passkeys";
export const mark = (name) => `marked-${name}-9c41`;
/** What is planted, by name. */
export const NAMES = ["reference", "attributekey", "attribute", "lastname", "device", "tag", "pre", "post", "clientdata", "passkey", "credential",
	"newpasskey", "passkeytag", "authtag", "redirect", "document", "picture", "filename", "stored", "push"];
export const ADDRESS = "203.0.113.77";
/** One of a PIN: digits that stand nowhere else. */
export const PIN = "8642135790861357";

export class Life {
	/** all: a Flows */
	constructor(all) {
		Object.assign(this, { all, ids: {} });
	}

	/** Once for the server. */
	async prepare() {
		await this.all.server.command("account", "update", this.all.app.accountId, "--extended-events", "on");
		await this.all.server.command("domain", "add", "localhost", "--account", this.all.app.accountId);
		await this.all.server.command("passkey", "domain", "set", "localhost", "--page-url", this.page);
	}

	get page() {
		return `http://localhost:${this.all.server.port}`;
	}

	async must(method, where, body) {
		const reply = await this.all.rest(method, where, body);

		assert.ok(reply.status < 300, `${method} ${where}: ${reply.status} ${JSON.stringify(reply.body)}`);
		return reply.body;
	}

	async raw(method, where, body, type) {
		const reply = await fetch(this.all.server.baseUrl + where, { method, body,
			headers: { authorization: `Bearer ${this.all.token}`, ...(type && { "content-type": type }) } });
		const text = await reply.text();

		assert.ok(reply.status < 300, `${method} ${where}: ${reply.status} ${text}`);
		return text;
	}

	async live() {
		await this.#onboarded();
		await this.#usedPasskeys();
		await this.#used();
	}

	async #onboarded() {
		const { all } = this, flow = await all.onboard({ externalRef: mark("reference") });

		this.activationCode = flow.activationCode;
		this.phone = all.newPhone({ address: ADDRESS });
		this.user = this.phone.user = { id: flow.userId };
		await this.phone.register(flow.activationCode, { pin: PIN });
		await this.raw("POST", `/assure/dossiers/${flow.dossierId}/files?name=${mark("filename")}`, mark("picture"), "image/png");
		await this.must("PUT", `/assure/dossiers/${flow.dossierId}/userdata`, { lastName: mark("stored") });
		await all.accepted(flow, { ...JANE, lastName: mark("lastname"), documentNumber: mark("document") });
		await all.ended(ONBOARDINGS, flow);
		Object.assign(this.ids, { flow: flow.transactionId, dossier: flow.dossierId, process: flow.processId });
	}

	async #used() {
		const { all, phone, user, ids } = this;
		const context = (name) => ({ title: "T", mimeType: "text/plain", content: mark(name) });

		await all.changeUser(user, { attributes: { [mark("attributekey")]: mark("attribute") } });
		await all.changeDevice(phone, { name: mark("device") });
		await this.must("PUT", `${DEVICES}/${phone.store.reg}/geofencing?userId=${user.id}`, { mode: "OPTIONAL", allowedCountries: "NO" });
		const { transactionId } = await all.startOperation(phone, { kind: "signatures", tags: [mark("tag")], preOperationContext: context("pre"),
			postOperationContext: context("post"), requestedUserAttributes: [mark("attributekey")] });

		await phone.approve("DEVICE_PIN", { clientData: mark("clientdata") });
		ids.signature = transactionId;
		ids.evidence = (await this.raw("GET", `${DEVICES}/signatures/${transactionId}/evidence`)).length;
		assert.ok((await phone.say("push.update", { pushToken: `${mark("push")}:${"x".repeat(40)}` }, phone.device)).ok);
		await all.stepUp(phone);
		ids.pending = (await all.startOperation(phone, { tags: [mark("tag")], preOperationContext: context("pre") })).transactionId;
		await all.changeDevice(phone, { state: "LOCKED" }, "&generateEvent=true");
	}

	/** As a page does it. */
	async #ceremony(where, body) {
		const reply = await fetch(this.page + where, { method: "POST", body: JSON.stringify(body ?? {}),
			headers: { "content-type": "application/json", origin: this.page } });

		assert.equal(reply.status, 200, `${where}: ${await reply.clone().text()}`);
		return reply.json();
	}

	async #usedPasskeys() {
		const passkey = new Authenticator("localhost", mark("credential")), more = { rpRedirectUri: `${this.page}/${mark("redirect")}` };

		await this.raw("POST", `${PASSKEYS}/import`, passkey.record(this.user, { name: mark("passkey") }), "application/x-ndjson");
		const started = await this.must("POST", `${PASSKEYS}/authentications`,
			{ operationProperties: { domain: "localhost" }, tags: [mark("authtag")], ...more });
		const where = `/passkeys/authentications/${started.transactionId}`;
		const { publicKey, token } = await this.#ceremony(`${where}/options`);
		const outcome = await this.#ceremony(`${where}/result`, { token, ...passkey.answer(publicKey, this.page, this.user) });

		assert.equal(outcome.state, "COMPLETED", JSON.stringify(outcome));
		this.ids.authentication = started.transactionId;
		this.binder = token;
		this.ids.registration = (await this.must("POST", `${PASSKEYS}/registrations`, { userId: this.user.id, tags: [mark("passkeytag")],
			passkey: { domain: "localhost", name: mark("newpasskey") }, ...more })).transactionId;
	}
}
