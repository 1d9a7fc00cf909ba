/*
 * A request's body, to be sent again; see replay.h.
 */
#include "upstream/replay.h"

void
replay_init(struct replay *r, struct blocks *blocks, size_t limit)
{
	*r = (struct replay){ .limit = limit };
	buf_init(&r->bytes, blocks);
}

void
replay_drop(struct replay *r)
{
	buf_release(&r->bytes);
	r->lost = true;
}

void
replay_keep(struct replay *r, const uint8_t *p, size_t n, bool end)
{
	if (r->lost)
		return;
	if (n > r->limit - buf_len(&r->bytes)) {
		replay_drop(r);
		return;
	}
	buf_append(&r->bytes, p, n);
	r->ended = end;
}

void
replay_hold(struct replay *r, const uint8_t *p, size_t n, bool end)
{
	buf_append(&r->bytes, p, n);
	r->ended = end;
}

void
replay_sent(struct replay *r)
{
	if (buf_len(&r->bytes) > r->limit)
		replay_drop(r);
}

bool
replay_is_whole(const struct replay *r)
{
	return !r->lost;
}

bool
replay_stays_whole(const struct replay *r, const struct head *request)
{
	if (r->lost)
		return false;
	if (r->ended)
		return buf_len(&r->bytes) <= r->limit;
	return head_has_no_body(request) ||
	    (request->framing == BODY_LENGTH && request->length <= r->limit);
}
