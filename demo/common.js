// What the shop's pages have in common.
const result = document.getElementById("result");

/** JSON to the shop's own backend and back. */
export async function ask(path, body) {
	const reply = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });

	return reply.json();
}

export function show(answer) {
	result.textContent = JSON.stringify(answer, null, "  ");
}

/** register(name) and logIn() when their buttons are pressed. */
export function onSubmit(register, logIn) {
	for (const [id, action] of [["register", () => register(document.getElementById("name").value)], ["login", logIn]])
		document.getElementById(id).addEventListener("submit", (event) => {
			event.preventDefault();
			action();
		});
}
