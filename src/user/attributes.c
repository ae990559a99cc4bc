/* Attributes: what they may be, and how a change is merged into them. */
#include "base/text.h"
#include "user/internal.h"

enum { ATTRIBUTES_BYTES_MAX = 1024 * 1024 };

static void fault(struct op *op, struct slice key, const char *what)
{
	struct slice name = arena_printf(op->arena, "attributes.%.*s", FMT(key));

	invalid_add(&op->invalids, name, "%.*s %s", FMT(name), what);
}

static void check_one(struct op *op, struct slice key, const json_t *value)
{
	if (key.n == 0 || text_points(key) > ATTRIBUTE_KEY_POINTS_MAX || text_has_controls(key, false))
		invalid_add(&op->invalids, S("attributes"), "attributes must have names of 1 to %d characters without control characters",
			ATTRIBUTE_KEY_POINTS_MAX);
	else if (json_is_string(value) && text_points(json_text(value)) > ATTRIBUTE_VALUE_POINTS_MAX)
		fault(op, key, "must be at most 2000 characters long");
	else if (json_is_string(value) && text_has_controls(json_text(value), true))
		fault(op, key, "must not contain control characters");
	else if (json_is_object(value) || json_is_array(value))
		fault(op, key, "must be a string, a number, a boolean or null");
}

err attributes_check(struct op *op, const json_t *attributes)
{
	const char *key;
	size_t key_bytes;
	json_t *value;

	json_object_keylen_foreach((json_t *)(uintptr_t)attributes, key, key_bytes, value) {
		check_one(op, slice_of(key, key_bytes), value);
	}
	ENSURE(op->invalids.n == 0, INVALID_PARAM);
	return OK;
}

static void merge_one(struct op *op, json_t *all, struct slice key, json_t *value, struct jw *changed)
{
	const char *name = (const char *)key.p;
	const json_t *old = json_object_getn(all, name, key.n);

	if (json_is_null(value) ? !old : json_equal(old, value))
		return;
	if (json_is_null(value))
		json_object_deln(all, name, key.n);
	else
		json_object_setn(all, name, key.n, value);
	if (changed)
		jw_text(changed, arena_printf(op->arena, "attributes.%.*s", FMT(key)));
}

static void merge_into(struct op *op, json_t *all, const json_t *changes, struct jw *changed)
{
	const char *key;
	size_t key_bytes;
	json_t *value;

	json_object_keylen_foreach((json_t *)(uintptr_t)changes, key, key_bytes, value) {
		merge_one(op, all, slice_of(key, key_bytes), value, changed);
	}
}

static err write_out(struct op *op, json_t *all, struct slice *ret_text)
{
	struct buf b = buf_arena(op->arena, ATTRIBUTES_BYTES_MAX);

	if (json_object_size(all) > ATTRIBUTE_COUNT_MAX)
		return op_invalid(op, "attributes", "must not be more than 100 in all");
	*ret_text = S("");
	if (json_object_size(all) == 0)
		return OK;
	json_write_value(&b, all);
	TRY(buf_ok(&b));
	*ret_text = buf_bytes(&b);
	return OK;
}

err attributes_merge(struct op *op, struct slice old, const json_t *changes, struct jw *changed, struct slice *ret_merged)
{
	struct slice why;
	struct error e;
	json_t *all;

	if (old.n)
		TRY(json_read(old, JSON_LAST_WINS, JSON_DEPTH_MAX, op->arena, &all, &why));
	else
		all = json_object();
	merge_into(op, all, changes, changed);
	e = write_out(op, all, ret_merged);
	json_decref(all);
	return e;
}

/* ---- those that somebody asked for ---- */

static bool named_before(const struct slice *names, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (slice_eq(names[k], names[i]))
			return true;
	return false;
}

static void write_named(struct buf *b, const json_t *all, const struct slice *names, size_t n)
{
	struct jw w = jw_new(b);

	jw_open(&w, '{');
	for (size_t i = 0; i < n; i++) {
		json_t *value = json_object_getn(all, (const char *)names[i].p, names[i].n);

		if (!value || named_before(names, i))
			continue;
		jw_key_text(&w, names[i]);
		jw_raw(&w, S(""));
		json_write_value(b, value);
	}
	jw_close(&w, '}');
}

err user_attributes_requested(struct op *op, const struct user *user, const struct list *names, struct slice *ret_json)
{
	struct buf b = buf_arena(op->arena, ATTRIBUTES_BYTES_MAX);
	json_t *all = NULL;
	struct slice why;

	if (names->n == 0)
		return OK;
	if (user->profile.attributes.n)
		TRY(json_read(user->profile.attributes, JSON_LAST_WINS, JSON_DEPTH_MAX, op->arena, &all, &why));
	write_named(&b, all, names->items, names->n);
	json_decref(all);
	TRY(buf_ok(&b));
	*ret_json = buf_bytes(&b);
	return OK;
}
