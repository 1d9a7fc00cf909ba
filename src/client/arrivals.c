/*
 * Clients on their way in; see arrivals.h.
 */
#include "client/arrivals.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "client/arrival_sources.h"
#include "client/refusal_log.h"
#include "client/tls_servers.h"
#include "client/turn_away.h"
#include "net/proxied.h"
#include "net/timer.h"
#include "net/tls_accept.h"
#include "stats/counting.h"

/* Those of one listener, or all of them. */
struct arrival_bound {
	struct arrival_sources sources;
	size_t n, most;
};

/* The bounds that each of them is within. */
enum { OF_LISTENER, OF_ALL, N_BOUNDS };

struct arrival {
	struct arrivals *all;
	struct arrival *next, **prev;	/* the oldest first */
	size_t listener;
	void *owner;
	int fd;				/* -1: the handshake has it */
	struct principal principal;	/* as far as it is known */
	struct arrival_bound *bounds[N_BOUNDS];
	struct arrival_source *sources[N_BOUNDS];	/* one in each */
	/* What it waits for: one of the two. */
	struct proxied *proxied;
	struct tls_accept *handshake;
	uint32_t turns;			/* tls_servers_turns() as it began */
	struct timer timer;		/* of proxied; a handshake has its
					   own */
	int64_t late_ns;		/* loop_now(): when that ends it */
};

struct arrivals {
	struct env *env;
	const struct arrival_events *events;
	struct arrival *first, **last;
	struct arrival_bound bound;
	struct arrival_bound *by_listener;
	int64_t header_ms;		/* that one has for a header */
	struct refusal_log *log;
};

static const struct conf_listener *
listener_of(const struct arrivals *all, size_t listener)
{
	return &all->env->conf->listeners[listener];
}

/* -- where they come from -- */

static void
join_sources(struct arrival *a)
{
	for (size_t i = 0; i < N_BOUNDS; i++)
		a->sources[i] = arrival_sources_join(&a->bounds[i]->sources,
		    &a->principal.ip);
}

static void
leave_sources(struct arrival *a)
{
	for (size_t i = 0; i < N_BOUNDS; i++)
		arrival_source_leave(a->sources[i]);
}

/* -- the end of one -- */

/* What is left of it is the descriptor, and the principal. */
static void
leave(struct arrival *a)
{
	struct arrivals *all = a->all;

	*a->prev = a->next;
	if (a->next != NULL)
		a->next->prev = a->prev;
	else
		all->last = a->prev;
	for (size_t i = 0; i < N_BOUNDS; i++)
		a->bounds[i]->n--;
	leave_sources(a);
	proxied_free(a->proxied);
	tls_accept_cancel(a->handshake);
	timer_end(&a->timer);
	free(a);
}

static void
end(struct arrival *a)
{
	struct arrivals *all = a->all;
	void *owner = a->owner;

	if (a->fd != -1)
		close(a->fd);
	principal_release(&a->principal);
	leave(a);
	all->events->over(owner);
}

static void
tell(const struct arrival *a, enum fault fault, const char *why)
{
	refusal_log_tell(a->all->log, a->listener, &a->principal.ip, fault,
	    why);
}

static void
refuse(struct arrival *a, enum fault fault, const char *why)
{
	stats_count_fault(a->all->env->stats, fault);
	tell(a, fault, why);
	end(a);
}

static void
enter(struct arrival *a, SSL *ssl)
{
	const struct arrival_events *events = a->all->events;
	const struct arrived arrived = {
		.fd = a->fd,
		.ssl = ssl,
		.principal = a->principal,
	};
	void *owner = a->owner;

	leave(a);
	events->in(owner, &arrived);
}

/* -- the handshake -- */

/*
 * A handshake goes on with the authorities and lists that were there as it
 * began, and a client that was revoked meanwhile must not profit from that.
 */
static bool
is_outdated(const struct arrival *a, bool verified)
{
	const struct env *env = a->all->env;

	return (verified &&
	    a->turns != tls_servers_turns(env->tls, a->listener)) ||
	    !tls_servers_trusts(env->tls, a->listener, verified, env->stats);
}

static void
enter_by_tls(struct arrival *a, const struct tls_accepted *t)
{
	if (is_outdated(a, t->names != NULL)) {
		tls_accept_undo(a->all->env->loop, t);
		a->fd = -1;
		refuse(a, FAULT_CLIENT_TLS, "what clients are verified by was "
		    "renewed meanwhile, so it has to come again");
		return;
	}
	if (t->names != NULL) {
		a->principal.certificate = xmalloc(sizeof(*t->names));
		*a->principal.certificate = *t->names;
		*t->names = (struct cert_names){ .uri = NULL };
	}
	enter(a, t->ssl);
}

static void
answer_plain(struct arrival *a, const char *why)
{
	tell(a, FAULT_BAD_REQUEST, why);
	turn_away_plain(a->all->env, a->fd, why);
	a->fd = -1;
	end(a);
}

static void
arrivals_on_shaken(void *owner, const struct tls_accepted *t)
{
	struct arrival *a = owner;

	a->handshake = NULL;
	a->fd = t->fd;
	switch (t->result) {
	case TLS_ACCEPT_OK:
		enter_by_tls(a, t);
		break;
	case TLS_ACCEPT_PLAIN:
		answer_plain(a, t->why);
		break;
	case TLS_ACCEPT_FAILED:
		refuse(a, FAULT_CLIENT_TLS, t->why);
		break;
	case TLS_ACCEPT_TIMEOUT:
		refuse(a, FAULT_REQUEST_TIMEOUT, t->why);
		break;
	case TLS_ACCEPT_GONE:
		end(a);
		break;
	}
}

static void
shake_hands_or_enter(struct arrival *a)
{
	struct arrivals *all = a->all;
	struct tls_server *server =
	    tls_servers_of(all->env->tls, a->listener);
	int fd = a->fd;

	if (server == NULL) {
		enter(a, NULL);
		return;
	}
	a->fd = -1;
	a->turns = tls_servers_turns(all->env->tls, a->listener);
	a->handshake = tls_accept_start(all->env->loop, server, fd,
	    all->env->conf->timeouts.head, arrivals_on_shaken, a);
}

/* -- the header of a proxy -- */

static void
arrivals_on_late(void *owner)
{
	refuse(owner, FAULT_REQUEST_TIMEOUT,
	    "its PROXY protocol header took too long");
}

/* From here on it is not the proxy that counts. */
static void
go_on_as(struct arrival *a, const struct proxy_header *h)
{
	if (!h->local) {
		a->principal.ip = h->client;
		leave_sources(a);
		join_sources(a);
	}
	timer_clear(&a->timer);
	proxied_free(a->proxied);
	a->proxied = NULL;
	shake_hands_or_enter(a);
}

static void
arrivals_on_proxied(void *owner, enum proxied_end how,
    const struct proxy_header *h)
{
	struct arrival *a = owner;

	switch (how) {
	case PROXIED_READ:
		go_on_as(a, h);
		break;
	case PROXIED_BAD:
		refuse(a, FAULT_BAD_REQUEST, h->fault);
		break;
	case PROXIED_CUT:
		refuse(a, FAULT_CLIENT_GONE,
		    "it ended within its PROXY protocol header");
		break;
	case PROXIED_SILENT:
		end(a);
		break;
	}
}

static void
give_time(struct arrival *a)
{
	struct arrivals *all = a->all;

	timer_set(&a->timer, all->header_ms);
	a->late_ns = loop_now(all->env->loop) + all->header_ms * NS_PER_MS;
}

static void
await_header(struct arrival *a)
{
	struct arrivals *all = a->all;

	give_time(a);
	a->proxied = proxied_new(all->env->loop, a->fd, arrivals_on_proxied,
	    a);
}

/* -- for the sessions -- */

static void
join(struct arrivals *all, struct arrival *a)
{
	a->bounds[OF_LISTENER] = &all->by_listener[a->listener];
	a->bounds[OF_ALL] = &all->bound;
	for (size_t i = 0; i < N_BOUNDS; i++)
		a->bounds[i]->n++;
	join_sources(a);
	a->prev = all->last;
	*all->last = a;
	all->last = &a->next;
}

/* Somebody is within that bound. */
static void
make_room(struct arrivals *all, const struct arrival_bound *b, size_t which,
    const char *why)
{
	struct arrival *a = all->first;

	while (a->bounds[which] != b ||
	    !arrival_source_is_largest(&b->sources, a->sources[which]))
		a = a->next;
	refuse(a, FAULT_OVERLOADED, why);
}

#define FOR_ANOTHER	"the limit of clients is reached, and another one came"

bool
arrivals_make_room(struct arrivals *all)
{
	if (all->bound.n == 0)
		return false;
	make_room(all, &all->bound, OF_ALL, FOR_ANOTHER);
	return true;
}

bool
arrivals_make_room_at(struct arrivals *all, size_t listener)
{
	const struct arrival_bound *b = &all->by_listener[listener];

	if (b->n == 0)
		return false;
	make_room(all, b, OF_LISTENER, FOR_ANOTHER);
	return true;
}

bool
arrivals_wants(const struct arrivals *all, size_t listener)
{
	return listener_of(all, listener)->n_from_proxies != 0 ||
	    tls_servers_of(all->env->tls, listener) != NULL;
}

void
arrivals_take(struct arrivals *all, size_t listener, int fd,
    const struct principal *principal, void *owner)
{
	const struct conf_listener *l = listener_of(all, listener);
	struct arrival *a = xcalloc(1, sizeof(*a));

	a->all = all;
	a->listener = listener;
	a->owner = owner;
	a->fd = fd;
	a->principal = *principal;
	timer_init(&a->timer, all->env->loop, arrivals_on_late, a);
	join(all, a);
	if (l->n_from_proxies != 0 && !cidr_any_contains(l->from_proxies,
	    l->n_from_proxies, &principal->ip)) {
		refuse(a, FAULT_CLIENT_REFUSED,
		    "its address is in none of 'from_proxies'");
		return;
	}
	/* The newest is never the one who goes. */
	for (size_t i = 0; i < N_BOUNDS; i++) {
		if (a->bounds[i]->n > a->bounds[i]->most)
			make_room(all, a->bounds[i], i,
			    "too many wait to be let in");
	}
	if (l->n_from_proxies != 0)
		await_header(a);
	else
		shake_hands_or_enter(a);
}

/* Of so many clients a half: the rest is for those who were let in. */
static size_t
half_of(size_t clients)
{
	return clients > 1 ? clients / 2 : 1;
}

static void
set_bounds(struct arrivals *all, size_t clients)
{
	const struct conf *conf = all->env->conf;

	all->bound.most = half_of(clients) < ARRIVALS ? half_of(clients) :
	    ARRIVALS;
	all->by_listener = xcalloc(conf->n_listeners,
	    sizeof(*all->by_listener));
	for (size_t i = 0; i < conf->n_listeners; i++) {
		uint32_t most = conf->listeners[i].clients;

		all->by_listener[i].most = most != 0 ? half_of(most) :
		    all->bound.most;
	}
}

struct arrivals *
arrivals_new(struct env *env, uint32_t most,
    const struct arrival_events *events)
{
	struct arrivals *all = xcalloc(1, sizeof(*all));

	all->env = env;
	all->events = events;
	all->last = &all->first;
	set_bounds(all, most);
	all->header_ms = env->conf->timeouts.head;
	all->log = refusal_log_new(env->loop, env->conf);
	return all;
}

void
arrivals_hurry(struct arrivals *all, int64_t ms)
{
	int64_t late_ns = loop_now(all->env->loop) + ms * NS_PER_MS;

	if (all->header_ms <= ms)
		return;
	all->header_ms = ms;
	for (struct arrival *a = all->first; a != NULL; a = a->next) {
		if (a->proxied != NULL && a->late_ns > late_ns)
			give_time(a);
	}
}

void
arrivals_cut(struct arrivals *all)
{
	while (all->first != NULL)
		end(all->first);
}

void
arrivals_free(struct arrivals *all)
{
	if (all == NULL)
		return;
	arrivals_cut(all);
	free(all->by_listener);
	refusal_log_free(all->log);
	free(all);
}
