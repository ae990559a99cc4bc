/* Answers for people: columns for a list, lines for one thing, sentences for what went wrong. */
#include "base/text.h"
#include "server/cli.h"

enum { CELL_BYTES_MAX = 64 * 1024, COLUMNS_MAX = 12, GAP = 2 };

/* ---- one value as text ---- */

/* By its path, "secrets.0.secret"; NULL when it is not there. */
static json_t *value_at(struct arena *a, json_t *value, const char *path)
{
	struct slice rest = slice_text(path);

	while (value && rest.n) {
		struct slice part = slice_cut(&rest, '.');
		uint64_t index;

		if (json_is_array(value) && !failed(slice_u64(part, &index)))
			value = json_array_get(value, (size_t)index);
		else
			value = json_object_get(value, arena_cstr(a, part));
	}
	return value;
}

/* Whatever a name holds, it moves no cursor and paints no colours. */
static void add_safe(struct buf *b, struct slice text)
{
	while (text.n) {
		size_t n = text_sequence(text);
		struct slice one = slice_of(text.p, n ? n : 1);

		if (n && !text_has_controls(one, false))
			buf_slice(b, one);
		else
			buf_byte(b, '?');
		text = slice_of(text.p + one.n, text.n - one.n);
	}
}

static void add_value(struct buf *b, json_t *value);

/* The members of an object, one behind the other. */
static void add_members(struct buf *b, json_t *object, bool names, const char *between)
{
	const char *name;
	json_t *value;
	size_t n = 0;

	json_object_foreach(object, name, value) {
		buf_text(b, n++ ? between : "");
		if (names) {
			add_safe(b, slice_text(name));
			buf_byte(b, '=');
		}
		add_value(b, value);
	}
}

static void add_items(struct buf *b, json_t *array)
{
	json_t *item;
	size_t i;

	json_array_foreach(array, i, item) {
		buf_text(b, i ? ", " : "");
		add_value(b, item);
	}
}

static void add_value(struct buf *b, json_t *value)
{
	if (!value || json_is_null(value))
		buf_byte(b, '-');
	else if (json_is_string(value))
		add_safe(b, json_text(value));
	else if (json_is_boolean(value))
		buf_text(b, json_is_true(value) ? "yes" : "no");
	else if (json_is_array(value))
		add_items(b, value);
	else if (json_is_object(value))
		add_members(b, value, true, ", ");
	else
		json_write_value(b, value);
}

static bool is_things(const json_t *value)
{
	return json_is_array(value) && json_is_object(json_array_get(value, 0));
}

/* In a table, of things inside things only their number is told. */
static struct slice cell(struct arena *a, json_t *row, const struct column *column)
{
	json_t *value = value_at(a, row, column->member);
	struct buf b = buf_arena(a, CELL_BYTES_MAX);

	if (json_is_array(value) && (is_things(value) || json_array_size(value) == 0))
		buf_printf(&b, "%zu", json_array_size(value));
	else
		add_value(&b, value);
	return buf_bytes(&b);
}

/* ---- a list ---- */

struct table {
	struct arena *a;
	const struct column *columns;
	size_t column_count;
	size_t width[COLUMNS_MAX];
};

static void measure(struct table *t, json_t *rows)
{
	json_t *row;
	size_t i;

	for (size_t c = 0; c < t->column_count; c++) {
		t->width[c] = text_points(slice_text(t->columns[c].title));
		json_array_foreach(rows, i, row) {
			size_t width = text_points(cell(t->a, row, &t->columns[c]));

			t->width[c] = width > t->width[c] ? width : t->width[c];
		}
	}
}

/* The last column needs no room behind it. */
static void add_cell(const struct table *t, struct buf *b, size_t c, struct slice text)
{
	buf_slice(b, text);
	if (c + 1 < t->column_count)
		buf_printf(b, "%*s", (int)(t->width[c] - text_points(text) + GAP), "");
	else
		buf_byte(b, '\n');
}

static struct table table_of(const struct command_line *line)
{
	struct table t = { .a = line->arena, .columns = line->command->columns };

	while (t.column_count < COLUMNS_MAX && t.columns[t.column_count].title)
		t.column_count++;
	return t;
}

static void print_list(const struct command_line *line, json_t *rows, struct buf *b)
{
	struct table t = table_of(line);
	json_t *row;
	size_t i;

	if (json_array_size(rows) == 0) {
		buf_text(b, "There are none.\n");
		return;
	}
	measure(&t, rows);
	for (size_t c = 0; c < t.column_count; c++)
		add_cell(&t, b, c, slice_text(t.columns[c].title));
	json_array_foreach(rows, i, row)
		for (size_t c = 0; c < t.column_count; c++)
			add_cell(&t, b, c, cell(t.a, row, &t.columns[c]));
}

/* ---- one thing ---- */

/* Things inside it, a line for each. */
static void add_things(struct buf *b, json_t *things, size_t indent)
{
	json_t *thing;
	size_t i;

	json_array_foreach(things, i, thing) {
		if (i)
			buf_printf(b, "\n%*s", (int)indent, "");
		add_members(b, thing, false, "  ");
	}
}

static void print_one(const struct command_line *line, json_t *answer, struct buf *b)
{
	struct table t = table_of(line);
	size_t indent = 0;

	for (size_t c = 0; c < t.column_count; c++)
		indent = strlen(t.columns[c].title) > indent ? strlen(t.columns[c].title) : indent;
	indent += GAP + 1;
	for (size_t c = 0; c < t.column_count; c++) {
		json_t *value = value_at(t.a, answer, t.columns[c].member);

		buf_printf(b, "%s:%*s", t.columns[c].title, (int)(indent - strlen(t.columns[c].title) - 1), "");
		if (is_things(value))
			add_things(b, value, indent);
		else if (json_is_array(value) && json_array_size(value) == 0)
			buf_byte(b, '-');
		else
			add_value(b, value);
		buf_byte(b, '\n');
	}
}

static void print_qr(const struct command_line *line, json_t *answer, struct buf *b)
{
	struct buf text = buf_arena(line->arena, 4096);

	json_write_value(&text, answer);
	buf_printf(b, "%.*s\n\n", FMT(buf_bytes(&text)));
	qr_write(b, arena_cstr(line->arena, buf_bytes(&text)));
}

void print_answer(const struct command_line *line, json_t *answer, struct buf *b)
{
	const struct command *command = line->command;
	json_t *next = json_object_get(answer, "next");

	if (command->qr && answer)
		print_qr(line, answer, b);
	else if (command->columns && command->list)
		print_list(line, json_object_get(answer, command->list), b);
	else if (command->columns && answer)
		print_one(line, answer, b);
	if (command->list && json_is_string(next))
		buf_printf(b, "There are more: --offset %s\n", json_string_value(next));
	if (command->remark)
		buf_printf(b, "%s%.*s\n", command->columns ? "\n" : "", FMT(text_filled(line, command->remark)));
}

/* ---- what went wrong ---- */

/* What the command line calls a member of the request; the same word when it does not know it. */
static struct slice name_here(const struct command_line *line, struct slice member)
{
	const struct command *command = line->command;

	for (size_t i = 0; i < COMMAND_OPTIONS_MAX && command->options[i].name; i++)
		if (command->options[i].member && slice_is(member, command->options[i].member) && command_option(line,
			command->options[i].name))
			return arena_printf(line->arena, "--%s", command->options[i].name);
	for (size_t i = 0; i < COMMAND_ARGUMENTS_MAX && command->arguments[i].name; i++)
		if (command->arguments[i].member && slice_is(member, command->arguments[i].member))
			return slice_text(command->arguments[i].name);
	return member;
}

/* Reasons usually begin with the name. */
static void add_fault(const struct command_line *line, json_t *fault, struct buf *b)
{
	struct slice name = json_text(json_object_get(fault, "name")), reason = json_text(json_object_get(fault, "reason"));
	bool begins = slice_starts(reason, name);

	buf_text(b, "reuseid: ");
	add_safe(b, name_here(line, name));
	buf_text(b, begins ? "" : " ");
	add_safe(b, begins ? slice_of(reason.p + name.n, reason.n - name.n) : reason);
	buf_byte(b, '\n');
}

void print_problem(const struct command_line *line, json_t *problem, int status, struct buf *b)
{
	json_t *faults = json_object_get(problem, "invalidParams"), *fault;
	struct slice detail = json_text(json_object_get(problem, "detail"));
	size_t i;

	json_array_foreach(faults, i, fault)
		add_fault(line, fault, b);
	if (json_array_size(faults))
		return;
	buf_text(b, "reuseid: ");
	if (detail.n)
		add_safe(b, detail);
	else
		buf_printf(b, "the server answered %d", status);
	if (status >= 500 && json_is_string(json_object_get(problem, "traceId")))
		buf_printf(b, " (trace %s)", json_string_value(json_object_get(problem, "traceId")));
	buf_byte(b, '\n');
}
