/*
 * The search for a key; see secret_patterns.h.
 *
 * The trawl finds the few places where a pattern may be; there it is compared,
 * forwards and backwards.  No pattern that is searched for in escapes has a
 * character with which escapes begin, so forwards a text can be read in one way
 * only; backwards, an escape may also be plain letters with which a pattern
 * begins.
 */
#include "upstream/secret_patterns.h"

#include <string.h>

#include "upstream/escape.h"
#include "upstream/trawl.h"

#define RUN	8	/* this many bytes in a row give a key away */

static struct text
before(struct text t, size_t at)
{
	return (struct text){ .p = t.p, .n = at };
}

/* -- unescaped -- */

static bool
is_in(const struct secret_patterns *ns, struct text t)
{
	for (size_t i = 0; i < ns->n; i++) {
		if (!ns->v[i].escaped && text_contains(t, ns->v[i].text))
			return true;
	}
	return false;
}

/*
 * Finds secret patterns that are searched for unescaped only.  If the sieve
 * lets a place pass, the text around it is searched, and more of the text after
 * it each time: so texts made of parts of secret patterns cost no more than a
 * search of everything.
 */
static bool
found_raw(const struct secret_patterns *ns, struct text t)
{
	const size_t longest = ns->longest;
	size_t at = 0, seen = 0, ahead = longest;

	while ((at = sieve_next(&ns->raw, t, at)) < t.n) {
		size_t first = at > longest ? at - longest : 0;

		ahead = 2 * (at < seen ? ahead : longest);
		seen = t.n - at > ahead ? at + ahead : t.n;
		if (is_in(ns, text_range(t.p + first, t.p + seen)))
			return true;
		if (seen == t.n)
			return false;
		at = seen - longest + 1;
	}
	return false;
}

/* -- with escapes -- */

/*
 * Whether the pattern, from its i-th character on, is what the text has from at
 * on.
 */
static bool
goes_on(struct text pattern, size_t i, struct text t, size_t at)
{
	while (i < pattern.n) {
		size_t n = 1;
		char c;

		if (at == t.n)
			return false;
		c = t.p[at];
		if (escape_begins_with(c) &&
		    escape_read(text_from(t, at), &c, &n) != ESCAPE_READ)
			return false;
		if (c != pattern.p[i++])
			return false;
		at += n;
	}
	return true;
}

/*
 * The beginning of a pattern's first i characters, if they end at the text's
 * end: the first place where they can begin, or one behind the text's end.
 */
static size_t
beginning(struct text pattern, size_t i, struct text t)
{
	const size_t none = t.n + 1;
	size_t literal = none;

	for (; i > 0; i--) {
		char c = '\0';
		size_t n = escape_ending(t, &c);

		if (c != pattern.p[i - 1])
			n = 0;
		if (i < n && literal == none &&
		    memcmp(t.p + t.n - i, pattern.p, i) == 0)
			literal = t.n - i;
		if (n == 0 && (t.n == 0 || t.p[t.n - 1] != pattern.p[i - 1]))
			return literal;
		t.n -= n != 0 ? n : 1;
	}
	return t.n;
}

static bool
found_at(struct text pattern, struct text t, const struct catch *catch)
{
	struct text rest = pattern;
	const char *p;

	while ((p = memmem(rest.p, rest.n, catch->run, SIEVE_RUN)) != NULL) {
		size_t i = (size_t)(p - pattern.p);

		if (goes_on(pattern, i, t, catch->at) &&
		    beginning(pattern, i, before(t, catch->at)) <= catch->at)
			return true;
		rest = text_from(pattern, i + 1);
	}
	return false;
}

static bool
found_escaped(const struct secret_patterns *ns, struct text t)
{
	struct trawl trawl;
	struct catch catch;

	trawl_start(&trawl, &ns->sieve, t);
	while (trawl_next(&trawl, &catch)) {
		for (size_t i = 0; i < ns->n; i++) {
			if (ns->v[i].escaped &&
			    found_at(ns->v[i].text, t, &catch))
				return true;
		}
	}
	return false;
}

bool
secret_patterns_found(const struct secret_patterns *ns, struct text t)
{
	return ns->n != 0 && t.n >= ns->shortest &&
	    (found_escaped(ns, t) || found_raw(ns, t));
}

/* -- secret patterns cut off by the text's end -- */

static void
suspect(struct sighting *s, size_t at)
{
	if (at < s->suspect)
		s->suspect = at;
}

/* Finds a pattern's beginning, unescaped, at the text's end. */
static void
suspect_raw(struct text pattern, struct text t, struct sighting *s)
{
	size_t tail = t.n < pattern.n ? t.n : pattern.n - 1;
	const char *end = t.p + t.n, *p = end - tail;

	while (p < end &&
	    (p = memchr(p, pattern.p[0], (size_t)(end - p))) != NULL) {
		if (memcmp(p, pattern.p, (size_t)(end - p)) == 0) {
			suspect(s, (size_t)(p - t.p));
			return;
		}
		p++;
	}
}

/* The same with escapes; c is the last character, in some form. */
static void
suspect_ending(struct text pattern, char c, struct text t, struct sighting *s)
{
	const char *p = pattern.p, *last = pattern.p + pattern.n - 1;

	for (; (p = memchr(p, c, (size_t)(last - p))) != NULL; p++)
		suspect(s, beginning(pattern, (size_t)(p - pattern.p) + 1, t));
}

static void
suspect_whole(struct text pattern, struct text t, struct sighting *s)
{
	char c;

	if (t.n == 0)
		return;
	suspect_ending(pattern, t.p[t.n - 1], t, s);
	if (escape_ending(t, &c) != 0)
		suspect_ending(pattern, c, t, s);
}

struct sighting
secret_patterns_search(const struct secret_patterns *ns, struct text t)
{
	struct sighting s = { .suspect = t.n };
	size_t cut;

	if (ns->n == 0 || t.n == 0)
		return s;
	s.found = secret_patterns_found(ns, t);
	if (s.found)
		return s;
	cut = escape_cut(t);
	for (size_t i = 0; i < ns->n; i++) {
		if (!ns->v[i].escaped) {
			suspect_raw(ns->v[i].text, t, &s);
			continue;
		}
		suspect(&s, cut);
		suspect_whole(ns->v[i].text, t, &s);
		if (cut != t.n)
			suspect_whole(ns->v[i].text, before(t, cut), &s);
	}
	return s;
}

/* -- texts that must not be logged -- */

static bool
may_touch(struct sieve finer, struct text t)
{
	if (finer.step != 0)
		finer.step = RUN - SIEVE_RUN + 1;
	return sieve_next(&finer, t, 0) != t.n;
}

bool
secret_patterns_touch(const struct secret_patterns *ns, struct text t)
{
	if (escape_may_begin(t))
		return true;
	if (ns->n == 0 || (!may_touch(ns->sieve, t) && !may_touch(ns->raw, t)))
		return false;
	for (size_t i = 0; i < ns->n; i++) {
		for (size_t at = 0; at + RUN <= t.n; at++) {
			if (text_contains(ns->v[i].text, (struct text){
			    .p = t.p + at, .n = RUN }))
				return true;
		}
	}
	return false;
}
