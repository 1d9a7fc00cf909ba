/*
 * What becomes of keys; see key_keeper.h.
 */
#include "keys/key_keeper.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "keys/key_keeper_parts.h"
#include "stats/kept.h"
#include "upstream/keyring.h"

/* How many workers are asked for one answer. */
#define WORKERS_ASKED	3

/* -- who is told -- */

static void
look_at_routes(struct key_keeper *k, int64_t now_boot)
{
	k->routes_due = INT64_MAX;
	if (k->serving != NULL && !k->conf.quiet)
		k->routes_due = key_routes_look(k->routes, k->serving,
		    k->stats, now_boot);
}

void
key_keeper_settle(struct key_keeper *k)
{
	if (!k->changed)
		return;
	k->changed = false;
	if (k->conf.tell != NULL)
		k->conf.tell(k->conf.owner);
	look_at_routes(k, clock_boot());
}

/* -- rejection -- */

/* Once each time that it is rejected. */
static void
tell_unclear(struct key_keeper *k, uint32_t key)
{
	struct key_value *v = &k->values[key];

	if (v->unclear_told || k->conf.quiet)
		return;
	v->unclear_told = true;
	log_warn("key %s is rejected, and its probe says nothing clear of it: "
	    "if that lasts, set probe_path of its upstream to a GET that needs "
	    "a valid key", v->names);
}

/* What counts of an answer that finds fault with the path. */
static enum key_answer
take_astray(const struct key_keeper *k, uint32_t key, enum key_answer answer)
{
	if (answer != KEY_ASTRAY)
		return answer;
	return key_keeper_is_let_in(k, key) ? KEY_ACCEPTED : KEY_UNCLEAR;
}

static void
reject(struct key_keeper *k, uint32_t key)
{
	key_keeper_change(k, key, KEY_EVENT_REJECT, NULL, NULL);
	key_keeper_note_rejected(k, key);
}

static void
answered(struct key_keeper *k, uint32_t key, enum key_answer answer,
    int64_t told)
{
	bool rejected = (key_keeper_facts(k, key) & KEY_OFF_REJECTED) != 0;
	bool astray = answer == KEY_ASTRAY, clear;

	if (answer == KEY_REJECTED)
		key_keeper_note_check(k, key);
	answer = take_astray(k, key, answer);
	clear = answer != KEY_UNCLEAR;
	answer = key_keeper_prove(k, key, answer, told);
	if (answer == KEY_REJECTED && !rejected &&
	    !key_keeper_refused(k, key))
		return;
	if (clear)
		key_keeper_note_clear(k, key);
	if (answer == KEY_ACCEPTED)
		key_keeper_note_taken(k, key);
	if (answer == KEY_ACCEPTED || (answer == KEY_UNCLEAR && !rejected))
		key_keeper_not_refused(k, key, !rejected &&
		    (astray || answer == KEY_ACCEPTED));
	k->values[key].others = 0;
	key_suspicion_answered(&k->values[key].suspicion,
	    astray && answer == KEY_ACCEPTED ? KEY_ASTRAY : answer,
	    clock_boot(), key_keeper_any());
	if (!rejected)
		k->values[key].unclear_told = false;
	else if (answer == KEY_UNCLEAR)
		tell_unclear(k, key);
	if (answer == KEY_REJECTED && !rejected)
		reject(k, key);
	else if (answer == KEY_ACCEPTED && rejected)
		key_keeper_change(k, key, KEY_EVENT_ACCEPT, NULL, NULL);
	else if (rejected)
		key_keeper_move_on(k, key);
}

/* No probe said anything. */
static void
unanswered(struct key_keeper *k, uint32_t key)
{
	answered(k, key, KEY_UNCLEAR, CONF_NO_TIME);
}

/* A value goes nowhere that is disabled, or that no route sends anywhere. */
static void
ask(struct key_keeper *k, uint32_t key, int64_t now)
{
	struct key_value *v = &k->values[key];

	key_suspicion_asked(&v->suspicion, now);
	if (!v->listed || (key_keeper_facts(k, key) & KEY_OFF_DISABLED) != 0) {
		unanswered(k, key);
		return;
	}
	v->asked = k->conf.probe(k->conf.owner, key, v->upstream);
	if (v->asked.worker != 0) {
		stats_note_probed(k->conf.memory, key,
		    clock_wall() / NS_PER_S);
		return;
	}
	/* No key is given up because nobody was there to try it. */
	if (v->proving || ++v->others < WORKERS_ASKED)
		key_suspicion_put_off(&v->suspicion, now);
	else
		unanswered(k, key);
}

/* Who was asked is gone, or says nothing. */
static void
ask_another(struct key_keeper *k, uint32_t key, int64_t now)
{
	if (++k->values[key].others < WORKERS_ASKED)
		ask(k, key, now);
	else
		unanswered(k, key);
}

/* How long ago a value was used or tried; -1: that is not known. */
static int64_t
idle_since(const struct key_keeper *k, uint32_t key)
{
	const struct stats_kept kept = stats_kept(k->conf.memory, key);
	int64_t last = kept.last_used > kept.probed ? kept.last_used :
	    kept.probed;
	int64_t now = clock_wall() / NS_PER_S;

	if (last == 0)
		return -1;
	return last < now ? (now - last) * NS_PER_S : 0;
}

/*
 * Has those tried that nobody used for long.  Returns when to look again, by
 * clock_boot().
 */
static int64_t
probe_idle(struct key_keeper *k, int64_t now)
{
	int64_t interval = k->serving != NULL && k->conf.probe != NULL ?
	    k->serving->expiry.probe * NS_PER_MS : 0;
	int64_t next = INT64_MAX;

	for (uint32_t i = 0; i < k->n && interval != 0; i++) {
		struct key_value *v = &k->values[i];

		if (!v->current || !v->listed ||
		    (key_keeper_facts(k, i) & KEY_OFF) != 0)
			continue;
		if (key_idle_is_due(&v->idle, interval, idle_since(k, i), now,
		    key_keeper_any()) &&
		    key_suspicion_demand(&v->suspicion, now))
			v->upstream = v->home;
		next = clock_earlier(next, v->idle.due_ns);
	}
	return next;
}

/* Returns when the next probe is due or late, by clock_boot(). */
static int64_t
probe_suspects(struct key_keeper *k, int64_t now)
{
	int64_t next = INT64_MAX;

	for (uint32_t i = 0; i < k->n; i++) {
		struct key_suspicion *s = &k->values[i].suspicion;

		if (key_suspicion_is_late(s, now))
			ask_another(k, i, now);
		if (key_suspicion_is_due(s, now))
			ask(k, i, now);
		next = clock_earlier(next, key_suspicion_next(s));
		if (key_keeper_tries_end(k, i) && !k->values[i].proving &&
		    !s->asked)
			next = clock_earlier(next, k->values[i].proof_ns);
	}
	return next;
}

static bool
is_met(const struct key_keeper *k, uint32_t key)
{
	return key < k->n && k->values[key].name != NULL;
}

void
key_keeper_suspect(struct key_keeper *k, uint32_t key, uint32_t upstream)
{
	/* Workers that serve no more may tell of routes that are no more. */
	if (!is_met(k, key) || k->conf.probe == NULL ||
	    !key_keeper_pairs(k, key, upstream))
		return;
	if (key_suspicion_raise(&k->values[key].suspicion, clock_boot()))
		k->values[key].upstream = upstream;
	(void)probe_suspects(k, clock_boot());
	key_keeper_settle(k);
}

void
key_keeper_probed(struct key_keeper *k, uint32_t key,
    const struct key_question *question, const struct key_said *said,
    int64_t told)
{
	if (!is_met(k, key) || !k->values[key].suspicion.asked ||
	    !key_question_is(&k->values[key].asked, question))
		return;
	if (take_astray(k, key, said->answer) == KEY_UNCLEAR)
		key_keeper_note_unclear(k, key, said);
	answered(k, key, said->answer, told);
	(void)probe_suspects(k, clock_boot());
	key_keeper_settle(k);
}

void
key_keeper_lost(struct key_keeper *k, pid_t worker)
{
	for (uint32_t i = 0; i < k->n; i++) {
		if (k->values[i].suspicion.asked &&
		    k->values[i].asked.worker == worker)
			ask_another(k, i, clock_boot());
	}
	key_keeper_settle(k);
}

void
key_keeper_tried(struct key_keeper *k, uint32_t key, uint32_t upstream,
    enum key_answer answer, int64_t told)
{
	struct key_value *v;

	if (!is_met(k, key) || answer != KEY_ACCEPTED)
		return;
	v = &k->values[key];
	/* What routes that serve send elsewhere is decided there. */
	if ((key_keeper_facts(k, key) & KEY_OFF) == 0 ||
	    (key_keeper_facts(k, key) & KEY_OFF_DISABLED) != 0 ||
	    (v->listed && !key_keeper_pairs(k, key, upstream)))
		return;
	if (key_keeper_tries_end(k, key))
		v->proving = true;
	answered(k, key, answer, told);
	key_keeper_settle(k);
}

/* -- time -- */

int64_t
key_keeper_step(struct key_keeper *k, int64_t now)
{
	int64_t boot = clock_boot();
	int64_t wait = key_keeper_judge_ends(k);

	wait = clock_earlier(wait, probe_idle(k, boot) - boot);
	wait = clock_earlier(wait, probe_suspects(k, boot) - boot);
	/* Nobody could be asked, perhaps. */
	wait = clock_earlier(wait, key_keeper_judge_ends(k));
	key_keeper_settle(k);
	if (k->routes_due <= boot)
		look_at_routes(k, boot);
	wait = clock_earlier(wait, k->routes_due - boot);
	return wait > KEY_KEEPER_FAR_S * NS_PER_S ? INT64_MAX : now + wait;
}

/* -- configurations -- */

void
key_keeper_bring(struct key_keeper *k, const struct conf *conf,
    struct conf_diagnostics *diagnostics)
{
	if (k->conf.store != NULL)
		key_store_bring(k->conf.store, conf, diagnostics);
}

void
key_keeper_meet(struct key_keeper *k, const struct conf *conf,
    const struct stats_numbers *numbers)
{
	if (k->conf.store != NULL)
		key_store_meet(k->conf.store, conf, numbers);
	key_keeper_take_names(k, conf, numbers);
	(void)key_keeper_judge_ends(k);
	key_keeper_settle(k);
}

enum key_store_move
key_keeper_move(struct key_keeper *k, const struct conf *conf,
    struct conf_diagnostics *diagnostics)
{
	return k->conf.store == NULL ? KEY_STORE_MOVED :
	    key_store_move(k->conf.store, conf, diagnostics);
}

static void
keeper_on_disabled(void *owner, uint32_t key)
{
	key_keeper_change(owner, key, KEY_EVENT_DISABLE, "by a file of the "
	    "state_dir that serves now", NULL);
	key_keeper_unask(owner, key);
}

static void
leave_served(struct key_keeper *k, const struct conf *conf)
{
	size_t n = 0;

	for (size_t i = 0; i < k->n_served; i++) {
		if (k->served[i].conf != conf)
			k->served[n++] = k->served[i];
	}
	k->n_served = n;
}

/* Its workers are not done with it. */
static void
enter_served(struct key_keeper *k)
{
	if (k->serving == NULL)
		return;
	k->served = xreallocarray(k->served, k->n_served + 1,
	    sizeof(*k->served));
	memmove(k->served + 1, k->served, k->n_served * sizeof(*k->served));
	k->served[0] = (struct key_served){ k->serving, k->stats };
	k->n_served++;
}

void
key_keeper_serve(struct key_keeper *k, const struct conf *conf,
    struct stats *stats)
{
	const struct conf *before = k->serving;
	const struct stats *stats_before = k->stats;

	enter_served(k);
	leave_served(k, conf);
	k->serving = conf;
	k->stats = stats;
	for (size_t i = 0; i < k->n; i++)
		k->values[i].current = false;
	key_keeper_take_names(k, conf, stats_numbers(stats));
	for (size_t i = 0; i < conf->n_keys; i++)
		k->values[stats_numbers(stats)->keys[i]].current = true;
	key_keeper_find_homes(k, conf, stats_numbers(stats));
	key_keeper_forget_rounds(k);
	key_keeper_forget_said(k);
	if (before != NULL)
		key_keeper_review_checks(k, before,
		    stats_numbers(stats_before));
	if (k->conf.store != NULL)
		key_store_serve(k->conf.store, conf, keeper_on_disabled, k);
	key_keeper_resume_listed(k);
	(void)key_keeper_judge_ends(k);
	/* Other routes are served, though nothing was decided. */
	k->changed = true;
	key_keeper_settle(k);
}

void
key_keeper_forget(struct key_keeper *k, const struct conf *conf)
{
	leave_served(k, conf);
	if (k->serving == conf)
		k->serving = NULL;
	else
		key_keeper_drop_checks(k);
	if (k->conf.store != NULL)
		key_store_forget(k->conf.store, conf);
}

void
key_keeper_abandon(const struct key_keeper *k)
{
	if (k->conf.store != NULL)
		key_store_abandon(k->conf.store);
}

/* -- the whole -- */

struct key_keeper *
key_keeper_new(const struct key_keeper_conf *conf)
{
	struct key_keeper *k = xcalloc(1, sizeof(*k));

	k->conf = *conf;
	k->routes = key_routes_new();
	k->routes_due = INT64_MAX;
	return k;
}

void
key_keeper_free(struct key_keeper *k)
{
	if (k == NULL)
		return;
	for (size_t i = 0; i < k->n; i++) {
		key_keeper_forget_names(&k->values[i]);
		key_keeper_free_rounds(&k->values[i]);
	}
	key_keeper_forget_checks(k);
	key_routes_free(k->routes);
	free(k->values);
	free(k->served);
	free(k);
}
