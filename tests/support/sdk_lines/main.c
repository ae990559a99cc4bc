/* Reads lines, answers lines, one after another, until its input ends; then closes what is open. lines.h says what they are. */
#include "lines.h"

#include <stdio.h>
#include <stdlib.h>

enum { PHONES_MAX = 4096 };

/* Numbered from 0 as they were opened; a number is never used again. */
struct phones {
	rid_controller *list[PHONES_MAX];
	size_t n;
};

static json_t *opened(struct phones *phones, const json_t *in)
{
	int error = RID_ERROR_UNEXPECTED;
	rid_controller *c = phones->n < PHONES_MAX ? lines_open(in, &error) : NULL;

	if (!c)
		return json_pack("{ss si}", "kind", "FAILED", "number", error);
	phones->list[phones->n] = c;
	return json_pack("{si}", "phone", (int)phones->n++);
}

static rid_controller *phone_of(const struct phones *phones, const json_t *in)
{
	int phone = lines_number(in, "phone");

	return phone >= 0 && (size_t)phone < phones->n ? phones->list[phone] : NULL;
}

/* The step, and what the phone knows by itself after it. */
static json_t *stepped(const rid_controller *c, const rid_step *step)
{
	json_t *out = lines_step(step);
	const char *id = rid_registration_id(c);

	json_object_set_new(out, "registrationId", id ? json_string(id) : json_null());
	json_object_set_new(out, "activated", json_integer(rid_activated_auth_methods(c)));
	json_object_set_new(out, "recovery", json_integer(rid_activated_recovery_methods(c)));
	return out;
}

/* NULL: nobody can make anything of it. */
static json_t *answer(struct phones *phones, const json_t *in)
{
	rid_controller *c;
	const rid_step *step;
	int number = 0;

	if (!lines_text(in, "call"))
		return opened(phones, in);
	c = phone_of(phones, in);
	if (!c)
		return NULL;
	if (lines_say(c, in, &number))
		return json_pack("{si}", "number", number);
	step = lines_call(c, in);
	return step ? stepped(c, step) : NULL;
}

static int answered(struct phones *phones, const char *line)
{
	json_t *in = json_loads(line, 0, NULL);
	json_t *out = in ? answer(phones, in) : NULL;

	json_decref(in);
	if (!out)
		return 0;
	json_dumpf(out, stdout, JSON_COMPACT);
	json_decref(out);
	return putchar('\n') == '\n' && fflush(stdout) == 0;
}

int main(void)
{
	static struct phones phones;
	char *line = NULL;
	size_t size = 0;
	int good = 1;

	while (good && getline(&line, &size, stdin) > 0)
		good = answered(&phones, line);
	if (!good)
		fprintf(stderr, "This line makes no sense: %s", line);
	free(line);
	for (size_t i = 0; i < phones.n; i++)
		rid_close(phones.list[i]);
	return good ? 0 : 1;
}
