/*
 * c-ares in the loop; see dns.h.  Called by resolve.c.
 */
#include "net/dns.h"

#include <ares.h>
#include <event2/event.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/log.h"
#include "net/timer.h"

#define QUERY_MS	2000		/* per try; c-ares adds to it */
#define QUERY_TRIES	2

/* A socket of c-ares that the loop watches. */
struct watch {
	struct watch *next;
	ares_socket_t fd;
	struct event *event;
};

struct dns {
	struct loop *loop;
	ares_channel channel;
	struct timer *timer;
	struct watch *watches;
	char *servers_file;
	struct stat servers;		/* of that file as it was read */
	bool given;			/* other servers than those */
	struct deferred renewal;
	bool ending;
};

struct query {
	struct dns *dns;
	const char *host;
	enum dns_family family;
	dns_done *done;
	void *owner;
};

/* -- sockets and time -- */

static void
plan_timeout(struct dns *d)
{
	struct timeval tv;

	if (ares_timeout(d->channel, NULL, &tv) == NULL) {
		timer_clear(d->timer);
		return;
	}
	timer_set(d->timer, (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1);
}

static void
on_timeout(void *owner)
{
	struct dns *d = owner;

	ares_process_fd(d->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	plan_timeout(d);
}

static void
on_ready(evutil_socket_t fd, short what, void *owner)
{
	struct dns *d = owner;

	ares_process_fd(d->channel,
	    (what & EV_READ) != 0 ? fd : ARES_SOCKET_BAD,
	    (what & EV_WRITE) != 0 ? fd : ARES_SOCKET_BAD);
	plan_timeout(d);
}

static void
forget_watch(struct dns *d, ares_socket_t fd)
{
	for (struct watch **at = &d->watches; *at != NULL;
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
on_socket_state(void *owner, ares_socket_t fd, int readable, int writable)
{
	struct dns *d = owner;
	struct watch *w;
	short what = (short)((readable ? EV_READ : 0) |
	    (writable ? EV_WRITE : 0));

	forget_watch(d, fd);
	if (what == 0)
		return;
	w = xcalloc(1, sizeof(*w));
	w->fd = fd;
	w->event = event_new(loop_base(d->loop), fd,
	    (short)(what | EV_PERSIST), on_ready, d);
	if (w->event == NULL)
		abort();
	event_add(w->event, NULL);
	w->next = d->watches;
	d->watches = w;
}

/* -- queries -- */

/* The next node of a family from *at on, or NULL. */
static const struct ares_addrinfo_node *
next_of(const struct ares_addrinfo_node **at, int family)
{
	const struct ares_addrinfo_node *n = *at;

	while (n != NULL && n->ai_family != family)
		n = n->ai_next;
	*at = n != NULL ? n->ai_next : NULL;
	return n;
}

static void
add_node(struct addr *addrs, struct dns_answer *answer,
    const struct ares_addrinfo_node *n)
{
	struct addr *a = &addrs[answer->n];

	if (n == NULL || answer->n == DNS_ADDRS_MAX ||
	    n->ai_addrlen > sizeof(a->ss))
		return;
	a->kind = ADDR_INET;
	memcpy(&a->ss, n->ai_addr, n->ai_addrlen);
	a->len = n->ai_addrlen;
	answer->n++;
	if (n->ai_ttl < answer->ttl)
		answer->ttl = n->ai_ttl;
}

/* IPv6 and IPv4 in turn (RFC 8305 section 4). */
static void
read_nodes(const struct ares_addrinfo_node *nodes, struct addr *addrs,
    struct dns_answer *answer)
{
	const struct ares_addrinfo_node *v6 = nodes, *v4 = nodes;

	while (v6 != NULL || v4 != NULL) {
		add_node(addrs, answer, next_of(&v6, AF_INET6));
		add_node(addrs, answer, next_of(&v4, AF_INET));
	}
}

static void
tell(const struct query *q, int status, const struct ares_addrinfo *info)
{
	struct addr addrs[DNS_ADDRS_MAX];
	struct dns_answer answer = { .addrs = addrs, .ttl = INT_MAX,
		.why = "" };

	if (status == ARES_SUCCESS)
		read_nodes(info->nodes, addrs, &answer);
	if (answer.n == 0) {
		answer.why = ares_strerror(status != ARES_SUCCESS ? status :
		    ARES_ENODATA);
		deferred_queue(q->dns->loop, &q->dns->renewal);
	}
	q->done(q->owner, &answer);
}

static void send_query(struct query *);

static void
on_answer(void *owner, int status, int timeouts, struct ares_addrinfo *info)
{
	struct query *q = owner;

	(void)timeouts;
	if (status == ARES_EDESTRUCTION && !q->dns->ending) {
		/* Its name servers are out of date. */
		send_query(q);
		return;
	}
	if (!q->dns->ending)
		tell(q, status, info);
	if (info != NULL)
		ares_freeaddrinfo(info);
	free(q);
}

static void
send_query(struct query *q)
{
	const struct ares_addrinfo_hints hints = {
		.ai_family = q->family == DNS_IPV4 ? AF_INET : AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = ARES_AI_NOSORT,
	};
	struct dns *d = q->dns;

	/* It may be answered, and freed, before the call returns. */
	ares_getaddrinfo(d->channel, q->host, NULL, &hints, on_answer, q);
	plan_timeout(d);
}

void
dns_ask(struct dns *d, const char *host, enum dns_family family,
    dns_done *done, void *owner)
{
	struct query *q = xcalloc(1, sizeof(*q));

	q->dns = d;
	q->host = host;
	q->family = family;
	q->done = done;
	q->owner = owner;
	send_query(q);
}

/* -- name servers -- */

bool
dns_set_servers(struct dns *d, const char *servers)
{
	d->given = true;
	return ares_set_servers_ports_csv(d->channel, servers) ==
	    ARES_SUCCESS;
}

static int
make_channel(struct dns *d)
{
	char lookups[] = "b";		/* DNS alone: see hosts.h */
	struct ares_options options = {
		.timeout = QUERY_MS,
		.tries = QUERY_TRIES,
		.lookups = lookups,
		.sock_state_cb = on_socket_state,
		.sock_state_cb_data = d,
		.resolvconf_path = d->servers_file,
	};

	return ares_init_options(&d->channel, &options, ARES_OPT_TIMEOUTMS |
	    ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB |
	    ARES_OPT_RESOLVCONF);
}

static bool
is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/*
 * A query failed: perhaps the machine is in another network since, or was in
 * none when we started.
 */
static void
renew_servers(void *owner)
{
	struct dns *d = owner;
	ares_channel old = d->channel;
	struct stat now;

	if (d->given || stat(d->servers_file, &now) != 0 ||
	    is_same_file(&now, &d->servers))
		return;
	if (make_channel(d) != ARES_SUCCESS) {
		d->channel = old;
		return;
	}
	d->servers = now;
	log_info("%s has changed: its name servers are asked from now on",
	    d->servers_file);
	/* What was under way is asked for anew: see on_answer(). */
	ares_destroy(old);
}

/* -- the whole -- */

struct dns *
dns_new(struct loop *loop, const char *servers_file, char *why,
    size_t why_size)
{
	struct dns *d = xcalloc(1, sizeof(*d));
	int status = ares_library_init(ARES_LIB_INIT_ALL);

	d->loop = loop;
	d->servers_file = xstrdup(servers_file);
	deferred_init(&d->renewal, LOOP_SOON, renew_servers, d);
	(void)stat(servers_file, &d->servers);
	if (status == ARES_SUCCESS)
		status = make_channel(d);
	if (status != ARES_SUCCESS) {
		snprintf(why, why_size, "cannot set up name look-ups: %s",
		    ares_strerror(status));
		free(d->servers_file);
		free(d);
		return NULL;
	}
	d->timer = timer_new(loop, on_timeout, d);
	return d;
}

void
dns_free(struct dns *d)
{
	if (d == NULL)
		return;
	d->ending = true;
	deferred_cancel(&d->renewal);
	ares_destroy(d->channel);
	ares_library_cleanup();
	while (d->watches != NULL)
		forget_watch(d, d->watches->fd);
	timer_free(d->timer);
	free(d->servers_file);
	free(d);
}
