/*
 * What admin processes are told: news, and the answers to commands; see
 * admin_keeper.h.
 */
#include "daemon/admin_keeper_parts.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "pages/packed.h"

/* How long others are told nothing, until processes took the news of it. */
#define HEAR_NS		NS_PER_S

void
admin_keeper_each(const struct admin_keeper *k,
    void (*call)(struct admin_child *, const void *), const void *arg)
{
	if (k->serving.child != NULL)
		call(k->serving.child, arg);
	if (k->next.child != NULL)
		call(k->next.child, arg);
	for (struct admin_child *c = k->retired.list; c != NULL; c = c->next)
		call(c, arg);
}

/* -- news -- */

static void
want_news(struct admin_child *c, const void *news)
{
	c->wants_news = true;
	admin_child_tell(c, *(const int *)news);
}

void
admin_keeper_news(struct admin_keeper *k, const struct admin_news *news)
{
	struct buf b;
	int fd;

	buf_init(&b, NULL);
	admin_news_pack(news, &b);
	if (text_eq(buf_text(&b), buf_text(&k->news)) ||
	    (fd = pack_to_fd(&b)) == -1) {
		buf_release(&b);
		return;
	}
	buf_release(&k->news);
	k->news = b;
	if (k->news_fd != -1)
		close(k->news_fd);
	k->news_fd = fd;
	admin_keeper_each(k, want_news, &k->news_fd);
}

/* -- who is told after them -- */

static void
await_one(struct admin_child *c, const void *news)
{
	admin_child_await(c, *(const int *)news);
}

static void
note_unheard(struct admin_child *c, const void *arg)
{
	bool *const *unheard = arg;

	**unheard |= !admin_child_is_heard(c);
}

bool
admin_keeper_is_heard(const struct admin_keeper *k, int64_t now)
{
	bool unheard = false;

	if (now >= k->heard_by_ns)
		return true;
	admin_keeper_each(k, note_unheard, &(bool *){ &unheard });
	return !unheard;
}

/* One that takes none holds others up for a while, and only once. */
void
admin_keeper_await(struct admin_keeper *k)
{
	int64_t now = clock_monotonic();

	if (admin_keeper_is_heard(k, now))
		k->heard_by_ns = now + HEAR_NS;
	admin_keeper_each(k, await_one, &k->news_fd);
}

/* -- commands -- */

void
admin_keeper_command(void *owner, struct admin_child *c,
    const struct admin_message *m)
{
	struct admin_keeper *k = owner;
	uint64_t id = k->stopping ? 0 : admin_debts_add(&k->debts, c->serial,
	    m->its, admin_command_is_urgent(&m->command));

	if (id != 0)
		k->conf.command(k->conf.owner, id, &m->command, m->who);
	else
		admin_child_answer(c, m->its, ADMIN_REFUSED, k->stopping ?
		    "the daemon stops" : "too many wait for an answer");
}

void
admin_keeper_answer(struct admin_keeper *k, uint64_t id,
    enum admin_outcome outcome, const char *text)
{
	admin_debts_settle(&k->debts, id, outcome, text);
	admin_keeper_await(k);
}

static void
answer_if_asked(struct admin_child *c, const void *arg)
{
	const struct admin_owed *o = arg;

	if (c->serial == o->serial && c->control != -1)
		admin_child_answer(c, o->its, o->outcome, o->text);
}

void
admin_keeper_send_answers(struct admin_keeper *k)
{
	struct admin_owed owed;

	while (admin_debts_take(&k->debts, &owed)) {
		admin_keeper_each(k, answer_if_asked, &owed);
		free(owed.text);
	}
}
