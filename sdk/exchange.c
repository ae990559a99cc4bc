/* One message on its way out: composed, signed, sealed, sent; and sent again when its answer got lost. What came back is for answer.c. */
#include "sdk/internal.h"

static bool inside(const struct draft *d)
{
	return device_messages[d->id].place == INSIDE;
}

void draft_wipe(struct rid_controller *c)
{
	wipe(&c->draft, sizeof(c->draft));
}

void draft_new(struct rid_controller *c, enum message_id id, const struct record *who, compose_stage compose, answer_stage after)
{
	draft_wipe(c);
	c->draft.id = id;
	c->draft.who = who;
	c->draft.compose = compose;
	c->draft.after = after;
}

void draft_signer(struct rid_controller *c, enum signature_kind kind, const struct key *key)
{
	draft_biometric(c, kind, key, 0);
}

void draft_biometric(struct rid_controller *c, enum signature_kind kind, const struct key *key, int method)
{
	if (key_exists(key))
		c->draft.signers[c->draft.signer_count++] = (struct signer){ kind, method, key };
}

/* Messages outside a session, and every start, sign over th0 (section 3). */
static struct transcript transcript_now(const struct rid_controller *c)
{
	return inside(&c->draft) ? c->session.th : transcript_start(c->application);
}

/* The phone sends max(corrected clock, last + 1) (section 4). */
static int64_t next_ts(struct rid_controller *c)
{
	int64_t now = env_now_ms(&c->world.env) + c->clock_offset_ms;

	c->last_ts = now > c->last_ts ? now : c->last_ts + 1;
	return c->last_ts;
}

/* ---- send ---- */

static const struct rid_step *send_request(struct rid_controller *c)
{
	struct rid_step *step = step_new(c, RID_SEND);

	c->draft.outstanding = true;
	step->send = (struct rid_send){ .url = c->url, .content_type = REQUEST_TYPE, .accept = ANSWER_TYPE, .body = c->draft.request.p,
		.body_bytes = c->draft.request.n, .timeout_ms = c->timeout_ms + c->draft.wait_ms };
	return step;
}

const struct rid_step *exchange_repeat(struct rid_controller *c)
{
	return send_request(c);
}

static void seal_request(struct rid_controller *c, struct slice plaintext)
{
	struct draft *d = &c->draft;
	uint8_t rnd[SALT_BYTES];

	if (!inside(d)) {
		d->request = envelope_seal_start(&d->sender, plaintext, &c->arena, &d->exchange);
		return;
	}
	env_random(&c->world.env, rnd, sizeof(rnd));
	d->request = envelope_seal_session(c->session.k, c->session.sid, rnd, plaintext, &c->arena, &d->exchange);
}

/* A scan of a face needs more, and only a session that offered to take one has it (section 2). */
static size_t request_bytes_max(const struct rid_controller *c)
{
	size_t sealing = 1024; /* the envelope's own bytes, and the signatures */

	return (inside(&c->draft) && c->session.face_offered ? FACE_MESSAGE_BYTES_MAX : MESSAGE_BYTES_MAX) - sealing;
}

static const struct rid_step *seal_and_send(struct rid_controller *c)
{
	struct buf plaintext = buf_arena(&c->arena, request_bytes_max(c));

	plaintext_write(&plaintext, &c->draft.plaintext);
	if (failed(buf_ok(&plaintext)))
		return fail_with(c, DEVICE_INVALID_INPUT_FORMAT, "the message would be too large");
	sha256(buf_bytes(&plaintext), c->draft.plaintext_hash);
	seal_request(c, buf_bytes(&plaintext));
	return send_request(c);
}

/* ---- sign ---- */

static const struct rid_step *ask_signature(struct rid_controller *c, const struct signer *s, const struct transcript *th)
{
	struct slice message = transcript_preimage(th, s->kind, c->draft.plaintext.json, &c->arena);
	struct rid_step *step = step_new(c, RID_SIGN);

	step->key = (struct rid_key){ s->key->handle, s->kind == SIG_HARDWARE || s->kind == SIG_NEW_HARDWARE, s->method, message.p,
		message.n };
	return step;
}

static void add_signature(struct rid_controller *c, enum signature_kind kind, const uint8_t *signature)
{
	struct plaintext *p = &c->draft.plaintext;

	p->signatures[p->n++] = (struct signature){ (uint8_t)kind, arena_copy(&c->arena, slice_of(signature, P256_SIG_BYTES)) };
	c->draft.signed_count++;
}

static const struct rid_step *sign_next(struct rid_controller *c)
{
	struct draft *d = &c->draft;
	struct transcript th = transcript_now(c);
	uint8_t signature[P256_SIG_BYTES];

	while (d->signed_count < d->signer_count) {
		const struct signer *s = &d->signers[d->signed_count];

		if (key_in_app(s->key))
			return ask_signature(c, s, &th);
		if (failed(transcript_sign(&th, s->kind, d->plaintext.json, s->key->private_key, signature)))
			return fail_with(c, DEVICE_REGISTRATION_DATA_INVALIDATED, "a key does not sign");
		add_signature(c, s->kind, signature);
	}
	return seal_and_send(c);
}

/* A signature that the server would count as a failure does not leave the phone. */
const struct rid_step *exchange_signed(struct rid_controller *c, struct slice bytes)
{
	const struct signer *s = &c->draft.signers[c->draft.signed_count];
	struct transcript th = transcript_now(c);
	uint8_t signature[P256_SIG_BYTES];

	if (failed(signature_read(bytes, signature)) ||
		failed(transcript_verify(&th, s->kind, c->draft.plaintext.json, slice_of(s->key->public_key, P256_POINT_BYTES),
			slice_of(signature, sizeof(signature)))))
		return exchange_unsigned(c, RID_KEY_BROKEN);
	step_new(c, RID_DONE);
	add_signature(c, s->kind, signature);
	return sign_next(c);
}

/* The app's key store, or the person, did not let it: the session goes on. */
static const struct rid_step *not_signed(struct rid_controller *c, enum rid_key_trouble why, const char *description)
{
	fail_with(c, why == RID_KEY_REFUSED ? DEVICE_AUTHENTICATION_ABORTED : DEVICE_CLIENT_AUTHENTICATION_FAILED, description);
	c->step.failure.recoverable = c->session.live;
	return &c->step;
}

/* Such a key dies with the fingers and faces that were enrolled when it was made. */
static const struct rid_step *biometric_key_trouble(struct rid_controller *c, enum rid_key_trouble why)
{
	if (why != RID_KEY_GONE)
		return not_signed(c, why, "the biometric key did not sign");
	return ask_again(c, DEVICE_AUTH_DATA_INVALIDATED, "the biometric key is gone");
}

static const struct rid_step *device_key_trouble(struct rid_controller *c, enum rid_key_trouble why)
{
	if (why == RID_KEY_GONE)
		return fail_with(c, DEVICE_REGISTRATION_DATA_INVALIDATED, "the device key is gone");
	return not_signed(c, why, "the device key did not sign");
}

/* What vouches for the app vouches for the keys of the registration too (section 6.6). */
static const struct rid_step *attest_anew(struct rid_controller *c)
{
	c->session.gathered.has_attest = false;
	return gather(c, exchange);
}

static const struct rid_step *new_hardware_dropped(struct rid_controller *c)
{
	struct key *key = &c->records[SLOT_BESIDE].hk;

	chores_new(c, false);
	chore_drop(c, key);
	wipe(key, sizeof(*key));
	return chores_do(c, attest_anew);
}

/* Without the hardware key the message goes on, and says why: what that means is for the server to decide (section 8). */
static const struct rid_step *without_hardware(struct rid_controller *c, enum rid_key_trouble why)
{
	struct draft *d = &c->draft;
	size_t at = d->signed_count;
	bool is_new = d->signers[at].kind == SIG_NEW_HARDWARE;

	c->hardware_status = why == RID_KEY_GONE ? hw_key_client_status_ERR_RETRIEVE_PRIVATE_KEY_REF_FAILED
						 : hw_key_client_status_ERR_SIGN_OPERATION_FAILED;
	memmove(&d->signers[at], &d->signers[at + 1], (d->signer_count - at - 1) * sizeof(d->signers[0]));
	d->signer_count--;
	return is_new ? new_hardware_dropped(c) : exchange(c);
}

const struct rid_step *exchange_unsigned(struct rid_controller *c, enum rid_key_trouble why)
{
	enum signature_kind kind = c->draft.signers[c->draft.signed_count].kind;
	bool hardware = kind == SIG_HARDWARE || kind == SIG_NEW_HARDWARE;

	step_new(c, RID_DONE);
	if (c->draft.signers[c->draft.signed_count].method)
		return biometric_key_trouble(c, why);
	return hardware && why != RID_KEY_REFUSED ? without_hardware(c, why) : device_key_trouble(c, why);
}

/* ---- compose ---- */

static const uint8_t *server_key(const struct rid_controller *c)
{
	return c->draft.server_key ? c->learned[c->draft.server_key - 1] : c->server_key;
}

/* Also to make it anew, after the clock was corrected or the server did not know the key. */
const struct rid_step *exchange(struct rid_controller *c)
{
	struct draft *d = &c->draft;
	struct buf json;

	arena_free_secret(&c->arena);
	answer_forget(c);
	d->plaintext = (struct plaintext){ 0 };
	d->signed_count = 0;
	d->outstanding = false;
	if (!inside(d)) {
		d->ts = next_ts(c);
		if (failed(envelope_sender_new(&c->world.env, server_key(c), c->application, &c->arena, &d->sender)))
			return fail_with(c, DEVICE_CONFIGURATION, "the server's public key is of no use");
	}
	json = buf_arena(&c->arena, request_bytes_max(c));
	d->compose(c, &json);
	if (failed(buf_ok(&json)))
		return fail_with(c, DEVICE_INVALID_INPUT_FORMAT, "the message would be too large");
	d->plaintext.json = buf_bytes(&json);
	return sign_next(c);
}
