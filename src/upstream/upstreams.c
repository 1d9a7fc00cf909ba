/*
 * TLS clients, tunnels and pools; see upstreams.h.
 */
#include "upstream/upstreams.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "net/resolve.h"
#include "net/tls.h"
#include "stats/counting.h"

struct upstreams {
	const struct conf *conf;
	struct loop *loop;
	struct stats *stats;
	struct resolver *resolver;
	struct tls_client **tls;	/* per upstream; NULL: not used */
	struct tls_client **proxies;	/* per upstream; NULL: not in TLS */
	struct tunnel **tunnels;	/* per upstream; NULL: none */
	struct contact **contacts;	/* per upstream */
	struct pool **pools;		/* [upstream][key]; NULL: not made
					   yet */
	struct codec_shared codec;
	struct fields scratch;		/* for codecs, to parse into */
};

static bool
is_used(const struct conf *conf, size_t upstream)
{
	for (size_t i = 0; i < conf->n_routes; i++) {
		if (conf->routes[i].upstream == upstream)
			return true;
	}
	return false;
}

static struct tls_client *
make_client(const struct conf_upstream *u, char *why, size_t why_size)
{
	struct tls_client_conf conf = {
		.host = u->host,
		.roots = u->roots,
		.crls = u->crls,
		.certificate = u->certificate,
		.tls_1_3_only = u->min_tls == CONF_TLS_1_3,
		.pins = (const uint8_t (*)[32])u->pins,
		.n_pins = u->n_pins,
	};
	struct tls_client *client;

	if (u->certificate_key != NULL)
		conf.certificate_key = secret_text(u->certificate_key);
	client = tls_client_new(&conf, why, why_size);
	/* OpenSSL made copies of it while it read the key. */
	if (u->certificate_key != NULL)
		secret_scrub_heap();
	return client;
}

/* No session of a proxy is kept: its tunnels are. */
static struct tls_client *
make_proxy_client(const struct conf_proxy *p, char *why, size_t why_size)
{
	struct tls_client_conf conf = {
		.host = p->host, .is_proxy = true, .roots = p->roots,
	};

	return tls_client_new(&conf, why, why_size);
}

static void
check_proxy(const struct conf_upstream *u,
    struct conf_diagnostics *diagnostics)
{
	struct tls_client *client;
	char why[256];

	if (!u->proxy.tls)
		return;
	client = make_proxy_client(&u->proxy, why, sizeof(why));
	if (client == NULL)
		conf_error(diagnostics, u->where.file, u->where.line,
		    "upstream %s: proxy: %s", u->name, why);
	tls_client_free(client);
}

void
upstreams_check(const struct conf *conf, struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < conf->n_upstreams; i++) {
		const struct conf_upstream *u = &conf->upstreams[i];
		struct tls_client *client;
		char why[256];

		if (is_used(conf, i))
			check_proxy(u, diagnostics);
		/*
		 * The certificate's key is sealed, and could not be opened
		 * here.
		 */
		if (!is_used(conf, i) || (u->certificate.p != NULL &&
		    u->certificate_key == NULL))
			continue;
		client = make_client(u, why, sizeof(why));
		if (client == NULL)
			conf_error(diagnostics, u->where.file, u->where.line,
			    "upstream %s: %s", u->name, why);
		tls_client_free(client);
	}
}

static bool
make_tls(struct upstreams *all, char *why, size_t why_size)
{
	for (size_t i = 0; i < all->conf->n_upstreams; i++) {
		const struct conf_upstream *u = &all->conf->upstreams[i];
		char reason[256];

		if (!is_used(all->conf, i))
			continue;
		all->tls[i] = make_client(u, reason, sizeof(reason));
		if (all->tls[i] == NULL) {
			snprintf(why, why_size, "upstream %s: %s", u->name,
			    reason);
			return false;
		}
		if (!u->proxy.tls)
			continue;
		all->proxies[i] = make_proxy_client(&u->proxy, reason,
		    sizeof(reason));
		if (all->proxies[i] == NULL) {
			snprintf(why, why_size, "upstream %s: proxy: %s",
			    u->name, reason);
			return false;
		}
	}
	return true;
}

static void
make_contacts(struct upstreams *all)
{
	const struct conf *conf = all->conf;

	all->contacts = xcalloc(conf->n_upstreams, sizeof(struct contact *));
	for (size_t i = 0; i < conf->n_upstreams; i++)
		all->contacts[i] = contact_new(all->loop,
		    conf->upstreams[i].name);
}

static void
make_tunnels(struct upstreams *all)
{
	const struct conf *conf = all->conf;

	for (size_t i = 0; i < conf->n_upstreams; i++)
		all->tunnels[i] = tunnel_new(conf, i, all->proxies[i],
		    all->stats, all->codec.limits);
}

struct upstreams *
upstreams_new(const struct conf *conf, struct loop *loop, struct stats *stats,
    const struct codec_limits *limits, char *why, size_t why_size)
{
	struct upstreams *all = xcalloc(1, sizeof(*all));

	all->conf = conf;
	all->loop = loop;
	all->stats = stats;
	all->codec = (struct codec_shared){
		.limits = limits,
		.blocks = loop_blocks(loop),
		.scratch = &all->scratch,
	};
	all->tls = xcalloc(conf->n_upstreams, sizeof(struct tls_client *));
	all->tunnels = xcalloc(conf->n_upstreams, sizeof(struct tunnel *));
	all->proxies = xcalloc(conf->n_upstreams, sizeof(struct tls_client *));
	all->pools = xcalloc(conf->n_upstreams * conf->n_keys,
	    sizeof(struct pool *));
	make_contacts(all);
	all->resolver = resolver_new(loop, why, why_size);
	if (all->resolver == NULL || !make_tls(all, why, why_size)) {
		upstreams_free(all);
		return NULL;
	}
	make_tunnels(all);
	return all;
}

void
upstreams_free(struct upstreams *all)
{
	if (all == NULL)
		return;
	for (size_t i = 0; i < all->conf->n_upstreams * all->conf->n_keys;
	    i++)
		pool_free(all->pools[i]);
	for (size_t i = 0; i < all->conf->n_upstreams; i++) {
		tls_client_free(all->tls[i]);
		tls_client_free(all->proxies[i]);
		tunnel_free(all->tunnels[i]);
		contact_free(all->contacts[i]);
	}
	resolver_free(all->resolver);
	fields_release(&all->scratch);
	free(all->tls);
	free(all->proxies);
	free(all->tunnels);
	free(all->contacts);
	free(all->pools);
	free(all);
}

struct resolver *
upstreams_resolver(const struct upstreams *all)
{
	return all->resolver;
}

bool
upstreams_use(const struct upstreams *all, size_t upstream)
{
	return all->tls[upstream] != NULL;
}

struct pool *
upstreams_pool(struct upstreams *all, size_t upstream, size_t key)
{
	struct pool **p = &all->pools[upstream * all->conf->n_keys + key];

	if (*p == NULL) {
		*p = pool_new(&(struct pool_conf){
			.loop = all->loop,
			.resolver = all->resolver,
			.tls = all->tls[upstream],
			.upstream = &all->conf->upstreams[upstream],
			.tunnel = all->tunnels[upstream],
			.codec = &all->codec,
			.counts = stats_connections(all->stats, upstream),
			.contact = all->contacts[upstream],
		});
	}
	return *p;
}

void
upstreams_close_key(struct upstreams *all, size_t key, const char *reason)
{
	for (size_t i = 0; i < all->conf->n_upstreams; i++) {
		struct pool *p = all->pools[i * all->conf->n_keys + key];

		if (p != NULL)
			pool_clear(p, reason);
	}
}

void
upstreams_close(struct upstreams *all, size_t upstream, const char *reason)
{
	for (size_t i = 0; i < all->conf->n_keys; i++) {
		struct pool *p = all->pools[upstream * all->conf->n_keys + i];

		if (p != NULL)
			pool_clear(p, reason);
	}
}
