// The shop's page: sends the browser to the server's page, and asks its own backend what happened when it comes back.
const result = document.getElementById("result");

export async function ask(path, body) {
	const reply = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

	return reply.json();
}

export function show(answer) {
	result.textContent = JSON.stringify(answer, null, "  ");
}

async function go(path, body) {
	const started = await ask(path, body);

	if (started.operationUrl)
		location.assign(started.operationUrl);
	else
		show(started);
}

document.getElementById("register").addEventListener("submit", (event) => {
	event.preventDefault();
	go("/api/register", { name: document.getElementById("name").value, passkey: "Passkey of the shop" });
});
document.getElementById("login").addEventListener("submit", (event) => {
	event.preventDefault();
	go("/api/login", {});
});
if (location.pathname === "/done") {
	const query = new URLSearchParams(location.search);

	show(await ask("/api/result", { kind: query.get("kind"), transactionId: query.get("transactionId") }));
}
