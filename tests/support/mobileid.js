// A server with MobileID and its phones, for one test file: the REST side as a service provider uses it, the database to look into.
import assert from "node:assert/strict";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { Phone } from "../interop/device/client.js";
import { accessToken, call, createUser } from "./api.js";
import { Server } from "./server.js";

export const DEVICES = "/reuseid/core/credentials/devices";
export const PIN = "1357";
const TRUSTED = ["--trusted-proxies", "127.0.0.1"];
const POLL_MS = 50;
const PATIENCE_MS = 15_000;

export class MobileId {
	static #addresses = 0;
	#reader = null;

	/** options: those of Server, and `config`: properties of the application's configuration */
	static async started({ config, args = [], ...options } = {}) {
		const all = new this();

		all.server = await Server.started({ ...options, args: [...TRUSTED, ...args] });
		all.token = await accessToken(all.server);
		all.app = all.server.bootstrap;
		if (config)
			await all.configure(config);
		return all;
	}

	/** The same server as an account of its own sees it, with an application of its own. */
	async otherAccount(name = "Other bank", products = "ReuseID") {
		const other = new this.constructor();
		const { id } = await this.server.command("account", "create", name, "--type", "sandbox");
		const client = await this.server.command("client", "create", "backend", "--account", id, "--products", products);

		other.server = this.server;
		other.app = { accountId: id, ...await this.server.command("mobileid", "add", id) };
		other.token = await accessToken(this.server, { clientId: client.id, clientSecret: client.secrets[0].secret });
		return other;
	}

	remove() {
		this.forgetReader();
		return this.server.remove();
	}

	/** Sets properties of the application's configuration. */
	async configure(config) {
		this.forgetReader();
		await this.server.stop();
		this.#write("UPDATE applications SET config = ?", JSON.stringify(config));
		await this.server.start();
	}

	#database(readOnly) {
		return new DatabaseSync(path.join(this.server.data, "reuseid.db"), { readOnly });
	}

	#write(sql, ...values) {
		const database = this.#database(false);

		database.prepare(sql).run(...values);
		database.close();
	}

	/** Rows of a query. Numbers and text are as they are, bytes are Uint8Array. */
	rows(sql, ...values) {
		this.#reader ??= this.#database(true);
		return this.#reader.prepare(sql).all(...values);
	}

	/** Nobody else looks into the database then: the server, when it stops, takes the write-ahead log along. */
	forgetReader() {
		this.#reader?.close();
		this.#reader = null;
	}

	/** All that a message could change, to be compared; but codes and sessions of what is over are forgotten at any time. */
	state() {
		const tables = ["devices", "transactions", "credentials", "outbox", "evidence"];

		return [...tables.map((table) => this.rows(`SELECT * FROM ${table}`)),
			this.rows("SELECT * FROM device_sessions WHERE ended = 0"),
			this.rows("SELECT o.id, content, result, CASE t.state WHEN 1 THEN code_key END AS code_key FROM device_operations o"
				+ " JOIN transactions t ON t.id = o.id")];
	}

	/** Nothing that `act` does changes anything. Gives what it gave. */
	async unchanged(act) {
		const before = this.state();
		const answer = await act();

		assert.deepEqual(this.state(), before, "something was changed");
		return answer;
	}

	// ---- REST ----

	rest(method, where, body) {
		return call(this.server, this.token, method, where, body);
	}

	async #must(method, where, body) {
		const reply = await this.rest(method, where, body);

		assert.ok(reply.status < 300, `${method} ${where}: ${reply.status} ${JSON.stringify(reply.body)}`);
		return reply.body;
	}

	newUser(fields) {
		return createUser(this.server, this.token, fields);
	}

	startRegistration(user, { device, tags, ...operationProperties } = {}) {
		return this.#must("POST", `${DEVICES}/registrations`, { userId: user.id, device, tags, operationProperties });
	}

	/** kind: authentications or signatures; options: the operation's properties, and tags */
	startOperation(phone, { kind = "authentications", tags, ...operationProperties } = {}) {
		return this.#must("POST", `${DEVICES}/${kind}`, {
			userId: phone.user.id, device: { id: phone.store.reg }, tags, operationProperties,
		});
	}

	/** What polling answers. The operation is one that was started here. */
	async operation({ transactionId }, kind = "authentications") {
		return this.#must("GET", `${DEVICES}/${kind}/${transactionId}`);
	}

	cancel({ transactionId }, kind = "authentications") {
		return this.rest("DELETE", `${DEVICES}/${kind}/${transactionId}`);
	}

	async device(phone) {
		return this.#must("GET", `${DEVICES}/${phone.store.reg}?userId=${phone.user.id}&detailed=true`);
	}

	changeDevice(phone, change, query = "") {
		return this.#must("PATCH", `${DEVICES}/${phone.store.reg}?userId=${phone.user.id}${query}`, change);
	}

	deleteDevice(phone) {
		return this.#must("DELETE", `${DEVICES}/${phone.store.reg}?userId=${phone.user.id}`);
	}

	changeUser(user, change) {
		return this.#must("PATCH", `/reuseid/core/users/${user.id}`, change);
	}

	/** Waits for a state of affairs; gives what `look` gave. */
	async until(look, is) {
		const end = Date.now() + PATIENCE_MS;

		for (;;) {
			const found = await look();

			if (is(found))
				return found;
			assert.ok(Date.now() < end, `it did not come: ${JSON.stringify(found)}`);
			await sleep(POLL_MS);
		}
	}

	// ---- phones ----

	/** An address that no other phone has, since limits count by address. */
	newAddress() {
		const n = ++MobileId.#addresses;

		return `10.${n >> 16 & 255}.${n >> 8 & 255}.${n & 255}`;
	}

	newPhone(options) {
		return new Phone(this.app, { address: this.newAddress(), ...options });
	}

	/** A registered phone with a user of its own, unless one is given. pin null: without one. */
	async phone({ user, pin = PIN, prev, ...options } = {}) {
		const phone = this.newPhone(options);

		phone.user = user ?? await this.newUser();
		const { operationProperties } = await this.startRegistration(phone.user, { authLevel: pin === null ? "ONE_FACTOR" : "TWO_FACTOR" });
		await phone.register(operationProperties.activationCode, { pin, prev });
		return phone;
	}

	/** A phone with a pending operation and a session for it: { phone, operation, session }. */
	async session(options = {}, phone = null) {
		const owner = phone ?? await this.phone();
		const operation = await this.startOperation(owner, options);
		const answer = await owner.start();

		assert.ok(answer.ok, String(answer.json ?? answer.error));
		return { phone: owner, operation, session: answer.session };
	}

	/** Facts about an operation and its device, as the audit has them; and what receivers are told. */
	events(name, { transactionId }) {
		return this.rows("SELECT * FROM outbox WHERE name = ? AND transaction_id = ?", name, Buffer.from(transactionId.replaceAll("-", ""), "hex"));
	}
}

/** A fault inside the envelope: number, and what is said about it. */
export function assertFault(answer, code, { recoverable = false, ...more } = {}) {
	assert.equal(answer.status, 200, answer.error);
	assert.equal(answer.is.ok, false, String(answer.json));
	const { code: given, name, recoverable: may, ...rest } = answer.is.err;

	assert.equal(given, code, String(answer.json));
	assert.match(name, /^[A-Z]\w+$/);
	assert.equal(may, recoverable, String(answer.json));
	assert.deepEqual(rest, more, String(answer.json));
	assert.equal("challenge" in answer.is, recoverable);
	assert.equal("step" in answer.is, recoverable);
}

/** An error outside the envelope. */
export function assertOutside(answer, status, error) {
	assert.equal(answer.status, status, String(answer.json ?? answer.error));
	assert.equal(answer.error, error);
}

export function assertOk(answer) {
	assert.equal(answer.status, 200, answer.error);
	assert.equal(answer.is.ok, true, String(answer.json));
	assert.ok(Math.abs(answer.is.time - Date.now()) < 5000);
}
