/*
 * Following commands about keys; see key_command.h.
 */
#include "daemon/key_command.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "stats/decided.h"

/* As long as a worker that missed the message may take (worker_keys.h). */
#define OBEY_NS		(2 * NS_PER_S)

/* As long as one may take to end that was killed. */
#define END_NS		NS_PER_S

/*
 * How much of that passes at a time.  Where the parent itself comes later, the
 * machine is busy or stood still, and workers had no turn either: then no more
 * passes, so that none is killed that would have obeyed.
 */
#define TURN_NS		(NS_PER_S / 4)

/* One that was followed, and waits for the disk or for workers. */
struct waiting {
	struct waiting *next;
	uint64_t id;
	uint64_t number;		/* of the store; 0: it is kept, or need
					   not be */
	uint64_t decisions;		/* that workers must obey; 0: they do,
					   or nobody waits for it longer */
	int64_t left_ns;		/* that workers have, since */
	int64_t looked_ns;		/* then, monotonic */
	bool killed;			/* one had to be */
	bool deaf;			/* and has not ended */
	bool disabled;			/* or enabled */
	char *key;
	char *text;
	char *why;			/* it is not kept */
};

struct key_commands {
	struct key_commands_conf conf;
	struct waiting *list;		/* the first one first */
	struct waiting **end;
};

struct key_commands *
key_commands_new(const struct key_commands_conf *conf)
{
	struct key_commands *c = xcalloc(1, sizeof(*c));

	c->conf = *conf;
	c->end = &c->list;
	return c;
}

/* The first one of the list. */
static void
drop(struct key_commands *c)
{
	struct waiting *w = c->list;

	c->list = w->next;
	if (c->list == NULL)
		c->end = &c->list;
	free(w->key);
	free(w->text);
	free(w->why);
	free(w);
}

void
key_commands_free(struct key_commands *c)
{
	if (c == NULL)
		return;
	while (c->list != NULL)
		drop(c);
	free(c);
}

static void
answer(const struct key_commands *c, uint64_t id, enum admin_outcome outcome,
    const char *text)
{
	c->conf.answer(c->conf.owner, id, outcome, text);
}

static void
put_off(struct key_commands *c, uint64_t id, const struct admin_command *what,
    const struct key_order_result *result)
{
	struct waiting *w = xcalloc(1, sizeof(*w));

	w->id = id;
	w->number = result->number;
	w->disabled = what->order == KEY_ORDER_DISABLE;
	w->decisions = w->disabled ? stats_decisions(c->conf.memory) : 0;
	w->left_ns = OBEY_NS;
	w->looked_ns = clock_monotonic();
	w->key = xstrdup(what->key);
	w->text = xstrdup(result->text);
	*c->end = w;
	c->end = &w->next;
}

void
key_commands_follow(struct key_commands *c, uint64_t id,
    const struct admin_command *what, uid_t who)
{
	struct key_order_result result;

	if (key_keeper_order(c->conf.keys, what->order, what->key, who,
	    &result))
		put_off(c, id, what, &result);
	else
		answer(c, id, key_keeper_has(c->conf.keys, what->key) ?
		    ADMIN_REFUSED : ADMIN_UNKNOWN, result.text);
}

static enum admin_outcome
outcome_of(const struct waiting *w)
{
	if (w->deaf)
		return ADMIN_NOT_OBEYED;
	return w->why != NULL ? ADMIN_NOT_KEPT : ADMIN_DONE;
}

static const char *
words_about_workers(const struct waiting *w)
{
	if (w->deaf)
		return "; a worker that did not answer was killed, and may "
		    "use it until it has ended";
	return w->killed ? "; a worker that did not answer was killed" : "";
}

static void
answer_first(struct key_commands *c)
{
	const struct waiting *w = c->list;
	char *text = xasprintf("%s%s%s%s", w->text, words_about_workers(w),
	    w->why != NULL ? "; a restart will forget it: " : "",
	    w->why != NULL ? w->why : "");

	if (w->why != NULL)
		log_warn("a restart will forget that key %s was %s: %s",
		    w->key, w->disabled ? "disabled" : "enabled", w->why);
	answer(c, w->id, outcome_of(w), text);
	free(text);
	drop(c);
}

/* Numbers of the store grow. */
void
key_commands_kept(struct key_commands *c, uint64_t number, const char *why)
{
	for (struct waiting *w = c->list; w != NULL; w = w->next) {
		if (w->number == 0 || w->number > number)
			continue;
		w->number = 0;
		w->why = why != NULL ? xstrdup(why) : NULL;
	}
}

/* They do not obey, and their time is over. */
static void
end_deaf(const struct key_commands *c, struct waiting *w)
{
	if (w->killed) {
		w->deaf = true;
		w->decisions = 0;
		return;
	}
	w->killed = true;
	w->left_ns = END_NS;
	c->conf.end_deaf(c->conf.workers, w->decisions);
}

/* Whether or not the disk has answered: what leaked goes on leaking. */
static int64_t
watch_workers(const struct key_commands *c, struct waiting *w, int64_t now)
{
	if (w->decisions != 0 && c->conf.obeyed(c->conf.workers, w->decisions))
		w->decisions = 0;
	if (w->decisions == 0)
		return INT64_MAX;
	w->left_ns -= clock_earlier(now - w->looked_ns, TURN_NS);
	w->looked_ns = now;
	if (w->left_ns <= 0)
		end_deaf(c, w);
	return w->decisions != 0 ? now + clock_earlier(w->left_ns, TURN_NS) :
	    INT64_MAX;
}

int64_t
key_commands_step(struct key_commands *c)
{
	int64_t now = clock_monotonic(), until = INT64_MAX;

	for (struct waiting *w = c->list; w != NULL; w = w->next)
		until = clock_earlier(until, watch_workers(c, w, now));
	while (c->list != NULL && c->list->number == 0 &&
	    c->list->decisions == 0)
		answer_first(c);
	return until;
}

void
key_commands_cut(struct key_commands *c)
{
	while (c->list != NULL)
		answer_first(c);
}

bool
key_commands_wait(const struct key_commands *c)
{
	return c->list != NULL;
}
