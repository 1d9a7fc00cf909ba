/*
 * Names to addresses; see resolve.h.
 *
 * An entry per name holds the last good answer and those who wait for the
 * next one.  Answers are given at the end of the turn, never from within a
 * call of ours or of c-ares, so that whoever gets one may do anything.
 */
#include "net/resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/dns.h"
#include "net/hosts.h"
#include "net/timer.h"

#define HOSTS_FILE	"/etc/hosts"
#define SERVERS_FILE	"/etc/resolv.conf"
#define TTL_LEAST_S	1
#define TTL_MOST_S	3600
#define RETRY_S		5		/* after a failure */
#define PATIENCE_MS	1000		/* then less than all will do */

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
	struct dns *dns;
	struct hosts *hosts;
	struct entry *entries;
};

struct resolve {
	struct resolve *next, **prev;
	uint16_t port;
	resolve_done *done;
	void *owner;
};

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
failed(struct entry *e, const char *why)
{
	snprintf(e->why, sizeof(e->why), "name look-up: %s", why);
	e->fresh_until = loop_now(e->resolver->loop) + RETRY_S * NS_PER_S;
	if (e->n != 0)
		log_warn("%s: %s; its last addresses stay in use", e->host,
		    e->why);
}

static void
keep(struct entry *e, const struct dns_answer *a)
{
	int ttl = a->ttl;

	if (ttl < TTL_LEAST_S)
		ttl = TTL_LEAST_S;
	if (ttl > TTL_MOST_S)
		ttl = TTL_MOST_S;
	e->addrs = xreallocarray(e->addrs, a->n, sizeof(*e->addrs));
	memcpy(e->addrs, a->addrs, a->n * sizeof(*e->addrs));
	e->n = a->n;
	e->why[0] = '\0';
	e->fresh_until = loop_now(e->resolver->loop) + ttl * NS_PER_S;
}

static void
on_answer(void *owner, const struct dns_answer *a)
{
	struct entry *e = owner;

	e->asking = false;
	timer_clear(e->patience);
	if (a->n != 0)
		keep(e, a);
	else
		failed(e, a->why);
	deferred_queue(e->resolver->loop, &e->answer);
}

static void
on_ipv4_answer(void *owner, const struct dns_answer *a)
{
	struct entry *e = owner;

	e->asking_ipv4 = false;
	if (!e->asking || e->n != 0 || a->n == 0)
		return;
	keep(e, a);
	deferred_queue(e->resolver->loop, &e->answer);
}

static void
ask(struct entry *e)
{
	e->asking = true;
	e->impatient = false;
	timer_set(e->patience, PATIENCE_MS);
	dns_ask(e->resolver->dns, e->host, DNS_ANY, on_answer, e);
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
	dns_ask(e->resolver->dns, e->host, DNS_IPV4, on_ipv4_answer, e);
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
	return dns_set_servers(r->dns, servers);
}

struct resolver *
resolver_new(struct loop *loop, char *why, size_t why_size)
{
	struct dns *dns = dns_new(loop, SERVERS_FILE, why, why_size);
	struct resolver *r;

	if (dns == NULL)
		return NULL;
	r = xcalloc(1, sizeof(*r));
	r->loop = loop;
	r->dns = dns;
	r->hosts = hosts_load(HOSTS_FILE);
	return r;
}

void
resolver_free(struct resolver *r)
{
	struct entry *e;

	if (r == NULL)
		return;
	dns_free(r->dns);
	while ((e = r->entries) != NULL) {
		r->entries = e->next;
		entry_free(e);
	}
	hosts_free(r->hosts);
	free(r);
}
