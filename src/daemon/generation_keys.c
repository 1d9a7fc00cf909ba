/*
 * What workers tell of keys, and which of them tries one; see
 * generation_parts.h.  A worker may have been taken over: its words are taken
 * for what they can be.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/generation_parts.h"
#include "stats/proxies.h"

/* The greatest status that HTTP has. */
#define STATUS_MOST	999

/* Takes a number below n, which ends with a blank or the text. */
static bool
take_index(const char **p, size_t n, uint64_t *index)
{
	size_t length = strcspn(*p, " ");
	struct text t = { .p = *p, .n = length };

	*p += length;
	if (**p == ' ')
		(*p)++;
	return n != 0 && text_parse_u64(t, n - 1, index);
}

/* Takes a word, which ends the same way. */
static bool
take_word(const char **p, char *word, size_t size)
{
	size_t length = strcspn(*p, " ");

	if (length >= size)
		return false;
	memcpy(word, *p, length);
	word[length] = '\0';
	*p += length;
	if (**p == ' ')
		(*p)++;
	return true;
}

/* Of key and upstream, by their numbers; rest is what follows. */
static bool
read_indices(const struct generation *g, const char *text, uint32_t *key,
    uint32_t *upstream, const char **rest)
{
	const struct stats_numbers *n = stats_numbers(g->conf.holdings->stats);
	uint64_t k, u;

	if (!take_index(&text, n->n_keys, &k) ||
	    !take_index(&text, n->n_upstreams, &u))
		return false;
	*key = n->keys[k];
	*upstream = n->upstreams[u];
	*rest = text;
	return true;
}

/*
 * Behind the indices: to which question, the end that was told, a word, and for
 * people the status and the fault.
 */
static void
take_answer(const struct generation *g, uint32_t key, uint32_t upstream,
    pid_t worker, const char *text)
{
	struct key_question question = { .worker = worker };
	struct key_said said;
	uint64_t told, status, fault;
	int64_t end;
	char word[16];

	if (!take_index(&text, UINT64_MAX, &question.id) ||
	    !take_index(&text, TIME_MOST + 1, &told) ||
	    !take_word(&text, word, sizeof(word)) ||
	    !key_answer_parse(word, &said.answer) ||
	    !take_index(&text, STATUS_MOST + 1, &status) ||
	    !take_index(&text, FAULT_COUNT, &fault))
		return;
	said.status = (unsigned)status;
	said.fault = (enum fault)fault;
	end = told != 0 ? (int64_t)told : CONF_NO_TIME;
	if (g->trial != NULL && key_trial_heard(g->trial, &question, &said))
		key_keeper_tried(g->conf.keys, key, upstream, said.answer,
		    end);
	else
		key_keeper_probed(g->conf.keys, key, &question, &said, end);
}

void
generation_heard(void *owner, pid_t worker, const struct control_message *m)
{
	const struct generation *g = owner;
	uint32_t key, upstream;
	const char *rest;

	if (!read_indices(g, m->text, &key, &upstream, &rest))
		return;
	if (m->kind == CONTROL_SUSPECT && *rest == '\0')
		key_keeper_suspect(g->conf.keys, key, upstream);
	else if (m->kind == CONTROL_PROBED)
		take_answer(g, key, upstream, worker, rest);
}

/* The index of that number, or n. */
static size_t
index_of(const uint32_t *numbers, size_t n, uint32_t number)
{
	size_t i = 0;

	while (i < n && numbers[i] != number)
		i++;
	return i;
}

struct key_question
generation_probe(struct generation *g, uint32_t key, uint32_t upstream)
{
	const struct stats_numbers *n = stats_numbers(g->conf.holdings->stats);
	size_t k = index_of(n->keys, n->n_keys, key);
	size_t u = index_of(n->upstreams, n->n_upstreams, upstream);
	const struct key_question none = { .worker = 0 };
	char text[96];

	if (k == n->n_keys || u == n->n_upstreams)
		return none;
	(void)snprintf(text, sizeof(text), "%zu %zu %llu", k, u,
	    (unsigned long long)++g->questions);
	for (size_t i = 0; i < g->n; i++) {
		const struct worker_child *s;

		g->prober = (g->prober + 1) % g->n;
		s = &g->slots[g->prober];
		if (s->pid != 0 && s->ready && !s->stuck && s->control != -1 &&
		    control_send(s->control, CONTROL_PROBE, -1, text))
			return (struct key_question){ .worker = s->pid,
			    .id = g->questions };
	}
	return none;
}

/* -- decisions -- */

/* One that is not ready yet has sent nothing, and reads them at its start. */
static bool
obeys(const struct worker_child *s, uint64_t decisions)
{
	return s->pid == 0 || !s->ready || s->obeyed >= decisions;
}

bool
generation_obeys(const struct generation *g, uint64_t decisions)
{
	for (size_t i = 0; i < g->n; i++) {
		if (!obeys(&g->slots[i], decisions))
			return false;
	}
	return true;
}

void
generation_end_deaf(const struct generation *g, uint64_t decisions)
{
	for (size_t i = 0; i < g->n; i++) {
		struct worker_child *s = &g->slots[i];

		if (obeys(s, decisions))
			continue;
		log_error("worker %d does not say that it uses a disabled key "
		    "no more: it is killed", (int)s->pid);
		worker_child_kill(s, clock_monotonic());
	}
}

/* -- before they serve -- */

static bool
generation_on_known(void *owner, size_t route, uint32_t key)
{
	const struct generation *g = owner;
	const struct holdings *h = g->conf.holdings;
	const struct key_place place = { .conf = h->conf,
	    .numbers = stats_numbers(h->stats), .route = route };

	return key_keeper_knows(g->conf.keys, &place, key);
}

static bool
generation_on_proxy_known(void *owner, size_t upstream)
{
	const struct generation *g = owner;
	const struct holdings *h = g->conf.holdings;

	return key_keeper_knows_of_proxy(g->conf.keys, stats_numbers(
	    h->stats)->keys[h->conf->upstreams[upstream].proxy.key]);
}

static bool
generation_on_proxy_refuses(void *owner, size_t upstream)
{
	const struct generation *g = owner;

	return stats_proxy_refuses(g->conf.holdings->stats,
	    g->conf.holdings->conf, upstream);
}

static struct key_question
generation_on_ask(void *owner, uint32_t key, uint32_t upstream)
{
	return generation_probe(owner, key, upstream);
}

void
generation_try_keys(struct generation *g)
{
	const struct holdings *h = g->conf.holdings;

	for (size_t i = 0; i < g->n; i++) {
		if (!g->slots[i].ready)
			return;
	}
	if (!g->conf.succeeds || g->serving || g->trial != NULL)
		return;
	g->trial = key_trial_new(&(struct key_trial_of){
		.conf = h->conf,
		.numbers = stats_numbers(h->stats),
		.is_known = generation_on_known,
		.is_proxy_known = generation_on_proxy_known,
		.proxy_refuses = generation_on_proxy_refuses,
		.ask = generation_on_ask,
		.owner = g,
	}, clock_monotonic());
}

void
generation_warn(const struct generation *g, struct conf_diagnostics *out)
{
	if (g->trial != NULL)
		key_trial_warn(g->trial, out);
}

int64_t
generation_trial_until(const struct generation *g)
{
	return g->trial != NULL ? key_trial_until(g->trial) : INT64_MAX;
}
