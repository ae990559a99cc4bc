/* A world with MobileID: an application, a user, and short ways to start and read operations over REST. */
#ifndef TEST_UNIT_DEVICE_SITE_H
#define TEST_UNIT_DEVICE_SITE_H

#include "device/internal.h"
#include "tests/unit/common/database.h"
#include "tests/unit/common/world.h"

struct site {
	struct world *w;
	struct fixture *f;
	struct database *db;
	struct device_configuration configuration;
	int64_t account;
	const char *user;
};

#define BASE_PATH "/reuseid/core/credentials/devices"

struct site *site_new(const struct fixture_options *options);
void site_free(struct site *s);
/* The application's configuration, as JSON; forgets the limits that were counted so far. */
void site_configure(struct site *s, const char *config);
/* Moves the clocks; the token is renewed. */
void site_advance(struct site *s, int64_t ms);
/* Another user of the first account. */
const char *site_user(struct site *s);

/* Starts; answers the id. `more` stands behind "userId" and "device", with a comma in front. */
struct answer start_registration(struct site *s, const char *user, const char *more);
struct answer start_authentication(struct site *s, const char *user, const char *device, const char *more);
struct answer start_signature(struct site *s, const char *user, const char *device, const char *more);
struct answer poll_authentication(struct site *s, const char *id);
struct answer poll_registration(struct site *s, const char *id);
/* Of the newest transaction, "PENDING", "COMPLETED" or the error's code. */
const char *newest_outcome(struct site *s);
/* How often this fact, and how many rows in the outbox. */
int64_t facts_of(struct site *s, const char *type);
int64_t events(struct site *s);
int64_t number(struct site *s, const char *format, ...) __attribute__((format(printf, 2, 3)));

int setup_site(void **state);
int free_site(void **state);
#define SITE_TEST(test) cmocka_unit_test_setup_teardown(test, setup_site, free_site)

#endif
