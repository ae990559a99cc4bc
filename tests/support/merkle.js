// RFC 9162, section 2.1, once more: written from the text, with nothing of the server's. Hashes are Buffers.
import { createHash } from "node:crypto";

export const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
export const leafHash = (data) => sha256(Buffer.of(0), data);
export const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);

/** The largest power of two smaller than n. */
function split(n) {
	let k = 1;

	while (2 * k < n)
		k *= 2;
	return k;
}

/** 2.1.1: the root over hashes of leaves. */
export function root(leaves) {
	if (leaves.length === 0)
		return sha256(Buffer.alloc(0));
	if (leaves.length === 1)
		return leaves[0];
	const k = split(leaves.length);

	return nodeHash(root(leaves.slice(0, k)), root(leaves.slice(k)));
}

/** 2.1.3: the root that a proof leads to, by the recursive definition, from the last hash of the proof to the first. */
export function rootOfInclusion(index, size, leaf, proof) {
	if (size === 1) {
		if (proof.length)
			throw new Error("the proof is too long");
		return leaf;
	}
	if (!proof.length)
		throw new Error("the proof is too short");
	const k = split(size), rest = proof.slice(0, -1), last = proof.at(-1);

	return index < k ? nodeHash(rootOfInclusion(index, k, leaf, rest), last) :
		nodeHash(last, rootOfInclusion(index - k, size - k, leaf, rest));
}

/** 2.1.4: both roots that a proof leads to. */
export function rootsOfConsistency(first, second, proof, firstRoot) {
	function walk(m, n, hashes, known) {
		if (m === n) {
			if (known) {
				if (hashes.length)
					throw new Error("the proof is too long");
				return [firstRoot, firstRoot];
			}
			if (hashes.length !== 1)
				throw new Error("the proof has the wrong length");
			return [hashes[0], hashes[0]];
		}
		if (!hashes.length)
			throw new Error("the proof is too short");
		const k = split(n), rest = hashes.slice(0, -1), last = hashes.at(-1);

		if (m <= k) {
			const [older, newer] = walk(m, k, rest, known);

			return [older, nodeHash(newer, last)];
		}
		const [older, newer] = walk(m - k, n - k, rest, false);

		return [nodeHash(last, older), nodeHash(last, newer)];
	}
	return walk(first, second, proof, true);
}

/** The leaf of a record as the API gives it, and the check of what was committed to. */
export function leafOf(record) {
	const { proof, ...whole } = record;
	const { ipAddress, personalData, salt, ...rest } = whole;

	if (!record.commitment)
		return Buffer.from(JSON.stringify(whole));
	if (salt !== undefined) {
		const committed = sha256(Buffer.from(salt, "base64url"), JSON.stringify({ ipAddress, personalData })).toString("base64url");

		if (committed !== record.commitment)
			throw new Error(`what is personal in record ${record.cursor} is not what was committed to`);
	}
	return Buffer.from(JSON.stringify(rest));
}
