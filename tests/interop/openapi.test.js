// The OpenAPI document is sound, tools can use it, and the server answers as it says.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import addFormats from "ajv-formats";
import Ajv2020 from "ajv/dist/2020.js";
import newman from "newman";
import { USERS, accessToken, call, createUser } from "../support/api.js";
import { Server } from "../support/server.js";

const require = createRequire(import.meta.url);
const postman = require("openapi-to-postmanv2");
const METHODS = ["get", "put", "post", "delete", "options", "head", "patch"];
const DOCUMENT_PATH = "/reuseid/core/openapi.json";
let server, text, document;

before(async () => {
	server = await Server.started();
	const reply = await fetch(server.baseUrl + DOCUMENT_PATH);
	assert.equal(reply.status, 200);
	text = await reply.text();
	document = JSON.parse(text);
});
after(() => server.remove());

test("it is OpenAPI 3.1 and gives each operation a name of its own", () => {
	const names = Object.values(document.paths).flatMap((item) =>
		METHODS.filter((method) => item[method]).map((method) => item[method].operationId));

	assert.match(document.openapi, /^3\.1\./);
	assert.ok(names.length > 0);
	assert.ok(names.every(Boolean));
	assert.equal(new Set(names).size, names.length);
});

test("redocly finds no error in it", async () => {
	const file = path.join(server.scratch, "openapi.json");
	const redocly = path.join(path.dirname(require.resolve("@redocly/cli/package.json")), "bin/cli.js");

	fs.writeFileSync(file, text);
	await promisify(execFile)(process.execPath, [redocly, "lint", "--format=stylish", file], {
		cwd: server.scratch,
		env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" },
	}).catch((error) => assert.fail(error.stdout + error.stderr));
});

/** { operation, pointer } of a request, or undefined. A path without parameters wins over one with. */
function operationOf(method, pathname) {
	for (const { url } of document.servers ?? [{ url: "/" }]) {
		const base = new URL(url, server.baseUrl).pathname.replace(/\/$/, "");
		const matching = Object.keys(document.paths)
			.filter((template) => new RegExp(`^${base}${template.replace(/\{[^}]+\}/g, "[^/]+")}$`).test(pathname))
			.sort((a, b) => a.split("{").length - b.split("{").length);

		if (matching.length && document.paths[matching[0]][method])
			return {
				operation: document.paths[matching[0]][method],
				pointer: `#/paths/${matching[0].replaceAll("~", "~0").replaceAll("/", "~1")}/${method}`,
			};
	}
	return undefined;
}

function validator() {
	const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });

	addFormats(ajv);
	ajv.addSchema(document, "openapi");
	return (pointer, value) => {
		const validate = ajv.compile({ $ref: `openapi${encodeURI(pointer)}` });

		return validate(value) ? null : ajv.errorsText(validate.errors);
	};
}

/** The place of a response in the document, past a reference to components. */
function responsePointer(found, status) {
	const responses = found.operation.responses;
	const key = [String(status), `${String(status)[0]}XX`, "default"].find((name) => responses[name]);

	return key && (responses[key].$ref ?? `${found.pointer}/responses/${key}`);
}

function at(pointer) {
	return pointer.slice(2).split("/").reduce((value, key) => value[key.replaceAll("~1", "/").replaceAll("~0", "~")], document);
}

/** What is wrong with an answer, judged by the document alone; null when nothing is. */
function undocumented(validate, method, pathname, status, body) {
	const found = operationOf(method, pathname);
	if (!found)
		return "no such operation";
	const pointer = responsePointer(found, status);
	if (!pointer)
		return `status ${status} is not documented`;
	const schema = at(pointer).content?.["application/json"]?.schema;
	if (!schema)
		return body ? "a body is not documented" : null;
	return validate(`${pointer}/content/application~1json/schema`, JSON.parse(body));
}

function convert() {
	const options = { requestParametersResolution: "Example", folderStrategy: "Tags", includeDeprecated: true };

	return new Promise((resolve, reject) => postman.convertV2({ type: "json", data: structuredClone(document) }, options,
		(error, result) => error || !result.result ? reject(error ?? new Error(result.reason)) : resolve(result.output[0].data)));
}

/** All requests of a collection, folders opened. */
function* requests(items) {
	for (const item of items)
		if (item.item)
			yield* requests(item.item);
		else
			yield item;
}

/** Runs the collection; gives { method, path, status, body } of each request. */
function runCollection(collection, token) {
	const answers = [];

	collection.auth = { type: "bearer", bearer: [{ key: "token", value: token, type: "string" }] };
	for (const item of requests(collection.item))
		delete item.request.auth;
	return new Promise((resolve, reject) => newman
		.run({ collection, reporters: [], envVar: [{ key: "baseUrl", value: baseUrlVariable() }] })
		.on("request", (error, { request, response }) => answers.push({
			method: request.method.toLowerCase(),
			path: request.url.getPath(),
			status: error ? String(error) : response.code,
			body: error ? "" : response.stream.toString(),
		}))
		.on("done", (error) => error ? reject(error) : resolve(answers)));
}

function baseUrlVariable() {
	return new URL(document.servers?.[0]?.url ?? "/", server.baseUrl).href.replace(/\/$/, "");
}

test("a Postman collection made of it runs, and every answer is one that it describes", async () => {
	const token = await accessToken(server);
	const user = await createUser(server, token, { externalRef: "postman", attributes: { city: "Oslo" } });
	const verification = await call(server, token, "POST", `${USERS}/${user.id}/identity-verifications`,
		{ provider: "readid", dossierId: "d", processId: "p", orchestrationId: "o" });
	const values = { userId: user.id, verificationId: verification.body.verificationId };
	const collection = await convert();
	const all = [...requests(collection.item)];

	for (const item of all)
		for (const variable of item.request.url.variable ?? [])
			variable.value = values[variable.key] ?? variable.value;
	const answers = await runCollection(collection, token);
	const validate = validator();
	const wrong = answers
		.map((one) => ({ ...one, trouble: undocumented(validate, one.method, one.path, one.status, one.body) }))
		.filter((one) => one.trouble);

	assert.equal(answers.length, all.length);
	assert.deepEqual(wrong, []);
	assert.ok(answers.some((one) => one.status < 300), "something worked");
	assert.deepEqual(answers.filter((one) => one.status === 401 || one.status >= 500), []);
});

test("error answers are as described too", async () => {
	const token = await accessToken(server);
	const validate = validator();
	const unknown = "0190a0a0-0000-7000-8000-000000000000";
	const cases = [
		[null, "GET", `${USERS}/${unknown}`],
		[token, "GET", `${USERS}/${unknown}`],
		[token, "GET", `${USERS}/no-uuid`],
		[token, "POST", USERS, { externalRef: "x".repeat(256) }],
		[token, "POST", `${USERS}/resolve`, {}],
		[token, "POST", `${USERS}?signicat-accountId=a-spge-Abcdefghijk123456789`, {}],
		[token, "GET", `${USERS}/${unknown}/transactions`],
	];

	for (const [bearer, method, target, body] of cases) {
		const reply = await call(server, bearer, method, target, body);
		const pathname = target.split("?")[0];

		assert.ok(reply.status >= 400 && reply.status < 500, `${method} ${target}: ${reply.status}`);
		assert.equal(undocumented(validate, method.toLowerCase(), pathname, reply.status, JSON.stringify(reply.body)), null,
			`${method} ${target}: ${JSON.stringify(reply.body)}`);
	}
});
