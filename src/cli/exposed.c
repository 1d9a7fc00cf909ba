/*
 * Secrets among the arguments; see exposed.h.
 */
#include "cli/exposed.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/base64.h"
#include "conf/essu.h"

#define SHORTEST	40	/* of a key, in characters of base64 */
#define BARE_LONGEST	512	/* of a key without "essu_", in the same */
#define GROUP		4	/* characters of base64 for three bytes */

/* Bech32 (BIP 173): names of files have only a few of them in a row. */
#define BECH32		"qpzry9x8gf2tvdw0s3jn54khce6mua7l"
#define BECH32_SHORTEST	20

/* Keys of Elastic Cloud. */

/* Also if it is part of a query or of a string in JSON. */
static bool
may_be_base64(char c)
{
	return ascii_is_alnum(c) || ascii_is_one_of(c, "+/-_=%\\");
}

static bool
is_essu(struct text t)
{
	size_t n = ESSU_PREFIX.n;

	if (!text_starts_with(t, ESSU_PREFIX))
		return false;
	while (n < t.n && may_be_base64(t.p[n]))
		n++;
	return n - ESSU_PREFIX.n >= SHORTEST;
}

static size_t
count_base64(struct text t)
{
	size_t n = 0;

	while (n < t.n && (ascii_is_alnum(t.p[n]) ||
	    ascii_is_one_of(t.p[n], "+/")))
		n++;
	return n;
}

/*
 * A key without "essu_" is known by its check sum.  The letter of an option, or
 * folders, may stand before it.
 */
static bool
is_bare(struct text run)
{
	for (size_t at = 0; at + SHORTEST <= run.n; at++) {
		if (at > 1 && run.p[at - 1] != '/')
			continue;
		if (run.n - at <= BARE_LONGEST &&
		    essu_sum_matches(text_from(run, at)))
			return true;
	}
	return false;
}

static bool
has_bare(struct text t)
{
	while (t.n != 0) {
		size_t n = count_base64(t);

		if (is_bare(text_range(t.p, t.p + n)))
			return true;
		t = text_from(t, n == 0 ? 1 : n);
	}
	return false;
}

/* Pairs in base64. */

/* Up to four characters in either alphabet; 0: they are not base64. */
static size_t
decode_group(struct text t, uint8_t bytes[BASE64_ROOM(GROUP)])
{
	char plain[GROUP];
	size_t n = 0, room = BASE64_ROOM(GROUP);

	while (n < GROUP && n < t.n && (ascii_is_alnum(t.p[n]) ||
	    ascii_is_one_of(t.p[n], "+/-_"))) {
		plain[n] = t.p[n] == '-' ? '+' : t.p[n] == '_' ? '/' : t.p[n];
		n++;
	}
	return base64_decode((struct text){ .p = plain, .n = n }, bytes,
	    &room) ? room : 0;
}

/* Quotes and braces are JSON's, of which cursors and other tokens are made. */
static bool
may_be_of_pair(uint8_t c)
{
	return c > ' ' && c <= '~' && !ascii_is_one_of((char)c, "\"{}");
}

/*
 * Whether these are visible characters with a colon between some: of other
 * texts that is true for less than one in a billion.  If not, the text is no
 * pair from the beginning of any of its groups up to *end, either.
 */
static bool
is_pair(struct text t, size_t *end)
{
	uint8_t bytes[BASE64_ROOM(GROUP)];
	size_t n, plain = 0;
	bool colon = false;

	for (*end = 0; (n = decode_group(text_from(t, *end), bytes)) != 0;
	    *end += GROUP) {
		for (size_t i = 0; i < n; i++) {
			if (!may_be_of_pair(bytes[i]))
				return false;
			colon = colon || (bytes[i] == ':' && plain + i != 0);
		}
		plain += n;
		if (colon && plain > (SHORTEST / GROUP - 1) * 3)
			return true;
		if (n < 3)
			break;
	}
	return false;
}

/* Identities. */

/* In upper case, as they are written; the text after them does not matter. */
static bool
is_identity(struct text t)
{
	const struct text prefix = TEXT("AGE-SECRET-KEY-"), pq = TEXT("PQ-");
	size_t n = 0;

	if (text_starts_with(t, prefix))
		return true;
	if (!text_starts_with_nocase(t, prefix))
		return false;
	t = text_from(t, prefix.n);
	if (text_starts_with_nocase(t, pq))
		t = text_from(t, pq.n);
	while (n < t.n && (n == 0 ? t.p[0] == '1' :
	    ascii_is_one_of(ascii_lower(t.p[n]), BECH32)))
		n++;
	return n > BECH32_SHORTEST;
}

/* Each group of characters is decoded once, even in a long text. */
static bool
has_pair(struct text t)
{
	size_t done[GROUP] = { 0 }, end;

	for (size_t at = 0; at < t.n; at++) {
		if (at < done[at % GROUP])
			continue;
		if (is_pair(text_from(t, at), &end))
			return true;
		done[at % GROUP] = at + end;
	}
	return false;
}

bool
exposed_in(struct text t)
{
	if (has_pair(t) || has_bare(t))
		return true;
	for (; t.n != 0; t = text_from(t, 1)) {
		if (is_essu(t) || is_identity(t))
			return true;
	}
	return false;
}

/* The arguments. */

/* "argument 2", "arguments 2 and 3", "arguments 2, 3 and 4" */
static char *
name_places(const int *places, size_t n)
{
	char *all = xasprintf("argument%s %d", n == 1 ? "" : "s", places[0]);

	for (size_t i = 1; i < n; i++) {
		char *more = xasprintf("%s%s %d", all,
		    i + 1 == n ? " and" : ",", places[i]);

		free(all);
		all = more;
	}
	return all;
}

char *
exposed_hide(int argc, char **argv)
{
	int *places = xcalloc((size_t)argc + 1, sizeof(*places));
	char *named;
	size_t n = 0;

	for (int i = 1; i < argc; i++) {
		struct text t = text_of(argv[i]);

		if (!exposed_in(t))
			continue;
		memset(argv[i], '*', t.n);
		places[n++] = i;
	}
	named = n == 0 ? NULL : name_places(places, n);
	free(places);
	return named;
}
