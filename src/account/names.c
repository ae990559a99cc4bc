/* Ids made up for accounts, organisations and API clients. Those of clients are words, because people read them to each other. */
#include <stdio.h>

#include "account/internal.h"

static const char *const adjectives[] = {
	"able", "active", "airy", "alert", "amber", "ample", "apt", "arctic", "autumn", "azure", "balmy", "bold", "brave",
	"breezy", "brief", "bright", "brisk", "broad", "bronze", "calm", "candid", "careful", "cheerful", "chief", "civil",
	"classic", "clean", "clear", "clever", "close", "cloudy", "coastal", "copper", "coral", "cosmic", "cosy", "crimson",
	"crisp", "curious", "daily", "daring", "dapper", "deep", "distant", "eager", "early", "earnest", "eastern", "easy",
	"elder", "even", "exact", "fair", "famous", "fast", "fine", "firm", "first", "fleet", "floral", "fluent", "fond",
	"formal", "frank", "free", "fresh", "friendly", "frosty", "full", "gentle", "giant", "glad", "gleaming", "global",
	"golden", "good", "grand", "grassy", "great", "green", "handy", "happy", "hardy", "hasty", "hearty", "hidden", "high",
	"honest", "humble", "icy", "ideal", "inner", "ivory", "jade", "jolly", "jovial", "joyful", "keen", "kind", "large",
	"lasting", "leafy", "level", "light", "lilac", "lively", "local", "lofty", "long", "loyal", "lucid", "lucky", "lunar",
	"major", "maple", "mellow", "merry", "mild", "minty", "misty", "modern", "modest", "mossy", "narrow", "neat",
	"new", "nimble", "noble", "north", "novel", "ocean", "olive", "open", "orange", "outer", "patient", "pearly", "plain",
	"playful", "polar", "polite", "prime", "prompt", "proper", "proud", "pure", "quick", "quiet", "rapid", "rare", "ready",
	"regal", "rich", "ripe", "robust", "rosy", "round", "royal", "ruby", "rural", "rustic", "sandy", "scarlet", "serene",
	"shady", "sharp", "shiny", "silent", "silky", "silver", "simple", "sincere", "sleek", "slow", "small", "smart",
	"smooth", "snowy", "snug", "social", "soft", "solar", "solid", "south", "spare", "speedy", "spring", "square",
	"stable", "steady", "stellar", "still", "strong", "sturdy", "subtle", "summer", "sunny", "super", "sure",
	"swift", "tall", "tender", "tidal", "tidy", "timely", "tiny", "topaz", "tranquil", "true", "trusty", "upper",
	"urban", "valid", "vast", "velvet", "violet", "vital", "vivid", "warm", "wavy", "western", "whole", "wide",
	"willing", "windy", "winter", "wise", "witty", "woody", "worthy", "young", "zesty",
};

static const char *const nouns[] = {
	"acorn", "almond", "anchor", "apple", "apricot", "arch", "arrow", "aspen", "atlas", "attic", "aurora", "badge", "bagel",
	"bakery", "balcony", "bamboo", "banjo", "barley", "basil", "basin", "basket", "bay", "beach", "beacon", "bean",
	"beaver", "beetle", "bell", "bench", "berry", "birch", "bird", "biscuit", "bison", "blanket", "blossom", "boat",
	"bonfire", "book", "boulder", "bracelet", "branch", "bread", "breeze", "brick", "bridge", "brook", "broom", "brush",
	"bucket", "button", "cabin", "cactus", "camel", "canal", "candle", "canoe", "canyon", "caravan", "carpet", "carrot",
	"castle", "cedar", "cello", "chair", "cherry", "chestnut", "circle", "citron", "clarinet", "cliff", "clock", "cloud",
	"clover", "coast", "cocoa", "comet", "compass", "cottage", "cotton", "crane", "crayon", "creek", "cricket", "crown",
	"crystal", "curtain", "cushion", "cypress", "daisy", "deer", "delta", "desert", "diamond", "dolphin", "dove", "dragon",
	"drum", "dune", "eagle", "easel", "echo", "elm", "ember", "falcon", "feather", "fern", "ferry", "fiddle", "field",
	"fig", "finch", "fjord", "flag", "flame", "flower", "flute", "forest", "fountain", "fox", "garden", "garnet", "gate",
	"ginger", "glacier", "globe", "grape", "grove", "guitar", "hammock", "harbour", "harp", "hazel", "hedge", "heron",
	"hill", "honey", "horizon", "island", "ivy", "jasmine", "jigsaw", "juniper", "kettle", "kite", "koala", "ladder",
	"lagoon", "lake", "lantern", "lark", "laurel", "lemon", "lentil", "lighthouse", "lily", "lime", "linen", "lotus",
	"magnet", "mango", "marble", "meadow", "melon", "mirror", "moon", "mosaic", "mountain", "muffin", "nectar", "nest",
	"nutmeg", "oak", "oasis", "oat", "onion", "orbit", "orchard", "orchid", "otter", "owl", "paddle", "palm", "panda",
	"paper", "parrot", "path", "peach", "pear", "pebble", "pencil", "pepper", "petal", "piano", "pillow", "pine", "planet",
	"plum", "pocket", "pond", "poplar", "poppy", "prairie", "prism", "pumpkin", "quartz", "quilt", "radish", "raft",
	"rainbow", "reef", "ribbon", "ridge", "river", "robin", "rocket", "rope", "rose", "saddle", "saffron", "sail",
	"salmon", "sapphire", "satchel", "scarf", "seal", "shell", "shore", "sketch", "sparrow", "spoon", "spruce", "squirrel",
	"star", "statue", "stone", "stream", "summit", "swan", "table", "teapot", "thistle", "thread", "thyme", "tile",
	"tower", "trail", "tram", "tulip", "tunnel", "turtle", "valley", "vanilla", "viola", "wagon", "walnut", "walrus",
	"water", "wave", "whale", "wheat", "whistle", "willow", "window", "wren", "zebra",
};

#define COUNT(array) (uint32_t)(sizeof(array) / sizeof((array)[0]))

static void id_make(const struct env *env, const char *front, char *out)
{
	size_t n = strlen(front);

	memcpy(out, front, n);
	env_random_text(env, out + n, ACCOUNT_ID_RANDOM);
}

void account_id_make(const struct env *env, bool sandbox, char *out)
{
	id_make(env, sandbox ? "a-spge-" : "a-ppge-", out);
}

void organisation_id_make(const struct env *env, char *out)
{
	id_make(env, "o-p-", out);
}

void client_id_make(const struct env *env, const char *where, char *out)
{
	const char *adjective = adjectives[env_random_below(env, COUNT(adjectives))];
	const char *noun = nouns[env_random_below(env, COUNT(nouns))];

	snprintf(out, CLIENT_ID_BYTES_MAX + 1, "%s-%s-%s-%u", where, adjective, noun, 100 + env_random_below(env, 900));
}
