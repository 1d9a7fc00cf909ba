/*
 * Answers without an exchange; see turn_away.h.
 */
#include "client/turn_away.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "client/answer.h"
#include "net/linger.h"
#include "stats/counting.h"

#define LINGER_MS	1000

/*
 * A fatal alert as it is sent before a handshake, internal_error (RFC 8446,
 * section 6): the client reports that, where plain text would be no TLS to it.
 */
static const uint8_t alert[] = { 21, 3, 3, 0, 2, 2, 80 };

struct turn_away {
	struct env *env;		/* NULL: freed, some still linger */
	unsigned n;			/* connections that linger */
	unsigned most;
	void (*room)(void *owner);
	void *owner;
	struct deferred burial;
};

static void
turn_away_on_over(void *owner)
{
	struct turn_away *t = owner;

	if (t->n-- == t->most && t->env != NULL)
		t->room(t->owner);
}

static void
write_answer(struct env *env, enum fault fault, const char *why,
    struct buf *out)
{
	struct answer a;

	answer_make(&a, env, fault, NULL, why, 0);
	buf_init(out, env->codec.blocks);
	h1_answer_unread(out, &a.head, buf_data(&a.body), buf_len(&a.body));
	answer_release(&a);
}

void
turn_away(struct turn_away *t, int fd, bool tls, const char *why)
{
	const struct linger_terms terms = {
		.most_ms = LINGER_MS,
		.silent_ms = LINGER_MS,
		.over = turn_away_on_over,
		.owner = t,
	};
	struct buf out;

	stats_count_fault(t->env->stats, FAULT_OVERLOADED);
	if (tls) {
		buf_init(&out, t->env->codec.blocks);
		buf_append(&out, alert, sizeof(alert));
	} else {
		write_answer(t->env, FAULT_OVERLOADED, why, &out);
	}
	t->n++;
	linger_start(t->env->loop, fd, &out, &terms);
}

void
turn_away_plain(struct env *env, int fd, const char *why)
{
	static const struct linger_terms terms = {
		.most_ms = LINGER_MS, .silent_ms = LINGER_MS,
	};
	struct buf out;

	stats_count_fault(env->stats, FAULT_BAD_REQUEST);
	write_answer(env, FAULT_BAD_REQUEST, why, &out);
	linger_start(env->loop, fd, &out, &terms);
}

bool
turn_away_is_full(const struct turn_away *t)
{
	return t->n >= t->most;
}

struct turn_away *
turn_away_new(struct env *env, void (*room)(void *owner), void *owner)
{
	struct turn_away *t = xcalloc(1, sizeof(*t));

	t->env = env;
	t->most = TURNED_AWAY;
	t->room = room;
	t->owner = owner;
	deferred_init(&t->burial, LOOP_LAST, free, t);
	return t;
}

void
turn_away_limit(struct turn_away *t, unsigned most)
{
	t->most = most;
}

void
turn_away_free(struct turn_away *t)
{
	if (t == NULL)
		return;
	deferred_queue(t->env->loop, &t->burial);
	t->env = NULL;
}
