// A receiver of webhooks on 127.0.0.1: keeps what came, answers as the test wants.
import { once } from "node:events";
import http from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 20_000;
const POLL_MS = 10;

export const OUTBOUND = ["--outbound-networks", "127.0.0.0/8", "--outbound-http"];

export class Receiver {
	/** answer(delivery, response): what to do; else 204. A number: that status. */
	static async started(answer = 204) {
		const receiver = new Receiver();

		receiver.answer = answer;
		receiver.deliveries = []; // {headers, body, event, at}
		await receiver.open();
		return receiver;
	}

	async open() {
		this.http = http.createServer((request, response) => this.#take(request, response));
		this.http.listen(this.port ?? 0, "127.0.0.1");
		await once(this.http, "listening");
		this.port = this.http.address().port;
		this.url = `http://127.0.0.1:${this.port}/hook`;
	}

	async #take(request, response) {
		const chunks = [];

		for await (const chunk of request)
			chunks.push(chunk);
		const body = Buffer.concat(chunks);
		const delivery = { method: request.method, path: request.url, headers: request.headers, body, event: JSON.parse(body), at: Date.now() };

		this.deliveries.push(delivery);
		if (typeof this.answer === "number")
			response.writeHead(this.answer).end();
		else
			this.answer(delivery, response);
	}

	get events() {
		return this.deliveries.map((delivery) => delivery.event);
	}

	/** Waits until `is` holds of the deliveries so far. */
	async until(is, what = "the delivery", patienceMs = PATIENCE_MS) {
		const end = Date.now() + patienceMs;

		while (!is(this.deliveries)) {
			if (Date.now() > end)
				throw new Error(`${what} did not come; there were ${this.deliveries.length}`);
			await sleep(POLL_MS);
		}
		return this.deliveries;
	}

	async close() {
		this.http.closeAllConnections();
		this.http.close();
		await once(this.http, "close");
	}
}
