/* Each function of the SDK that the tests use, under its name without the prefix. */
#include "lines.h"

#include <string.h>

/* A secret that the SDK overwrites; p is NULL when there is none. */
struct secret {
	char b[RID_PIN_BYTES_MAX + 1];
	char *p;
	size_t n;
};

static void secret_read(const json_t *in, const char *name, struct secret *s)
{
	const char *text = lines_text(in, name);

	s->n = text ? strlen(text) : 0;
	s->p = text && s->n < sizeof(s->b) ? s->b : NULL;
	if (s->p)
		memcpy(s->b, text, s->n + 1);
}

/* ---- calls of an app ---- */

static const rid_step *start_activation(rid_controller *c, const json_t *in)
{
	struct secret code;

	secret_read(in, "code", &code);
	return rid_start_activation(c, code.p, code.n);
}

static const rid_step *finish_activation(rid_controller *c, const json_t *in)
{
	struct secret pin;

	secret_read(in, "pin", &pin);
	return rid_finish_activation(c, lines_number(in, "methods"), lines_text(in, "name"), pin.p, pin.n);
}

static const rid_step *start_authentication_or_signing(rid_controller *c, const json_t *in)
{
	rid_start_options options = { lines_text(in, "clientData"), lines_number(in, "clientOnly") };

	return rid_start_authentication_or_signing(c, &options);
}

static const rid_step *finish_authentication_or_signing(rid_controller *c, const json_t *in)
{
	struct secret pin;

	secret_read(in, "pin", &pin);
	return rid_finish_authentication_or_signing(c, lines_number(in, "method"), pin.p, pin.n);
}

static const rid_step *start_add_or_update(rid_controller *c, const json_t *in)
{
	return rid_start_add_or_update(c, lines_number(in, "method"));
}

static const rid_step *finish_add_or_update(rid_controller *c, const json_t *in)
{
	struct secret pin, new_pin;

	secret_read(in, "pin", &pin);
	secret_read(in, "newPin", &new_pin);
	return rid_finish_add_or_update(c, lines_number(in, "method"), pin.p, pin.n, new_pin.p, new_pin.n);
}

static const rid_step *deactivate_auth_method(rid_controller *c, const json_t *in)
{
	return rid_deactivate_auth_method(c, lines_number(in, "method"));
}

static void token_read(const json_t *in, unsigned char ret_token[static RID_TOKEN_BYTES])
{
	struct lines_bytes given = lines_bytes(in, "token");

	memset(ret_token, 0, RID_TOKEN_BYTES);
	if (given.n == RID_TOKEN_BYTES)
		memcpy(ret_token, given.p, RID_TOKEN_BYTES);
	lines_free(given);
}

static const rid_step *start_add_or_update_recovery(rid_controller *c, const json_t *in)
{
	unsigned char token[RID_TOKEN_BYTES];

	token_read(in, token);
	return rid_start_add_or_update_recovery(c, lines_number(in, "method"), token);
}

static const rid_step *finish_add_or_update_recovery(rid_controller *c, const json_t *in)
{
	struct secret code;

	secret_read(in, "code", &code);
	return rid_finish_add_or_update_recovery(c, code.p, code.n);
}

static const rid_step *delete_recovery(rid_controller *c, const json_t *in)
{
	unsigned char token[RID_TOKEN_BYTES];

	token_read(in, token);
	return rid_delete_recovery(c, token);
}

static const rid_step *start_recovery(rid_controller *c, const json_t *in)
{
	(void)in;
	return rid_start_recovery(c);
}

static const rid_step *finish_recovery(rid_controller *c, const json_t *in)
{
	struct secret code, pin;

	secret_read(in, "code", &code);
	secret_read(in, "pin", &pin);
	return rid_finish_recovery(c, code.p, code.n, lines_number(in, "methods"), lines_text(in, "name"), pin.p, pin.n);
}

static const rid_step *load(rid_controller *c, const json_t *in)
{
	(void)in;
	return rid_load(c);
}

static const rid_step *is_activated(rid_controller *c, const json_t *in)
{
	(void)in;
	return rid_is_activated(c);
}

static const rid_step *repeat(rid_controller *c, const json_t *in)
{
	(void)in;
	return rid_repeat(c);
}

static const rid_step *cancel_session(rid_controller *c, const json_t *in)
{
	(void)in;
	return rid_cancel_session(c);
}

static const rid_step *deactivate(rid_controller *c, const json_t *in)
{
	(void)in;
	return rid_deactivate(c, 0);
}

/* ---- what an app hands back ---- */

static const rid_step *sent(rid_controller *c, const json_t *in)
{
	struct lines_bytes answer = lines_bytes(in, "answer");
	const rid_step *step = rid_sent(c, lines_number(in, "status"), answer.p, answer.n);

	lines_free(answer);
	return step;
}

static const rid_step *not_sent(rid_controller *c, const json_t *in)
{
	return rid_not_sent(c, lines_number(in, "error"));
}

static const rid_step *loaded(rid_controller *c, const json_t *in)
{
	struct lines_bytes record = lines_bytes(in, "bytes");
	const rid_step *step = rid_loaded(c, record.p ? RID_LOADED : RID_ABSENT, record.p, record.n,
		(uint64_t)lines_number(in, "generation"));

	lines_free(record);
	return step;
}

static const rid_step *backup_loaded(rid_controller *c, const json_t *in)
{
	struct lines_bytes backup = lines_bytes(in, "bytes");
	const rid_step *step = rid_backup_loaded(c, backup.p ? RID_LOADED : RID_ABSENT, backup.p, backup.n);

	lines_free(backup);
	return step;
}

static const rid_step *stored(rid_controller *c, const json_t *in)
{
	return rid_stored(c, lines_number(in, "worked"));
}

static const rid_step *key_made(rid_controller *c, const json_t *in)
{
	struct lines_bytes key = lines_bytes(in, "publicKey");
	const rid_step *step = rid_key_made(c, key.p, key.n);

	lines_free(key);
	return step;
}

static const rid_step *given_signature(rid_controller *c, const json_t *in)
{
	struct lines_bytes signature = lines_bytes(in, "signature");
	const rid_step *step = rid_signed(c, signature.p, signature.n);

	lines_free(signature);
	return step;
}

static const rid_step *key_failed(rid_controller *c, const json_t *in)
{
	return rid_key_failed(c, (rid_key_trouble)lines_number(in, "why"));
}

static const rid_step *waited(rid_controller *c, const json_t *in)
{
	(void)in;
	return rid_waited(c);
}

static const rid_step *attested(rid_controller *c, const json_t *in)
{
	struct lines_bytes object = lines_bytes(in, "object");
	rid_attestation attestation = { lines_text(in, "keyId"), lines_number(in, "assertion"), object.p, object.n, lines_text(in, "token") };
	const rid_step *step = rid_attested(c, &attestation);

	lines_free(object);
	return step;
}

static const rid_step *not_attested(rid_controller *c, const json_t *in)
{
	return rid_not_attested(c, lines_text(in, "status"), lines_text(in, "message"));
}

static const rid_step *located(rid_controller *c, const json_t *in)
{
	return rid_located(c, (rid_location)lines_number(in, "status"), lines_text(in, "country"));
}

static const rid_step *push_came(rid_controller *c, const json_t *in)
{
	return rid_push_came(c, lines_text(in, "nonce"));
}

struct call {
	const char *name;
	const rid_step *(*make)(rid_controller *c, const json_t *in);
};

#define CALL(name) { #name, name }
static const struct call calls[] = { CALL(load), CALL(start_activation), CALL(finish_activation), CALL(start_authentication_or_signing),
	CALL(finish_authentication_or_signing), CALL(start_add_or_update), CALL(finish_add_or_update), CALL(deactivate_auth_method),
	CALL(start_add_or_update_recovery), CALL(finish_add_or_update_recovery), CALL(delete_recovery), CALL(start_recovery),
	CALL(finish_recovery), CALL(is_activated), CALL(repeat), CALL(cancel_session), CALL(deactivate), CALL(sent), CALL(not_sent),
	CALL(loaded), CALL(backup_loaded), CALL(stored), CALL(key_made), { "signed", given_signature }, CALL(key_failed), CALL(waited),
	CALL(attested), CALL(not_attested), CALL(located), CALL(push_came) };

const rid_step *lines_call(rid_controller *c, const json_t *in)
{
	const char *name = lines_text(in, "call");

	for (size_t i = 0; name && i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(calls[i].name, name) == 0)
			return calls[i].make(c, in);
	return NULL;
}

/* ---- what is said beforehand ---- */

static int face_scan(rid_controller *c, const json_t *in)
{
	struct lines_bytes scan = lines_bytes(in, "scan");
	int number = rid_set_face_scan(c, scan.p, scan.n);

	lines_free(scan);
	return number;
}

int lines_say(rid_controller *c, const json_t *in, int *ret_number)
{
	const char *name = lines_text(in, "call");

	if (!name)
		return 0;
	if (strcmp(name, "set_risk_parameter") == 0)
		*ret_number = rid_set_risk_parameter(c, lines_text(in, "name"), lines_text(in, "value"));
	else if (strcmp(name, "set_face_scan") == 0)
		*ret_number = face_scan(c, in);
	else if (strcmp(name, "want_tokens") == 0)
		rid_want_tokens(c, lines_number(in, "purposes"));
	else
		return 0;
	return 1;
}

/* ---- life ---- */

rid_controller *lines_open(const json_t *in, int *ret_error)
{
	struct lines_bytes key = lines_bytes(in, "storageKey");
	rid_config config = { .server_url = lines_text(in, "serverUrl"), .application_id = lines_text(in, "applicationId"),
		.public_key = lines_text(in, "publicKey"), .os = lines_text(in, "os"), .device_hash = lines_text(in, "deviceHash"),
		.push_token = lines_text(in, "pushToken"), .hardware = (rid_hardware)lines_number(in, "hardware"),
		.app_methods = lines_number(in, "appMethods"), .device_key_in_app = lines_number(in, "deviceKeyInApp") };
	rid_controller *c = NULL;

	*ret_error = RID_ERROR_CONFIGURATION;
	if (key.n == RID_STORAGE_KEY_BYTES) {
		config.storage_key = key.p;
		c = rid_open(&config, "default", ret_error);
	}
	lines_free(key);
	return c;
}
