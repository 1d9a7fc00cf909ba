/*
 * The texts of a key that are searched for, and the tables for a quick search;
 * see secret_patterns.h.
 */
#include "upstream/secret_patterns.h"

#include <string.h>

#include "base/base64.h"
#include "base/secret.h"
#include "conf/essu.h"
#include "upstream/escape.h"

#define ESSU_CRC	8	/* bytes of the check sum behind the payload */

static struct text
without_padding(struct text t)
{
	while (t.n > SECRET_PATTERN_MIN && t.p[t.n - 1] == '=')
		t.n--;
	return t;
}

static void
add(struct secret_patterns *ns, struct text t)
{
	struct secret_pattern *pattern = &ns->v[ns->n++];
	size_t reach;

	pattern->text = t;
	pattern->escaped = t.n <= SECRET_PATTERN_ESCAPED_MAX &&
	    !escape_may_begin(t);
	reach = pattern->escaped ? t.n * ESCAPE_MAX : t.n;
	if (ns->shortest == 0 || t.n < ns->shortest)
		ns->shortest = t.n;
	if (t.n > ns->longest)
		ns->longest = t.n;
	if (reach > ns->reach)
		ns->reach = reach;
	sieve_add(pattern->escaped ? &ns->sieve : &ns->raw, t);
}

/* Adds it in the alphabet of URLs, written to room, if that differs. */
static void
add_for_urls(struct secret_patterns *ns, struct text t, char *room)
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
 * The value decoded from base64, written to room, if that is printable;
 * otherwise an empty text.
 */
static struct text
decoded(struct text value, char *room)
{
	struct text plain = { .p = room, .n = BASE64_ROOM(value.n) };
	bool essu = text_starts_with(value, ESSU_PREFIX);

	if (essu)
		value = text_range(value.p + ESSU_PREFIX.n, value.p + value.n);
	if (!base64_decode(value, (uint8_t *)room, &plain.n) ||
	    (essu && plain.n < ESSU_CRC))
		return TEXT("");
	if (essu)
		plain.n -= ESSU_CRC;
	return is_printable(plain) ? plain : TEXT("");
}

/* Adds the last part of "id:secret", if it is that and long enough. */
static bool
add_secret_part(struct secret_patterns *ns, struct text plain)
{
	const char *colon = plain.n != 0 ?
	    memrchr(plain.p, ':', plain.n) : NULL;
	struct text last;

	if (colon == NULL)
		return false;
	last = text_range(colon + 1, plain.p + plain.n);
	if (last.n >= SECRET_PATTERN_PART_MIN)
		add(ns, last);
	return true;
}

/* Adds the texts inside a value; room is for two decodings and one copy. */
static void
add_parts(struct secret_patterns *ns, struct text value, char *room)
{
	struct text inner = decoded(value, room);

	if (add_secret_part(ns, inner) || inner.n < SECRET_PATTERN_PART_MIN ||
	    !text_starts_with(value, ESSU_PREFIX))
		return;
	inner = without_padding(inner);
	room += inner.n;
	add(ns, inner);
	add_for_urls(ns, inner, room);
	room += inner.n;
	(void)add_secret_part(ns, decoded(inner, room));
}

/*
 * The value without "essu_", with which all begin, so that it is found either
 * way.
 */
static struct text
without_essu(struct text value)
{
	return text_starts_with(value, ESSU_PREFIX) &&
	    value.n - ESSU_PREFIX.n >= SECRET_PATTERN_PART_MIN ?
	    text_range(value.p + ESSU_PREFIX.n, value.p + value.n) : value;
}

size_t
secret_patterns_room(size_t length)
{
	/* The value, its form for URLs, and decoded texts. */
	return sieve_room(length) + 5 * length + 2;
}

void
secret_patterns_init(struct secret_patterns *ns, const struct conf_key *key,
    void *room)
{
	size_t n = secret_len(key->value);
	char *texts = (char *)room + sieve_room(n);
	struct text value, telling;

	*ns = (struct secret_patterns){
		.room = room, .size = secret_patterns_room(n)
	};
	if (n < SECRET_PATTERN_MIN)
		return;
	sieve_init(&ns->sieve, room, n);
	ns->raw = sieve_beside(&ns->sieve);
	memcpy(texts, secret_read(key->value), n);
	value = without_padding((struct text){ .p = texts, .n = n });
	telling = without_essu(value);
	add(ns, telling);
	add_for_urls(ns, telling, texts + n);
	add_parts(ns, value, texts + 2 * n);
}

void
secret_patterns_release(struct secret_patterns *ns)
{
	if (ns->room != NULL)
		explicit_bzero(ns->room, ns->size);
	*ns = (struct secret_patterns){ .n = 0 };
}
