/*
 * What the codec tells an exchange of its client, and how long the client may
 * take; see exchange.h.
 */
#include "client/exchange.h"

/* -- the codec's events -- */

static void
exchange_on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	struct exchange *x = owner;
	uint64_t most = x->client->terms->env->conf->limits.body;

	x->request_ended = end;
	x->awaits_continue = false;
	x->record.request_bytes += n;
	x->credit -= n < x->credit ? n : x->credit;
	data_rate_feed(&x->body, n);
	if (exchange_is_over(x))
		return;
	if (most != 0 && x->record.request_bytes > most)
		exchange_fault(x, FAULT_BODY_TOO_LARGE, NULL);
	else
		x->client->terms->handler->body(x, p, n, end);
}

/* Trailers have been checked by the codec, and are dropped. */
static void
exchange_on_head(void *owner, const struct head *head, bool end)
{
	(void)head;
	exchange_on_body(owner, NULL, 0, end);
}

static void
exchange_on_room(void *owner)
{
	struct exchange *x = owner;

	if (!exchange_is_over(x))
		x->client->terms->handler->room(x);
}

static void
exchange_on_sent(void *owner, size_t n)
{
	struct exchange *x = owner;

	x->record.response_bytes += n;
	exchange_on_room(x);
}

static void
exchange_on_closed(void *owner)
{
	exchange_end(owner);
}

static void
exchange_on_reset(void *owner, enum codec_error why)
{
	exchange_client_failed(owner, why);
}

static const struct stream_events stream_events = {
	.head = exchange_on_head,
	.body = exchange_on_body,
	.room = exchange_on_room,
	.sent = exchange_on_sent,
	.closed = exchange_on_closed,
	.reset = exchange_on_reset,
};

void
exchange_client_failed(struct exchange *x, enum codec_error why)
{
	exchange_fault(x, fault_of_codec(why),
	    codec_complaint(x->client->codec));
}

/* -- time -- */

/* The response may have ended in this very turn. */
static void
exchange_on_body_late(void *owner)
{
	struct exchange *x = owner;

	if (!exchange_is_over(x))
		exchange_fault(x, FAULT_REQUEST_TIMEOUT,
		    "the body came too slowly");
}

static void
exchange_on_reading_late(void *owner)
{
	struct exchange *x = owner;

	x->client->terms->unread(x->client->owner, x);
}

void
exchange_listen(struct exchange *x)
{
	const struct conf *conf = x->client->terms->env->conf;
	struct loop *loop = x->client->terms->env->loop;

	data_rate_init(&x->body, loop, exchange_on_body_late, x);
	data_rate_begin(&x->body, conf->timeouts.body,
	    conf->limits.body_rate);
	data_rate_init(&x->reading, loop, exchange_on_reading_late, x);
	data_rate_begin(&x->reading, conf->timeouts.send,
	    conf->limits.body_rate);
	codec_own(x->client->codec, x->stream, &stream_events, x);
}

/*
 * While its link is blocked, by this exchange's output or by that of an earlier
 * one, the client has to read, and is not expected to send.
 */
static enum exchange_waits
waits_for(const struct exchange *x, bool blocked)
{
	if (blocked)
		return EXCHANGE_WAITS_READING;
	return x->credit != 0 && !x->request_ended && !x->awaits_continue &&
	    !exchange_is_over(x) ? EXCHANGE_WAITS_BODY : EXCHANGE_WAITS_NOT;
}

void
exchange_wait(struct exchange *x, bool blocked)
{
	enum exchange_waits waits = waits_for(x, blocked);

	if (waits == x->waits)
		return;
	x->waits = waits;
	data_rate_run(&x->body, waits == EXCHANGE_WAITS_BODY);
	data_rate_run(&x->reading, waits == EXCHANGE_WAITS_READING);
}
