/* Operations in a store, without any feature around them: each step of a test is a transaction of its own. */
#ifndef TEST_UNIT_OPERATION_OPERATIONS_H
#define TEST_UNIT_OPERATION_OPERATIONS_H

#include "operation/operation.h"
#include "tests/unit/common/database.h"
#include "tests/unit/common/fixture.h"

struct place {
	struct fixture *f;
	struct database *db;
};

static inline int setup_place(void **state)
{
	struct place *p = xalloc(sizeof(*p));

	p->f = fixture_new(NULL);
	p->db = database_open(p->f->dir);
	*state = p;
	return 0;
}

static inline int free_place(void **state)
{
	struct place *p = *state;

	database_close(p->db);
	fixture_free(p->f);
	free(p);
	return 0;
}

#define PLACE_TEST(test) cmocka_unit_test_setup_teardown(test, setup_place, free_place)

/* An id that says its number. */
static inline struct uuid id_of(uint8_t n)
{
	return (struct uuid){ { [0] = 1, [15] = n } };
}

/* One transaction. */
struct step {
	struct place *p;
	struct fact_origin origin;
	struct error (*fn)(struct step *step, struct tx *tx);
	const struct operation *operation;
	enum operation_error error;
	enum operation_key key;
	struct uuid id;
	const struct uuid *except;
	int64_t limit, count;
};

static inline struct error run_step(void *arg, struct tx *tx)
{
	struct step *step = arg;

	step->origin = fact_origin_here(&step->p->f->app);
	return step->fn(step, tx);
}

static inline struct error in_transaction(struct step *step)
{
	return store_write(step->p->f->app.store, run_step, step);
}

static inline struct error do_insert(struct step *step, struct tx *tx)
{
	return operation_insert(&step->origin, tx, step->operation);
}

static inline struct error do_complete(struct step *step, struct tx *tx)
{
	return operation_complete(&step->origin, tx, step->operation, &step->id);
}

static inline struct error do_fail(struct step *step, struct tx *tx)
{
	return operation_fail(&step->origin, tx, step->operation, step->error);
}

static inline struct error do_fail_all(struct step *step, struct tx *tx)
{
	return operation_fail_all(&step->origin, tx, step->key, &step->id, step->except, step->error);
}

static inline struct error do_fail_registrations(struct step *step, struct tx *tx)
{
	return operation_fail_registrations(&step->origin, tx, &step->id, step->except, step->error);
}

enum { ACCOUNT = 7, USER = 1, DEVICE = 2, LIFE_MS = 60000 };

/* A pending authentication of USER with DEVICE. */
static inline struct operation authentication(struct place *p, uint8_t n)
{
	int64_t now = env_now_ms(p->f->app.env);

	return (struct operation){ .id = id_of(n), .account = ACCOUNT, .user = id_of(USER), .type = credential_type_DEVICE,
		.operation = operation_type_AUTHENTICATION, .state = operation_state_PENDING, .credential = id_of(DEVICE), .created = now,
		.expires = now + LIFE_MS };
}

static inline struct operation inserted(struct place *p, struct operation o)
{
	must(in_transaction(&(struct step){ .p = p, .fn = do_insert, .operation = &o }));
	return o;
}

static inline struct error loaded_as(struct place *p, int64_t account, struct uuid id, struct operation *ret)
{
	struct tx *tx = store_read_begin(p->f->app.store);
	struct error e = operation_load(tx, account, &id, env_now_ms(p->f->app.env), ret);

	store_read_end(tx);
	return e;
}

static inline struct operation loaded(struct place *p, struct uuid id)
{
	struct operation o;

	must(loaded_as(p, ACCOUNT, id, &o));
	return o;
}

static inline void assert_outcome(struct place *p, struct uuid id, enum operation_state state, enum operation_error error)
{
	struct operation o = loaded(p, id);

	assert_int_equal(o.state, state);
	assert_string_equal(operation_error_name(o.error), operation_error_name(error));
}

/* Since the start of the test, all but those of the inserts. */
static inline void assert_told(struct place *p, int64_t facts, int64_t events)
{
	assert_int_equal(database_number(p->db, "SELECT count(*) FROM audit WHERE type NOT LIKE '%_STARTED'"), facts);
	assert_int_equal(database_number(p->db, "SELECT count(*) FROM outbox"), events);
}

#endif
