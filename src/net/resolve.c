/*
 * Names to addresses; see resolve.h.
 *
 * An entry per name holds the last good answer and those who wait for the
 * next one.  Answers are given at the end of the turn, never from within a
 * call of ours or of c-ares, so that whoever gets one may do anything.
 */
#include "net/resolve.h"

#include <ares.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/hosts.h"
#include "net/timer.h"

#define HOSTS_FILE	"/etc/hosts"
#define SERVERS_FILE	"/etc/resolv.conf"
#define QUERY_MS	2000		/* per try; c-ares adds to it */
#define QUERY_TRIES	2
#define TTL_LEAST_S	1
#define TTL_MOST_S	3600
#define RETRY_S		5		/* after a failure */
#define PATIENCE_MS	1000		/* then less than all will do */

/* A socket of c-ares that the loop watches. */
struct watch {
	struct resolver *resolver;
	struct watch *next;
	ares_socket_t fd;
	struct event *event;
};

struct entry {
	struct resolver *resolver;
	struct entry *next;
	char *host;
	struct addr *addrs;		/* the last good answer, port 0 */
	size_t n;
	int64_t fresh_until;		/* monotonic, ns */
	bool fixed;			/* a literal, or from the hosts file */
	bool asking;
	bool asking_ipv4;		/* by itself, see on_impatience() */
	bool impatient;			/* it takes long already */
	struct timer *patience;
	char why[160];			/* the last failure, or "" */
	struct resolve *waiting;
	struct deferred answer;
};

struct resolver {
	struct loop *loop;
	ares_channel channel;
	struct timer *timer;
	struct hosts *hosts;
	struct watch *watches;
	struct entry *entries;
	struct stat servers;		/* of SERVERS_FILE as it was read */
	bool given;			/* other servers than those */
	struct deferred renewal;
	bool ending;
};

struct resolve {
	struct resolve *next, **prev;
	uint16_t port;
	resolve_done *done;
	void *owner;
};

/* -- c-ares in the loop -- */

static void
plan_timeout(struct resolver *r)
{
	struct timeval tv;

	if (ares_timeout(r->channel, NULL, &tv) == NULL) {
		timer_clear(r->timer);
		return;
	}
	timer_set(r->timer, (int64_t)tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1);
}

static void
on_timeout(void *owner)
{
	struct resolver *r = owner;

	ares_process_fd(r->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
	plan_timeout(r);
}

static void
on_ready(evutil_socket_t fd, short what, void *owner)
{
	struct resolver *r = owner;

	ares_process_fd(r->channel,
	    (what & EV_READ) != 0 ? fd : ARES_SOCKET_BAD,
	    (what & EV_WRITE) != 0 ? fd : ARES_SOCKET_BAD);
	plan_timeout(r);
}

static void
forget_watch(struct resolver *r, ares_socket_t fd)
{
	for (struct watch **at = &r->watches; *at != NULL;
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
	struct resolver *r = owner;
	struct watch *w;
	short what = (short)((readable ? EV_READ : 0) |
	    (writable ? EV_WRITE : 0));

	forget_watch(r, fd);
	if (what == 0)
		return;
	w = xcalloc(1, sizeof(*w));
	w->fd = fd;
	w->event = event_new(loop_base(r->loop), fd,
	    (short)(what | EV_PERSIST), on_ready, r);
	if (w->event == NULL)
		abort();
	event_add(w->event, NULL);
	w->next = r->watches;
	r->watches = w;
}

/* -- entries -- */

static bool
is_fresh(const struct entry *e)
{
	return e->fixed || (e->n != 0 &&
	    loop_now(e->resolver->loop) < e->fresh_until);
}

static void
give_answer(struct entry *e, struct resolve *w)
{
	struct addr *addrs = xcalloc(e->n, sizeof(*addrs));
	resolve_done *done = w->done;
	void *owner = w->owner;
	size_t n = e->n;
	char why[sizeof(e->why)];

	for (size_t i = 0; i < n; i++) {
		addrs[i] = e->addrs[i];
		addr_set_port(&addrs[i], w->port);
	}
	memcpy(why, e->why, sizeof(why));
	resolve_cancel(w);
	done(owner, addrs, n, why);
	free(addrs);
}

static void
answer_all(void *owner)
{
	struct entry *e = owner;

	while (e->waiting != NULL &&
	    (!e->asking || (e->impatient && e->n != 0)))
		give_answer(e, e->waiting);
}

static void on_impatience(void *);

static bool
parse_literal(const char *host, struct addr *a)
{
	const char *why;
	char *text = strchr(host, ':') != NULL ?
	    xasprintf("[%s]:0", host) : xasprintf("%s:0", host);
	bool is = addr_parse(text, a, &why) && a->kind == ADDR_INET;

	free(text);
	return is;
}

static void
add_fixed(struct entry *e, const struct addr *a)
{
	e->addrs = xreallocarray(e->addrs, e->n + 1, sizeof(*e->addrs));
	e->addrs[e->n++] = *a;
	e->fixed = true;
}

static struct entry *
entry_new(struct resolver *r, const char *host)
{
	struct entry *e = xcalloc(1, sizeof(*e));
	struct addr a;

	e->resolver = r;
	e->host = xstrdup(host);
	e->patience = timer_new(r->loop, on_impatience, e);
	deferred_init(&e->answer, LOOP_SOON, answer_all, e);
	e->next = r->entries;
	r->entries = e;
	if (parse_literal(host, &a)) {
		add_fixed(e, &a);
		return e;
	}
	for (size_t i = 0; hosts_find(r->hosts, host, i, &a); i++)
		add_fixed(e, &a);
	return e;
}

static struct entry *
entry_of(struct resolver *r, const char *host)
{
	struct entry *e = r->entries;

	while (e != NULL && strcasecmp(e->host, host) != 0)
		e = e->next;
	return e != NULL ? e : entry_new(r, host);
}

static void
entry_free(struct entry *e)
{
	deferred_cancel(&e->answer);
	while (e->waiting != NULL)
		resolve_cancel(e->waiting);
	timer_free(e->patience);
	free(e->addrs);
	free(e->host);
	free(e);
}

/* -- answers of DNS -- */

static void
failed(struct entry *e, int status)
{
	int64_t now = loop_now(e->resolver->loop);

	snprintf(e->why, sizeof(e->why), "name look-up: %s",
	    ares_strerror(status));
	e->fresh_until = now + RETRY_S * NS_PER_S;
	deferred_queue(e->resolver->loop, &e->resolver->renewal);
	if (e->n != 0)
		log_warn("%s: %s; its last addresses stay in use", e->host,
		    e->why);
}

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
add_node(struct entry *e, const struct ares_addrinfo_node *n, int *ttl)
{
	struct addr *a;

	if (n == NULL || n->ai_addrlen > sizeof(a->ss))
		return;
	e->addrs = xreallocarray(e->addrs, e->n + 1, sizeof(*e->addrs));
	a = &e->addrs[e->n++];
	memset(a, 0, sizeof(*a));
	a->kind = ADDR_INET;
	memcpy(&a->ss, n->ai_addr, n->ai_addrlen);
	a->len = n->ai_addrlen;
	if (n->ai_ttl < *ttl)
		*ttl = n->ai_ttl;
}

/* IPv6 and IPv4 in turn (RFC 8305 section 4). */
static void
keep(struct entry *e, const struct ares_addrinfo *info)
{
	const struct ares_addrinfo_node *v6 = info->nodes, *v4 = info->nodes;
	int ttl = TTL_MOST_S;

	e->n = 0;
	e->why[0] = '\0';
	while (v6 != NULL || v4 != NULL) {
		add_node(e, next_of(&v6, AF_INET6), &ttl);
		add_node(e, next_of(&v4, AF_INET), &ttl);
	}
	if (ttl < TTL_LEAST_S)
		ttl = TTL_LEAST_S;
	e->fresh_until = loop_now(e->resolver->loop) + ttl * NS_PER_S;
}

static void ask(struct entry *);

static void
on_answer(void *owner, int status, int timeouts, struct ares_addrinfo *info)
{
	struct entry *e = owner;

	(void)timeouts;
	e->asking = false;
	if (e->resolver->ending) {
		if (info != NULL)
			ares_freeaddrinfo(info);
		return;
	}
	if (status == ARES_EDESTRUCTION) {
		/* Its name servers are out of date. */
		ask(e);
		return;
	}
	timer_clear(e->patience);
	if (status != ARES_SUCCESS) {
		failed(e, status);
	} else if (info->nodes == NULL) {
		failed(e, ARES_ENODATA);
	} else {
		keep(e, info);
	}
	if (info != NULL)
		ares_freeaddrinfo(info);
	deferred_queue(e->resolver->loop, &e->answer);
}

static void
on_ipv4_answer(void *owner, int status, int timeouts,
    struct ares_addrinfo *info)
{
	struct entry *e = owner;

	(void)timeouts;
	e->asking_ipv4 = false;
	if (!e->resolver->ending && e->asking && e->n == 0 &&
	    status == ARES_SUCCESS && info->nodes != NULL) {
		keep(e, info);
		deferred_queue(e->resolver->loop, &e->answer);
	}
	if (info != NULL)
		ares_freeaddrinfo(info);
}

static void
query(struct entry *e, int family, ares_addrinfo_callback done)
{
	const struct ares_addrinfo_hints hints = {
		.ai_family = family,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = ARES_AI_NOSORT,
	};

	ares_getaddrinfo(e->resolver->channel, e->host, NULL, &hints, done, e);
	plan_timeout(e->resolver);
}

static void
ask(struct entry *e)
{
	e->asking = true;
	e->impatient = false;
	timer_set(e->patience, PATIENCE_MS);
	query(e, AF_UNSPEC, on_answer);
}

/*
 * The last good answer will do from now on.  Where there is none, it may be
 * that the name server never answers to queries for IPv6, as those of some
 * homes do: c-ares would wait for them longer than a dial may take.
 */
static void
on_impatience(void *owner)
{
	struct entry *e = owner;

	e->impatient = true;
	deferred_queue(e->resolver->loop, &e->answer);
	if (e->n != 0 || e->asking_ipv4)
		return;
	e->asking_ipv4 = true;
	query(e, AF_INET, on_ipv4_answer);
}

/* -- the interface -- */

struct resolve *
resolve_start(struct resolver *r, const char *host, uint16_t port,
    resolve_done *done, void *owner)
{
	struct entry *e = entry_of(r, host);
	struct resolve *w = xcalloc(1, sizeof(*w));

	w->port = port;
	w->done = done;
	w->owner = owner;
	w->next = e->waiting;
	w->prev = &e->waiting;
	if (e->waiting != NULL)
		e->waiting->prev = &w->next;
	e->waiting = w;
	if (!is_fresh(e) && !e->asking)
		ask(e);
	if (!e->asking || e->impatient)
		deferred_queue(r->loop, &e->answer);
	return w;
}

void
resolve_cancel(struct resolve *w)
{
	if (w == NULL)
		return;
	*w->prev = w->next;
	if (w->next != NULL)
		w->next->prev = w->prev;
	free(w);
}

bool
resolver_set_servers(struct resolver *r, const char *servers)
{
	r->given = true;
	return ares_set_servers_ports_csv(r->channel, servers) ==
	    ARES_SUCCESS;
}

static int
make_channel(struct resolver *r)
{
	char lookups[] = "b";		/* DNS alone: see hosts.h */
	struct ares_options options = {
		.timeout = QUERY_MS,
		.tries = QUERY_TRIES,
		.lookups = lookups,
		.sock_state_cb = on_socket_state,
		.sock_state_cb_data = r,
	};

	return ares_init_options(&r->channel, &options, ARES_OPT_TIMEOUTMS |
	    ARES_OPT_TRIES | ARES_OPT_LOOKUPS | ARES_OPT_SOCK_STATE_CB);
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
 * A look-up failed: perhaps the machine is in another network since, or was
 * in none when we started.
 */
static void
renew_servers(void *owner)
{
	struct resolver *r = owner;
	ares_channel old = r->channel;
	struct stat now;

	if (r->given || stat(SERVERS_FILE, &now) != 0 ||
	    is_same_file(&now, &r->servers))
		return;
	if (make_channel(r) != ARES_SUCCESS) {
		r->channel = old;
		return;
	}
	r->servers = now;
	log_info("%s has changed: its name servers are asked from now on",
	    SERVERS_FILE);
	/* What was under way is asked for anew: see on_answer(). */
	ares_destroy(old);
}

struct resolver *
resolver_new(struct loop *loop, char *why, size_t why_size)
{
	struct resolver *r = xcalloc(1, sizeof(*r));
	int status = ares_library_init(ARES_LIB_INIT_ALL);

	r->loop = loop;
	deferred_init(&r->renewal, LOOP_SOON, renew_servers, r);
	(void)stat(SERVERS_FILE, &r->servers);
	if (status == ARES_SUCCESS)
		status = make_channel(r);
	if (status != ARES_SUCCESS) {
		snprintf(why, why_size, "cannot set up name look-ups: %s",
		    ares_strerror(status));
		free(r);
		return NULL;
	}
	r->timer = timer_new(loop, on_timeout, r);
	r->hosts = hosts_load(HOSTS_FILE);
	return r;
}

void
resolver_free(struct resolver *r)
{
	struct entry *e;

	if (r == NULL)
		return;
	r->ending = true;
	deferred_cancel(&r->renewal);
	ares_destroy(r->channel);
	ares_library_cleanup();
	while ((e = r->entries) != NULL) {
		r->entries = e->next;
		entry_free(e);
	}
	while (r->watches != NULL)
		forget_watch(r, r->watches->fd);
	timer_free(r->timer);
	hosts_free(r->hosts);
	free(r);
}
