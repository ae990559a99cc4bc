/* multipart/form-data (RFC 7578), as browsers send forms with files. Strict: what is not of their form is refused. */
#ifndef CODEC_MULTIPART_H
#define CODEC_MULTIPART_H

#include "base/arena.h"

struct part {
	struct slice name, file_name, media_type, value; /* slices of the body */
};

/* The boundary of a Content-Type; empty when it is no multipart/form-data. */
struct slice multipart_boundary(struct slice content_type);
/* At most `max` parts, else E_LIMIT; E_PARSE when it is malformed. */
err multipart_read(struct slice body, struct slice boundary, struct arena *a, struct part *parts, size_t max, size_t *ret_n);

#endif
