/*
 * The built-in simulator: it verifies nobody. What it finds is made up on the capture page, by a script that came with the start, or
 * by magic last names, so that tests can have every outcome without a person.
 *
 * A script is an outcome and further words, with semicolons between them: "accepted;firstName=ANNA;lastName=SLOW3".
 */
#include "proofing/internal.h"

static const struct {
	const char *word;
	enum process_status status;
} outcomes[] = {
	{ "accepted", process_status_accepted },
	{ "rejected", process_status_rejected },
	{ "inconclusive", process_status_inconclusive },
	{ "canceled", process_status_canceled },
	{ "failed", process_status_failed },
	{ "timeout", process_status_none }, /* never ends */
	{ "REJECT", process_status_rejected },
	{ "INCONCLUSIVE", process_status_inconclusive },
	{ "FAIL", process_status_failed },
	{ "CANCEL", process_status_canceled },
	{ "TIMEOUT", process_status_none },
};

static bool outcome_find(struct slice word, enum process_status *ret_status)
{
	for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
		if (slice_is(word, outcomes[i].word)) {
			*ret_status = outcomes[i].status;
			return true;
		}
	}
	return false;
}

static int64_t slow_seconds(struct slice last_name)
{
	uint64_t seconds;

	if (!slice_starts(last_name, S("SLOW")) || failed(slice_u64(slice_of(last_name.p + 4, last_name.n - 4), &seconds)))
		return 0;
	return seconds < 3600 ? (int64_t)seconds : 3600;
}

static struct slice made_up_number(struct op *op, const struct process *p)
{
	static const char digits[] = "0123456789";
	uint8_t *text = arena_alloc(op->arena, 9);

	text[0] = 'S';
	for (size_t i = 1; i < 9; i++)
		text[i] = (uint8_t)digits[p->id.b[8 + i % 8] % 10];
	return slice_of(text, 9);
}

static void present(struct final_result *r, const struct document_type *document)
{
	if (!document)
		return;
	r->documentType = document->type;
	r->issuingCountry = document->country;
}

struct final_result *simulator_persona(struct op *op, const struct process *p, const struct proofing_config *config)
{
	struct final_result *r = arena_new(op->arena, struct final_result);
	struct list types = doc_types_allowed(config, &p->content, op->arena);
	const struct document_type *chosen = doc_type_find(&types, p->content.chosen);

	*r = (struct final_result){
		.firstName = S("JANE"),
		.lastName = S("SMITH"),
		.dateOfBirth = S("1990-01-01"),
		.gender = S("F"),
		.nationality = S("NOR"),
		.dateOfIssue = S("2024-06-01"),
		.dateOfExpiry = S("2034-05-31"),
		.documentType = S("passport"),
		.documentNumber = made_up_number(op, p),
		.issuingCountry = S("NOR"),
		.similarityScore = similarity_high,
		.livenessDetected = true,
	};
	MARK(r, final_result, livenessDetected);
	present(r, chosen ? chosen : types.n ? types.items : NULL);
	return r;
}

/* ---- what real providers would say besides ---- */

static const char *const security_checks[] = {
	"nonExpired", "notUnderage", "dataIntegrity", "livenessDetected", "sidesMatch", "notBWCopy", "notFaceSpoofing",
	"untamperedDocument", "untamperedVideo", "deviceSecurity", "reflectiveSurface", "documentTilt",
};

static void write_checks(struct jw *w, bool good)
{
	jw_key(w, "securityChecks");
	jw_open(w, '{');
	for (size_t i = 0; i < sizeof(security_checks) / sizeof(security_checks[0]); i++) {
		jw_key(w, security_checks[i]);
		jw_open(w, '{');
		jw_pair_bool(w, "valid", good);
		jw_close(w, '}');
	}
	jw_close(w, '}');
}

static void pair(struct jw *w, const char *name, struct slice value)
{
	if (value.n)
		jw_pair_text(w, name, value);
}

static void write_features(struct jw *w)
{
	jw_key(w, "features");
	jw_raw(w, S("[{\"name\":\"portrait\",\"found\":true,\"bbox\":{\"x\":40,\"y\":120,\"width\":180,\"height\":230},\"side\":\"front\"},"
		"{\"name\":\"mrz\",\"found\":true,\"bbox\":{\"x\":20,\"y\":420,\"width\":760,\"height\":90},\"side\":\"front\"}]"));
}

static void write_ocr(struct jw *w, const struct process *p, const struct final_result *f, bool good)
{
	char id[24];
	struct buf text = { .p = (uint8_t *)id, .cap = sizeof(id), .max = sizeof(id) };

	buf_i64_text(&text, p->content.chosen);
	jw_key(w, "ocr");
	jw_open(w, '{');
	if (f) {
		pair(w, "firstName", f->firstName);
		pair(w, "lastName", f->lastName);
		pair(w, "dateOfBirth", f->dateOfBirth);
		pair(w, "gender", f->gender);
		pair(w, "nationality", f->nationality);
		pair(w, "documentNumber", f->documentNumber);
		pair(w, "dateOfExpiry", f->dateOfExpiry);
	}
	if (p->content.chosen)
		jw_pair_text(w, "idType", buf_bytes(&text));
	jw_pair(w, "similarityScore", good ? "high" : "veryLow");
	jw_pair(w, "livenessDetected", good ? "true" : "false");
	write_features(w);
	write_checks(w, good);
	jw_close(w, '}');
}

static void write_chip(struct jw *w, bool good)
{
	const char *word = good ? "SUCCEEDED" : "FAILED";

	jw_key(w, "consolidatedIdentityData");
	jw_open(w, '{');
	jw_pair(w, "chipVerification", word);
	jw_pair(w, "chipCloneDetection", word);
	jw_close(w, '}');
}

void simulator_specific(struct op *op, const struct process *p, struct proofing_result *r)
{
	bool good = r->status == process_status_accepted;
	struct buf b = buf_arena(op->arena, RESULT_JSON_MAX);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair_bool(&w, "simulated", true);
	if (slice_is(p->provider, "readid"))
		write_chip(&w, good);
	else
		write_ocr(&w, p, r->finalResult, good);
	jw_close(&w, '}');
	r->providerSpecific = buf_bytes(&b);
}

/* ---- what comes of it ---- */

static void put_field(struct op *op, struct final_result *r, struct slice name, struct slice value)
{
	struct invalids bad = { .arena = op->arena };
	json_t *one = json_object();

	json_object_setn_new(one, (const char *)name.p, name.n, json_stringn((const char *)value.p, value.n));
	schema_read(&final_result_schema, one, op->arena, &bad, r);
	op_keep_json(op, one);
}

static void read_words(struct op *op, struct slice rest, struct final_result *r)
{
	while (rest.n) {
		struct slice value = slice_cut(&rest, ';'), name = slice_trim(slice_cut(&value, '='));

		if (name.n)
			put_field(op, r, name, slice_trim(value));
	}
}

static void explain(struct op *op, struct proofing_result *r)
{
	if (r->status != process_status_failed)
		return;
	r->failReason = arena_new(op->arena, struct fail_reason);
	*r->failReason = (struct fail_reason){ .type = S("system_requirements"), .message = S("The device does not meet the requirements") };
}

bool simulator_decides(struct op *op, const struct process *p, struct slice script, struct proofing_result *ret_result, int64_t *ret_due)
{
	enum process_status status = process_status_accepted;
	struct slice rest = script, word = slice_trim(slice_cut(&rest, ';'));
	struct final_result *found = arena_new(op->arena, struct final_result);
	struct slice last_name;

	*ret_due = 0;
	*found = *p->content.persona;
	(void)outcome_find(word, &status);
	read_words(op, rest, found);
	last_name = found->lastName;
	(void)outcome_find(last_name, &status);
	if (status == process_status_none)
		return false;
	if (slow_seconds(last_name) && !p->due) {
		*ret_due = op->now + slow_seconds(last_name) * 1000;
		return false;
	}
	*ret_result = (struct proofing_result){ .status = status, .finalResult = status == process_status_accepted ? found : NULL };
	explain(op, ret_result);
	simulator_specific(op, p, ret_result);
	return true;
}
