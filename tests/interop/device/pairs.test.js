// Every message of the protocol in every situation: taken, or refused with its code; what is refused changes nothing. The list of
// messages is that of protocol/messages.h, so a new one without a column fails.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { Flows } from "../../support/flows.js";
import { isInside, messages, sceneFor, situations } from "./pairs.js";

const AT_ONCE = 6;
const HEADER = path.resolve(import.meta.dirname, "../../../protocol/messages.h");
const GONE = "unknown_session";
const MILD = ["cfg.get", "ses.wait", "push.update", "push.ack"];
const WRITES_NOTHING = [202, 208, 210, 224, 230, 231, 232, 234, 236];
let bank;

before(async () => { bank = await Flows.started({ config: {
		recoveryEnabled: true, amountFailuresAllowed: 3, serverSideFaceEnabled: true, faceProvider: "MOCK",
		allowedAuthMethods: "DEVICE, DEVICE:PIN, DEVICE:IOS_FACE_ID, DEVICE:ANDROID_BIOMETRIC_PROMPT, DEVICE:SERVER_SIDE_FACE",
	} }); });
after(() => bank?.remove());

// ---- what is wanted: for each situation the messages that are not refused in the common way ----

const all = (code, ...names) => Object.fromEntries(names.map((name) => [name, code]));
const OF_A_DEVICE = ["ses.wait", "ses.start", "am.start", "am.start deactivate", "rec.add.start", "rec.delete", "push.update", "push.ack",
	"reg.deactivate"];
const anyone = { "cfg.get": "ok", "act.start": "ok" };
const unknown = { ...anyone, ...all(214, ...OF_A_DEVICE), "rec.start": 202 };
const idle = { ...anyone, ...all("ok", ...OF_A_DEVICE), "rec.start": "ok", "ses.start": 208, "push.ack": 210 };
const asked = { ...idle, "ses.start": "ok", "push.ack": "ok" };
const barred = (code) => ({ ...anyone, ...all(code, ...OF_A_DEVICE) });
const session = (names) => ({ ...asked, ...names });
const own = (names) => ({ ...idle, ...names });

const wanted = {
	stranger: { ...unknown, "act.start": 200 },
	registering: { ...unknown, "act.pin": "ok", "act.finish": 234 },
	registeringEvaluated: { ...unknown, "act.pin": "ok", "act.finish": "ok" },
	registeringCancelled: { ...unknown, "act.start": 200 },
	device: idle,
	pending: asked,
	started: session({ "ses.pin": "ok", "ses.cancel": "ok" }),
	startedOneFactor: session({ "ses.pin": "ok", "ses.cancel": "ok" }),
	evaluated: session({ "ses.pin": "ok", "ses.finish": "ok", "ses.cancel": "ok" }),
	signing: session({ "ses.pin": "ok", "ses.finish": "ok", "ses.cancel": "ok" }),
	failedOnce: session({ "ses.pin": "ok", "ses.finish": 214, "ses.cancel": "ok" }),
	completed: idle,
	cancelledByPhone: idle,
	cancelledByProvider: idle,
	superseded: { ...asked, "push.ack": 210 },
	selfLocked: { ...barred(226), "rec.start": "ok" },
	lockedByAdmin: { ...barred(224), "rec.start": 224 },
	userLocked: { ...barred(224), "act.start": 200, "rec.start": 224 },
	deleted: { ...barred(202), "rec.start": 202 },
	deactivated: { ...barred(202), "rec.start": 202 },
	userDeleted: { ...unknown, "act.start": 200 },
	methodStarted: own({ "am.pin": "ok", "ses.cancel": "ok" }),
	methodAuthorised: own({ "am.pin": "ok", "am.finish": "ok", "ses.cancel": "ok" }),
	methodPin: own({ "am.pin": "ok", "am.pin new": "ok", "am.finish": 244, "ses.cancel": "ok" }),
	methodRemoval: own({ "am.pin": 231, "am.finish": "ok", "ses.cancel": "ok" }),
	methodCancelled: idle,
	recoveryBegun: own({ "rec.add.start": 233, "rec.add.pin": "ok", "ses.cancel": "ok" }),
	recoveryCoded: own({ "rec.add.start": 233, "rec.add.pin": "ok", "rec.add.finish": "ok", "ses.cancel": "ok" }),
	recoveryCancelled: own({ "rec.add.start": 233 }),
	recovering: { ...unknown, "rec.start": "ok", "rec.pin": "ok", "rec.pin new": "ok", "ses.cancel": "ok" },
	recoveringUnlocked: { ...unknown, "rec.start": "ok", "rec.pin": "ok", "rec.pin new": "ok", "rec.finish": 234, "ses.cancel": "ok" },
	recoveringChosen: { ...unknown, "rec.start": "ok", "rec.pin": "ok", "rec.pin new": "ok", "rec.finish": "ok", "ses.cancel": "ok" },
	recoveringByFace: { ...unknown, "rec.start": "ok", "rec.face": "ok", "rec.pin new": "ok", "ses.cancel": "ok" },
	recoveringByFaceUnlocked: { ...unknown, "rec.start": "ok", "rec.face": "ok", "rec.pin new": "ok", "rec.finish": 234, "ses.cancel": "ok" },
	recoveringCancelled: { ...unknown, "rec.start": "ok" },
	onboardingOffered: unknown,
	onboarding: { ...unknown, "act.pin": "ok", "act.finish": 234 },
	onboardingEvaluated: { ...unknown, "act.pin": "ok", "act.finish": "ok" },
	onboarded: idle,
	stepUp: asked,
	stepUpStarted: session({ "ses.pin": "ok", "ses.cancel": "ok" }),
	stepUpEvaluated: session({ "ses.pin": "ok", "ses.finish": "ok", "ses.cancel": "ok" }),
	stepUpApproved: idle,
	stepUpDeclined: idle,
	stepUpAgain: { ...asked, "push.ack": 210 },
	broadcast: asked,
	legStarted: session({ "ses.pin": "ok", "ses.cancel": "ok" }),
	legEvaluated: session({ "ses.pin": "ok", "ses.finish": "ok", "ses.cancel": "ok" }),
	legLost: idle,
	legDeclined: idle,
	legLeft: { ...barred(224), "rec.start": 224 },
};

/** Inside a session that is over, or of another family: 208. Without any session, or one whose user is gone: outside the envelope. */
function wantedOf(situation, message) {
	if (message in wanted[situation])
		return wanted[situation][message];
	return isInside(message) && situation === "userDeleted" ? GONE : 208;
}

// ---- what is there ----

const idOf = (uuid) => Buffer.from(uuid.replaceAll("-", ""), "hex");

/** All that a message of this scene could change. */
function traces({ phone }) {
	const user = phone.user && idOf(phone.user.id);
	const tables = ["devices", "credentials", "recoveries", "authorisation_tokens", "push_tokens"];

	if (!user)
		return null;
	return [...tables.map((table) => bank.rows(`SELECT * FROM ${table} WHERE user_id = ?`, user)),
		bank.rows("SELECT * FROM device_sessions WHERE user_id = ? AND ended = 0", user), // what is over is forgotten at any time
		bank.rows("SELECT id, state, error, completed FROM transactions WHERE user_id = ?", user),
		bank.rows("SELECT n FROM audit WHERE user_id = ?", user)];
}

const heard = (answer) => (answer.ok ? "ok" : answer.code ?? answer.error);

const changesNothing = (situation, message) => WRITES_NOTHING.includes(wantedOf(situation, message)) && message !== "rec.start";
/** After it the next message finds what this one found. */
const spares = (situation, message) => changesNothing(situation, message) || MILD.includes(message);

async function pair(situation, message, scene) {
	const request = await messages[message](scene);
	const earlier = traces(scene);
	const answer = await scene.phone.send(request);

	assert.equal(heard(answer), wantedOf(situation, message), `${situation}, ${message}: ${answer.json ?? answer.error}`);
	if (changesNothing(situation, message))
		assert.deepEqual(traces(scene), earlier, `${situation}, ${message}: something was changed`);
}

/** Those that spare the scene share one; every other has one of its own. */
async function everyMessage(situation) {
	const shared = await situations[situation](bank);
	const names = Object.keys(messages).filter((message) => shared.session || !isInside(message));

	for (const message of names.filter((name) => spares(situation, name)))
		await pair(situation, message, shared);
	for (const message of names.filter((name) => !spares(situation, name)))
		await pair(situation, message, await sceneFor(message, () => situations[situation](bank)));
}

test("every message of the protocol has a column, every situation a row", () => {
	const declared = [...fs.readFileSync(HEADER, "utf8").matchAll(/^\tMESSAGE\(\w+, "([\w.]+)"/gm)].map(([, name]) => name).sort();

	assert.ok(declared.length > 20);
	assert.deepEqual([...new Set(Object.keys(messages).map((name) => name.split(" ")[0]))].sort(), declared);
	assert.deepEqual(Object.keys(wanted).sort(), Object.keys(situations).sort());
});

describe("situations", { concurrency: AT_ONCE }, () => {
	for (const situation of Object.keys(situations))
		test(situation, () => everyMessage(situation));
});
