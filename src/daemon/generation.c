/*
 * Workers as processes; see generation.h.
 */
#include "daemon/generation_parts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "daemon/backoff.h"
#include "daemon/control_channel.h"
#include "daemon/worker.h"
#include "stats/decided.h"

/* How often loops are looked at, and when one is taken for stuck. */
#define WATCH_NS	(2500 * NS_PER_MS)
#define STUCK_NS	(10 * NS_PER_S)

/* -- the child's side -- */

static void __attribute__((noreturn))
become_worker(struct generation *g, size_t index, int control)
{
	const struct holdings *h = g->conf.holdings;
	struct worker_conf w = {
		.conf = h->conf,
		.stats = h->stats,
		.balance = h->balance,
		.wakeups = &h->wakeups,
		.slot = index,
		.listeners = h->sockets.fds,
		.access = h->access,
		.control = control,
		.followed = sockets_followed(&h->sockets),
		.serves = g->serving && !generation_was_renewed(g),
	};

	generation_abandon(g);
	if (g->conf.forked != NULL)
		g->conf.forked(g->conf.owner, h);
	secret_keep_epoch(h->epoch);
	exit(worker_run(&w));
}

/* -- the parent's side -- */

static void
start_worker(struct generation *g, size_t index)
{
	struct worker_child *s = &g->slots[index];
	int ours, theirs;

	backoff_start(&s->backoff, clock_monotonic());
	if (!control_open(&ours, &theirs)) {
		log_error("cannot start a worker: %s", strerror(errno));
		backoff_put_off(&s->backoff, clock_monotonic());
		return;
	}
	s->servers_version = name_servers_version(g->conf.servers);
	s->obeyed = stats_decisions(stats_shared(g->conf.holdings->stats));
	generation_brief_tls(g, index, ours);
	s->pid = fork();
	if (s->pid == 0) {
		close(ours);
		become_worker(g, index, theirs);
	}
	close(theirs);
	if (s->pid < 0) {
		log_error("cannot start a worker: %s", strerror(errno));
		close(ours);
		s->pid = 0;
		backoff_put_off(&s->backoff, clock_monotonic());
		return;
	}
	s->control = ours;
	s->since = clock_wall() / NS_PER_S;
}

static void
plan_replacement(struct generation *g, struct worker_child *s)
{
	_Atomic uint64_t *restarts =
	    stats_worker_restarts(g->conf.holdings->stats);
	uint64_t n = atomic_fetch_add(restarts, 1) + 1;
	int64_t now = clock_monotonic();

	backoff_died(&s->backoff, now);
	log_warn("the worker is replaced in %d ms; replaced so far: %llu",
	    (int)((s->backoff.due_ns - now) / NS_PER_MS),
	    (unsigned long long)n);
}

/* Whether workers that die are replaced. */
static bool
is_kept_up(const struct generation *g)
{
	return !g->stopping && (g->serving || !g->conf.succeeds);
}

static void
send_all(const struct generation *g, enum control_kind kind)
{
	for (size_t i = 0; i < g->n; i++) {
		if (g->slots[i].control != -1)
			worker_child_tell(&g->slots[i], kind, -1, NULL);
	}
}

/*
 * Its clients are gone with it, and others may be waiting for it to take some.
 */
static void
forget(struct generation *g, size_t index)
{
	const struct holdings *h = g->conf.holdings;

	stats_worker_ended(h->stats, index);
	balance_reset(h->balance, index);
	send_all(g, CONTROL_LOOK);
}

/*
 * Where the parent itself came late, all of the machine stood still, or its
 * processes were stopped: then nobody can be blamed yet.
 */
static bool
came_late(struct generation *g, int64_t now)
{
	int64_t before = g->watched_ns;

	g->watched_ns = now;
	return before == 0 || now - before > 2 * WATCH_NS;
}

static void
end_stuck(struct generation *g, size_t index, int64_t now)
{
	struct worker_child *s = &g->slots[index];
	int64_t turned = stats_worker_turn(g->conf.holdings->stats, index);

	if (turned < s->backoff.started_ns)
		turned = s->backoff.started_ns;
	if (s->pid == 0 || now - turned < STUCK_NS)
		return;
	if (!s->stuck)
		log_error("worker %d does nothing: its loop has not turned "
		    "for %d s", (int)s->pid,
		    (int)((now - turned) / NS_PER_S));
	s->stuck = true;
	worker_child_kill(s, now);
}

int64_t
generation_watch(struct generation *g, int64_t now)
{
	if (g->stopping)
		return INT64_MAX;
	if (now < g->watched_ns + WATCH_NS)
		return g->watched_ns + WATCH_NS;
	generation_renew_late(g);
	if (!came_late(g, now)) {
		for (size_t i = 0; i < g->n; i++)
			end_stuck(g, i, now);
	}
	return now + WATCH_NS;
}

bool
generation_reap(struct generation *g, pid_t pid, int status)
{
	for (size_t i = 0; i < g->n; i++) {
		struct worker_child *s = &g->slots[i];

		if (s->pid != pid)
			continue;
		generation_read(g);
		if (!g->stopping || status != 0)
			worker_child_explain_end(s, status);
		worker_child_ended(s);
		forget(g, i);
		key_keeper_lost(g->conf.keys, pid);
		if (is_kept_up(g))
			plan_replacement(g, s);
		return true;
	}
	return false;
}

int64_t
generation_replace(struct generation *g, int64_t now)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < g->n && !g->stopping; i++) {
		struct worker_child *s = &g->slots[i];

		if (s->pid == 0 && s->backoff.due_ns <= now)
			start_worker(g, i);
		if (s->pid == 0 && s->backoff.due_ns < next)
			next = s->backoff.due_ns;
	}
	return next;
}

size_t
generation_size(const struct generation *g)
{
	return g->n;
}

size_t
generation_poll(const struct generation *g, struct pollfd *fds)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		if (g->slots[i].control != -1)
			fds[n++] = (struct pollfd){
				.fd = g->slots[i].control,
				.events = g->slots[i].owed != NULL ?
				    POLLIN | POLLOUT : POLLIN,
			};
	}
	return n;
}

static void
generation_on_failed(void *owner, const char *why)
{
	struct generation *g = owner;

	if (g->failure == NULL)
		g->failure = xstrdup(why);
}

void
generation_read(struct generation *g)
{
	const struct worker_child_events events = {
		.servers = g->conf.servers,
		.failed = generation_on_failed,
		.key = generation_heard,
		.owner = g,
	};

	for (size_t i = 0; i < g->n; i++) {
		if (g->slots[i].control != -1)
			worker_child_read(&g->slots[i], &events);
		worker_child_pay(&g->slots[i], g->conf.holdings->access->fd);
	}
	generation_try_keys(g);
}

void
generation_stop(struct generation *g, int signal)
{
	int64_t now = clock_monotonic();

	g->stopping = true;
	for (size_t i = 0; i < g->n; i++) {
		struct worker_child *s = &g->slots[i];

		if (s->pid != 0 && signal == SIGKILL)
			worker_child_kill(s, now);
		else if (s->pid != 0)
			(void)kill(s->pid, signal);
	}
}

bool
generation_survives(const struct generation *g, int64_t now)
{
	for (size_t i = 0; i < g->n; i++) {
		if (worker_child_survives(&g->slots[i], now))
			return true;
	}
	return false;
}

void
generation_serve(struct generation *g)
{
	if (!g->serving)
		send_all(g, CONTROL_SERVE);
	g->serving = true;
}

static void
empty_listeners(const struct generation *g, struct worker_child *s,
    const struct sockets *next)
{
	const struct sockets *own = &g->conf.holdings->sockets;
	char index[3 * sizeof(size_t)];

	for (size_t i = 0; i < own->n; i++) {
		if (sockets_share(own, i, next))
			continue;
		(void)snprintf(index, sizeof(index), "%zu", i);
		worker_child_tell(s, CONTROL_EMPTY, -1, index);
	}
}

void
generation_retire(struct generation *g, const struct generation *next)
{
	g->stopping = true;
	generation_distrust(g);
	for (size_t i = 0; i < g->n; i++) {
		struct worker_child *s = &g->slots[i];

		if (s->control == -1)
			continue;
		empty_listeners(g, s, &next->conf.holdings->sockets);
		worker_child_tell(s, CONTROL_RETIRE, -1, NULL);
	}
}

bool
generation_has_left(const struct generation *g)
{
	for (size_t i = 0; i < g->n; i++) {
		if (g->slots[i].pid != 0 && !g->slots[i].left)
			return false;
	}
	return true;
}

void
generation_abandon(const struct generation *g)
{
	for (size_t i = 0; i < g->n; i++) {
		if (g->slots[i].control != -1)
			close(g->slots[i].control);
	}
}

/*
 * Not by a signal, which would be lost where an earlier one is still pending.
 */
void
generation_cut(struct generation *g)
{
	send_all(g, CONTROL_CUT);
}

void
generation_tell_keys(const struct generation *g)
{
	send_all(g, CONTROL_KEYS);
}

void
generation_use_log(struct generation *g)
{
	for (size_t i = 0; i < g->n; i++) {
		if (g->slots[i].control != -1)
			worker_child_tell(&g->slots[i], CONTROL_LOG,
			    g->conf.holdings->access->fd, NULL);
	}
}

size_t
generation_alive(const struct generation *g)
{
	size_t alive = 0;

	for (size_t i = 0; i < g->n; i++)
		alive += g->slots[i].pid != 0;
	return alive;
}

static enum daemon_state
state_of(const struct generation *g, const struct worker_child *s)
{
	if (g->stopping)
		return DAEMON_DRAINING;
	return s->ready ? DAEMON_SERVING : DAEMON_STARTING;
}

size_t
generation_describe(const struct generation *g, uint64_t serial,
    struct admin_worker *out)
{
	int64_t now = clock_monotonic();
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		const struct worker_child *s = &g->slots[i];

		if (s->pid == 0 && g->stopping)
			continue;
		out[n++] = (struct admin_worker){
			.pid = s->pid,
			.generation = serial,
			.state = state_of(g, s),
			.since = s->since,
			.survives = worker_child_survives(s, now),
		};
	}
	return n;
}

bool
generation_is_ready(const struct generation *g)
{
	for (size_t i = 0; i < g->n; i++) {
		if (!g->slots[i].ready)
			return false;
	}
	return admin_keeper_is_ready(g->conf.admin) && (g->trial == NULL ||
	    key_trial_is_over(g->trial, clock_monotonic()));
}

const char *
generation_failure(const struct generation *g)
{
	if (g->failure != NULL)
		return g->failure;
	if (g->trial != NULL && key_trial_failure(g->trial) != NULL)
		return key_trial_failure(g->trial);
	return admin_keeper_failure(g->conf.admin);
}

struct generation *
generation_new(const struct generation_conf *conf)
{
	struct generation *g = xcalloc(1, sizeof(*g));
	const struct holdings *h = conf->holdings;

	g->conf = *conf;
	g->serving = conf->serves;
	admin_keeper_start(conf->admin, &(struct admin_for){
		.conf = h->conf,
		.bound = h->sockets.bound,
		.sockets = h->admin_sockets.fds,
		.numbers = stats_numbers(h->stats),
		.sandbox = &h->sandbox,
	});
	g->renewed = xcalloc(h->conf->n_listeners, sizeof(*g->renewed));
	g->n = h->conf->workers;
	g->slots = xcalloc(g->n, sizeof(*g->slots));
	for (size_t i = 0; i < g->n; i++)
		g->slots[i].control = -1;
	for (size_t i = 0; i < g->n; i++)
		start_worker(g, i);
	return g;
}

void
generation_free(struct generation *g)
{
	if (g == NULL)
		return;
	key_keeper_forget(g->conf.keys, g->conf.holdings->conf);
	generation_abandon(g);
	generation_forget_tls(g);
	for (size_t i = 0; i < g->n; i++)
		worker_child_forgive(&g->slots[i]);
	free(g->slots);
	key_trial_free(g->trial);
	free(g->failure);
	free(g);
}
