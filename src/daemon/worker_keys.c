/*
 * Keys, between a worker and its parent; see worker_keys.h.
 */
#include "daemon/worker_keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/list.h"
#include "base/log.h"
#include "base/text.h"
#include "stats/counting.h"
#include "stats/decided.h"
#include "upstream/key_probe.h"

struct one {
	struct worker_keys *keys;
	struct one *next, **prev;
	struct key_probe *probe;
	uint64_t question;		/* of the parent */
};

struct worker_keys {
	const struct conf *conf;
	struct stats *stats;
	struct loop *loop;
	struct caller *caller;
	int control;
	uint64_t decided;		/* changes that it obeys */
	struct one *probes;
};

/* -- what responses say -- */

static void
worker_keys_on_learnt(void *owner)
{
	const struct worker_keys *w = owner;

	control_send(w->control, CONTROL_LEARNT, -1, NULL);
}

static void
worker_keys_on_suspect(void *owner, size_t key, size_t upstream)
{
	const struct worker_keys *w = owner;
	char text[64];

	(void)snprintf(text, sizeof(text), "%zu %zu", key, upstream);
	control_send(w->control, CONTROL_SUSPECT, -1, text);
}

/* -- decisions -- */

void
worker_keys_obey(struct worker_keys *w)
{
	uint64_t decided;
	char text[24];

	if (w == NULL)
		return;
	decided = stats_key_changes(w->stats);
	if (decided == w->decided)
		return;
	w->decided = decided;
	caller_obey(w->caller);
	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)decided);
	control_send(w->control, CONTROL_OBEYED, -1, text);
}

/* -- probes -- */

static void
end(struct one *o)
{
	LIST_REMOVE(o);
	key_probe_free(o->probe);
	free(o);
}

static void
log_result(const struct conf *conf, const struct key_probe_result *r,
    enum key_answer answer)
{
	const char *key = conf->keys[r->of.key].name;
	const char *upstream = conf->upstreams[r->of.upstream].name;

	if (r->fault != FAULT_NONE)
		log_debug("probe of key %s at upstream %s: %s%s%s", key,
		    upstream, fault_code(r->fault),
		    r->detail != NULL ? ": " : "",
		    r->detail != NULL ? r->detail : "");
	else
		log_debug("probe of key %s at upstream %s: answered %u, the "
		    "key is %s", key, upstream, r->status,
		    answer == KEY_ACCEPTED || answer == KEY_REJECTED ?
		    key_answer_name(answer) : "neither accepted nor rejected");
}

/* The end that it told; 0: none, or none that can be kept. */
static int64_t
end_of(const struct key_probe_result *r)
{
	return r->expiry_read && r->expires > 0 && r->expires <= TIME_MOST ?
	    r->expires : 0;
}

static void
worker_keys_on_probed(void *owner, const struct key_probe_result *r)
{
	struct one *o = owner;
	const struct worker_keys *w = o->keys;
	enum key_answer answer = key_probe_answer(r);
	char text[128];

	log_result(w->conf, r, answer);
	stats_count_probe(w->stats, r->of.key, answer);
	(void)snprintf(text, sizeof(text), "%zu %zu %llu %lld %s %u %u",
	    r->of.key,
	    r->of.upstream, (unsigned long long)o->question,
	    (long long)end_of(r), key_answer_name(answer), r->status,
	    (unsigned)r->fault);
	control_send(w->control, CONTROL_PROBED, -1, text);
	end(o);
}

/* Takes a number, which ends with a blank or the text. */
static bool
take_number(const char **p, uint64_t most, uint64_t *number)
{
	size_t length = strcspn(*p, " ");
	struct text t = { .p = *p, .n = length };

	*p += length;
	if (**p == ' ')
		(*p)++;
	return text_parse_u64(t, most, number);
}

/* The parent is trusted, and its text is right. */
static bool
read_order(const struct conf *conf, const char *text, struct key_probe_of *of,
    uint64_t *question)
{
	uint64_t key, upstream;

	if (!take_number(&text, conf->n_keys - 1, &key) ||
	    !take_number(&text, conf->n_upstreams - 1, &upstream) ||
	    !take_number(&text, UINT64_MAX, question))
		return false;
	of->key = (size_t)key;
	of->upstream = (size_t)upstream;
	of->target = conf->upstreams[upstream].probe_path;
	return true;
}

static void
begin(struct worker_keys *w, const char *text)
{
	struct key_probe_of of;
	uint64_t question;
	struct one *o;

	if (!read_order(w->conf, text, &of, &question))
		return;
	o = xcalloc(1, sizeof(*o));
	o->keys = w;
	o->question = question;
	LIST_PUSH(w->probes, o);
	o->probe = key_probe_start(w->caller, w->loop, &of,
	    worker_keys_on_probed, o);
}

/* -- the whole -- */

void
worker_keys_take(struct worker_keys *w, const struct control_message *m)
{
	if (m->kind == CONTROL_PROBE)
		begin(w, m->text);
	else
		worker_keys_obey(w);
}

struct worker_keys *
worker_keys_new(const struct conf *conf, struct stats *stats,
    struct loop *loop, struct caller *caller, int control)
{
	struct worker_keys *w = xcalloc(1, sizeof(*w));

	w->conf = conf;
	w->stats = stats;
	w->loop = loop;
	w->caller = caller;
	w->control = control;
	caller_set_events(caller, &(struct caller_events){
		.learnt = worker_keys_on_learnt,
		.suspect = worker_keys_on_suspect,
		.owner = w,
	});
	return w;
}

void
worker_keys_free(struct worker_keys *w)
{
	if (w == NULL)
		return;
	while (w->probes != NULL)
		end(w->probes);
	free(w);
}
