/*
 * A channel of c-ares in the loop; see dns_channel.h.
 */
#include "net/dns_channel.h"

#include <event2/event.h>
#include <stdlib.h>

#include "base/alloc.h"

#define QUERY_MS	2000		/* per try; c-ares adds to it */
#define QUERY_TRIES	2

/* A socket of c-ares that the loop watches. */
struct watch {
	struct watch *next;
	ares_socket_t fd;
	struct event *event;
};

/* -- sockets and time -- */

void
dns_channel_plan(struct dns_channel *c)
{
	struct timeval tv;

	if (ares_timeout(c->ares, NULL, &tv) == NULL) {
		timer_clear(&c->timer);
		return;
	}
	timer_set(&c->timer, (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1);
}

static void
dns_on_timeout(void *owner)
{
	struct dns_channel *c = owner;

	ares_process_fd(c->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	dns_channel_plan(c);
}

static void
dns_on_ready(evutil_socket_t fd, short what, void *owner)
{
	struct dns_channel *c = owner;

	ares_process_fd(c->ares,
	    (what & EV_READ) != 0 ? fd : ARES_SOCKET_BAD,
	    (what & EV_WRITE) != 0 ? fd : ARES_SOCKET_BAD);
	dns_channel_plan(c);
}

static void
forget_watch(struct dns_channel *c, ares_socket_t fd)
{
	for (struct watch **at = &c->watches; *at != NULL;
	    at = &(*at)->next) {
		struct watch *w = *at;

		if (w->fd != fd)
			continue;
		*at = w->next;
		event_free(w->event);
		free(w);
		return;
	}
}

/* c-ares says what it wants of a socket; neither: it is about to close it. */
static void
dns_on_socket_state(void *owner, ares_socket_t fd, int readable, int writable)
{
	struct dns_channel *c = owner;
	struct watch *w;
	short what = (short)((readable ? EV_READ : 0) |
	    (writable ? EV_WRITE : 0));

	forget_watch(c, fd);
	if (what == 0)
		return;
	w = xcalloc(1, sizeof(*w));
	w->fd = fd;
	w->event = event_new(loop_base(c->loop), fd,
	    (short)(what | EV_PERSIST), dns_on_ready, c);
	if (w->event == NULL)
		abort();
	event_add(w->event, NULL);
	w->next = c->watches;
	c->watches = w;
}

/* -- the whole -- */

/*
 * Names are asked for unchanged: no domain of a search list is appended,
 * whatever ndots says, and $HOSTALIASES is not applied.  ares_getaddrinfo()
 * knows ARES_FLAG_NOSEARCH in later versions only, hence the list without
 * domains.
 */
static int
make(struct dns_channel *c, char *servers_file)
{
	char lookups[] = "b";		/* DNS alone: see hosts.h */
	struct ares_options options = {
		.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES,
		.ndots = 0,
		.ndomains = 0,
		.timeout = QUERY_MS,
		.tries = QUERY_TRIES,
		.lookups = lookups,
		.sock_state_cb = dns_on_socket_state,
		.sock_state_cb_data = c,
		.resolvconf_path = servers_file,
	};
	int set = ARES_OPT_FLAGS | ARES_OPT_NDOTS | ARES_OPT_DOMAINS |
	    ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_LOOKUPS |
	    ARES_OPT_SOCK_STATE_CB | ARES_OPT_RESOLVCONF;

#ifdef ARES_OPT_QUERY_CACHE
	/*
	 * From 1.31 on c-ares has a cache.  It would keep answers that we
	 * doubt.
	 */
	options.qcache_max_ttl = 0;
	/* One socket, and so one port, for each query. */
	options.udp_max_queries = 1;
	/* The default, which setting .flags would remove. */
	options.flags |= ARES_FLAG_EDNS;
	set |= ARES_OPT_QUERY_CACHE | ARES_OPT_UDP_MAX_QUERIES;
#endif
	return ares_init_options(&c->ares, &options, set);
}

int
dns_channel_init(struct dns_channel *c, struct loop *loop, char *servers_file)
{
	*c = (struct dns_channel){ .loop = loop };
	timer_init(&c->timer, loop, dns_on_timeout, c);
	return make(c, servers_file);
}

void
dns_channel_end(struct dns_channel *c)
{
	if (c->loop == NULL)
		return;
	if (c->ares != NULL)
		ares_destroy(c->ares);
	while (c->watches != NULL)
		forget_watch(c, c->watches->fd);
	timer_end(&c->timer);
}
