// The client itself, before it judges anybody: byte for byte as in the published vectors of the protocol.
import assert from "node:assert/strict";
import fs from "node:fs";
import { test } from "node:test";
import { KIND, PinTry, pinInput, preimage, transcriptNext, transcriptStart } from "./client.js";
import { bytes, hkdf, label, oprfBlind, oprfEvaluate, oprfFinalize, publicKey, scalarFromWide, seal, sha256, sign, u16, unb64, uuidBytes, verify } from "./crypto.js";
import { ephemeralPair, openAnswer, plaintextOf, sealAnswer, sealSession, sessionHeader, sessionKey, startHeader, startSender } from "./envelope.js";

const vector = (name) => JSON.parse(fs.readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), "utf8"));
const hex = (text) => Buffer.from(text, "hex");
const { envelope, pin: pinVector } = vector("kat_rid_device_v1");
const session = vector("kat_rid_device_v1_session");

/** A start of the vectors, made again. */
async function start(serverKey, hdr, ephemeral, plaintext) {
	const sender = await startSender(hex(serverKey), hdr, await ephemeralPair(hex(ephemeral)));

	return { ...sender, wire: await sender.seal(plaintext) };
}

const sessionStart = () => start(session.server_public, hex(session.header), session.start.ephemeral_private, hex(session.start.plaintext));

test("an envelope of suite 01", async () => {
	const plaintext = hex(envelope.request_plaintext);
	const { wire, exchange } = await start(envelope.pkR, hex(envelope.hdr), envelope.skE, plaintext);

	assert.equal(startHeader(hex(envelope.pkR), "reuseid-demo").toString("hex"), envelope.hdr);
	assert.equal(plaintextOf(Buffer.from('{"t":"cfg.get"}'), []).toString("hex"), envelope.request_plaintext);
	assert.equal(wire.toString("hex"), envelope.request);
	assert.equal((await sealAnswer(exchange, hex(envelope.response_nonce), hex(envelope.response_plaintext))).toString("hex"), envelope.response);
	assert.equal((await openAnswer(exchange, hex(envelope.response))).toString("hex"), envelope.response_plaintext);
});

test("the PIN key", () => {
	const v = pinVector;
	const id = bytes(hex(v.registration_id), hex(v.credential_id));
	const attempt = new PinTry(v.registration_id, hex(v.credential_id), hex(v.device_secret), v.pin, hex(v.blind));
	const { key, evaluated } = oprfEvaluate(hex(v.salt_key), id, "rid-pin-oprf", "rid-device/v1 pin", hex(v.blinded));

	assert.equal(pinInput(id, hex(v.device_secret), v.pin).toString("hex"), v.oprf_input);
	assert.equal(Buffer.from(attempt.blinded).toString("hex"), v.blinded);
	assert.equal(key.toString("hex"), v.k_reg);
	assert.equal(evaluated.toString("hex"), v.evaluated);
	assert.equal(oprfFinalize(attempt.input, attempt.blind, evaluated).toString("hex"), v.oprf_output);
	assert.equal(attempt.key(evaluated).toString("hex"), v.pin_sign_key);
	assert.equal(publicKey(attempt.key(evaluated)).toString("hex"), v.pin_sign_pub);
});

test("a start: signature, envelope, answer, transcript, session key", async () => {
	const v = session.start;
	const th0 = transcriptStart(session.application_id);
	const json = Buffer.from(v.json);
	const signature = sign(hex(session.dk_private), preimage(KIND.DEVICE, th0, json));

	assert.equal(th0.toString("hex"), session.th0);
	assert.equal(publicKey(hex(session.dk_private)).toString("hex"), session.dk_public);
	assert.equal(signature.toString("hex"), v.signature_dk);
	assert.ok(verify(hex(session.dk_public), preimage(KIND.DEVICE, th0, json), signature));
	assert.equal(plaintextOf(json, [[KIND.DEVICE, signature]]).toString("hex"), v.plaintext);
	assert.equal(startHeader(hex(session.server_public), session.application_id).toString("hex"), session.header);
	const { wire, exchange, enc } = await sessionStart();
	assert.equal(wire.toString("hex"), v.request);
	assert.deepEqual(enc, unb64(JSON.parse(v.json).enc));
	assert.equal((await sealAnswer(exchange, hex(v.response_nonce), Buffer.from(v.answer_json))).toString("hex"), v.answer);
	assert.equal(exchange.sessionSecret.toString("hex"), v.exported);
	const th1 = transcriptNext(th0, hex(v.plaintext), Buffer.from(v.answer_json));
	assert.equal(th1.toString("hex"), v.th1);
	assert.equal(sessionKey(th1, exchange.sessionSecret).toString("hex"), v.session_key);
});

async function insideIsAsWritten(v, plaintext) {
	const sid = unb64(JSON.parse(session.start.answer_json).sid);
	const { wire, exchange } = await sealSession(hex(session.start.session_key), sessionHeader(sid), plaintext, hex(v.rnd));

	assert.equal(plaintext.toString("hex"), v.plaintext);
	assert.equal(wire.toString("hex"), v.request);
	assert.equal((await sealAnswer(exchange, hex(v.response_nonce), Buffer.from(v.answer_json))).toString("hex"), v.answer);
}

test("a PIN evaluation in the session", async () => {
	const v = session.pin;
	const attempt = new PinTry(session.registration_id, hex(v.credential_id), hex(v.device_secret), v.pin, hex(v.blind));

	assert.equal(attempt.input.toString("hex"), v.oprf_input);
	assert.equal(Buffer.from(attempt.blinded).toString("hex"), v.blinded);
	assert.deepEqual(unb64(JSON.parse(v.json).b), Buffer.from(attempt.blinded));
	assert.equal(attempt.key(hex(v.evaluated)).toString("hex"), v.pin_private);
	assert.equal(publicKey(hex(v.pin_private)).toString("hex"), v.pin_public);
	await insideIsAsWritten(v, plaintextOf(Buffer.from(v.json), []));
	assert.equal(transcriptNext(hex(session.start.th1), hex(v.plaintext), Buffer.from(v.answer_json)).toString("hex"), v.th2);
});

test("a finish in the session", async () => {
	const v = session.finish;
	const json = Buffer.from(v.json);
	const th2 = hex(session.pin.th2);
	const device = sign(hex(session.dk_private), preimage(KIND.DEVICE, th2, json));
	const pin = sign(hex(session.pin.pin_private), preimage(KIND.PIN, th2, json));

	assert.equal(device.toString("hex"), v.signature_dk);
	assert.equal(pin.toString("hex"), v.signature_pin);
	await insideIsAsWritten(v, plaintextOf(json, [[KIND.DEVICE, device], [KIND.PIN, pin]]));
	assert.equal(transcriptNext(th2, hex(v.plaintext), Buffer.from(v.answer_json)).toString("hex"), v.th3);
});

test("what attestation binds", () => {
	const c = sha256(label("rid-device/v1 attest"), hex(session.start.th1), hex(session.dk_public), Buffer.alloc(33));

	assert.equal(c.toString("hex"), session.attestation_binding);
});

test("recovery: its OPRF and the wrapped key", async () => {
	const v = session.recovery;
	const id = hex(v.recovery_id);
	const code = Buffer.from(v.code.normalize("NFC"));
	const input = sha256(label("rid-device/v1 rec-input"), id, hex(v.ds_rec), u16(code.length), code);
	const { blinded, blind } = oprfBlind(input, hex(v.blind));
	const { key, evaluated } = oprfEvaluate(hex(session.pin.salt_key), id, "rid-rec-oprf", "rid-device/v1 rec", blinded);
	const output = oprfFinalize(input, blind, evaluated);
	const wrapKey = hkdf(id, output, "rid-device/v1 rec-wrap", 32);

	assert.equal(input.toString("hex"), v.oprf_input);
	assert.equal(Buffer.from(blinded).toString("hex"), v.blinded);
	assert.equal(key.toString("hex"), v.oprf_key);
	assert.equal(evaluated.toString("hex"), v.evaluated);
	assert.equal(output.toString("hex"), v.oprf_output);
	assert.equal(wrapKey.toString("hex"), v.wrap_key);
	assert.equal((await seal(wrapKey, Buffer.alloc(12), id, hex(v.rk_private))).toString("hex"), v.wrapped);
});
