/*
 * The steps of an exchange; see forward.h.
 *
 * Back-pressure: what one side is allowed to say is what the other side has
 * room for, less what it was allowed before and has not used yet.  Both
 * directions follow the same rule.
 */
#include "proxy/forward.h"

#include "base/arena.h"
#include "proxy/guard.h"
#include "proxy/route.h"

enum step { STEP_NEXT, STEP_WAIT, STEP_OVER };

static struct env *
env_of(const struct exchange *x)
{
	return x->client->env;
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

static void
on_head(void *owner, const struct head *head, bool end)
{
	struct exchange *x = owner;

	codec_send_head(x->client->codec, x->stream, head, end);
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
	x->record.response_bytes += n;
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

static enum step
step_guard(struct exchange *x)
{
	const struct conf_listener *l = x->client->listener;
	const char *detail = NULL;
	enum fault f = guard_client(l, x->client->principal, &detail);

	if (f == FAULT_NONE)
		f = guard_request(l, x->request, &detail);
	if (f == FAULT_NONE && env_of(x)->draining)
		f = FAULT_DRAINING;
	if (f == FAULT_NONE)
		return STEP_NEXT;
	exchange_fault(x, f, detail);
	return STEP_OVER;
}

/* Who wants no exchange without its line gets none while lines are lost. */
static enum step
step_log(struct exchange *x)
{
	const struct env *env = env_of(x);

	if (env->conf->log.on_failure != CONF_ON_FAILURE_REFUSE ||
	    env->access == NULL || !sink_failing(env->access))
		return STEP_NEXT;
	exchange_fault(x, FAULT_OVERLOADED, "the access log is failing");
	return STEP_OVER;
}

static enum step
step_size(struct exchange *x)
{
	uint64_t most = env_of(x)->conf->limits.body;

	if (most == 0 || x->request->framing != BODY_LENGTH ||
	    x->request->length <= most)
		return STEP_NEXT;
	exchange_fault(x, FAULT_BODY_TOO_LARGE, NULL);
	return STEP_OVER;
}

static enum step
step_route(struct exchange *x)
{
	const struct conf *conf = env_of(x)->conf;
	size_t listener = (size_t)(x->client->listener - conf->listeners);
	const struct conf_route *route = route_find(conf, listener,
	    x->client->principal, x->request);
	struct head *forwarded;

	if (route == NULL) {
		exchange_fault(x, FAULT_NO_ROUTE, NULL);
		return STEP_OVER;
	}
	exchange_set_route(x, route);
	forwarded = arena_alloc(&x->arena, sizeof(*forwarded));
	*forwarded = *x->request;
	forwarded->target = route_target(x->route, x->request->target,
	    &x->arena);
	x->forwarded = forwarded;
	return STEP_NEXT;
}

static enum step
step_minting(struct exchange *x)
{
	if (x->route->allow_minting ||
	    !guard_is_minting(x->request->method, x->forwarded->target))
		return STEP_NEXT;
	exchange_fault(x, FAULT_MINTING_REFUSED, NULL);
	return STEP_OVER;
}

static enum step
step_open(struct exchange *x)
{
	exchange_set_state(x, EXCHANGE_OPEN);
	x->egress = egress_open(env_of(x)->egress, x->route, x->forwarded,
	    &egress_events, x);
	credit_request(x);
	return STEP_WAIT;
}

void
forward_start(struct exchange *x)
{
	static enum step (*const steps[])(struct exchange *) = {
		step_guard, step_log, step_size, step_route, step_minting,
		step_open,
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
