/*
 * The search for a key; see needles.h.
 *
 * Most texts hold neither a needle nor escapes, and then all work is done by
 * the sieve, for all needles at once, and by the walk along escapes.  A needle
 * with escapes in it is found from its first escape: what stands before that
 * is the needle's beginning as it is.  Since no such needle holds a character
 * with which escapes begin, a text reads in one way only.
 */
#include "proxy/needles.h"

#include <string.h>

#include "proxy/escape.h"
#include "seal/base64.h"

#define ESSU		TEXT("essu_")
#define ESSU_CRC	8	/* bytes of the check sum behind the payload */
#define COLUMNS		((size_t)('~' - ' ' + 1))
#define PAIRS		(COLUMNS * COLUMNS / 8 + 1)	/* bytes of bits */
#define RUN		8	/* bytes in a row that give a key away */

/* -- what is looked for -- */

static struct text
without_padding(struct text t)
{
	while (t.n > NEEDLE_MIN && t.p[t.n - 1] == '=')
		t.n--;
	return t;
}

static bool
has_escapes(struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		if (escape_begins_with(t.p[i]))
			return true;
	}
	return false;
}

/*
 * A bit for each pair of printable characters, set where one follows the
 * other in a needle.  A needle's first follows whatever is not printable.
 */
static size_t
pair(char a, char b)
{
	return (a > ' ' && a <= '~' ? (size_t)(a - ' ') * COLUMNS : 0) +
	    (b > ' ' && b <= '~' ? (size_t)(b - ' ') : 0);
}

static void
note_pairs(struct needles *ns, struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		size_t bit = pair(i != 0 ? t.p[i - 1] : '\0', t.p[i]);

		ns->pairs[bit / 8] |= (uint8_t)(1U << bit % 8);
	}
}

static bool
may_follow(const struct needles *ns, char a, char b)
{
	size_t bit = pair(a, b);

	return (ns->pairs[bit / 8] >> bit % 8 & 1) != 0;
}

static void
add(struct needles *ns, struct text t)
{
	struct needle *needle = &ns->v[ns->n++];
	size_t reach;

	needle->text = t;
	needle->escaped = t.n <= NEEDLE_ESCAPED_MAX && !has_escapes(t);
	reach = needle->escaped ? t.n * ESCAPE_MAX : t.n;
	if (ns->shortest == 0 || t.n < ns->shortest)
		ns->shortest = t.n;
	if (t.n > ns->longest)
		ns->longest = t.n;
	if (reach > ns->reach)
		ns->reach = reach;
	note_pairs(ns, t);
	sieve_add(&ns->sieve, t);
}

/* The same in the alphabet of URLs, written to room, where that differs. */
static void
add_for_urls(struct needles *ns, struct text t, char *room)
{
	if (memchr(t.p, '+', t.n) == NULL && memchr(t.p, '/', t.n) == NULL)
		return;
	for (size_t i = 0; i < t.n; i++)
		room[i] = t.p[i] == '+' ? '-' : t.p[i] == '/' ? '_' : t.p[i];
	add(ns, (struct text){ .p = room, .n = t.n });
}

static bool
is_printable(struct text t)
{
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] <= ' ' || t.p[i] > '~')
			return false;
	}
	return true;
}

/*
 * What a value stands for in base64, written to room, where it is printable;
 * otherwise an empty text.
 */
static struct text
decoded(struct text value, char *room)
{
	struct text plain = { .p = room, .n = BASE64_ROOM(value.n) };
	bool essu = text_starts_with(value, ESSU);

	if (essu)
		value = text_range(value.p + ESSU.n, value.p + value.n);
	if (!base64_decode(value, (uint8_t *)room, &plain.n) ||
	    (essu && plain.n < ESSU_CRC))
		return TEXT("");
	if (essu)
		plain.n -= ESSU_CRC;
	return is_printable(plain) ? plain : TEXT("");
}

/* The last part of "id:secret", where it is one and long enough. */
static bool
add_secret_part(struct needles *ns, struct text plain)
{
	const char *colon = plain.n != 0 ?
	    memrchr(plain.p, ':', plain.n) : NULL;
	struct text last;

	if (colon == NULL)
		return false;
	last = text_range(colon + 1, plain.p + plain.n);
	if (last.n >= NEEDLE_PART_MIN)
		add(ns, last);
	return true;
}

/* What is in a value; room is for two decodings and one more. */
static void
add_parts(struct needles *ns, struct text value, char *room)
{
	struct text inner = decoded(value, room);

	if (add_secret_part(ns, inner) || inner.n < NEEDLE_PART_MIN ||
	    !text_starts_with(value, ESSU))
		return;
	inner = without_padding(inner);
	room += inner.n;
	add(ns, inner);
	add_for_urls(ns, inner, room);
	room += inner.n;
	(void)add_secret_part(ns, decoded(inner, room));
}

/* A value is as good without the "essu_" that all of them begin with. */
static struct text
without_essu(struct text value)
{
	return text_starts_with(value, ESSU) &&
	    value.n - ESSU.n >= NEEDLE_PART_MIN ?
	    text_range(value.p + ESSU.n, value.p + value.n) : value;
}

void
needles_init(struct needles *ns, const struct conf_key *key)
{
	size_t n = secret_len(key->value), sieve = sieve_room(n);
	struct text value, telling;
	char *room;

	*ns = (struct needles){ .n = 0 };
	if (n < NEEDLE_MIN)
		return;
	/* The value, it for URLs, and what may be decoded of it. */
	ns->memory = secret_new(sieve + PAIRS + 5 * n + 2);
	sieve_init(&ns->sieve, (void *)secret_bytes(ns->memory), n);
	ns->pairs = secret_bytes(ns->memory) + sieve;
	room = (char *)ns->pairs + PAIRS;
	memcpy(room, secret_read(key->value), n);
	value = without_padding((struct text){ .p = room, .n = n });
	telling = without_essu(value);
	add(ns, telling);
	add_for_urls(ns, telling, room + n);
	add_parts(ns, value, room + 2 * n);
}

void
needles_release(struct needles *ns)
{
	secret_free(ns->memory);
	*ns = (struct needles){ .n = 0 };
}

/* -- as it is -- */

static void
suspect(struct sighting *s, size_t at)
{
	if (at < s->suspect)
		s->suspect = at;
}

static bool
is_in(const struct needles *ns, struct text t)
{
	for (size_t i = 0; i < ns->n; i++) {
		if (text_contains(t, ns->v[i].text))
			return true;
	}
	return false;
}

/*
 * Where the sieve lets a place pass, what is around it is looked at, and the
 * more of what follows the more often it does: texts made of what a needle is
 * made of are no dearer than by looking at all of them.
 */
static bool
found_plain(const struct needles *ns, struct text t)
{
	const size_t longest = ns->longest;
	size_t at = 0, seen = 0, ahead = longest;

	while ((at = sieve_next(&ns->sieve, t, at)) < t.n) {
		size_t from = at > longest ? at - longest : 0;

		ahead = 2 * (at < seen ? ahead : longest);
		seen = t.n - at > ahead ? at + ahead : t.n;
		if (is_in(ns, text_range(t.p + from, t.p + seen)))
			return true;
		if (seen == t.n)
			return false;
		at = seen - longest + 1;
	}
	return false;
}

/* The needle's beginning is the text's end. */
static void
suspect_tail(struct text needle, struct text t, struct sighting *s)
{
	size_t tail = t.n < needle.n ? t.n : needle.n - 1;
	const char *end = t.p + t.n, *p = end - tail;

	while (p < end &&
	    (p = memchr(p, needle.p[0], (size_t)(end - p))) != NULL) {
		if (memcmp(p, needle.p, (size_t)(end - p)) == 0) {
			suspect(s, (size_t)(p - t.p));
			return;
		}
		p++;
	}
}

/* -- with escapes -- */

/* An escape in a text. */
struct quoted {
	size_t at, n;
	char c;
};

static struct text
from(struct text t, size_t at)
{
	return (struct text){ .p = t.p + at, .n = t.n - at };
}

enum match { MATCH_NOT, MATCH_BEGUN, MATCH_WHOLE };

/* Goes on the needle, from its i-th byte on, as the text does from at. */
static enum match
match(struct text needle, size_t i, struct text t, size_t at)
{
	while (i < needle.n) {
		size_t n = 1;
		char c;

		if (at == t.n)
			return MATCH_BEGUN;
		c = t.p[at];
		if (escape_begins_with(c) &&
		    escape_read(from(t, at), &c, &n) == ESCAPE_CUT)
			return MATCH_BEGUN;
		if (c != needle.p[i++])
			return MATCH_NOT;
		at += n;
	}
	return MATCH_WHOLE;
}

/* The needle's first i bytes stand before the text's at-th byte. */
static bool
stands_before(struct text needle, size_t i, struct text t, size_t at)
{
	return i <= at && memcmp(t.p + (at - i), needle.p, i) == 0;
}

/* An escape that may be the first of a needle. */
static void
search_from(struct text needle, struct text t, const struct quoted *q,
    struct sighting *s)
{
	const char *end = needle.p + needle.n, *p = needle.p;
	size_t i;

	for (; (p = memchr(p, q->c, (size_t)(end - p))) != NULL; p++) {
		i = (size_t)(p - needle.p);
		if (!stands_before(needle, i, t, q->at))
			continue;
		switch (match(needle, i + 1, t, q->at + q->n)) {
		case MATCH_WHOLE:
			s->found = true;
			return;
		case MATCH_BEGUN:
			suspect(s, q->at - i);
			break;
		case MATCH_NOT:
			break;
		}
	}
}

/* An escape that the text's end cuts. */
static void
suspect_from(struct text needle, struct text t, size_t at,
    struct sighting *s)
{
	for (size_t i = needle.n; i-- > 0;) {
		if (stands_before(needle, i, t, at)) {
			suspect(s, at - i);
			return;
		}
	}
}

static void
search_quoted(const struct needles *ns, struct text t, const char *p,
    struct sighting *s)
{
	struct quoted q = { .at = (size_t)(p - t.p) };
	enum escape kind = escape_read(from(t, q.at), &q.c, &q.n);

	if (kind == ESCAPE_NONE || (kind == ESCAPE_READ &&
	    !may_follow(ns, '\0', q.c) &&
	    (q.at == 0 || !may_follow(ns, p[-1], q.c))))
		return;
	for (size_t i = 0; i < ns->n && !s->found; i++) {
		if (!ns->v[i].escaped)
			continue;
		if (kind == ESCAPE_CUT)
			suspect_from(ns->v[i].text, t, q.at, s);
		else
			search_from(ns->v[i].text, t, &q, s);
	}
}

static void
search_escaped(const struct needles *ns, struct text t, struct sighting *s)
{
	struct escape_walk walk;
	const char *p;

	escape_walk_start(&walk, t);
	while (!s->found && (p = escape_walk_next(&walk)) != NULL)
		search_quoted(ns, t, p, s);
}

struct sighting
needles_search(const struct needles *ns, struct text t)
{
	struct sighting s = { .suspect = t.n };

	if (ns->n == 0 || t.n == 0)
		return s;
	s.found = found_plain(ns, t);
	if (s.found)
		return s;
	for (size_t i = 0; i < ns->n; i++)
		suspect_tail(ns->v[i].text, t, &s);
	search_escaped(ns, t, &s);
	return s;
}

bool
needles_found(const struct needles *ns, struct text t)
{
	struct sighting s = { .suspect = t.n };

	if (ns->n == 0 || t.n < ns->shortest)
		return false;
	s.found = found_plain(ns, t);
	if (!s.found)
		search_escaped(ns, t, &s);
	return s.found;
}

bool
needles_touch(const struct needles *ns, struct text t)
{
	struct sieve finer = ns->sieve;

	if (has_escapes(t))
		return true;
	if (ns->n == 0)
		return false;
	finer.step = RUN - SIEVE_RUN + 1;
	if (sieve_next(&finer, t, 0) == t.n)
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
