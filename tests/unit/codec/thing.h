/* A schema with every type of field, for the tests of reading and writing. Include it in one file of a program. */
#ifndef TEST_UNIT_CODEC_THING_H
#define TEST_UNIT_CODEC_THING_H

#include "codec/schema.h"

#define COLOUR(V, E) V(E, RED, "warm") V(E, DARK_GREEN, "cool") V(E, light, "lower case")
ENUMERATION_TYPE(colour, COLOUR);
ENUMERATION(colour, COLOUR);

#define POINT(F, T) \
	F(T, INT, x, REQ, 0, 0, "Across", "1") \
	F(T, STR, label, OPT, 1, 3, "Short name", "\"a\"")
SCHEMA_STRUCT(point, POINT);
SCHEMA(point, POINT, "A point");

#define THING(F, T) \
	F(T, STR, str, OPT, 2, 5, "One line", "\"abc\"") \
	F(T, TEXT, text, OPT, 0, 5, "Lines", "\"a\\nb\"") \
	F(T, UUID, uuid, OPT, 0, 0, "An id", "\"017f22e2-79b0-7cc3-98c4-dc0c0c07398f\"") \
	F(T, BYTES, bytes, OPT, 2, 4, "Raw bytes", "\"AAA\"") \
	F(T, TIME, time, OPT, 0, 0, "A moment", "\"2021-01-21T22:47:27.123Z\"") \
	F(T, TIME_SECONDS, timeSeconds, OPT, 0, 0, "A second", "\"2021-01-21T22:47:27.000Z\"") \
	F(T, TIME_UTC, timeUtc, OPT, 0, 0, "A second, written in another way", "\"2021-01-21T22:47:27.000UTC\"") \
	F(T, BOOL, yes, OPT, 0, 0, "A choice", "true") \
	F(T, INT, number, OPT, -3, 5, "A number", "1") \
	F(T, INT_TEXT, numberText, OPT, 0, 0, "A number, written as text", "\"1\"") \
	F(T, INT_ANY, numberAny, OPT, 1, 10, "A number, read from text too", "1") \
	F(T, ENUM(colour), colour, OPT, 0, 0, "A colour", "\"RED\"") \
	F(T, ENUM(colour), anyCase, NOCASE, 0, 0, "A colour in any case", "\"red\"") \
	F(T, MAP, map, OPT, 0, 2, "Pairs", "{\"a\":1}") \
	F(T, JSON, json, OPT, 0, 20, "Anything", "[1]") \
	F(T, OBJ(point), point, OPT, 0, 0, "A point", "{\"x\":1}") \
	F(T, LIST(point), points, OPT, 2, 3, "Points", "[{\"x\":1}]") \
	F(T, STRS, strings, OPT, 0, 2, "Words", "[\"a\"]")
SCHEMA_STRUCT(thing, THING);
SCHEMA(thing, THING, "Every type of field");

#endif
