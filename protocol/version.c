#include "protocol/version.h"

bool version_read(struct slice text, uint64_t ret_part[static 3])
{
	text = slice_cut(&text, '+');
	text = slice_cut(&text, '-');
	for (int i = 0; i < 2; i++)
		if (failed(slice_u64(slice_cut(&text, '.'), &ret_part[i])))
			return false;
	return !failed(slice_u64(text, &ret_part[2]));
}

bool version_below(const uint64_t a[static 3], const uint64_t b[static 3])
{
	for (int i = 0; i < 3; i++)
		if (a[i] != b[i])
			return a[i] < b[i];
	return false;
}
