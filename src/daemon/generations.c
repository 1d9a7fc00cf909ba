/*
 * Generations: their reloads, and the whole; see generations.h.
 */
#include "daemon/generations_parts.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/resolve.h"

#define START_NS	(GENERATIONS_START_MS * NS_PER_MS)

/* How many may drain while another one starts. */
#define MOST_DRAINING	2

/* -- reloads -- */

static void
start_next(struct generations *gs, struct holdings *h, int64_t now)
{
	if (h != NULL)
		generations_add(gs, h, now + START_NS);
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

/* -- time -- */

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

/* Also to those that drain: their clients go on with the others. */
static int64_t
renew_tickets(const struct generations *gs, int64_t now)
{
	int64_t next;

	if (ticket_keys_step(gs->tickets, now, &next)) {
		for (const struct member *m = gs->list; m != NULL; m = m->next)
			generation_tell_tickets(m->g);
	}
	return next;
}

int64_t
generations_step(struct generations *gs, int64_t now)
{
	int64_t next;

	generations_settle(gs, now);
	members_free_ended(&gs->list);
	if (may_begin(gs, now)) {
		gs->loading.hangs = !have_left(gs);
		start_next(gs, loading_begin(&gs->loading,
		    gs->serving->holdings, now), now);
	}
	if (loading_hangs(&gs->loading, now))
		refuse_all(gs, "the process that tried to load it before was "
		    "killed and does not end: it waits in the kernel, for a "
		    "disk perhaps");
	else if (is_held_up(gs, now))
		refuse_all(gs, "workers of earlier generations were killed "
		    "and do not end: they wait in the kernel, for a disk "
		    "perhaps");
	next = clock_earlier(loading_step(&gs->loading, now),
	    renew_tickets(gs, now));
	next = clock_earlier(next, tls_renewals_step(gs->renewals, now));
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

/* -- workers that end -- */

bool
generations_reap(struct generations *gs, pid_t pid, int wait_status)
{
	const struct holdings *current;
	struct holdings *next;

	for (struct member *m = gs->list; m != NULL; m = m->next) {
		if (generation_reap(m->g, pid, wait_status))
			return true;
	}
	if (tls_renewals_reap(gs->renewals, pid))
		return true;
	current = gs->serving != NULL ? gs->serving->holdings : NULL;
	if (!loading_reap(&gs->loading, pid, wait_status, current, &next))
		return false;
	start_next(gs, next, clock_monotonic());
	return true;
}

void
generations_stop(struct generations *gs)
{
	int64_t now = clock_monotonic();

	gs->stopping = true;
	loading_stop(&gs->loading);
	tls_renewals_stop(gs->renewals);
	stop_reloads(gs);
	for (struct member *m = gs->list; m != NULL; m = m->next) {
		sockets_close(&m->holdings->sockets);
		if (m->state != MEMBER_DRAINING)
			generations_drain(gs, m, now);
		generation_stop(m->g, SIGTERM);
	}
}

/* -- the first one -- */

void
generations_start(struct generations *gs, struct holdings *h)
{
	generations_add(gs, h, INT64_MAX);
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
	gs->tickets = ticket_keys_new();
	gs->renewals = tls_renewals_new(&(struct tls_renewals_conf){
		.passphrases = conf->passphrases,
		.renewed = generations_renewed,
		.left = generations_leave,
		.owner = gs,
	});
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
	tls_renewals_free(gs->renewals);
	while ((m = gs->list) != NULL) {
		gs->list = m->next;
		member_free(m);
	}
	reload_free(&gs->reload);
	name_servers_free(gs->servers);
	ticket_keys_free(gs->tickets);
	free(gs);
}
