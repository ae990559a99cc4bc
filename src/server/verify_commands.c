/* Checks that need nothing but files: of the audit log, and of consent. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "device/device.h"
#include "server/commands.h"

enum { CHUNK_BYTES = 1 << 20 };

#define FILE_BYTES_MAX ((size_t)4 << 30)

/* The whole file, on the heap. */
static bool read_file(const char *path, struct buf *ret)
{
	FILE *f = fopen(path, "rb");
	size_t n = 0;

	*ret = buf_heap(FILE_BYTES_MAX);
	while (f && !feof(f) && !ferror(f)) {
		uint8_t *at = buf_take(ret, CHUNK_BYTES);

		if (!at)
			break;
		n = fread(at, 1, CHUNK_BYTES, f);
		ret->n -= CHUNK_BYTES - n;
	}
	if (!f || ferror(f) || failed(buf_ok(ret))) {
		fprintf(stderr, "%s cannot be read: %s\n", path, f && !ferror(f) ? "it is too large" : strerror(errno));
		if (f)
			fclose(f);
		return false;
	}
	fclose(f);
	return true;
}

static bool read_keys(const struct command_line *line, struct jwks **ret_keys)
{
	const char *path = command_option(line, "keys");
	struct buf text;
	struct error e;

	if (!read_file(path, &text))
		return false;
	e = jwks_read(buf_bytes(&text), line->arena, ret_keys);
	buf_free(&text);
	if (failed(e))
		fprintf(stderr, "%s holds no published keys.\n", path);
	return !failed(e);
}

/* Without the end of the line that an editor may have put there. */
static struct slice one_line(const struct buf *text)
{
	struct slice s = buf_bytes(text);

	if (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	return s;
}

static int tell_export(const struct command_line *line, const struct audit_verdict *v)
{
	struct buf b = buf_arena(line->arena, 4096);
	struct jw w = jw_new(&b);

	jw_open(&w, '{');
	jw_pair_bool(&w, "good", !v->fault.n);
	jw_pair_text(&w, "accountId", v->account);
	jw_pair_int(&w, "size", v->size);
	jw_pair_int(&w, "records", v->records);
	if (v->fault.n)
		jw_pair_text(&w, "fault", v->fault);
	if (v->record >= 0)
		jw_pair_int(&w, "record", v->record);
	jw_close(&w, '}');
	if (line->json)
		printf("%.*s\n", FMT(buf_bytes(&b)));
	else if (v->fault.n)
		printf("Not as it was written: %.*s.\n", FMT(v->fault));
	else
		printf("Good: %lld records of %.*s, up to a log of %lld, stand as they were written.\n", (long long)v->records, FMT(v->account),
			(long long)v->size);
	return v->fault.n ? 1 : 0;
}

int command_audit_verify(const struct command_line *line)
{
	struct audit_verdict verdict;
	struct buf export, checkpoint = { 0 };
	struct jwks *keys = NULL;
	int status = 1;

	if (!read_file(line->arguments[0], &export))
		return 1;
	if (read_file(command_option(line, "checkpoint"), &checkpoint) && read_keys(line, &keys)) {
		audit_export_verify(keys, buf_bytes(&export), one_line(&checkpoint), line->arena, &verdict);
		status = tell_export(line, &verdict);
	}
	jwks_free(keys);
	buf_free(&checkpoint);
	buf_free(&export);
	return status;
}

static int tell_consent(const struct command_line *line, const struct consent_verdict *v)
{
	if (line->json && v->fault.n)
		printf("{\"good\":false,\"fault\":\"%.*s\"}\n", FMT(v->fault));
	else if (line->json)
		printf("{\"good\":true,\"keys\":\"%.*s\"%s%.*s%s,\"claims\":%.*s}\n", FMT(v->keys), v->attestation.n ? ",\"attestation\":\"" : "",
			FMT(v->attestation), v->attestation.n ? "\"" : "", FMT(v->claims));
	else if (v->fault.n)
		printf("Not proved: %.*s.\n", FMT(v->fault));
	else
		printf("Good: the device's keys (%.*s) signed what was shown, and the signature stands in the audit log.%s%.*s\n%.*s\n",
			FMT(v->keys), v->attestation.n ? " Its app is attested: " : "", FMT(v->attestation), FMT(v->claims));
	return v->fault.n ? 1 : 0;
}

int command_consent_verify(const struct command_line *line)
{
	struct consent_verdict verdict;
	struct consent_trust trust = { 0 };
	struct jwks *keys = NULL;
	struct buf bundle;
	int status = 1;

	if (!read_file(line->arguments[0], &bundle))
		return 1;
	if (read_keys(line, &keys)) {
		trust.keys = keys;
		consent_verify(&trust, one_line(&bundle), line->arena, &verdict);
		status = tell_consent(line, &verdict);
	}
	jwks_free(keys);
	buf_free(&bundle);
	return status;
}
