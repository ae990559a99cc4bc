/* The account that a request is about: the token's own, or the one that a client of the whole organisation names. */
#include "tests/api/matrix.h"

static const char *naming(struct matrix *m, const char *parameter, const char *account)
{
	return WORDS(m, "%s=%s", parameter, account);
}

static void accept_naming(struct matrix *m, const struct spot *at, const char *parameter)
{
	matrix_accepted(m, at, &(struct how){ .query = naming(m, parameter, m->town->mine.account) });
}

/* Whether anybody serves and who may read the counters is not for this test. */
static bool usual(const struct spot *at)
{
	return strcmp(at->path, "/readyz") != 0 && strcmp(at->path, "/metrics") != 0 && !(at->route->flags & RAW_BODY);
}

static void own_account(struct matrix *m, const struct spot *at)
{
	accept_naming(m, at, "signicat-accountId");
}

static void own_account_in_lower_case(struct matrix *m, const struct spot *at)
{
	accept_naming(m, at, "signicat-accountid");
}

static void own_account_in_upper_case(struct matrix *m, const struct spot *at)
{
	accept_naming(m, at, "SIGNICAT-ACCOUNTID");
}

static void empty_account(struct matrix *m, const struct spot *at)
{
	matrix_accepted(m, at, &(struct how){ .query = "signicat-accountId=" });
}

static void refuse(struct matrix *m, const struct spot *at, const char *token, const char *client, const char *account)
{
	struct how how = { .token = token, .query = naming(m, "signicat-accountId", account) };
	struct answer answer = matrix_refused(m, at, &how, 403, "missing_permission");

	assert_string_equal(text_of(answer, "detail"),
		WORDS(m, "The subject with ID '%s' does not have the required permission '%s' on the target resource '%s'", client,
			permission_text(at->route->permission), account));
}

static void account_of_somebody_else(struct matrix *m, const struct spot *at)
{
	refuse(m, at, NULL, m->town->first.client_id, m->town->theirs.account);
}

static void account_that_nobody_has(struct matrix *m, const struct spot *at)
{
	refuse(m, at, NULL, m->town->first.client_id, "a-spge-00000000000000000000");
}

static void parameters_of_the_organisation(struct matrix *m, const struct spot *at)
{
	struct how how = { .query = "signicat-organizationId=o-p-x", .header = { S("Signicat-OrganizationId"), S("o-p-x") } };

	matrix_accepted(m, at, &how);
}

/* ---- a client of the whole organisation ---- */

static const char *organisation_token(struct matrix *m)
{
	const char *token = world_token(m->w, m->town->organisation);

	database_digest(m->visit->db, &m->before); /* the token was recorded */
	m->used = true;
	return token;
}

static bool wants_account(const struct spot *at)
{
	return wants_token(at) && !(at->route->flags & NO_ACCOUNT);
}

static void organisation_without_an_account(struct matrix *m, const struct spot *at)
{
	struct how how = { .token = organisation_token(m) };
	struct answer answer = matrix_refused(m, at, &how, 400, "invalid_request");

	assert_string_equal(text_of(answer, "detail"), "signicat-accountId parameter is missing");
}

static void organisation_with_an_account(struct matrix *m, const struct spot *at)
{
	struct how how = { .token = organisation_token(m), .query = naming(m, "signicat-accountId", m->town->mine.account) };

	matrix_accepted(m, at, &how);
}

/* It acts on the account that it names, not on any other one. */
static void organisation_with_the_other_account(struct matrix *m, const struct spot *at)
{
	struct how how = { .token = organisation_token(m), .query = naming(m, "signicat-accountId", m->town->theirs.account) };
	struct town *town = m->town, turned = *town;

	turned.mine = turned.theirs;
	m->town = &turned;
	matrix_accepted(m, at, &how);
	m->town = town;
}

static void organisation_with_an_account_that_nobody_has(struct matrix *m, const struct spot *at)
{
	const char *token = organisation_token(m);

	refuse(m, at, token, m->town->organisation.id, "a-spge-00000000000000000000");
}

static bool wants_account_and_id(const struct spot *at)
{
	return wants_account(at) && names_something(at);
}

static void organisation_with_ids_of_another_account(struct matrix *m, const struct spot *at)
{
	struct how how = { .token = organisation_token(m), .query = naming(m, "signicat-accountId", m->town->theirs.account) };

	matrix_refused(m, at, &how, 404, NULL);
}

static const struct property properties[] = {
	{ "the own account", OF_ROUTE, usual, own_account },
	{ "the own account, in lower case", OF_ROUTE, usual, own_account_in_lower_case },
	{ "the own account, in upper case", OF_ROUTE, usual, own_account_in_upper_case },
	{ "an empty account", OF_ROUTE, wants_token, empty_account },
	{ "the account of somebody else", OF_ROUTE, wants_token, account_of_somebody_else },
	{ "an account that nobody has", OF_ROUTE, wants_token, account_that_nobody_has },
	{ "parameters of the organisation", OF_ROUTE, wants_token, parameters_of_the_organisation },
	{ "of the organisation, without an account", OF_ROUTE, wants_account, organisation_without_an_account },
	{ "of the organisation, with an account", OF_ROUTE, wants_account, organisation_with_an_account },
	{ "of the organisation, with the other account", OF_ROUTE, wants_account, organisation_with_the_other_account },
	{ "of the organisation, with no account of it", OF_ROUTE, wants_account, organisation_with_an_account_that_nobody_has },
	{ "of the organisation, with ids of another account", OF_ROUTE, wants_account_and_id, organisation_with_ids_of_another_account },
};

int main(void)
{
	return matrix_run(properties, COUNT(properties));
}
