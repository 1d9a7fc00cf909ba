/*
 * Tells which keys are picked (-Wl,--wrap); see pick.h.
 */
#include "pick.h"

#include "clock.h"
#include "upstream/call_parts.h"

void	__real_attempt_start(struct attempt *, struct pool *);
void	__wrap_attempt_start(struct attempt *, struct pool *);

/* Each call starts its attempt with each key that it is given. */
void
__wrap_attempt_start(struct attempt *a, struct pool *pool)
{
	const struct call *c = (const struct call *)(const void *)
	    ((const char *)a - offsetof(struct call, attempt));

	oracle_on_pick(&(struct pick){
		.worker = clock_number(loop_base(c->caller->loop)),
		.probe = c->of.probe,
		.route = c->of.route,
		.request_id = c->of.record->request_id,
		.key = c->key,
		.tried = c->tried,
	});
	__real_attempt_start(a, pool);
}
