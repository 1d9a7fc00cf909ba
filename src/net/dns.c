/*
 * c-ares in the loop; see dns.h.  Called by resolve.c.
 */
#include "net/dns.h"

#include <ares.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "net/dns_channel.h"
#include "net/name_servers.h"
#include "net/timer.h"

#define LOOK_MS		1000		/* for another process to look */

/*
 * A forger of answers has to guess the port that a query came from.  Queries of
 * one channel at the same time share a socket, so they are spread over this
 * many channels.  A channel reads files when it is made, and what its query
 * numbers are made of from /dev/urandom before c-ares 1.20.  So all of them are
 * made before any query, and serve until the end.
 */
#define CHANNELS	8

struct query {
	struct dns *dns;
	struct dns_channel *channel;
	const char *host;
	enum dns_family family;
	dns_done *done;
	void *owner;
	unsigned generation;		/* generation of the name servers
					   asked */
	int status;			/* status of c-ares: why it failed */
	struct query *next;		/* in one of the lists of struct dns */
};

struct dns {
	struct loop *loop;
	struct dns_channel channels[CHANNELS];
	size_t latest;			/* the channel used last */
	char *servers_file;
	struct name_servers *servers;
	unsigned version;		/* of that file's name servers */
	bool given;			/* other servers were set */
	unsigned generation;
	struct query *failed;		/* their callers are not told yet */
	struct query *again;		/* for other name servers */
	struct deferred failure;
	struct deferred verdict;	/* on failed queries */
	dns_look *look;
	void *look_owner;
	bool looking;
	void (*renewed)(void *owner);	/* NULL: nobody is told */
	void *renewed_owner;
	struct timer patience;		/* while looking */
	bool ending;
};

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
dns_on_answer(void *owner, int status, int timeouts,
    struct ares_addrinfo *info)
{
	struct query *q = owner;
	struct dns *d = q->dns;

	(void)timeouts;
	q->channel->queries--;
	if (d->ending) {
		free(q);
	} else if (status == ARES_ECANCELLED) {
		q->next = d->again;
		d->again = q;
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
static struct dns_channel *
choose_channel(struct dns *d)
{
	struct dns_channel *best = NULL;

	for (size_t i = 1; i <= CHANNELS; i++) {
		struct dns_channel *c =
		    &d->channels[(d->latest + i) % CHANNELS];

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
	struct dns_channel *c = choose_channel(q->dns);

	q->channel = c;
	q->generation = q->dns->generation;
	c->queries++;
	/* The query may be answered, and freed, before the call returns. */
	ares_getaddrinfo(c->ares, q->host, NULL, &hints, dns_on_answer, q);
	dns_channel_plan(c);
}

/*
 * The machine may have moved to another network, or had none when we started.
 * So the current name servers are asked before a failure is reported.
 */
static void
dns_on_failure(void *owner)
{
	dns_renew(owner);
}

static void
end_failed(void *owner)
{
	struct dns *d = owner;
	struct query *q, *failed = d->failed;

	d->failed = NULL;
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

static bool
set_servers(struct dns *d, const char *servers)
{
	for (size_t i = 0; i < CHANNELS; i++) {
		if (ares_set_servers_ports_csv(d->channels[i].ares,
		    servers) != ARES_SUCCESS)
			return false;
	}
	return true;
}

bool
dns_set_servers(struct dns *d, const char *servers)
{
	d->given = true;
	return set_servers(d, servers);
}

static int
make_channels(struct dns *d)
{
	int status = ARES_SUCCESS;

	for (size_t i = 0; i < CHANNELS && status == ARES_SUCCESS; i++)
		status = dns_channel_init(&d->channels[i], d->loop,
		    d->servers_file);
	return status;
}

/* Of queries under way c-ares remembers the earlier servers. */
static void
change_servers(struct dns *d, const char *servers)
{
	struct query *q, *again;

	for (size_t i = 0; i < CHANNELS; i++)
		ares_cancel(d->channels[i].ares);
	if (set_servers(d, servers)) {
		d->generation++;
		log_info("%s has changed: its name servers are asked from now "
		    "on", d->servers_file);
	}
	again = d->again;
	d->again = NULL;
	while ((q = again) != NULL) {
		again = q->next;
		send_query(q);
	}
}

void
dns_looked(struct dns *d, const char *servers)
{
	d->looking = false;
	timer_clear(&d->patience);
	if (servers != NULL)
		change_servers(d, servers);
	if (d->failed != NULL)
		deferred_queue(d->loop, &d->verdict);
	if (d->renewed != NULL)
		d->renewed(d->renewed_owner);
}

static void
dns_on_impatient(void *owner)
{
	dns_looked(owner, NULL);
}

/* Where nobody else does. */
static void
look_oneself(void *owner)
{
	struct dns *d = owner;

	dns_looked(d, name_servers_news(d->servers, &d->version));
}

void
dns_renew(struct dns *d)
{
	if (d->looking)
		return;
	if (d->given) {
		dns_looked(d, NULL);
		return;
	}
	d->looking = true;
	timer_set(&d->patience, LOOK_MS);
	d->look(d->look_owner);
}

void
dns_set_renewed(struct dns *d, void (*renewed)(void *), void *owner)
{
	d->renewed = renewed;
	d->renewed_owner = owner;
}

void
dns_set_look(struct dns *d, dns_look *look, void *owner)
{
	d->look = look;
	d->look_owner = owner;
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
	d->servers = name_servers_new(servers_file);
	dns_set_look(d, look_oneself, d);
	deferred_init(&d->failure, LOOP_SOON, dns_on_failure, d);
	deferred_init(&d->verdict, LOOP_SOON, end_failed, d);
	timer_init(&d->patience, loop, dns_on_impatient, d);
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
	deferred_cancel(&d->verdict);
	timer_end(&d->patience);
	for (size_t i = 0; i < CHANNELS; i++)
		dns_channel_end(&d->channels[i]);
	while ((q = d->failed) != NULL) {
		d->failed = q->next;
		free(q);
	}
	ares_library_cleanup();
	name_servers_free(d->servers);
	free(d->servers_file);
	free(d);
}
