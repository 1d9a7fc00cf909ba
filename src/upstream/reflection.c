/*
 * The search for a key in a body; see reflection.h.
 *
 * A piece is searched in place.  Only the text across a border is copied
 * together: the bytes held, and as much of the next piece as they may need.
 */
#include "upstream/reflection.h"

#include <assert.h>

static struct text
head_of(struct text t, size_t n)
{
	return (struct text){ .p = t.p, .n = n < t.n ? n : t.n };
}

/* Drops bytes that cannot be the beginning of a key any more. */
static void
forget_past(struct reflection *r)
{
	if (r->past != 0)
		buf_consume_wipe(&r->held, r->past);
	r->passed -= r->past;
	r->past = 0;
}

void
reflection_start(struct reflection *r, struct blocks *blocks)
{
	*r = (struct reflection){ .past = 0 };
	buf_init(&r->held, blocks);
}

void
reflection_release(struct reflection *r)
{
	r->past = r->passed = buf_len(&r->held);
	forget_past(r);
}

/*
 * How many of a text of n bytes may be passed on; those from suspect on may
 * begin a key.
 */
static size_t
may_leave(size_t n, size_t suspect)
{
	return n - suspect < REFLECTION_HELD ? n : suspect;
}

/* The piece is short: all of it is held, then passed on as far as possible. */
static bool
pass_short(struct reflection *r, const struct secret_set *ns,
    struct text *first)
{
	struct text t = buf_text(&r->held);
	struct sighting s = secret_set_search(ns, t);
	size_t old = r->passed, leave = may_leave(t.n, s.suspect);

	r->past = s.suspect;
	r->passed = leave > old ? leave : old;
	*first = text_range(t.p + old, t.p + r->passed);
	return !s.found;
}

/*
 * The piece is longer than the held bytes can need, so they are dropped; the
 * bytes to be held are at the piece's end.
 */
static bool
pass_long(struct reflection *r, const struct secret_set *ns,
    struct text piece, struct text *first, struct text *second)
{
	struct sighting s = secret_set_search(ns, piece);
	size_t n = buf_len(&r->held), leave = may_leave(piece.n, s.suspect);
	struct text held;

	buf_append(&r->held, piece.p + s.suspect, piece.n - s.suspect);
	held = buf_text(&r->held);
	*first = text_range(held.p + r->passed, held.p + n);
	*second = head_of(piece, leave);
	r->past = n;
	r->passed = n + leave - s.suspect;
	return !s.found;
}

bool
reflection_pass(struct reflection *r, const struct secret_set *ns,
    struct text piece, struct text *first, struct text *second)
{
	size_t old, reach;
	struct sighting s;

	*first = *second = TEXT("");
	if (piece.n == 0)
		return true;
	forget_past(r);
	old = buf_len(&r->held);
	if (old == 0)
		return pass_long(r, ns, piece, first, second);
	reach = secret_set_reach(ns);
	buf_append_text(&r->held, head_of(piece, reach));
	if (piece.n <= reach)
		return pass_short(r, ns, first);
	s = secret_set_search(ns, buf_text(&r->held));
	if (s.found)
		return false;
	assert(s.suspect >= old);
	buf_truncate(&r->held, old);
	return pass_long(r, ns, piece, first, second);
}

bool
reflection_goes_on(struct reflection *r, const struct secret_set *ns,
    struct text t)
{
	size_t old;
	bool found;

	forget_past(r);
	old = buf_len(&r->held);
	if (old == 0)
		return false;
	buf_append_text(&r->held, head_of(t, secret_set_reach(ns)));
	found = secret_set_found(ns, buf_text(&r->held));
	buf_truncate(&r->held, old);
	return found;
}

struct text
reflection_rest(struct reflection *r)
{
	struct text t = buf_text(&r->held);
	struct text rest = text_range(t.p + r->passed, t.p + t.n);

	/*
	 * Only marked as passed: the caller may not have used earlier bytes
	 * yet.
	 */
	r->past = r->passed = t.n;
	return rest;
}
