/*
 * Proxies that refuse who asks them; see proxies.h.
 */
#include "stats/proxies.h"

#include <assert.h>
#include <string.h>

#include "conf/conf.h"
#include "stats/layout.h"
#include "stats/view.h"

static struct proxy_gate *
gate_of(const struct stats *f, size_t upstream)
{
	assert(upstream < f->numbers.n_upstreams);
	return &f->known->proxies[f->numbers.upstreams[upstream]];
}

struct proxy_gate *
stats_proxy_gate(struct stats *f, size_t upstream)
{
	return gate_of(f, upstream);
}

/* FNV-1a: nobody gains anything by two that are the same. */
static uint64_t
mix(uint64_t sum, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	while (n-- != 0)
		sum = (sum ^ *p++) * UINT64_C(0x100000001b3);
	return sum;
}

uint64_t
stats_proxy_user(const struct stats *f, const struct conf *conf,
    size_t upstream)
{
	const struct conf_proxy *p = &conf->upstreams[upstream].proxy;
	uint64_t who = UINT64_C(0xcbf29ce484222325);
	uint32_t key = p->key != CONF_NONE ? f->numbers.keys[p->key] :
	    UINT32_MAX;

	assert(p->host != NULL);
	who = mix(who, p->host, strlen(p->host));
	who = mix(who, &p->port, sizeof(p->port));
	who = mix(who, &key, sizeof(key));
	return who != 0 ? who : 1;
}

bool
stats_proxy_refuses(const struct stats *f, const struct conf *conf,
    size_t upstream)
{
	return proxy_gate_refuses(gate_of(f, upstream),
	    stats_proxy_user(f, conf, upstream));
}
