/* The part of a path that is in doubt; see doubt.h. */
#include "policy/doubt.h"

#include "base/buf.h"

static const struct {
	enum reading_kind kind;
	const char *words;
} kinds[] = {
	{ READING_SLASH, "is a slash to some servers and not to others" },
	{ READING_BACKSLASH, "is a slash to some servers and not to others" },
	{ READING_PARAMETERS, "is cut off by some servers and not by others" },
	{ READING_DOTS, "is resolved by some servers and not by others" },
	{ READING_MERGE, "is one slash to some servers and two to others" },
	{ READING_TWICE, "is decoded once more by some servers" },
	{ READING_RESERVED, "is decoded by some servers and not by others" },
};

#define N_KINDS	(sizeof(kinds) / sizeof(*kinds))

/* The index of the kind that causes the doubt; N_KINDS if none does alone. */
static size_t
find_kind(const struct readings *r, doubt_fn *doubt, void *ctx)
{
	struct readings other;
	struct text piece;

	for (size_t i = 0; i < N_KINDS; i++) {
		other = readings_only(r, kinds[i].kind);
		if (readings_piece(r, kinds[i].kind, &piece) &&
		    doubt(ctx, &other))
			return i;
	}
	for (size_t i = 0; i < N_KINDS; i++) {
		other = readings_only(r, READING_ALL & ~kinds[i].kind);
		if (readings_piece(r, kinds[i].kind, &piece) &&
		    !doubt(ctx, &other))
			return i;
	}
	for (size_t i = 0; i < N_KINDS; i++) {
		if (readings_piece(r, kinds[i].kind, &piece))
			return i;
	}
	return N_KINDS;
}

const char *
doubt_say(const struct readings *r, size_t stripped, doubt_fn *doubt,
    void *ctx, const char *consequence, struct arena *arena)
{
	size_t i = find_kind(r, doubt, ctx);
	struct text piece;
	struct buf out;
	const char *said;

	if (i == N_KINDS || !readings_piece(r, kinds[i].kind, &piece))
		return consequence;
	buf_init(&out, NULL);
	buf_printf(&out, "\"%.*s\" at byte %zu of the path %s, and so %s",
	    TEXT_ARG(piece), stripped + (size_t)(piece.p - r->path.p) + 1,
	    kinds[i].words, consequence);
	said = arena_cstr(arena, buf_text(&out));
	buf_release(&out);
	return said;
}
