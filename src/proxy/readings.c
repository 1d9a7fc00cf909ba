/*
 * How paths are read; see readings.h.  Beginnings are in readings_begin.c.
 */
#include "proxy/readings.h"

#include "http/rules.h"

/* -- characters -- */

static unsigned
digit(char c)
{
	if (ascii_is_digit(c))
		return (unsigned)(c - '0');
	return (unsigned)(ascii_lower(c) - 'a' + 10);
}

static bool
is_hex(unsigned c)
{
	return c < 0x80 && char_is((char)c, CHAR_HEX);
}

struct character {
	unsigned c;
	bool encoded;
};

static const char *
take_once(const char *p, const char *end, struct character *c)
{
	if (*p != '%' || end - p < 3 || !char_is(p[1], CHAR_HEX) ||
	    !char_is(p[2], CHAR_HEX)) {
		*c = (struct character){ .c = (unsigned char)*p };
		return p + 1;
	}
	*c = (struct character){
		.c = digit(p[1]) << 4 | digit(p[2]), .encoded = true,
	};
	return p + 3;
}

/* "%2541" and "%25%34%31" are "A" to whom decodes twice. */
static const char *
take(const char *p, const char *end, bool twice, struct character *c)
{
	struct character high, low;
	const char *next = take_once(p, end, c), *after;

	if (!twice || c->c != '%' || next == end)
		return next;
	after = take_once(next, end, &high);
	if (!is_hex(high.c) || after == end)
		return next;
	after = take_once(after, end, &low);
	if (!is_hex(low.c))
		return next;
	*c = (struct character){
		.c = digit((char)high.c) << 4 | digit((char)low.c),
		.encoded = true,
	};
	return after;
}

/* RFC 3986 section 2.3: encoded or not, it is the same. */
static bool
is_unreserved(unsigned c)
{
	return c < 0x80 && (ascii_is_alnum((char)c) || c == '-' || c == '.' ||
	    c == '_' || c == '~');
}

/* From here on some readers cut: parameters, and what they decoded first. */
static bool
is_cut(unsigned c)
{
	return c == ';' || c == '?' || c == '#' || c == '\0';
}

/* -- segments -- */

static bool
same(struct character c, char of_name, bool fold, unsigned kinds)
{
	if (c.encoded && !is_unreserved(c.c) && !(kinds & READING_RESERVED))
		return false;
	if (c.c == (unsigned char)of_name)
		return true;
	return fold && c.c < 0x80 &&
	    ascii_lower((char)c.c) == ascii_lower(of_name);
}

/* Begins with this name; whole: and goes on no further, or is cut there. */
static bool
may_match(const struct reading *r, struct text segment, struct text name,
    bool fold, bool whole)
{
	const char *p = segment.p, *end = p + segment.n;
	unsigned kinds = r->of->kinds;
	struct character c;

	for (size_t i = 0; i < name.n; i++) {
		if (p == end)
			return false;
		p = take(p, end, r->twice, &c);
		if (!same(c, name.p[i], fold, kinds))
			return false;
	}
	if (!whole || p == end)
		return true;
	(void)take(p, end, r->twice, &c);
	return (kinds & READING_PARAMETERS) && is_cut(c.c);
}

bool
reading_may_be(const struct reading *r, struct text segment, struct text name)
{
	return may_match(r, segment, name, false, true);
}

bool
reading_may_fold_to(const struct reading *r, struct text segment,
    struct text name)
{
	return may_match(r, segment, name, true, true);
}

bool
reading_may_begin(const struct reading *r, struct text segment,
    struct text beginning)
{
	return may_match(r, segment, beginning, true, false);
}

bool
reading_must_be(const struct reading *r, struct text segment, struct text name)
{
	const char *p = segment.p, *end = p + segment.n;
	struct character c;

	for (size_t i = 0; i < name.n; i++) {
		if (p == end)
			return false;
		p = take(p, end, r->twice, &c);
		if (!same(c, name.p[i], false, 0))
			return false;
	}
	return p == end;
}

static unsigned
steps_of(const struct reading *r, struct text segment)
{
	unsigned kinds = r->of->kinds, steps = 0;

	if (segment.n != 0 && segment.p[0] != '.' && segment.p[0] != '%' &&
	    !is_cut((unsigned char)segment.p[0]))
		return 0;
	if ((kinds & READING_MERGE) && reading_may_be(r, segment, TEXT("")))
		steps |= READING_SKIPPED;
	if (!(kinds & READING_DOTS))
		return steps;
	if (reading_may_be(r, segment, TEXT(".")))
		steps |= READING_SKIPPED;
	if (reading_may_be(r, segment, TEXT("..")))
		steps |= READING_STEP;
	return steps;
}

bool
reading_next(struct reading *r)
{
	const struct readings *of = r->of;
	size_t at = r->at++;

	r->list = at % of->n_lists;
	at /= of->n_lists;
	r->slash = of->slash && (at & 1);
	at >>= of->slash;
	r->backslash = of->backslash && (at & 1);
	at >>= of->backslash;
	r->twice = of->twice && (at & 1);
	at >>= of->twice;
	return at == 0;
}

/* The next one between plain slashes. */
static bool
next_plain(struct reading_walk *w)
{
	const struct readings *of = w->reading->of;
	const struct reading_list *list = &of->lists[w->reading->list];

	if (list->v == NULL)
		return text_split(&w->left, '/', &w->rest);
	if (w->at == list->n)
		return false;
	w->rest = list->v[w->at++];
	return true;
}

/*
 * The first segment of rest by the slashes that are encoded.  Who cuts
 * parameters before decoding cuts the others, too, if they come behind some.
 */
static struct text
split_rest(struct reading_walk *w)
{
	const struct reading *r = w->reading;
	const char *p = w->rest.p, *end = p + w->rest.n, *next;
	struct text segment = w->rest;
	struct character c;

	w->rest.p = NULL;
	for (; (r->slash || r->backslash) && p < end; p = next) {
		next = take(p, end, r->twice, &c);
		w->cut |= is_cut(c.c);
		if (!c.encoded || !((c.c == '/' && r->slash) ||
		    (c.c == '\\' && r->backslash)))
			continue;
		w->rest = text_range(next, end);
		return text_range(segment.p, p);
	}
	return segment;
}

bool
reading_segment(struct reading_walk *w, struct text *segment)
{
	const struct reading *r = w->reading;
	bool cut;

	if (!w->begun) {
		w->begun = true;
		w->left = r->of->path;
		/* What stands before the first slash is nothing. */
		(void)text_split(&w->left, '/', &w->rest);
		w->rest.p = NULL;
	}
	if (w->rest.p == NULL) {
		w->cut = false;
		if (!next_plain(w))
			return false;
	}
	cut = w->cut && (r->of->kinds & READING_PARAMETERS);
	*segment = split_rest(w);
	w->steps = steps_of(r, *segment) | (cut ? READING_SKIPPED : 0);
	return true;
}

/* -- the path -- */

/* Nobody reads anything into it. */
static bool
is_plain(struct text path)
{
	for (size_t i = 0; i < path.n; i++) {
		char c = path.p[i];

		if (c == '%' || is_cut((unsigned char)c))
			return false;
		if (c == '/' && i + 1 < path.n &&
		    (path.p[i + 1] == '/' || path.p[i + 1] == '.'))
			return false;
	}
	return true;
}

/* What takes most for a slash and decodes most often. */
static struct reading
finest(const struct readings *r)
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
		p = take(p, end, r->twice, &c);
		r->slash |= c.encoded && c.c == '/';
		r->backslash |= c.encoded && c.c == '\\';
	}
}

static void
find_last_step(struct readings *r)
{
	const struct reading fine = finest(r);
	struct reading_walk w = { .reading = &fine };
	struct text segment;

	while (reading_segment(&w, &segment)) {
		if (w.steps & READING_STEP)
			r->last_step = segment.p + segment.n;
	}
}

/* How dot segments are told before anything is decoded. */
struct manner {
	bool encoded;			/* "%2e" is a dot: browsers' URLs */
	bool merged;			/* empty segments are none */
	bool cut;			/* parameters are cut first */
};

/* How many dots a segment is made of; 0 where it is none of them. */
static unsigned
dots(struct text segment, bool encoded)
{
	const char *p = segment.p, *end = p + segment.n;
	struct character c;
	unsigned n = 0;

	for (; p < end; n++) {
		p = take_once(p, end, &c);
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

/* RFC 3986 section 5.2.4, in some manner. */
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

/* Where no slash is encoded it does not matter when they are resolved. */
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

/* The last three bytes, while they encode one. */
static size_t
decode_end(char *p, size_t n)
{
	struct character c;

	while (n >= 3 && p[n - 3] == '%') {
		(void)take_once(p + n - 3, p + n, &c);
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

/* -- pieces -- */

/* So much of a piece is shown: none of what a parameter may hold. */
#define PIECE	8

static struct text
shorten(struct text t)
{
	const char *value = memchr(t.p, '=', t.n);

	if (value != NULL)
		t.n = (size_t)(value - t.p);
	return (struct text){ .p = t.p, .n = t.n < PIECE ? t.n : PIECE };
}

static bool
is_of_kind(struct character c, enum reading_kind kind)
{
	switch (kind) {
	case READING_SLASH:
		return c.encoded && c.c == '/';
	case READING_BACKSLASH:
		return c.encoded && c.c == '\\';
	case READING_PARAMETERS:
		return is_cut(c.c);
	case READING_TWICE:
		return c.encoded && c.c == '%';
	case READING_RESERVED:
		return c.encoded && !is_unreserved(c.c);
	case READING_DOTS:
	case READING_MERGE:
	case READING_ALL:
		break;
	}
	return false;
}

static bool
find_character(const struct readings *r, enum reading_kind kind,
    struct text *piece)
{
	const char *p = r->path.p, *end = p + r->path.n, *next, *slash;
	bool twice = r->twice && kind != READING_TWICE;
	struct character c;

	for (; p < end; p = next) {
		next = take(p, end, twice, &c);
		if (!is_of_kind(c, kind))
			continue;
		*piece = text_range(p, next);
		slash = memchr(next, '/', (size_t)(end - next));
		if (kind == READING_PARAMETERS || kind == READING_TWICE)
			*piece = shorten(text_range(p,
			    slash != NULL ? slash : end));
		return true;
	}
	return false;
}

static bool
find_dots(const struct readings *r, struct text *piece)
{
	const struct reading fine = finest(r);
	struct reading_walk w = { .reading = &fine };
	struct text segment;

	while (reading_segment(&w, &segment)) {
		if (!reading_may_be(&fine, segment, TEXT(".")) &&
		    !reading_may_be(&fine, segment, TEXT("..")))
			continue;
		*piece = shorten(segment);
		return true;
	}
	return false;
}

static bool
find_empty(const struct readings *r, struct text *piece)
{
	const char *p = memmem(r->path.p, r->path.n, "//", 2);

	if (p != NULL)
		*piece = text_range(p, p + 2);
	return p != NULL;
}

bool
readings_piece(const struct readings *r, enum reading_kind kind,
    struct text *piece)
{
	if (kind == READING_DOTS)
		return find_dots(r, piece);
	if (kind == READING_MERGE)
		return find_empty(r, piece);
	return find_character(r, kind, piece);
}
