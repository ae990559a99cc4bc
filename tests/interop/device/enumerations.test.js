// Every value of every enumeration of the API's device side, as its public reference lists them (tests/vectors/api-enumerations.json):
// brought about with a phone on the project's SDK, and what the API then reports. A value without a row fails, and so does a row of no
// value; and one more that does without the SDK.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import * as devices from "./values/devices.js";
import { errorCode } from "./values/errors.js";
import * as platforms from "./values/platforms.js";
import { SdkWorld } from "./values/world.js";

const AT_ONCE = 8;
const WITHOUT_SDK = ["errorCode CALLBACK_FAILED", "hwKeyServerResult NOT_PROVIDED_BY_CLIENT"];
const listed = path.resolve(import.meta.dirname, "../../vectors/api-enumerations.json");
const { enumerations, alwaysCollected } = JSON.parse(fs.readFileSync(listed, "utf8"));
const rows = { ...devices, ...platforms, errorCode, riskAttributes: devices.riskRows(enumerations.riskAttributes, alwaysCollected) };
let world;

before(async () => { world = await SdkWorld.started(); });
after(() => world?.close());

test("every value has a row, and every row is one of a value", () => {
	for (const [name, values] of Object.entries(enumerations))
		assert.deepEqual(Object.keys(rows[name] ?? {}).sort(), [...values].sort(), name);
});

test("every row but two is one of the SDK", () => {
	const without = Object.entries(rows).flatMap(([name, values]) => Object.entries(values)
		.filter(([, row]) => row.reason).map(([value]) => `${name} ${value}`));

	assert.deepEqual(without.sort(), WITHOUT_SDK);
});

describe("values", { concurrency: AT_ONCE }, () => {
	for (const [name, values] of Object.entries(enumerations))
		for (const value of values)
			test(`${name} ${value}`, () => rows[name][value](world));

	test("what is in no list is refused", () => platforms.unlisted(world));
});
