/*
 * References; see reference.h.  It knows no routes: whether a target may be
 * requested is not judged here.
 */
#include "http/reference.h"

#define HTTPS_PORT	443

/* The parts of a reference (RFC 3986 section 4.1). */
struct parts {
	struct text authority;		/* .p NULL: there is none */
	struct text path;
	struct text query;		/* with its "?", or empty */
	struct text fragment;		/* with its "#", or empty */
};

/* The part before the first of these characters, taken off t. */
static struct text
take_until(struct text *t, const char *set)
{
	size_t n = 0;
	struct text part;

	while (n < t->n && !ascii_is_one_of(t->p[n], set))
		n++;
	part = text_range(t->p, t->p + n);
	*t = text_range(t->p + n, t->p + t->n);
	return part;
}

/*
 * Some clients skip controls and blanks, or cut there, take a backslash for a
 * slash, and encode bytes that are not ASCII in various ways.
 */
static bool
is_read_in_one_way(struct text value)
{
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] <= ' ' || value.p[i] >= 0x7f ||
		    value.p[i] == '\\')
			return false;
	}
	return true;
}

/* Takes "https://AUTHORITY" off; false for any other scheme or form. */
static bool
take_scheme_and_authority(struct text *t, struct text *authority)
{
	struct text rest = *t, scheme = take_until(&rest, ":/?#");

	*authority = (struct text){ .p = NULL };
	if (rest.n == 0 || rest.p[0] != ':')
		return true;
	if (!text_eq_nocase(scheme, TEXT("https")) ||
	    !text_starts_with(rest, TEXT("://")))
		return false;
	*t = text_range(rest.p + 3, rest.p + rest.n);
	*authority = take_until(t, "/?#");
	return true;
}

static bool
split(struct text value, struct parts *parts)
{
	if (!take_scheme_and_authority(&value, &parts->authority))
		return false;
	parts->path = take_until(&value, "?#");
	parts->query = take_until(&value, "#");
	parts->fragment = value;
	return !text_starts_with(parts->path, TEXT("//"));
}

/* authority_parse() takes no userinfo. */
static bool
is_same_server(struct text authority, const struct authority *server)
{
	struct authority a;

	return authority.p == NULL || (authority_parse(authority, &a) &&
	    authority_agrees(&a, server, HTTPS_PORT));
}

/* The length of a path up to the slash of its last segment. */
static size_t
without_last_segment(const char *out, size_t n)
{
	while (n > 0 && out[--n] != '/')
		;
	return n;
}

/*
 * Writes a path that begins with a slash without its dot segments (RFC 3986
 * section 5.2.4) into out, which has room for it.
 */
static struct text
remove_dots(struct text path, char *out)
{
	size_t n = 0;

	while (path.n != 0) {
		struct text slash = text_range(path.p, path.p + 1), segment;
		bool last;

		path = text_range(path.p + 1, path.p + path.n);
		segment = take_until(&path, "/");
		last = path.n == 0;
		if (text_eq(segment, TEXT("..")))
			n = without_last_segment(out, n);
		else if (!text_eq(segment, TEXT("."))) {
			out[n++] = slash.p[0];
			memcpy(out + n, segment.p, segment.n);
			n += segment.n;
			continue;
		}
		if (last)
			out[n++] = '/';
	}
	return (struct text){ .p = out, .n = n };
}

/* A relative path replaces what follows the last slash of the base. */
static struct text
directory_of(struct text base)
{
	struct text path = take_until(&base, "?");

	while (path.n != 0 && path.p[path.n - 1] != '/')
		path.n--;
	return path.n != 0 ? path : TEXT("/");
}

/*
 * Takes over the path and the query of the base where the reference has none.
 */
static void
add_base(struct parts *parts, struct text base, struct text *before)
{
	*before = TEXT("");
	if (parts->path.n == 0 && parts->authority.p == NULL) {
		parts->path = take_until(&base, "?");
		if (parts->query.n == 0)
			parts->query = base;
	} else if (parts->path.n == 0) {
		parts->path = TEXT("/");
	} else if (parts->path.p[0] != '/') {
		*before = directory_of(base);
	}
}

bool
reference_resolve(struct text value, struct text base,
    const struct authority *server, struct arena *arena,
    struct reference *reference)
{
	struct parts parts;
	struct text before, path;
	char *joined, *out;

	if (!is_read_in_one_way(value) || !split(value, &parts) ||
	    !is_same_server(parts.authority, server))
		return false;
	add_base(&parts, base, &before);
	joined = arena_alloc(arena, before.n + parts.path.n + 1);
	memcpy(joined, before.p, before.n);
	memcpy(joined + before.n, parts.path.p, parts.path.n);
	out = arena_alloc(arena, before.n + parts.path.n +
	    parts.query.n + 1);
	path = remove_dots((struct text){ .p = joined,
	    .n = before.n + parts.path.n }, out);
	if (path.n == 0 || path.p[0] != '/' ||
	    text_starts_with(path, TEXT("//")))
		return false;
	memcpy(out + path.n, parts.query.p, parts.query.n);
	reference->target = (struct text){ .p = out,
	    .n = path.n + parts.query.n };
	reference->fragment = parts.fragment;
	return true;
}
