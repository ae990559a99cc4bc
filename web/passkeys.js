// Passkeys on a page of your own: <script type="module"> import { register, authenticate } from "https://DOMAIN/passkeys/v1/passkeys.js".
// The page's origin has to be one that the domain allows. Start the operation on your server, hand its transactionId to the page:
//   await register(transactionId)
//   await authenticate(transactionId)
//   await authenticate(transactionId, { mediation: "conditional" })   autofill, with <input autocomplete="username webauthn">
// Each gives { state, errorCode, redirect }; what really happened, your server asks the API.

const base = new URL(import.meta.url).origin;

function bytes(text) {
	const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));

	return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

function text(buffer) {
	let binary = "";

	for (const byte of new Uint8Array(buffer))
		binary += String.fromCharCode(byte);
	return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function descriptors(list = []) {
	return list.map((one) => ({ ...one, id: bytes(one.id) }));
}

/** JSON there and back; throws what the server says is wrong. */
export async function post(path, body) {
	const reply = await fetch(new URL(path, base), {
		method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
		credentials: base === location.origin ? "same-origin" : "omit",
	});
	const answer = await reply.json();

	if (!reply.ok)
		throw Object.assign(new Error(answer.detail), { code: answer.code, status: reply.status });
	return answer;
}

/** credentials.create() with options as JSON; gives the credential as JSON. */
export async function create(options, more = {}) {
	const credential = await navigator.credentials.create({ ...more, publicKey: {
		...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) },
		excludeCredentials: descriptors(options.excludeCredentials),
	} });
	const { response } = credential;

	return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: {
		clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject),
		transports: response.getTransports?.() ?? [],
	} };
}

/** credentials.get() with options as JSON; gives the credential as JSON. */
export async function get(options, more = {}) {
	const credential = await navigator.credentials.get({ ...more, publicKey: {
		...options, challenge: bytes(options.challenge), allowCredentials: descriptors(options.allowCredentials),
	} });
	const { response } = credential;

	return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response: {
		clientDataJSON: text(response.clientDataJSON), authenticatorData: text(response.authenticatorData),
		signature: text(response.signature), userHandle: response.userHandle ? text(response.userHandle) : undefined,
	} };
}

/** Lets the user's password manager forget a passkey that the server does not know (WebAuthn Level 3, 5.1.10.1). */
export async function forget(rpId, credentialId) {
	await window.PublicKeyCredential?.signalUnknownCredential?.({ rpId, credentialId }).catch(() => {});
}

async function carryOut(kind, transactionId, ask, more) {
	const path = `/passkeys/${kind}/${encodeURIComponent(transactionId)}`;
	const { publicKey, token, ...over } = await post(`${path}/options`, {});
	let credential;

	if (!publicKey)
		return over;
	try {
		credential = await ask(publicKey, more);
	} catch (thrown) {
		return post(`${path}/cancel`, { token, error: thrown.name });
	}
	const outcome = await post(`${path}/result`, { ...credential, token });

	if (outcome.unknownCredential)
		await forget(publicKey.rpId, credential.id);
	return outcome;
}

export function register(transactionId, more = {}) {
	return carryOut("registrations", transactionId, create, more);
}

/** more: { mediation, signal } of credentials.get() */
export function authenticate(transactionId, more = {}) {
	return carryOut("authentications", transactionId, get, more);
}
