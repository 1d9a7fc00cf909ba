/*
 * Keeping an admin process; see admin_keeper.h.
 *
 * There are two places: that of the process which serves, and while a
 * configuration is loaded that of the next one.  A process that is in neither
 * any more finishes what it does, and is killed when its time is over.
 */
#include "daemon/admin_keeper_parts.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/control_channel.h"
#include "daemon/worker.h"
#include "stats/process.h"

/* A moment more than the process gives itself. */
#define RETIRE_NS	((WORKER_GRACE_MS + WORKER_END_MS) * NS_PER_MS)

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

	admin_keeper_each(k, add_cpu, &(uint64_t *){ &sum });
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

	admin_keeper_each(k, add_to_poll,
	    &(struct polled){ .fds = fds, .n = &n });
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
	admin_keeper_each(k, read_one, k);
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
		admin_keeper_send_answers(k);
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
	admin_keeper_send_answers(k);
	place_leave(k, &k->serving, INT64_MAX);
	place_leave(k, &k->next, INT64_MAX);
	k->has_next = false;
	admin_keeper_each(k, end_one, NULL);
}

struct admin_keeper *
admin_keeper_new(const struct admin_keeper_conf *conf)
{
	struct admin_keeper *k = xcalloc(1, sizeof(*k));

	k->conf = *conf;
	k->events = (struct admin_child_events){
		.command = admin_keeper_command, .owner = k };
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
	admin_keeper_each(k, close_channel, NULL);
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
