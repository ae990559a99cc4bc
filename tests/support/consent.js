// The evidence of a consent signature, checked once more: written from docs/DEVICE-PROTOCOL.md, RFC 9162 and RFC 7515, with libraries of
// others, and nothing of the server's.
import assert from "node:assert/strict";
import { compactVerify, createLocalJWKSet } from "jose";
import { KIND, preimage, transcriptNext, transcriptStart } from "../interop/device/client.js";
import { sha256, unb64, verify } from "../interop/device/crypto.js";
import { leafHash, leafOf, root, rootOfInclusion, rootsOfConsistency } from "./merkle.js";

/** u32 jlen, JSON, u8 nsig, nsig times (u8 kind, u16 len, signature). */
function plaintextOf(bytes) {
	const jlen = bytes.readUInt32BE(0), json = bytes.subarray(4, 4 + jlen), signatures = [];
	let at = 5 + jlen;

	for (let left = bytes[4 + jlen]; left > 0; left--) {
		const length = bytes.readUInt16BE(at + 1);

		signatures.push([bytes[at], bytes.subarray(at + 3, at + 3 + length)]);
		at += 3 + length;
	}
	return { json, is: JSON.parse(json), signatures };
}

function checkSignatures({ json, is, signatures }, th, keys) {
	const names = { [KIND.DEVICE]: "dk", [KIND.HARDWARE]: "hk", [KIND.BIOMETRIC]: is.m };

	assert.ok(signatures.some(([kind]) => kind === KIND.DEVICE), "the device did not sign");
	for (const [kind, signature] of signatures)
		assert.ok(verify(unb64(keys[names[kind]]), preimage(kind, th, json), signature), `signature ${kind} is wrong`);
}

async function token(text, keys, typ) {
	const { payload, protectedHeader } = await compactVerify(text, keys, { algorithms: ["ES256", "RS256"] });

	assert.equal(protectedHeader.typ, typ);
	return JSON.parse(Buffer.from(payload));
}

async function checkLog({ record, proof, checkpoint, consistency, evidence }, keys) {
	const now = await token(checkpoint, keys, "audit-checkpoint+jwt"), then = await token(evidence.checkpoint, keys, "audit-checkpoint+jwt");
	const hashes = (list) => list.map((text) => Buffer.from(text, "base64url")), text = (hash) => hash.toString("base64url");

	assert.equal(text(rootOfInclusion(Number(record.cursor), now.size, leafHash(leafOf(record)), hashes(proof))), now.rootHash);
	assert.deepEqual([then.accountId, record.accountId], [now.accountId, now.accountId]);
	if (then.size === 0)
		assert.equal(then.rootHash, text(root([])));
	else
		assert.deepEqual(rootsOfConsistency(then.size, now.size, hashes(consistency), Buffer.from(then.rootHash, "base64url")).map(text),
			[then.rootHash, now.rootHash]);
}

/** Throws unless everything holds; gives the claims. */
export async function verifyConsent(text, jwks) {
	const bundle = JSON.parse(text), { evidence, record } = bundle, keys = createLocalJWKSet(jwks);
	const claims = await token(bundle.signature, keys, "JWT");
	const start = plaintextOf(unb64(evidence.start.request)), finish = plaintextOf(unb64(evidence.finish));
	const answer = JSON.parse(unb64(evidence.start.answer));
	const th0 = transcriptStart(evidence.applicationId);
	let th = transcriptNext(th0, unb64(evidence.start.request), unb64(evidence.start.answer));

	checkSignatures(start, th0, { dk: evidence.keys.dk });
	for (const pair of evidence.between)
		th = sha256(th, unb64(pair.request), unb64(pair.answer));
	checkSignatures(finish, th, evidence.keys);
	const { pin, ...named } = evidence;

	assert.equal(sha256(JSON.stringify(named)).toString("base64url"), record.data.evidence);
	assert.equal(Buffer.from(answer.ctx.b64, "base64url").toString(), claims.preOperationContext.content);
	assert.deepEqual([answer.ctx.title, answer.ctx.mime], [claims.preOperationContext.title, claims.preOperationContext.mimeType]);
	assert.deepEqual([claims.transactionId, claims.user.id, claims.completed, claims.accountId, record.eventType],
		[record.referenceId, record.userId, record.timestamp, record.accountId, "DEVICE_SIGNATURE_COMPLETED"]);
	assert.deepEqual([claims.device.id, claims.authMethod], [start.is.reg, finish.is.m]);
	await checkLog(bundle, keys);
	return claims;
}
