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

/* Longer than every name that tells; of longer segments this much is kept. */
#define MAX_NAME	32

/* Percent-encoding begun at once, each within the other; more is refused. */
#define MAX_NESTED	64

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

/*
 * Reads a path character by character.  What could still become a character
 * by its encoding waits in pending: "%" and "%4", any number of them.
 */
struct walk {
	char pending[MAX_NESTED * 2];
	size_t waiting;
	char name[MAX_NAME], before[MAX_NAME];
	size_t n, n_before;
	bool parameters;		/* behind the ";" of this segment */
	bool minting;
};

static void
end_segment(struct walk *w)
{
	const struct text name = { .p = w->name, .n = w->n };
	const struct text before = { .p = w->before, .n = w->n_before };

	w->n = 0;
	w->parameters = false;
	if (name.n == 0 || text_eq(name, TEXT(".")))
		return;
	/* Plain ".." the guard refused: encoded it hides what is meant. */
	if (text_eq(name, TEXT("..")) || tells(before, name))
		w->minting = true;
	memcpy(w->before, w->name, name.n);
	w->n_before = name.n;
}

/* A character that nothing encodes any more. */
static void
take_plain(struct walk *w, char c)
{
	if (c == '/' || c == '\\')
		end_segment(w);
	else if (c == ';' || c == '?' || c == '#')
		w->parameters = true;
	else if (!w->parameters && w->n < MAX_NAME)
		w->name[w->n++] = c;
}

/* Nothing that waits can become a character by what follows. */
static void
settle(struct walk *w)
{
	for (size_t i = 0; i < w->waiting; i++)
		take_plain(w, w->pending[i]);
	w->waiting = 0;
}

/* The character that the last three of pending encode. */
static bool
decode_last(struct walk *w, char *c)
{
	const char *last;
	uint64_t value;

	if (w->waiting < 3)
		return false;
	last = w->pending + w->waiting - 3;
	if (last[0] != '%' || !text_parse_hex(
	    (struct text){ .p = last + 1, .n = 2 }, 0xff, &value))
		return false;
	w->waiting -= 3;
	*c = (char)value;
	return true;
}

/* Percent-encoding is taken off as often as it was put on. */
static void
take(struct walk *w, char c)
{
	uint64_t digit;

	do {
		if (w->waiting == sizeof(w->pending)) {
			w->minting = true;
			w->waiting = 0;
		}
		w->pending[w->waiting++] = c;
	} while (decode_last(w, &c));
	if (c != '%' && (w->waiting < 2 ||
	    w->pending[w->waiting - 2] != '%' ||
	    !text_parse_hex((struct text){ .p = &c, .n = 1 }, 0xf, &digit)))
		settle(w);
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
	struct walk w = { .waiting = 0 };
	struct text path;
	uint64_t c;

	if (method_is_harmless(method) || !text_split(&target, '?', &path))
		return false;
	/* One layer first: the same for every way to write the same path. */
	for (size_t i = 0; i < path.n; i++) {
		if (path.p[i] == '%' && path.n - i > 2 && text_parse_hex(
		    (struct text){ .p = path.p + i + 1, .n = 2 }, 0xff, &c))
			i += 2;
		else
			c = (uint8_t)path.p[i];
		take(&w, (char)c);
	}
	settle(&w);
	end_segment(&w);
	return w.minting;
}
