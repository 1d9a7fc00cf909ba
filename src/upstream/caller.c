/*
 * What all calls of a worker have in common; see call.h.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/list.h"
#include "upstream/call_parts.h"

#define KEEP_STREAMS	1024

struct caller *
caller_new(const struct conf *conf, struct loop *loop,
    struct stats *stats, const struct codec_limits *limits, char *why,
    size_t why_size)
{
	struct caller *e = xcalloc(1, sizeof(*e));

	e->conf = conf;
	e->loop = loop;
	e->keyring = (struct keyring){ .conf = conf, .stats = stats };
	e->patterns = pattern_table_new(conf);
	e->quotas = quota_queues_new(conf, loop, stats);
	e->suspected_ns = xcalloc(conf->n_keys, sizeof(*e->suspected_ns));
	e->calls = blocks_new(sizeof(struct call), KEEP_STREAMS);
	e->upstreams = upstreams_new(conf, loop, stats, limits, why,
	    why_size);
	if (e->upstreams == NULL) {
		caller_free(e);
		return NULL;
	}
	return e;
}

void
caller_free(struct caller *e)
{
	if (e == NULL)
		return;
	assert(e->open == NULL);
	upstreams_free(e->upstreams);
	quota_queues_free(e->quotas);
	pattern_table_free(e->patterns);
	blocks_free(e->calls);
	fields_release(&e->fields);
	free(e->suspected_ns);
	free(e);
}

bool
caller_uses(const struct caller *e, size_t upstream)
{
	return upstreams_use(e->upstreams, upstream);
}

struct resolver *
caller_resolver(const struct caller *e)
{
	return upstreams_resolver(e->upstreams);
}

void
caller_set_events(struct caller *e, const struct caller_events *events)
{
	e->events = *events;
}

/* -- what the parent decided about keys -- */

/* Each event may end some of the calls that are left. */
static void
tell_calls(struct caller *e)
{
	struct call *s;

	e->untold = e->open;
	e->open = NULL;
	if (e->untold != NULL)
		e->untold->prev = &e->untold;
	while ((s = e->untold) != NULL) {
		LIST_REMOVE(s);
		LIST_PUSH(e->open, s);
		call_obey(s);
	}
}

/*
 * The parent may decide anew meanwhile: what it decides after the calls were
 * looked at is obeyed in the next round, as it asks for one.
 */
void
caller_obey(struct caller *e)
{
	tell_calls(e);
	for (size_t i = 0; i < e->conf->n_keys; i++) {
		if (keyring_is_disabled(&e->keyring, i))
			upstreams_close_key(e->upstreams, i,
			    "its key was disabled");
	}
	for (size_t i = 0; i < e->conf->n_upstreams; i++) {
		if (keyring_bars_way(&e->keyring,
		    &e->conf->upstreams[i]) != 0)
			upstreams_close(e->upstreams, i,
			    "its proxy's key is disabled or expired");
	}
}
