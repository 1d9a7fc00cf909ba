/*
 * The search for a key in a body; see reflection.h.
 *
 * What is held back equals the beginning of the value, so it need not be
 * kept: it is read from the value itself.
 */
#include "proxy/reflection.h"

#include <string.h>

#include "proxy/credential.h"

static struct text
value_of(const struct reflection *r)
{
	return (struct text){
		.p = (const char *)secret_read(r->key->value),
		.n = secret_len(r->key->value),
	};
}

static struct text
head_of(struct text t, size_t n)
{
	return (struct text){ .p = t.p, .n = n < t.n ? n : t.n };
}

static struct text
tail_of(struct text t, size_t n)
{
	return n < t.n ? text_range(t.p + (t.n - n), t.p + t.n) : t;
}

void
reflection_start(struct reflection *r, const struct conf_key *key)
{
	*r = (struct reflection){ .key = key };
}

/*
 * What is held, from its at-th byte on, and the piece behind it begin like
 * the value, as far as both go.
 */
static bool
continues(struct text value, size_t held, size_t at, struct text piece)
{
	struct text old = { .p = value.p + at, .n = held - at };
	struct text rest = head_of(piece, value.n - old.n);

	return text_eq(old, head_of(value, old.n)) &&
	    text_eq(rest, head_of((struct text){ .p = value.p + old.n,
	    .n = value.n - old.n }, rest.n));
}

/* The value stands across the border of what is held and the piece. */
static bool
crosses(struct text value, size_t held, struct text piece)
{
	for (size_t at = 0; at < held; at++) {
		if (held - at + piece.n >= value.n &&
		    continues(value, held, at, piece))
			return true;
	}
	return false;
}

/* How many last bytes of both together may be the value's beginning. */
static size_t
suspicious(struct text value, size_t held, struct text piece)
{
	for (size_t at = 0; at < held; at++) {
		if (held - at + piece.n < value.n &&
		    continues(value, held, at, piece))
			return held - at + piece.n;
	}
	for (size_t n = piece.n < value.n ? piece.n : value.n - 1; n > 0;
	    n--) {
		if (text_eq(tail_of(piece, n), head_of(value, n)))
			return n;
	}
	return 0;
}

bool
reflection_pass(struct reflection *r, struct text piece, struct text *first,
    struct text *second)
{
	struct text value = value_of(r);
	size_t held, pass;

	if (value.n < CREDENTIAL_SEARCHED) {
		*first = TEXT("");
		*second = piece;
		return true;
	}
	if (crosses(value, r->held, piece) || text_contains(piece, value))
		return false;
	held = suspicious(value, r->held, piece);
	pass = r->held + piece.n - held;
	*first = head_of(value, pass < r->held ? pass : r->held);
	*second = head_of(piece, pass - first->n);
	r->held = held;
	return true;
}

struct text
reflection_rest(struct reflection *r)
{
	struct text rest = head_of(value_of(r), r->held);

	r->held = 0;
	return rest;
}
