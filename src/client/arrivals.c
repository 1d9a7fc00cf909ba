/*
 * Clients on their way in; see arrivals.h.
 */
#include "client/arrivals.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/log.h"
#include "net/proxied.h"
#include "net/timer.h"
#include "stats/counting.h"

/* The time between two warnings of a listener. */
#define WARN_AGAIN_NS	(60 * NS_PER_S)

struct arrival {
	struct arrivals *all;
	struct arrival *next, **prev;	/* the oldest first */
	size_t listener;
	void *owner;
	int fd;
	struct addr_ip peer;
	struct proxied *proxied;
	struct timer timer;
};

struct arrivals {
	struct env *env;
	const struct arrival_events *events;
	struct arrival *first, **last;
	size_t n, most;
	int64_t ms;			/* that one has */
	int64_t *warned_ns;		/* of each listener; 0: never */
};

static void
leave(struct arrival *a)
{
	struct arrivals *all = a->all;

	*a->prev = a->next;
	if (a->next != NULL)
		a->next->prev = a->prev;
	else
		all->last = a->prev;
	all->n--;
	proxied_free(a->proxied);
	timer_end(&a->timer);
	free(a);
}

static void
end(struct arrival *a)
{
	struct arrivals *all = a->all;
	void *owner = a->owner;

	close(a->fd);
	leave(a);
	all->events->over(owner);
}

/*
 * Each is counted; of a listener one in a minute is told, for who may connect
 * can do so without end.
 */
static void
tell(struct arrivals *all, size_t listener, const struct addr_ip *peer,
    enum fault fault, const char *why)
{
	const struct conf_listener *l = &all->env->conf->listeners[listener];
	int64_t now = loop_now(all->env->loop);
	char text[ADDR_TEXT];
	struct addr address;

	stats_count_fault(all->env->stats, fault);
	if (all->warned_ns[listener] != 0 &&
	    now - all->warned_ns[listener] < WARN_AGAIN_NS)
		return;
	all->warned_ns[listener] = now;
	addr_ip_to(peer, &address);
	addr_format_ip(&address, text);
	log_warn("listener %s: a connection from %s is refused: %s; others "
	    "within a minute are only counted (%s)", l->name,
	    text[0] != '\0' ? text : "a Unix socket", why,
	    fault_code(fault));
}

static void
refuse(struct arrival *a, enum fault fault, const char *why)
{
	tell(a->all, a->listener, &a->peer, fault, why);
	end(a);
}

static void
arrivals_on_late(void *owner)
{
	refuse(owner, FAULT_REQUEST_TIMEOUT,
	    "its PROXY protocol header took too long");
}

static void
enter(struct arrival *a, const struct proxy_header *h)
{
	struct arrivals *all = a->all;
	struct addr_ip client = h->local ? a->peer : h->client;
	void *owner = a->owner;
	int fd = a->fd;

	leave(a);
	all->events->in(owner, fd, &client);
}

static void
arrivals_on_proxied(void *owner, enum proxied_end how,
    const struct proxy_header *h)
{
	struct arrival *a = owner;

	switch (how) {
	case PROXIED_READ:
		enter(a, h);
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

/* -- for the sessions -- */

static void
join(struct arrivals *all, struct arrival *a)
{
	a->prev = all->last;
	*all->last = a;
	all->last = &a->next;
	all->n++;
}

void
arrivals_take(struct arrivals *all, size_t listener, int fd,
    const struct addr *peer, void *owner)
{
	const struct conf_listener *l = &all->env->conf->listeners[listener];
	struct arrival *a = xcalloc(1, sizeof(*a));

	a->all = all;
	a->listener = listener;
	a->owner = owner;
	a->fd = fd;
	addr_ip_from(&a->peer, peer);
	timer_init(&a->timer, all->env->loop, arrivals_on_late, a);
	join(all, a);
	if (!cidr_any_contains(l->from_proxies, l->n_from_proxies, &a->peer)) {
		refuse(a, FAULT_CLIENT_REFUSED,
		    "its address is in none of 'from_proxies'");
		return;
	}
	if (all->n > all->most)
		refuse(all->first, FAULT_OVERLOADED,
		    "too many wait for their PROXY protocol header");
	timer_set(&a->timer, all->ms);
	a->proxied = proxied_new(all->env->loop, fd, arrivals_on_proxied, a);
}

struct arrivals *
arrivals_new(struct env *env, uint32_t most,
    const struct arrival_events *events)
{
	struct arrivals *all = xcalloc(1, sizeof(*all));

	all->env = env;
	all->events = events;
	all->last = &all->first;
	all->most = most / 2 < ARRIVALS ? most / 2 : ARRIVALS;
	if (all->most == 0)
		all->most = 1;
	all->ms = env->conf->timeouts.head;
	all->warned_ns = xcalloc(env->conf->n_listeners,
	    sizeof(*all->warned_ns));
	return all;
}

void
arrivals_hurry(struct arrivals *all, int64_t ms)
{
	if (all->ms <= ms)
		return;
	all->ms = ms;
	for (struct arrival *a = all->first; a != NULL; a = a->next)
		timer_set(&a->timer, ms);
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
	free(all->warned_ns);
	free(all);
}
