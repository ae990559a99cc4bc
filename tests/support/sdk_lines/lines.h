/*
 * The SDK's public header, spoken in lines of JSON: what a language's binding would be, for tests in another language. A line that
 * comes in names a controller and a call, or what an app hands back; the line that goes out tells the next step. The program performs no
 * step: the network, the storage, the keys and the person are all on the other side, in ../sdk_phone.js.
 *
 * Bytes are hexadecimal text. Numbers of errors, methods and purposes are those of the header; the kinds of steps have their names.
 */
#ifndef TEST_SUPPORT_SDK_LINES_LINES_H
#define TEST_SUPPORT_SDK_LINES_LINES_H

#include <jansson.h>
#include <reuseid_device.h>

/* ---- calls.c ---- */

/* The controller, or NULL and why there is none. */
rid_controller *lines_open(const json_t *in, int *ret_error);
/* The call that the line names; NULL: there is none of that name. */
const rid_step *lines_call(rid_controller *c, const json_t *in);
/* Is it something that is only said, for a later call? Then it was, and there is its number: 0, or that of an error. */
int lines_say(rid_controller *c, const json_t *in, int *ret_number);

/* ---- words.c ---- */

/* What there is to tell of a step. */
json_t *lines_step(const rid_step *step);
/* NULL: no such member. */
const char *lines_text(const json_t *in, const char *name);
int lines_number(const json_t *in, const char *name);

/* The bytes of a member; p is NULL when there is none. lines_free() them. */
struct lines_bytes {
	unsigned char *p;
	size_t n;
};
struct lines_bytes lines_bytes(const json_t *in, const char *name);
void lines_free(struct lines_bytes bytes);

#endif
