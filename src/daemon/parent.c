/*
 * The parent's life; see parent.h.  It sleeps in ppoll().
 */
#include "daemon/parent.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "daemon/admin_keeper.h"
#include "daemon/clock_watch.h"
#include "daemon/generations.h"
#include "daemon/parent_keys.h"
#include "daemon/passphrases.h"
#include "daemon/privileges.h"
#include "daemon/reminders.h"
#include "daemon/service_manager.h"
#include "daemon/signals.h"
#include "daemon/worker.h"
#include "pages/admin_ends.h"
#include "stats/memory.h"
#include "stats/process.h"

struct parent {
	struct stats_memory *memory;	/* for the life of the process */
	struct generations *generations;
	struct admin_keeper *admin;
	struct parent_keys *keys;
	struct admin_reload reload;	/* the last one */
	struct passphrases *passphrases;
	struct reminders *reminders;	/* NULL: nothing serves yet */
	struct service_manager *manager;
	struct clock_watch clock;
	bool announces;			/* that it serves, to others than the
					   admin process */
	bool said_ready;
	sigset_t awake;			/* the signal mask while it sleeps */
	unsigned stops;			/* how often it was told to stop */
	int64_t stop_by_ns;		/* after that, workers are killed */
};

/* The time that workers get to log the exchanges that they cut off. */
#define LAST_MOMENT_NS	NS_PER_S

/* The log as that configuration wants it. */
static void
use_log(struct parent *p, const struct conf *conf)
{
	log_start(STDERR_FILENO, conf->log.level,
	    &stats_memory_parent(p->memory)->log_lost);
	log_set_format(conf->log.format);
}

/* -- signals -- */

static void
reap_children(struct parent *p)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (!generations_reap(p->generations, pid, status) &&
		    !admin_keeper_reap(p->admin, pid, status))
			(void)parent_keys_reap(p->keys, pid, status);
	}
}

static void
stop(struct parent *p)
{
	if (p->stops == 0) {
		log_info("stopping: finishing what runs");
		service_manager_tell(p->manager, SERVICE_STOPPING,
		    "finishing what runs");
		p->stop_by_ns = clock_monotonic() +
		    (WORKER_GRACE_MS + WORKER_END_MS) * NS_PER_MS;
		generations_stop(p->generations);
		parent_keys_stop(p->keys);
	} else {
		log_info("stopping at once");
		p->stop_by_ns = clock_monotonic() + LAST_MOMENT_NS;
		generations_cut(p->generations);
		parent_keys_cut(p->keys);
		admin_keeper_stop(p->admin);
	}
	p->stops++;
}

static void
reload(const struct parent *p, uint64_t asker)
{
	if (p->stops == 0)
		service_manager_tell(p->manager, SERVICE_RELOADING,
		    "reloading");
	generations_reload(p->generations, asker);
}

static void
serve_signals(struct parent *p)
{
	if (signals_take(SIGNALS_CHILD))
		reap_children(p);
	if (signals_take(SIGNALS_HANGUP))
		reload(p, RELOAD_UNASKED);
	if (signals_take(SIGNALS_REOPEN))
		generations_reopen_logs(p->generations);
	while (signals_stops() > p->stops)
		stop(p);
}

/* -- watching -- */

/*
 * Sleeps until a signal, a worker's message, a step of the clock, or the time
 * (monotonic).
 */
static void
sleep_until(struct parent *p, int64_t until)
{
	struct pollfd *fds = xcalloc(generations_size(p->generations) +
	    admin_keeper_alive(p->admin) + 1, sizeof(*fds));
	size_t n = generations_poll(p->generations, fds);
	int64_t left = until - clock_monotonic();
	struct timespec ts;

	if (left < 0)
		left = 0;
	ts.tv_sec = left / NS_PER_S;
	ts.tv_nsec = left % NS_PER_S;
	n += admin_keeper_poll(p->admin, fds + n);
	clock_watch_poll(&p->clock, &fds[n]);
	if (ppoll(fds, n + 1, until == INT64_MAX ? NULL : &ts, &p->awake) > 0) {
		generations_read(p->generations);
		admin_keeper_read(p->admin);
		if (fds[n].revents != 0)
			clock_watch_take(&p->clock);
	}
	free(fds);
}

/* False when the first workers could not start. */
static bool
watch_start(const struct parent *p)
{
	const char *why = generations_failure(p->generations);

	if (why == NULL || p->stops != 0)
		return true;
	log_plain("sallyport: cannot start: %s", why);
	return false;
}

/*
 * Kills workers that are over their time to stop; returns when to look again.
 * A worker that waits for a disk cannot be killed before the disk answers.
 */
static int64_t
kill_late(const struct parent *p, int64_t now)
{
	if (now < p->stop_by_ns)
		return p->stop_by_ns;
	generations_kill(p->generations);
	return now + NS_PER_S;
}

static enum daemon_state
state_of(const struct parent *p)
{
	if (p->stops != 0)
		return DAEMON_DRAINING;
	return p->reminders != NULL ? DAEMON_SERVING : DAEMON_STARTING;
}

/* The parent measures all: a worker could tell anything. */
static void
beat(const struct parent *p, const struct admin_news *news)
{
	uint64_t running = admin_keeper_cpu_ns(p->admin);

	for (size_t i = 0; i < news->n_workers; i++) {
		if (news->workers[i].pid != 0)
			running += process_cpu_ns((pid_t)news->workers[i].pid);
	}
	stats_memory_beat(p->memory, running, clock_monotonic());
}

static void
tell_admin(const struct parent *p)
{
	struct admin_news news = {
		.state = state_of(p),
		.workers = xcalloc(generations_size(p->generations),
		    sizeof(*news.workers)),
		.reload = p->reload,
		.events = parent_keys_events(p->keys),
	};

	generations_describe(p->generations, &news);
	/* At a stop their configuration goes before the admin process does. */
	if (news.state == DAEMON_SERVING)
		admin_ends_add(&news,
		    generations_current(p->generations)->conf);
	beat(p, &news);
	admin_keeper_news(p->admin, &news);
	free(news.workers);
	free(news.ends);
	free(news.watched);
}

static void
tell_manager(const struct parent *p)
{
	const struct conf *conf = generations_current(p->generations)->conf;

	service_manager_tell(p->manager, SERVICE_READY,
	    "serving: %u worker%s, %zu key%s", conf->workers,
	    conf->workers == 1 ? "" : "s", conf->n_keys,
	    conf->n_keys == 1 ? "" : "s");
}

/* Those who learn it may ask the admin process, which is told before. */
static void
announce_later(struct parent *p)
{
	tell_admin(p);
	admin_keeper_await(p->admin);
	p->announces = true;
}

static void
announce(struct parent *p)
{
	if (!p->announces || !admin_keeper_is_heard(p->admin,
	    clock_monotonic()))
		return;
	p->announces = false;
	if (p->stops != 0)
		return;
	if (!p->said_ready)
		log_plain("ready");
	p->said_ready = true;
	tell_manager(p);
}

/*
 * The admin process tells of the end as long as there is a worker, and of what
 * became of commands.
 */
static bool
has_ended(const struct parent *p)
{
	if (generations_alive(p->generations) != 0 ||
	    parent_keys_wait(p->keys))
		return false;
	admin_keeper_stop(p->admin);
	return admin_keeper_alive(p->admin) == 0;
}

/* What is due; returns when to look again, at the latest. */
static int64_t
keep_up(struct parent *p)
{
	int64_t until = generations_step(p->generations, clock_monotonic());

	until = clock_earlier(until, parent_keys_step(p->keys));
	tell_admin(p);
	until = clock_earlier(until, admin_keeper_step(p->admin,
	    clock_monotonic()));
	announce(p);
	if (state_of(p) == DAEMON_SERVING)
		until = clock_earlier(until, reminders_tell(p->reminders));
	return clock_earlier(until, service_manager_keep(p->manager,
	    clock_monotonic()));
}

/* Runs until all workers have ended; returns the exit status. */
static int
watch(struct parent *p)
{
	int64_t until;
	int status = 0;

	for (;;) {
		serve_signals(p);
		until = keep_up(p);
		if (status == 0 && !watch_start(p)) {
			status = 1;
			signals_stop();
			continue;
		}
		if (p->stops != 0) {
			if (has_ended(p))
				return status;
			until = clock_earlier(until, kill_late(p,
			    clock_monotonic()));
		}
		sleep_until(p, until);
	}
}

/* -- what generations tell -- */

static void
parent_on_serves(void *owner, const struct holdings *h)
{
	struct parent *p = owner;
	bool first = p->reminders == NULL;

	use_log(p, h->conf);
	sandbox_log(&h->sandbox);
	p->reload.last_success = clock_wall() / NS_PER_S;
	reminders_free(p->reminders);
	p->reminders = reminders_new(h->conf);
	parent_keys_serve(p->keys, h->conf, stats_numbers(h->stats));
	if (!first)
		return;
	stats_memory_started(p->memory);
	announce_later(p);
}

static void
parent_on_reloaded(void *owner, bool good, const char *text)
{
	struct parent *p = owner;

	free(p->reload.reason);
	p->reload.last = clock_wall() / NS_PER_S;
	p->reload.result = good ? RELOAD_SUCCESS : RELOAD_FAILURE;
	p->reload.reason = good ? NULL : xstrdup(text);
	stats_memory_reloaded(p->memory, good);
	announce_later(p);
}

static void
parent_on_result(void *owner, uint64_t asker, bool good, const char *text)
{
	const struct parent *p = owner;

	admin_keeper_answer(p->admin, asker,
	    good ? ADMIN_DONE : ADMIN_REFUSED, text);
}

static void
parent_on_command(void *owner, uint64_t id, const struct admin_command *c,
    uid_t who)
{
	struct parent *p = owner;

	if (c->key == NULL)
		reload(p, id);
	else
		parent_keys_follow(p->keys, id, c, who);
}

static void
parent_on_followed(void *owner, uint64_t id, enum admin_outcome outcome,
    const char *text)
{
	const struct parent *p = owner;

	admin_keeper_answer(p->admin, id, outcome, text);
}

/* -- the whole -- */

/* Those who keep what becomes of keys and of the admin process. */
static void
make_keepers(struct parent *p)
{
	p->admin = admin_keeper_new(&(struct admin_keeper_conf){
		.command = parent_on_command,
		.owner = p,
		.memory = stats_memory_fd(p->memory),
	});
	p->keys = parent_keys_new(&(struct parent_keys_conf){
		.memory = p->memory,
		.answer = parent_on_followed,
		.owner = p,
	});
}

static void
free_keepers(struct parent *p)
{
	parent_keys_free(p->keys);
	admin_keeper_free(p->admin);
}

static int
serve(struct parent *p, const char *conf_file, struct holdings *h)
{
	int status;

	parent_keys_open(p->keys, h->conf);
	if (!privileges_reduce())
		log_warn("capabilities cannot be given up: %s",
		    strerror(errno));
	p->generations = generations_new(&(struct generations_conf){
		.file = conf_file,
		.passphrases = p->passphrases,
		.memory = p->memory,
		.admin = p->admin,
		.keys = parent_keys_keeper(p->keys),
		.clock = &p->clock,
		.serves = parent_on_serves,
		.reload = {
			.ended = parent_on_reloaded,
			.answer = parent_on_result,
			.owner = p,
		},
		.owner = p,
	});
	parent_keys_watch(p->keys, p->generations);
	/* So that the first admin process knows something from its start. */
	tell_admin(p);
	generations_start(p->generations, h);
	status = watch(p);
	parent_keys_end(p->keys);
	reminders_free(p->reminders);
	generations_free(p->generations);
	free(p->reload.reason);
	return status;
}

/* From here on signals are kept for later. */
static int
equip(struct parent *p, const char *conf_file, struct holdings *h)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	int status;

	use_log(p, h->conf);
	p->manager = service_manager_new();
	signals_catch(&p->awake);
	clock_watch_open(&p->clock);
	make_keepers(p);
	(void)holdings_equip(h, p->memory, parent_keys_keeper(p->keys), NULL,
	    &diagnostics);
	if (conf_diagnostics_pass(&diagnostics, stderr)) {
		status = serve(p, conf_file, h);
	} else {
		holdings_free(h);
		status = 1;
	}
	free_keepers(p);
	clock_watch_close(&p->clock);
	service_manager_free(p->manager);
	return status;
}

static int
load(struct parent *p, const char *conf_file,
    const struct conf_opening *opening)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct holdings *h;
	int status = 1;

	p->passphrases = passphrases_new(opening);
	h = holdings_load(conf_file, passphrases_opening(p->passphrases),
	    &diagnostics);
	passphrases_keep(p->passphrases);
	if (conf_diagnostics_pass(&diagnostics, stderr))
		status = equip(p, conf_file, h);
	passphrases_free(p->passphrases);
	return status;
}

int
parent_run(const char *conf_file, const struct conf_opening *opening)
{
	struct parent p = { .stops = 0 };
	char why[256];
	int status;

	signals_end_early();
	privileges_raise_limits();
	p.memory = stats_memory_new(STATS_SLOTS, why, sizeof(why));
	if (p.memory == NULL) {
		log_plain("sallyport: cannot start: %s", why);
		return 1;
	}
	status = load(&p, conf_file, opening);
	stats_memory_free(p.memory);
	return status;
}
