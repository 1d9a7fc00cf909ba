/*
 * The query of Kibana's console proxy; see console.h.  Called by the minting
 * guard.
 *
 * Kibana decodes the query as forms do, with "+" for a blank, compares names
 * with their case, and gives the path to the URL parser of browsers, which
 * drops tabs, line ends and trailing blanks, and takes backslashes for slashes.
 */
#include "policy/console.h"

#include "http/rules.h"

static bool
is_encoded(struct text t, size_t at)
{
	return t.p[at] == '%' && t.n - at > 2 &&
	    char_is(t.p[at + 1], CHAR_HEX) && char_is(t.p[at + 2], CHAR_HEX);
}

static struct text
decode(struct text t, struct arena *arena)
{
	char *out = arena_alloc(arena, t.n + 1);
	size_t n = 0;
	uint64_t c;

	for (size_t i = 0; i < t.n; i++) {
		c = t.p[i] == '+' ? ' ' : (unsigned char)t.p[i];
		if (is_encoded(t, i)) {
			(void)text_parse_hex((struct text){
			    .p = t.p + i + 1, .n = 2 }, 0xff, &c);
			i += 2;
		}
		out[n++] = (char)c;
	}
	return (struct text){ .p = out, .n = n };
}

/* The value of the one parameter of this name. */
static bool
find(struct text query, const char *name, struct arena *arena,
    struct text *value)
{
	struct text pair, key;
	unsigned found = 0;

	while (text_split(&query, '&', &pair)) {
		(void)text_split(&pair, '=', &key);
		if (!text_eq(decode(key, arena), text_of(name)))
			continue;
		found++;
		*value = pair.p != NULL ? decode(pair, arena) : TEXT("");
	}
	return found == 1 && value->n != 0;
}

static struct text
upper(struct text t, struct arena *arena)
{
	char *out = arena_alloc(arena, t.n);

	for (size_t i = 0; i < t.n; i++)
		out[i] = t.p[i] >= 'a' && t.p[i] <= 'z' ?
		    (char)(t.p[i] - 'a' + 'A') : t.p[i];
	return (struct text){ .p = out, .n = t.n };
}

static struct text
as_path(struct text t, struct arena *arena)
{
	char *out = arena_alloc(arena, t.n + 1);
	size_t n = 0;

	out[n++] = '/';
	for (size_t i = 0; i < t.n; i++) {
		char c = t.p[i] == '\\' ? '/' : t.p[i];

		if (c == '\t' || c == '\r' || c == '\n' || (c == '/' && n == 1))
			continue;
		out[n++] = c;
	}
	while (n > 1 && (unsigned char)out[n - 1] <= ' ')
		n--;
	return (struct text){ .p = out, .n = n };
}

bool
console_read(struct text query, struct arena *arena, struct text *method,
    struct text *path)
{
	if (query.p == NULL || !find(query, "method", arena, method) ||
	    !find(query, "path", arena, path))
		return false;
	*method = upper(*method, arena);
	*path = as_path(*path, arena);
	return true;
}
