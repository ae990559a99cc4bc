/* Authorisation tokens on their way from an approval to the command that needs one; sealed, for ten minutes, like all that is secret. */
#include "authenticator/app.h"
#include "crypto/seal.h"

static struct data_key key_of(const struct app *app)
{
	struct data_key key;

	memcpy(key.b, app->store.key, sizeof(key.b));
	return key;
}

static const char *word_of(int purpose)
{
	return purpose == RID_TOKEN_DELETE_RECOVERY ? ".delete" : ".add";
}

static struct slice place_of(struct app *app, int purpose)
{
	return arena_printf(&app->arena, "authorisation token|%s|%s", app->name, word_of(purpose));
}

void tokens_keep(struct app *app, const rid_result *result)
{
	struct data_key key = key_of(app);

	for (size_t i = 0; i < result->token_count; i++) {
		const rid_token *t = &result->tokens[i];
		struct slice box = seal(&key, app->env, place_of(app, t->purpose), slice_of(t->token, RID_TOKEN_BYTES), &app->arena);

		if (failed(store_write(&app->store, "token", app->name, word_of(t->purpose), box)))
			say(app, "Caution: a token for recovery could not be kept. %.*s\n", FMT(app->store.why));
	}
	wipe(&key, sizeof(key));
}

static bool open_box(struct app *app, int purpose, struct slice box, unsigned char *token)
{
	struct data_key key = key_of(app);
	struct slice plain;
	struct error e = unseal(&key, place_of(app, purpose), box, &app->arena, &plain);

	wipe(&key, sizeof(key));
	if (failed(e) || plain.n != RID_TOKEN_BYTES)
		return false;
	memcpy(token, plain.p, RID_TOKEN_BYTES);
	return true;
}

/* Good for one use, so that it leaves the store before. */
bool token_take(struct app *app, int purpose, unsigned char token[static RID_TOKEN_BYTES])
{
	struct slice box;
	bool good = !failed(store_read(&app->store, "token", app->name, word_of(purpose), &box)) && open_box(app, purpose, box, token);

	IGNORE(store_remove(&app->store, "token", app->name, word_of(purpose)));
	if (!good)
		say_failed(app, "This has to be authorised first: approve something with the PIN, change the PIN or register, then do this "
				"within ten minutes. Where the application has no recovery, that authorises nothing.");
	return good;
}
