/* Host names as domains have them: RFC 1123, section 2.1, with the sizes of RFC 1035, section 2.3.4. */
#include "account/internal.h"

enum { HOST_NAME_BYTES_MAX = 253, LABEL_BYTES_MAX = 63 };

static bool is_alphanumeric(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_label(struct slice label)
{
	if (label.n == 0 || label.n > LABEL_BYTES_MAX || !is_alphanumeric(label.p[0]) || !is_alphanumeric(label.p[label.n - 1]))
		return false;
	for (size_t i = 0; i < label.n; i++)
		if (!is_alphanumeric(label.p[i]) && label.p[i] != '-')
			return false;
	return true;
}

/* Then it is an IP address, or looks like one to some program. */
static bool is_number(struct slice label)
{
	for (size_t i = 0; i < label.n; i++)
		if (label.p[i] < '0' || label.p[i] > '9')
			return false;
	return true;
}

const char *domain_name_fault(struct slice name, bool sandbox)
{
	struct slice rest = name, label = S("");
	size_t labels = 0;

	if (name.n == 0 || name.n > HOST_NAME_BYTES_MAX || name.p[name.n - 1] == '.')
		return "must be a host name such as login.example.com";
	for (; rest.n; labels++) {
		label = slice_cut(&rest, '.');
		if (!is_label(label))
			return "must be a bare host name such as login.example.com: no scheme, port or path";
	}
	if (is_number(label))
		return "must be a host name, not an address";
	if (slice_is(label, "localhost"))
		return sandbox ? NULL : "can be localhost only in sandbox accounts";
	return labels < 2 ? "must be a whole host name such as login.example.com" : NULL;
}
