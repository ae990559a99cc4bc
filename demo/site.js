// The shop's page: sends the browser to the server's page, and asks its own backend what happened when it comes back.
import { ask, onSubmit, show } from "/common.js";

async function go(path, body) {
	const started = await ask(path, body);

	if (started.operationUrl)
		location.assign(started.operationUrl);
	else
		show(started);
}

onSubmit((name) => go("/api/register", { name, passkey: "Passkey of the shop" }), () => go("/api/login", {}));
if (location.pathname === "/done") {
	const query = new URLSearchParams(location.search);

	show(await ask("/api/result", { kind: query.get("kind"), transactionId: query.get("transactionId") }));
}
