#include "protocol/plaintext.h"

static bool kind_known(uint8_t kind)
{
	return kind >= SIG_DEVICE && kind <= SIG_NEW_RECOVERY;
}

/* Kinds ascend; only new biometric keys come in numbers, one for each method. */
static bool kind_may_follow(uint8_t kind, uint8_t last)
{
	return kind > last || (kind == last && kind == SIG_NEW_BIOMETRIC);
}

static err read_signature(struct reader *r, uint8_t last, struct signature *ret_signature)
{
	uint16_t n;

	TRY(read_u8(r, &ret_signature->kind));
	ENSURE(kind_known(ret_signature->kind) && kind_may_follow(ret_signature->kind, last), PARSE);
	TRY(read_u16(r, &n));
	ENSURE(n == SIGNATURE_BYTES, PARSE);
	return read_bytes(r, n, &ret_signature->bytes);
}

/* Behind the signatures: nothing, or one scan. */
static err read_scan(struct reader *r, struct slice *ret_scan)
{
	uint32_t n;

	if (!failed(read_end(r)))
		return OK;
	TRY(read_u32(r, &n));
	ENSURE(n > 0 && n <= FACE_SCAN_BYTES_MAX, PARSE);
	TRY(read_bytes(r, n, ret_scan));
	return read_end(r);
}

err plaintext_read(struct slice bytes, struct plaintext *ret_plaintext)
{
	struct reader r = { bytes };
	struct plaintext p = { 0 };
	uint32_t json_n;
	uint8_t count, last = 0;

	TRY(read_u32(&r, &json_n));
	TRY(read_bytes(&r, json_n, &p.json));
	TRY(read_u8(&r, &count));
	ENSURE(count <= SIGNATURES_MAX, PARSE);
	for (; p.n < count; p.n++) {
		TRY(read_signature(&r, last, &p.signatures[p.n]));
		last = p.signatures[p.n].kind;
	}
	TRY(read_scan(&r, &p.scan));
	*ret_plaintext = p;
	return OK;
}

void plaintext_write(struct buf *b, const struct plaintext *p)
{
	buf_u32(b, (uint32_t)p->json.n);
	buf_slice(b, p->json);
	buf_byte(b, (uint8_t)p->n);
	for (size_t i = 0; i < p->n; i++) {
		buf_byte(b, p->signatures[i].kind);
		buf_u16(b, (uint16_t)p->signatures[i].bytes.n);
		buf_slice(b, p->signatures[i].bytes);
	}
	if (p->scan.n) {
		buf_u32(b, (uint32_t)p->scan.n);
		buf_slice(b, p->scan);
	}
}

struct slice plaintext_signature(const struct plaintext *p, enum signature_kind kind)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->signatures[i].kind == kind)
			return p->signatures[i].bytes;
	return (struct slice){ NULL, 0 };
}

bool plaintext_kinds_fit(const struct plaintext *p, const struct message *m)
{
	unsigned seen = 0;

	for (size_t i = 0; i < p->n; i++)
		seen |= SIG_BIT(p->signatures[i].kind);
	return (seen & m->must) == m->must && (seen & ~(m->must | m->may)) == 0;
}
