#include "geo/geo.h"

enum { CODE_BYTES = 2 };

static const struct country {
	char code[CODE_BYTES + 1], continent[CODE_BYTES + 1];
} countries[] = {
#define COUNTRY(code, continent) { #code, #continent },
#include "geo/countries.def"
#undef COUNTRY
};

static const char continents[][CODE_BYTES + 1] = { "AF", "AN", "AS", "EU", "NA", "OC", "SA" };

static const struct country *country_find(struct slice code)
{
	for (size_t i = 0; i < sizeof(countries) / sizeof(countries[0]); i++)
		if (slice_ieq(code, slice_text(countries[i].code)))
			return &countries[i];
	return NULL;
}

bool geo_country_known(struct slice code)
{
	return country_find(code) != NULL;
}

static bool is_empty(struct slice list)
{
	return slice_trim(list).n == 0;
}

static bool names(struct slice list, struct slice code)
{
	while (list.n)
		if (slice_ieq(slice_trim(slice_cut(&list, ',')), code))
			return true;
	return false;
}

static bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_code(struct slice text)
{
	return text.n == CODE_BYTES && is_letter(text.p[0]) && is_letter(text.p[1]);
}

static bool is_continent(struct slice text)
{
	for (size_t i = 0; i < sizeof(continents) / sizeof(continents[0]); i++)
		if (slice_ieq(text, slice_text(continents[i])))
			return true;
	return false;
}

static bool each_fits(struct slice list, bool (*fits)(struct slice))
{
	bool more = !is_empty(list);

	if (list.n > GEO_LIST_BYTES_MAX)
		return false;
	while (more) {
		more = slice_find(list, ',') < list.n;
		if (!fits(slice_trim(slice_cut(&list, ','))))
			return false;
	}
	return true;
}

bool geo_continents_fit(struct slice list)
{
	return each_fits(list, is_continent);
}

bool geo_countries_fit(struct slice list)
{
	return each_fits(list, is_code);
}

bool geo_region_holds(const struct geo_region *region, struct slice code)
{
	const struct country *country = country_find(code);

	if (names(region->denied_countries, code))
		return false;
	if (names(region->allowed_countries, code))
		return true;
	if (!country)
		return false;
	if (is_empty(region->allowed_continents) && is_empty(region->allowed_countries))
		return true;
	return names(region->allowed_continents, slice_text(country->continent));
}
