/*
 * The minting guard: which calls of Elastic Cloud's API, of ECE's, and of
 * the Elasticsearch that can be reached through them create or reveal
 * credentials.  See guard.h.
 *
 * A path is judged by what a lenient server could read in it: percent-
 * encoding taken off as often as it was put on, parameters (";x") cut,
 * backslashes as slashes, empty and dot segments skipped, any case.  Refusing
 * too much is the safe side here, so nothing depends on what comes before or
 * after the telling segments, nor on which changing method is used.
 */
#include "proxy/guard.h"

/*
 * Of longer segments this much is looked at: no name is nearly as long, and
 * those that would decode to several are refused.
 */
#define MAX_SEGMENT	256

/* A segment that tells, where it follows another (or any: NULL). */
static const struct {
	const char *before;
	const char *name;
	bool prefix;		/* name is how it begins */
} telling[] = {
	{ NULL, "_reset-", true },		/* password, token, ... */
	{ NULL, "_password", false },
	{ NULL, "invitations", false },
	{ NULL, "role_assignments", false },
	{ NULL, "enrollment-tokens", false },
	{ "auth", "keys", false },
	{ "users", "auth", false },
	{ "_security", "api_key", false },
	{ "_security", "cross_cluster", false },
	{ "_security", "oauth2", false },
	{ "_security", "service", false },
	{ "_security", "user", false },
	{ "_security", "role_mapping", false },
	{ "_security", "enroll", false },
	{ "_security", "delegate_pki", false },
	{ "_security", "saml", false },
	{ "_security", "oidc", false },
	{ "security", "api_key", false },	/* Kibana, and _xpack/... */
	{ "security", "oauth2", false },
	{ "security", "user", false },
	{ "security", "users", false },
	{ "security", "role_mapping", false },
	{ "v1", "users", false },		/* of an ECE installation */
};

static bool
tells(struct text before, struct text segment)
{
	for (size_t i = 0; i < sizeof(telling) / sizeof(*telling); i++) {
		struct text name = text_of(telling[i].name), begin = segment;

		if (telling[i].prefix && begin.n > name.n)
			begin.n = name.n;
		if (!text_eq_nocase(begin, name))
			continue;
		if (telling[i].before == NULL ||
		    text_eq_nocase(before, text_of(telling[i].before)))
			return true;
	}
	return false;
}

/* Takes one layer of percent-encoding off, in place; false: there is none. */
static bool
decode(char *s, size_t *n)
{
	size_t to = 0, from = 0;
	uint64_t c;

	while (from < *n) {
		if (s[from] == '%' && *n - from > 2 && text_parse_hex(
		    (struct text){ .p = s + from + 1, .n = 2 }, 0xff, &c)) {
			s[to++] = (char)c;
			from += 3;
		} else {
			s[to++] = s[from++];
		}
	}
	*n = to;
	return to != from;
}

/* Decodes a segment into buf; what it was encoded with may hold slashes. */
static struct text
plain(struct text raw, char buf[static MAX_SEGMENT])
{
	size_t n = raw.n < MAX_SEGMENT ? raw.n : MAX_SEGMENT;

	if (n == 0)
		return TEXT("");
	memcpy(buf, raw.p, n);
	while (decode(buf, &n))
		;
	for (size_t i = 0; i < n; i++) {
		if (buf[i] == '\\')
			buf[i] = '/';
	}
	return (struct text){ .p = buf, .n = n };
}

/* The other buffer holds the segment before, while buf[turn] is filled. */
struct walk {
	char buf[2][MAX_SEGMENT];
	unsigned turn;
	struct text before;
};

/* A segment between slashes of the target; it may decode to several. */
static bool
segment_tells(struct walk *w, struct text raw)
{
	struct text rest = plain(raw, w->buf[w->turn]);
	struct text part, name;
	bool named = false;

	if (raw.n > MAX_SEGMENT && text_contains(raw, TEXT("%25")))
		return true;
	while (text_split(&rest, '/', &part)) {
		if (!text_split(&part, ';', &name))
			continue;
		/* Plain ones the guard refused: they hide what is meant. */
		if (text_eq(name, TEXT("..")))
			return true;
		if (name.n == 0 || text_eq(name, TEXT(".")))
			continue;
		if (tells(w->before, name))
			return true;
		w->before = name;
		named = true;
	}
	if (named)
		w->turn ^= 1;
	return false;
}

/* Methods that create nothing; DELETE revokes. */
static bool
method_is_harmless(struct text method)
{
	return text_eq(method, TEXT("GET")) || text_eq(method, TEXT("HEAD")) ||
	    text_eq(method, TEXT("OPTIONS")) ||
	    text_eq(method, TEXT("DELETE"));
}

bool
guard_is_minting(struct text method, struct text target)
{
	struct walk w = { .turn = 0, .before = TEXT("") };
	struct text path, segment;

	if (method_is_harmless(method) || !text_split(&target, '?', &path))
		return false;
	while (text_split(&path, '/', &segment)) {
		if (segment_tells(&w, segment))
			return true;
	}
	return false;
}
