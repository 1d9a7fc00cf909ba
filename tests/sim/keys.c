/*
 * Keys, as the parent sees them; see keys.h.
 */
#include "keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "client.h"
#include "clock.h"
#include "daemon/control_channel.h"
#include "keys/key_keeper.h"
#include "dice.h"
#include "fate.h"
#include "history.h"
#include "oracle.h"
#include "stats/numbers.h"
#include "worker.h"

#define MOST_ORDERS	6

/* More than anything asks for at one time. */
#define MOST_STEPS	1000

/* More than clients need; one that is forgotten must not keep the world. */
#define LONGEST		(900 * NS_PER_S)

/* One in so many messages that decisions changed is lost. */
#define LOST		8

/* How often a worker looks by itself: see daemon/worker.c. */
#define BEAT_NS		NS_PER_S

/* A message of a worker, on its way. */
struct letter {
	struct letter *next;
	unsigned worker;
	enum control_kind kind;
	char text[128];
};

static struct {
	struct key_keeper *keeper;
	unsigned serving;		/* generation */
	bool drains[MOST_SETTINGS];	/* it served before */
	unsigned prober;		/* the worker that was asked last */
	unsigned long long questions;
	int64_t ends_at;
	int64_t stepped_at;
	unsigned n_steps;		/* at that time */
	struct letter *first, **last;
	struct errand mail, step, orders[MOST_ORDERS];
} keys;

/* -- time -- */

bool
keys_are_watched(void)
{
	return clients_are_left() && clock_now() < keys.ends_at;
}

static void
take_steps(void)
{
	int64_t next;

	if (!keys_are_watched())
		return;
	if (keys.stepped_at != clock_now())
		keys.n_steps = 0;
	keys.stepped_at = clock_now();
	must(++keys.n_steps < MOST_STEPS, "the key keeper takes steps, and no "
	    "time passes");
	next = key_keeper_step(keys.keeper, clock_now());
	oracle_on_decided();
	if (next != INT64_MAX)
		errand_set(&keys.step, next > clock_now() ?
		    next - clock_now() : 0);
}

static void
on_step(void *owner)
{
	(void)owner;
	take_steps();
}

/* -- what workers tell -- */

/*
 * Of a message, by the numbers of the worker's configuration; rest is what
 * follows.
 */
static bool
read_letter(const struct letter *l, uint32_t *key, uint32_t *upstream,
    const char **rest)
{
	const struct stats *stats = worker_facts(l->worker)->stats;
	const struct stats_numbers *n;
	size_t k, u;
	int n_read = 0;

	must(sscanf(l->text, "%zu %zu%n", &k, &u, &n_read) == 2,
	    "worker %u: tells nonsense of keys: %s", l->worker, l->text);
	*rest = l->text + n_read;
	if (stats == NULL)
		return false;
	n = stats_numbers(stats);
	must(k < n->n_keys && u < n->n_upstreams, "worker %u: tells of no "
	    "key: %s", l->worker, l->text);
	*key = n->keys[k];
	*upstream = n->upstreams[u];
	return true;
}

static void
take_answer(const struct letter *l, uint32_t key, const char *text)
{
	struct key_question question = { .worker = (pid_t)l->worker + 1 };
	enum key_answer answer;
	unsigned long long id;
	long long told;
	char word[16];

	must(sscanf(text, "%llu %lld %15s", &id, &told, word) == 3 &&
	    key_answer_parse(word, &answer),
	    "worker %u: answers no question: %s", l->worker, l->text);
	question.id = id;
	key_keeper_probed(keys.keeper, key, &question,
	    &(struct key_said){ .answer = answer },
	    told != 0 ? told : CONF_NO_TIME);
	oracle_on_probed_heard(l->worker, key, id, answer);
}

static void
open_letter(const struct letter *l)
{
	uint32_t key, upstream;
	const char *rest;

	if (l->kind == CONTROL_LEARNT || l->kind == CONTROL_OBEYED ||
	    !read_letter(l, &key, &upstream, &rest))
		return;
	history("worker %u: tells %c %s", l->worker, l->kind, l->text);
	if (l->kind == CONTROL_PROBED) {
		take_answer(l, key, rest);
		return;
	}
	key_keeper_suspect(keys.keeper, key, upstream);
	oracle_on_decided();
}

static void
on_mail(void *owner)
{
	struct letter *l;

	(void)owner;
	while ((l = keys.first) != NULL) {
		keys.first = l->next;
		open_letter(l);
		free(l);
	}
	keys.last = &keys.first;
	take_steps();
}

/* daemon/control_channel.h, of which a worker uses no more. */
bool
control_send(int control, enum control_kind kind, int fd, const char *text)
{
	struct event_base *owner = fate_owns(NULL);
	struct letter *l = xcalloc(1, sizeof(*l));

	(void)fd;
	l->worker = (unsigned)control;
	l->kind = kind;
	(void)snprintf(l->text, sizeof(l->text), "%s",
	    text != NULL ? text : "");
	*keys.last = l;
	keys.last = &l->next;
	if (kind == CONTROL_PROBED)
		oracle_on_probed(l->worker, text);
	if (kind == CONTROL_SUSPECT)
		oracle_on_suspected(l->worker, text);
	errand_set(&keys.mail, dice_between(0, 2 * NS_PER_MS));
	fate_owns(owner);
	return true;
}

/* -- what workers are told -- */

static void
on_changed(void *owner)
{
	(void)owner;
	history("decisions about keys changed");
	for (unsigned i = 0; i < workers_started(); i++) {
		if (worker_facts(i)->over)
			continue;
		worker_obey(worker_of(i), dice_one_in(LOST) ?
		    dice_between(0, BEAT_NS) :
		    dice_between(0, 3 * NS_PER_MS));
	}
}

/* The index of a number, or n. */
static size_t
index_of(const uint32_t *numbers, size_t n, uint32_t number)
{
	size_t i = 0;

	while (i < n && numbers[i] != number)
		i++;
	return i;
}

/* Some worker of the generation that serves, by turns, or nobody. */
static struct key_question
on_probe(void *owner, uint32_t key, uint32_t upstream)
{
	const struct stats_numbers *n;
	char text[128];

	(void)owner;
	for (unsigned i = 0; i < workers_started(); i++) {
		const struct worker_facts *f;

		keys.prober = (keys.prober + 1) % workers_started();
		f = worker_facts(keys.prober);
		if (f->over || f->generation != keys.serving)
			continue;
		n = stats_numbers(f->stats);
		(void)snprintf(text, sizeof(text), "%zu %zu %llu",
		    index_of(n->keys, n->n_keys, key),
		    index_of(n->upstreams, n->n_upstreams, upstream),
		    ++keys.questions);
		history("worker %u: is to probe %s", keys.prober, text);
		oracle_on_asked(key, keys.prober, keys.questions);
		worker_probe(worker_of(keys.prober), text,
		    dice_between(0, 3 * NS_PER_MS));
		return (struct key_question){
			.worker = (pid_t)keys.prober + 1,
			.id = keys.questions };
	}
	return (struct key_question){ .worker = 0 };
}

void
keys_lost(unsigned worker)
{
	oracle_on_lost(worker);
	key_keeper_lost(keys.keeper, (pid_t)worker + 1);
	oracle_on_decided();
	take_steps();
}

/* -- people -- */

static bool
serves(size_t value)
{
	const struct setting *s = setting_of(keys.serving);

	for (size_t i = 0; i < s->conf.n_keys; i++) {
		if (s->value_at[i] == value)
			return true;
	}
	return false;
}

/*
 * What a name means in the configuration that serves, and, to be disabled, in
 * those before it, if it is nobody's value now.
 */
static size_t
meant(enum key_order order, size_t key, size_t about[MOST_SETTINGS])
{
	const struct setting *now = setting_of(keys.serving);
	size_t n = 0;

	about[n++] = now->value_at[key];
	for (unsigned g = 0; g < settings() && order == KEY_ORDER_DISABLE;
	    g++) {
		const struct setting *s = setting_of(g);

		for (size_t i = 0; i < s->conf.n_keys && keys.drains[g]; i++) {
			if (strcmp(s->conf.keys[i].name,
			    now->conf.keys[key].name) == 0 &&
			    !serves(s->value_at[i]))
				about[n++] = s->value_at[i];
		}
	}
	return n;
}

static void
on_order(void *owner)
{
	static const unsigned weights[] = { 4, 3, 2 };
	const struct conf *conf = &setting_of(keys.serving)->conf;
	enum key_order order = (enum key_order)dice_weighed(weights, 3);
	struct key_order_result result;
	size_t about[MOST_SETTINGS], n, key = dice(conf->n_keys);
	bool done;

	(void)owner;
	done = key_keeper_order(keys.keeper, order, conf->keys[key].name,
	    1000, &result);
	history("an order: %s %s: %s", key_order_verb(order),
	    conf->keys[key].name, result.text);
	n = meant(order, key, about);
	oracle_on_order(order, about, n, done);
	take_steps();
}

void
keys_plan(void)
{
	size_t n = mood()->keys_change ? dice(MOST_ORDERS + 1) : 0;

	for (size_t i = 0; i < n; i++)
		errand_set(&keys.orders[i], dice_between(0, dice_one_in(2) ?
		    2 * NS_PER_S : 20 * NS_PER_S));
}

/* -- configurations -- */

void
keys_meet(unsigned generation, struct stats *stats)
{
	const struct setting *s = setting_of(generation);

	oracle_on_met(s, stats_numbers(stats));
	key_keeper_meet(keys.keeper, &s->conf, stats_numbers(stats));
	oracle_on_decided();
}

void
keys_serve(unsigned generation, struct stats *stats)
{
	keys.drains[keys.serving] = keys.serving != generation;
	keys.serving = generation;
	oracle_on_takeover();
	key_keeper_serve(keys.keeper, &setting_of(generation)->conf, stats);
	oracle_on_decided();
	errand_set(&keys.step, 0);
}

void
keys_forget(unsigned generation)
{
	keys.drains[generation] = false;
	key_keeper_forget(keys.keeper, &setting_of(generation)->conf);
}

/* -- the whole -- */

void
keys_begin(struct stats_memory *memory)
{
	keys.keeper = key_keeper_new(&(struct key_keeper_conf){
		.memory = memory,
		.tell = on_changed,
		.probe = on_probe,
	});
	keys.serving = keys.prober = 0;
	memset(keys.drains, 0, sizeof(keys.drains));
	keys.questions = 0;
	keys.stepped_at = keys.n_steps = 0;
	keys.ends_at = clock_now() + LONGEST;
	keys.first = NULL;
	keys.last = &keys.first;
	errand_init(&keys.mail, on_mail, NULL);
	errand_init(&keys.step, on_step, NULL);
	for (size_t i = 0; i < MOST_ORDERS; i++)
		errand_init(&keys.orders[i], on_order, NULL);
	oracle_keys_begin(memory);
}

void
keys_end(void)
{
	struct letter *l;

	errand_clear(&keys.mail);
	errand_clear(&keys.step);
	for (size_t i = 0; i < MOST_ORDERS; i++)
		errand_clear(&keys.orders[i]);
	while ((l = keys.first) != NULL) {
		keys.first = l->next;
		free(l);
	}
	key_keeper_free(keys.keeper);
}

/* -- chance -- */

ssize_t	__wrap_getrandom(void *, size_t, unsigned);

ssize_t
__wrap_getrandom(void *p, size_t n, unsigned flags)
{
	(void)flags;
	for (size_t i = 0; i < n; i++)
		((uint8_t *)p)[i] = (uint8_t)dice(256);
	return (ssize_t)n;
}
