/*
 * All sessions of a worker; see sessions.h.
 */
#include "client/sessions.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/list.h"
#include "client/arrivals.h"
#include "client/exchange.h"
#include "client/session.h"
#include "client/users.h"
#include "net/linger.h"
#include "stats/counting.h"

/* Unused exchanges that are held back from free(). */
#define KEEP_EXCHANGES	1024

/* The clients that came by one listener. */
struct listener_clients {
	struct sessions *all;
	struct session_owner owner;
	uint32_t n;			/* clients */
	bool is_full;			/* what full() was last told */
};

struct sessions {
	struct env *env;		/* NULL: freed, some still linger */
	struct stats *stats;
	struct users *users;
	struct arrivals *arrivals;	/* counted here, in no list */
	struct session_place *list;
	size_t n_open;			/* in the list, and arrivals */
	uint32_t n, most;		/* with those that linger */
	struct listener_clients *by_listener;	/* one per listener */
	sessions_full *full;
	void *full_owner;
	void (*empty)(void *owner);
	void *empty_owner;
	struct deferred tell_empty;
	struct deferred burial;
};

/* By its own limit. */
static bool
is_full_at(const struct sessions *all, size_t listener)
{
	uint32_t most = all->env->conf->listeners[listener].clients;

	return most != 0 && all->by_listener[listener].n >= most;
}

static void
tell_if_full(struct listener_clients *e)
{
	struct sessions *all = e->all;
	size_t listener = (size_t)(e - all->by_listener);
	bool is_full = all->n >= all->most || is_full_at(all, listener);

	if (is_full == e->is_full)
		return;
	e->is_full = is_full;
	all->full(all->full_owner, listener, is_full);
}

static void
tell_all_if_full(struct sessions *all)
{
	for (size_t i = 0; i < all->env->conf->n_listeners; i++)
		tell_if_full(&all->by_listener[i]);
}

static void
count_in(struct listener_clients *e)
{
	struct sessions *all = e->all;

	all->n++;
	e->n++;
	stats_count_client(all->stats, (size_t)(e - all->by_listener), true);
	if (all->n == all->most)
		tell_all_if_full(all);
	else
		tell_if_full(e);
}

static void
count_out(struct listener_clients *e)
{
	struct sessions *all = e->all;

	all->n--;
	e->n--;
	stats_count_client(all->stats, (size_t)(e - all->by_listener), false);
	if (all->env == NULL)
		return;
	if (all->n + 1 == all->most)
		tell_all_if_full(all);
	else
		tell_if_full(e);
}

static void
one_less(struct sessions *all)
{
	all->n_open--;
	if (all->n_open == 0 && all->empty != NULL)
		deferred_queue(all->env->loop, &all->tell_empty);
}

static void
sessions_on_closed(void *owner, struct session *f)
{
	struct listener_clients *e = owner;
	struct session_place *place = session_place(f);

	LIST_REMOVE(place);
	one_less(e->all);
}

static void
sessions_on_gone(void *owner)
{
	count_out(owner);
}

static void
principal_from(struct sessions *all, const struct client_info *info,
    struct principal *p)
{
	addr_ip_from(&p->ip, &info->address);
	p->has_user = info->has_user;
	if (!info->has_user)
		return;
	p->uid = info->uid;
	p->user_name = users_name(all->users, info->uid);
	p->n_groups = info->n_groups + 1;
	p->groups = xcalloc(p->n_groups, sizeof(*p->groups));
	p->groups[0] = info->gid;
	for (size_t i = 0; i < info->n_groups; i++)
		p->groups[i + 1] = info->groups[i];
}

static struct session *
begin(struct listener_clients *e, const struct arrived *client)
{
	struct session *s = session_new(&e->owner, client);
	struct session_place *place = session_place(s);

	place->verified = client->principal.certificate != NULL ? e : NULL;
	LIST_PUSH(e->all->list, place);
	return s;
}

/* It was counted when it came. */
static void
sessions_on_in(void *owner, const struct arrived *client)
{
	struct listener_clients *e = owner;
	struct session *s = begin(e, client);

	if (e->all->env->phase != ENV_SERVING)
		session_drain(s);
}

static void
sessions_on_over(void *owner)
{
	struct listener_clients *e = owner;

	one_less(e->all);
	count_out(e);
}

static const struct arrival_events arrival_events = {
	.in = sessions_on_in,
	.over = sessions_on_over,
};

void
sessions_accept(struct sessions *all, size_t listener, int fd,
    const struct client_info *info)
{
	struct listener_clients *e = &all->by_listener[listener];
	struct arrived client = { .fd = fd };

	all->n_open++;
	principal_from(all, info, &client.principal);
	if (arrivals_wants(all->arrivals, listener)) {
		count_in(e);
		arrivals_take(all->arrivals, listener, fd, &client.principal,
		    e);
		return;
	}
	(void)begin(e, &client);
	count_in(e);
}

#define REACHED	"the limit of clients is reached "

const char *
sessions_limit(const struct sessions *all, size_t listener)
{
	if (is_full_at(all, listener))
		return REACHED "(clients of the listener)";
	if (all->most < all->env->conf->limits.clients)
		return REACHED "(RLIMIT_NOFILE)";
	return REACHED "(limits.clients)";
}

static bool
is_ours(const struct sessions *all, const struct session *s)
{
	const struct principal *p = session_principal(s);

	return p->has_user && env_is_ours(all->env, p->uid);
}

/* New ones come first in the list. */
static struct session *
oldest_to_go(struct listener_clients *e)
{
	struct session *found = NULL;

	for (struct session_place *p = e->all->list; p != NULL; p = p->next) {
		struct session *s = session_of(p);

		if (session_owner_of(s) != &e->owner || session_awaits_us(s))
			continue;
		if (found == NULL || is_ours(e->all, found) ||
		    !is_ours(e->all, s))
			found = s;
	}
	return found;
}

bool
sessions_make_room(struct sessions *all, size_t listener)
{
	struct listener_clients *e = &all->by_listener[listener];
	struct session *s;

	if (linger_end_oldest(all->env->loop, e))
		return true;
	s = oldest_to_go(e);
	if (s == NULL)
		return false;
	session_displace(s);
	return true;
}

/* Where both limits are reached, only this makes room within both. */
bool
sessions_end_arrival(struct sessions *all, size_t listener)
{
	return is_full_at(all, listener) ?
	    arrivals_make_room_at(all->arrivals, listener) :
	    arrivals_make_room(all->arrivals);
}

static void
tell_empty(void *owner)
{
	struct sessions *all = owner;

	if (all->n_open == 0)
		all->empty(all->empty_owner);
}

static void
bury(void *owner)
{
	struct sessions *all = owner;

	free(all->by_listener);
	free(all);
}

static struct listener_clients *
listeners_new(struct sessions *all, const struct handler *handler)
{
	size_t n = all->env->conf->n_listeners;
	struct listener_clients *by_listener = xcalloc(n, sizeof(*by_listener));

	for (size_t i = 0; i < n; i++) {
		by_listener[i].all = all;
		by_listener[i].owner = (struct session_owner){
			.terms = session_terms(all->env, handler,
			    &all->env->conf->listeners[i]),
			.owner = &by_listener[i],
			.closed = sessions_on_closed,
			.gone = sessions_on_gone,
		};
	}
	return by_listener;
}

struct sessions *
sessions_new(struct env *env, const struct handler *handler, uint32_t most,
    sessions_full *full, void *owner)
{
	struct sessions *all = xcalloc(1, sizeof(*all));

	all->env = env;
	all->stats = env->stats;
	env->exchanges = blocks_new(sizeof(struct exchange), KEEP_EXCHANGES);
	all->users = users_load();
	all->most = most;
	all->by_listener = listeners_new(all, handler);
	all->arrivals = arrivals_new(env, most, &arrival_events);
	all->full = full;
	all->full_owner = owner;
	deferred_init(&all->tell_empty, LOOP_LATE, tell_empty, all);
	deferred_init(&all->burial, LOOP_LAST, bury, all);
	return all;
}

void
sessions_free(struct sessions *all)
{
	if (all == NULL)
		return;
	sessions_cut(all);
	arrivals_free(all->arrivals);
	deferred_cancel(&all->tell_empty);
	users_free(all->users);
	/* Connections that linger report to it when the loop ends them. */
	deferred_queue(all->env->loop, &all->burial);
	all->env = NULL;
}

static void
drain(struct sessions *all, enum env_phase phase, void (*empty)(void *owner),
    void *owner)
{
	struct session_place *p, *next;

	all->env->phase = phase;
	all->empty = empty;
	all->empty_owner = owner;
	arrivals_hurry(all->arrivals, SESSION_RETIRED_IDLE_MS);
	if (phase == ENV_STOPPING)
		arrivals_cut(all->arrivals);
	for (p = all->list; p != NULL; p = next) {
		next = p->next;
		session_drain(session_of(p));
	}
	if (all->n_open == 0)
		deferred_queue(all->env->loop, &all->tell_empty);
}

void
sessions_retire(struct sessions *all, void (*empty)(void *owner), void *owner)
{
	drain(all, ENV_RETIRING, empty, owner);
}

void
sessions_stop(struct sessions *all, void (*empty)(void *owner), void *owner)
{
	drain(all, ENV_STOPPING, empty, owner);
}

void
sessions_verify_anew(struct sessions *all, size_t listener)
{
	struct session_place *p, *next;

	for (p = all->list; p != NULL; p = next) {
		next = p->next;
		if (p->verified != &all->by_listener[listener])
			continue;
		p->verified = session_outdated;
		session_drain(session_of(p));
	}
}

void
sessions_cut(struct sessions *all)
{
	arrivals_cut(all->arrivals);
	while (all->list != NULL)
		session_cut(session_of(all->list));
}

size_t
sessions_count(const struct sessions *all)
{
	return all->n_open;
}
