/* A new process: what is asked for is held against the account, and a dossier with a process is worked out. */
#include <stdlib.h>

#include "codec/encode.h"
#include "proofing/calls.h"
#include "proofing/keys.h"

struct process_draft {
	struct dossier *dossier;
	struct process process;
	struct slice dossier_box, content_box, handle_index;
	bool own_dossier;
};

static bool among(const struct list *ids, int64_t id)
{
	for (size_t i = 0; i < ids->n; i++)
		if (((const int64_t *)ids->items)[i] == id)
			return true;
	return ids->n == 0;
}

static bool known_everywhere(const struct proofing_config *config, const struct proofing_provider *provider)
{
	/* What a provider outside takes is known to it alone, unless the operator has listed it. */
	return config->documentTypes.n || provider->engine == proofing_engine_simulator || provider->engine == proofing_engine_manual;
}

static void check_documents(struct op *op, const struct proofing_config *config, const struct process_wish *wish,
	const struct wish_names *names)
{
	struct list types = doc_types_of(config, op->arena);
	const int64_t *ids = wish->doc_types.items;

	for (size_t i = 0; i < wish->doc_types.n; i++) {
		if (doc_type_find(&types, ids[i]))
			continue;
		IGNORE(op_invalid(op, names->doc_types, "must name known types of documents")); /* told with all other faults */
		return;
	}
	if (wish->default_doc_type && !doc_type_find(&types, wish->default_doc_type))
		IGNORE(op_invalid(op, names->default_id, "must name a known type of document")); /* told with all other faults */
}

err process_wish_check(struct op *op, struct process_wish *wish, const struct wish_names *names)
{
	const struct proofing_provider *provider;
	struct proofing_config config;

	TRY(proofing_config_load(op, op_reader(op), &config));
	provider = provider_find(op, &config, wish->provider);
	if (!provider) {
		IGNORE(op_invalid(op, names->provider, "is not a provider of this account")); /* told with all other faults */
	} else if (known_everywhere(&config, provider)) {
		check_documents(op, &config, wish, names);
	}
	if (wish->default_doc_type && !among(&wish->doc_types, wish->default_doc_type))
		IGNORE(op_invalid(op, names->default_id, "must be one of the types of documents")); /* told with all other faults */
	return op->invalids.n ? FAIL(INVALID_PARAM) : OK;
}

static const char *usual_type(struct slice provider)
{
	return slice_is(provider, "readid") ? "sdk" : "substantial";
}

static struct slice new_handle(struct op *op)
{
	uint8_t *random = arena_alloc(op->arena, HANDLE_RANDOM_BYTES);

	env_random(op->app->env, random, HANDLE_RANDOM_BYTES);
	return b64url(op->arena, slice_of(random, HANDLE_RANDOM_BYTES));
}

static void fill_content(struct op *op, const struct process_wish *wish, struct process_content *content)
{
	*content = (struct process_content){
		.handle = new_handle(op),
		.docTypes = wish->doc_types,
		.defaultId = wish->default_doc_type,
		.externalRef = wish->external_ref,
		.userId = wish->user,
		.simulate = wish->simulate,
		.redirectUrl = wish->redirect_url,
		.eventTags = wish->event_tags,
		.documentType = wish->document_type,
		.documentCountry = wish->document_country,
	};
	if (wish->default_doc_type)
		MARK(content, process_content, defaultId);
}

static void fill_process(struct op *op, const struct process_wish *wish, const struct proofing_provider *provider, struct process *p)
{
	p->id = uuid_v7(op->app->env, op->now);
	p->flow = wish->flow;
	p->device = wish->device;
	p->account = op->caller.account;
	p->provider = provider->name;
	p->engine = provider->engine;
	p->process_type = wish->process_type.n ? wish->process_type :
		provider->processType.n ? provider->processType : slice_text(usual_type(provider->name));
	p->status = process_status_pending;
	p->begun = wish->open;
	p->created = p->updated = op->now;
	p->expires = op->now + PROOFING_LIFETIME_MS;
	p->next = op->now;
	fill_content(op, wish, &p->content);
}

static void fill_brief(const struct op *op, const struct process *p, struct process_brief *ret_brief)
{
	*ret_brief = (struct process_brief){
		.id = p->id,
		.dossier = p->dossier,
		.provider = p->provider,
		.process_type = p->process_type,
		.status = p->status,
		.authorization = p->content.authorization.n ? p->content.authorization : p->content.handle,
		.provider_api_url = p->content.providerApiUrl.n ? p->content.providerApiUrl :
			arena_printf(op->arena, "%s/proofing", op->app->public_url),
		.capture_url = capture_url(op, p),
	};
}

err process_draft_in(struct op *op, const struct process_wish *wish, struct dossier *dossier, bool own, struct process_draft **ret_draft,
	struct process_brief *ret_brief)
{
	struct process_draft *d = arena_new(op->arena, struct process_draft);
	const struct proofing_provider *provider;
	struct proofing_config config;

	TRY(proofing_config_load(op, op_reader(op), &config));
	provider = provider_find(op, &config, wish->provider);
	ENSURE(provider, INTERNAL);
	fill_process(op, wish, provider, &d->process);
	d->dossier = dossier;
	d->own_dossier = own;
	d->process.dossier = dossier->id;
	d->process.key = dossier->key;
	d->process.content.persona = simulator_persona(op, &d->process, &config);
	d->dossier_box = own ? dossier_seal(op, dossier) : S("");
	d->content_box = content_box(op, &d->process);
	d->handle_index = handle_index(op, d->process.content.handle);
	fill_brief(op, &d->process, ret_brief);
	*ret_draft = d;
	return OK;
}

err process_draft_new(struct op *op, const struct process_wish *wish, struct process_draft **ret_draft, struct process_brief *ret_brief)
{
	return process_draft_in(op, wish, dossier_draft(op, &wish->user, wish->external_ref), true, ret_draft, ret_brief);
}

err process_draft_insert(struct op *op, struct tx *tx, const struct process_draft *d)
{
	if (d->own_dossier)
		TRY(dossier_insert(tx, d->dossier, d->dossier_box));
	TRY(process_insert(op, tx, &d->process, d->content_box, d->handle_index));
	proofing_hurry_after_commit(op->app, tx);
	return fact(op, tx, &(struct fact){
		.kind = FACT_PROOFING_STARTED,
		.user = !uuid_is_nil(&d->process.content.userId) ? &d->process.content.userId : NULL,
		.reference = uuid_text(op->arena, &d->process.id),
	});
}

err process_brief_load(struct op *op, struct tx *tx, const struct uuid *id, struct process_brief *ret_brief)
{
	struct process p;

	TRY(process_load(op, tx, id, &p));
	fill_brief(op, &p, ret_brief);
	return OK;
}

/* ---- opening ---- */

void proofing_hurry(const struct app *app)
{
	if (app->hurry)
		app->hurry(app->jobs, "proofing");
}

static void hurry_hook(void *ctx)
{
	proofing_hurry(ctx);
}

void proofing_hurry_after_commit(const struct app *app, struct tx *tx)
{
	tx_after_commit(tx, &app->proofing->due);
}

err proofing_open(struct app *app)
{
	app->proofing = xalloc(sizeof(*app->proofing));
	app->proofing->app = app;
	app->proofing->calls = calls_open();
	app->proofing->keys = key_cache_open();
	app->proofing->due = (struct store_hook){ .fn = hurry_hook, .ctx = app };
	HOOK(app->user_deleted, dossiers_user_deleted);
	HOOK(app->user_exported, proofing_export);
	HOOK(app->account_deleted, proofing_account_deleted);
	return OK;
}

void proofing_close(struct app *app)
{
	if (app->proofing) {
		calls_close(app);
		key_cache_close(app->proofing->keys);
	}
	free(app->proofing);
	app->proofing = NULL;
}

void proofing_listen(struct app *app, const struct process_listener *listener)
{
	app->proofing->listener = listener;
}
