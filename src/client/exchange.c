/*
 * The beginning, the states and the end of exchanges; see exchange.h.
 */
#include "client/exchange.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "client/answer.h"
#include "client/tracing.h"
#include "policy/route.h"
#include "policy/target.h"
#include "stats/counting.h"

static const char *const state_names[] = {
	[EXCHANGE_BEGUN] = "begun",
	[EXCHANGE_OPEN] = "open",
	[EXCHANGE_RESPONDING] = "responding",
	[EXCHANGE_RESPONDED] = "responded",
	[EXCHANGE_RESET] = "reset",
};

/* No target has a space, so this shows that it was cut. */
#define CUT	" (cut)"

static struct text
cut_target(struct arena *arena, struct text target, size_t max)
{
	char *p = arena_alloc(arena, max + strlen(CUT));

	memcpy(p, target.p, max);
	memcpy(p + max, CUT, strlen(CUT));
	return (struct text){ .p = p, .n = max + strlen(CUT) };
}

/* What the line tells of fields; of several the first counts. */
static void
record_fields(struct exchange *x, const struct fields *fields)
{
	const struct field *agent = NULL, *id = NULL;
	bool traced = false;

	for (size_t i = 0; i < fields->n; i++) {
		const struct field *f = &fields->v[i];

		if (f->id == FIELD_USER_AGENT && agent == NULL)
			agent = f;
		else if (f->id == FIELD_X_REQUEST_ID && id == NULL)
			id = f;
		else if (f->id == FIELD_TRACEPARENT ||
		    f->id == FIELD_TRACESTATE)
			traced = true;
	}
	if (agent != NULL)
		x->record.user_agent = agent->value;
	if (id != NULL)
		x->record.request_id = id->value;
	if (traced)
		x->barred = tracing_read(fields, &x->record);
}

static void
record_request(struct exchange *x)
{
	const size_t max = x->client->terms->env->limits.target;
	const struct head *head = x->request;
	struct record *r = &x->record;

	r->method = head->method;
	r->target = head->target.n <= max ? head->target :
	    cut_target(&x->arena, head->target, max);
	r->version = head->version;
	record_fields(x, &head->fields);
}

struct exchange *
exchange_new(const struct exchange_client *client, stream_id stream,
    const struct head *head, bool end)
{
	struct env *env = client->terms->env;
	struct exchange *x = blocks_take(env->exchanges);
	struct head *copy;

	*x = (struct exchange){
		.client = client,
		.stream = stream,
		.request_ended = end,
		.record = {
			.began_wall_ns = clock_wall(),
			.began_ns = loop_now(env->loop),
			.principal = client->principal,
			.listener = client->terms->listener->name,
			.run = env->run,
			.serial = ++env->begun,
		},
	};
	arena_init(&x->arena, env->arena_blocks);
	copy = head_copy(&x->arena, head);
	copy->target = target_encode(copy->target, &x->arena);
	x->request = copy;
	x->awaits_continue = head_expects_continue(head);
	record_request(x);
	return x;
}

void
exchange_began(struct exchange *x, int64_t ns)
{
	x->record.began_wall_ns -= x->record.began_ns - ns;
	x->record.began_ns = ns;
}

void
exchange_set_state(struct exchange *x, enum exchange_state state)
{
	if (log_wants(LOG_LEVEL_DEBUG))
		log_debug("exchange %" PRIu64 ": %s, was %s", x->record.serial,
		    state_names[state], state_names[x->state]);
	x->state = state;
}

bool
exchange_is_over(const struct exchange *x)
{
	return x->state == EXCHANGE_RESPONDED || x->state == EXCHANGE_RESET;
}

#define SAID	8

/* The texts in a line that the client or the upstream chose. */
static void
what_was_said(struct record *r, struct text *said[SAID])
{
	said[0] = &r->method;
	said[1] = &r->target;
	said[2] = &r->user_agent;
	said[3] = &r->request_id;
	said[4] = &r->upstream_request_id;
	said[5] = &r->expires_raw;
	said[6] = &r->trace_id;
	said[7] = &r->span_id;
}

/* Looks for the client's own token, where that is a secret. */
static void
look_for_token(struct exchange *x)
{
	struct text *said[SAID];
	struct record *r = &x->record;

	if (!route_token_is_secret(x->client->terms->env->conf, x->route))
		return;
	what_was_said(r, said);
	for (size_t i = 0; i < SAID; i++)
		r->shows_secret |= route_token_is_in(x->request, *said[i]);
	/* The detail may quote what was refused. */
	if (r->detail != NULL)
		r->shows_secret |= route_token_is_in(x->request,
		    text_of(r->detail));
}

/* The client wrote the key or its own token there, which no line may hold. */
static void
withhold(struct record *r)
{
	struct text *said[SAID];

	what_was_said(r, said);
	for (size_t i = 0; i < SAID; i++) {
		if (said[i]->n != 0)
			*said[i] = TEXT(RECORD_WITHHELD);
	}
	if (r->detail != NULL)
		r->detail = RECORD_WITHHELD;
}

void
exchange_set_route(struct exchange *x, const struct conf_route *route)
{
	const struct conf *conf = x->client->terms->env->conf;

	x->route = route;
	x->record.route = route->name;
	x->record.upstream = conf->upstreams[route->upstream].name;
}

/* -- what is said to the client -- */

void
exchange_credit(struct exchange *x, size_t n)
{
	if (x->request_ended || n == 0)
		return;
	x->credit += n;
	codec_credit(x->client->codec, x->stream, n);
	x->client->terms->wake(x->client->owner);
}

size_t
exchange_room(const struct exchange *x)
{
	return codec_room(x->client->codec, x->stream);
}

bool
exchange_is_read(const struct exchange *x)
{
	return x->client->terms->has_read(x->client->owner);
}

void
exchange_send_head(struct exchange *x, const struct head *head, bool end)
{
	codec_send_head(x->client->codec, x->stream, head, end);
	if (head->kind == HEAD_INTERIM && head->status == 100)
		x->awaits_continue = false;
	if (head->kind == HEAD_RESPONSE) {
		x->record.status = head->status;
		exchange_set_state(x, EXCHANGE_RESPONDING);
	}
	if (end)
		exchange_set_state(x, EXCHANGE_RESPONDED);
	x->client->terms->wake(x->client->owner);
}

void
exchange_send_body(struct exchange *x, const uint8_t *p, size_t n, bool end)
{
	codec_send_body(x->client->codec, x->stream, p, n, end);
	if (end)
		exchange_set_state(x, EXCHANGE_RESPONDED);
	x->client->terms->wake(x->client->owner);
}

/* An answer of our own. */
static void
answer(struct exchange *x, enum fault fault)
{
	struct answer a;
	/*
	 * Clients are told what was wrong with their request, which limit of
	 * ours was reached, and what is wrong with keys, but nothing of
	 * upstreams.
	 */
	const char *detail = fault_status(fault) < 500 ||
	    fault == FAULT_OVERLOADED || fault == FAULT_KEY_UNAVAILABLE ?
	    x->record.detail : NULL;
	bool no_body = text_eq(x->request->method, TEXT("HEAD"));

	answer_make(&a, x->client->terms->env, fault,
	    record_subject(&x->record), detail, x->record.retry_s);
	exchange_send_head(x, &a.head, no_body);
	if (!no_body)
		exchange_send_body(x, buf_data(&a.body), buf_len(&a.body),
		    true);
	answer_release(&a);
}

/* -- ends -- */

static void
let_go(struct exchange *x)
{
	if (x->work == NULL)
		return;
	x->client->terms->handler->closed(x);
	x->work = NULL;
}

static enum codec_reason
reason_of(enum fault fault)
{
	return fault == FAULT_CLIENT_GONE ? CODEC_CANCEL : CODEC_INTERNAL;
}

void
exchange_fault(struct exchange *x, enum fault fault, const char *detail)
{
	if (exchange_is_over(x)) {
		/* Part of the response had not left yet. */
		if (fault_status(fault) == 0 && x->record.fault == FAULT_NONE)
			x->record.fault = fault;
		return;
	}
	x->record.fault = fault;
	if (detail != NULL)
		x->record.detail = arena_cstr(&x->arena, text_of(detail));
	let_go(x);
	if (x->state == EXCHANGE_RESPONDING || fault_status(fault) == 0) {
		codec_reset(x->client->codec, x->stream, reason_of(fault));
		exchange_set_state(x, EXCHANGE_RESET);
		x->client->terms->wake(x->client->owner);
		return;
	}
	/* A client that sent one malformed request is not asked for another. */
	if (fault_status(fault) == 400)
		codec_drain(x->client->codec);
	answer(x, fault);
}

void
exchange_end(struct exchange *x)
{
	struct env *env = x->client->terms->env;

	let_go(x);
	data_rate_end(&x->body);
	data_rate_end(&x->reading);
	x->record.ended_ns = clock_monotonic();
	look_for_token(x);
	if (x->record.shows_secret)
		withhold(&x->record);
	stats_count_exchange(env->stats, x->route != NULL ?
	    (size_t)(x->route - env->conf->routes) : CONF_NONE, &x->record);
	access_writer_add(env->access, &x->record);
	x->client->terms->ended(x->client->owner, x);
	arena_release(&x->arena);
	blocks_give(env->exchanges, x);
}
