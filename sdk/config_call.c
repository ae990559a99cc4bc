/* cfg.get: what the app needs to know before it asks the person for anything; and server keys for a planned change. */
#include "codec/encode.h"
#include "sdk/internal.h"

static void compose(struct rid_controller *c, struct buf *json)
{
	struct cfg_get m = { OUTSIDE_SESSION(c) };

	schema_write(&cfg_get_schema, &m, json);
}

/* Does it name a key that is not the configured one? */
static bool key_read(struct rid_controller *c, struct slice text, uint8_t *ret_key)
{
	struct slice der;

	return !failed(b64_read(&c->arena, text, &der)) && !failed(x25519_spki_read(der, ret_key)) &&
		memcmp(ret_key, c->server_key, X25519_BYTES) != 0;
}

/* Keys of other kinds are stepped over; more than a few are never needed. */
static void learn(struct rid_controller *c, const struct list *keys)
{
	const struct slice *texts = keys->items;

	c->learned_count = 0;
	wipe(c->learned, sizeof(c->learned));
	for (size_t i = 0; i < keys->n && c->learned_count < LEARNED_KEYS_MAX; i++)
		if (key_read(c, texts[i], c->learned[c->learned_count]))
			c->learned_count++;
}

static const struct rid_step *tell(struct rid_controller *c)
{
	const struct cfg_get_ok *ok = c->config_answer;
	struct rid_result *result;

	done(c);
	result = &c->step.result;
	result->activation_code = (struct rid_form){ (int)ok->activationCode->length, (int)ok->activationCode->maxLength,
		(enum rid_alphabet)ok->activationCode->type };
	result->pin = form_of(ok->pin);
	result->min_version = arena_cstr(&c->arena, ok->minSdk);
	return &c->step;
}

static const struct rid_step *answered(struct rid_controller *c, const void *answer)
{
	const struct cfg_get_ok *ok = answer;
	uint8_t before[sizeof(c->learned)];

	memcpy(before, c->learned, sizeof(before));
	learn(c, &ok->e2eKeys);
	c->config_answer = ok;
	chores_new(c, false);
	if (is_activated(c) && memcmp(before, c->learned, sizeof(before)) != 0)
		chore_store(c, SLOT_MAIN);
	return chores_do(c, tell);
}

const rid_step *rid_load_config(rid_controller *c)
{
	CALL_BEGIN(c);
	draft_new(c, MESSAGE_CFG_GET, NULL, compose, answered);
	return exchange(c);
}
