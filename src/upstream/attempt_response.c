/*
 * A response on its way to the owner; see attempt_parts.h.
 *
 * It goes straight there, unless the owner wants to look at it first: then it
 * is collected, shown, and passed on after that.
 */
#include "upstream/attempt_parts.h"

#include "upstream/stream_fault.h"

/*
 * An upstream that answers before it has the request may never read it: the
 * connection will be closed, whatever the response says.
 */
static bool
overtook_request(const struct attempt *a)
{
	return !head_has_no_body(a->of.request) && (!a->request_ended ||
	    !connection_has_arrived(a->connection));
}

/* Once the owner has got the head of a response, there is no other attempt. */
static bool
pass_head(struct attempt *a, const struct head *head, bool end)
{
	if (head->kind == HEAD_RESPONSE)
		replay_drop(&a->replay);
	return a->of.events->head(a->of.owner, head, end);
}

/* Passes on the end, after all that was collected. */
static void
pass_end(struct attempt *a)
{
	const struct look l = a->look;

	/* The codec may still send more than there is room for. */
	if (l.end == LOOK_OPEN && l.advance != 0)
		return;
	look_release(&a->look);
	if (l.end == LOOK_TRAILERS)
		(void)pass_head(a, l.trailers, true);
	else if (l.end == LOOK_CUT)
		attempt_end_badly(a, l.fault, l.detail);
}

/* Passes on what was collected, as far as there is credit. */
static void
pass_collected(void *owner)
{
	struct attempt *a = owner;
	struct buf part = look_take(&a->look, a->credit);
	struct text bytes = buf_text(&part);
	bool all = look_is_empty(&a->look), goes_on = true;
	bool end = all && a->look.end == LOOK_ENDED;

	a->credit -= bytes.n;
	if (bytes.n != 0 || end)
		goes_on = a->of.events->body(a->of.owner,
		    (const uint8_t *)bytes.p, bytes.n, end);
	buf_release(&part);
	if (goes_on && all)
		pass_end(a);
}

/* Shows it to the owner, and passes it on if the owner wants it. */
static void
ask(void *owner)
{
	struct attempt *a = owner;
	struct look *l = &a->look;
	bool whole = l->end == LOOK_ENDED || l->end == LOOK_TRAILERS;
	bool end = l->end == LOOK_ENDED && look_is_empty(l);

	timer_end(&a->enough);
	l->state = LOOK_PASSES;
	if (!a->of.events->look(a->of.owner, l->head, look_text(l), whole))
		return;
	if (a->connection != NULL)
		attempt_watch(a);
	if (!pass_head(a, l->head, end))
		return;
	if (end)
		look_release(l);
	else
		pass_collected(a);
}

static void
go_on(struct attempt *a)
{
	if (a->look.state == LOOK_PASSES)
		pass_collected(a);
	else if (look_is_enough(&a->look))
		ask(a);
}

void
attempt_response_fails(struct attempt *a, enum fault fault,
    const char *detail)
{
	if (a->look.state == LOOK_OFF) {
		attempt_end_badly(a, fault, detail);
		return;
	}
	data_rate_run(&a->time, false);
	look_cut(&a->look, fault, detail);
	go_on(a);
}

/* How long a response is held up at most to be looked at. */
#define LOOK_MS		1000

static void
look_at(struct attempt *a, const struct head *head, bool end)
{
	size_t more = look_begin(&a->look, a->of.arena,
	    loop_blocks(a->of.loop), head, end, a->credit);

	deferred_init(&a->passing, LOOP_SOON, pass_collected, a);
	if (end) {
		attempt_complete(a);
		ask(a);
		return;
	}
	timer_init(&a->enough, a->of.loop, ask, a);
	timer_set(&a->enough, LOOK_MS);
	if (more != 0)
		codec_credit(connection_codec(a->connection), a->id, more);
	attempt_watch(a);
	connection_wake(a->connection);
}

static void
take_response(struct attempt *a, const struct head *head, bool end)
{
	connection_note_response(a->connection, head);
	if (overtook_request(a))
		connection_spoil(a->connection);
	a->of.record->upstream_head_ns = loop_now(a->of.loop);
	attempt_await_body(a);
	attempt_watch(a);
	if (a->of.events->wants_look != NULL &&
	    a->of.events->wants_look(a->of.owner, head))
		look_at(a, head, end);
	else if (pass_head(a, head, end) && end)
		attempt_complete(a);
}

void
attempt_on_head(void *owner, const struct head *head, bool end)
{
	struct attempt *a = owner;

	if (connection_heard_early(a->connection)) {
		attempt_end_badly(a, FAULT_UPSTREAM_PROTOCOL,
		    STREAM_FAULT_EARLY);
		return;
	}
	if (head->kind == HEAD_RESPONSE) {
		take_response(a, head, end);
		return;
	}
	if (head->kind == HEAD_INTERIM && head->status == 100) {
		a->awaits_continue = false;
		attempt_watch(a);
	}
	if (a->look.state != LOOK_OFF) {
		look_trailers(&a->look, head);
		attempt_complete(a);
		go_on(a);
	} else if (pass_head(a, head, end) && end) {
		attempt_complete(a);
	}
}

void
attempt_on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	struct attempt *a = owner;
	bool held_up = a->look.state != LOOK_OFF;

	if (held_up)
		look_body(&a->look, p, n, end);
	else
		a->credit -= n;
	/* At the end nothing more is waited for. */
	if (!end) {
		data_rate_feed(&a->time, n);
		attempt_watch(a);
	}
	if (held_up) {
		if (end)
			attempt_complete(a);
		go_on(a);
		return;
	}
	if (a->of.events->body(a->of.owner, p, n, end) && end)
		attempt_complete(a);
}
