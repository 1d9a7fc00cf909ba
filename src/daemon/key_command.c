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

/* One that was followed, and waits for the disk or for workers. */
struct waiting {
	struct waiting *next;
	uint64_t id;
	uint64_t number;		/* of the store; 0: it is kept, or need
					   not be */
	uint64_t decisions;		/* that workers must obey */
	int64_t late_ns;		/* until then */
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
	w->late_ns = clock_monotonic() + OBEY_NS;
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

static void
answer_first(struct key_commands *c, const char *more)
{
	const struct waiting *w = c->list;
	char *text = xasprintf("%s%s%s%s", w->text, more,
	    w->why != NULL ? "; a restart will forget it: " : "",
	    w->why != NULL ? w->why : "");

	if (w->why != NULL)
		log_warn("a restart will forget that key %s was %s: %s",
		    w->key, w->disabled ? "disabled" : "enabled", w->why);
	answer(c, w->id, w->why != NULL ? ADMIN_NOT_KEPT : ADMIN_DONE, text);
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

int64_t
key_commands_step(struct key_commands *c)
{
	int64_t now = clock_monotonic();

	while (c->list != NULL && c->list->number == 0) {
		if (c->list->decisions == 0 || c->conf.obeyed(
		    c->conf.obeyed_owner, c->list->decisions))
			answer_first(c, "");
		else if (now >= c->list->late_ns)
			answer_first(c, "; a worker does not answer, and may "
			    "use it until it is ended");
		else
			return c->list->late_ns;
	}
	return INT64_MAX;
}

void
key_commands_cut(struct key_commands *c)
{
	while (c->list != NULL)
		answer_first(c, "");
}

bool
key_commands_wait(const struct key_commands *c)
{
	return c->list != NULL;
}
