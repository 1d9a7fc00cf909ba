/*
 * The quota of a key, as a response tells it; see ratelimit.h.
 */
#include "upstream/ratelimit.h"

#include "base/text.h"

/* False: there is none, or several that differ. */
static bool
value_of(const struct fields *fields, enum field_id id, struct text *value)
{
	bool found = false;

	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->v[i];

		if (f->id != id)
			continue;
		if (found && !text_eq(f->value, *value))
			return false;
		*value = f->value;
		found = true;
	}
	return found;
}

static bool
read_number(struct text t, uint32_t *number)
{
	uint64_t v;

	if (t.n > 9 || !text_parse_u64(t, RATELIMIT_MOST, &v))
		return false;
	*number = (uint32_t)v;
	return true;
}

static uint32_t
unit_of(char c)
{
	switch (c) {
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	default:
		return 0;
	}
}

/* 0 where it cannot be read. */
static uint32_t
read_interval(struct text t)
{
	uint32_t unit = t.n != 0 ? unit_of(t.p[t.n - 1]) : 0, v;

	if (unit != 0)
		t.n--;
	else
		unit = 1;
	if (!read_number(t, &v) || v > RATELIMIT_INTERVAL_S / unit)
		return 0;
	return v * unit;
}

bool
ratelimit_of(const struct fields *fields, struct ratelimit *r)
{
	struct text t;

	*r = (struct ratelimit){ .remaining = 0 };
	if (!value_of(fields, FIELD_X_RATELIMIT_REMAINING, &t) ||
	    !read_number(t, &r->remaining))
		return false;
	if (value_of(fields, FIELD_X_RATELIMIT_LIMIT, &t) &&
	    !read_number(t, &r->limit))
		r->limit = 0;
	if (value_of(fields, FIELD_X_RATELIMIT_INTERVAL, &t))
		r->interval_s = read_interval(t);
	return true;
}
