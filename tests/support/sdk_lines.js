// The SDK, spoken to in lines of JSON (sdk_lines/).
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import readline from "node:readline";

/** The program that the SDK runs in; built beside the server with sanitizers. It answers each line before it reads the next. */
export class SdkLines {
	#waiting = [];

	constructor() {
		const binary = path.join(path.dirname(process.env.SERVER_BINARY), "../../tests/support/sdk_lines/sdk_lines");

		this.program = spawn(binary, { stdio: ["pipe", "pipe", "inherit"] });
		this.gone = once(this.program, "close");
		this.gone.then(([status]) => this.#waiting.forEach(({ reject }) => reject(new Error(`the SDK's program ended: ${status}`))));
		readline.createInterface({ input: this.program.stdout }).on("line", (line) => this.#waiting.shift().resolve(JSON.parse(line)));
	}

	ask(message) {
		return new Promise((resolve, reject) => {
			this.#waiting.push({ resolve, reject });
			this.program.stdin.write(`${JSON.stringify(message)}\n`);
		});
	}

	/** Its status: not 0 when a sanitizer has something to say. */
	async close() {
		this.program.stdin.end();
		return (await this.gone)[0];
	}
}
