/* The files of the spool when a user is erased, and when their time is over. */
#include "tests/unit/webhook/hooked.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define USERS "/reuseid/core/users"
#define PLANTED "somebody-by-name"
#define DAY "2026-01-02.jsonl"

enum { MANY = 9000, FILE_BYTES_MAX = 32 << 20 }; /* many lines: several windows */

struct spooled {
	struct hooked *h;
	char spool[64], account[192];
	const char *user, *other, *setting;
};

static const char *new_user(struct spooled *s)
{
	return text_of(ask(s->h->w, HTTP_POST, USERS, "{}"), "id");
}

static int setup(void **state)
{
	struct spooled *s = xalloc(sizeof(*s));

	hooked_new((void **)&s->h);
	strcpy(s->spool, "/tmp/spool-XXXXXX");
	assert_non_null(mkdtemp(s->spool));
	s->setting = s->h->w->f->settings.event_spool;
	s->h->w->f->settings.event_spool = s->spool;
	snprintf(s->account, sizeof(s->account), "%s/%s", s->spool, s->h->w->first.account_id);
	settle(s->h);
	s->user = new_user(s);
	s->other = new_user(s);
	settle(s->h);
	*state = s;
	return 0;
}

static int teardown(void **state)
{
	struct spooled *s = *state;
	char command[128];

	s->h->w->f->settings.event_spool = s->setting;
	hooked_free((void **)&s->h);
	snprintf(command, sizeof(command), "rm -r %s", s->spool);
	assert_int_equal(system(command), 0);
	free(s);
	return 0;
}

static const char *path_of(struct spooled *s, const char *name)
{
	return TEXT(s->h->w, "%s/%s", s->account, name);
}

static void store(struct spooled *s, const char *name, struct slice text)
{
	FILE *f = fopen(path_of(s, name), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
	fclose(f);
}

static struct slice content(struct spooled *s, const char *name)
{
	uint8_t *bytes = arena_alloc(&s->h->w->f->arena, FILE_BYTES_MAX);
	FILE *f = fopen(path_of(s, name), "r");
	size_t n;

	assert_non_null(f);
	n = fread(bytes, 1, FILE_BYTES_MAX, f);
	fclose(f);
	return slice_of(bytes, n);
}

static void erase(struct spooled *s)
{
	assert_status(ask(s->h->w, HTTP_PATCH, TEXT(s->h->w, USERS "/%s", s->user), "{\"state\":\"LOCKED\"}"), 200);
	assert_status(ask(s->h->w, HTTP_DELETE, TEXT(s->h->w, USERS "/%s", s->user), NULL), 204);
	settle(s->h);
	assert_int_equal(database_number(s->h->db, "SELECT count(*) FROM spool_erasures"), 0);
}

static bool holds(struct slice text, const char *part)
{
	return memmem(text.p, text.n, part, strlen(part)) != NULL;
}

static void add_line(struct buf *b, int i, const char *user)
{
	buf_printf(b, "{\"id\":\"%d\",\"eventName\":\"x\",\"eventData\":{\"transactionId\":\"t-%d\",\"state\":\"COMPLETED\","
		"\"user\":{\"externalRef\":\"" PLANTED "\",\"id\":\"%s\"},\"filler\":\"%0*d\"},\"tags\":[\"" PLANTED "\"]}\n", i, i, user, 900 + i % 7, i);
}

static void only_his_lines_in_every_window(void **state)
{
	struct spooled *s = *state;
	struct buf b = buf_arena(&s->h->w->f->arena, FILE_BYTES_MAX);
	struct slice after, rest, old;

	for (int i = 0; i < MANY; i++)
		add_line(&b, i, i % 3 ? s->other : s->user);
	store(s, DAY, buf_bytes(&b));
	erase(s);
	after = rest = content(s, DAY);
	old = buf_bytes(&b);
	assert_int_equal(after.n, old.n);
	for (int i = 0; i < MANY; i++) {
		struct slice was = slice_cut(&old, '\n'), is = slice_cut(&rest, '\n');
		json_t *json = json_loadb((const char *)is.p, is.n, 0, NULL);

		assert_int_equal(is.n, was.n);
		assert_non_null(json);
		assert_int_equal(slice_eq(is, was), i % 3 != 0);
		assert_int_equal(holds(is, PLANTED), i % 3 != 0);
		assert_string_equal(json_string_value(json_object_get(json_object_get(json, "eventData"), "transactionId")), TEXT(s->h->w, "t-%d", i));
		assert_string_equal(json_string_value(json_object_get(json_object_get(json, "eventData"), "state")), "COMPLETED");
		json_decref(json);
	}
}

/* Of what nobody can read nothing is left but its length. */
static void broken_lines(void **state)
{
	struct spooled *s = *state;
	const char *text = TEXT(s->h->w, "not json \"%s\" " PLANTED "\n\n{\"eventData\":{\"a\":\"" PLANTED "\",\"id\":\"%s\"}}\n{\"cut\":\"" PLANTED
		"\",\"b\":\"%s\"", s->user, s->user, s->user);
	struct slice after, first;

	store(s, DAY, slice_text(text));
	erase(s);
	after = content(s, DAY);
	assert_int_equal(after.n, strlen(text));
	assert_false(holds(after, PLANTED));
	first = slice_cut(&after, '\n');
	for (size_t i = 0; i < first.n; i++)
		assert_int_equal(first.p[i], ' ');
}

/* Those whose last event is that they are gone hear it: it holds nothing personal. */
static void what_is_told_last_stays(void **state)
{
	struct spooled *s = *state;
	struct slice today;

	erase(s);
	today = content(s, TEXT(s->h->w, "%s.jsonl", database_text(s->h->db, "SELECT strftime('%Y-%m-%d', max(at) / 1000, 'unixepoch') FROM outbox")));
	assert_true(holds(today, "\"state\":\"DELETED\""));
	assert_true(holds(today, TEXT(s->h->w, "{\"id\":\"%s\",\"state\":\"ACTIVE\"}", s->other)));
}

/* The process ends in the middle: what is still to be done stands in the database. */
static void goes_on_after_a_restart(void **state)
{
	struct spooled *s = *state;
	struct buf b = buf_arena(&s->h->w->f->arena, FILE_BYTES_MAX);
	int64_t idle;

	for (int i = 0; i < MANY; i++)
		add_line(&b, i, s->user);
	store(s, DAY, buf_bytes(&b));
	assert_status(ask(s->h->w, HTTP_PATCH, TEXT(s->h->w, USERS "/%s", s->user), "{\"state\":\"LOCKED\"}"), 200);
	assert_status(ask(s->h->w, HTTP_DELETE, TEXT(s->h->w, USERS "/%s", s->user), NULL), 204);
	must(webhooks_turn(&s->h->w->f->app, &idle));
	assert_true(holds(content(s, DAY), PLANTED)); /* one window of several */
	start_again(s->h);
	settle(s->h);
	assert_false(holds(content(s, DAY), PLANTED));
	assert_int_equal(database_number(s->h->db, "SELECT count(*) FROM spool_erasures"), 0);
}

static void old_files_go(void **state)
{
	struct spooled *s = *state;

	store(s, "2000-01-01.jsonl", S("{}\n"));
	store(s, "2000-01-01.jsonl.mine", S("{}\n"));
	store(s, "2999-12-31.jsonl", S("{}\n"));
	must(webhooks_forget(&s->h->w->f->app));
	assert_int_not_equal(access(path_of(s, "2000-01-01.jsonl"), F_OK), 0);
	assert_int_equal(access(path_of(s, "2000-01-01.jsonl.mine"), F_OK), 0);
	assert_int_equal(access(path_of(s, "2999-12-31.jsonl"), F_OK), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(only_his_lines_in_every_window), T(broken_lines), T(what_is_told_last_stays), T(goes_on_after_a_restart), T(old_files_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
