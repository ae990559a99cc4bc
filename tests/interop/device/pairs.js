// For the table of pairs: every message of the protocol as a phone would say it in whatever situation it is, well formed and signed with
// the keys that it has; and the situations.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { ONBOARDINGS } from "../../support/flows.js";
import { PIN } from "../../support/mobileid.js";
import { KIND, must } from "./client.js";
import { b64, newKey, points, publicKey, random } from "./crypto.js";

const FACE_ID = "DEVICE_IOS_FACE_ID";
const ANDROID = "DEVICE_ANDROID_BIOMETRIC_PROMPT";
const CODE = "314159";
const TOKENS = { tokenPurposes: ["addOrUpdateRecovery", "deleteRecovery"] };
const FACE = "DEVICE_SERVER_SIDE_FACE";
const scan = Buffer.from("live:Anna"); // as the provider of sandboxes knows people

const blinded = () => b64(points.random());
const pinMembers = (s) => ({ b: blinded(), skid: s.start.saltKeyId });

/** What proves the PIN, where the session has evaluated one. */
const proven = ({ session, phone }) => ({ [KIND.DEVICE]: phone.store.dk, ...(session.pinKey && { [KIND.PIN]: session.pinKey }) });

function newDevice({ session, phone }, further = {}) {
	const { pinKey } = session;

	return [{
		methods: pinKey ? [{ m: "DEVICE" }, { m: "DEVICE_PIN", pub: b64(publicKey(pinKey)) }] : [{ m: "DEVICE" }],
		hwKeyClientStatus: "INFO_NO_HARDWARE_SUPPORT", riskData: {},
	}, { ...further, [KIND.NEW_DEVICE]: phone.store.dk, ...(pinKey && { [KIND.NEW_PIN]: pinKey }) }];
}

function changeMethods(scene) {
	const { session } = scene;
	const fresh = newKey();
	const method = session.family === "am" ? session.method : ANDROID;
	const own = method === "DEVICE_PIN" ? [] : [{ new: { m: method, pub: b64(publicKey(fresh)) } }, { [KIND.NEW_BIOMETRIC]: fresh }];
	const deactivates = session.purpose === "deactivate";
	const [members, signers] = deactivates ? [] : own;

	return [{ m: deactivates ? "DEVICE" : "DEVICE_PIN", chal: session.challenge, riskData: {}, ...members },
		{ ...(deactivates ? { [KIND.DEVICE]: scene.phone.store.dk } : proven(scene)), ...signers }];
}

const inside = (t, make) => (scene) => scene.session.request(t, ...make(scene));

/** What is said, by the message's name; some in more than one way. Inside a session, and outside. */
export const messages = {
	"cfg.get": ({ phone }) => phone.request("cfg.get", {}),
	"ses.wait": ({ phone }) => phone.request("ses.wait", { waitMs: 0 }, phone.device),
	"act.start": ({ phone, code }) => phone.activationRequest(code),
	"act.pin": inside("act.pin", ({ session }) => [pinMembers(session)]),
	"act.finish": inside("act.finish", (scene) => newDevice(scene)),
	"ses.start": ({ phone }) => phone.startRequest(),
	"ses.pin": inside("ses.pin", ({ session }) => [pinMembers(session)]),
	"ses.finish": inside("ses.finish", (scene) => [{ m: "DEVICE_PIN", chal: scene.session.challenge, riskData: {} }, proven(scene)]),
	"ses.cancel": inside("ses.cancel", () => [{}]),
	"am.start": ({ phone }) => phone.request("am.start", { purpose: "activate", m: ANDROID, ticket: phone.store.ticket }, phone.device),
	"am.start deactivate": ({ phone }) => phone.request("am.start", { purpose: "deactivate", m: FACE_ID, ticket: phone.store.ticket }, phone.device),
	"am.pin": inside("am.pin", ({ session }) => [{ use: "authorise", ...pinMembers(session) }]),
	"am.pin new": inside("am.pin", ({ session }) => [{ use: "new", ...pinMembers(session) }]),
	"am.finish": inside("am.finish", changeMethods),
	"rec.add.start": ({ phone }) => phone.request("rec.add.start",
		{ token: phone.store.tokens.addOrUpdateRecovery ?? b64(random(32)), method: "CLOUD_BACKUP_RECOVERY_CODE" }, phone.device),
	"rec.add.pin": inside("rec.add.pin", ({ session }) => [pinMembers(session)]),
	"rec.add.finish": inside("rec.add.finish", ({ phone }) => {
		const rk = newKey();

		return [{ rkPub: b64(publicKey(rk)) }, { [KIND.DEVICE]: phone.store.dk, [KIND.NEW_RECOVERY]: rk }];
	}),
	"rec.delete": ({ phone }) => phone.request("rec.delete", { token: phone.store.tokens.deleteRecovery ?? b64(random(32)) }, phone.device),
	"rec.start": ({ finder, backup }) => finder.recoveryRequest(backup),
	"rec.pin": inside("rec.pin", ({ session }) => [{ use: "recovery", b: blinded(), skid: session.backup?.saltKeyId ?? session.start.saltKeyId }]),
	"rec.pin new": inside("rec.pin", ({ session }) => [{ use: "new", ...pinMembers(session) }]),
	"rec.face": inside("rec.face", () => [{ face: scan }]),
	"rec.finish": inside("rec.finish", (scene) => newDevice(scene, { [KIND.RECOVERY]: scene.session.recoveryKey ?? newKey() })),
	"push.update": ({ phone }) => phone.request("push.update", {}, phone.device),
	"push.ack": ({ phone, operation }) => phone.request("push.ack", { pushSessionId: operation?.transactionId ?? crypto.randomUUID() }, phone.device),
	"reg.deactivate": ({ phone }) => phone.request("reg.deactivate", {}, phone.device),
};

/** Does it belong inside a session? */
export const isInside = (name) => !/^cfg|wait|start|rec\.delete|^push|^reg/.test(name);

const about = new AsyncLocalStorage();

/** Makes a scene for one message only, which need not have what that one is not about. */
export const sceneFor = (message, make) => about.run(message, make);
const isAboutRecovery = () => /^rec\./.test(about.getStore() ?? "rec.");

// ---- situations: each makes a scene { phone, session?, operation?, code, backup, finder } in a bank ----

async function stranger(bank) {
	const phone = bank.newPhone();

	phone.store.reg = crypto.randomUUID();
	return { phone, code: "000000", finder: bank.newPhone(), backup: { recoveryId: b64(random(16)) } };
}

async function codeOf(bank, user) {
	return (await bank.startRegistration(user)).operationProperties.activationCode;
}

/** A device with PIN and a biometric key, a recovery, tokens to change it; and the code of a registration of the user's. */
async function device(bank, { methods = ["DEVICE", "DEVICE_PIN", FACE_ID], user, code } = {}) {
	const phone = bank.newPhone();

	phone.user = user ?? await bank.newUser();
	const { session } = must(await phone.activate(code ?? await codeOf(bank, phone.user)));

	must(await session.newPin(PIN));
	phone.store.pin = PIN;
	must(await session.register({ methods, ...TOKENS }));
	if (isAboutRecovery())
		await phone.addRecovery(CODE, TOKENS);
	return { phone, session: phone.session, finder: bank.newPhone(), backup: phone.store.backup, code: await codeOf(bank, phone.user) };
}

async function registering(bank) {
	const phone = bank.newPhone();

	phone.user = await bank.newUser();
	phone.store.reg = crypto.randomUUID(); // it has none yet: as a stranger's
	const operation = await bank.startRegistration(phone.user);
	const code = operation.operationProperties.activationCode;
	const { session } = must(await phone.activate(code));

	return { phone, session, code, kind: "registrations", finder: bank.newPhone(), backup: { recoveryId: b64(random(16)) } };
}

async function registeringEvaluated(bank) {
	const scene = await registering(bank);

	must(await scene.session.newPin(PIN));
	return scene;
}

async function pending(bank, options) {
	const scene = await device(bank);

	return { ...scene, operation: await bank.startOperation(scene.phone, options) };
}

async function started(bank, options) {
	const scene = await pending(bank, options);

	return { ...scene, session: must(await scene.phone.start()).session };
}

async function evaluated(bank, options) {
	const scene = await started(bank, options);

	must(await scene.session.pin());
	return scene;
}

async function failedOnce(bank) {
	const scene = await started(bank);

	must(await scene.session.pin("9999"));
	await scene.session.finish();
	return scene;
}

async function completed(bank) {
	const scene = await evaluated(bank);

	must(await scene.session.finish());
	return { ...scene, operation: undefined };
}

async function methodStarted(bank, purpose = "activate", m = ANDROID) {
	const scene = await device(bank);

	return { ...scene, session: must(await scene.phone.startMethod(purpose, m)).session };
}

async function methodAuthorised(bank) {
	const scene = await methodStarted(bank);

	must(await scene.session.pin());
	return scene;
}

async function recoveryBegun(bank) {
	const scene = await device(bank);
	const answer = must(await scene.phone.startRecovery());

	delete scene.phone.store.tokens.addOrUpdateRecovery; // used by that
	return { ...scene, session: answer.session };
}

async function recoveryCoded(bank) {
	const scene = await recoveryBegun(bank);

	must(await scene.session.recoveryCode(CODE));
	return scene;
}

/** Spoken by the phone that found the backup. Its own device is to come, so outside it is a stranger. */
async function recovering(bank) {
	const scene = await sceneFor("rec.start", () => device(bank));
	const phone = scene.finder;
	const { session } = must(await phone.startRecovering(scene.backup));

	phone.store.reg = crypto.randomUUID();
	phone.user = scene.phone.user;
	return { ...scene, phone, session, finder: bank.newPhone() };
}

async function recoveringUnlocked(bank) {
	const scene = await recovering(bank);

	must(await scene.session.unlock(CODE));
	return scene;
}

async function recoveringChosen(bank) {
	const scene = await recoveringUnlocked(bank);

	must(await scene.session.newPin(PIN));
	return scene;
}

/** The sweeper has ended what was for an operation that is over, and settled the try. */
function settled(bank, { id }) {
	const user = Buffer.from(id.replaceAll("-", ""), "hex");
	const left = () => [
		...bank.rows("SELECT 1 FROM devices d JOIN credentials c ON c.id = d.id WHERE d.user_id = ? AND d.try_open = 1 AND c.state = 1", user),
		...bank.rows("SELECT 1 FROM device_sessions s WHERE user_id = ? AND ended = 0"
			+ " AND NOT EXISTS (SELECT 1 FROM transactions t WHERE t.id = s.operation AND t.state = 1)", user)];

	return bank.until(left, (rows) => rows.length === 0);
}

/** The same by a face. */
async function recoveringByFace(bank) {
	const old = bank.newPhone();
	const phone = bank.newPhone();

	old.user = phone.user = await bank.newUser();
	const { session } = must(await old.activate(await codeOf(bank, old.user)));
	must(await session.newPin(PIN));
	must(await session.register({ methods: ["DEVICE", "DEVICE_PIN", FACE], face: scan, ...TOKENS }));
	must(await must(await old.startRecovery({ method: "CLOUD_BACKUP_SERVER_SIDE_FACE" })).session.addRecovery({ face: scan }));
	const { backup } = old.store;
	const answer = must(await phone.startRecovering(backup));
	phone.store.reg = crypto.randomUUID();
	return { phone, session: answer.session, backup, finder: bank.newPhone(), code: await codeOf(bank, old.user) };
}

async function recoveringByFaceUnlocked(bank) {
	const scene = await recoveringByFace(bank);

	must(await scene.session.unlockByFace(scan));
	return scene;
}

/** What became of the evaluated one, from outside. */
const then = (act, make = evaluated) => async (bank) => {
	const scene = await make(bank);

	await act(bank, scene);
	await settled(bank, scene.phone.user);
	return { ...scene, operation: undefined };
};

async function selfLocked(bank) {
	const scene = await started(bank);

	await scene.session.pin(PIN, { members: (m) => ({ ...m, skid: "another" }) });
	return { ...scene, operation: undefined };
}

/** Two devices of one user and an operation for both; the scene is the first one's. */
async function broadcast(bank) {
	const scene = await device(bank);
	const { phone: other } = await device(bank, { user: scene.phone.user });
	const { body: operation } = await bank.rest("POST", "/reuseid/core/credentials/devices/authentications",
		{ userId: scene.phone.user.id, operationProperties: { broadcast: true } });

	return { ...scene, code: await codeOf(bank, scene.phone.user), operation, other };
}

async function legStarted(bank) {
	const scene = await broadcast(bank);

	return { ...scene, session: must(await scene.phone.start()).session };
}

async function legEvaluated(bank) {
	const scene = await legStarted(bank);

	must(await scene.session.pin());
	return scene;
}

/** A registration that an onboarding has begun. */
async function onboardingOffered(bank) {
	const scene = await stranger(bank);
	const flow = await bank.onboard();

	scene.phone.user = { id: flow.userId };
	return { ...scene, code: flow.activationCode };
}

async function onboarding(bank) {
	const scene = await onboardingOffered(bank);

	return { ...scene, session: must(await scene.phone.activate(scene.code)).session };
}

async function onboardingEvaluated(bank) {
	const scene = await onboarding(bank);

	must(await scene.session.newPin(PIN));
	return scene;
}

/** The device is there, and the onboarding goes on with the proofing. */
async function onboarded(bank) {
	const flow = await bank.onboard();
	const scene = await device(bank, { user: { id: flow.userId }, code: flow.activationCode });

	assert.equal((await bank.flow(ONBOARDINGS, flow)).deviceId, scene.phone.store.reg);
	return scene;
}

/** An authentication that a step-up has begun; only the phone knows it by its own id. */
async function stepUp(bank) {
	const scene = await device(bank);

	await bank.stepUp(scene.phone);
	const { pending: [{ pushSessionId }] } = must(await scene.phone.wait()).is;
	return { ...scene, operation: { transactionId: pushSessionId } };
}

async function stepUpStarted(bank) {
	const scene = await stepUp(bank);

	return { ...scene, session: must(await scene.phone.start()).session };
}

async function stepUpEvaluated(bank) {
	const scene = await stepUpStarted(bank);

	must(await scene.session.pin());
	return scene;
}

const stepUpThen = (act) => then(act, stepUpEvaluated);
const legThen = (act) => then(act, legEvaluated);

export const situations = {
	stranger, registering, registeringEvaluated,
	registeringCancelled: then((bank, { phone }) => bank.startRegistration(phone.user), registeringEvaluated),
	device, pending, started, evaluated, failedOnce, completed,
	startedOneFactor: (bank) => started(bank, { authLevel: "ONE_FACTOR" }),
	signing: (bank) => evaluated(bank, { kind: "signatures" }),
	cancelledByPhone: then((bank, { session }) => session.cancel().then(must)),
	cancelledByProvider: then((bank, { operation }) => bank.cancel(operation)),
	superseded: then((bank, { phone }) => phone.startMethod("activate", ANDROID).then(must)),
	selfLocked,
	lockedByAdmin: then((bank, { phone }) => bank.changeDevice(phone, { state: "LOCKED" })),
	userLocked: then((bank, { phone }) => bank.changeUser(phone.user, { state: "LOCKED" })),
	deleted: then((bank, { phone }) => bank.deleteDevice(phone)),
	deactivated: then((bank, { phone }) => phone.deactivate().then(must)),
	userDeleted: then(async (bank, { phone }) => {
		await bank.changeUser(phone.user, { state: "LOCKED" });
		await bank.rest("DELETE", `/reuseid/core/users/${phone.user.id}`);
	}),
	methodStarted, methodAuthorised,
	methodPin: (bank) => methodStarted(bank, "activate", "DEVICE_PIN"),
	methodRemoval: (bank) => methodStarted(bank, "deactivate", FACE_ID),
	methodCancelled: then((bank, { session }) => session.cancel().then(must), methodAuthorised),
	recoveryBegun, recoveryCoded,
	recoveryCancelled: then((bank, { session }) => session.cancel().then(must), recoveryCoded),
	recovering, recoveringUnlocked, recoveringChosen, recoveringByFace, recoveringByFaceUnlocked,
	recoveringCancelled: then((bank, { session }) => session.cancel().then(must), recoveringChosen),
	onboardingOffered, onboarding, onboardingEvaluated, onboarded,
	stepUp, stepUpStarted, stepUpEvaluated,
	stepUpApproved: stepUpThen((bank, { session }) => session.finish().then(must)),
	stepUpDeclined: stepUpThen((bank, { session }) => session.cancel().then(must)),
	stepUpAgain: stepUpThen((bank, { phone }) => bank.stepUp(phone)),
	broadcast, legStarted, legEvaluated,
	legLost: legThen(async (bank, { other }) => other.approve()),
	legDeclined: legThen(async (bank, { other }) => must(await must(await other.start()).session.cancel())),
	legLeft: legThen((bank, { phone }) => bank.changeDevice(phone, { state: "LOCKED" })),
};
