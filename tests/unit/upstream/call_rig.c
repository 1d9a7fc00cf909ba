#include "call_rig.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pool_rig.h"
#include "stats/decided.h"

#define CREDIT	100000

static char scheme[] = "ApiKey", host[] = "api.example";
static char names[CALL_RIG_KEYS][2] = { "a", "b", "c" };
static char *hosts[] = { host };

/* -- the caller -- */

static void
make_keys(struct call_rig *r)
{
	static const char *const values[] = { KEY_A, KEY_B, KEY_C };

	for (size_t i = 0; i < CALL_RIG_KEYS; i++)
		r->keys[i] = (struct conf_key){
			.name = names[i], .scheme = scheme,
			.hosts = { hosts, 1 }, .expires = CONF_NO_TIME,
			.value = secret_copy(values[i], strlen(values[i])),
		};
}

static void
make_caller(struct call_rig *r)
{
	char why[256];

	r->stats = stats_new_alone(&r->conf);
	r->caller = caller_new(&r->conf, r->loop, r->stats,
	    &codec_limits_default, why, sizeof(why));
	assert(r->caller != NULL);
}

void
call_rig_start(struct call_rig *r)
{
	static size_t keys[] = { 0, 1, 2 };

	*r = (struct call_rig){ .loop = loop_new() };
	memory_start(r->loop);
	r->upstream = pool_rig_upstream();
	make_keys(r);
	r->route = (struct conf_route){ .name = names[0],
	    .client = CONF_NONE, .keys = keys, .n_keys = 2 };
	r->conf = (struct conf){
		.workers = 1,
		.upstreams = &r->upstream, .n_upstreams = 1,
		.keys = r->keys, .n_keys = CALL_RIG_KEYS,
		.routes = &r->route, .n_routes = 1,
		.limits = { .replay = CALL_RIG_REPLAY },
	};
	r->blocks = blocks_new(4096, 4);
	make_caller(r);
}

static void
end_caller(struct call_rig *r)
{
	memory_turn();
	caller_free(r->caller);
	memory_turn();
	stats_free(r->stats);
}

void
call_rig_end(struct call_rig *r)
{
	end_caller(r);
	loop_free(r->loop);
	memory_end();
	blocks_free(r->blocks);
	for (size_t i = 0; i < CALL_RIG_KEYS; i++)
		secret_free(r->keys[i].value);
}

void
call_rig_restart(struct call_rig *r)
{
	end_caller(r);
	make_caller(r);
}

void
call_rig_decide(struct call_rig *r, size_t key, unsigned facts)
{
	stats_decide(stats_shared(r->stats),
	    stats_numbers(r->stats)->keys[key],
	    (struct stats_decision){ .facts = facts });
}

/* -- connections -- */

void
call_rig_feed(const char *text)
{
	bool wanted = memory_feed(memory_wires(), text, strlen(text));

	assert(wanted);
	(void)wanted;
}

static bool
wire_has(const struct wire *wire, const char *what)
{
	return buf_len(&wire->out) != 0 && memmem(buf_data(&wire->out),
	    buf_len(&wire->out), what, strlen(what)) != NULL;
}

bool
call_rig_sent(const char *what)
{
	return wire_has(memory_wires(), what);
}

bool
call_rig_ever_sent(const char *what)
{
	for (const struct wire *o = memory_wires(); o != NULL; o = o->next) {
		if (wire_has(o, what))
			return true;
	}
	return false;
}

/* -- clients -- */

static void
on_head(void *owner, const struct head *head, bool end)
{
	struct rig_client *c = owner;

	assert(!c->ended);
	if (head->kind == HEAD_RESPONSE) {
		c->heads++;
		c->status = head->status;
	}
	c->ended = end;
	for (size_t i = 0; i < head->fields.n; i++) {
		buf_append_text(&c->names, head->fields.v[i].name);
		buf_append(&c->names, " ", 1);
	}
	call_credit(c->call, CREDIT);
}

static void
on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	struct rig_client *c = owner;

	assert(!c->ended);
	buf_append(&c->body, p, n);
	c->ended = end;
}

static void
on_room(void *owner)
{
	(void)owner;
}

static void
on_fault(void *owner, enum fault fault, const char *detail)
{
	struct rig_client *c = owner;

	assert(detail != NULL && !c->ended);
	(void)snprintf(c->detail, sizeof(c->detail), "%s", detail);
	c->faults++;
	c->fault = fault;
	call_close(&c->call);
}

static const struct call_events events = {
	.head = on_head,
	.body = on_body,
	.room = on_room,
	.fault = on_fault,
};

void
rig_client_init(struct rig_client *c, struct call_rig *rig)
{
	*c = (struct rig_client){ .rig = rig };
	arena_init(&c->arena, rig->blocks);
	buf_init(&c->names, NULL);
	buf_init(&c->body, NULL);
}

void
rig_client_end(struct rig_client *c)
{
	call_close(&c->call);
	memory_turn();
	arena_release(&c->arena);
	fields_release(&c->fields);
	buf_release(&c->names);
	buf_release(&c->body);
}

void
rig_client_reset(struct rig_client *c)
{
	rig_client_end(c);
	rig_client_init(c, c->rig);
}

void
rig_client_open(struct rig_client *c, const char *method,
    enum body_framing framing)
{
	c->request = (struct head){
		.kind = HEAD_REQUEST, .version = 11,
		.method = text_of(method), .target = TEXT("/x"),
		.authority = TEXT("localhost"), .framing = framing,
		.fields = c->fields,
	};
	c->call = call_open(c->rig->caller, &(struct call_order){
		.route = &c->rig->route,
		.request = &c->request,
		.events = &events,
		.owner = c,
		.record = &c->record,
		.arena = &c->arena,
		.probe = c->probe,
	});
	assert(c->heads + c->faults == 0);
	memory_turn();
}

void
rig_client_say(struct rig_client *c, const char *text, bool end)
{
	call_body(c->call, (const uint8_t *)text, strlen(text), end);
	memory_turn();
}

bool
rig_client_got(const struct rig_client *c, unsigned status, const char *body)
{
	return c->faults == 0 && c->heads == 1 && c->status == status &&
	    c->ended && text_eq(buf_text(&c->body), text_of(body));
}

bool
rig_client_failed(const struct rig_client *c, enum fault fault)
{
	return c->faults == 1 && c->fault == fault && !c->ended;
}
