/* What the browser's credentials.create() and credentials.get() take, as JSON (WebAuthn Level 3, 5.1.9 and 5.1.10). */
#include "codec/encode.h"
#include "passkey/internal.h"

enum { OPTIONS_BYTES_MAX = 256 * 1024 };

/* seed 001: the user's attributes, else the id of the user. */
static struct slice attribute(struct op *op, json_t *attributes, const char *name, const struct user *owner)
{
	const json_t *value = json_object_get(attributes, name);

	if (json_is_string(value) && json_string_length(value) > 0)
		return json_text(value);
	return uuid_text(op->arena, &owner->id);
}

static err write_user(struct op *op, struct jw *w, const struct user *owner)
{
	json_t *attributes = NULL;
	struct slice why;

	if (owner->profile.attributes.n)
		TRY(json_read(owner->profile.attributes, JSON_LAST_WINS, JSON_DEPTH_MAX, op->arena, &attributes, &why));
	jw_key(w, "user");
	jw_open(w, '{');
	jw_pair_text(w, "id", b64url(op->arena, uuid_bytes(&owner->id)));
	jw_pair_text(w, "name", attribute(op, attributes, "passkeys-name", owner));
	jw_pair_text(w, "displayName", attribute(op, attributes, "passkeys-displayname", owner));
	jw_close(w, '}');
	json_decref(attributes);
	return OK;
}

static void write_algorithms(struct jw *w)
{
	jw_key(w, "pubKeyCredParams");
	jw_open(w, '[');
	for (size_t i = 0; i < webauthn_algorithm_count; i++) {
		jw_open(w, '{');
		jw_pair(w, "type", "public-key");
		jw_pair_int(w, "alg", webauthn_algorithms[i]);
		jw_close(w, '}');
	}
	jw_close(w, ']');
}

static void write_descriptor(struct op *op, struct jw *w, const struct passkey *p)
{
	struct slice rest = p->transports;

	jw_open(w, '{');
	jw_pair(w, "type", "public-key");
	jw_pair_text(w, "id", b64url(op->arena, p->credential_id));
	jw_key(w, "transports");
	jw_open(w, '[');
	while (rest.n)
		jw_text(w, slice_cut(&rest, ','));
	jw_close(w, ']');
	jw_close(w, '}');
}

/* An authenticator that has one already is not asked for another. */
static err write_excluded(struct op *op, struct jw *w, const struct visit *v)
{
	struct passkey *list = arena_array(op->arena, struct passkey, PASSKEYS_OF_USER_MAX);
	size_t n;

	TRY(passkeys_of_user(op, op_reader(op), &v->owner, v->row.domain, list, &n));
	jw_key(w, "excludeCredentials");
	jw_open(w, '[');
	for (size_t i = 0; i < n; i++)
		write_descriptor(op, w, &list[i]);
	jw_close(w, ']');
	return OK;
}

static void write_selection(struct jw *w, const struct visit *v)
{
	jw_key(w, "authenticatorSelection");
	jw_open(w, '{');
	jw_pair(w, "residentKey", "required");
	jw_pair_bool(w, "requireResidentKey", true);
	jw_pair(w, "userVerification", enum_text(&verification_wanted_enum, (int)v->row.verification));
	jw_close(w, '}');
}

static void write_party(struct jw *w, const struct visit *v)
{
	const struct domain_settings *s = &v->domain->settings;

	jw_key(w, "rp");
	jw_open(w, '{');
	jw_pair_text(w, "id", v->domain->rp_id);
	jw_pair_text(w, "name", s->title.n ? s->title : v->domain->account.name);
	jw_close(w, '}');
}

err creation_options(struct op *op, const struct visit *v, struct slice *ret_json)
{
	bool direct = v->domain->settings.attestation;
	struct buf b = buf_arena(op->arena, OPTIONS_BYTES_MAX);
	struct jw w = jw_new(&b);

	ENSURE(v->has_owner, TRANSACTION_UNKNOWN);
	jw_open(&w, '{');
	write_party(&w, v);
	TRY(write_user(op, &w, &v->owner));
	jw_pair_text(&w, "challenge", b64url(op->arena, v->challenge));
	write_algorithms(&w);
	jw_pair_int(&w, "timeout", v->row.timeout_ms);
	TRY(write_excluded(op, &w, v));
	write_selection(&w, v);
	jw_pair(&w, "attestation", direct ? "direct" : "none");
	jw_key(&w, "extensions");
	jw_raw(&w, S("{\"credProps\":true}"));
	jw_close(&w, '}');
	TRY(buf_ok(&b));
	*ret_json = buf_bytes(&b);
	return OK;
}

/* No credential is named: whoever it is, the passkey tells. */
err request_options(struct op *op, const struct visit *v, struct slice *ret_json)
{
	struct buf b = buf_arena(op->arena, OPTIONS_BYTES_MAX);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair_text(&w, "challenge", b64url(op->arena, v->challenge));
	jw_pair_int(&w, "timeout", v->row.timeout_ms);
	jw_pair_text(&w, "rpId", v->domain->rp_id);
	jw_key(&w, "allowCredentials");
	jw_raw(&w, S("[]"));
	jw_pair(&w, "userVerification", enum_text(&verification_wanted_enum, (int)v->row.verification));
	jw_close(&w, '}');
	TRY(buf_ok(&b));
	*ret_json = buf_bytes(&b);
	return OK;
}
