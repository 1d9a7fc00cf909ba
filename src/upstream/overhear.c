/*
 * A response that is read while it passes; see overhear.h.
 */
#include "upstream/overhear.h"

enum refusal
overhear_end(struct overhear *o)
{
	enum refusal r;

	if (o->head == NULL)
		return REFUSAL_NONE;
	r = refusal_of(o->head, buf_text(&o->body), o->body.blocks);
	o->head = NULL;
	buf_release(&o->body);
	return r;
}

enum refusal
overhear_head(struct overhear *o, struct arena *arena, struct blocks *blocks,
    const struct head *head, bool end)
{
	enum refusal r;

	if (refusal_of_head(head, &r))
		return r;
	o->head = head_copy(arena, head);
	buf_init(&o->body, blocks);
	return end ? overhear_end(o) : REFUSAL_NONE;
}

enum refusal
overhear_body(struct overhear *o, const uint8_t *p, size_t n, bool end)
{
	size_t room;

	if (o->head == NULL)
		return REFUSAL_NONE;
	room = REFUSAL_BODY - buf_len(&o->body);
	buf_append(&o->body, p, n < room ? n : room);
	return end || n >= room ? overhear_end(o) : REFUSAL_NONE;
}
