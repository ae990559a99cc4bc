#include "tests/api/town.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "device/device.h"
#include "flow/flow.h"
#include "proofing/proofing.h"
#include "passkey/passkey.h"
#include "server/boot.h"
#include "tests/api/keys.h"
#include "tests/unit/common/outbound_fake.h"
#include "tests/unit/device/phone.h"
#include "webhook/webhook.h"

#define USERS "/reuseid/core/users"
#define VERIFICATION "{\"provider\":\"p\",\"dossierId\":\"d\",\"processId\":\"q\",\"orchestrationId\":\"o\"}"

static const struct fixture_options building = { .settings = { "audit_token_issued=1" } };

/* ---- every route there is ---- */

enum { TABLES_MAX = 64 };

static struct world *open_world(const struct fixture_options *options, const struct bootstrap *first)
{
	const struct route_table *tables[TABLES_MAX];
	struct outbound_fake *fake;
	struct world *w;
	size_t n = 0;

	assert_true(public_table_count + admin_table_count <= TABLES_MAX);
	for (size_t i = 0; i < public_table_count; i++)
		tables[n++] = public_tables[i];
	for (size_t i = 0; i < admin_table_count; i++)
		tables[n++] = admin_tables[i];
	w = first ? world_again(options, tables, n, first) : world_new(options, tables, n);
	must(devices_open(&w->f->app));
	must(webhooks_open(&w->f->app));
	fake = outbound_fake_new();
	fake->status = 204;
	w->f->app.outbound = &fake->outbound;
	must(proofing_open(&w->f->app));
	must(flows_open(&w->f->app));
	must(passkeys_open(&w->f->app));
	return w;
}

static void close_world(struct world *w)
{
	webhooks_close(&w->f->app);
	outbound_fake_free((struct outbound_fake *)w->f->app.outbound);
	proofing_close(&w->f->app);
	passkeys_close(&w->f->app);
	devices_close(&w->f->app);
	world_free(w);
}

/* ---- building ---- */

static const char *kept(struct town *town, const char *text)
{
	return arena_cstr(&town->arena, slice_text(text));
}

/* The answer's member, kept beyond the world. */
static const char *made(struct town *town, struct answer answer, const char *member)
{
	if (answer.status >= 300)
		fail_msg("%d: %.*s", answer.status, FMT(answer.text));
	return kept(town, text_of(answer, member));
}

static struct site site_of(struct world *w, const char *account)
{
	struct site s = { .w = w, .f = w->f, .account = world_account_number(w, account) };

	must(devices_configuration(&w->f->app, s.account, &s.configuration));
	return s;
}

#define SHOWN ",\"operationProperties\":{\"preOperationContext\":{\"content\":\"c\",\"mimeType\":\"text/plain\"}}"

/* The first device signs something before it is left alone. */
static const char *registered(struct town *town, struct site *s, const char *user, const char **ret_signed)
{
	struct phone *p = phone_new(s);
	const char *id;

	phone_register(p, s, user, "2580");
	id = kept(town, TEXT(s->w, "%.*s", FMT(uuid_text(&s->f->arena, &p->reg))));
	if (ret_signed) {
		*ret_signed = made(town, start_signature(s, user, id, SHOWN), "transactionId");
		assert_ok_reply(phone_approve(p, "2580"));
	}
	phone_free(p);
	return id;
}

static void settle_users(struct town *town, struct world *w, struct ids *ids)
{
	const char *path;

	ids->reference = kept(town, TEXT(w, "reference-of-%s", ids->account));
	ids->user = made(town, ask(w, HTTP_POST, USERS, TEXT(w, "{\"externalRef\":\"%s\",\"segment\":\"DK\",\"attributes\":{\"a\":\"1\"}}",
		ids->reference)), "id");
	ids->locked_user = made(town, ask(w, HTTP_POST, USERS, "{}"), "id");
	assert_status(ask(w, HTTP_PATCH, TEXT(w, USERS "/%s", ids->locked_user), "{\"state\":\"LOCKED\"}"), 200);
	path = TEXT(w, USERS "/%s/identity-verifications", ids->user);
	ids->verification = made(town, ask(w, HTTP_POST, path, VERIFICATION), "verificationId");
}

#define NO_TOKEN "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

/* A phone tried to set one up with a token that is none. */
static void recovery_that_failed(struct town *town, struct site *s, struct ids *ids)
{
	struct phone *p = phone_new(s);
	const char *path;

	phone_register(p, s, ids->user, "2580");
	path = TEXT(s->w, "/reuseid/core/credentials/devices/%.*s/transactions?userId=%s&limit=1", FMT(uuid_text(&s->f->arena, &p->reg)),
		ids->user);
	fixture_advance(s->f, 1);
	assert_code(phone_rec_add_start(p, NO_TOKEN, PROPER), 233);
	phone_free(p);
	ids->recovery = made(town, ask(s->w, HTTP_GET, path, NULL), "transactions.0.transactionId");
}

static void settle_mobileid(struct town *town, struct world *w, struct ids *ids)
{
	const char *base = TEXT(w, "/mobileid/admin/accounts/%s", ids->account);

	ids->application = made(town, ask(w, HTTP_GET, TEXT(w, "%s/application-configurations", base), NULL), "applications.0.applicationId");
	ids->e2e_key = made(town, ask(w, HTTP_POST, TEXT(w, "%s/e2e-keys", base), NULL), "keyId");
}

static void settle_devices(struct town *town, struct world *w, struct ids *ids)
{
	struct site s;

	s = site_of(w, ids->account);
	ids->device = registered(town, &s, ids->user, &ids->signed_consent);
	ids->second_device = registered(town, &s, ids->user, NULL);
	settle_mobileid(town, w, ids);
	recovery_that_failed(town, &s, ids);
	ids->registration = made(town, start_registration(&s, ids->user, ""), "transactionId");
	ids->authentication = made(town, start_authentication(&s, ids->user, ids->device, ""), "transactionId");
	ids->signature = made(town, start_signature(&s, ids->user, ids->second_device, SHOWN), "transactionId");
}

/* The body is taken over. */
static void put(struct world *w, const char *path, json_t *body)
{
	char *text = json_dumps(body, 0);

	json_decref(body);
	assert_status(ask(w, HTTP_PUT, path, text), 200);
	free(text);
}

static void settle_places_and_pushes(struct world *w, struct ids *ids)
{
	const char *base = TEXT(w, "/mobileid/admin/accounts/%s/push-configurations", ids->account);

	put(w, TEXT(w, "/reuseid/core/credentials/devices/%s/geofencing?userId=%s", ids->device, ids->user), json_pack("{s:s}", "mode", "OPTIONAL"));
	put(w, TEXT(w, "%s/WEBPUSH", base), json_pack("{s:s}", "subject", "mailto:push@example.com"));
	put(w, TEXT(w, "%s/FCM", base), json_pack("{s:s, s:s, s:s, s:s}", "project_id", "p", "client_email", "e", "private_key_id", "k",
		"private_key", RSA_PEM));
	put(w, TEXT(w, "%s/APNS", base), json_pack("{s:s, s:s, s:s, s:s}", "teamId", "t", "keyId", "k", "topic", "a", "privateKey", EC_PEM));
}

static void settle_events(struct town *town, struct world *w, struct ids *ids)
{
	static const char wanted[] = "{\"name\":\"n\",\"url\":\"https://hooks.example.com/\",\"events\":[\"*\"]}";

	ids->subscription = made(town, ask(w, HTTP_POST, "/events-management/subscriptions", wanted), "id");
	ids->subscription_secret = made(town, ask(w, HTTP_POST, TEXT(w, "/events-management/subscriptions/%s/secrets", ids->subscription),
		NULL), "id");
	ids->event = made(town, ask(w, HTTP_GET, "/events-management/events?limit=1", NULL), "events.0.id");
}

static const char *new_process(struct town *town, struct world *w, const struct ids *ids, bool begun)
{
	const char *id = made(town, ask(w, HTTP_POST, TEXT(w, "/assure/dossiers/%s/processes", ids->dossier), "{\"provider\":\"readid\"}"),
		"processId");

	if (begun)
		assert_status(ask(w, HTTP_POST, TEXT(w, "/assure/dossiers/%s/processes/%s", ids->dossier, id), NULL), 200);
	return id;
}

static void settle_proofing(struct town *town, struct world *w, struct ids *ids)
{
	struct site s = site_of(w, ids->account);

	assert_status(fixture_send(w->f, &(struct from){ .local = true }, HTTP_PUT, TEXT(w, "/admin/proofing/%s", ids->account),
		S("{\"allowSimulatorInProduction\":true,\"manualReview\":true}")), 200);
	ids->dossier = made(town, ask(w, HTTP_POST, "/assure/dossiers", "{}"), "dossierId");
	ids->idle_process = new_process(town, w, ids, false);
	ids->process = new_process(town, w, ids, true);
	ids->review = new_process(town, w, ids, true);
	assert_status(ask(w, HTTP_POST, TEXT(w, "/proofing-simulator/%s/complete", ids->review), "{\"status\":\"inconclusive\"}"), 204);
	assert_status(ask(w, HTTP_POST, TEXT(w, "/assure/dossiers/%s/userdata", ids->dossier), "{\"a\":1}"), 200);
	ids->file = made(town, ask(w, HTTP_POST, TEXT(w, "/assure/dossiers/%s/files", ids->dossier), "{}"), "fileId");
	assert_status(ask(w, HTTP_POST, TEXT(w, "/assure/dossiers/%s/processes/%s/images?kind=video", ids->dossier, ids->process), "{}"), 201);
	ids->onboarding = made(town, ask(w, HTTP_POST, "/reuseid/id-onboardings", "{}"), "data.transactionId");
	ids->third_device = registered(town, &s, ids->user, NULL);
	ids->stepup = made(town, ask(w, HTTP_POST, "/reuseid/id-stepups", TEXT(w, "{\"userId\":\"%s\",\"deviceId\":\"%s\"}", ids->user,
		ids->third_device)), "data.transactionId");
}

#define PASSKEYS "/reuseid/core/credentials/passkeys"

static void settle_passkeys(struct town *town, struct world *w, struct ids *ids)
{
	const char *list;

	assert_status(ask(w, HTTP_PUT, "/reuseid/core/credentials/devices/hashes/" BLOCKED_HASH "/block", NULL), 200);

	ids->redirect = kept(town, TEXT(w, "https://%s.example.net/done", ids->account + strlen(ids->account) - 6));
	ids->domain = kept(town, TEXT(w, "%s.example.net", ids->account + strlen(ids->account) - 6));
	ids->domain = made(town, post(w->f, "/admin/domains", "{\"accountId\":\"%s\",\"name\":\"%s\"}", ids->account, ids->domain), "name");
	assert_status(ask(w, HTTP_POST, PASSKEYS "/import",
		TEXT(w, "{\"userId\":\"%s\",\"domain\":\"%s\",\"credentialId\":\"AAEC\",\"publicKey\":\"%s\",\"signCount\":0,"
			"\"backupEligible\":true}", ids->user, ids->domain, PASSKEY_KEY)), 200);
	list = TEXT(w, USERS "/%s/credentials?credentialType=passkey", ids->user);
	ids->passkey = made(town, ask(w, HTTP_GET, list, NULL), "credentials.0.id");
	ids->passkey_registration = made(town, ask(w, HTTP_POST, PASSKEYS "/registrations",
		TEXT(w, "{\"userId\":\"%s\",\"passkey\":{\"domain\":\"%s\"}}", ids->user, ids->domain)), "transactionId");
	ids->passkey_authentication = made(town, ask(w, HTTP_POST, PASSKEYS "/authentications",
		TEXT(w, "{\"operationProperties\":{\"domain\":\"%s\"}}", ids->domain)), "transactionId");
}

static void settle_account(struct town *town, struct world *w, const char *account, const char *token, struct ids *ids)
{
	const char *usual = w->token;

	w->token = token;
	ids->account = kept(town, account);
	assert_status(post(w->f, "/admin/mobileid", "{\"accountId\":\"%s\"}", ids->account), 200);
	settle_users(town, w, ids);
	settle_proofing(town, w, ids);
	settle_devices(town, w, ids);
	settle_places_and_pushes(w, ids);
	settle_events(town, w, ids);
	settle_passkeys(town, w, ids);
	w->token = usual;
}

static void settle_operator(struct town *town, struct world *w)
{
	struct credentials organisation = world_client(w, NULL, "[\"all\"]");

	town->empty_account = kept(town, world_account(w, "sandbox"));
	town->client = kept(town, world_client(w, town->empty_account, "[\"Audit API\"]").id);
	town->secret = made(town, get(w->f, "/admin/clients/%s", town->client), "secrets.0.id");
	town->domain = made(town, post(w->f, "/admin/domains", "{\"accountId\":\"%s\",\"name\":\"login.example.org\"}", town->empty_account),
		"name");
	town->organisation = (struct credentials){ kept(town, organisation.id), kept(town, organisation.secret) };
	town->key = made(town, get(w->f, "/admin/keys"), "keys.0.keyId");
	fixture_advance(w->f, 1);
	assert_status(post(w->f, "/admin/keys/rotate", "{\"immediately\":true}"), 200);
}

struct town *town_new(void)
{
	struct town *town = xalloc(sizeof(*town));
	struct fixture_options options = building;
	const char *other;
	struct world *w;

	arena_init(&town->arena);
	strcpy(town->dir, "/tmp/town-XXXXXX");
	assert_non_null(mkdtemp(town->dir));
	options.data = town->dir;
	w = open_world(&options, NULL);
	town->first = w->first;
	assert_status(patch(w->f, TEXT(w, "/admin/accounts/%s", w->first.account_id), "{\"extendedEvents\":true}"), 200);
	settle_account(town, w, w->first.account_id, w->token, &town->mine);
	other = world_account(w, "production");
	settle_account(town, w, other, world_token(w, world_client(w, other, "[\"all\"]")), &town->theirs);
	settle_operator(town, w);
	close_world(w);
	return town;
}

/* ---- files ---- */

static void remove_files(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	rmdir(path);
}

static void copy_file(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC), out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	char bytes[64 * 1024];
	ssize_t n;

	assert_true(in >= 0 && out >= 0);
	while ((n = read(in, bytes, sizeof(bytes))) > 0)
		assert_int_equal(write(out, bytes, (size_t)n), n);
	assert_int_equal(n, 0);
	close(in);
	close(out);
}

void town_free(struct town *town)
{
	remove_files(town->dir);
	arena_free(&town->arena);
	free(town);
}

/* ---- visits ---- */

struct visit *town_visit(struct town *town)
{
	struct visit *v = xalloc(sizeof(*v));
	struct fixture_options options = building;
	char from[128], to[128];

	strcpy(v->dir, "/tmp/visit-XXXXXX");
	assert_non_null(mkdtemp(v->dir));
	snprintf(from, sizeof(from), "%s/reuseid.db", town->dir);
	snprintf(to, sizeof(to), "%s/reuseid.db", v->dir);
	copy_file(from, to);
	options.data = v->dir;
	options.seed = UINT64_C(1) << 40; /* ids that the town has are not made again */
	v->w = open_world(&options, &town->first);
	fixture_advance(v->w->f, 1000);
	v->w->token = world_token(v->w, world_first_client(v->w));
	v->db = database_open(v->dir);
	return v;
}

void town_leave(struct visit *v)
{
	if (!v)
		return;
	database_close(v->db);
	close_world(v->w);
	remove_files(v->dir);
	free(v);
}
