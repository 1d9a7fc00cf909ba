/*
 * The pieces of a path that can be read in several ways, for messages; see
 * readings.h.
 */
#include "policy/readings.h"

#include "policy/character.h"

/* Bytes of a piece that are shown; the value of a parameter never is. */
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
		return character_is_cut(c.c);
	case READING_TWICE:
		return c.encoded && c.c == '%';
	case READING_RESERVED:
		return c.encoded && !character_is_unreserved(c.c);
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
		next = character_take(p, end, twice, &c);
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
	const struct reading fine = readings_finest(r);
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
