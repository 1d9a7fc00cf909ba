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

/*
 * A forger of answers has to guess the port that a query came from.  Queries of
 * one channel at the same time share a socket, so they are spread over this
 * many channels.  A channel reads files when it is made, so all of them are
 * made before any query.
 */
#define CHANNELS	8

/* A socket of c-ares that the loop watches. */
struct watch {
	struct watch *next;
	ares_socket_t fd;
	struct event *event;
};

struct channel {
	struct dns *dns;
	ares_channel ares;
	struct timer timer;
	struct watch *watches;
	unsigned queries;		/* under way */
};

struct query {
	struct dns *dns;
	struct channel *channel;
	const char *host;
	enum dns_family family;
	dns_done *done;
	void *owner;
	unsigned generation;		/* generation of the name servers
					   asked */
	int status;			/* status of c-ares: why it failed */
	struct query *next;		/* next failed query */
};

struct dns {
	struct loop *loop;
	struct channel channels[CHANNELS];
	size_t latest;			/* the channel used last */
	char *servers_file;
	struct stat servers;		/* stat() of that file when it was
					   read */
	bool given;			/* other servers were set */
	unsigned generation;
	struct query *failed;		/* their callers are not told yet */
	struct deferred failure;
	bool ending;
};

/* -- sockets and time -- */

static void
plan_timeout(struct channel *c)
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
	struct channel *c = owner;

	ares_process_fd(c->ares, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	plan_timeout(c);
}

static void
dns_on_ready(evutil_socket_t fd, short what, void *owner)
{
	struct channel *c = owner;

	ares_process_fd(c->ares,
	    (what & EV_READ) != 0 ? fd : ARES_SOCKET_BAD,
	    (what & EV_WRITE) != 0 ? fd : ARES_SOCKET_BAD);
	plan_timeout(c);
}

static void
forget_watch(struct channel *c, ares_socket_t fd)
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
	struct channel *c = owner;
	struct watch *w;
	short what = (short)((readable ? EV_READ : 0) |
	    (writable ? EV_WRITE : 0));

	forget_watch(c, fd);
	if (what == 0)
		return;
	w = xcalloc(1, sizeof(*w));
	w->fd = fd;
	w->event = event_new(loop_base(c->dns->loop), fd,
	    (short)(what | EV_PERSIST), dns_on_ready, c);
	if (w->event == NULL)
		abort();
	event_add(w->event, NULL);
	w->next = c->watches;
	c->watches = w;
}

/* -- queries -- */

static void
add_node(struct addr *addrs, struct dns_answer *answer,
    const struct ares_addrinfo_node *n)
{
	struct addr *a = &addrs[answer->n];

	if (answer->n == DNS_ADDRS_MAX || n->ai_addrlen > sizeof(a->ss))
		return;
	*a = (struct addr){ .kind = ADDR_INET, .len = n->ai_addrlen };
	memcpy(&a->ss, n->ai_addr, n->ai_addrlen);
	answer->n++;
	if (n->ai_ttl < answer->ttl)
		answer->ttl = n->ai_ttl;
}

/* The addresses of an alias are valid no longer than the alias itself. */
static void
tell(const struct query *q, const struct ares_addrinfo *info)
{
	struct addr addrs[DNS_ADDRS_MAX];
	struct dns_answer answer = { .addrs = addrs, .ttl = INT_MAX,
		.why = "" };

	for (const struct ares_addrinfo_node *n = info->nodes; n != NULL;
	    n = n->ai_next)
		add_node(addrs, &answer, n);
	for (const struct ares_addrinfo_cname *c = info->cnames; c != NULL;
	    c = c->next) {
		if (c->ttl < answer.ttl)
			answer.ttl = c->ttl;
	}
	q->done(q->owner, &answer);
}

static void
tell_failure(const struct query *q)
{
	const struct dns_answer answer = {
		.why = ares_strerror(q->status),
		.none = q->status == ARES_ENOTFOUND ||
		    q->status == ARES_ENODATA,
	};

	q->done(q->owner, &answer);
}

static void send_query(struct query *);

static void
put_off(struct query *q, int status)
{
	struct dns *d = q->dns;

	q->status = status != ARES_SUCCESS ? status : ARES_ENODATA;
	q->next = d->failed;
	d->failed = q;
	deferred_queue(d->loop, &d->failure);
}

static void
dns_on_answer(void *owner, int status, int timeouts, struct ares_addrinfo *info)
{
	struct query *q = owner;

	(void)timeouts;
	q->channel->queries--;
	if (q->dns->ending) {
		free(q);
	} else if (status == ARES_EDESTRUCTION) {
		/* The name servers have changed since. */
		send_query(q);
	} else if (status != ARES_SUCCESS || info->nodes == NULL) {
		put_off(q, status);
	} else {
		tell(q, info);
		free(q);
	}
	if (info != NULL)
		ares_freeaddrinfo(info);
}

/* The channel with the fewest queries; equal ones take turns. */
static struct channel *
choose_channel(struct dns *d)
{
	struct channel *best = NULL;

	for (size_t i = 1; i <= CHANNELS; i++) {
		struct channel *c = &d->channels[(d->latest + i) % CHANNELS];

		if (best == NULL || c->queries < best->queries)
			best = c;
	}
	d->latest = (size_t)(best - d->channels);
	return best;
}

static void
send_query(struct query *q)
{
	const struct ares_addrinfo_hints hints = {
		.ai_family = q->family == DNS_IPV4 ? AF_INET : AF_INET6,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = ARES_AI_NOSORT,
	};
	struct channel *c = choose_channel(q->dns);

	q->channel = c;
	q->generation = q->dns->generation;
	c->queries++;
	/* The query may be answered, and freed, before the call returns. */
	ares_getaddrinfo(c->ares, q->host, NULL, &hints, dns_on_answer, q);
	plan_timeout(c);
}

/*
 * The machine may have moved to another network, or had none when we started.
 * So the current name servers are asked before a failure is reported.
 */
static void
end_failed(void *owner)
{
	struct dns *d = owner;
	struct query *q, *failed = d->failed;

	d->failed = NULL;
	dns_renew(d);
	while ((q = failed) != NULL) {
		failed = q->next;
		if (q->generation != d->generation) {
			send_query(q);
			continue;
		}
		tell_failure(q);
		free(q);
	}
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
	for (size_t i = 0; i < CHANNELS; i++) {
		if (ares_set_servers_ports_csv(d->channels[i].ares,
		    servers) != ARES_SUCCESS)
			return false;
	}
	return true;
}

/*
 * Names are asked for unchanged: no domain of a search list is appended,
 * whatever ndots says, and $HOSTALIASES is not applied.  ares_getaddrinfo()
 * knows ARES_FLAG_NOSEARCH in later versions only, hence the list without
 * domains.
 */
static int
make_channel(struct dns *d, struct channel *c, ares_channel *made)
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
		.resolvconf_path = d->servers_file,
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
	return ares_init_options(made, &options, set);
}

/* Makes all channels or none. */
static int
make_channels(struct dns *d)
{
	ares_channel made[CHANNELS];
	int status = ARES_SUCCESS;
	size_t n = 0;

	while (n < CHANNELS && status == ARES_SUCCESS) {
		status = make_channel(d, &d->channels[n], &made[n]);
		if (status == ARES_SUCCESS)
			n++;
	}
	if (status != ARES_SUCCESS) {
		while (n-- > 0)
			ares_destroy(made[n]);
		return status;
	}
	for (size_t i = 0; i < CHANNELS; i++) {
		ares_channel old = d->channels[i].ares;

		d->channels[i].ares = made[i];
		made[i] = old;
	}
	for (size_t i = 0; i < CHANNELS; i++) {
		/* Queries under way are sent anew: see dns_on_answer(). */
		if (made[i] != NULL)
			ares_destroy(made[i]);
	}
	return ARES_SUCCESS;
}

static bool
is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

void
dns_renew(struct dns *d)
{
	struct stat now;

	if (d->given || stat(d->servers_file, &now) != 0 ||
	    is_same_file(&now, &d->servers))
		return;
	d->generation++;
	if (make_channels(d) != ARES_SUCCESS) {
		d->generation--;
		return;
	}
	d->servers = now;
	log_info("%s has changed: its name servers are asked from now on",
	    d->servers_file);
}

unsigned
dns_generation(const struct dns *d)
{
	return d->generation;
}

/* -- the whole -- */

const char *
dns_library(void)
{
	return ares_version(NULL);
}

struct dns *
dns_new(struct loop *loop, const char *servers_file, char *why,
    size_t why_size)
{
	struct dns *d = xcalloc(1, sizeof(*d));
	int status = ares_library_init(ARES_LIB_INIT_ALL);

	d->loop = loop;
	d->servers_file = xstrdup(servers_file);
	deferred_init(&d->failure, LOOP_SOON, end_failed, d);
	for (size_t i = 0; i < CHANNELS; i++) {
		d->channels[i].dns = d;
		timer_init(&d->channels[i].timer, loop, dns_on_timeout,
		    &d->channels[i]);
	}
	(void)stat(servers_file, &d->servers);
	if (status == ARES_SUCCESS)
		status = make_channels(d);
	if (status == ARES_SUCCESS)
		return d;
	snprintf(why, why_size, "cannot set up name look-ups: %s",
	    ares_strerror(status));
	dns_free(d);
	return NULL;
}

void
dns_free(struct dns *d)
{
	struct query *q;

	if (d == NULL)
		return;
	d->ending = true;
	deferred_cancel(&d->failure);
	for (size_t i = 0; i < CHANNELS; i++) {
		struct channel *c = &d->channels[i];

		if (c->ares != NULL)
			ares_destroy(c->ares);
		while (c->watches != NULL)
			forget_watch(c, c->watches->fd);
		timer_end(&c->timer);
	}
	while ((q = d->failed) != NULL) {
		d->failed = q->next;
		free(q);
	}
	ares_library_cleanup();
	free(d->servers_file);
	free(d);
}
