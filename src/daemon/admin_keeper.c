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
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/admin_child.h"
#include "daemon/backoff.h"
#include "daemon/control_channel.h"
#include "daemon/packed.h"
#include "daemon/worker.h"

/* A moment more than the process gives itself. */
#define RETIRE_NS	((WORKER_GRACE_MS + WORKER_END_MS) * NS_PER_MS)
#define STOP_NS		((ADMIN_STOP_MS + 500) * NS_PER_MS)

/* Results of reloads that are owed to one process at a time. */
#define MOST_ASKED	256

struct place {
	struct admin_order order;	/* n_listeners 0: no process */
	struct admin_child *child;	/* NULL: none, or it died */
	struct backoff backoff;
	char *failure;			/* of one that was to be the next */
};

/* Somebody waits for the result of a reload. */
struct asked {
	uint64_t id;
	uint64_t serial;		/* of the process that was asked */
	uint64_t its;			/* its number for it */
};

struct admin_keeper {
	struct admin_keeper_conf conf;
	struct admin_child_events events;
	int program;
	struct place serving, next;
	bool has_next;
	struct admin_child *retired;
	struct asked *asked;
	size_t n_asked;
	uint64_t n_ever_asked, n_ever_started;
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
	return true;
}

/* The process that was there gets until then to end. */
static void
place_leave(struct admin_keeper *k, struct place *p, int64_t kill_ns)
{
	struct admin_child *c = p->child;

	if (c != NULL) {
		c->kill_ns = kill_ns;
		c->next = k->retired;
		k->retired = c;
	}
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
	for (struct admin_child *c = k->retired; c != NULL; c = c->next)
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

/* -- reloads -- */

static void
keeper_on_reload_asked(void *owner, struct admin_child *c, uint64_t its)
{
	struct admin_keeper *k = owner;

	if (k->n_asked == MOST_ASKED || k->stopping) {
		admin_child_answer(c, its, false, k->stopping ?
		    "the daemon stops" : "too many wait for a reload");
		return;
	}
	k->asked[k->n_asked++] = (struct asked){ .id = ++k->n_ever_asked,
		.serial = c->serial, .its = its };
	k->conf.reload_asked(k->conf.owner, k->n_ever_asked);
}

struct answer_to {
	const struct asked *asked;
	bool good;
	const char *text;
	int news;
};

/*
 * The news come first, for each: one who has the result may ask another process
 * what it led to.
 */
static void
answer_if_asked(struct admin_child *c, const void *arg)
{
	const struct answer_to *a = arg;

	admin_child_tell_now(c, a->news);
	if (c->serial == a->asked->serial && c->control != -1)
		admin_child_answer(c, a->asked->its, a->good, a->text);
}

void
admin_keeper_answer(struct admin_keeper *k, uint64_t id, bool good,
    const char *text)
{
	size_t i = 0;

	while (i < k->n_asked && k->asked[i].id != id)
		i++;
	if (i == k->n_asked)
		return;
	each(k, answer_if_asked, &(struct answer_to){
		.asked = &k->asked[i], .good = good, .text = text,
		.news = k->news_fd });
	k->asked[i] = k->asked[--k->n_asked];
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
	for (const struct admin_child *c = k->retired; c != NULL; c = c->next)
		n++;
	return n;
}

size_t
admin_keeper_size(const struct admin_keeper *k)
{
	return admin_keeper_alive(k);
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
explain_end(const struct admin_child *c, int status)
{
	if (WIFSIGNALED(status))
		log_error("the admin process %d was ended by signal %d (%s)",
		    (int)c->pid, WTERMSIG(status),
		    strsignal(WTERMSIG(status)));
	else
		log_error("the admin process %d ended with status %d",
		    (int)c->pid, WEXITSTATUS(status));
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

static bool
reap_retired(struct admin_keeper *k, pid_t pid)
{
	struct admin_child **at = &k->retired, *c;

	while (*at != NULL && (*at)->pid != pid)
		at = &(*at)->next;
	c = *at;
	if (c == NULL)
		return false;
	*at = c->next;
	admin_child_free(c);
	return true;
}

bool
admin_keeper_reap(struct admin_keeper *k, pid_t pid, int status)
{
	struct admin_child *serving = k->serving.child, *next = k->next.child;

	admin_keeper_read(k);
	if (serving != NULL && serving->pid == pid) {
		explain_end(serving, status);
		serving_died(k);
		return true;
	}
	if (next != NULL && next->pid == pid) {
		explain_end(next, status);
		next_died(k);
		return true;
	}
	return reap_retired(k, pid);
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

	for (struct admin_child *c = k->retired; c != NULL; c = c->next) {
		if (c->kill_ns <= now) {
			(void)kill(c->pid, SIGKILL);
			c->kill_ns = INT64_MAX;
		}
		next = clock_earlier(next, c->kill_ns);
	}
	return next;
}

/* -- the end -- */

static void
end_one(struct admin_child *c, const void *kill_ns)
{
	(void)kill(c->pid, SIGTERM);
	c->kill_ns = clock_earlier(c->kill_ns,
	    *(const int64_t *)kill_ns);
}

void
admin_keeper_stop(struct admin_keeper *k)
{
	int64_t kill_ns = clock_monotonic() + STOP_NS;

	if (k->stopping)
		return;
	k->stopping = true;
	while (k->n_asked != 0)
		admin_keeper_answer(k, k->asked[0].id, false,
		    "the daemon stops");
	place_leave(k, &k->serving, kill_ns);
	place_leave(k, &k->next, kill_ns);
	k->has_next = false;
	each(k, end_one, &kill_ns);
}

struct admin_keeper *
admin_keeper_new(const struct admin_keeper_conf *conf)
{
	struct admin_keeper *k = xcalloc(1, sizeof(*k));

	k->conf = *conf;
	k->events = (struct admin_child_events){
		.reload_asked = keeper_on_reload_asked, .owner = k };
	k->program = admin_exec_open();
	k->serving.order.brief = k->next.order.brief = -1;
	k->asked = xcalloc(MOST_ASKED, sizeof(*k->asked));
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
	struct admin_child *c;

	if (k == NULL)
		return;
	place_leave(k, &k->serving, 0);
	place_leave(k, &k->next, 0);
	while ((c = k->retired) != NULL) {
		k->retired = c->next;
		(void)kill(c->pid, SIGKILL);
		admin_child_free(c);
	}
	if (k->program != -1)
		close(k->program);
	if (k->news_fd != -1)
		close(k->news_fd);
	buf_release(&k->news);
	free(k->asked);
	free(k);
}
