/* From rows to a snapshot. All statements see one moment, since a lent reader does. */
#include <stdlib.h>

#include "account/snapshot.h"

SQL(snapshot_counts,
	"SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM clients), (SELECT count(*) FROM client_secrets)");
SQL(snapshot_accounts, "SELECT n, organisation, id, name, sandbox, extended_events FROM accounts ORDER BY n");
SQL(snapshot_clients, "SELECT n, organisation, account, id, enabled, products, token_lifetime_s FROM clients ORDER BY n");
SQL(snapshot_secrets, "SELECT client, hash FROM client_secrets ORDER BY client, id");

struct loading {
	struct snapshot *s;
	struct account_info *accounts;
	struct client_info *clients;
	uint8_t (*secrets)[SHA256_BYTES];
	size_t account_count, client_count, secret_count;
};

struct snapshot *snapshot_empty(void)
{
	struct snapshot *s = xalloc(sizeof(*s));

	s->holders = 1;
	index_make(&s->accounts, &s->arena, 0);
	index_make(&s->clients, &s->arena, 0);
	return s;
}

void snapshot_free(struct snapshot *snapshot)
{
	arena_free_secret(&snapshot->arena);
	free(snapshot);
}

static err make_room(struct loading *l, struct tx *tx)
{
	struct rows r;

	TRY(sql_one(tx, &snapshot_counts, NO_ARGS, &r));
	l->account_count = (size_t)col_int(&r, 0);
	l->client_count = (size_t)col_int(&r, 1);
	l->secret_count = (size_t)col_int(&r, 2);
	TRY(sql_close(&r));
	l->accounts = arena_array(&l->s->arena, struct account_info, l->account_count);
	l->clients = arena_array(&l->s->arena, struct client_info, l->client_count);
	l->secrets = arena_alloc_array(&l->s->arena, SHA256_BYTES, l->secret_count);
	index_make(&l->s->accounts, &l->s->arena, l->account_count);
	index_make(&l->s->clients, &l->s->arena, l->client_count);
	return OK;
}

static err load_accounts(struct loading *l, struct tx *tx)
{
	struct account_info *account = l->accounts;
	struct rows r;

	TRY(sql_open(tx, &snapshot_accounts, NO_ARGS, &r));
	for (; rows_next(&r); account++) {
		*account = (struct account_info){
			.n = col_int(&r, 0),
			.organisation = col_int(&r, 1),
			.id = arena_copy(&l->s->arena, col_text(&r, 2)),
			.name = arena_copy(&l->s->arena, col_text(&r, 3)),
			.sandbox = col_int(&r, 4) != 0,
			.extended_events = col_int(&r, 5) != 0,
		};
		index_add(&l->s->accounts, account->id, account);
	}
	return sql_close(&r);
}

static int by_number(const void *n, const void *account)
{
	int64_t a = *(const int64_t *)n, b = ((const struct account_info *)account)->n;

	return (a > b) - (a < b);
}

static const struct account_info *account_numbered(const struct loading *l, int64_t n)
{
	return bsearch(&n, l->accounts, l->account_count, sizeof(*l->accounts), by_number);
}

/* A client of an account that is not there would otherwise count as one of the whole organisation. */
static err fill_client(struct loading *l, struct client_info *client, const struct rows *r)
{
	*client = (struct client_info){
		.n = col_int(r, 0),
		.organisation = col_int(r, 1),
		.account = col_is_null(r, 2) ? NULL : account_numbered(l, col_int(r, 2)),
		.id = arena_copy(&l->s->arena, col_text(r, 3)),
		.enabled = col_int(r, 4) != 0,
		.products = (uint64_t)col_int(r, 5) & PRODUCTS_ALL,
		.token_lifetime_s = col_int(r, 6),
	};
	ENSURE(client->account || col_is_null(r, 2), STORAGE);
	client->permissions = products_permissions(client->products);
	index_add(&l->s->clients, client->id, client);
	return OK;
}

static err load_clients(struct loading *l, struct tx *tx)
{
	struct client_info *client = l->clients;
	struct error e = OK;
	struct rows r;

	TRY(sql_open(tx, &snapshot_clients, NO_ARGS, &r));
	while (!failed(e) && rows_next(&r))
		e = fill_client(l, client++, &r);
	TRY(sql_close(&r));
	return e;
}

/* Both lists are in the order of the clients. */
static err load_secrets(struct loading *l, struct tx *tx)
{
	struct client_info *client = l->clients, *end = l->clients + l->client_count;
	size_t i = 0;
	struct rows r;

	TRY(sql_open(tx, &snapshot_secrets, NO_ARGS, &r));
	while (rows_next(&r)) {
		struct slice hash = col_bytes(&r, 1);

		while (client < end && client->n < col_int(&r, 0))
			client++;
		if (client == end || client->n != col_int(&r, 0) || hash.n != SHA256_BYTES)
			continue;
		if (!client->secrets)
			client->secrets = (const uint8_t(*)[SHA256_BYTES])&l->secrets[i];
		client->secret_count++;
		memcpy(l->secrets[i++], hash.p, SHA256_BYTES);
	}
	return sql_close(&r);
}

static err fill(struct loading *l, struct tx *tx)
{
	TRY(make_room(l, tx));
	TRY(load_accounts(l, tx));
	TRY(load_clients(l, tx));
	return load_secrets(l, tx);
}

err snapshot_load(struct tx *tx, struct snapshot **ret_snapshot)
{
	struct loading l = { .s = xalloc(sizeof(*l.s)) };
	struct error e = fill(&l, tx);

	l.s->holders = 1;
	if (failed(e))
		snapshot_free(l.s);
	else
		*ret_snapshot = l.s;
	return e;
}
