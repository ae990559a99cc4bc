// ID tokens and UserInfo that the issuer never gave, one fault in each: none of them becomes anybody's identity.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { SignJWT, UnsecuredJWT, decodeJwt, exportSPKI } from "jose";
import { CLAIMS, Issuer, SECRET, browse, keyPair } from "../../support/issuer.js";
import { ONBOARDINGS, Flows } from "../../support/flows.js";

let mobile, issuer, stranger;
const now = () => Math.floor(Date.now() / 1000);

before(async () => {
	mobile = await Flows.started({ args: ["--outbound-networks", "127.0.0.0/8", "--outbound-http"] });
	issuer = await Issuer.started(`${mobile.server.baseUrl}/proofing/oidc/callback`);
	stranger = await keyPair("first");
	await mobile.proofing({
		providers: [{ name: "signicatvideoid", engine: "oidc", settings: { issuer: issuer.url, clientId: "proofing", secretRef: "s" } }],
		secrets: [{ name: "s", value: SECRET }],
	});
});
after(async () => {
	await mobile.remove();
	issuer.stop();
});

const signed = (claims, { key = issuer.key, header = {} } = {}) =>
	new SignJWT(claims).setProtectedHeader({ alg: key.alg, kid: key.kid, ...header }).sign(key.privateKey);

/** An onboarding that ends with what `alter` makes of the issuer's answers. */
async function ended(alter) {
	const { flow, told } = await mobile.registered();

	await mobile.until(async () => (await fetch(told.captureUrl)).text(), (text) => text.includes('value="outside"'));
	const reply = await fetch(told.captureUrl, { method: "POST", body: new URLSearchParams({ step: "outside" }), redirect: "manual" });

	issuer.alter = alter;
	await browse(reply.headers.get("location"));
	const done = await mobile.ended(ONBOARDINGS, flow);
	issuer.alter = {};
	const { body } = await mobile.rest("GET", `/assure/dossiers/${flow.dossierId}/processes/${flow.processId}`);

	return { flow, done, process: body };
}

const withToken = (make) => ({ "/token": async (body) => ({ ...body, id_token: await make(decodeJwt(body.id_token), body.id_token) }) });

async function refused(alter, type) {
	const { flow, done, process } = await ended(alter);

	assert.equal(done.errorCode, "PROOFING_FAILED", JSON.stringify(done));
	assert.deepEqual([process.status, process.failReason.type, process.finalResult], ["failed", type, undefined]);
	assert.deepEqual(await mobile.attributes(flow.userId), {});
	assert.deepEqual(await mobile.verifications(flow.userId), []);
}

async function taken(alter) {
	const { flow, done } = await ended(alter);

	assert.equal(done.status, "Completed", JSON.stringify(done));
	assert.equal((await mobile.attributes(flow.userId)).lastName, "NORDMANN");
}

const without = (claims, name) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));

for (const [name, type, change] of [
	["another issuer", "id_token_issuer", (c) => ({ ...c, iss: "https://evil.example" })],
	["no issuer", "id_token_issuer", (c) => without(c, "iss")],
	["another audience", "id_token_audience", (c) => ({ ...c, aud: "somebody-else" })],
	["no audience", "id_token_audience", (c) => without(c, "aud")],
	["an audience that we are not among", "id_token_audience", (c) => ({ ...c, aud: ["a", "b"], azp: "proofing" })],
	["two audiences and nobody it was issued to", "id_token_audience", (c) => ({ ...c, aud: ["proofing", "b"] })],
	["two audiences, issued to the other", "id_token_audience", (c) => ({ ...c, aud: ["proofing", "b"], azp: "b" })],
	["our audience, issued to another", "id_token_audience", (c) => ({ ...c, azp: "b" })],
	["expired", "id_token_expired", (c) => ({ ...c, exp: now() - 120 })],
	["no end", "id_token_expired", (c) => without(c, "exp")],
	["an end that is no number", "id_token_expired", (c) => ({ ...c, exp: "tomorrow" })],
	["from the future", "id_token_not_yet", (c) => ({ ...c, iat: now() + 600 })],
	["no beginning", "id_token_not_yet", (c) => without(c, "iat")],
	["not before later", "id_token_not_yet", (c) => ({ ...c, nbf: now() + 600 })],
	["another nonce", "id_token_nonce", (c) => ({ ...c, nonce: "A".repeat(43) })],
	["no nonce", "id_token_nonce", (c) => without(c, "nonce")],
	["nobody", "id_token_subject", (c) => without(c, "sub")],
]) {
	test(`an ID token with ${name}`, () => refused(withToken((claims) => signed(change(claims))), type));
}

test("an ID token that nobody signed", () => refused(withToken((claims) => new UnsecuredJWT(claims).encode()), "id_token_signature"));

test("an ID token whose algorithm is said to be none", () => refused(withToken((claims, token) => {
	const header = Buffer.from(JSON.stringify({ alg: "none", kid: "first" })).toString("base64url");

	return [header, ...token.split(".").slice(1)].join(".");
}), "id_token_signature"));

test("an ID token with the public key as the secret of an HMAC", () => refused(withToken(async (claims) =>
	new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: "first" }).sign(Buffer.from(await exportSPKI(issuer.key.publicKey)))),
"id_token_signature"));

test("an ID token with the secret of the client as that of an HMAC", () => refused(withToken((claims) =>
	new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(Buffer.from(SECRET))), "id_token_signature"));

test("an ID token of a key with the right name", () => refused(withToken((claims) => signed(claims, { key: stranger })), "id_token_signature"));

test("an ID token of a key that nobody knows", () =>
	refused(withToken((claims) => signed(claims, { header: { kid: "unheard-of" } })), "id_token_signature"));

test("an ID token that brings its own key", () =>
	refused(withToken((claims) => signed(claims, { key: stranger, header: { jwk: stranger.public } })), "id_token_signature"));

test("an ID token with a header that has to be understood", () => refused(withToken((claims) =>
	new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "first", crit: ["x"], x: 1 }).sign(issuer.key.privateKey, { crit: { x: true } })),
"id_token_signature"));

test("an ID token whose claims were changed", () => refused(withToken((claims, token) => {
	const [header, , signature] = token.split(".");

	return [header, Buffer.from(JSON.stringify({ ...claims, sub: "another" })).toString("base64url"), signature].join(".");
}), "id_token_signature"));

test("no ID token at all, and something that is none", async () => {
	await refused({ "/token": (body) => without(body, "id_token") }, "code_refused");
	await refused(withToken(() => "nonsense"), "id_token_signature");
});

test("UserInfo of another person", () => refused({ "/me": (body) => ({ ...body, sub: "another" }) }, "userinfo_invalid"));
test("UserInfo of nobody", () => refused({ "/me": (body) => without(body, "sub") }, "userinfo_invalid"));
test("UserInfo that is refused", () => refused({ "/me": () => {
	throw 401;
} }, "userinfo_invalid"));

test("what is signed counts before what is not", async () => {
	const { done } = await ended({ ...withToken((claims) => signed({ ...claims, ...CLAIMS })), "/me": (body) => ({ ...body, given_name: "EVE" }) });

	assert.equal(done.userData.firstName, "KARI");
});

test("keys that were changed since", async () => {
	const next = await keyPair("second");

	await taken({ ...withToken((claims) => signed(claims, { key: next })), "/jwks": () => ({ keys: [issuer.key.public, next.public] }) });
	await refused({ ...withToken((claims) => signed(claims)), "/jwks": () => ({ keys: [next.public] }) }, "id_token_signature");
});

test("a key that is for something else, and keys that are none", async () => {
	await refused({ "/jwks": () => ({ keys: [{ ...issuer.key.public, use: "enc" }] }) }, "id_token_signature");
	await refused({ "/jwks": () => ({ keys: "none" }) }, "id_token_signature");
	await refused({ "/jwks": () => {
		throw 404;
	} }, "id_token_signature");
});

test("what the standard allows", async () => {
	const curve = await keyPair("third", "ES256");

	await taken(withToken((claims) => signed({ ...claims, aud: ["proofing"] })));
	await taken(withToken((claims) => signed({ ...claims, aud: ["b", "proofing"], azp: "proofing" })));
	await taken(withToken((claims) => signed({ ...claims, exp: now() - 30 })));
	await taken({ ...withToken((claims) => signed(claims, { key: curve })), "/jwks": () => ({ keys: [curve.public] }) });
});
