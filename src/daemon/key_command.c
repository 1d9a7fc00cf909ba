/*
 * Following commands about keys; see key_command.h.
 */
#include "daemon/key_command.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"

/* One that was followed, and waits for the disk. */
struct waiting {
	struct waiting *next;
	uint64_t id;
	uint64_t number;		/* of the store */
	bool disabled;			/* or enabled */
	char *key;
	char *text;
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

	if (!key_keeper_order(c->conf.keys, what->order, what->key, who,
	    &result))
		answer(c, id, key_keeper_has(c->conf.keys, what->key) ?
		    ADMIN_REFUSED : ADMIN_UNKNOWN, result.text);
	else if (result.number == 0)
		answer(c, id, ADMIN_DONE, result.text);
	else
		put_off(c, id, what, &result);
}

static void
answer_unkept(const struct key_commands *c, const struct waiting *w,
    const char *why)
{
	char *text = xasprintf("%s; a restart will forget it: %s", w->text,
	    why);

	log_warn("a restart will forget that key %s was %s: %s", w->key,
	    w->disabled ? "disabled" : "enabled", why);
	answer(c, w->id, ADMIN_NOT_KEPT, text);
	free(text);
}

/* Numbers of the store grow. */
void
key_commands_kept(struct key_commands *c, uint64_t number, const char *why)
{
	while (c->list != NULL && c->list->number <= number) {
		if (why == NULL)
			answer(c, c->list->id, ADMIN_DONE, c->list->text);
		else
			answer_unkept(c, c->list, why);
		drop(c);
	}
}

bool
key_commands_wait(const struct key_commands *c)
{
	return c->list != NULL;
}
