/*
 * Regions of the world, for geofencing: allowed continents + allowed countries - denied countries, as comma-separated text. Countries are
 * ISO 3166-1 alpha-2 codes; which continent a country lies on is what GeoNames says. Codes are read in any case, with spaces around.
 */
#ifndef GEO_GEO_H
#define GEO_GEO_H

#include "base/slice.h"

enum { GEO_LIST_BYTES_MAX = 2000 };

struct geo_region {
	struct slice allowed_continents, allowed_countries, denied_countries;
};

/* Is it a country that there is? */
bool geo_country_known(struct slice code);
/* AF, AN, AS, EU, NA, OC and SA, or nothing. */
bool geo_continents_fit(struct slice list);
/* Two letters each, or nothing; the country need not exist. */
bool geo_countries_fit(struct slice list);
/* Nothing allowed by name means that everything is. A country that nobody knows lies in no region that does not name it. */
bool geo_region_holds(const struct geo_region *region, struct slice country);

#endif
