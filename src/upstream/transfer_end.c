/*
 * The ends of a transfer; see transfer_parts.h.
 */
#include "upstream/transfer_parts.h"

/*
 * Gives the connection back; it cannot be reused if something still runs on it.
 */
void
transfer_let_go(struct transfer *t)
{
	struct connection *c = t->connection;

	if (c == NULL)
		return;
	t->connection = NULL;
	codec_reset(connection_codec(c), t->id, CODEC_CANCEL);
	pool_release(c);
}

void
transfer_stop_looking(struct transfer *t)
{
	deferred_cancel(&t->passing);
	timer_end(&t->enough);
	look_release(&t->look);
}

/*
 * The response is complete; if the request is not, the link cannot be reused.
 */
void
transfer_complete(struct transfer *t)
{
	struct connection *c = t->connection;

	t->connection = NULL;
	data_rate_run(&t->time, false);
	if (!t->request_ended)
		codec_reset(connection_codec(c), t->id, CODEC_CANCEL);
	pool_release(c);
}

void
transfer_close(struct transfer *t)
{
	deferred_cancel(&t->failing);
	pool_cancel(&t->waiter);
	transfer_stop_looking(t);
	data_rate_end(&t->time);
	transfer_let_go(t);
	replay_drop(&t->replay);
}

void
transfer_end_badly(struct transfer *t, enum fault fault, const char *detail)
{
	transfer_close(t);
	t->of.events->fault(t->of.owner, fault, detail);
}
