/* Regions: every country against the list of GeoNames (countryInfo.txt), and the arithmetic of lists. */
#include "geo/geo.h"
#include "tests/unit/common/test.h"

static const struct {
	const char *continent, *countries;
} geonames[] = {
	{ "AF", "AO BF BI BJ BW CD CF CG CI CM CV DJ DZ EG EH ER ET GA GH GM GN GQ GW KE KM LR LS LY MA MG ML MR MU MW MZ NA NE NG RE RW SC SD "
		"SS SH SL SN SO ST SZ TD TG TN TZ UG YT ZA ZM ZW" },
	{ "AN", "AQ BV GS HM TF" },
	{ "AS", "AE AF AM AZ BD BH BN BT CC CN CX GE HK ID IL IN IO IQ IR JO JP KG KH KP KR KW KZ LA LB LK MM MN MO MV MY NP OM PH PK PS QA "
		"SA SG SY TH TJ TM TR TW UZ VN YE" },
	{ "EU", "AD AL AT AX BA BE BG BY CH CY CZ DE DK EE ES FI FO FR GB GG GI GR HR HU IE IM IS IT JE XK LI LT LU LV MC MD ME MK MT NL NO "
		"PL PT RO RS RU SE SI SJ SK SM UA VA" },
	{ "NA", "AG AI AW BB BL BM BQ BS BZ CA CR CU CW DM DO GD GL GP GT HN HT JM KN KY LC MF MQ MS MX NI PA PM PR SV SX TC TT US VC VG VI" },
	{ "OC", "AS AU CK FJ FM GU KI MH MP NC NF NR NU NZ PF PG PN PW SB TK TL TO TV UM VU WF WS" },
	{ "SA", "AR BO BR CL CO EC FK GF GY PE PY SR UY VE" },
};

static bool is_in(const char *continents, struct slice country)
{
	struct geo_region region = { .allowed_continents = slice_text(continents) };

	return geo_region_holds(&region, country);
}

/* 249 countries of ISO 3166-1, and Kosovo: each on its continent and on no other. */
static void each_country_on_its_continent(void **state)
{
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(geonames); i++) {
		struct slice rest = slice_text(geonames[i].countries);

		while (rest.n) {
			struct slice country = slice_cut(&rest, ' ');

			n++;
			for (size_t k = 0; k < COUNT(geonames); k++)
				if (is_in(geonames[k].continent, country) != (k == i))
					fail_msg("%.*s in %s", FMT(country), geonames[k].continent);
		}
	}
	assert_int_equal(n, 250);
}

/* And nothing besides. */
static void codes_that_are_known(void **state)
{
	size_t n = 0;

	(void)state;
	for (int first = 'A'; first <= 'Z'; first++)
		for (int second = 'A'; second <= 'Z'; second++)
			n += geo_country_known(slice_of((const uint8_t[]){ (uint8_t)first, (uint8_t)second }, 2));
	assert_int_equal(n, 250);
	assert_true(geo_country_known(S("de")));
	assert_false(geo_country_known(S("UK")));
	assert_false(geo_country_known(S("XX")));
	assert_false(geo_country_known(S("")));
	assert_false(geo_country_known(S("D")));
	assert_false(geo_country_known(S("DEU")));
	assert_false(geo_country_known(S("D\0")));
}

static void continents_plus_countries_minus_denied(void **state)
{
	struct geo_region region = { S("EU, sa"), S("US,jp"), S("RU , BY") };

	(void)state;
	assert_true(geo_region_holds(&region, S("DE")));
	assert_true(geo_region_holds(&region, S("BR")));
	assert_true(geo_region_holds(&region, S("US")));
	assert_true(geo_region_holds(&region, S("JP")));
	assert_true(geo_region_holds(&region, S("no")));
	assert_false(geo_region_holds(&region, S("RU")));
	assert_false(geo_region_holds(&region, S("by")));
	assert_false(geo_region_holds(&region, S("CA")));
	assert_false(geo_region_holds(&region, S("CN")));
}

static void denied_wins_over_allowed(void **state)
{
	struct geo_region region = { S("EU"), S("DE"), S("DE") };

	(void)state;
	assert_false(geo_region_holds(&region, S("DE")));
	assert_true(geo_region_holds(&region, S("FR")));
}

static void nothing_allowed_by_name_is_everything(void **state)
{
	struct geo_region everywhere = { .denied_countries = S("KP") }, blank = { S(" "), S("\t"), S("") };

	(void)state;
	assert_true(geo_region_holds(&everywhere, S("DE")));
	assert_true(geo_region_holds(&everywhere, S("AQ")));
	assert_false(geo_region_holds(&everywhere, S("KP")));
	assert_true(geo_region_holds(&blank, S("DE")));
}

static void countries_alone_are_a_region(void **state)
{
	struct geo_region region = { .allowed_countries = S("NO") };

	(void)state;
	assert_true(geo_region_holds(&region, S("NO")));
	assert_false(geo_region_holds(&region, S("SE")));
}

/* A place that nobody knows lies nowhere, unless it is named. */
static void unknown_country(void **state)
{
	struct geo_region everywhere = { .denied_countries = S("KP") }, named = { .allowed_countries = S("CT") };

	(void)state;
	assert_false(geo_region_holds(&everywhere, S("CT")));
	assert_true(geo_region_holds(&named, S("CT")));
	assert_false(geo_region_holds(&everywhere, S("")));
}

static void lists_that_fit(void **state)
{
	(void)state;
	assert_true(geo_continents_fit(S("")));
	assert_true(geo_continents_fit(S("  ")));
	assert_true(geo_continents_fit(S("EU")));
	assert_true(geo_continents_fit(S(" eu , AN,AS,AF,NA,OC,SA ")));
	assert_true(geo_countries_fit(S("")));
	assert_true(geo_countries_fit(S("CT, de")));
}

static void lists_that_do_not(void **state)
{
	static const char *const continents[] = { "XX", "EU,", ",EU", "EU,,AS", "Europe", "EU;AS", "EU AS" };
	static const char *const countries[] = { "D", "DEU", "DE,", ",DE", "DE,,FR", "D1", "D\xc3\x84", "DE FR", "," };
	uint8_t large[GEO_LIST_BYTES_MAX + 2];

	(void)state;
	for (size_t i = 0; i < COUNT(continents); i++)
		assert_false(geo_continents_fit(slice_text(continents[i])));
	for (size_t i = 0; i < COUNT(countries); i++)
		assert_false(geo_countries_fit(slice_text(countries[i])));
	for (size_t i = 0; i < sizeof(large); i++)
		large[i] = (uint8_t)"DE,"[i % 3];
	assert_true(geo_countries_fit(slice_of(large, 1997)));
	assert_false(geo_countries_fit(slice_of(large, GEO_LIST_BYTES_MAX + 1)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_country_on_its_continent),
		cmocka_unit_test(codes_that_are_known),
		cmocka_unit_test(continents_plus_countries_minus_denied),
		cmocka_unit_test(denied_wins_over_allowed),
		cmocka_unit_test(nothing_allowed_by_name_is_everything),
		cmocka_unit_test(countries_alone_are_a_region),
		cmocka_unit_test(unknown_country),
		cmocka_unit_test(lists_that_fit),
		cmocka_unit_test(lists_that_do_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
