/*
 * Keeping an admin process; see admin_keeper.h.
 *
 * There are two places: that of the process which serves, and while a
 * configuration is loaded that of the next one.  A process that is in neither
 * any more finishes what it does, and is killed when its time is over.
 */
#include "daemon/admin_keeper.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/admin_child.h"
#include "daemon/admin_owed.h"
#include "daemon/admin_retired.h"
#include "daemon/backoff.h"
#include "daemon/control_channel.h"
#include "daemon/packed.h"
#include "daemon/worker.h"
#include "stats/process.h"

/* A moment more than the process gives itself. */
#define RETIRE_NS	((WORKER_GRACE_MS + WORKER_END_MS) * NS_PER_MS)

/* How long others are told nothing, until processes took the news of it. */
#define HEAR_NS		NS_PER_S

struct place {
	struct admin_order order;	/* n_listeners 0: no process */
	struct admin_child *child;	/* NULL: none, or it died */
	struct backoff backoff;
	char *failure;			/* of one that was to be the next */
};

struct admin_keeper {
	struct admin_keeper_conf conf;
	struct admin_child_events events;
	int program;
	struct place serving, next;
	bool has_next;
	bool succeeds;			/* one has served: the next one waits */
	struct admin_retired retired;
	struct admin_debts debts;
	uint64_t n_ever_started;
	int64_t heard_by_ns;		/* until then others may have to wait */
	struct buf news;		/* packed */
	int news_fd;			/* -1: none yet */
	int64_t started;		/* seconds since 1970 */
	bool stopping;
};

/* -- places -- */

static bool
place_start(struct admin_keeper *k, struct place *p)
{
	int64_t now = clock_monotonic();

	backoff_start(&p->backoff, now);
	p->child = admin_child_new(k->program, &p->order,
	    ++k->n_ever_started);
	if (p->child == NULL)
		return false;
	admin_child_tell(p->child, k->news_fd);
	if (p != &k->next || !k->succeeds)
		admin_child_serve(p->child);
	return true;
}

/* The process that was there gets until then to end. */
static void
place_leave(struct admin_keeper *k, struct place *p, int64_t kill_ns)
{
	if (p->child != NULL)
		admin_retired_add(&k->retired, p->child, kill_ns);
	admin_order_release(&p->order);
	free(p->failure);
	*p = (struct place){ .order = { .brief = -1 } };
}

static bool
place_is_ready(const struct place *p)
{
	return p->order.n_listeners == 0 ||
	    (p->child != NULL && p->child->ready);
}

void
admin_keeper_start(struct admin_keeper *k, const struct admin_for *f)
{
	admin_keeper_give_up(k);
	k->has_next = true;
	if (!admin_order_make(&k->next.order, f, k->conf.memory, k->started) ||
	    (k->next.order.n_listeners != 0 && !place_start(k, &k->next)))
		k->next.failure = xasprintf("cannot start the admin process: "
		    "%s", strerror(errno));
}

bool
admin_keeper_is_ready(const struct admin_keeper *k)
{
	return place_is_ready(k->has_next ? &k->next : &k->serving);
}

const char *
admin_keeper_failure(const struct admin_keeper *k)
{
	return k->has_next ? k->next.failure : NULL;
}

void
admin_keeper_take_over(struct admin_keeper *k)
{
	if (!k->has_next)
		return;
	if (k->serving.child != NULL)
		control_send(k->serving.child->control, CONTROL_RETIRE, -1,
		    NULL);
	place_leave(k, &k->serving, clock_monotonic() + RETIRE_NS);
	k->serving = k->next;
	k->next = (struct place){ .order = { .brief = -1 } };
	k->has_next = false;
	if (k->serving.child != NULL && !k->serving.child->serves)
		admin_child_serve(k->serving.child);
	k->succeeds = true;
}

bool
admin_keeper_has_left(const struct admin_keeper *k)
{
	return admin_child_all_left(k->retired.list);
}

void
admin_keeper_give_up(struct admin_keeper *k)
{
	if (!k->has_next)
		return;
	if (k->next.child != NULL)
		(void)kill(k->next.child->pid, SIGKILL);
	place_leave(k, &k->next, INT64_MAX);
	k->has_next = false;
}

/* -- all processes -- */

/* Calls for each; it may close channels, but not free. */
static void
each(const struct admin_keeper *k, void (*call)(struct admin_child *,
    const void *), const void *arg)
{
	if (k->serving.child != NULL)
		call(k->serving.child, arg);
	if (k->next.child != NULL)
		call(k->next.child, arg);
	for (struct admin_child *c = k->retired.list; c != NULL; c = c->next)
		call(c, arg);
}

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
	each(k, want_news, &k->news_fd);
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
	each(k, note_unheard, &(bool *){ &unheard });
	return !unheard;
}

/* One that takes none holds others up for a while, and only once. */
void
admin_keeper_await(struct admin_keeper *k)
{
	int64_t now = clock_monotonic();

	if (admin_keeper_is_heard(k, now))
		k->heard_by_ns = now + HEAR_NS;
	each(k, await_one, &k->news_fd);
}

/* -- commands -- */

static void
keeper_on_command(void *owner, struct admin_child *c,
    const struct admin_message *m)
{
	struct admin_keeper *k = owner;
	uint64_t id = k->stopping ? 0 : admin_debts_add(&k->debts, c->serial,
	    m->its);

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

static void
send_answers(struct admin_keeper *k)
{
	struct admin_owed owed;

	while (admin_debts_take(&k->debts, &owed)) {
		each(k, answer_if_asked, &owed);
		free(owed.text);
	}
}

/* -- watching -- */

size_t
admin_keeper_alive(const struct admin_keeper *k)
{
	size_t n = 0;

	if (k->serving.child != NULL)
		n++;
	if (k->next.child != NULL)
		n++;
	for (const struct admin_child *c = k->retired.list; c != NULL;
	    c = c->next)
		n++;
	return n;
}

static void
add_cpu(struct admin_child *c, const void *arg)
{
	uint64_t *const *sum = arg;

	**sum += process_cpu_ns(c->pid);
}

uint64_t
admin_keeper_cpu_ns(const struct admin_keeper *k)
{
	uint64_t sum = 0;

	each(k, add_cpu, &(uint64_t *){ &sum });
	return sum;
}

struct polled {
	struct pollfd *fds;
	size_t *n;
};

static void
add_to_poll(struct admin_child *c, const void *arg)
{
	const struct polled *p = arg;

	if (c->control != -1)
		p->fds[(*p->n)++] = (struct pollfd){ .fd = c->control,
			.events = POLLIN };
}

size_t
admin_keeper_poll(const struct admin_keeper *k, struct pollfd *fds)
{
	size_t n = 0;

	each(k, add_to_poll, &(struct polled){ .fds = fds, .n = &n });
	return n;
}

static void
read_one(struct admin_child *c, const void *arg)
{
	const struct admin_keeper *k = arg;

	admin_child_read(c, k->news_fd, &k->events);
}

void
admin_keeper_read(struct admin_keeper *k)
{
	each(k, read_one, k);
}

static void
serving_died(struct admin_keeper *k)
{
	struct place *p = &k->serving;
	int64_t now = clock_monotonic();

	admin_child_free(p->child);
	p->child = NULL;
	backoff_died(&p->backoff, now);
	log_warn("the admin process is replaced in %d ms",
	    (int)((p->backoff.due_ns - now) / NS_PER_MS));
}

static void
next_died(struct admin_keeper *k)
{
	struct place *p = &k->next;

	p->failure = xstrdup(p->child->failure != NULL ? p->child->failure :
	    "the admin process ended before it was ready");
	admin_child_free(p->child);
	p->child = NULL;
}

bool
admin_keeper_reap(struct admin_keeper *k, pid_t pid, int status)
{
	struct admin_child *serving = k->serving.child, *next = k->next.child;

	admin_keeper_read(k);
	if (serving != NULL && serving->pid == pid) {
		admin_child_explain(serving, status);
		serving_died(k);
		return true;
	}
	if (next != NULL && next->pid == pid) {
		admin_child_explain(next, status);
		next_died(k);
		return true;
	}
	return admin_retired_reap(&k->retired, pid);
}

/* Starts the replacement; returns when it is due. */
static int64_t
replace(struct admin_keeper *k, int64_t now)
{
	struct place *p = &k->serving;

	if (p->order.n_listeners == 0 || p->child != NULL || k->stopping)
		return INT64_MAX;
	if (p->backoff.due_ns > now)
		return p->backoff.due_ns;
	if (place_start(k, p))
		return INT64_MAX;
	log_error("cannot start the admin process: %m");
	backoff_put_off(&p->backoff, now);
	return p->backoff.due_ns;
}

int64_t
admin_keeper_step(struct admin_keeper *k, int64_t now)
{
	int64_t next = replace(k, now);

	if (admin_keeper_is_heard(k, now))
		send_answers(k);
	else
		next = clock_earlier(next, k->heard_by_ns);
	next = clock_earlier(next, admin_child_watch(k->serving.child, now));
	next = clock_earlier(next, admin_child_watch(k->next.child, now));
	return clock_earlier(next, admin_retired_step(&k->retired, now));
}

/* -- the end -- */

static void
end_one(struct admin_child *c, const void *arg)
{
	(void)arg;
	admin_child_end(c);
}

void
admin_keeper_stop(struct admin_keeper *k)
{
	if (k->stopping)
		return;
	k->stopping = true;
	admin_debts_refuse_all(&k->debts, "the daemon stops");
	send_answers(k);
	place_leave(k, &k->serving, INT64_MAX);
	place_leave(k, &k->next, INT64_MAX);
	k->has_next = false;
	each(k, end_one, NULL);
}

struct admin_keeper *
admin_keeper_new(const struct admin_keeper_conf *conf)
{
	struct admin_keeper *k = xcalloc(1, sizeof(*k));

	k->conf = *conf;
	k->events = (struct admin_child_events){
		.command = keeper_on_command, .owner = k };
	k->program = admin_exec_open();
	k->serving.order.brief = k->next.order.brief = -1;
	buf_init(&k->news, NULL);
	k->news_fd = -1;
	k->started = clock_wall() / NS_PER_S;
	return k;
}

static void
close_channel(struct admin_child *c, const void *arg)
{
	(void)arg;
	if (c->control != -1)
		close(c->control);
}

void
admin_keeper_abandon(const struct admin_keeper *k)
{
	each(k, close_channel, NULL);
	admin_order_abandon(&k->serving.order);
	admin_order_abandon(&k->next.order);
	if (k->program != -1)
		close(k->program);
	if (k->news_fd != -1)
		close(k->news_fd);
}

void
admin_keeper_free(struct admin_keeper *k)
{
	if (k == NULL)
		return;
	place_leave(k, &k->serving, 0);
	place_leave(k, &k->next, 0);
	admin_retired_release(&k->retired);
	if (k->program != -1)
		close(k->program);
	if (k->news_fd != -1)
		close(k->news_fd);
	buf_release(&k->news);
	admin_debts_release(&k->debts);
	free(k);
}
