#include "sdk/record.h"

enum { RECORD_VERSION = 1 };

enum part_kind { PART_NUMBER, PART_FIXED, PART_CSTR };

/* Tags stand in the phones' storage: a tag keeps its meaning for ever. */
struct member {
	uint8_t tag;
	enum part_kind kind;
	size_t offset, size;
};

#define ROW(tag, kind, name) { tag, kind, offsetof(struct record, name), sizeof(((struct record *)0)->name) }

static const struct member members[] = {
	ROW(1, PART_NUMBER, phase),
	ROW(2, PART_NUMBER, generation),
	ROW(3, PART_FIXED, reg),
	ROW(4, PART_CSTR, dk.handle),
	ROW(5, PART_FIXED, dk.private_key),
	ROW(6, PART_FIXED, dk.public_key),
	ROW(7, PART_CSTR, hk.handle),
	ROW(8, PART_FIXED, hk.public_key),
	ROW(9, PART_NUMBER, methods),
	ROW(10, PART_FIXED, pin.cid),
	ROW(11, PART_FIXED, pin.ds),
	ROW(12, PART_CSTR, pin.salt_key_id),
	ROW(13, PART_NUMBER, has_ticket),
	ROW(14, PART_FIXED, ticket),
	ROW(15, PART_NUMBER, clock_offset_ms),
	ROW(16, PART_NUMBER, last_ts),
	ROW(17, PART_FIXED, server_key),
	ROW(18, PART_NUMBER, learned_count),
	ROW(19, PART_FIXED, learned),
	ROW(20, PART_CSTR, biometric[0].handle),
	ROW(21, PART_FIXED, biometric[0].public_key),
	ROW(22, PART_CSTR, biometric[1].handle),
	ROW(23, PART_FIXED, biometric[1].public_key),
	ROW(24, PART_CSTR, biometric[2].handle),
	ROW(25, PART_FIXED, biometric[2].public_key),
	ROW(26, PART_NUMBER, next_method),
	ROW(27, PART_FIXED, next_pin.cid),
	ROW(28, PART_FIXED, next_pin.ds),
	ROW(29, PART_CSTR, next_pin.salt_key_id),
	ROW(30, PART_CSTR, next_key.handle),
	ROW(31, PART_FIXED, next_key.public_key),
	ROW(32, PART_NUMBER, recovery_method),
	ROW(33, PART_NUMBER, recovery_number),
	ROW(34, PART_NUMBER, recovery_used),
	ROW(35, PART_NUMBER, next_recovery),
	ROW(36, PART_FIXED, next_recovery_id),
};

enum { MEMBERS = sizeof(members) / sizeof(members[0]) };

/* ---- writing ---- */

static void write_number(struct buf *b, int64_t value)
{
	buf_u32(b, (uint32_t)((uint64_t)value >> 32));
	buf_u32(b, (uint32_t)value);
}

static void write_member(struct buf *b, const struct member *m, const void *at)
{
	int64_t number;
	size_t n = m->kind == PART_CSTR ? strlen(at) : m->size;

	buf_byte(b, m->tag);
	buf_u16(b, (uint16_t)n);
	if (m->kind == PART_NUMBER) {
		memcpy(&number, at, sizeof(number));
		write_number(b, number);
	} else {
		buf_add(b, at, n);
	}
}

struct slice record_seal(const struct record *r, const struct data_key *key, const struct env *env, struct slice place, struct arena *a)
{
	struct buf b = buf_arena(a, RECORD_BYTES_MAX);

	buf_byte(&b, RECORD_VERSION);
	for (size_t i = 0; i < MEMBERS; i++)
		write_member(&b, &members[i], (const uint8_t *)r + members[i].offset);
	return seal(key, env, place, buf_bytes(&b), a);
}

/* ---- reading ---- */

static err read_number(struct slice value, void *at)
{
	struct reader r = { value };
	uint32_t high, low;
	int64_t number;

	TRY(read_u32(&r, &high));
	TRY(read_u32(&r, &low));
	TRY(read_end(&r));
	number = (int64_t)((uint64_t)high << 32 | low);
	memcpy(at, &number, sizeof(number));
	return OK;
}

static err read_member(const struct member *m, struct slice value, void *at)
{
	if (m->kind == PART_NUMBER)
		return read_number(value, at);
	if (m->kind == PART_FIXED)
		ENSURE(value.n == m->size, PARSE);
	else
		ENSURE(value.n < m->size && slice_find(value, 0) == value.n, PARSE);
	if (value.n)
		memcpy(at, value.p, value.n);
	return OK;
}

static const struct member *member_of(uint8_t tag)
{
	for (size_t i = 0; i < MEMBERS; i++)
		if (members[i].tag == tag)
			return &members[i];
	return NULL;
}

static err read_field(struct reader *r, struct record *record)
{
	const struct member *m;
	struct slice value;
	uint16_t n;
	uint8_t tag;

	TRY(read_u8(r, &tag));
	TRY(read_u16(r, &n));
	TRY(read_bytes(r, n, &value));
	m = member_of(tag);
	return m ? read_member(m, value, (uint8_t *)record + m->offset) : OK;
}

static err read_record(struct slice bytes, struct record *record)
{
	struct reader r = { bytes };
	uint8_t version;

	TRY(read_u8(&r, &version));
	ENSURE(version == RECORD_VERSION, PARSE);
	while (r.rest.n)
		TRY(read_field(&r, record));
	ENSURE(record->phase > RECORD_ABSENT && record->phase < RECORD_PHASES, PARSE);
	ENSURE(record->learned_count >= 0 && record->learned_count <= LEARNED_KEYS_MAX, PARSE);
	ENSURE(record->recovery_number >= 0 && record->recovery_number < INT64_MAX, PARSE);
	return p256_check(slice_of(record->dk.public_key, P256_POINT_BYTES));
}

err record_unseal(struct slice box, const struct data_key *key, struct slice place, struct record *ret_record)
{
	struct arena a = { 0 };
	struct slice bytes;
	struct error e = unseal(key, place, box, &a, &bytes);

	*ret_record = (struct record){ 0 };
	if (!failed(e))
		e = read_record(bytes, ret_record);
	if (failed(e))
		wipe(ret_record, sizeof(*ret_record));
	arena_free_secret(&a);
	return e;
}
