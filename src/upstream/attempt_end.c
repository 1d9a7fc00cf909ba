/*
 * The ends of an attempt; see attempt_parts.h.
 */
#include "upstream/attempt_parts.h"

void
attempt_let_go(struct attempt *a)
{
	struct connection *c = a->connection;

	if (c == NULL)
		return;
	a->connection = NULL;
	codec_reset(connection_codec(c), a->id, CODEC_CANCEL);
	pool_release(c);
}

void
attempt_stop_looking(struct attempt *a)
{
	deferred_cancel(&a->passing);
	timer_end(&a->enough);
	look_release(&a->look);
}

void
attempt_complete(struct attempt *a)
{
	struct connection *c = a->connection;

	a->connection = NULL;
	data_rate_run(&a->time, false);
	if (!a->request_ended)
		codec_reset(connection_codec(c), a->id, CODEC_CANCEL);
	pool_release(c);
}

void
attempt_close(struct attempt *a)
{
	deferred_cancel(&a->failing);
	pool_cancel(&a->waiter);
	attempt_stop_looking(a);
	data_rate_end(&a->time);
	attempt_let_go(a);
	replay_drop(&a->replay);
}

void
attempt_end_badly(struct attempt *a, enum fault fault, const char *detail)
{
	attempt_close(a);
	a->of.events->fault(a->of.owner, fault, detail);
}
