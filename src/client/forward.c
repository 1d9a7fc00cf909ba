/*
 * The steps of an exchange; see forward.h.
 *
 * Back-pressure: what one side is allowed to say is what the other side has
 * room for, less what it was allowed before and has not used yet.  Both
 * directions follow the same rule.
 */
#include "client/forward.h"

#include "base/arena.h"
#include "base/log.h"
#include "client/redirect.h"
#include "policy/judge.h"

enum step { STEP_NEXT, STEP_WAIT, STEP_OVER };

static struct env *
env_of(const struct exchange *x)
{
	return x->client->env;
}

static struct judge_case
case_of(const struct exchange *x)
{
	const struct conf *conf = env_of(x)->conf;

	return (struct judge_case){
		.conf = conf,
		.index = env_of(x)->routes,
		.listener = (size_t)(x->client->listener - conf->listeners),
		.who = x->client->principal,
		.head = x->request,
	};
}

/* -- back-pressure -- */

static void
credit_request(struct exchange *x)
{
	size_t room;

	if (x->request_ended || x->egress == NULL)
		return;
	room = egress_room(x->egress);
	if (room <= x->request_credit)
		return;
	codec_credit(x->client->codec, x->stream, room - x->request_credit);
	x->request_credit = room;
	x->client->wake(x->client->owner);
}

static void
credit_response(struct exchange *x)
{
	size_t room;

	if (x->egress == NULL)
		return;
	room = codec_room(x->client->codec, x->stream);
	if (room <= x->response_credit)
		return;
	egress_credit(x->egress, room - x->response_credit);
	x->response_credit = room;
}

/* -- what the upstream says -- */

static void
response_ended(struct exchange *x)
{
	exchange_set_state(x, EXCHANGE_RESPONDED);
}

/* Once per route: who follows it gets the key of another route, or none. */
static void
warn_astray(struct exchange *x, const char *field)
{
	struct env *env = env_of(x);
	size_t route = (size_t)(x->route - env->conf->routes);

	if (figures_note_astray(env->shared, route))
		log_warn("route %s: the %s of a response leads to what another "
		    "route, or none, would serve; it is passed on as it is",
		    x->route->name, field);
}

static void
send_head(struct exchange *x, const struct head *head, bool end)
{
	struct redirect r = {
		.request = case_of(x),
		.route = x->route,
		.target = x->forwarded->target,
		.arena = &x->arena,
	};
	struct head changed;

	if (head->kind == HEAD_RESPONSE)
		head = redirect_apply(&r, head, &changed,
		    &env_of(x)->answer);
	if (r.astray != NULL)
		warn_astray(x, r.astray);
	codec_send_head(x->client->codec, x->stream, head, end);
}

static void
on_head(void *owner, const struct head *head, bool end)
{
	struct exchange *x = owner;

	send_head(x, head, end);
	if (head->kind == HEAD_RESPONSE) {
		x->record.status = head->status;
		exchange_set_state(x, EXCHANGE_RESPONDING);
	}
	if (head->kind == HEAD_INTERIM && head->status == 100)
		x->awaits_continue = false;
	if (end)
		response_ended(x);
	else
		credit_response(x);
	x->client->wake(x->client->owner);
}

static void
on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	struct exchange *x = owner;

	x->response_credit -= n;
	codec_send_body(x->client->codec, x->stream, p, n, end);
	if (end)
		response_ended(x);
	x->client->wake(x->client->owner);
}

static void
on_room(void *owner)
{
	struct exchange *x = owner;

	credit_request(x);
}

static void
on_fault(void *owner, enum fault fault, const char *detail)
{
	exchange_fault(owner, fault, detail);
}

static const struct egress_events egress_events = {
	.head = on_head,
	.body = on_body,
	.room = on_room,
	.fault = on_fault,
};

/* -- the steps -- */

/* Who wants no exchange without its line gets none while lines are lost. */
static bool
log_fails(const struct exchange *x)
{
	const struct env *env = env_of(x);

	return env->conf->log.on_failure == CONF_ON_FAILURE_REFUSE &&
	    env->access != NULL && sink_failing(env->access);
}

/* What nobody can be served for now. */
static enum step
step_ready(struct exchange *x)
{
	if (env_of(x)->draining) {
		exchange_fault(x, FAULT_DRAINING, NULL);
		return STEP_OVER;
	}
	if (log_fails(x)) {
		exchange_fault(x, FAULT_OVERLOADED,
		    "the access log cannot be written");
		return STEP_OVER;
	}
	return STEP_NEXT;
}

static enum step
step_judge(struct exchange *x)
{
	const struct judge_case c = case_of(x);
	struct head *forwarded;
	struct verdict v;

	judge(&c, &x->arena, &v);
	if (v.route != NULL)
		exchange_set_route(x, v.route);
	if (v.fault != FAULT_NONE) {
		exchange_fault(x, v.fault, v.detail);
		return STEP_OVER;
	}
	forwarded = arena_alloc(&x->arena, sizeof(*forwarded));
	*forwarded = *x->request;
	forwarded->target = v.target;
	x->forwarded = forwarded;
	return STEP_NEXT;
}

static enum step
step_open(struct exchange *x)
{
	exchange_set_state(x, EXCHANGE_OPEN);
	x->egress = egress_open(env_of(x)->egress, &(struct egress_exchange){
		.route = x->route,
		.request = x->forwarded,
		.events = &egress_events,
		.owner = x,
		.record = &x->record,
		.arena = &x->arena,
	});
	credit_request(x);
	return STEP_WAIT;
}

void
forward_start(struct exchange *x)
{
	static enum step (*const steps[])(struct exchange *) = {
		step_ready, step_judge, step_open,
	};

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		if (steps[i](x) != STEP_NEXT)
			return;
	}
}

/* -- what the client says -- */

void
forward_request_body(struct exchange *x, const uint8_t *p, size_t n, bool end)
{
	uint64_t most = env_of(x)->conf->limits.body;

	x->request_ended = end;
	x->awaits_continue = false;
	x->record.request_bytes += n;
	x->request_credit -= n < x->request_credit ? n : x->request_credit;
	if (x->egress == NULL)
		return;
	if (most != 0 && x->record.request_bytes > most) {
		exchange_fault(x, FAULT_BODY_TOO_LARGE, NULL);
		return;
	}
	egress_body(x->egress, p, n, end);
}

void
forward_client_sent(struct exchange *x)
{
	if (!exchange_is_over(x))
		credit_response(x);
}

enum fault
forward_fault_of(enum codec_error why)
{
	switch (why) {
	case CODEC_HEAD_TOO_LARGE:
		return FAULT_HEAD_TOO_LARGE;
	case CODEC_TARGET_TOO_LONG:
		return FAULT_TARGET_TOO_LONG;
	case CODEC_TRUNCATED:
	case CODEC_CANCELLED:
		return FAULT_CLIENT_GONE;
	case CODEC_OK:
	case CODEC_BAD_MESSAGE:
	case CODEC_TOO_MANY_INTERIM:
	case CODEC_UNEXPECTED:
	case CODEC_REFUSED:
		break;
	}
	return FAULT_BAD_REQUEST;
}

void
forward_client_reset(struct exchange *x, enum codec_error why,
    const char *complaint)
{
	exchange_fault(x, forward_fault_of(why), complaint);
}
