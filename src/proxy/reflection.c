/*
 * The search for a key in a body; see reflection.h.
 *
 * A piece is searched where it lies.  Only what stands across a border is
 * put together: what is held, and as much of the next piece as it may need.
 */
#include "proxy/reflection.h"

#include <assert.h>

static struct text
head_of(struct text t, size_t n)
{
	return (struct text){ .p = t.p, .n = n < t.n ? n : t.n };
}

/* What was passed on is held no longer. */
static void
forget_passed(struct reflection *r)
{
	if (r->passed != 0)
		buf_consume_wipe(&r->held, r->passed);
	r->passed = 0;
}

void
reflection_start(struct reflection *r, const struct needles *needles,
    struct blocks *blocks)
{
	*r = (struct reflection){ .needles = needles };
	buf_init(&r->held, blocks);
}

void
reflection_release(struct reflection *r)
{
	r->passed = buf_len(&r->held);
	forget_passed(r);
}

/* The piece is short: all of it is held, and then passed as far as can be. */
static bool
pass_short(struct reflection *r, struct text *first)
{
	struct sighting s = needles_search(r->needles, buf_text(&r->held));

	r->passed = s.suspect;
	*first = head_of(buf_text(&r->held), s.suspect);
	return !s.found;
}

/*
 * The piece is longer than what is held can need, which is held no longer;
 * what is to be held is at the piece's end.
 */
static bool
pass_long(struct reflection *r, struct text piece, struct text *first,
    struct text *second)
{
	struct sighting s = needles_search(r->needles, piece);
	size_t n = buf_len(&r->held);

	buf_append(&r->held, piece.p + s.suspect, piece.n - s.suspect);
	r->passed = n;
	*first = head_of(buf_text(&r->held), n);
	*second = head_of(piece, s.suspect);
	return !s.found;
}

bool
reflection_pass(struct reflection *r, struct text piece, struct text *first,
    struct text *second)
{
	size_t old;
	struct sighting s;

	*first = *second = TEXT("");
	if (piece.n == 0)
		return true;
	forget_passed(r);
	old = buf_len(&r->held);
	if (old == 0)
		return pass_long(r, piece, first, second);
	buf_append_text(&r->held, head_of(piece, r->needles->reach));
	if (piece.n <= r->needles->reach)
		return pass_short(r, first);
	s = needles_search(r->needles, buf_text(&r->held));
	if (s.found)
		return false;
	assert(s.suspect >= old);
	buf_truncate(&r->held, old);
	return pass_long(r, piece, first, second);
}

bool
reflection_goes_on(struct reflection *r, struct text t)
{
	size_t old;
	bool found;

	forget_passed(r);
	old = buf_len(&r->held);
	if (old == 0)
		return false;
	buf_append_text(&r->held, head_of(t, r->needles->reach));
	found = needles_found(r->needles, buf_text(&r->held));
	buf_truncate(&r->held, old);
	return found;
}

struct text
reflection_rest(struct reflection *r)
{
	struct text rest = buf_text(&r->held);

	/* What was told to be passed on may not have been yet. */
	rest.p += r->passed;
	rest.n -= r->passed;
	r->passed += rest.n;
	return rest;
}
