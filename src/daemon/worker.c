/*
 * A worker's life: set up, say ready, serve, drain, end.  See worker.h.
 */
#include "daemon/worker.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/sink.h"
#include "client/descriptors.h"
#include "client/env.h"
#include "client/forward.h"
#include "client/sessions.h"
#include "client/tls_servers.h"
#include "daemon/control_channel.h"
#include "daemon/listeners.h"
#include "daemon/privileges.h"
#include "daemon/worker_keys.h"
#include "daemon/worker_tls.h"
#include "net/linger.h"
#include "net/loop.h"
#include "net/resolve.h"
#include "net/timer.h"
#include "sandbox/sandbox.h"
#include "stats/counting.h"

/* How long connections may linger after the last exchange of a stop. */
#define LAST_LINGER_MS	5000

/* How often it says that its loop turns. */
#define BEAT_MS		1000

struct worker {
	const struct worker_conf *conf;
	struct loop *loop;
	struct sink *access;
	struct env *env;
	struct tls_servers *tls;
	struct forward *forward;
	struct worker_keys *keys;
	struct sessions *sessions;
	struct listeners *listeners;	/* NULL: no longer accepting, or not
					   yet */
	uint64_t descriptors;		/* that the system allows */
	struct timer grace;
	struct timer beat;
	struct event *on_term;
	struct event *on_control;
	int access_fd;			/* the worker's own, or -1 */
};

static void
worker_on_full(void *owner, size_t listener, bool full)
{
	struct worker *w = owner;

	if (w->listeners != NULL)
		listeners_full(w->listeners, listener, full);
}

static uint64_t
most_descriptors(void)
{
	struct rlimit r = { .rlim_cur = RLIM_INFINITY };

	(void)getrlimit(RLIMIT_NOFILE, &r);
	return r.rlim_cur;
}

/* How many clients that many descriptors allow. */
static uint32_t
most_clients(const struct conf *conf, uint64_t most)
{
	uint32_t n = descriptors_clients(conf, most);

	if (n < conf->limits.clients)
		log_warn("no more than %u clients at a time instead of %u: "
		    "the system allows %llu descriptors (RLIMIT_NOFILE), and "
		    "upstreams need some", (unsigned)n,
		    (unsigned)conf->limits.clients,
		    (unsigned long long)most);
	return n;
}

/* -- stopping -- */

static void
worker_on_none_lingers(void *owner)
{
	struct worker *w = owner;

	loop_stop(w->loop);
}

/*
 * A client that still sends would see a reset instead of its answer.
 * Connections lingered while exchanges ran; now they get a moment more.
 */
static void
worker_on_empty(void *owner)
{
	struct worker *w = owner;

	linger_await_none(w->loop, LAST_LINGER_MS, worker_on_none_lingers, w);
}

static void
cut(struct worker *w)
{
	sessions_cut(w->sessions);
	loop_stop(w->loop);
}

static void
worker_on_grace_over(void *owner)
{
	struct worker *w = owner;

	if (sessions_count(w->sessions) != 0)
		log_warn("%zu client connections were cut: they took over %d "
		    "s to end", sessions_count(w->sessions),
		    WORKER_GRACE_MS / 1000);
	cut(w);
}

/*
 * The parent sees by it that the loop turns.  And a message about keys may have
 * been lost.
 */
static void
worker_on_beat(void *owner)
{
	struct worker *w = owner;

	stats_beat(w->conf->stats, clock_monotonic());
	worker_keys_obey(w->keys);
	timer_set(&w->beat, BEAT_MS);
}

/* Whoever is told to stop first takes no clients. */
static void
open_listeners(struct worker *w)
{
	const struct worker_conf *c = w->conf;

	if (w->listeners != NULL || w->env->phase != ENV_SERVING)
		return;
	w->listeners = listeners_new(&(struct listeners_conf){
		.env = w->env,
		.sessions = w->sessions,
		.fds = c->listeners,
		.balance = c->balance,
		.wakeups = c->wakeups,
		.worker = c->slot,
		.turned_away = descriptors_turned_away(c->conf,
		    w->descriptors),
		.make_room = sessions_end_arrival,
	});
}

static void
close_listeners(struct worker *w)
{
	listeners_free(w->listeners);
	w->listeners = NULL;
}

/* Others serve the clients that come now. */
static void
retire(struct worker *w)
{
	if (w->env->phase != ENV_SERVING)
		return;
	close_listeners(w);
	control_send(w->conf->control, CONTROL_LEFT, -1, NULL);
	timer_set(&w->grace, WORKER_GRACE_MS);
	sessions_retire(w->sessions, worker_on_empty, w);
}

static void
drain(struct worker *w)
{
	if (w->conf->followed) {
		retire(w);
		return;
	}
	if (w->env->phase == ENV_STOPPING)
		return;
	close_listeners(w);
	timer_set(&w->grace, WORKER_GRACE_MS);
	sessions_stop(w->sessions, worker_on_empty, w);
}

static void
look(const struct worker *w)
{
	if (w->listeners != NULL)
		listeners_look(w->listeners);
}

static void
empty_listener(struct worker *w, const char *index)
{
	uint64_t i;

	if (w->listeners != NULL && text_parse_u64(text_of(index),
	    w->conf->conf->n_listeners - 1, &i))
		listeners_empty(w->listeners, (size_t)i);
}

static void
worker_on_term(evutil_socket_t signal, short what, void *owner)
{
	(void)signal;
	(void)what;
	drain(owner);
}

/* -- the parent -- */

static void
use_log(struct worker *w, int fd)
{
	if (fd == -1)
		return;
	if (w->access == NULL) {
		close(fd);
		return;
	}
	sink_set_fd(w->access, fd);
	close(w->access_fd);
	w->access_fd = fd;
}

/* In the sandbox a worker can look at no file. */
static void
worker_on_look(void *owner)
{
	const struct worker *w = owner;

	control_send(w->conf->control, CONTROL_SERVERS, -1, NULL);
}

/* What is to become of its listeners. */
static void
take_for_listeners(struct worker *w, const struct control_message *m)
{
	if (m->kind == CONTROL_LOOK)
		look(w);
	else if (m->kind == CONTROL_EMPTY)
		empty_listener(w, m->text);
	else
		open_listeners(w);
}

/* An empty text: they are the same as before. */
static void
use_servers(struct worker *w, const char *text)
{
	resolver_looked(forward_resolver(w->forward),
	    text[0] != '\0' ? text : NULL);
}

static void
take_message(struct worker *w, const struct control_message *m)
{
	switch (m->kind) {
	case CONTROL_LOG:
		use_log(w, m->fd);
		break;
	case CONTROL_CUT:
		cut(w);
		break;
	case CONTROL_LOOK:
	case CONTROL_EMPTY:
	case CONTROL_SERVE:
		take_for_listeners(w, m);
		break;
	case CONTROL_TICKETS:
	case CONTROL_RENEWAL:
	case CONTROL_DISTRUST:
		worker_tls_take(w->tls, w->sessions, w->conf->conf, m);
		break;
	case CONTROL_RETIRE:
		retire(w);
		break;
	case CONTROL_SERVERS:
		use_servers(w, m->text);
		break;
	case CONTROL_KEYS:
	case CONTROL_PROBE:
		worker_keys_take(w->keys, m);
		break;
	case CONTROL_READY:
	case CONTROL_FAILED:
	case CONTROL_LEFT:
	case CONTROL_LEARNT:
	case CONTROL_OBEYED:
	case CONTROL_PROBED:
	case CONTROL_SUSPECT:
	case CONTROL_NEWS:
	case CONTROL_TOOK:
	case CONTROL_COMMAND:
	case CONTROL_RESULT:
		break;
	}
}

static void
worker_on_control(evutil_socket_t control, short what, void *owner)
{
	struct worker *w = owner;
	struct control_message m;

	(void)what;
	switch (control_receive(control, &m)) {
	case CONTROL_NOTHING:
		return;
	case CONTROL_GONE:
		event_del(w->on_control);
		if (w->env->phase == ENV_SERVING)
			log_warn("the parent is gone: finishing what runs");
		drain(w);
		return;
	case CONTROL_MESSAGE:
		take_message(w, &m);
		explicit_bzero(m.text, sizeof(m.text));
		break;
	}
}

/* -- the whole -- */

static void
set_signals(struct worker *w)
{
	struct event_base *base = loop_base(w->loop);
	sigset_t none;

	/*
	 * A terminal sends these to all processes; the parent decides what to
	 * do.
	 */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	w->on_term = evsignal_new(base, SIGTERM, worker_on_term, w);
	event_add(w->on_term, NULL);
	w->on_control = event_new(base, w->conf->control, EV_READ | EV_PERSIST,
	    worker_on_control, w);
	event_add(w->on_control, NULL);
	/* The parent forked with its signals held back. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Also for this worker's own memory, for which the parent cannot answer. */
static bool
is_locked(const struct conf *conf, char *why, size_t why_size)
{
	if (conf->locking == CONF_LOCKING_TRY || secret_memory().locked)
		return true;
	(void)snprintf(why, why_size, "option 'memory': keys cannot be "
	    "locked in memory");
	return false;
}

/* All files have been read by now. */
static bool
enter_sandbox(const struct conf *conf, char *why, size_t why_size)
{
	const struct sandbox_plan plan = {
		.option = conf->sandbox,
		.caller = SYSCALLS_WORKER,
		.conf = conf,
	};
	struct sandbox_report report;

	if (!sandbox_enter(&plan, &report)) {
		(void)snprintf(why, why_size, "option 'sandbox': %s",
		    report.reason);
		return false;
	}
	if (conf->sandbox != CONF_SANDBOX_OFF && !report.seccomp)
		log_warn("not confined: %s", report.reason);
	return true;
}

static bool
set_up(struct worker *w, char *why, size_t why_size)
{
	const struct worker_conf *c = w->conf;

	/* While still root, which may lock more memory. */
	secret_protect_inherited();
	/*
	 * tzset() reads a file, and OpenSSL calls it for the times in a chain.
	 */
	tzset();
	w->loop = loop_new();
	set_signals(w);
	timer_init(&w->grace, w->loop, worker_on_grace_over, w);
	timer_init(&w->beat, w->loop, worker_on_beat, w);
	worker_on_beat(w);
	if (w->access_fd != -1)
		w->access = sink_new(w->access_fd,
		    &stats_worker(c->stats, c->slot)->log_lost,
		    c->access->torn);
	w->env = env_new(c->conf, w->loop, c->stats, w->access);
	w->tls = w->env->tls = tls_servers_new(c->conf, why, why_size);
	if (w->tls == NULL)
		return false;
	w->forward = forward_new(w->env, c->stats, why, why_size);
	/* All files are open by now; they may be readable by root only. */
	if (w->forward == NULL || !is_locked(c->conf, why, why_size) ||
	    !privileges_drop(c->conf, why, why_size))
		return false;
	resolver_set_look(forward_resolver(w->forward), worker_on_look, w);
	w->keys = worker_keys_new(c->conf, c->stats, w->loop,
	    forward_caller(w->forward), c->control);
	/* In the sandbox nobody can ask for it. */
	w->descriptors = most_descriptors();
	w->sessions = sessions_new(w->env, forward_handler(w->forward),
	    most_clients(c->conf, w->descriptors), worker_on_full, w);
	if (c->serves)
		open_listeners(w);
	return enter_sandbox(c->conf, why, why_size);
}

static void
tear_down(struct worker *w)
{
	close_listeners(w);
	sessions_free(w->sessions);
	worker_keys_free(w->keys);
	forward_free(w->forward);
	tls_servers_free(w->tls);
	env_free(w->env);
	timer_end(&w->grace);
	timer_end(&w->beat);
	if (w->on_term != NULL)
		event_free(w->on_term);
	if (w->on_control != NULL)
		event_free(w->on_control);
	loop_free(w->loop);
	sink_free(w->access);
	if (w->access_fd != -1)
		close(w->access_fd);
}

int
worker_run(const struct worker_conf *conf)
{
	struct worker w = { .conf = conf, .access_fd = conf->access->fd };
	char why[512];

	stats_enter(conf->stats, conf->slot);
	log_start(STDERR_FILENO, conf->conf->log.level,
	    &stats_worker(conf->stats, conf->slot)->log_lost);
	log_watch_keys(NULL, NULL);
	stats_isolate(conf->stats);
	log_set_format(conf->conf->log.format);
	if (!set_up(&w, why, sizeof(why))) {
		control_send(conf->control, CONTROL_FAILED, -1, why);
		tear_down(&w);
		return 1;
	}
	control_send(conf->control, CONTROL_READY, -1, NULL);
	loop_run(w.loop);
	tear_down(&w);
	return 0;
}
