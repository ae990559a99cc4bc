// A server for one test file: scratch data directory, free port, gone with everything at the end.
// SERVER_BINARY, RELEASE_BINARY and TSAN_BINARY say which server; ./test sets them.
import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 30_000;
const ANSWER_LIMIT_MS = 5_000;
const POLL_MS = 25;

export const long = Boolean(process.env.LONG);

export async function freePort() {
	const probe = net.createServer().listen(0, "127.0.0.1");

	await once(probe, "listening");
	const { port } = probe.address();
	probe.close();
	await once(probe, "close");
	return port;
}

/**
 * Options of a server with the thread sanitizer. That of gcc 12 cannot start where the kernel randomises addresses widely: this is
 * switched off, if we may.
 */
export function threadSanitizer() {
	const plain = ["setarch", os.machine(), "-R"];

	try {
		execFileSync(plain[0], [...plain.slice(1), "true"], { stdio: "ignore" });
		return { binary: process.env.TSAN_BINARY, before: plain };
	} catch {
		return { binary: process.env.TSAN_BINARY };
	}
}

/** A server process. It can be stopped, killed and started again on the same data and port. */
export class Server {
	/** options: binary, before (words before it), args (further flags of serve), env (further environment) */
	constructor({ args = [], env = {}, before = [], ...options } = {}) {
		const binary = "binary" in options ? options.binary : process.env.SERVER_BINARY;

		if (!binary)
			throw new Error("SERVER_BINARY or TSAN_BINARY is not set: run the tests with ./test");
		this.binary = binary;
		this.words = [...before, binary];
		this.args = args;
		this.env = env;
		this.scratch = fs.mkdtempSync(path.join(os.tmpdir(), "server-test-"));
		this.data = path.join(this.scratch, "data");
		this.logFile = path.join(this.scratch, "log");
	}

	static async started(options) {
		const server = new Server(options);

		await server.start();
		return server;
	}

	get bootstrap() {
		return JSON.parse(fs.readFileSync(path.join(this.data, "bootstrap.json"), "utf8"));
	}

	get log() {
		return fs.existsSync(this.logFile) ? fs.readFileSync(this.logFile, "utf8") : "";
	}

	/** Starts and waits until it is ready. */
	async start() {
		this.port ??= await freePort();
		this.baseUrl = `http://127.0.0.1:${this.port}`;
		const log = fs.openSync(this.logFile, "a");
		this.process = spawn(
			this.words[0],
			[...this.words.slice(1), "serve", "--data", this.data, "--port", String(this.port), "--public-url", this.baseUrl, ...this.args],
			{ stdio: ["ignore", log, log], env: { ...process.env, ...this.env } },
		);
		fs.closeSync(log);
		this.exited = once(this.process, "exit");
		await this.ready();
	}

	async ready() {
		const until = Date.now() + START_LIMIT_MS;

		while (Date.now() < until && this.running) {
			const reply = await fetch(`${this.baseUrl}/readyz`, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) }).catch(() => null);

			await reply?.arrayBuffer();
			if (reply?.status === 200)
				return;
			await sleep(POLL_MS);
		}
		throw new Error(`the server did not become ready; it said:\n${this.log}`);
	}

	get running() {
		return this.process && this.process.exitCode === null && this.process.signalCode === null;
	}

	/** Asks it to stop; throws when it did not end well, which is also how a sanitizer speaks. */
	async stop() {
		if (!this.running)
			return;
		this.process.kill("SIGTERM");
		const patience = setTimeout(() => this.process.kill("SIGKILL"), STOP_LIMIT_MS);
		const [code, signal] = await this.exited;
		clearTimeout(patience);
		if (code !== 0)
			throw new Error(`the server ended with ${signal ?? code}; it said:\n${this.log}`);
	}

	async kill() {
		this.process.kill("SIGKILL");
		await this.exited;
	}

	/** Stops and removes everything it stored. */
	async remove() {
		try {
			await this.stop();
		} finally {
			fs.rmSync(this.scratch, { recursive: true, force: true });
		}
	}

	/** Runs a managing command on this server's data; gives its answer. Throws when it fails. */
	async command(...words) {
		const text = await this.said(...words);

		return text.trim() ? JSON.parse(text) : null;
	}

	/** The same as text, for answers that are not one JSON value. */
	async said(...words) {
		const { stdout } = await promisify(execFile)(this.words[0], [...this.words.slice(1), ...words, "--data", this.data, "--json", "--yes"], {
			env: { ...process.env, ...this.env },
		});

		return stdout;
	}
}
