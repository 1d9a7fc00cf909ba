/*
 * TLS of a worker's listeners; see tls_servers.h.
 */
#include "client/tls_servers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/secret.h"
#include "stats/letting_in.h"

/* The bit of it that says that a certificate is required. */
#define REQUIRED	UINT64_C(1)

/* What certificates of clients are judged by. */
struct trust {
	uint64_t is;			/* see tls_servers_trust() */
	uint32_t turns;			/* how often it was renewed */
};

struct tls_servers {
	const struct conf *conf;
	struct tls_tickets *tickets;	/* of all listeners; NULL: none speaks
					   TLS */
	struct tls_server **list;	/* one per listener, or NULL */
	struct trust *trust;		/* one per listener */
	size_t n;
};

/* With its length, so that no two lists of them are the same bytes. */
static void
add(struct buf *b, struct text t)
{
	buf_append(b, &t.n, sizeof(t.n));
	buf_append_text(b, t);
}

/* A part of the digest is enough: nobody but who configures it chooses it. */
uint64_t
tls_servers_trust(const struct conf_listener *l, struct text ca,
    struct text crl)
{
	uint8_t digest[DIGEST_SIZE];
	uint64_t trust;
	struct buf b;
	bool good;

	buf_init(&b, NULL);
	add(&b, ca);
	add(&b, crl);
	for (size_t i = 0; i < l->certificate.n; i++)
		add(&b, text_of(l->certificate.v[i]));
	good = digest_sha256(buf_data(&b), buf_len(&b), digest);
	buf_release(&b);
	if (!good)
		return 0;
	memcpy(&trust, digest, sizeof(trust));
	return l->tls.required ? trust | REQUIRED : trust & ~REQUIRED;
}

static struct tls_server *
make_server(const struct conf_listener *l, struct tls_tickets *tickets,
    char *why, size_t why_size)
{
	const struct tls_server_conf conf = {
		.certificate = l->tls.certificate,
		.certificate_key = secret_text(l->tls.certificate_key),
		.client_ca = l->tls.client_ca,
		.client_crl = l->tls.client_crl,
		.required = l->tls.required,
		.tickets = tickets,
	};
	struct tls_server *server;
	char reason[256];

	server = tls_server_new(&conf, reason, sizeof(reason));
	/* OpenSSL made copies of the key while it read it. */
	secret_scrub_heap();
	if (server == NULL)
		(void)snprintf(why, why_size, "%s:%u: listener %s: %s",
		    l->where.file, l->where.line, l->name, reason);
	return server;
}

/* Keys that nobody else has. */
static struct tls_tickets *
make_tickets(char *why, size_t why_size)
{
	struct tls_tickets *tickets = NULL;
	uint8_t keys[TLS_TICKET_KEYS];

	if (tls_ticket_keys_make(keys))
		tickets = tls_tickets_new(keys);
	else
		(void)snprintf(why, why_size,
		    "no random keys for session tickets");
	explicit_bzero(keys, sizeof(keys));
	return tickets;
}

static bool
make_all(struct tls_servers *all, const struct conf *conf, char *why,
    size_t why_size)
{
	for (size_t i = 0; i < conf->n_listeners; i++) {
		const struct conf_listener *l = &conf->listeners[i];

		if (l->tls.certificate.p == NULL)
			continue;
		if (all->tickets == NULL)
			all->tickets = make_tickets(why, why_size);
		if (all->tickets == NULL)
			return false;
		all->list[i] = make_server(l, all->tickets, why, why_size);
		if (all->list[i] == NULL)
			return false;
		all->trust[i].is = tls_servers_trust(l, l->tls.client_ca,
		    l->tls.client_crl);
	}
	return true;
}

struct tls_servers *
tls_servers_new(const struct conf *conf, char *why, size_t why_size)
{
	struct tls_servers *all = xcalloc(1, sizeof(*all));

	all->conf = conf;
	all->n = conf->n_listeners;
	all->list = xcalloc(all->n, sizeof(*all->list));
	all->trust = xcalloc(all->n, sizeof(*all->trust));
	if (make_all(all, conf, why, why_size))
		return all;
	tls_servers_free(all);
	return NULL;
}

void
tls_servers_free(struct tls_servers *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < all->n; i++)
		tls_server_free(all->list[i]);
	tls_tickets_free(all->tickets);
	free(all->list);
	free(all->trust);
	free(all);
}

struct tls_server *
tls_servers_of(const struct tls_servers *all, size_t listener)
{
	return all != NULL ? all->list[listener] : NULL;
}

void
tls_servers_use_keys(struct tls_servers *all,
    const uint8_t keys[TLS_TICKET_KEYS])
{
	if (all->tickets != NULL)
		tls_tickets_renew(all->tickets, keys);
}

uint32_t
tls_servers_turns(const struct tls_servers *all, size_t listener)
{
	return all->trust[listener].turns;
}

bool
tls_servers_trusts(const struct tls_servers *all, size_t listener,
    bool verified, const struct stats *stats)
{
	uint64_t trust = stats_trust(stats, listener), its;

	if (trust == 0)
		return true;
	its = all->trust[listener].is;
	return verified ? its == trust : (~its & trust & REQUIRED) == 0;
}

void
tls_servers_distrust(struct tls_servers *all, size_t listener)
{
	all->trust[listener].turns++;
}

/* Where OpenSSL fails it is taken for renewed. */
static void
note_trust(struct trust *trust, uint64_t is)
{
	if (is == 0 || is != trust->is)
		trust->turns++;
	trust->is = is;
}

bool
tls_servers_renew(struct tls_servers *all, size_t listener,
    const struct tls_server_conf *from, char *why, size_t why_size)
{
	struct tls_server_conf conf = *from;
	struct tls_server *server;

	conf.tickets = all->tickets;
	server = tls_server_new(&conf, why, why_size);
	/* OpenSSL made copies of the key while it read it. */
	secret_scrub_heap();
	if (server == NULL)
		return false;
	tls_server_free(all->list[listener]);
	all->list[listener] = server;
	note_trust(&all->trust[listener], tls_servers_trust(
	    &all->conf->listeners[listener], conf.client_ca,
	    conf.client_crl));
	return true;
}
