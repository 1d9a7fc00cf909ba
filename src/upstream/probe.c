/*
 * Trying keys; see probe.h.
 */
#include "upstream/probe.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

struct probe {
	struct probes *all;
	struct conf_route route;	/* this upstream with this key only */
	size_t key;
	struct head request;
	struct record record;
	struct call *stream;
	bool finished;
	struct deferred close;		/* put off: not within the stream's
					   event */
};

struct probes {
	const struct conf *conf;
	struct loop *loop;
	struct caller *caller;
	void (*report)(void *owner, const struct probe_result *);
	void (*done)(void *owner);
	void *owner;
	struct deferred finished;
	struct blocks *arena_blocks;
	struct arena arena;		/* for texts in records */
	struct probe *v;
	size_t n, n_left;
};

static void
finish(struct probe *p, enum fault fault, const char *detail, unsigned status)
{
	struct probes *all = p->all;
	struct probe_result result = {
		.upstream = &all->conf->upstreams[p->route.upstream],
		.key = &all->conf->keys[p->key],
		.fault = fault,
		.detail = detail,
		.status = status,
		.expiry_read = p->record.expiry_read,
		.expires = p->record.expires,
	};

	/* A response may still fail after its head. */
	if (p->finished)
		return;
	p->finished = true;
	all->report(all->owner, &result);
	deferred_queue(all->loop, &p->close);
	if (--all->n_left == 0)
		deferred_queue(all->loop, &all->finished);
}

static void
close_stream(void *owner)
{
	struct probe *p = owner;

	call_close(&p->stream);
}

static void
probe_on_head(void *owner, const struct head *head, bool end)
{
	struct probe *p = owner;

	(void)end;
	if (head->kind == HEAD_RESPONSE)
		finish(p, FAULT_NONE, NULL, head->status);
}

/* The content of the body does not matter. */
static void
probe_on_body(void *owner, const uint8_t *bytes, size_t n, bool end)
{
	(void)owner;
	(void)bytes;
	(void)n;
	(void)end;
}

static void
probe_on_room(void *owner)
{
	(void)owner;
}

static void
probe_on_fault(void *owner, enum fault fault, const char *detail)
{
	struct probe *p = owner;

	/* After the response head only a reflected key matters. */
	if (p->record.upstream_head_ns == 0 || fault == FAULT_KEY_REFLECTED)
		finish(p, fault, detail, 0);
}

static const struct call_events events = {
	.head = probe_on_head,
	.body = probe_on_body,
	.room = probe_on_room,
	.fault = probe_on_fault,
};

static bool
is_known(const struct probes *all, size_t upstream, size_t key)
{
	for (size_t i = 0; i < all->n; i++) {
		if (all->v[i].route.upstream == upstream &&
		    all->v[i].key == key)
			return true;
	}
	return false;
}

static void
add(struct probes *all, size_t upstream, size_t key)
{
	all->v = xreallocarray(all->v, all->n + 1, sizeof(*all->v));
	all->v[all->n] = (struct probe){
		.all = all,
		.route = { .upstream = upstream,
		    .n_keys = 1 },
		.key = key,
		.request = { .kind = HEAD_REQUEST, .version = 11,
		    .method = TEXT("GET"), .target = TEXT(PROBE_TARGET),
		    .framing = BODY_NONE },
	};
	all->n++;
}

static void
collect(struct probes *all)
{
	const struct conf *conf = all->conf;

	for (size_t r = 0; r < conf->n_routes; r++) {
		const struct conf_route *route = &conf->routes[r];

		for (size_t k = 0; k < route->n_keys; k++) {
			if (!is_known(all, route->upstream, route->keys[k]))
				add(all, route->upstream, route->keys[k]);
		}
	}
}

static void
tell_done(void *owner)
{
	struct probes *all = owner;

	all->done(all->owner);
}

static void
start(struct probe *p)
{
	p->route.keys = &p->key;
	deferred_init(&p->close, LOOP_SOON, close_stream, p);
	p->stream = call_open(p->all->caller, &(struct call_order){
		.route = &p->route,
		.request = &p->request,
		.events = &events,
		.owner = p,
		.record = &p->record,
		.arena = &p->all->arena,
	});
}

/* For the few texts about keys in responses. */
#define ARENA_BLOCK	4096

struct probes *
probes_start(const struct conf *conf, struct loop *loop,
    struct caller *caller, void (*report)(void *owner,
    const struct probe_result *), void (*done)(void *owner), void *owner)
{
	struct probes *all = xcalloc(1, sizeof(*all));

	all->conf = conf;
	all->loop = loop;
	all->caller = caller;
	all->report = report;
	all->done = done;
	all->owner = owner;
	deferred_init(&all->finished, LOOP_LATE, tell_done, all);
	all->arena_blocks = blocks_new(ARENA_BLOCK, 1);
	arena_init(&all->arena, all->arena_blocks);
	collect(all);
	all->n_left = all->n;
	for (size_t i = 0; i < all->n; i++)
		start(&all->v[i]);
	if (all->n == 0)
		deferred_queue(loop, &all->finished);
	return all;
}

void
probes_free(struct probes *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < all->n; i++) {
		deferred_cancel(&all->v[i].close);
		call_close(&all->v[i].stream);
	}
	deferred_cancel(&all->finished);
	arena_release(&all->arena);
	blocks_free(all->arena_blocks);
	free(all->v);
	free(all);
}
