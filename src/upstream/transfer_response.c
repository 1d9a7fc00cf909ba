/*
 * A response on its way to the owner; see transfer_parts.h.
 *
 * It goes straight there, unless the owner wants to look at it first: then it
 * is collected, shown, and passed on after that.
 */
#include "upstream/transfer_parts.h"

#include "upstream/stream_fault.h"

/*
 * An upstream that answers before it has the request may never read it: the
 * connection will be closed, whatever the response says.
 */
static bool
overtook_request(const struct transfer *t)
{
	return !head_has_no_body(t->of.request) && (!t->request_ended ||
	    !connection_has_arrived(t->connection));
}

/* Once the owner has got the head of a response, there is no other attempt. */
static bool
pass_head(struct transfer *t, const struct head *head, bool end)
{
	if (head->kind == HEAD_RESPONSE)
		replay_drop(&t->replay);
	return t->of.events->head(t->of.owner, head, end);
}

/* Passes on the end, after all that was collected. */
static void
pass_end(struct transfer *t)
{
	const struct look l = t->look;

	/* The codec may still send more than there is room for. */
	if (l.end == LOOK_OPEN && l.advance != 0)
		return;
	look_release(&t->look);
	if (l.end == LOOK_TRAILERS)
		(void)pass_head(t, l.trailers, true);
	else if (l.end == LOOK_CUT)
		transfer_end_badly(t, l.fault, l.detail);
}

/* Passes on what was collected, as far as there is credit. */
static void
pass_collected(void *owner)
{
	struct transfer *t = owner;
	struct buf part = look_take(&t->look, t->credit);
	struct text bytes = buf_text(&part);
	bool all = look_is_empty(&t->look), goes_on = true;
	bool end = all && t->look.end == LOOK_ENDED;

	t->credit -= bytes.n;
	if (bytes.n != 0 || end)
		goes_on = t->of.events->body(t->of.owner,
		    (const uint8_t *)bytes.p, bytes.n, end);
	buf_release(&part);
	if (goes_on && all)
		pass_end(t);
}

/* Shows it to the owner, and passes it on if the owner wants it. */
static void
ask(void *owner)
{
	struct transfer *t = owner;
	struct look *l = &t->look;
	bool whole = l->end == LOOK_ENDED || l->end == LOOK_TRAILERS;
	bool end = l->end == LOOK_ENDED && look_is_empty(l);

	timer_end(&t->enough);
	l->state = LOOK_PASSES;
	if (!t->of.events->look(t->of.owner, l->head, look_text(l), whole))
		return;
	if (t->connection != NULL)
		transfer_watch(t);
	if (!pass_head(t, l->head, end))
		return;
	if (end)
		look_release(l);
	else
		pass_collected(t);
}

static void
go_on(struct transfer *t)
{
	if (t->look.state == LOOK_PASSES)
		pass_collected(t);
	else if (look_is_enough(&t->look))
		ask(t);
}

void
transfer_response_fails(struct transfer *t, enum fault fault,
    const char *detail)
{
	if (t->look.state == LOOK_OFF) {
		transfer_end_badly(t, fault, detail);
		return;
	}
	data_rate_run(&t->time, false);
	look_cut(&t->look, fault, detail);
	go_on(t);
}

/* How long a response is held up at most to be looked at. */
#define LOOK_MS		1000

static void
look_at(struct transfer *t, const struct head *head, bool end)
{
	size_t more = look_begin(&t->look, t->of.arena,
	    loop_blocks(t->of.loop), head, end, t->credit);

	deferred_init(&t->passing, LOOP_SOON, pass_collected, t);
	if (end) {
		transfer_complete(t);
		ask(t);
		return;
	}
	timer_init(&t->enough, t->of.loop, ask, t);
	timer_set(&t->enough, LOOK_MS);
	if (more != 0)
		codec_credit(connection_codec(t->connection), t->id, more);
	transfer_watch(t);
	connection_wake(t->connection);
}

static void
on_response(struct transfer *t, const struct head *head, bool end)
{
	connection_note_response(t->connection, head);
	if (overtook_request(t))
		connection_spoil(t->connection);
	t->of.record->upstream_head_ns = loop_now(t->of.loop);
	transfer_await_body(t);
	transfer_watch(t);
	if (t->of.events->wants_look != NULL &&
	    t->of.events->wants_look(t->of.owner, head))
		look_at(t, head, end);
	else if (pass_head(t, head, end) && end)
		transfer_complete(t);
}

void
transfer_on_head(void *owner, const struct head *head, bool end)
{
	struct transfer *t = owner;

	if (connection_heard_early(t->connection)) {
		transfer_end_badly(t, FAULT_UPSTREAM_PROTOCOL,
		    STREAM_FAULT_EARLY);
		return;
	}
	if (head->kind == HEAD_RESPONSE) {
		on_response(t, head, end);
		return;
	}
	if (head->kind == HEAD_INTERIM && head->status == 100) {
		t->awaits_continue = false;
		transfer_watch(t);
	}
	if (t->look.state != LOOK_OFF) {
		look_trailers(&t->look, head);
		transfer_complete(t);
		go_on(t);
	} else if (pass_head(t, head, end) && end) {
		transfer_complete(t);
	}
}

void
transfer_on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	struct transfer *t = owner;

	data_rate_feed(&t->time, n);
	if (t->look.state != LOOK_OFF) {
		look_body(&t->look, p, n, end);
		if (end)
			transfer_complete(t);
		else
			transfer_watch(t);
		go_on(t);
		return;
	}
	t->credit -= n;
	transfer_watch(t);
	if (t->of.events->body(t->of.owner, p, n, end) && end)
		transfer_complete(t);
}
