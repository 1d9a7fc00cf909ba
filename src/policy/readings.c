/*
 * The ways in which a path could be read; see readings.h.  Its segments are in
 * readings_walk.c, prefixes in readings_begin.c, the pieces shown in messages
 * in readings_piece.c.
 */
#include "policy/readings.h"

#include "policy/character.h"

/* All servers read the path alike. */
static bool
is_plain(struct text path)
{
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];

		/* No character above "?" in ASCII matters. */
		if ((unsigned char)c > '?')
			continue;
		if (c == '/') {
			if (i + 1 < path.n && (path.p[i + 1] == '/' ||
			    path.p[i + 1] == '.'))
				return false;
			continue;
		}
		if (c == '%' || character_is_cut((unsigned char)c))
			return false;
	}
	return true;
}

struct reading
readings_finest(const struct readings *r)
{
	return (struct reading){
		.of = r, .slash = r->slash, .backslash = r->backslash,
		.twice = r->twice,
	};
}

static void
find_slashes(struct readings *r)
{
	const char *p = r->path.p, *end = p + r->path.n;
	struct character c;

	r->twice = text_contains(r->path, TEXT("%25"));
	while (p < end) {
		p = character_take(p, end, r->twice, &c);
		r->slash |= c.encoded && c.c == '/';
		r->backslash |= c.encoded && c.c == '\\';
	}
}

static void
find_last_step(struct readings *r)
{
	const struct reading fine = readings_finest(r);
	struct reading_walk w = { .reading = &fine };
	struct text segment;

	while (reading_segment(&w, &segment)) {
		if (w.steps & READING_STEP)
			r->last_step = segment.p + segment.n;
	}
}

/* How dot segments are recognised before anything is decoded. */
struct manner {
	bool encoded;			/* "%2e" is a dot: browsers' URLs */
	bool merged;			/* empty segments are none */
	bool cut;			/* parameters are cut first */
};

/* The number of dots of a dot segment; 0 for any other segment. */
static unsigned
dots(struct text segment, bool encoded)
{
	const char *p = segment.p, *end = p + segment.n;
	struct character c;
	unsigned n = 0;

	for (; p < end; n++) {
		p = character_take_once(p, end, &c);
		if (n == 2 || c.c != '.' || (c.encoded && !encoded))
			return 0;
	}
	return n;
}

static struct text
without_parameters(struct text segment)
{
	const char *mark = memchr(segment.p, ';', segment.n);

	return mark != NULL ? text_range(segment.p, mark) : segment;
}

/* Adds the segments resolved by RFC 3986 section 5.2.4, in this manner. */
static void
add_resolved(struct readings *r, struct manner m)
{
	struct reading_list *list = &r->lists[r->n_lists];
	struct text left = r->path, segment, name;
	size_t all = 0;

	for (size_t i = 0; i < r->path.n; i++)
		all += r->path.p[i] == '/';
	list->v = arena_alloc(r->arena, (all + 1) * sizeof(*list->v));
	(void)text_split(&left, '/', &segment);
	while (text_split(&left, '/', &segment)) {
		name = m.cut ? without_parameters(segment) : segment;
		switch (dots(name, m.encoded)) {
		case 0:
			if (name.n != 0 || !m.merged)
				list->v[list->n++] = segment;
			break;
		case 2:
			list->n -= list->n != 0;
			break;
		}
	}
	r->n_lists++;
}

/* Without encoded slashes it does not matter when dots are resolved. */
static void
add_lists(struct readings *r)
{
	const struct manner can = {
		.encoded = memchr(r->path.p, '%', r->path.n) != NULL,
		.merged = text_contains(r->path, TEXT("//")) ||
		    text_contains(r->path, TEXT("/;")),
		.cut = memchr(r->path.p, ';', r->path.n) != NULL,
	};

	if (r->last_step == NULL || (!r->slash && !r->backslash))
		return;
	for (unsigned i = 0; i < 8; i++) {
		const struct manner m = {
			.encoded = i & 1, .merged = i & 2, .cut = i & 4,
		};

		if ((can.encoded || !m.encoded) && (can.merged || !m.merged) &&
		    (can.cut || !m.cut))
			add_resolved(r, m);
	}
}

void
readings_init(struct readings *r, struct text target, struct arena *arena)
{
	struct text path = target;
	const char *mark = memchr(target.p, '?', target.n);

	if (mark != NULL)
		path.n = (size_t)(mark - target.p);
	*r = (struct readings){
		.path = path, .kinds = READING_ALL, .n_lists = 1,
		.arena = arena, .plain = is_plain(path),
	};
	if (r->plain)
		return;
	find_slashes(r);
	find_last_step(r);
	add_lists(r);
}

struct readings
readings_only(const struct readings *r, unsigned kinds)
{
	struct readings only = *r;

	only.kinds = kinds;
	only.slash = r->slash && (kinds & READING_SLASH);
	only.backslash = r->backslash && (kinds & READING_BACKSLASH);
	only.twice = r->twice && (kinds & READING_TWICE);
	if (!(kinds & READING_DOTS))
		only.n_lists = 1;
	return only;
}

/* Decodes the last three bytes, as long as they encode one. */
static size_t
decode_end(char *p, size_t n)
{
	struct character c;

	while (n >= 3 && p[n - 3] == '%') {
		(void)character_take_once(p + n - 3, p + n, &c);
		if (!c.encoded)
			break;
		n -= 2;
		p[n - 1] = (char)c.c;
	}
	return n;
}

struct text
readings_bare(const struct readings *r)
{
	char *out = arena_alloc(r->arena, r->path.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < r->path.n; i++) {
		out[n++] = r->path.p[i];
		n = decode_end(out, n);
	}
	for (size_t i = 0; i < n; i++) {
		if (out[i] == '?')
			out[i] = ';';
		else if (out[i] == '\\')
			out[i] = '/';
	}
	return (struct text){ .p = out, .n = n };
}
