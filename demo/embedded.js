// The same without leaving the shop: the server's script does the ceremony here.
import { authenticate, register } from "%SERVER%/passkeys/v1/passkeys.js";

const result = document.getElementById("result");

async function ask(path, body) {
	const reply = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

	return reply.json();
}

async function carryOut(kind, started, action) {
	if (!started.transactionId)
		return started;
	const outcome = await action(started.transactionId);
	const truth = await ask("/api/result", { kind, transactionId: started.transactionId });

	return { outcome, truth };
}

function show(answer) {
	result.textContent = JSON.stringify(answer, null, "  ");
}

function failed(thrown) {
	show({ thrown: thrown.name, code: thrown.code, message: thrown.message });
}

document.getElementById("register").addEventListener("submit", async (event) => {
	event.preventDefault();
	const started = await ask("/api/register", { name: document.getElementById("name").value, redirect: false });

	carryOut("registrations", started, register).then(show, failed);
});
document.getElementById("login").addEventListener("submit", async (event) => {
	event.preventDefault();
	carryOut("authentications", await ask("/api/login", { redirect: false }), authenticate).then(show, failed);
});
// Autofill: the browser offers passkeys in the field of the name.
if (location.hash === "#autofill")
	carryOut("authentications", await ask("/api/login", { redirect: false }),
		(id) => authenticate(id, { mediation: "conditional" })).then(show, failed);
