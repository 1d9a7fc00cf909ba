/*
 * Tells which keys are picked (-Wl,--wrap); see pick.h.
 */
#include "pick.h"

#include "clock.h"
#include "upstream/call_parts.h"

void	__real_call_use_key(struct call *, size_t);
void	__wrap_call_use_key(struct call *, size_t);
void	__real_call_try_again(struct call *, size_t);
void	__wrap_call_try_again(struct call *, size_t);

static void
tell(const struct call *c, size_t key, size_t tried)
{
	oracle_on_pick(&(struct pick){
		.worker = clock_number(loop_base(c->caller->loop)),
		.probe = c->of.probe,
		.route = c->of.route,
		.request_id = c->of.record->request_id,
		.key = key,
		.tried = tried,
	});
}

void
__wrap_call_use_key(struct call *c, size_t key)
{
	tell(c, key, c->tried);
	__real_call_use_key(c, key);
}

void
__wrap_call_try_again(struct call *c, size_t key)
{
	tell(c, key, c->key);
	__real_call_try_again(c, key);
}
