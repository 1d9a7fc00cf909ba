#include "client_rig.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"

#define SECONDS		INT64_C(1000)

static char host[] = "api.example", name[] = "k", scheme[] = "ApiKey",
    local[] = "h", access_name[] = "none", first_name[] = "a",
    second_name[] = "b";
static char *local_hosts[] = { local }, *key_hosts[] = { host };
static size_t first[] = { 0 };

static void
make_conf(struct client_rig *r)
{
	r->upstream = (struct conf_upstream){
		.name = name, .host = host, .authority = host,
		.connect_host = host, .port = 443, .connect_port = 443,
		.max_connections = 2, .max_age = 3600 * SECONDS,
		.timeouts = { .connect = 5 * SECONDS,
		    .handshake = 5 * SECONDS, .response = 25 * SECONDS,
		    .body = 60 * SECONDS, .idle = 50 * SECONDS },
	};
	r->key = (struct conf_key){
		.name = name, .scheme = scheme, .hosts = { key_hosts, 1 },
		.expires = CONF_NO_TIME, .value = secret_new(48),
	};
	memset(secret_bytes(r->key.value), 'A', 48);
	r->route = (struct conf_route){
		.name = name, .client = CONF_NONE, .keys = first, .n_keys = 1,
	};
	for (size_t i = 0; i < RIG_LISTENERS; i++)
		r->listeners[i] = (struct conf_listener){
			.name = i == 0 ? first_name : second_name,
			.hosts = { local_hosts, 1 },
		};
	r->conf = (struct conf){
		.workers = 1,
		.log = { .access = access_name, .level = LOG_LEVEL_ERROR },
		.timeouts = { .head = 10 * SECONDS, .body = 30 * SECONDS,
		    .idle = 75 * SECONDS, .send = 60 * SECONDS },
		.limits = { .head = 4096, .target = 1024, .trailers = 1024,
		    .body_rate = 500, .fields = 20, .interim = 3,
		    .clients = 100 },
		.listeners = r->listeners, .n_listeners = RIG_LISTENERS,
		.upstreams = &r->upstream, .n_upstreams = 1,
		.routes = &r->route, .n_routes = 1,
		.keys = &r->key, .n_keys = 1,
	};
}

int
client_rig_set_up(void **state)
{
	struct client_rig *r = xcalloc(1, sizeof(*r));

	*state = r;
	make_conf(r);
	r->loop = loop_new();
	memory_start(r->loop);
	r->stats = stats_new_alone(&r->conf);
	r->access_fd = memfd_create("access", MFD_CLOEXEC);
	return 0;
}

static void
on_full(void *owner, size_t listener, bool full)
{
	struct client_rig *r = owner;

	r->full[listener] = full;
	r->n_full++;
}

void
client_rig_open(struct client_rig *r, uint32_t most)
{
	char why[256];

	r->access = sink_new(r->access_fd, NULL, NULL);
	r->env = env_new(&r->conf, r->loop, r->stats,
	    r->access);
	r->forward = forward_new(r->env, r->stats, why, sizeof(why));
	r->sessions = sessions_new(r->env, r->handler != NULL ? r->handler :
	    forward_handler(r->forward), most, on_full, r);
}

int
client_rig_tear_down(void **state)
{
	struct client_rig *r = *state;

	sessions_free(r->sessions);
	memory_turn();
	forward_free(r->forward);
	env_free(r->env);
	loop_free(r->loop);
	sink_free(r->access);
	close(r->access_fd);
	stats_free(r->stats);
	memory_end();
	secret_free(r->key.value);
	free(r);
	return 0;
}

struct wire *
client_rig_connect(struct client_rig *r, size_t listener)
{
	return client_rig_connect_as(r, listener, 1);
}

struct wire *
client_rig_connect_as(struct client_rig *r, size_t listener, uint32_t uid)
{
	struct client_info info = { .has_user = true, .uid = uid, .gid = 1 };
	struct wire *w;
	int fd;

	info.address.kind = ADDR_UNIX;
	info.address.sa.sa_family = AF_UNIX;
	w = memory_client(&fd);
	sessions_accept(r->sessions, listener, fd, &info);
	memory_turn();
	return w;
}

bool
client_rig_say(struct wire *w, const char *text)
{
	return memory_feed(w, text, strlen(text));
}

struct wire *
client_rig_dialled(void)
{
	return memory_connect(true) ? memory_wires() : NULL;
}

static void
on_empty(void *owner)
{
	struct client_rig *r = owner;

	r->n_empty++;
}

void
client_rig_retire(struct client_rig *r)
{
	sessions_retire(r->sessions, on_empty, r);
	memory_turn();
}

void
client_rig_stop(struct client_rig *r)
{
	sessions_stop(r->sessions, on_empty, r);
	memory_turn();
}

const char *
client_rig_lines(struct client_rig *r)
{
	ssize_t n;

	memory_turn();
	n = pread(r->access_fd, r->lines, sizeof(r->lines) - 1, 0);
	r->lines[n > 0 ? n : 0] = '\0';
	return r->lines;
}

unsigned
client_rig_count(const struct wire *w, const char *what)
{
	const char *p = (const char *)buf_data(&w->out);
	const char *end = p + buf_len(&w->out);
	unsigned n = 0;

	/* Nothing was written yet. */
	if (p == NULL)
		return 0;
	while ((p = memmem(p, (size_t)(end - p), what, strlen(what))) !=
	    NULL) {
		p += strlen(what);
		n++;
	}
	return n;
}
