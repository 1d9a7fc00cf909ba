/*
 * Warnings of the end of keys; see expiry_warning.h.
 */
#include "policy/expiry_warning.h"

#include <stddef.h>

#define MINUTE_S	60
#define DAY_S		((int64_t)24 * 3600)

/* How long the key lives; INT64_MAX where that is not known. */
static int64_t
length_of(const struct key_life *life)
{
	if (life->created == CONF_NO_TIME || life->created >= life->expires)
		return INT64_MAX;
	return life->expires - life->created;
}

/* A part of a life, without a product that may be too large. */
static int64_t
part_of(int64_t length, const struct conf_threshold *t)
{
	return length / t->of * t->part + length % t->of * t->part / t->of;
}

/* What the threshold comes to, or 0: it is none for a life of this length. */
static int64_t
lead_of(const struct conf_threshold *t, int64_t length)
{
	if (t->before != 0)
		return t->before < length - length / 2 ? t->before : 0;
	return length != INT64_MAX ? part_of(length, t) : 0;
}

static bool
is_time(const struct conf_threshold *t)
{
	return t->before != 0;
}

/* Some time counts, so that parts do not. */
static bool
a_time_counts(const struct conf_thresholds *all, int64_t length)
{
	for (size_t i = 0; i < all->n; i++) {
		if (is_time(&all->v[i]) && lead_of(&all->v[i], length) != 0)
			return true;
	}
	return false;
}

/* Thresholds, and what decides which of them count. */
struct search {
	const struct conf_thresholds *all;
	int64_t length;			/* of the life */
	bool times;			/* those count, and no parts */
};

static struct search
search_of(const struct conf_thresholds *all, const struct key_life *life)
{
	int64_t length = length_of(life);

	return (struct search){ .all = all, .length = length,
		.times = a_time_counts(all, length) };
}

/* The lead of the i-th; 0 where it does not count. */
static int64_t
counted(const struct search *s, size_t i)
{
	const struct conf_threshold *t = &s->all->v[i];

	return is_time(t) == s->times ? lead_of(t, s->length) : 0;
}

static struct expiry_warning
shortest_from(const struct search *s, int64_t least)
{
	struct expiry_warning best = { .lead = 0 };

	for (size_t i = 0; i < s->all->n; i++) {
		int64_t lead = counted(s, i);

		if (lead != 0 && lead >= least &&
		    (best.lead == 0 || lead < best.lead))
			best = (struct expiry_warning){ &s->all->v[i], lead };
	}
	return best;
}

struct expiry_warning
expiry_warning_due(const struct conf_thresholds *all,
    const struct key_life *life, int64_t now)
{
	struct search s = search_of(all, life);

	if (life->expires == CONF_NO_TIME || life->expires <= now)
		return (struct expiry_warning){ .lead = 0 };
	return shortest_from(&s, life->expires - now);
}

/* When the longest threshold comes that is shorter than that. */
static int64_t
longest_below(const struct conf_thresholds *all, const struct key_life *life,
    int64_t most)
{
	struct search s = search_of(all, life);
	int64_t longest = 0;

	for (size_t i = 0; i < all->n; i++) {
		int64_t lead = counted(&s, i);

		if (lead < most && lead > longest)
			longest = lead;
	}
	return longest != 0 ? life->expires - longest : INT64_MAX;
}

int64_t
expiry_warning_next(const struct conf_thresholds *all,
    const struct key_life *life, int64_t now)
{
	if (life->expires == CONF_NO_TIME)
		return INT64_MAX;
	return longest_below(all, life, life->expires - now);
}

int64_t
expiry_warning_first(const struct conf_thresholds *all,
    const struct key_life *life)
{
	if (life->expires == CONF_NO_TIME)
		return INT64_MAX;
	return longest_below(all, life, INT64_MAX);
}

static int64_t
distance(int64_t a, int64_t b)
{
	return a < b ? b - a : a - b;
}

bool
expiry_warning_is_new(const struct expiry_warned *before,
    const struct expiry_warning *due, int64_t expires)
{
	int64_t same = before->lead / 2 < DAY_S ? before->lead / 2 : DAY_S;

	if (due->lead == 0)
		return false;
	return before->lead == 0 || due->lead < before->lead ||
	    distance(before->expires, expires) > same;
}

bool
expiry_differs(int64_t filed, int64_t told)
{
	if (filed % DAY_S == 0 && told >= filed && told < filed + DAY_S)
		return false;
	return distance(filed, told) >= MINUTE_S;
}
