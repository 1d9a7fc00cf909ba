/*
 * Names to addresses; see resolve.h.
 *
 * An entry per name holds the last good answer and the waiters for the next
 * one.  Answers are given at the end of the turn, never from within a call of
 * ours or of c-ares, so that a waiter may call anything.
 */
#include "net/resolve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/repeats.h"
#include "net/dns.h"
#include "net/hosts.h"
#include "net/timer.h"

#define HOSTS_FILE	"/etc/hosts"
#define TTL_LEAST_S	1
#define TTL_MOST_S	3600
#define MEANWHILE_S	30		/* after the TTL: used at once */
#define STALE_S		86400		/* after the TTL: if look-ups fail */
#define RETRY_S		5		/* after a failure, old ones in use */
#define FAILED_S	2		/* after a failure, without */
#define DOUBT_S		5		/* between look-ups of doubted names */
#define PARTIAL_MS	1000		/* then a partial answer is used */
#define DELAY_MS	50		/* IPv6 may take longer than IPv4 */

/* The latest answer for a family. */
struct family {
	struct entry *entry;
	bool asking;
	bool known;			/* answered, or failed, in this round */
	bool none;			/* the family has no addresses */
	struct addr *addrs;
	size_t n;
	int64_t until;			/* end of their TTL */
};

struct entry {
	struct resolver *resolver;
	struct entry *next;
	char *host;
	struct addr *addrs;		/* the last good answer, port 0 */
	size_t n;
	int64_t fresh_until;		/* by loop_boot(), as all times here */
	int64_t ttl_until;		/* of the addresses */
	int64_t doubt_from;		/* doubts count from then on */
	bool fixed;			/* a literal, or from the hosts file */
	bool asking;			/* a round of queries */
	bool checking;			/* have the name servers changed? */
	bool doubted;			/* since the last good answer */
	bool failing;			/* the last round failed */
	bool impatient;			/* the round takes long already */
	struct family families[DNS_FAMILIES];
	struct timer partial;
	char why[160];			/* the last failure, or "" */
	struct repeats failures;	/* that were told */
	unsigned failed_generation;	/* of the name servers at that
					   failure */
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

static int64_t
now(const struct entry *e)
{
	return loop_boot(e->resolver->loop);
}

/* The addresses are valid, or a failure is recent: no new look-up. */
static bool
is_fresh(const struct entry *e)
{
	return e->fixed || (now(e) < e->fresh_until &&
	    (!e->doubted || now(e) < e->doubt_from));
}

/* A waiter need not wait for the round. */
static bool
has_answer(const struct entry *e)
{
	if (e->checking)
		return false;
	if (!e->asking)
		return true;
	return e->n != 0 && (e->impatient || (!e->doubted &&
	    now(e) < e->ttl_until + MEANWHILE_S * NS_PER_S));
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

	while (e->waiting != NULL && has_answer(e))
		give_answer(e, e->waiting);
}

static void resolve_on_partial(void *);

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
	timer_init(&e->partial, r->loop, resolve_on_partial, e);
	for (size_t i = 0; i < DNS_FAMILIES; i++)
		e->families[i].entry = e;
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
	timer_end(&e->partial);
	for (size_t i = 0; i < DNS_FAMILIES; i++)
		free(e->families[i].addrs);
	repeats_release(&e->failures);
	free(e->addrs);
	free(e->host);
	free(e);
}

/* -- answers of DNS -- */

static bool
has_addresses(const struct entry *e)
{
	return e->families[DNS_IPV4].n + e->families[DNS_IPV6].n != 0;
}

/* IPv6 and IPv4 in turn (RFC 8305 section 4). */
static void
join_families(struct entry *e)
{
	const struct family *v4 = &e->families[DNS_IPV4];
	const struct family *v6 = &e->families[DNS_IPV6];

	e->addrs = xreallocarray(e->addrs, v4->n + v6->n, sizeof(*e->addrs));
	e->n = 0;
	for (size_t i = 0; i < v4->n || i < v6->n; i++) {
		if (i < v6->n)
			e->addrs[e->n++] = v6->addrs[i];
		if (i < v4->n)
			e->addrs[e->n++] = v4->addrs[i];
	}
	if (e->n > DNS_ADDRS_MAX)
		e->n = DNS_ADDRS_MAX;
}

static void
keep(struct entry *e)
{
	join_families(e);
	e->ttl_until = INT64_MAX;
	for (size_t i = 0; i < DNS_FAMILIES; i++) {
		const struct family *f = &e->families[i];

		if (f->n != 0 && f->until < e->ttl_until)
			e->ttl_until = f->until;
	}
	e->fresh_until = e->ttl_until;
	e->failing = false;
}

static void
failed(struct entry *e)
{
	char more[REPEATS_WORDS];

	/*
	 * Both families must say that there are none; silence proves nothing.
	 */
	if (e->families[DNS_IPV4].none && e->families[DNS_IPV6].none)
		e->n = 0;
	e->failing = true;
	e->failed_generation = dns_generation(e->resolver->dns);
	e->fresh_until = now(e) + (e->n != 0 ? RETRY_S : FAILED_S) * NS_PER_S;
	if (e->n != 0 && repeats_tell(&e->failures, e->why, now(e), more))
		log_warn("%s: %s; its last addresses stay in use%s", e->host,
		    e->why, more);
}

/* The answers of the round replace all earlier ones. */
static void
end_round(struct entry *e)
{
	e->asking = false;
	timer_clear(&e->partial);
	if (has_addresses(e)) {
		e->doubted = false;
		keep(e);
	} else {
		failed(e);
	}
	deferred_queue(e->resolver->loop, &e->answer);
}

/*
 * IPv6 alone is enough only where there is no old answer: a machine may have an
 * IPv6 address that leads nowhere.
 */
static void
look_at_round(struct entry *e)
{
	const struct family *v4 = &e->families[DNS_IPV4];
	const struct family *v6 = &e->families[DNS_IPV6];
	bool enough = v4->n != 0 || (v6->n != 0 && e->n == 0);

	if ((v4->known && v6->known) || (e->impatient && enough))
		end_round(e);
	else if (v4->n != 0)
		timer_set(&e->partial, DELAY_MS);
}

/* Of two reasons, the lack of addresses of one family says less. */
static void
note_failure(struct entry *e, const struct dns_answer *a)
{
	if (!a->none || e->why[0] == '\0')
		snprintf(e->why, sizeof(e->why), "name look-up: %s", a->why);
}

static int64_t
end_of_ttl(const struct entry *e, int ttl)
{
	if (ttl < TTL_LEAST_S)
		ttl = TTL_LEAST_S;
	if (ttl > TTL_MOST_S)
		ttl = TTL_MOST_S;
	return now(e) + ttl * NS_PER_S;
}

static void
resolve_on_answer(void *owner, const struct dns_answer *a)
{
	struct family *f = owner;
	struct entry *e = f->entry;

	f->asking = false;
	f->known = true;
	f->none = a->none;
	f->n = a->n;
	f->until = end_of_ttl(e, a->ttl);
	if (a->n != 0) {
		f->addrs = xreallocarray(f->addrs, a->n, sizeof(*f->addrs));
		memcpy(f->addrs, a->addrs, a->n * sizeof(*f->addrs));
	} else {
		note_failure(e, a);
	}
	if (e->asking)
		look_at_round(e);
	else if (a->n != 0)
		keep(e);
}

static void
ask(struct entry *e)
{
	struct dns *dns = e->resolver->dns;

	if (e->doubted) {
		e->doubt_from = now(e) + DOUBT_S * NS_PER_S;
		dns_renew(dns);
	}
	if (now(e) >= e->ttl_until + STALE_S * NS_PER_S)
		e->n = 0;
	e->why[0] = '\0';
	e->asking = true;
	e->impatient = e->failing;
	timer_set(&e->partial, PARTIAL_MS);
	for (size_t i = 0; i < DNS_FAMILIES; i++) {
		e->families[i].known = false;
		e->families[i].n = 0;
	}
	for (size_t i = 0; i < DNS_FAMILIES; i++) {
		struct family *f = &e->families[i];

		/* An earlier query that was not answered yet is used. */
		if (f->asking)
			continue;
		f->asking = true;
		dns_ask(dns, e->host, (enum dns_family)i, resolve_on_answer, f);
	}
}

/*
 * The delay of IPv6 is over, or the round takes too long: from now on the last
 * good answer is used, or one family alone.  Some name servers, such as those
 * in some homes, never answer queries for IPv6.
 */
static void
resolve_on_partial(void *owner)
{
	struct entry *e = owner;

	e->impatient = true;
	look_at_round(e);
	if (e->asking)
		deferred_queue(e->resolver->loop, &e->answer);
}

/* A failure stands while the name servers are those that failed. */
static void
resolve_on_renewed(void *owner)
{
	const struct resolver *r = owner;

	for (struct entry *e = r->entries; e != NULL; e = e->next) {
		if (!e->checking)
			continue;
		e->checking = false;
		if (e->failed_generation != dns_generation(r->dns))
			ask(e);
		deferred_queue(r->loop, &e->answer);
	}
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
	if (!e->asking && !e->checking && !is_fresh(e)) {
		ask(e);
	} else if (!e->asking && !e->checking && e->n == 0) {
		e->checking = true;
		dns_renew(r->dns);
	}
	if (has_answer(e))
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

void
resolve_doubt(struct resolver *r, const char *host)
{
	entry_of(r, host)->doubted = true;
}

bool
resolver_set_servers(struct resolver *r, const char *servers)
{
	return dns_set_servers(r->dns, servers);
}

void
resolver_set_look(struct resolver *r, void (*look)(void *), void *owner)
{
	dns_set_look(r->dns, look, owner);
}

void
resolver_looked(struct resolver *r, const char *servers)
{
	dns_looked(r->dns, servers);
}

struct resolver *
resolver_new(struct loop *loop, char *why, size_t why_size)
{
	struct dns *dns = dns_new(loop, RESOLVER_SERVERS_FILE, why,
	    why_size);
	struct resolver *r;

	if (dns == NULL)
		return NULL;
	r = xcalloc(1, sizeof(*r));
	r->loop = loop;
	r->dns = dns;
	dns_set_renewed(dns, resolve_on_renewed, r);
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
