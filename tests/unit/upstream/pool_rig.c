#include "pool_rig.h"

#define SECONDS		INT64_C(1000)

static char name[] = "u", host[] = "api.example";

struct conf_upstream
pool_rig_upstream(void)
{
	return (struct conf_upstream){
		.name = name, .host = host, .authority = host,
		.connect_host = host, .port = 443, .connect_port = 443,
		.max_connections = 2, .max_age = 3600 * SECONDS,
		.timeouts = { .connect = 5 * SECONDS,
		    .handshake = 5 * SECONDS, .response = 25 * SECONDS,
		    .body = 60 * SECONDS, .idle = 50 * SECONDS },
	};
}

void
pool_rig_start(struct pool_rig *r)
{
	r->loop = loop_new();
	memory_start(r->loop);
	r->upstream = pool_rig_upstream();
	atomic_init(&r->counts.idle, 0);
	atomic_init(&r->counts.busy, 0);
	r->scratch = (struct fields){ .v = NULL };
	r->codec = (struct codec_shared){
		.limits = &codec_limits_default,
		.blocks = loop_blocks(r->loop),
		.scratch = &r->scratch,
	};
	r->tls = tls_client_new(&(struct tls_client_conf){ .host = host },
	    NULL, 0);
	r->contact = contact_new(r->loop, name);
	r->pool = pool_new(&(struct pool_conf){
		.loop = r->loop,
		.tls = r->tls,
		.upstream = &r->upstream,
		.codec = &r->codec,
		.counts = &r->counts,
		.contact = r->contact,
	});
}

void
pool_rig_end(struct pool_rig *r)
{
	memory_turn();
	pool_free(r->pool);
	contact_free(r->contact);
	memory_turn();
	loop_free(r->loop);
	memory_end();
	tls_client_free(r->tls);
	fields_release(&r->scratch);
}
