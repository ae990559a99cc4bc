/*
 * What a server that means ill can answer inside the envelope: one answer of a call is spliced, byte for byte. Whatever that makes of
 * it, the call ends, and what was good before is good again when the server is honest.
 *
 * Input: u8 call | u8 which answer | u16 place | u8 bytes to cut | bytes to put there.
 */
#include "tests/unit/common/test.h"

#include "tests/unit/sdk/phone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD_BYTES = 5, SPLICE_BYTES_MAX = 2048, ANSWERS = 4 };

static const char code[] = "190837";

static void approving(struct phone *p)
{
	const rid_step *s = authenticate_start(p);

	if (s->kind == RID_SHOW)
		approve(p, RID_METHOD_DEVICE_PIN, "1357");
}

static void changing(struct phone *p)
{
	change(p, RID_METHOD_DEVICE_PIN, "1357", RID_METHOD_DEVICE_PIN, "2468");
}

static void registering(struct phone *p)
{
	p->server.code = "777777";
	activate(p, RID_METHOD_DEVICE_PIN, "2468");
}

static void adding_recovery(struct phone *p)
{
	unsigned char token[RID_TOKEN_BYTES];

	memcpy(token, p->server.token, sizeof(token));
	add_recovery(p, token, code);
}

static void asking(struct phone *p)
{
	perform(p, rid_load_config(p->c));
	perform(p, rid_pending(p->c));
	perform(p, rid_is_activated(p->c));
}

/* On a phone of its own: the honest one that comes after it is the recovered one. */
static void recovering(struct phone *p)
{
	recover(p, code, "2468");
}

static const struct {
	void (*run)(struct phone *p);
	bool with_token, lost;
} calls[] = { { approving, false, false }, { changing, false, false }, { registering, false, false }, { adding_recovery, true, false },
	{ asking, false, false }, { recovering, true, true } };

/* Tickets and failed tries that the lie was about are made up between the two; what the phone has in its store is its own affair. */
static void assert_good_again(struct phone *p)
{
	p->server.splice.answer = 0;
	for (size_t i = 0; i < p->server.registration_count; i++) {
		p->server.registrations[i].fails = 0;
		p->server.registrations[i].has_ticket = false;
	}
	assert_int_equal(phone_restart(p), 0);
	if (!rid_is_activated_locally(p->c))
		return;
	assert_approves(p, RID_METHOD_DEVICE, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned char token[RID_TOKEN_BYTES];
	struct phone *p;
	size_t call;

	if (size < HEAD_BYTES || size > SPLICE_BYTES_MAX)
		return 0;
	call = data[0] % COUNT(calls);
	p = phone_registered();
	if (calls[call].with_token)
		get_token(p, token);
	if (calls[call].lost) {
		assert_done(add_recovery(p, token, code));
		lose(p);
	}
	p->server.splice.answer = p->server.answers + 1 + data[1] % ANSWERS;
	p->server.splice.at = (size_t)(data[2] << 8 | data[3]);
	p->server.splice.cut = data[4];
	p->server.splice.with = slice_of(data + HEAD_BYTES, size - HEAD_BYTES);
	calls[call].run(p);
	assert_good_again(p);
	phone_free(p);
	return 0;
}
