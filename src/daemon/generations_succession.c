/*
 * Which generation serves; see generations_parts.h.
 */
#include "daemon/generations_parts.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "daemon/worker.h"
#include "stats/letting_in.h"

/* A moment more than workers give themselves. */
#define DRAIN_NS	((WORKER_GRACE_MS + WORKER_END_MS) * NS_PER_MS)

/*
 * How long a reload waits until those that retired have closed their listening
 * sockets.  They do so at once, unless they hang.
 */
#define LEAVE_NS	(5 * NS_PER_S)

void
generations_add(struct generations *gs, struct holdings *h, int64_t deadline_ns)
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
		.tickets = gs->tickets,
		.keys = gs->conf.keys,
		.succeeds = gs->serving != NULL,
		.forked = generations_forked,
		.owner = gs,
	});
}

void
generations_drain(struct generations *gs, struct member *m, int64_t now)
{
	m->state = MEMBER_DRAINING;
	m->deadline_ns = now + DRAIN_NS;
	if (gs->serving == m)
		gs->serving = NULL;
}

/* Those who reload are to know it, and the log. */
static void
warn(struct generations *gs, const struct member *m, bool serves)
{
	struct conf_diagnostics warnings = { .n = 0 };

	generation_warn(m->g, &warnings);
	if (serves)
		key_keeper_advise(gs->conf.keys, &warnings);
	reload_warn(&gs->reload, &warnings);
}

static void
take_over(struct generations *gs, struct member *m, int64_t now)
{
	struct member *before = gs->serving;

	m->state = MEMBER_SERVING;
	gs->serving = m;
	access_file_keep(m->holdings->access);
	/* Before its workers take clients: its state_dir may disable keys. */
	key_keeper_serve(gs->conf.keys, m->holdings->conf, m->holdings->stats);
	/* Whatever workers have heard yet, this holds for all of them. */
	stats_let_in(m->holdings->stats);
	generation_tell_trust(m->g, before != NULL ? before->g : NULL);
	generation_serve(m->g);
	tls_renewals_serve(gs->renewals, m->holdings->conf, m->g);
	holdings_announce(m->holdings);
	admin_keeper_take_over(gs->conf.admin);
	gs->conf.serves(gs->conf.owner, m->holdings);
	if (before == NULL)
		return;
	gs->leave_by_ns = now + LEAVE_NS;
	generations_drain(gs, before, now);
	holdings_shut(before->holdings, m->holdings);
	generation_retire(before->g, m->g);
	holdings_close_sockets(before->holdings);
	warn(gs, m, true);
	reload_done(&gs->reload, gs->serial);
}

/* A generation that could not start; nobody noticed it. */
static void
abandon(struct generations *gs, struct member *m, int64_t now)
{
	generations_drain(gs, m, now);
	m->state = MEMBER_ABANDONED;
	m->deadline_ns = now;
	generation_stop(m->g, SIGKILL);
	admin_keeper_give_up(gs->conf.admin);
}

/* It is ready: what is disabled is on its disk before anything else. */
static void
hand_over(struct generations *gs, struct member *m, int64_t now)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	enum key_store_move moved = key_keeper_move(gs->conf.keys,
	    m->holdings->conf, &diagnostics);

	if (moved == KEY_STORE_MOVING)
		return;
	if (moved == KEY_STORE_MOVED && holdings_permit(m->holdings,
	    gs->serving->holdings, &diagnostics)) {
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
		warn(gs, m, false);
		/* First: the reason may go with the admin process. */
		reload_refuse(&gs->reload, why);
		abandon(gs, m, now);
	} else if (generation_is_ready(m->g)) {
		hand_over(gs, m, now);
	}
}

/* The first has all the time, and its failure is the parent's business. */
void
generations_settle(struct generations *gs, int64_t now)
{
	struct member *m = members_find(gs->list, MEMBER_STARTING);

	if (m == NULL || gs->stopping)
		return;
	if (gs->serving != NULL)
		settle_next(gs, m, now);
	else if (generation_failure(m->g) == NULL && generation_is_ready(m->g))
		take_over(gs, m, now);
}
