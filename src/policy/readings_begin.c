/*
 * Whether a path begins with a prefix, asked of all its readings at once; see
 * readings.h.  Called by the routes.
 *
 * The segments are walked with the set of states in which servers may be.  A
 * server's state is a stack of segments, of which two numbers count: how many
 * names of the prefix are at its bottom, and how many segments are above them.
 * For each of the former the latter is kept as a range.  It is exact unless
 * several segments may be steps back; then it includes more readings.
 */
#include "policy/readings.h"

/* The number of segments that may lie above the found names. */
struct height {
	bool live;			/* false: no server is in this state */
	size_t low, high;
};

/* A prefix, and the states by how many of its names are found: 0 to n. */
struct search {
	const struct reading *reading;
	struct text *names;
	size_t n;
	struct height *now, *next;
	const char *path;
	struct reading_prefix *prefix;
	bool found;			/* prefix is set */
};

static void
join(struct height *h, size_t low, size_t high)
{
	if (!h->live) {
		*h = (struct height){ true, low, high };
		return;
	}
	h->low = low < h->low ? low : h->low;
	h->high = high > h->high ? high : h->high;
}

static void
found_all(struct search *s, struct text segment)
{
	size_t n = (size_t)(segment.p + segment.n - s->path);

	if (s->found && s->prefix->n != n)
		s->prefix->several = true;
	if (!s->found)
		s->prefix->n = n;
	s->found = true;
}

/* The segment is a name, on top of the earlier ones. */
static void
push(struct search *s, size_t m, struct text segment)
{
	const struct height *h = &s->now[m];

	if (h->high > 0)
		join(&s->next[m], h->low > 0 ? h->low + 1 : 2, h->high + 1);
	if (h->low > 0)
		return;
	if (m < s->n && reading_may_be(s->reading, segment, s->names[m])) {
		join(&s->next[m + 1], 0, 0);
		if (m + 1 == s->n)
			found_all(s, segment);
		if (reading_must_be(s->reading, segment, s->names[m]))
			return;
	}
	join(&s->next[m], 1, 1);
}

/* The segment is a step back; at the root it takes nothing away. */
static void
pop(struct search *s, size_t m)
{
	const struct height *h = &s->now[m];

	if (h->high > 0)
		join(&s->next[m], h->low > 0 ? h->low - 1 : 0, h->high - 1);
	if (h->low == 0)
		join(&s->next[m > 0 ? m - 1 : 0], 0, 0);
}

static void
step(struct search *s, struct text segment, unsigned steps)
{
	struct height *swap = s->now;

	for (size_t m = 0; m <= s->n; m++)
		s->next[m].live = false;
	for (size_t m = 0; m <= s->n; m++) {
		if (!s->now[m].live)
			continue;
		push(s, m, segment);
		if (steps & READING_SKIPPED)
			join(&s->next[m], s->now[m].low, s->now[m].high);
		if (steps & READING_STEP)
			pop(s, m);
	}
	s->now = s->next;
	s->next = swap;
}

/* No later segment can change which states have found all names. */
static bool
is_settled(const struct search *s, struct text segment)
{
	const char *last_step = s->reading->of->last_step;

	if (last_step != NULL && last_step > segment.p + segment.n)
		return false;
	for (size_t m = 0; m < s->n; m++) {
		if (s->now[m].live && s->now[m].low == 0)
			return false;
	}
	return true;
}

static enum readings_match
search(struct search *s)
{
	struct reading_walk w = { .reading = s->reading };
	struct text segment;
	bool others = false;

	for (size_t m = 0; m <= s->n; m++)
		s->now[m].live = false;
	join(&s->now[0], 0, 0);
	while (reading_segment(&w, &segment)) {
		step(s, segment, w.steps);
		if (is_settled(s, segment))
			break;
	}
	if (!s->now[s->n].live)
		return READINGS_NEVER;
	for (size_t m = 0; m < s->n; m++)
		others |= s->now[m].live;
	return others ? READINGS_SOMETIMES : READINGS_ALWAYS;
}

static enum readings_match
plain_begins_with(const struct readings *r, struct text prefix,
    struct reading_prefix *out)
{
	if (!text_starts_with(r->path, prefix) ||
	    (r->path.n != prefix.n && r->path.p[prefix.n] != '/'))
		return READINGS_NEVER;
	out->n = prefix.n;
	return READINGS_ALWAYS;
}

/* Room for the names of a prefix, and for two sets of heights. */
static void
make_room(struct readings *r, struct search *s, struct text prefix)
{
	struct text left = prefix;

	for (size_t i = 0; i < prefix.n; i++)
		s->n += prefix.p[i] == '/';
	if (r->room < s->n + 1) {
		r->room = 2 * s->n + 8;
		r->heights = arena_alloc(r->arena,
		    2 * r->room * sizeof(*r->heights));
		r->names = arena_alloc(r->arena,
		    r->room * sizeof(*r->names));
	}
	s->now = r->heights;
	s->next = r->heights + s->n + 1;
	s->names = r->names;
	(void)text_split(&left, '/', &s->names[0]);
	for (size_t i = 0; i < s->n; i++)
		(void)text_split(&left, '/', &s->names[i]);
}

enum readings_match
readings_begin_with(struct readings *r, struct text prefix,
    struct reading_prefix *out)
{
	struct reading reading = { .of = r };
	struct search s = {
		.reading = &reading, .path = r->path.p, .prefix = out,
	};
	bool some = false, all = true;

	*out = (struct reading_prefix){ .n = 0 };
	if (r->plain)
		return plain_begins_with(r, prefix, out);
	make_room(r, &s, prefix);
	while (reading_next(&reading)) {
		enum readings_match match = search(&s);

		some |= match != READINGS_NEVER;
		all &= match == READINGS_ALWAYS;
	}
	if (!some)
		return READINGS_NEVER;
	return all ? READINGS_ALWAYS : READINGS_SOMETIMES;
}
