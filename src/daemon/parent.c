/*
 * The parent's life; see parent.h.  It sleeps in ppoll(); signals only set a
 * flag, and are held back but while it sleeps.
 */
#include "daemon/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "conf/conf.h"
#include "conf/log_file.h"
#include "daemon/balance.h"
#include "daemon/generation.h"
#include "daemon/preflight.h"
#include "daemon/reminders.h"
#include "daemon/service_manager.h"
#include "daemon/sockets.h"
#include "daemon/wakeups.h"
#include "daemon/worker.h"
#include "stats/memory.h"
#include "stats/stats.h"

struct parent {
	struct conf *conf;
	struct stats_memory *memory;
	struct stats *stats;
	struct balance *balance;
	struct wakeups wakeups;
	struct sockets sockets;
	int access_fd;
	struct generation *generation;
	struct reminders *reminders;
	struct service_manager *manager;
	sigset_t awake;			/* the signal mask while it sleeps */
	bool said_ready;
	unsigned stops;			/* how often it was told to stop */
	int64_t stop_by_ns;		/* after that, workers are killed */
};

/* The time that workers get to log the exchanges that they cut off. */
#define LAST_MOMENT_NS	NS_PER_S

static volatile sig_atomic_t got_child, got_hangup, got_reopen, got_stop;

static struct conf *
load(const char *file, const struct conf_opening *opening)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct conf *conf = conf_load(file, opening, &diagnostics);

	conf_diagnostics_print(&diagnostics, stderr);
	conf_diagnostics_free(&diagnostics);
	return conf;
}

/* A descriptor for the access log, -1 without; false with the reason. */
static bool
open_access(const struct conf *conf, int *fd, const char **why)
{
	const char *path = conf->log.access;

	*fd = -1;
	if (strcmp(path, "none") == 0)
		return true;
	if (strcmp(path, "stdout") != 0) {
		*fd = log_file_open(path, conf->uid, why);
		return *fd != -1;
	}
	*fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	*why = strerror(errno);
	return *fd != -1;
}

/*
 * Says why the access log cannot be opened; without an option it is standard
 * output.
 */
static void
refuse_access(const struct conf *conf, const char *why)
{
	const struct conf_where *at = &conf->log_where;

	if (at->line != 0)
		log_plain("%s:%u: option 'access': cannot open %s: %s",
		    at->file, at->line, conf->log.access, why);
	else
		log_plain("standard output, the access log: %s", why);
}

/* Only a file is reopened: standard output belongs to others. */
static bool
has_log_file(const struct conf *conf)
{
	return strcmp(conf->log.access, "none") != 0 &&
	    strcmp(conf->log.access, "stdout") != 0;
}

static void
reopen_access(struct parent *p)
{
	const char *why;
	int fd;

	if (!has_log_file(p->conf))
		return;
	if (!open_access(p->conf, &fd, &why)) {
		log_error("%s: cannot reopen it: %s; the old one stays",
		    p->conf->log.access, why);
		return;
	}
	close(p->access_fd);
	p->access_fd = fd;
	generation_use_log(p->generation, fd);
	log_info("the access log was reopened");
}

/* Clients and upstreams need descriptors: allow as many as the system does. */
static void
raise_limits(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return;
	r.rlim_cur = r.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &r);
}

/* Whether the configuration has no error; all of them are printed. */
static bool
pass(const struct conf *conf, struct conf_diagnostics *diagnostics)
{
	bool good = diagnostics->n_errors == 0;

	conf_diagnostics_sort(diagnostics, &conf->files);
	conf_diagnostics_print(diagnostics, stderr);
	conf_diagnostics_free(diagnostics);
	return good;
}

static bool
share_memory(struct parent *p)
{
	char why[256];

	p->memory = stats_memory_new(STATS_SLOTS, why, sizeof(why));
	if (p->memory != NULL)
		p->stats = stats_new(p->memory, p->conf, why, sizeof(why));
	if (p->stats == NULL) {
		log_plain("sallyport: cannot start: %s", why);
		return false;
	}
	log_start(STDERR_FILENO, p->conf->log.level,
	    &stats_memory_parent(p->memory)->log_lost);
	log_set_format(p->conf->log.format);
	return true;
}

static bool
set_up(struct parent *p)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	const char *why;

	if (!share_memory(p))
		return false;
	raise_limits();
	p->balance = balance_new(p->conf->workers, p->conf->n_listeners);
	if (!wakeups_open(&p->wakeups, p->conf->workers)) {
		log_plain("sallyport: cannot make a descriptor per worker: %s",
		    strerror(errno));
		return false;
	}
	preflight(p->conf, &diagnostics);
	if (!pass(p->conf, &diagnostics))
		return false;
	if (!open_access(p->conf, &p->access_fd, &why)) {
		refuse_access(p->conf, why);
		return false;
	}
	sockets_open(&p->sockets, p->conf, &diagnostics);
	return pass(p->conf, &diagnostics);
}

/* -- signals -- */

static void
parent_on_signal(int signal)
{
	switch (signal) {
	case SIGCHLD:
		got_child = 1;
		break;
	case SIGHUP:
		got_hangup = 1;
		break;
	case SIGUSR1:
		got_reopen = 1;
		break;
	default:
		got_stop++;
		break;
	}
}

static const int signals[] = { SIGCHLD, SIGHUP, SIGUSR1, SIGINT, SIGTERM };

static void
catch_signals(struct parent *p)
{
	struct sigaction a = { .sa_handler = parent_on_signal };
	sigset_t held;

	sigemptyset(&held);
	sigfillset(&a.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		sigaddset(&held, signals[i]);
		(void)sigaction(signals[i], &a, NULL);
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigprocmask(SIG_BLOCK, &held, &p->awake);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigdelset(&p->awake, signals[i]);
}

static void
reap_children(struct parent *p)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		(void)generation_reap(p->generation, pid, status);
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
		sockets_close(&p->sockets);
		generation_stop(p->generation, SIGTERM);
	} else {
		log_info("stopping at once");
		p->stop_by_ns = clock_monotonic() + LAST_MOMENT_NS;
		generation_cut(p->generation);
	}
	p->stops++;
}

static void
serve_signals(struct parent *p)
{
	if (got_child) {
		got_child = 0;
		reap_children(p);
	}
	if (got_hangup) {
		got_hangup = 0;
		log_warn("reloading is not available in this version: the "
		    "configuration stays as it is");
	}
	if (got_reopen) {
		got_reopen = 0;
		reopen_access(p);
	}
	while ((unsigned)got_stop > p->stops)
		stop(p);
}

/* -- watching -- */

/* Sleeps until a signal, a worker's message, or the time (monotonic). */
static void
sleep_until(struct parent *p, int64_t until)
{
	struct pollfd *fds = xcalloc(generation_size(p->generation),
	    sizeof(*fds));
	size_t n = generation_poll(p->generation, fds);
	int64_t left = until - clock_monotonic();
	struct timespec ts;

	if (left < 0)
		left = 0;
	ts.tv_sec = left / NS_PER_S;
	ts.tv_nsec = left % NS_PER_S;
	if (ppoll(fds, n, until == INT64_MAX ? NULL : &ts, &p->awake) > 0)
		generation_read(p->generation);
	free(fds);
}

static void
tell_ready(const struct parent *p)
{
	size_t keys = p->conf->n_keys;
	unsigned workers = p->conf->workers;

	log_plain("ready");
	service_manager_tell(p->manager, SERVICE_READY,
	    "serving: %u worker%s, %zu key%s", workers,
	    workers == 1 ? "" : "s", keys, keys == 1 ? "" : "s");
}

/* False when a worker could not start. */
static bool
watch_start(struct parent *p)
{
	if (p->said_ready || p->stops != 0)
		return true;
	if (generation_failure(p->generation) != NULL) {
		log_plain("sallyport: cannot start: %s",
		    generation_failure(p->generation));
		return false;
	}
	if (!generation_is_ready(p->generation))
		return true;
	p->said_ready = true;
	tell_ready(p);
	return true;
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
	generation_stop(p->generation, SIGKILL);
	return now + NS_PER_S;
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Runs until all workers have ended; returns the exit status. */
static int
watch(struct parent *p)
{
	int64_t until;
	int status = 0;

	for (;;) {
		serve_signals(p);
		until = earlier(generation_replace(p->generation,
		    clock_monotonic()), reminders_tell(p->reminders));
		if (status == 0 && !watch_start(p)) {
			status = 1;
			got_stop++;
			continue;
		}
		if (p->stops != 0) {
			if (generation_alive(p->generation) == 0)
				return status;
			until = kill_late(p, clock_monotonic());
		}
		until = earlier(until, service_manager_keep(p->manager,
		    clock_monotonic()));
		sleep_until(p, until);
	}
}

int
parent_run(const char *conf_file, const struct conf_opening *opening)
{
	struct parent p = { .access_fd = -1 };
	int status = 1;

	p.conf = load(conf_file, opening);
	if (p.conf == NULL)
		return 1;
	p.manager = service_manager_new();
	catch_signals(&p);
	if (set_up(&p)) {
		sockets_announce(&p.sockets);
		p.generation = generation_new(&(struct generation_conf){
			.conf = p.conf,
			.stats = p.stats,
			.balance = p.balance,
			.wakeups = &p.wakeups,
			.listeners = p.sockets.fds,
			.access_fd = &p.access_fd,
		});
		p.reminders = reminders_new(p.conf);
		status = watch(&p);
		reminders_free(p.reminders);
		generation_free(p.generation);
	}
	sockets_release(&p.sockets);
	if (p.access_fd != -1)
		close(p.access_fd);
	wakeups_close(&p.wakeups);
	balance_free(p.balance);
	stats_free(p.stats);
	stats_memory_free(p.memory);
	service_manager_free(p.manager);
	conf_free(p.conf);
	return status;
}
