/* The segments of a path in one reading; see readings.h. */
#include "policy/readings.h"

#include "policy/character.h"

static bool
same(struct character c, char of_name, bool fold, unsigned kinds)
{
	if (c.encoded && !character_is_unreserved(c.c) &&
	    !(kinds & READING_RESERVED))
		return false;
	if (c.c == (unsigned char)of_name)
		return true;
	return fold && c.c < 0x80 &&
	    ascii_lower((char)c.c) == ascii_lower(of_name);
}

/* The segment may begin with this name; whole: and end, or be cut, there. */
static bool
may_match(const struct reading *r, struct text segment, struct text name,
    bool fold, bool whole)
{
	const char *p = segment.p, *end = p + segment.n;
	unsigned kinds = r->of->kinds;
	struct character c;

	for (size_t i = 0; i < name.n; i++) {
		if (p == end)
			return false;
		p = character_take(p, end, r->twice, &c);
		if (!same(c, name.p[i], fold, kinds))
			return false;
	}
	if (!whole || p == end)
		return true;
	(void)character_take(p, end, r->twice, &c);
	return (kinds & READING_PARAMETERS) && character_is_cut(c.c);
}

char
reading_first(const struct reading *r, struct text segment)
{
	struct character c;

	if (segment.n == 0)
		return '\0';
	if (segment.p[0] != '%')
		return (unsigned char)segment.p[0] < 0x80 ?
		    ascii_lower(segment.p[0]) : '\0';
	(void)character_take(segment.p, segment.p + segment.n, r->twice, &c);
	return c.c < 0x80 ? ascii_lower((char)c.c) : '\0';
}

bool
reading_may_be(const struct reading *r, struct text segment, struct text name)
{
	return may_match(r, segment, name, false, true);
}

bool
reading_may_fold_to(const struct reading *r, struct text segment,
    struct text name)
{
	return may_match(r, segment, name, true, true);
}

bool
reading_may_begin(const struct reading *r, struct text segment,
    struct text beginning)
{
	return may_match(r, segment, beginning, true, false);
}

bool
reading_must_be(const struct reading *r, struct text segment, struct text name)
{
	const char *p = segment.p, *end = p + segment.n;
	struct character c;

	for (size_t i = 0; i < name.n; i++) {
		if (p == end)
			return false;
		p = character_take(p, end, r->twice, &c);
		if (!same(c, name.p[i], false, 0))
			return false;
	}
	return p == end;
}

static unsigned
steps_of(const struct reading *r, struct text segment)
{
	unsigned kinds = r->of->kinds, steps = 0;

	if (segment.n != 0 && segment.p[0] != '.' && segment.p[0] != '%' &&
	    !character_is_cut((unsigned char)segment.p[0]))
		return 0;
	if ((kinds & READING_MERGE) && reading_may_be(r, segment, TEXT("")))
		steps |= READING_SKIPPED;
	if (!(kinds & READING_DOTS))
		return steps;
	if (reading_may_be(r, segment, TEXT(".")))
		steps |= READING_SKIPPED;
	if (reading_may_be(r, segment, TEXT("..")))
		steps |= READING_STEP;
	return steps;
}

bool
reading_next(struct reading *r)
{
	const struct readings *of = r->of;
	size_t at = r->at++;

	r->list = at % of->n_lists;
	at /= of->n_lists;
	r->slash = of->slash && (at & 1);
	at >>= of->slash;
	r->backslash = of->backslash && (at & 1);
	at >>= of->backslash;
	r->twice = of->twice && (at & 1);
	at >>= of->twice;
	return at == 0;
}

/* Takes the next segment between plain slashes. */
static bool
next_plain(struct reading_walk *w)
{
	const struct readings *of = w->reading->of;
	const struct reading_list *list = &of->lists[w->reading->list];

	if (list->v == NULL)
		return text_split(&w->left, '/', &w->rest);
	if (w->at == list->n)
		return false;
	w->rest = list->v[w->at++];
	return true;
}

/*
 * Takes the first segment of rest by encoded slashes.  A server that cuts
 * parameters before it decodes cuts those behind them, too.
 */
static struct text
split_rest(struct reading_walk *w)
{
	const struct reading *r = w->reading;
	const char *p = w->rest.p, *end = p + w->rest.n, *next;
	struct text segment = w->rest;
	struct character c;

	w->rest.p = NULL;
	for (; (r->slash || r->backslash) && p < end; p = next) {
		next = character_take(p, end, r->twice, &c);
		w->cut |= character_is_cut(c.c);
		if (!c.encoded || !((c.c == '/' && r->slash) ||
		    (c.c == '\\' && r->backslash)))
			continue;
		w->rest = text_range(next, end);
		return text_range(segment.p, p);
	}
	return segment;
}

bool
reading_segment(struct reading_walk *w, struct text *segment)
{
	const struct reading *r = w->reading;
	bool cut;

	if (!w->begun) {
		w->begun = true;
		w->left = r->of->path;
		/* The segment before the first slash is empty. */
		(void)text_split(&w->left, '/', &w->rest);
		w->rest.p = NULL;
	}
	if (w->rest.p == NULL) {
		w->cut = false;
		if (!next_plain(w))
			return false;
	}
	if (r->of->plain && w->rest.n != 0) {
		*segment = w->rest;
		w->rest.p = NULL;
		w->steps = 0;
		return true;
	}
	cut = w->cut && (r->of->kinds & READING_PARAMETERS);
	*segment = split_rest(w);
	w->steps = steps_of(r, *segment) | (cut ? READING_SKIPPED : 0);
	return true;
}
