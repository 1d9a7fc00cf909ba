/*
 * The admin process's life: set up, say ready, serve, end.  See admin.h.
 */
#include "daemon/admin.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "client/sessions.h"
#include "conf/memory.h"
#include "daemon/admin_child.h"
#include "daemon/admin_exec.h"
#include "daemon/admin_handler.h"
#include "daemon/admin_waiters.h"
#include "daemon/balance.h"
#include "daemon/control_channel.h"
#include "daemon/listeners.h"
#include "daemon/privileges.h"
#include "daemon/wakeups.h"
#include "daemon/worker.h"
#include "net/linger.h"
#include "net/loop.h"
#include "net/timer.h"
#include "pages/admin_brief.h"
#include "pages/admin_ends.h"
#include "pages/admin_names.h"
#include "pages/admin_news.h"
#include "pages/admin_watched.h"
#include "sandbox/sandbox.h"
#include "stats/reader.h"

/*
 * Scrapers and people, of each listener.  Where all places are taken, a
 * newcomer gets that of one who stalls (sessions_make_room()), so that nobody
 * who says nothing, half a request, or reads no answer keeps an order to
 * disable a key from getting in.  Those who wait for the result of a command
 * keep theirs, and are fewer than there are places, by more than may come in
 * one turn.
 */
#define ADMIN_CLIENTS	(ADMIN_PLACES + 64)

/* For answers to clients who wait for a result, when its time is over. */
#define LAST_ANSWERS_MS	250

#define BLOCK		4096

struct admin {
	struct admin_brief *brief;
	struct conf conf;		/* what sessions go by */
	struct admin_news news;
	struct blocks *blocks;
	struct arena arena;		/* of the news */
	struct stats_memory *memory;
	struct metrics_names names;
	struct admin_facts facts;
	struct admin_pace *pace;
	struct sandbox_report sandbox;
	struct admin_mishap losses, deaths;
	struct admin_waiters waiters;
	struct admin_handler handler;
	struct stats *counts;		/* of its own sessions; shown nowhere */
	struct balance *balance;
	struct wakeups wakeups;
	struct loop *loop;
	struct env *env;
	struct sessions *sessions;
	struct listeners *listeners;	/* NULL: not, or no longer, accepting */
	struct timer grace;
	struct event *on_term;
	struct event *on_control;
	struct conf_listener *served;	/* the listeners, with their limits */
	int *fds;			/* of them */
};

bool
admin_was_started(void)
{
	int type;
	socklen_t n = sizeof(type);

	return getsockopt(ADMIN_FD_CONTROL, SOL_SOCKET, SO_TYPE, &type,
	    &n) == 0 && type == SOCK_SEQPACKET &&
	    fcntl(ADMIN_FD_BRIEF, F_GET_SEALS) > 0;
}

/* -- the end -- */

static void
admin_on_none_lingers(void *owner)
{
	struct admin *a = owner;

	loop_stop(a->loop);
}

static void
admin_on_empty(void *owner)
{
	struct admin *a = owner;

	linger_await_none(a->loop, ADMIN_STOP_MS, admin_on_none_lingers, a);
}

static void
admin_on_grace_over(void *owner)
{
	struct admin *a = owner;

	if (a->waiters.n != 0) {
		admin_waiters_give_up(&a->waiters);
		timer_set(&a->grace, LAST_ANSWERS_MS);
		return;
	}
	sessions_cut(a->sessions);
	loop_stop(a->loop);
}

static void
close_listeners(struct admin *a)
{
	listeners_free(a->listeners);
	a->listeners = NULL;
}

/* Another one serves. */
static void
retire(struct admin *a)
{
	if (a->env->phase != ENV_SERVING)
		return;
	close_listeners(a);
	control_send(ADMIN_FD_CONTROL, CONTROL_LEFT, -1, NULL);
	timer_set(&a->grace, WORKER_GRACE_MS);
	sessions_retire(a->sessions, admin_on_empty, a);
}

/* Nobody waits for a slow scraper. */
static void
stop(struct admin *a)
{
	if (a->env->phase == ENV_STOPPING)
		return;
	close_listeners(a);
	timer_set(&a->grace, ADMIN_STOP_MS);
	sessions_stop(a->sessions, admin_on_empty, a);
}

static void
admin_on_term(evutil_socket_t signal, short what, void *owner)
{
	(void)signal;
	(void)what;
	stop(owner);
}

/* -- the parent -- */

/* Until then clients wait, as it would know nothing to tell them. */
static void
open_listeners(struct admin *a)
{
	if (a->listeners != NULL || a->env->phase != ENV_SERVING)
		return;
	a->listeners = listeners_new(&(struct listeners_conf){
		.env = a->env,
		.sessions = a->sessions,
		.fds = a->fds,
		.balance = a->balance,
		.wakeups = &a->wakeups,
		.turned_away = ADMIN_CLIENTS,
		.make_room = sessions_make_room,
	});
}

/* What was told before is kept where this cannot be read. */
static void
take_news(struct admin *a, int fd)
{
	struct admin_news news;
	struct arena arena;

	arena_init(&arena, a->blocks);
	if (fd != -1 && admin_news_read(fd, &arena, &news)) {
		arena_release(&a->arena);
		a->arena = arena;
		a->news = news;
		admin_ends_name(&a->names, &a->news, &a->arena);
		admin_watched_name(&a->names, &a->news, &a->arena);
	} else {
		arena_release(&arena);
		log_error("the parent's news cannot be read");
	}
	control_send(ADMIN_FD_CONTROL, CONTROL_TOOK, -1, NULL);
}

static void
take_message(struct admin *a, const struct control_message *m)
{
	switch (m->kind) {
	case CONTROL_NEWS:
		take_news(a, m->fd);
		break;
	case CONTROL_RESULT:
		if (m->fd != -1)
			admin_waiters_result(&a->waiters, m->fd);
		break;
	case CONTROL_SERVE:
		open_listeners(a);
		break;
	case CONTROL_RETIRE:
		retire(a);
		break;
	case CONTROL_TICKETS:
	case CONTROL_RENEWAL:
	case CONTROL_DISTRUST:
	case CONTROL_KEYS:
	case CONTROL_LEARNT:
	case CONTROL_OBEYED:
	case CONTROL_PROBE:
	case CONTROL_PROBED:
	case CONTROL_SUSPECT:
	case CONTROL_READY:
	case CONTROL_FAILED:
	case CONTROL_LOG:
	case CONTROL_CUT:
	case CONTROL_LOOK:
	case CONTROL_LEFT:
	case CONTROL_EMPTY:
	case CONTROL_SERVERS:
	case CONTROL_TOOK:
	case CONTROL_COMMAND:
		break;
	}
}

static void
admin_on_control(evutil_socket_t control, short what, void *owner)
{
	struct admin *a = owner;
	struct control_message m;

	(void)what;
	switch (control_receive(control, &m)) {
	case CONTROL_NOTHING:
		return;
	case CONTROL_GONE:
		event_del(a->on_control);
		admin_waiters_fail(&a->waiters);
		stop(a);
		return;
	case CONTROL_MESSAGE:
		break;
	}
	take_message(a, &m);
	if (m.fd != -1)
		close(m.fd);
}

/* -- the whole -- */

static void
admin_on_full(void *owner, size_t listener, bool full)
{
	struct admin *a = owner;

	if (a->listeners != NULL)
		listeners_full(a->listeners, listener, full);
}

/* A listener's clients take no place of another's. */
static void
share_clients(struct admin *a)
{
	struct conf *conf = &a->conf;
	uint32_t each = conf->limits.clients;

	if (each > ADMIN_CLIENTS)
		each = ADMIN_CLIENTS;
	for (size_t i = 0; i < conf->n_listeners; i++) {
		uint32_t *its = &a->served[i].clients;

		if (*its == 0 || *its > each)
			*its = each;
	}
	conf->limits.clients = each * (uint32_t)conf->n_listeners;
}

/*
 * The configuration of a process whose listeners are the admin ones and which
 * has no routes.
 */
static void
make_conf(struct admin *a)
{
	const struct conf *served = a->brief->conf;
	size_t n = served->n_admin;

	a->served = xcalloc(n, sizeof(*a->served));
	memcpy(a->served, served->admin, n * sizeof(*a->served));
	a->fds = xcalloc(n, sizeof(*a->fds));
	for (size_t i = 0; i < n; i++)
		a->fds[i] = ADMIN_FD_LISTENERS + (int)i;

	a->conf = (struct conf){
		.file = served->file,
		.user = served->user,
		.uid = served->uid,
		.gid = served->gid,
		.workers = 1,
		.sandbox = served->sandbox,
		.log = served->log,
		.timeouts = served->timeouts,
		.limits = served->limits,
		.listeners = a->served,
		.n_listeners = n,
	};
	a->conf.limits.body = ADMIN_BODY;
	share_clients(a);
}

static void
set_signals(struct admin *a)
{
	struct event_base *base = loop_base(a->loop);
	sigset_t none;

	/* A terminal sends these to all processes; the parent decides. */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	a->on_term = evsignal_new(base, SIGTERM, admin_on_term, a);
	event_add(a->on_term, NULL);
	a->on_control = event_new(base, ADMIN_FD_CONTROL, EV_READ | EV_PERSIST,
	    admin_on_control, a);
	event_add(a->on_control, NULL);
	/* The parent forked with its signals held back. */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* All files are read; from here on it has what it has. */
static bool
confine(struct admin *a, char *why, size_t why_size)
{
	const struct sandbox_plan plan = {
		.option = a->conf.sandbox, .caller = SYSCALLS_ADMIN,
	};

	if (!privileges_drop(&a->conf, why, why_size))
		return false;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		(void)snprintf(why, why_size, "cannot give up new privileges: "
		    "%s", strerror(errno));
		return false;
	}
	if (!sandbox_enter(&plan, &a->sandbox)) {
		(void)snprintf(why, why_size, "option 'sandbox': %s",
		    a->sandbox.reason);
		return false;
	}
	if (plan.option != CONF_SANDBOX_OFF && !a->sandbox.seccomp)
		log_warn("the admin process is not confined: %s",
		    a->sandbox.reason);
	return true;
}

static void
gather_facts(struct admin *a)
{
	struct arena *arena = &a->brief->conf->memory->arena;

	admin_names_make(&a->names, a->brief, arena);
	a->losses.seen = stats_read_log_lost(a->memory);
	a->deaths.seen = stats_read_restarts(a->memory);
	a->pace = admin_pace_new(a->loop, a->memory, &a->brief->numbers);
	a->facts = (struct admin_facts){
		.brief = a->brief,
		.news = &a->news,
		.sandbox = &a->sandbox,
		.memory = a->memory,
		.stats = stats_new_reader(a->memory, &a->brief->numbers),
		.metrics = metrics_new(a->memory, &a->names),
		.pace = a->pace,
		.losses = &a->losses,
		.deaths = &a->deaths,
	};
}

static bool
set_up(struct admin *a, char *why, size_t why_size)
{
	/* tzset() reads a file. */
	tzset();
	a->balance = balance_new(1, a->conf.n_listeners);
	a->counts = stats_new_alone(&a->conf);
	a->loop = loop_new();
	timer_init(&a->grace, a->loop, admin_on_grace_over, a);
	a->env = env_new(&a->conf, a->loop, a->counts, NULL);
	gather_facts(a);
	a->waiters.control = ADMIN_FD_CONTROL;
	admin_handler_init(&a->handler, a->env, &a->facts, &a->waiters);
	a->sessions = sessions_new(a->env, &a->handler.handler,
	    a->conf.limits.clients, admin_on_full, a);
	set_signals(a);
	return confine(a, why, why_size);
}

static void
tear_down(struct admin *a)
{
	close_listeners(a);
	sessions_free(a->sessions);
	admin_waiters_release(&a->waiters);
	admin_handler_end(&a->handler);
	env_free(a->env);
	timer_end(&a->grace);
	event_free(a->on_term);
	event_free(a->on_control);
	admin_pace_free(a->pace);
	loop_free(a->loop);
	wakeups_close(&a->wakeups);
	balance_free(a->balance);
	stats_free(a->counts);
	metrics_free(a->facts.metrics);
	stats_free(a->facts.stats);
}

static int
run(struct admin *a)
{
	char why[512];
	bool good;

	make_conf(a);
	log_start(STDERR_FILENO, a->conf.log.level, NULL);
	log_set_format(a->conf.log.format);
	good = set_up(a, why, sizeof(why));
	control_send(ADMIN_FD_CONTROL, good ? CONTROL_READY : CONTROL_FAILED,
	    -1, good ? NULL : why);
	if (good)
		loop_run(a->loop);
	tear_down(a);
	free(a->fds);
	free(a->served);
	return good ? 0 : 1;
}

static int
fail(const char *why)
{
	control_send(ADMIN_FD_CONTROL, CONTROL_FAILED, -1, why);
	return 1;
}

int
admin_run(void)
{
	struct admin a = { .fds = NULL };
	char why[256];
	int status;

	/* It was executed by a descriptor, which gives no name. */
	(void)prctl(PR_SET_NAME, "sallyport");
	a.brief = admin_brief_read(ADMIN_FD_BRIEF);
	close(ADMIN_FD_BRIEF);
	if (a.brief == NULL)
		return fail("what the parent handed over cannot be read");
	a.memory = stats_memory_attach(ADMIN_FD_MEMORY, why, sizeof(why));
	close(ADMIN_FD_MEMORY);
	if (a.memory == NULL)
		return fail(why);
	if (!wakeups_open(&a.wakeups, 1))
		return fail(strerror(errno));
	a.blocks = blocks_new(BLOCK, 1);
	arena_init(&a.arena, a.blocks);
	status = run(&a);
	arena_release(&a.arena);
	blocks_free(a.blocks);
	stats_memory_free(a.memory);
	admin_brief_free(a.brief);
	return status;
}
