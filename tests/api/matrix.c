#include "tests/api/matrix.h"

#include "proofing/proofing.h"

#include <stdio.h>
#include <stdlib.h>

enum { CELLS_MAX = 8000, ALIASES_MAX = 8 };

/* One property on one spot. */
struct cell {
	struct matrix *m;
	const struct property *property;
	struct spot spot;
};

struct cells {
	struct arena arena;
	struct matrix *m;
	const struct property *property;
	struct CMUnitTest *tests;
	size_t n;
};

/* ---- spots ---- */

bool wants_token(const struct spot *at)
{
	return at->route->permission != PUBLIC && at->route->permission != LOCAL_ONLY;
}

bool is_local(const struct spot *at)
{
	return at->route->permission == LOCAL_ONLY;
}

bool names_something(const struct spot *at)
{
	return strchr(at->path, '{') && !strstr(at->path, "{cursor:text}") && !strstr(at->path, "{providerName:text}") &&
	       !strstr(at->path, "{deviceHash:text}"); /* the same hardware may be anybody's */
}

bool has_body(const struct spot *at)
{
	return at->route->body != NULL;
}

int body_fault_status(const struct spot *at)
{
	return at->route->flags & BODY_FAULTS_422 ? 422 : 400;
}

bool changes(const struct spot *at)
{
	return at->route->op.apply != NULL;
}

bool reads(const struct spot *at)
{
	return at->route->method == HTTP_GET;
}

/* ---- running one ---- */

static void leave(struct matrix *m)
{
	town_leave(m->visit);
	m->visit = NULL;
	m->w = NULL;
	m->used = false;
}

static void enter(struct matrix *m)
{
	if (m->visit)
		return;
	m->visit = town_visit(m->town);
	m->w = m->visit->w;
	database_digest(m->visit->db, &m->before);
}

static int begin_cell(void **state)
{
	enter(((struct cell *)*state)->m);
	return 0;
}

static void run_cell(void **state)
{
	struct cell *cell = *state;

	cell->property->test(cell->m, &cell->spot);
}

/* What changed something, be it by a failure, is not looked at by the next test. */
static int end_cell(void **state)
{
	struct matrix *m = ((struct cell *)*state)->m;
	struct digest now;

	if (!m->visit)
		return 0;
	database_digest(m->visit->db, &now);
	if (m->used || digest_differs(&m->before, &now, NULL) || m->w->f->body_count > 2000)
		leave(m);
	return 0;
}

/* ---- all of them ---- */

static void add(struct cells *c, const struct spot *spot)
{
	const char *about = spot->param ? spot->param : spot->place ? spot->place : spot->field ? spot->field->name : "";
	struct cell *cell;

	if (c->property->concerns && !c->property->concerns(spot))
		return;
	assert_true(c->n < CELLS_MAX);
	cell = arena_new(&c->arena, struct cell);
	*cell = (struct cell){ c->m, c->property, *spot };
	c->tests[c->n++] = (struct CMUnitTest){
		.name = (const char *)arena_printf(&c->arena, "%s%s%s: %s", spot->where, *about ? " " : "", about, c->property->name).p,
		.test_func = run_cell,
		.setup_func = begin_cell,
		.teardown_func = end_cell,
		.initial_state = cell,
	};
}

static void add_params(struct cells *c, struct spot spot)
{
	struct slice rest = slice_text(spot.path);

	while (rest.n) {
		struct slice segment = slice_cut(&rest, '/');

		if (segment.n < 3 || segment.p[0] != '{')
			continue;
		segment = slice_of(segment.p + 1, segment.n - 2);
		spot.param = arena_cstr(&c->arena, slice_cut(&segment, ':'));
		add(c, &spot);
	}
}

static void add_query(struct cells *c, struct spot spot)
{
	for (size_t i = 0; spot.route->query && i < spot.route->query->n; i++) {
		spot.field = &spot.route->query->fields[i];
		add(c, &spot);
	}
}

static void add_body(struct cells *c, struct spot spot, const struct schema *schema, const char *front, bool needed)
{
	for (size_t i = 0; i < schema->n; i++) {
		const struct field *f = &schema->fields[i];

		spot.field = f;
		spot.place = (const char *)arena_printf(&c->arena, "%s%s", front, f->name).p;
		spot.needed = needed && (f->flags & REQ);
		add(c, &spot);
		if (f->type == FIELD_OBJ)
			add_body(c, spot, f->of, (const char *)arena_printf(&c->arena, "%s.", spot.place).p, spot.needed);
	}
}

static void add_spots(struct cells *c, struct spot spot)
{
	if (c->property->of == OF_ROUTE || c->property->of == OF_PATH)
		add(c, &spot);
	else if (c->property->of == OF_PARAM)
		add_params(c, spot);
	else if (c->property->of == OF_QUERY)
		add_query(c, spot);
	else if (spot.route->body)
		add_body(c, spot, spot.route->body, "", true);
}

static void add_route(struct cells *c, const struct route_table *table, const struct route *route)
{
	struct slice also = slice_text(c->property->of == OF_PATH ? route->also : "");
	struct slice path = slice_text(route->path);

	while (path.n) {
		struct spot spot = { .table = table, .route = route };

		spot.path = (const char *)arena_printf(&c->arena, "%s%.*s", table->base, FMT(path)).p;
		spot.where = (const char *)arena_printf(&c->arena, "%s %s", http_method_name(route->method), spot.path).p;
		add_spots(c, spot);
		path = slice_cut(&also, ' ');
	}
}

/*
 * For people, or signed with a provider's secret: tried in a browser, and by tests/interop/flow. And what an account can be given only
 * once, which every account that asks has already: tests/unit/device/accounts_test.c.
 */
static bool is_elsewhere(const struct route_table *table, const struct route *route)
{
	return (route->flags & PAGE) || table == &callback_routes || (route->id && strcmp(route->id, "addAccount") == 0);
}

static void add_tables(struct cells *c, const struct route_table *const *tables, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < tables[i]->n; k++)
			if (!is_elsewhere(tables[i], &tables[i]->routes[k]))
				add_route(c, tables[i], &tables[i]->routes[k]);
}

int matrix_run(const struct property *properties, size_t n)
{
	struct matrix m = { .town = town_new() };
	struct cells c = { .m = &m };
	int failed_count;

	arena_init(&c.arena);
	c.tests = arena_array(&c.arena, struct CMUnitTest, CELLS_MAX);
	for (size_t i = 0; i < n; i++) {
		size_t before = c.n;

		c.property = &properties[i];
		add_tables(&c, public_tables, public_table_count);
		add_tables(&c, admin_tables, admin_table_count);
		if (c.n == before)
			fprintf(stderr, "no route is concerned by: %s\n", properties[i].name);
		assert_true(c.n > before);
	}
	failed_count = _cmocka_run_group_tests("matrix", c.tests, c.n, NULL, NULL);
	leave(&m);
	town_free(m.town);
	arena_free(&c.arena);
	return failed_count;
}
