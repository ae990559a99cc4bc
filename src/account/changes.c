#include "account/internal.h"

enum { CHANGES_BYTES_MAX = 1024 };

void changes_begin(struct changes *c, struct arena *a)
{
	c->text = buf_arena(a, CHANGES_BYTES_MAX);
	c->w = jw_new(&c->text);
	c->n = 0;
	jw_open(&c->w, '{');
	jw_key(&c->w, "changed");
	jw_open(&c->w, '[');
}

void changes_add(struct changes *c, const char *name)
{
	jw_cstr(&c->w, name);
	c->n++;
}

struct slice changes_end(struct changes *c)
{
	jw_close(&c->w, ']');
	jw_close(&c->w, '}');
	return buf_bytes(&c->text);
}

err retry_taken(struct error e)
{
	return is_err(e, E_TAKEN) ? FAIL(STALE) : e;
}

err name_check(struct op *op, bool given, struct slice name)
{
	return given && name.n == 0 ? op_invalid(op, "name", "cannot be empty") : OK;
}
