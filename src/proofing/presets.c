/*
 * Settings of the HTTP engine that are known here. What the operator writes is laid over them, member by member, so that a preset needs
 * `baseUrl`, names of secrets and nothing else; @{name} stands for a text member of what he wrote.
 */
#include "codec/encode.h"
#include "proofing/calls.h"

enum { PRESET_BYTES_MAX = 64 * 1024 };

/* Another service with the Assure API: a dossier, and the process in it. */
static const char assure[] =
	"{\"prepare\":{\"url\":\"@{baseUrl}/dossiers\",\"bodyTemplate\":{\"externalReference\":\"${processId}\"},\"idPointer\":\"/dossierId\"},"
	"\"start\":{\"url\":\"@{baseUrl}/dossiers/${parentId}/processes\",\"auth\":{\"type\":\"oauth2_cc\",\"tokenUrl\":\"@{tokenUrl}\","
	"\"clientId\":\"@{clientId}\",\"secretRef\":\"@{secretRef}\"},"
	"\"bodyTemplate\":{\"provider\":\"${provider}\",\"processType\":\"${processType}\"},"
	"\"idPointer\":\"/processId\",\"authorizationPointer\":\"/authorization\",\"providerApiUrlPointer\":\"/providerApiUrl\"},"
	"\"poll\":{\"url\":\"@{baseUrl}/dossiers/${parentId}/processes/${externalId}\",\"statusPointer\":\"/status\",\"resultMap\":{"
	"\"firstName\":\"/finalResult/firstName\",\"lastName\":\"/finalResult/lastName\","
	"\"lastNameSecondLine\":\"/finalResult/lastNameSecondLine\",\"dateOfBirth\":\"/finalResult/dateOfBirth\","
	"\"dateOfExpiry\":\"/finalResult/dateOfExpiry\",\"dateOfIssue\":\"/finalResult/dateOfIssue\",\"gender\":\"/finalResult/gender\","
	"\"nationality\":\"/finalResult/nationality\",\"documentType\":\"/finalResult/documentType\","
	"\"documentNumber\":\"/finalResult/documentNumber\",\"issuingCountry\":\"/finalResult/issuingCountry\","
	"\"similarityScore\":\"/finalResult/similarityScore\",\"livenessDetected\":\"/finalResult/livenessDetected\","
	"\"personalIdentificationNumber\":\"/finalResult/personalIdentificationNumber\",\"placeOfBirth\":\"/finalResult/placeOfBirth\"}},"
	"\"cancel\":{\"method\":\"POST\",\"url\":\"@{baseUrl}/dossiers/${parentId}/processes/${externalId}/fail\"},"
	"\"evidence\":{\"video\":{\"url\":\"@{baseUrl}/dossiers/${parentId}/processes/${externalId}/video\"}},"
	"\"purge\":{\"url\":\"@{baseUrl}/dossiers/${parentId}\"}}";

/* An applicant, and a run of the workflow whose id is in `workflowId`. */
static const char onfido_like[] =
	"{\"prepare\":{\"url\":\"@{baseUrl}/applicants\",\"headers\":{\"Authorization\":\"Token token=${secret:@{secretRef}}\"},"
	"\"bodyTemplate\":{\"first_name\":\"Unknown\",\"last_name\":\"Unknown\"},\"idPointer\":\"/id\"},"
	"\"start\":{\"url\":\"@{baseUrl}/workflow_runs\",\"headers\":{\"Authorization\":\"Token token=${secret:@{secretRef}}\"},"
	"\"bodyTemplate\":{\"applicant_id\":\"${parentId}\",\"workflow_id\":\"@{workflowId}\","
	"\"link\":{\"completed_redirect_url\":\"${redirectUrl}\"}},\"idPointer\":\"/id\",\"urlPointer\":\"/link/url\"},"
	"\"poll\":{\"url\":\"@{baseUrl}/workflow_runs/${externalId}\",\"headers\":{\"Authorization\":\"Token token=${secret:@{secretRef}}\"},"
	"\"statusPointer\":\"/status\",\"statusMap\":{\"awaiting_input\":\"pending\",\"processing\":\"processing\",\"approved\":\"accepted\","
	"\"declined\":\"rejected\",\"review\":\"inconclusive\",\"abandoned\":\"canceled\",\"error\":\"failed\"},"
	"\"resultMap\":{\"firstName\":\"/output/first_name\",\"lastName\":\"/output/last_name\",\"dateOfBirth\":\"/output/date_of_birth\","
	"\"gender\":\"/output/gender|gender\",\"nationality\":\"/output/nationality|upper\","
	"\"documentType\":\"/output/document_type\",\"documentNumber\":\"/output/document_number\","
	"\"issuingCountry\":\"/output/issuing_country|upper\",\"dateOfExpiry\":\"/output/date_of_expiry\"}},"
	"\"purge\":{\"url\":\"@{baseUrl}/applicants/${parentId}\",\"headers\":{\"Authorization\":\"Token token=${secret:@{secretRef}}\"}}}";

static const struct {
	const char *name, *text;
} presets[] = { { "assure", assure }, { "onfido-like", onfido_like }, { "custom", "{}" } };

static const char *text_of(struct slice name)
{
	for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
		if (slice_is(name, presets[i].name))
			return presets[i].text;
	return NULL;
}

/* Fills in what the operator wrote, as JSON text: a quotation mark in it ends no string. */
static struct slice fill(struct op *op, const char *text, const json_t *written)
{
	struct buf b = buf_arena(op->arena, PRESET_BYTES_MAX);
	const char *place;

	while ((place = strstr(text, "@{"))) {
		struct slice rest = slice_text(place + 2), name = slice_cut(&rest, '}');
		struct buf value = buf_arena(op->arena, PRESET_BYTES_MAX);
		json_t *one = json_object_get(written, arena_cstr(op->arena, name));

		buf_slice(&b, slice_of(text, (size_t)(place - text)));
		if (json_is_string(one))
			json_write_value(&value, one);
		if (value.n > 2)
			buf_slice(&b, slice_of(value.p + 1, value.n - 2));
		text = place + 3 + name.n;
	}
	buf_text(&b, text);
	return buf_bytes(&b);
}

json_t *preset_apply(struct op *op, json_t *written)
{
	struct slice word = json_member(written, "preset"), why;
	const char *text = word.n ? text_of(word) : NULL;
	json_t *known = NULL;

	if (!word.n && json_is_object(written))
		return written;
	if (text && !failed(json_read(fill(op, text, written), JSON_UNIQUE, JSON_DEPTH_MAX, op->arena, &known, &why)))
		json_object_update(known, written);
	json_decref(written);
	return known;
}
