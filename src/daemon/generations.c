/*
 * Generations and their succession; see generations.h.
 */
#include "daemon/generations.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/loading.h"
#include "daemon/members.h"
#include "daemon/reload.h"
#include "daemon/worker.h"
#include "net/resolve.h"

#define START_NS	(GENERATIONS_START_MS * NS_PER_MS)

/* A moment more than workers give themselves. */
#define DRAIN_NS	((WORKER_GRACE_MS + WORKER_END_MS) * NS_PER_MS)

/*
 * How long a reload waits until those that retired have closed their listening
 * sockets.  They do so at once, unless they hang.
 */
#define LEAVE_NS	(5 * NS_PER_S)

/* How many may drain while another one starts. */
#define MOST_DRAINING	2

struct generations {
	struct generations_conf conf;
	struct member *list;		/* the newest first */
	struct member *serving;		/* NULL: none yet, or no longer */
	struct name_servers *servers;	/* of the system */
	struct reload reload;
	struct loading loading;
	unsigned serial;		/* of the one that was made last */
	int64_t leave_by_ns;		/* of those that retired */
	bool stopping;
};

/* -- members -- */

/* In a child; kept NULL: it serves nobody. */
static void
generations_on_forked(void *owner, const struct holdings *kept)
{
	const struct generations *gs = owner;

	for (const struct member *m = gs->list; m != NULL; m = m->next) {
		if (m->holdings == kept)
			continue;
		generation_abandon(m->g);
		holdings_abandon(m->holdings, kept);
	}
	if (kept != NULL)
		holdings_enter(kept);
	loading_abandon(&gs->loading);
	admin_keeper_abandon(gs->conf.admin);
	key_keeper_abandon(gs->conf.keys);
}

void
generations_leave(void *owner)
{
	generations_on_forked(owner, NULL);
}

/* Its workers start. */
static struct member *
add(struct generations *gs, struct holdings *h, int64_t deadline_ns)
{
	struct member *m = xcalloc(1, sizeof(*m));

	key_keeper_meet(gs->conf.keys, h->conf, stats_numbers(h->stats));
	m->holdings = h;
	m->deadline_ns = deadline_ns;
	m->next = gs->list;
	gs->list = m;
	m->serial = ++gs->serial;
	m->g = generation_new(&(struct generation_conf){
		.holdings = h,
		.serves = gs->serving == NULL,
		.admin = gs->conf.admin,
		.servers = gs->servers,
		.keys = gs->conf.keys,
		.succeeds = gs->serving != NULL,
		.forked = generations_on_forked,
		.owner = gs,
	});
	return m;
}

static void
drain(struct generations *gs, struct member *m, int64_t now)
{
	m->state = MEMBER_DRAINING;
	m->deadline_ns = now + DRAIN_NS;
	if (gs->serving == m)
		gs->serving = NULL;
}

/* -- reloads -- */

static void
start_next(struct generations *gs, struct holdings *h, int64_t now)
{
	if (h != NULL)
		(void)add(gs, h, now + START_NS);
}

/* The next configuration may listen where they did. */
static bool
have_left(const struct generations *gs)
{
	bool left = admin_keeper_has_left(gs->conf.admin);

	for (const struct member *m = gs->list; m != NULL && left; m = m->next)
		left = m->state != MEMBER_DRAINING ||
		    generation_has_left(m->g);
	return left;
}

static bool
may_begin(const struct generations *gs, int64_t now)
{
	return reload_is_due(&gs->reload) && !gs->stopping &&
	    gs->serving != NULL && !loading_is_under_way(&gs->loading) &&
	    members_find(gs->list, MEMBER_STARTING) == NULL &&
	    members_find(gs->list, MEMBER_ABANDONED) == NULL &&
	    (now >= gs->leave_by_ns || have_left(gs)) &&
	    members_count(gs->list, MEMBER_DRAINING) < MOST_DRAINING;
}

/*
 * Nobody knows how long: the kernel does not let those go for which a reload
 * would have to wait.
 */
static bool
is_held_up(const struct generations *gs, int64_t now)
{
	return reload_is_due(&gs->reload) &&
	    !loading_is_under_way(&gs->loading) &&
	    (members_survive(gs->list, MEMBER_ABANDONED, now) != 0 ||
	    members_survive(gs->list, MEMBER_DRAINING, now) >= MOST_DRAINING);
}

static void
refuse_all(struct generations *gs, const char *why)
{
	if (gs->reload.n == 0)
		return;
	reload_begin(&gs->reload);
	reload_refuse(&gs->reload, why);
}

static void
stop_reloads(struct generations *gs)
{
	if (gs->reload.n == 0)
		return;
	reload_begin(&gs->reload);
	reload_stopped(&gs->reload);
}

/* -- succession -- */

static void
take_over(struct generations *gs, struct member *m, int64_t now)
{
	struct member *before = gs->serving;

	m->state = MEMBER_SERVING;
	gs->serving = m;
	access_file_keep(m->holdings->access);
	/* Before its workers take clients: its state_dir may disable keys. */
	key_keeper_serve(gs->conf.keys, m->holdings->conf, m->holdings->stats);
	generation_serve(m->g);
	holdings_announce(m->holdings);
	admin_keeper_take_over(gs->conf.admin);
	gs->conf.serves(gs->conf.owner, m->holdings);
	if (before == NULL)
		return;
	gs->leave_by_ns = now + LEAVE_NS;
	drain(gs, before, now);
	holdings_shut(before->holdings, m->holdings);
	generation_retire(before->g, holdings_sockets(m->holdings));
	holdings_close_sockets(before->holdings);
	reload_done(&gs->reload, gs->serial);
}

/* A generation that could not start; nobody noticed it. */
static void
abandon(struct generations *gs, struct member *m, int64_t now)
{
	drain(gs, m, now);
	m->state = MEMBER_ABANDONED;
	m->deadline_ns = now;
	generation_stop(m->g, SIGKILL);
	admin_keeper_give_up(gs->conf.admin);
}

static void
permit(struct generations *gs, struct member *m, int64_t now)
{
	struct conf_diagnostics diagnostics = { .n = 0 };

	if (holdings_permit(m->holdings, gs->serving->holdings,
	    &diagnostics)) {
		take_over(gs, m, now);
		return;
	}
	abandon(gs, m, now);
	reload_failed(&gs->reload, &diagnostics);
}

/* Why one cannot take over; NULL: it may, or will. */
static const char *
failure_of(const struct member *m, int64_t now)
{
	if (generation_failure(m->g) != NULL)
		return generation_failure(m->g);
	if (generation_alive(m->g) != generation_size(m->g))
		return "a worker ended before it was ready, or could not be "
		    "started";
	if (!generation_is_ready(m->g) && now >= m->deadline_ns)
		return "its workers were not ready within 30 s";
	return NULL;
}

static void
settle_next(struct generations *gs, struct member *m, int64_t now)
{
	const char *why = failure_of(m, now);

	if (why != NULL) {
		/* First: the reason may go with the admin process. */
		reload_refuse(&gs->reload, why);
		abandon(gs, m, now);
	} else if (generation_is_ready(m->g)) {
		permit(gs, m, now);
	}
}

/* The first has all the time, and its failure is the parent's business. */
static void
settle(struct generations *gs, int64_t now)
{
	struct member *m = members_find(gs->list, MEMBER_STARTING);

	if (m == NULL || gs->stopping)
		return;
	if (gs->serving != NULL)
		settle_next(gs, m, now);
	else if (generation_failure(m->g) == NULL && generation_is_ready(m->g))
		take_over(gs, m, now);
}

static int64_t
step(const struct generations *gs, const struct member *m, int64_t now)
{
	switch (m->state) {
	case MEMBER_STARTING:
		if (gs->serving != NULL)
			return clock_earlier(m->deadline_ns,
			    generation_trial_until(m->g));
		break;
	case MEMBER_SERVING:
		break;
	case MEMBER_DRAINING:
	case MEMBER_ABANDONED:
		return member_end_late(m, now);
	}
	return clock_earlier(generation_replace(m->g, now),
	    generation_watch(m->g, now));
}

int64_t
generations_step(struct generations *gs, int64_t now)
{
	int64_t next;

	settle(gs, now);
	members_free_ended(&gs->list);
	if (may_begin(gs, now)) {
		gs->loading.hangs = !have_left(gs);
		start_next(gs, loading_begin(&gs->loading,
		    gs->serving->holdings, now), now);
	}
	if (is_held_up(gs, now))
		refuse_all(gs, "workers of earlier generations were killed "
		    "and do not end: they wait in the kernel, for a disk "
		    "perhaps");
	next = loading_step(&gs->loading, now);
	for (struct member *m = gs->list; m != NULL; m = m->next)
		next = clock_earlier(next, step(gs, m, now));
	if (reload_is_due(&gs->reload) && now < gs->leave_by_ns)
		next = clock_earlier(next, gs->leave_by_ns);
	return may_begin(gs, now) ? now : next;
}

void
generations_reload(struct generations *gs, uint64_t asker)
{
	reload_ask(&gs->reload, asker);
	if (gs->stopping)
		stop_reloads(gs);
}

/* -- all of them -- */

size_t
generations_size(const struct generations *gs)
{
	return members_workers(gs->list);
}

size_t
generations_poll(const struct generations *gs, struct pollfd *fds)
{
	size_t n = 0;

	for (const struct member *m = gs->list; m != NULL; m = m->next)
		n += generation_poll(m->g, fds + n);
	return n;
}

void
generations_read(struct generations *gs)
{
	for (struct member *m = gs->list; m != NULL; m = m->next)
		generation_read(m->g);
}

bool
generations_reap(struct generations *gs, pid_t pid, int wait_status)
{
	const struct holdings *current;
	struct holdings *next;

	for (struct member *m = gs->list; m != NULL; m = m->next) {
		if (generation_reap(m->g, pid, wait_status))
			return true;
	}
	current = gs->serving != NULL ? gs->serving->holdings : NULL;
	if (!loading_reap(&gs->loading, pid, wait_status, current, &next))
		return false;
	start_next(gs, next, clock_monotonic());
	return true;
}

size_t
generations_alive(const struct generations *gs)
{
	return members_alive(gs->list);
}

void
generations_describe(const struct generations *gs, struct admin_news *news)
{
	news->generation = gs->serving != NULL ? gs->serving->serial : 0;
	news->n_workers = 0;
	for (const struct member *m = gs->list; m != NULL; m = m->next)
		news->n_workers += generation_describe(m->g, m->serial,
		    news->workers + news->n_workers);
}

void
generations_stop(struct generations *gs)
{
	int64_t now = clock_monotonic();

	gs->stopping = true;
	loading_stop(&gs->loading);
	stop_reloads(gs);
	for (struct member *m = gs->list; m != NULL; m = m->next) {
		sockets_close(&m->holdings->sockets);
		if (m->state != MEMBER_DRAINING)
			drain(gs, m, now);
		generation_stop(m->g, SIGTERM);
	}
}

void
generations_cut(struct generations *gs)
{
	for (struct member *m = gs->list; m != NULL; m = m->next)
		generation_cut(m->g);
}

void
generations_tell_keys(const struct generations *gs)
{
	for (const struct member *m = gs->list; m != NULL; m = m->next)
		generation_tell_keys(m->g);
}

bool
generations_obey(const struct generations *gs, uint64_t decisions)
{
	return members_obey(gs->list, decisions);
}

struct key_question
generations_probe(const struct generations *gs, uint32_t key,
    uint32_t upstream)
{
	return gs->serving == NULL ? (struct key_question){ .worker = 0 } :
	    generation_probe(gs->serving->g, key, upstream);
}

void
generations_kill(struct generations *gs)
{
	for (struct member *m = gs->list; m != NULL; m = m->next)
		generation_stop(m->g, SIGKILL);
}

/* A log that several write to is opened again once. */
void
generations_reopen_logs(struct generations *gs)
{
	const struct access_file *done = NULL;

	for (struct member *m = gs->list; m != NULL; m = m->next) {
		struct access_file *log = m->holdings->access;
		const char *why;

		if (log == done) {
			generation_use_log(m->g);
		} else if (access_file_reopen(log, m->holdings->conf, &why)) {
			generation_use_log(m->g);
			done = log;
			log_info("the access log was reopened");
		} else if (why != NULL) {
			log_error("%s: cannot reopen it: %s; the old one "
			    "stays", log->path, why);
		}
	}
}

/* -- the first one -- */

void
generations_start(struct generations *gs, struct holdings *h)
{
	(void)add(gs, h, INT64_MAX);
}

const struct holdings *
generations_current(const struct generations *gs)
{
	return gs->serving != NULL ? gs->serving->holdings :
	    gs->list->holdings;
}

const char *
generations_failure(const struct generations *gs)
{
	if (gs->serving != NULL || gs->list == NULL || gs->stopping)
		return NULL;
	return generation_failure(gs->list->g);
}

struct generations *
generations_new(const struct generations_conf *conf)
{
	struct generations *gs = xcalloc(1, sizeof(*gs));

	gs->conf = *conf;
	gs->servers = name_servers_new(RESOLVER_SERVERS_FILE);
	gs->reload.events = conf->reload;
	gs->loading = (struct loading){
		.file = conf->file,
		.passphrases = conf->passphrases,
		.memory = conf->memory,
		.keys = conf->keys,
		.reload = &gs->reload,
		.left = generations_leave,
		.owner = gs,
	};
	return gs;
}

void
generations_free(struct generations *gs)
{
	struct member *m;

	if (gs == NULL)
		return;
	while ((m = gs->list) != NULL) {
		gs->list = m->next;
		member_free(m);
	}
	reload_free(&gs->reload);
	name_servers_free(gs->servers);
	free(gs);
}
