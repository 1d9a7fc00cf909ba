/*
 * Passing requests on; see forward.h: judge, ask, and then bodies both ways.
 *
 * Back-pressure: one side may send as much as the other side has room for, less
 * what it was allowed before and has not used yet.  Both directions follow the
 * same rule.
 */
#include "client/forward.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/log.h"
#include "client/exchange.h"
#include "client/redirect.h"
#include "client/tracing.h"
#include "policy/judge.h"
#include "stats/quota.h"
#include "upstream/call.h"

struct forward {
	struct handler handler;
	struct env *env;
	struct stats *stats;	/* seen by all workers */
	struct route_index *routes;
	struct caller *caller;
};

/* What it keeps for an exchange, in the exchange's arena. */
struct forwarding {
	struct forward *forward;
	struct exchange *exchange;
	struct head head;		/* with the upstream's target */
	struct call *stream;
	struct quota_hold held;		/* of the limits of its route */
	size_t response_credit;		/* given and not used yet */
};

static struct judge_case
case_of(const struct forward *fw, const struct exchange *x)
{
	const struct conf *conf = fw->env->conf;

	return (struct judge_case){
		.conf = conf,
		.index = fw->routes,
		.listener = (size_t)(x->client->terms->listener -
		    conf->listeners),
		.who = x->client->principal,
		.head = x->request,
	};
}

/* -- back-pressure -- */

static void
credit_request(struct forwarding *f)
{
	size_t room = call_room(f->stream);

	if (room > f->exchange->credit)
		exchange_credit(f->exchange, room - f->exchange->credit);
}

static void
credit_response(struct forwarding *f)
{
	size_t room = exchange_room(f->exchange);

	if (room <= f->response_credit)
		return;
	call_credit(f->stream, room - f->response_credit);
	f->response_credit = room;
}

/* -- what the upstream says -- */

/*
 * Once per route: a client that follows it gets another route's key, or none.
 */
static void
warn_astray(const struct forwarding *f, const char *field)
{
	const struct conf_route *route = f->exchange->route;
	const struct conf *conf = f->forward->env->conf;

	if (stats_note_astray(f->forward->stats,
	    (size_t)(route - conf->routes)))
		log_warn("route %s: the %s of a response leads to what another "
		    "route, or none, would serve; it is passed on as it is",
		    route->name, field);
}

static void
pass_response(struct forwarding *f, const struct head *head, bool end)
{
	struct exchange *x = f->exchange;
	struct redirect r = {
		.request = case_of(f->forward, x),
		.route = x->route,
		.target = f->head.target,
		.arena = &x->arena,
	};
	struct head changed;

	head = redirect_apply(&r, head, &changed, &f->forward->env->answer);
	if (r.astray != NULL)
		warn_astray(f, r.astray);
	exchange_send_head(x, head, end);
}

static void
forward_on_head(void *owner, const struct head *head, bool end)
{
	struct forwarding *f = owner;

	if (head->kind == HEAD_RESPONSE)
		pass_response(f, head, end);
	else
		exchange_send_head(f->exchange, head, end);
	if (!end)
		credit_response(f);
}

static void
forward_on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	struct forwarding *f = owner;

	f->response_credit -= n;
	exchange_send_body(f->exchange, p, n, end);
}

static void
forward_on_room(void *owner)
{
	credit_request(owner);
}

static void
forward_on_fault(void *owner, enum fault fault, const char *detail)
{
	struct forwarding *f = owner;

	exchange_fault(f->exchange, fault, detail);
}

static const struct call_events call_events = {
	.head = forward_on_head,
	.body = forward_on_body,
	.room = forward_on_room,
	.fault = forward_on_fault,
};

/* -- what the client wants -- */

/* False, and a fault, where no request can be served now. */
static bool
is_ready(const struct forward *fw, struct exchange *x)
{
	const struct env *env = fw->env;

	if (env->phase == ENV_STOPPING) {
		exchange_fault(x, FAULT_DRAINING, NULL);
		return false;
	}
	/* log.on_failure = "refuse": no exchange without its line. */
	if (env->conf->log.on_failure == CONF_ON_FAILURE_REFUSE &&
	    access_writer_fails(env->access)) {
		exchange_fault(x, FAULT_OVERLOADED,
		    "the access log cannot be written");
		return false;
	}
	return true;
}

/* The target that goes upstream; false: it is refused. */
static bool
is_allowed(const struct forward *fw, struct exchange *x, struct text *target)
{
	const struct judge_case c = case_of(fw, x);
	struct verdict v;

	judge(&c, &x->arena, &v);
	if (v.route != NULL)
		exchange_set_route(x, v.route);
	if (v.fault != FAULT_NONE) {
		exchange_fault(x, v.fault, v.detail);
		return false;
	}
	*target = v.target;
	return true;
}

/* Where it is, it holds a place of its route from now on. */
static bool
is_within_limits(const struct forward *fw, struct exchange *x,
    struct quota_hold *held)
{
	struct quota_refusal why;
	const struct quota_case c = {
		.conf = fw->env->conf, .route = x->route,
		.who = x->client->principal, .now = loop_now(fw->env->loop),
	};

	if (quota_take(fw->stats, &c, held, &why))
		return true;
	x->record.retry_s = why.retry_s;
	exchange_fault(x, FAULT_RATE_LIMITED, why.what);
	return false;
}

static void
ask(struct forward *fw, struct exchange *x, struct text target,
    const struct quota_hold *held)
{
	struct forwarding *f = arena_alloc(&x->arena, sizeof(*f));
	struct call_order e = {
		.route = x->route,
		.request = &f->head,
		.events = &call_events,
		.owner = f,
		.record = &x->record,
		.arena = &x->arena,
	};

	*f = (struct forwarding){
		.forward = fw,
		.exchange = x,
		.head = *x->request,
		.held = *held,
	};
	f->head.target = target;
	if (x->barred != 0 || x->route->trace)
		tracing_apply(x->barred, x->route->trace, &x->arena,
		    &x->record, &f->head);
	x->work = f;
	exchange_set_state(x, EXCHANGE_OPEN);
	f->stream = call_open(fw->caller, &e);
	credit_request(f);
}

static void
forward_begin(void *owner, struct exchange *x)
{
	struct forward *fw = owner;
	struct quota_hold held = { .of_route = false };
	struct text target;

	if (is_ready(fw, x) && is_allowed(fw, x, &target) &&
	    (!x->route->limited || is_within_limits(fw, x, &held)))
		ask(fw, x, target, &held);
}

static void
forward_body(struct exchange *x, const uint8_t *p, size_t n, bool end)
{
	struct forwarding *f = x->work;

	call_body(f->stream, p, n, end);
}

static void
forward_room(struct exchange *x)
{
	credit_response(x->work);
}

static void
forward_closed(struct exchange *x)
{
	struct forwarding *f = x->work;

	call_close(&f->stream);
	if (f->exchange->route->limited)
		quota_give(f->forward->stats, &f->held);
}

/* -- one per worker -- */

struct forward *
forward_new(struct env *env, struct stats *stats, char *why,
    size_t why_size)
{
	struct forward *fw = xcalloc(1, sizeof(*fw));

	fw->handler = (struct handler){
		.owner = fw,
		.begin = forward_begin,
		.body = forward_body,
		.room = forward_room,
		.closed = forward_closed,
	};
	fw->env = env;
	fw->stats = stats;
	fw->routes = route_index_new(env->conf);
	fw->caller = caller_new(env->conf, env->loop, stats, &env->limits,
	    why, why_size);
	if (fw->caller == NULL) {
		forward_free(fw);
		return NULL;
	}
	return fw;
}

void
forward_free(struct forward *fw)
{
	if (fw == NULL)
		return;
	caller_free(fw->caller);
	route_index_free(fw->routes);
	free(fw);
}

const struct handler *
forward_handler(const struct forward *fw)
{
	return &fw->handler;
}

struct resolver *
forward_resolver(const struct forward *fw)
{
	return caller_resolver(fw->caller);
}

struct caller *
forward_caller(const struct forward *fw)
{
	return fw->caller;
}
