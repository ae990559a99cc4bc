/* What a provider says is held against the rules before anybody relies on it. */
#include "proofing/internal.h"

SCHEMA(final_result, FINAL_RESULT, "What was found, when it was accepted");
SCHEMA(fail_reason, FAIL_REASON, "Why it failed");
SCHEMA(proofing_result, PROOFING_RESULT, "A result");
ENUMERATION(similarity, SIMILARITY);

static bool digits(struct slice s, size_t from, size_t n, int *ret_value)
{
	*ret_value = 0;
	for (size_t i = from; i < from + n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*ret_value = *ret_value * 10 + (s.p[i] - '0');
	}
	return true;
}

/* A day of the calendar, YYYY-MM-DD. */
static bool is_date(struct slice s)
{
	static const int length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	int year, month, day, last;

	if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-' || !digits(s, 0, 4, &year) || !digits(s, 5, 2, &month) || !digits(s, 8, 2, &day))
		return false;
	if (month < 1 || month > 12 || day < 1)
		return false;
	last = length[month - 1] + (month == 2 && (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)));
	return day <= last;
}

static bool is_country(struct slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] < 'A' || s.p[i] > 'Z')
			return false;
	return s.n == 3;
}

static bool no_date(struct slice s)
{
	return s.n && !is_date(s);
}

static bool no_country(struct slice s)
{
	return s.n && !is_country(s);
}

const char *final_result_fault(const struct final_result *r)
{
	if (no_date(r->dateOfBirth) || no_date(r->dateOfIssue) || no_date(r->dateOfExpiry))
		return "a date is not of the form YYYY-MM-DD";
	if (no_country(r->nationality) || no_country(r->issuingCountry))
		return "a country is no ISO 3166-1 alpha-3 code";
	if (r->gender.n && !slice_is(r->gender, "M") && !slice_is(r->gender, "F"))
		return "gender is neither M nor F";
	if (r->firstName.n == 0 && r->lastName.n == 0)
		return "it names nobody";
	return NULL;
}

void result_normalise(struct op *op, struct proofing_result *r)
{
	static const struct final_result nobody;
	const char *fault = NULL;

	if (r->status == process_status_accepted)
		fault = final_result_fault(r->finalResult ? r->finalResult : &nobody);
	else
		r->finalResult = NULL;
	if (fault) {
		r->status = process_status_failed;
		r->finalResult = NULL;
		r->failReason = arena_new(op->arena, struct fail_reason);
		*r->failReason = (struct fail_reason){ .type = S("invalid_result"), .message = slice_text(fault) };
	}
	if (r->status != process_status_failed)
		r->failReason = NULL;
	else if (!r->failReason) {
		r->failReason = arena_new(op->arena, struct fail_reason);
		r->failReason->type = S("unknown");
	}
}

/* The one table of what a process may become. */
bool status_may_follow(enum process_status now, enum process_status next, bool reviewed)
{
	switch (now) {
	case process_status_pending:
		return next != process_status_pending;
	case process_status_processing:
		return next > process_status_processing;
	case process_status_inconclusive:
		return reviewed && (next == process_status_accepted || next == process_status_rejected);
	default:
		return false;
	}
}

/* What a provider said, as deep as it may be, lies in it a little deeper. */
enum { RESULT_DEPTH_MAX = JSON_DEPTH_MAX + 4 };

err result_read(struct op *op, struct slice json, struct proofing_result *ret_result)
{
	struct invalids bad = { .arena = op->arena };
	struct slice why;
	json_t *object;

	*ret_result = (struct proofing_result){ 0 };
	TRY(json_read(json, JSON_UNIQUE, RESULT_DEPTH_MAX, op->arena, &object, &why));
	schema_read(&proofing_result_schema, object, op->arena, &bad, ret_result);
	op_keep_json(op, object);
	ENSURE(bad.n == 0, STORAGE);
	return OK;
}
