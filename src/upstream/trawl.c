/*
 * The pass over a text; see trawl.h.
 *
 * A place may be in the middle of an escape that began at most ESCAPE_MAX - 1
 * bytes before.  Then the beginning of the escape is looked at instead, which
 * is not too far from the last place.
 */
#include "upstream/trawl.h"

#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "upstream/escape.h"

#define BEFORE		((size_t)ESCAPE_MAX - 1)
#define WINDOW		(BEFORE + SIEVE_RUN)
#define PART		((size_t)16)
#define BLOCK		(4 * PART)

/* After this many quiet places, without escapes, it may pay to skim. */
#define QUIET_ENOUGH	4

/* With steps of this length it never does. */
#define STEP_FAR	48

void
trawl_start(struct trawl *w, const struct sieve *sieve, struct text t)
{
	*w = (struct trawl){
		.sieve = sieve, .text = t, .next = sieve->step - 1,
	};
}

/* -- where escapes may begin -- */

#ifdef __SSE2__
/*
 * The result of comparing with a character: all ones in each byte that matches.
 */
typedef char part __attribute__((vector_size(PART)));

/*
 * A bit for each byte that may begin an escape, of PART bytes from p on, and,
 * shifted, of those from q on.
 */
static uint32_t
firsts_in(const char *p, const char *q, unsigned shift)
{
	part v, w;

	memcpy(&v, p, sizeof(v));
	memcpy(&w, q, sizeof(w));
	v = (part)((v == '%') | (v == '&') | (v == '\\'));
	w = (part)((w == '%') | (w == '&') | (w == '\\'));
	return (uint32_t)_mm_movemask_epi8((__m128i)v) |
	    (uint32_t)_mm_movemask_epi8((__m128i)w) << shift;
}

/*
 * The same without most of those that the next byte rules out: quotes and line
 * ends in strings, quotes and brackets in HTML.
 */
static uint32_t
likely_in(const char *p)
{
	part v, next;

	memcpy(&v, p, sizeof(v));
	memcpy(&next, p + 1, sizeof(next));
	return (uint32_t)_mm_movemask_epi8((__m128i)((v == '%') |
	    ((v == '&') & (next != 'q') & (next != 'g') & (next != 't')) |
	    ((v == '\\') & ((next == '/') | (next == 'u') |
	    (next == '\\') | (next == 'x')))));
}
#else
static uint32_t
firsts_in(const char *p, const char *q, unsigned shift)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < PART; i++)
		bits |= (uint32_t)escape_begins_with(p[i]) << i |
		    (uint32_t)escape_begins_with(q[i]) << i << shift;
	return bits;
}

static uint32_t
likely_in(const char *p)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < PART; i++)
		bits |= (uint32_t)(escape_bound(p[i], p[i + 1]) != 0) << i;
	return bits;
}
#endif

/* A bit for each of WINDOW bytes, of which the first BEFORE are before at. */
static uint32_t
window(struct text t, size_t at)
{
	uint32_t bits = 0;

	if (at >= BEFORE)
		return firsts_in(t.p + at - BEFORE,
		    t.p + at + SIEVE_RUN - PART, WINDOW - PART);
	for (size_t i = 0; i < at + SIEVE_RUN; i++)
		bits |= (uint32_t)escape_begins_with(t.p[i]) <<
		    (BEFORE - at + i);
	return bits;
}

/* -- at one place -- */

/* The earliest beginning of the character whose escape begins there. */
static size_t
first_backslash(struct text t, size_t at)
{
	size_t n = 1;

	while (at + n < t.n && t.p[at + n] == '\\')
		n++;
	while (n < ESCAPE_BACKSLASHES && at > 0 && t.p[at - 1] == '\\') {
		at--;
		n++;
	}
	return at;
}

/*
 * The place to look at instead of *place.  If that is in the middle of the
 * escape that begins at first, *place moves back to its beginning.
 */
static size_t
boundary(struct text t, size_t first, size_t *place)
{
	size_t n;
	char c;

	if (escape_read(text_from(t, first), &c, &n) != ESCAPE_READ ||
	    first + n <= *place)
		return *place;
	*place = first;
	return t.p[first] == '\\' ? first_backslash(t, first) : first;
}

/* Reads SIEVE_RUN characters from a place on; false: not in the sieve. */
static bool
read_run(const struct sieve *sieve, struct text t, size_t at,
    char run[SIEVE_RUN])
{
	for (size_t i = 0; i < SIEVE_RUN; i++) {
		size_t n = 1;

		if (at == t.n)
			return false;
		run[i] = t.p[at];
		if (escape_begins_with(t.p[at]) &&
		    escape_read(text_from(t, at), &run[i], &n) != ESCAPE_READ)
			return false;
		if (i == 1 && !sieve_has_pair(sieve, run))
			return false;
		at += n;
	}
	return sieve_has(sieve, run);
}

/* The bits of escapes that begin at the place or before. */
#define BEHIND	((UINT32_C(2) << BEFORE) - 1)

/*
 * The beginning of the last escape that may be at the place and is after the
 * place looked at before; if there is none, behind the place.
 */
static inline size_t
last_first(struct text t, size_t step, uint32_t behind, size_t place)
{
	const char *p;
	size_t first;

	if (behind == 0)
		return place + 1;
	first = place + 31 - BEFORE - (size_t)__builtin_clz(behind);
	p = t.p + first;
	if (first + escape_bound(p[0], p[1]) <= place || first + step <= place)
		return place + 1;
	return first;
}

/* Looks at a place near escapes, which are the bits of its window. */
static inline bool
take(const struct sieve *sieve, struct text t, uint32_t bits, size_t *place,
    struct catch *catch)
{
	size_t first = last_first(t, sieve->step, bits & BEHIND, *place);
	bool inside = first <= *place;

	if (!inside && bits <= BEHIND && !sieve_has(sieve, t.p + *place))
		return false;
	catch->at = inside ? boundary(t, first, place) : *place;
	return read_run(sieve, t, catch->at, catch->run);
}

/* Whether no escape is likely to begin in a block. */
static bool
is_plain(const char *p)
{
	if ((firsts_in(p, p + PART, PART) |
	    firsts_in(p + 2 * PART, p + 3 * PART, PART)) == 0)
		return true;
	return (likely_in(p) | likely_in(p + PART) | likely_in(p + 2 * PART) |
	    likely_in(p + 3 * PART)) == 0;
}

/* The place from at on where the next escape may begin, or a little before. */
static size_t
plain_until(struct text t, size_t at)
{
	while (at + BLOCK < t.n && is_plain(t.p + at))
		at += BLOCK;
	return at;
}

/*
 * Steps on from a place that was looked at, as long as no escape begins and
 * nothing may be caught; returns the last place.  With short steps this is
 * cheaper than a window at each place.
 */
static size_t
skim(struct sieve sieve, struct text t, size_t at)
{
	size_t end = plain_until(t, at);

	while (at + sieve.step + SIEVE_RUN <= end &&
	    !sieve_has(&sieve, t.p + at + sieve.step))
		at += sieve.step;
	return at;
}

/* How many places must be quiet from now on; more if skimming did not pay. */
static size_t
quiet_enough(size_t old, size_t gained)
{
	if (gained >= BLOCK)
		return QUIET_ENOUGH;
	return old < 16 * QUIET_ENOUGH ? 2 * old : old;
}

bool
trawl_next(struct trawl *w, struct catch *catch)
{
	const struct sieve sieve = *w->sieve;
	const struct text t = w->text;
	size_t quiet = 0;
	size_t enough = sieve.step < STEP_FAR ? QUIET_ENOUGH : SIZE_MAX;

	if (sieve.step == 0)
		return false;
	for (size_t at = w->next; at + SIEVE_RUN <= t.n; at += sieve.step) {
		uint32_t bits = window(t, at);
		size_t place = at;

		if ((bits != 0 || sieve_has(&sieve, t.p + at)) &&
		    take(&sieve, t, bits, &at, catch)) {
			w->next = at + sieve.step;
			return true;
		}
		quiet = at == place && bits <= BEHIND ? quiet + 1 : 0;
		if (quiet >= enough) {
			at = skim(sieve, t, at);
			enough = quiet_enough(enough, at - place);
			quiet = 0;
		}
	}
	return false;
}
