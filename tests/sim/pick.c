/*
 * Tells which keys are picked, and what happens about their quotas
 * (-Wl,--wrap); see pick.h.
 */
#include "pick.h"

#include "clock.h"
#include "upstream/call_parts.h"

bool	__real_call_is_within_quota(struct call *, void (*)(void *));
bool	__wrap_call_is_within_quota(struct call *, void (*)(void *));
void	__real_attempt_start(struct attempt *, struct pool *);
void	__wrap_attempt_start(struct attempt *, struct pool *);
void	__real_call_note_quota(struct call *, const struct head *);
void	__wrap_call_note_quota(struct call *, const struct head *);

static unsigned
worker_of(const struct call *c)
{
	return clock_number(loop_base(c->caller->loop));
}

static void
tell_pick(const struct call *c, bool asks)
{
	oracle_on_pick(&(struct pick){
		.worker = worker_of(c),
		.probe = c->of.probe,
		.asks = asks,
		.route = c->of.route,
		.request_id = c->of.record->request_id,
		.key = c->key,
		.tried = c->tried,
	});
}

bool
__wrap_call_is_within_quota(struct call *c, void (*ready)(void *))
{
	tell_pick(c, true);
	return __real_call_is_within_quota(c, ready);
}

/* With each key that the call is given. */
void
__wrap_attempt_start(struct attempt *a, struct pool *pool)
{
	const struct call *c = (const struct call *)(const void *)
	    ((const char *)a - offsetof(struct call, attempt));

	tell_pick(c, false);
	oracle_on_start(&(struct start){
		.worker = worker_of(c),
		.probe = c->of.probe,
		.waits = c->upstream->quota == CONF_QUOTA_WAIT,
		.key = c->key,
	});
	__real_attempt_start(a, pool);
}

void
__wrap_call_note_quota(struct call *c, const struct head *head)
{
	oracle_on_quota(&(struct quota_said){
		.worker = worker_of(c),
		.key = c->key,
		.sent_ns = c->of.record->upstream_began_ns,
		.waits = c->upstream->quota == CONF_QUOTA_WAIT,
		.head = head,
	});
	__real_call_note_quota(c, head);
}
