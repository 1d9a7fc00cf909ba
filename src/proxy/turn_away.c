/*
 * Answers without an exchange; see turn_away.h.
 */
#include "proxy/turn_away.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/alloc.h"
#include "net/linger.h"
#include "proxy/answer.h"

#define LINGER_MS	1000

struct turn_away {
	struct env *env;		/* NULL: freed, some still linger */
	unsigned n;			/* that linger */
	void (*room)(void *owner);
	void *owner;
	struct deferred burial;
};

static void
on_over(void *owner)
{
	struct turn_away *t = owner;

	if (t->n-- == TURNED_AWAY && t->env != NULL)
		t->room(t->owner);
}

static void
send_answer(struct env *env, int fd, const char *why, struct buf *rest)
{
	struct answer a;
	ssize_t n;

	answer_make(&a, env, FAULT_OVERLOADED, NULL, why);
	buf_init(rest, env->codec.blocks);
	h1_answer_unread(rest, &a.head, buf_data(&a.body), buf_len(&a.body));
	answer_release(&a);
	n = send(fd, buf_data(rest), buf_len(rest), MSG_NOSIGNAL);
	if (n > 0)
		buf_consume(rest, (size_t)n);
}

void
turn_away(struct turn_away *t, int fd, const char *why)
{
	const struct linger_terms terms = {
		.most_ms = LINGER_MS,
		.silent_ms = LINGER_MS,
		.over = on_over,
		.owner = t,
	};
	struct buf rest;

	atomic_fetch_add_explicit(&t->env->figures->faults[FAULT_OVERLOADED],
	    1, memory_order_relaxed);
	send_answer(t->env, fd, why, &rest);
	t->n++;
	linger_start(t->env->loop, fd, &rest, &terms);
	buf_release(&rest);
}

bool
turn_away_is_full(const struct turn_away *t)
{
	return t->n >= TURNED_AWAY;
}

struct turn_away *
turn_away_new(struct env *env, void (*room)(void *owner), void *owner)
{
	struct turn_away *t = xcalloc(1, sizeof(*t));

	t->env = env;
	t->room = room;
	t->owner = owner;
	deferred_init(&t->burial, LOOP_LAST, free, t);
	return t;
}

void
turn_away_free(struct turn_away *t)
{
	if (t == NULL)
		return;
	deferred_queue(t->env->loop, &t->burial);
	t->env = NULL;
}
