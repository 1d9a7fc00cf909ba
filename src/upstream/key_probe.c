/*
 * Trying a key; see key_probe.h.
 */
#include "upstream/key_probe.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "net/timer.h"

/* Less than the parent waits for it. */
#define MOST_MS		25000

/* For the few texts about a key in a response. */
#define ARENA_BLOCK	4096

struct key_probe {
	struct loop *loop;
	struct conf_route route;	/* this upstream with this key only */
	struct head request;
	struct record record;
	struct blocks *arena_blocks;
	struct arena arena;
	struct call *call;
	struct timer timer;
	bool ended;
	struct deferred end;		/* put off: not within the call's
					   event */
	struct key_probe_result result;
	char *detail;
	void (*done)(void *owner, const struct key_probe_result *);
	void *owner;
};

/*
 * The answer of an application to somebody whom it let in: it knows no such
 * path, or not for a GET, or does not like the request.  3xx is not among them,
 * for it may lead to a login, nor is what servers between say of their own
 * state, 407, 408, 429 and 5xx.
 */
static bool
is_astray(unsigned status)
{
	return status == 400 || status == 404 || status == 405 ||
	    status == 406 || status == 410;
}

enum key_answer
key_probe_answer(const struct key_probe_result *r)
{
	if (r->fault != FAULT_NONE)
		return KEY_UNCLEAR;
	if (r->status == 401)
		return refusal_is_of_key(r->refusal) ? KEY_REJECTED :
		    KEY_UNCLEAR;
	if (is_astray(r->status))
		return KEY_ASTRAY;
	/* What lies between answers 403, too, but does not say why. */
	return (r->status >= 200 && r->status < 300) ||
	    (r->status == 403 && refusal_has_a_reason(r->refusal)) ?
	    KEY_ACCEPTED : KEY_UNCLEAR;
}

static void
end(struct key_probe *p)
{
	if (p->ended)
		return;
	p->ended = true;
	timer_clear(&p->timer);
	deferred_queue(p->loop, &p->end);
}

static void
key_probe_on_end(void *owner)
{
	struct key_probe *p = owner;

	if (p->call != NULL)
		p->result.refusal = call_refusal(p->call);
	p->result.expiry_read = p->record.expiry_read;
	p->result.expires = p->record.expires;
	call_close(&p->call);
	p->done(p->owner, &p->result);
}

static void
end_with_fault(struct key_probe *p, enum fault fault, const char *detail)
{
	if (p->ended)
		return;
	p->result.fault = fault;
	p->detail = detail != NULL ? xstrdup(detail) : NULL;
	p->result.detail = p->detail;
	end(p);
}

static void
key_probe_on_late(void *owner)
{
	struct key_probe *p = owner;

	/* It was answered, and its body, which says more, does not end. */
	if (p->result.status != 0)
		end(p);
	else
		end_with_fault(p, FAULT_UPSTREAM_TIMEOUT, "it took too long");
}

/* -- events of the call -- */

/* Of a refusal the body may say why. */
static void
end_if_known(struct key_probe *p, bool last)
{
	if (last || (p->result.status != 0 && p->result.status != 401) ||
	    call_refusal(p->call) != REFUSAL_NONE)
		end(p);
}

static void
key_probe_on_head(void *owner, const struct head *head, bool last)
{
	struct key_probe *p = owner;

	if (head->kind == HEAD_RESPONSE)
		p->result.status = head->status;
	end_if_known(p, last);
}

static void
key_probe_on_body(void *owner, const uint8_t *bytes, size_t n, bool last)
{
	struct key_probe *p = owner;

	(void)bytes;
	call_credit(p->call, n);
	end_if_known(p, last);
}

static void
key_probe_on_room(void *owner)
{
	(void)owner;
}

static void
key_probe_on_fault(void *owner, enum fault fault, const char *detail)
{
	struct key_probe *p = owner;

	/* After the head of a response only a reflected key matters. */
	if (p->result.status == 0 || fault == FAULT_KEY_REFLECTED)
		end_with_fault(p, fault, detail);
	else
		end(p);
}

static const struct call_events events = {
	.head = key_probe_on_head,
	.body = key_probe_on_body,
	.room = key_probe_on_room,
	.fault = key_probe_on_fault,
};

/* -- the whole -- */

static void
open_call(struct key_probe *p, struct caller *caller)
{
	/* The order may be of a time when other routes were served. */
	if (!caller_uses(caller, p->result.of.upstream)) {
		end_with_fault(p, FAULT_UPSTREAM_UNREACHABLE,
		    "no route uses it");
		return;
	}
	p->call = call_open(caller, &(struct call_order){
		.route = &p->route,
		.request = &p->request,
		.events = &events,
		.owner = p,
		.record = &p->record,
		.arena = &p->arena,
		.probe = true,
	});
	call_credit(p->call, REFUSAL_BODY);
}

struct key_probe *
key_probe_start(struct caller *caller, struct loop *loop,
    const struct key_probe_of *of, void (*done)(void *owner,
    const struct key_probe_result *), void *owner)
{
	struct key_probe *p = xcalloc(1, sizeof(*p));

	p->loop = loop;
	p->done = done;
	p->owner = owner;
	p->result.of = *of;
	p->route = (struct conf_route){ .upstream = of->upstream,
	    .keys = &p->result.of.key, .n_keys = 1 };
	p->request = (struct head){ .kind = HEAD_REQUEST, .version = 11,
	    .method = TEXT("GET"), .target = text_of(of->target),
	    .framing = BODY_NONE };
	p->arena_blocks = blocks_new(ARENA_BLOCK, 1);
	arena_init(&p->arena, p->arena_blocks);
	deferred_init(&p->end, LOOP_SOON, key_probe_on_end, p);
	timer_init(&p->timer, loop, key_probe_on_late, p);
	timer_set(&p->timer, MOST_MS);
	open_call(p, caller);
	return p;
}

void
key_probe_free(struct key_probe *p)
{
	if (p == NULL)
		return;
	deferred_cancel(&p->end);
	timer_end(&p->timer);
	call_close(&p->call);
	arena_release(&p->arena);
	blocks_free(p->arena_blocks);
	free(p->detail);
	free(p);
}
