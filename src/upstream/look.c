/*
 * A response that is looked at; see look.h.
 */
#include "upstream/look.h"

size_t
look_begin(struct look *l, struct arena *arena, struct blocks *blocks,
    const struct head *head, bool end, size_t credit)
{
	*l = (struct look){
		.state = LOOK_COLLECTS,
		.end = end ? LOOK_ENDED : LOOK_OPEN,
		.arena = arena,
		.head = head_copy(arena, head),
		.advance = end || credit >= LOOK_MOST ? 0 :
		    LOOK_MOST - credit,
	};
	buf_init(&l->body, blocks);
	return l->advance;
}

void
look_body(struct look *l, const uint8_t *p, size_t n, bool end)
{
	buf_append(&l->body, p, n);
	if (end)
		l->end = LOOK_ENDED;
}

void
look_trailers(struct look *l, const struct head *trailers)
{
	l->trailers = head_copy(l->arena, trailers);
	l->end = LOOK_TRAILERS;
}

void
look_cut(struct look *l, enum fault fault, const char *detail)
{
	l->fault = fault;
	l->detail = arena_cstr(l->arena, text_of(detail));
	l->end = LOOK_CUT;
}

bool
look_is_enough(const struct look *l)
{
	return l->end != LOOK_OPEN || buf_len(&l->body) >= LOOK_MOST;
}

struct text
look_text(const struct look *l)
{
	struct text t = buf_text(&l->body);

	if (t.n > LOOK_MOST)
		t.n = LOOK_MOST;
	return t;
}

size_t
look_credit(struct look *l, size_t n)
{
	size_t paid = n < l->advance ? n : l->advance;

	l->advance -= paid;
	return n - paid;
}

struct buf
look_take(struct look *l, size_t credit)
{
	struct buf part = l->body;

	if (buf_len(&l->body) <= credit) {
		buf_init(&l->body, part.blocks);
		return part;
	}
	buf_init(&part, l->body.blocks);
	buf_append(&part, buf_data(&l->body), credit);
	buf_consume(&l->body, credit);
	return part;
}

bool
look_is_empty(const struct look *l)
{
	return buf_len(&l->body) == 0;
}

void
look_release(struct look *l)
{
	if (l->state != LOOK_OFF)
		buf_release(&l->body);
	*l = (struct look){ .state = LOOK_OFF };
}
