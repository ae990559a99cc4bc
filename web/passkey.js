// The page of a passkey: asks what the authenticator is to do, lets it, and sends what it made. All words stand in the page.
import { create, forget, get, post } from "./passkeys.js";

const main = document.querySelector("main");
const { path, kind, id, state, error, redirect, rp, openers } = main.dataset;
const ONWARD_MS = 1200;

function element(name) {
	return document.getElementById(name);
}

function show(name, shown = true) {
	element(name).hidden = !shown;
}

/** Tells the page that opened this one, when there is one and nowhere to go. */
function tell(outcome) {
	for (const origin of openers.split(" "))
		window.opener?.postMessage({ type: "reuseid-passkey", transactionId: id, state: outcome }, origin);
}

/** How it ended: said to the reader, then onward, however it went. */
function end(outcome, code, onward) {
	const section = document.getElementById(code || outcome)?.closest("[data-outcome]") ?? element("FAILED");

	show("ready", false);
	show("busy", false);
	section.hidden = false;
	section.querySelector("h1").focus();
	if (!onward) {
		show("close");
		tell(outcome);
		return;
	}
	show("onward");
	setTimeout(() => location.assign(onward), outcome === "COMPLETED" ? 0 : ONWARD_MS);
}

async function ended(reply, credential) {
	if (reply.unknownCredential && credential)
		await forget(rp, credential.id);
	end(reply.state, reply.errorCode, reply.redirect);
}

/** The server will not go on with it: what it says of the operation now stands in the page, loaded again. */
function again() {
	location.reload();
}

async function giveUp(name) {
	await ended(await post(`${path}/cancel`, { error: name }));
}

async function ask(options) {
	return kind === "registration" ? create(options) : get(options);
}

async function go() {
	let credential;

	element("go").disabled = true;
	show("busy");
	const reply = await post(`${path}/options`, {});

	if (!reply.publicKey)
		return ended(reply);
	try {
		credential = await ask(reply.publicKey);
	} catch (thrown) {
		show("known", thrown.name === "InvalidStateError");
		return giveUp(thrown.name);
	}
	return ended(await post(`${path}/result`, credential), credential);
}

if (state !== "PENDING") {
	end(state, error, redirect);
} else if (!window.PublicKeyCredential) {
	end("unsupported", "", "");
} else {
	show("ready");
	element("go").addEventListener("click", () => go().catch(again));
	element("cancel").addEventListener("click", () => giveUp("").catch(again));
	element("go").focus();
}
