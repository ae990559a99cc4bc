#include "tests/unit/common/test.h"

#include <jansson.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/log.h"
#include "tests/unit/base/fake_env.h"

/* A log into memory. */
struct world {
	struct fake_env fake;
	uint64_t sequence;
	struct log log;
	char line[32 * 1024];
	size_t n;
};

static int setup(void **state)
{
	static struct world world;

	world.sequence = 9;
	world.fake = fake_env_new(1611269247123, &world.sequence);
	world.log = (struct log){ &world.fake.env, memfd_create("log", 0), LOG_INFO, LOG_JSON };
	*state = &world;
	return world.log.fd < 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	return close(w->log.fd);
}

/* What was logged since the last call; the terminator is not counted. */
static const char *logged(struct world *w)
{
	ssize_t n = pread(w->log.fd, w->line, sizeof(w->line) - 1, 0);

	assert_true(n >= 0);
	w->n = (size_t)n;
	w->line[n] = 0;
	assert_int_equal(ftruncate(w->log.fd, 0), 0);
	assert_int_equal(lseek(w->log.fd, 0, SEEK_SET), 0);
	return w->line;
}

/* One line, complete, without a control character. */
static void is_one_line(const struct world *w)
{
	assert_int_not_equal(w->n, 0);
	assert_int_equal(w->line[w->n - 1], '\n');
	for (size_t i = 0; i + 1 < w->n; i++)
		assert_true((unsigned char)w->line[i] >= 0x20 && w->line[i] != 0x7f);
}

static json_t *logged_json(struct world *w)
{
	json_t *object;

	logged(w);
	is_one_line(w);
	object = json_loadb(w->line, w->n - 1, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
	assert_non_null(object);
	return object;
}

static const char nasty[] = "a\nb\r\"c\\\t=d \xe2\x82\xac\x7f\x1b[31m\xc2\x9b\x80\xff\xc3";
static const char nasty_utf8[] = "a\nb\r\"c\\\t=d \xe2\x82\xac\x7f\x1b[31m\xc2\x9b\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd";

static void json_line_has_time_level_event_and_fields(void **state)
{
	struct world *w = *state;

	log_line(&w->log, LOG_WARN, "http", LOG_S("path", S("/users")), LOG_I("status", 200), LOG_T("none", NULL),
		LOG_E(FAIL(PARSE)));
	assert_string_equal(logged(w), "{\"time\":\"2021-01-21T22:47:27.123Z\",\"level\":\"warn\",\"event\":\"http\",\"path\":\"/users\","
		"\"status\":200,\"none\":\"\",\"error\":\"PARSE\"}\n");
}

static void key_value_line_has_the_same(void **state)
{
	struct world *w = *state;

	w->log.format = LOG_KEY_VALUE;
	log_line(&w->log, LOG_ERROR, "http", LOG_S("path", S("/users")), LOG_I("status", -1), LOG_T("none", NULL));
	assert_string_equal(logged(w), "time=2021-01-21T22:47:27.123Z level=error event=http path=/users status=-1 none=\"\"\n");
}

static void note_has_no_fields(void **state)
{
	struct world *w = *state;

	log_note(&w->log, LOG_INFO, "started");
	assert_string_equal(logged(w), "{\"time\":\"2021-01-21T22:47:27.123Z\",\"level\":\"info\",\"event\":\"started\"}\n");
}

static void lines_below_the_level_are_dropped(void **state)
{
	struct world *w = *state;

	log_note(&w->log, LOG_DEBUG, "dropped");
	assert_string_equal(logged(w), "");
	w->log.level = LOG_ERROR;
	log_note(&w->log, LOG_WARN, "dropped");
	assert_string_equal(logged(w), "");
	log_note(&w->log, LOG_ERROR, "kept");
	assert_string_not_equal(logged(w), "");
}

static void json_values_come_back_as_they_were(void **state)
{
	struct world *w = *state;
	json_t *object;

	log_line(&w->log, LOG_INFO, "http", LOG_T("value", nasty), LOG_I("least", INT64_MIN), LOG_S("nul", S("a\0b")));
	object = logged_json(w);
	assert_string_equal(json_string_value(json_object_get(object, "value")), nasty_utf8);
	assert_true(json_integer_value(json_object_get(object, "least")) == INT64_MIN);
	assert_int_equal(json_string_length(json_object_get(object, "nul")), 3);
	assert_int_equal(json_object_size(object), 6);
	json_decref(object);
}

static void json_value_cannot_add_a_member(void **state)
{
	struct world *w = *state;
	json_t *object;

	log_line(&w->log, LOG_INFO, "http", LOG_T("path", "x\",\"level\":\"debug"), LOG_T("end", "\\"), LOG_T("last", "\"}\n{"));
	object = logged_json(w);
	assert_int_equal(json_object_size(object), 6);
	assert_string_equal(json_string_value(json_object_get(object, "path")), "x\",\"level\":\"debug");
	json_decref(object);
}

/* Takes " key=value" off the front as a reader of such lines would, and gives the value. */
static json_t *next_value(const char **at, const char *key)
{
	const char *start = *at + 1 + strlen(key) + 1;
	size_t n = 0;

	assert_int_equal(**at, ' ');
	assert_memory_equal(*at + 1, key, strlen(key));
	assert_int_equal(start[-1], '=');
	if (start[0] != '"') {
		n = strcspn(start, " \n");
		*at = start + n;
		return json_stringn(start, n);
	}
	do
		n += start[n] == '\\' ? 2 : 1;
	while (start[n] != '"');
	*at = start + n + 1;
	return json_loadb(start, n + 1, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
}

static void key_value_values_come_back_as_they_were(void **state)
{
	static const char *const values[] = { "plain", "/a/b?c", "", " ", "a b", "a=b", "x level=debug", "\"", "\\", "a\nb", nasty_utf8,
		"\" level=\"debug", "caf\xc3\xa9" };
	struct world *w = *state;

	w->log.format = LOG_KEY_VALUE;
	for (size_t i = 0; i < COUNT(values); i++) {
		const char *at;
		json_t *value;

		log_line(&w->log, LOG_INFO, "http", LOG_T("value", values[i]), LOG_I("status", 1));
		logged(w);
		is_one_line(w);
		at = strstr(w->line, " value=");
		assert_non_null(at);
		value = next_value(&at, "value");
		assert_non_null(value);
		assert_string_equal(json_string_value(value), values[i]);
		assert_string_equal(at, " status=1\n");
		json_decref(value);
	}
}

static void only_plain_words_stand_without_quotes(void **state)
{
	struct world *w = *state;

	w->log.format = LOG_KEY_VALUE;
	for (int c = 0; c < 256; c++) {
		uint8_t byte = (uint8_t)c;
		bool plain = c > ' ' && c < 0x7f && !strchr("\"=\\", c);

		log_line(&w->log, LOG_INFO, "http", LOG_S("value", slice_of(&byte, 1)), LOG_I("status", 1));
		assert_int_equal(strstr(logged(w), " value=\"") == NULL, plain);
		is_one_line(w);
	}
}

static void key_value_line_stays_utf8(void **state)
{
	struct world *w = *state;
	json_t *whole;

	w->log.format = LOG_KEY_VALUE;
	log_line(&w->log, LOG_INFO, "http", LOG_T("value", nasty));
	logged(w);
	is_one_line(w);
	whole = json_stringn(w->line, w->n);
	assert_non_null(whole);
	json_decref(whole);
}

/* Every single byte and pair of bytes from the edges of UTF-8 and JSON. */
static void any_bytes_give_a_valid_line(void **state)
{
	struct world *w = *state;

	for (unsigned c = 0; c < 256; c++) {
		uint8_t bytes[4] = { (uint8_t)c, '"', (uint8_t)c, (uint8_t)(c * 7) };

		log_line(&w->log, LOG_INFO, "http", LOG_S("value", slice_of(bytes, 1)), LOG_S("more", slice_of(bytes, 4)));
		json_decref(logged_json(w));
	}
}

static void too_long_a_field_is_left_out(void **state)
{
	struct world *w = *state;
	static char value[9000];
	json_t *object;

	memset(value, '\n', sizeof(value) - 1);
	log_line(&w->log, LOG_INFO, "http", LOG_I("before", 1), LOG_T("value", value), LOG_I("after", 2));
	object = logged_json(w);
	assert_non_null(json_object_get(object, "before"));
	assert_null(json_object_get(object, "value"));
	assert_non_null(json_object_get(object, "after"));
	json_decref(object);
}

/* Whatever the length, the line is either with the field or without it, and never longer than its limit. */
static void lines_near_the_limit_stay_valid(void **state)
{
	struct world *w = *state;
	static char value[9000];
	size_t longest = 0;

	memset(value, 'x', sizeof(value));
	for (size_t n = 8000; n < 8300; n++) {
		json_t *object;

		log_line(&w->log, LOG_INFO, "http", LOG_S("value", slice_of(value, n)), LOG_I("after", 2));
		object = logged_json(w);
		longest = w->n > longest ? w->n : longest;
		if (json_object_get(object, "value"))
			assert_int_equal(json_string_length(json_object_get(object, "value")), n);
		json_decref(object);
	}
	assert_in_range(longest, 8192 - 16, 8192);
}

static void many_fields_fill_a_line(void **state)
{
	struct world *w = *state;
	struct log_field fields[1001] = { { NULL, { NULL, 0 }, 0, false } };

	for (size_t i = 0; i < 1000; i++)
		fields[i] = LOG_T("value", "0123456789");
	w->log.format = LOG_KEY_VALUE;
	log_fields(&w->log, LOG_INFO, "http", fields);
	logged(w);
	is_one_line(w);
	assert_true(w->n <= 8192);
	assert_string_equal(w->line + w->n - 18, " value=0123456789\n");
}

static void log_that_cannot_be_written_is_no_harm(void **state)
{
	struct world *w = *state;
	struct log log = w->log;

	log.fd = -1;
	log_note(&log, LOG_ERROR, "nowhere");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(json_line_has_time_level_event_and_fields),
		CASE(key_value_line_has_the_same),
		CASE(note_has_no_fields),
		CASE(lines_below_the_level_are_dropped),
		CASE(json_values_come_back_as_they_were),
		CASE(json_value_cannot_add_a_member),
		CASE(key_value_values_come_back_as_they_were),
		CASE(only_plain_words_stand_without_quotes),
		CASE(key_value_line_stays_utf8),
		CASE(any_bytes_give_a_valid_line),
		CASE(too_long_a_field_is_left_out),
		CASE(lines_near_the_limit_stay_valid),
		CASE(many_fields_fill_a_line),
		CASE(log_that_cannot_be_written_is_no_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
