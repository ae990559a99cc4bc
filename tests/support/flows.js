// Flows as a service provider and an app see them.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DEVICES, MobileId, PIN } from "./mobileid.js";

export const ONBOARDINGS = "/reuseid/id-onboardings";
export const STEPUPS = "/reuseid/id-stepups";
export const JANE = { firstName: "JANE", lastName: "SMITH", dateOfBirth: "1990-01-01", gender: "F", nationality: "NOR" };

export class Flows extends MobileId {
	static async started(options) {
		return Object.assign(new Flows(), await MobileId.started(options));
	}

	/** A request with further headers. */
	async send(method, where, body, headers = {}) {
		const reply = await fetch(this.server.baseUrl + where, {
			method,
			headers: { authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
			body: body === undefined ? undefined : JSON.stringify(body),
		});
		const text = await reply.text();

		return { status: reply.status, headers: reply.headers, body: text ? JSON.parse(text) : null };
	}

	async started200(where, body, headers) {
		const reply = await this.send("POST", where, body, headers);

		assert.equal(reply.status, 200, JSON.stringify(reply.body));
		assert.deepEqual(Object.keys(reply.body), ["data"]);
		return reply.body.data;
	}

	onboard(body = {}, headers) {
		return this.started200(ONBOARDINGS, body, headers);
	}

	stepUp(phone, body = {}, headers) {
		return this.started200(STEPUPS, { userId: phone.user.id, deviceId: phone.store.reg, ...body }, headers);
	}

	async flow(kind, { transactionId }) {
		const reply = await this.rest("GET", `${kind}/${transactionId}`);

		assert.equal(reply.status, 200, JSON.stringify(reply.body));
		return reply.body.data;
	}

	/** Waits until it is over. */
	ended(kind, flow) {
		return this.until(() => this.flow(kind, flow), ({ status }) => status !== "Pending");
	}

	/** A phone that has registered with the code of an onboarding: { flow, phone, told }. */
	async registered(body, headers) {
		const flow = await this.onboard(body, headers);
		const phone = this.newPhone();
		const answer = await phone.register(flow.activationCode, { pin: PIN });

		phone.user = { id: flow.userId };
		return { flow, phone, told: contextOf(answer) };
	}

	/** How the first account has identities proofed, as the operator sets it. */
	proofing(config, accountId = this.app.accountId) {
		return this.server.command("proofing", "set", accountId, this.#file(config));
	}

	/** The operator decides. */
	decide({ processId }, decision) {
		return this.server.command("proofing", "decide", processId, this.#file(decision));
	}

	#file(content) {
		const file = path.join(this.server.scratch, "proofing.json");

		fs.writeFileSync(file, JSON.stringify(content));
		return file;
	}

	#change(sql, ...values) {
		const database = new DatabaseSync(path.join(this.server.data, "reuseid.db"));

		database.exec("PRAGMA busy_timeout = 10000");
		database.prepare(sql).run(...values);
		database.close();
	}

	/** What is due later is due now. */
	sooner({ processId }) {
		this.#change("UPDATE proofing_processes SET next = 1 WHERE id = ? AND next > 0", idBytes(processId));
	}

	/** What a provider did not hear is said again now. */
	soonerFarewells() {
		this.#change("UPDATE proofing_farewells SET due = 1");
	}

	/** The time of a flow is over. */
	overdue({ transactionId, processId }) {
		this.#change("UPDATE proofing_processes SET expires = 1 WHERE id = ?", idBytes(processId));
		this.#change("UPDATE flows SET expires = 1 WHERE id = ?", idBytes(transactionId));
	}

	complete({ processId }, body) {
		return this.rest("POST", `/proofing-simulator/${processId}/complete`, body);
	}

	async accepted(flow, finalResult) {
		const reply = await this.complete(flow, { status: "accepted", finalResult });

		assert.equal(reply.status, 204, JSON.stringify(reply.body));
	}

	async attributes(userId) {
		return (await this.rest("GET", `/reuseid/core/users/${userId}`)).body.attributes ?? {};
	}

	async verifications(userId) {
		return (await this.rest("GET", `/reuseid/core/users/${userId}/identity-verifications`)).body;
	}
}

const idBytes = (id) => Buffer.from(id.replaceAll("-", ""), "hex");

/** What the app is told by an answer of the device channel. */
export function contextOf(answer) {
	assert.equal(answer.is.ctx.mime, "application/json");
	return JSON.parse(Buffer.from(answer.is.ctx.b64, "base64url"));
}

export { DEVICES };
