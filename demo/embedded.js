// The same without leaving the shop: the server's script does the ceremony here.
import { authenticate, register } from "%SERVER%/passkeys/v1/passkeys.js";
import { ask, onSubmit, show } from "/common.js";

async function carryOut(kind, started, action) {
	if (!started.transactionId)
		return started;
	const outcome = await action(started.transactionId);
	const truth = await ask("/api/result", { kind, transactionId: started.transactionId });

	return { outcome, truth };
}

function failed(thrown) {
	show({ thrown: thrown.name, code: thrown.code, message: thrown.message });
}

async function logIn(more) {
	const started = await ask("/api/login", { redirect: false });

	carryOut("authentications", started, (id) => authenticate(id, more)).then(show, failed);
}

onSubmit(async (name) => {
	carryOut("registrations", await ask("/api/register", { name, redirect: false }), register).then(show, failed);
}, () => logIn());
// Autofill: the browser offers passkeys in the field of the name.
if (location.hash === "#autofill")
	logIn({ mediation: "conditional" });
