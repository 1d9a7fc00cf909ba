/*
 * The order in which a request is judged; see judge.h.  Knows no rule itself.
 * Called by the steps of an exchange and by `explain`.
 */
#include "proxy/judge.h"

#include "proxy/guard.h"
#include "proxy/route.h"
#include "proxy/target.h"

/* Each step leaves a fault, or what the next ones go by. */

static void
judge_guard(const struct judge_case *c, struct arena *arena,
    struct verdict *v)
{
	const struct conf_listener *l = &c->conf->listeners[c->listener];

	(void)arena;
	v->fault = guard_client(l, c->who, &v->detail);
	if (v->fault == FAULT_NONE)
		v->fault = guard_request(l, c->who, c->head, &v->detail);
}

static void
judge_size(const struct judge_case *c, struct arena *arena, struct verdict *v)
{
	uint64_t most = c->conf->limits.body;

	(void)arena;
	if (most != 0 && c->head->framing == BODY_LENGTH &&
	    c->head->length > most)
		v->fault = FAULT_BODY_TOO_LARGE;
}

static void
judge_route(const struct judge_case *c, struct arena *arena,
    struct verdict *v)
{
	v->route = route_find(c->conf, c->listener, c->who, c->head);
	if (v->route == NULL)
		v->fault = FAULT_NO_ROUTE;
	else
		v->target = route_target(v->route, c->head->target, arena);
}

static void
judge_minting(const struct judge_case *c, struct arena *arena,
    struct verdict *v)
{
	(void)arena;
	if (!v->route->allow_minting &&
	    guard_is_minting(c->head->method, v->target))
		v->fault = FAULT_MINTING_REFUSED;
}

void
judge(const struct judge_case *c, struct arena *arena, struct verdict *v)
{
	static void (*const steps[])(const struct judge_case *,
	    struct arena *, struct verdict *) = {
		judge_guard, judge_size, judge_route, judge_minting,
	};

	*v = (struct verdict){ .fault = FAULT_NONE, .target = TEXT("") };
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		steps[i](c, arena, v);
		if (v->fault != FAULT_NONE) {
			v->target = TEXT("");
			return;
		}
	}
}

bool
judge_serves(const struct judge_case *c, const struct conf_route *route,
    struct text target, struct arena *arena)
{
	struct head get = *c->head;
	struct judge_case other = *c;
	struct verdict v;

	get.method = TEXT("GET");
	get.target = target_encode(target, arena);
	get.framing = BODY_NONE;
	get.length = 0;
	other.head = &get;
	judge(&other, arena, &v);
	return v.fault == FAULT_NONE && v.route == route;
}
