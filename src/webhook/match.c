/* Which events a subscription wants. Pure. */
#include <stdio.h>

#include "event/event_type.h"
#include "webhook/internal.h"

bool pattern_fits(struct slice pattern, struct slice event)
{
	if (pattern.n && pattern.p[pattern.n - 1] == '*')
		return slice_starts(event, slice_of(pattern.p, pattern.n - 1));
	return slice_eq(pattern, event);
}

bool pattern_fits_some_event(struct slice pattern)
{
	char name[128];

	/* A star in the middle means nothing, so it is a mistake. */
	if (slice_find(pattern, '*') + 1 < pattern.n)
		return false;
	for (size_t i = 0; i < event_type_count; i++) {
		if (!*event_types[i].name)
			continue;
		snprintf(name, sizeof(name), "%s:%s", event_types[i].sender, event_types[i].name);
		if (pattern_fits(pattern, slice_text(name)))
			return true;
	}
	return false;
}

bool subscription_wants(const struct subscription *s, struct slice event)
{
	const struct slice *patterns = s->events.items;

	for (size_t i = 0; i < s->events.n; i++)
		if (pattern_fits(patterns[i], event))
			return true;
	return false;
}

static bool holds(const struct list *tags, struct slice tag)
{
	const struct slice *list = tags->items;

	for (size_t i = 0; i < tags->n; i++)
		if (slice_eq(list[i], tag))
			return true;
	return false;
}

bool tags_fit(const struct list *any, const struct list *all, const struct list *tags)
{
	bool some = any->n == 0;

	for (size_t i = 0; i < any->n && !some; i++)
		some = holds(tags, ((const struct slice *)any->items)[i]);
	for (size_t i = 0; i < all->n; i++)
		if (!holds(tags, ((const struct slice *)all->items)[i]))
			return false;
	return some;
}
