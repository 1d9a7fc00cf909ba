/*
 * Configurations; see setting.h.
 */
#include "setting.h"

#include <string.h>

#include "base/clock.h"
#include "dice.h"
#include "history.h"

#define S(literal)	((char []){ literal })
#define PAST		INT64_C(1700000000)
#define FUTURE		INT64_C(1900000000)

static struct setting now;

/* -- the constant parts -- */

static char *tcp_hosts[] = { S("localhost"), S("proxy.example") };
static char *all_hosts[] = { S("a.example"), S("b.example"),
    S("c.example") };
static char *upstream_names[] = { S("up-a"), S("up-b"), S("up-c") };
static char no_log[] = "none";
static char *foreign_hosts[] = { S("foreign.example") };
static char *get_and_head[] = { S("GET"), S("HEAD") };
static size_t by_tcp[] = { BY_TCP };
static enum field_id cookie[] = { FIELD_COOKIE };
static uint32_t listed_users[1000];
static struct conf_client ci = { .name = S("ci"), .bare = true };

static struct conf_listener listeners[N_LISTENERS] = {
	[BY_UNIX] = { .name = S("unix"), .any_host = true,
	    .upstream_hosts = { all_hosts, N_UPSTREAMS } },
	[BY_TCP] = { .name = S("tcp"), .hosts = { tcp_hosts, 2 } },
};

static struct conf_upstream upstreams[N_UPSTREAMS];

/* Each but the last two is for one or two hosts. */
static struct conf_key keys[N_KEYS] = {
	{ .name = S("key-a"), .hosts = { all_hosts, 1 } },
	{ .name = S("key-b"), .hosts = { all_hosts, 2 } },
	{ .name = S("key-c"), .hosts = { all_hosts + 1, 2 },
	    .field = S("X-Own-Key") },
	{ .name = S("key-d"), .hosts = { all_hosts + 2, 1 } },
	{ .name = S("key-old"), .hosts = { all_hosts, N_UPSTREAMS },
	    .expires = PAST },
	{ .name = S("key-foreign"), .hosts = { foreign_hosts, 1 } },
};
#define KEY_OLD		4
#define KEY_FOREIGN	5

static size_t route_keys[N_ROUTES][2];
static struct conf_route routes[N_ROUTES];

/* The kinds of routes; the last one is for any request, in some runs. */
static const struct conf_route kinds[N_ROUTES] = {
	{ .name = S("strip"), .path = S("/strip"), .strip = true },
	{ .name = S("tcp"), .path = S("/tcp"), .listeners = by_tcp,
	    .n_listeners = 1 },
	{ .name = S("read"), .path = S("/read"),
	    .methods = { get_and_head, 2 } },
	{ .name = S("ci"), .path = S("/ci"), .client = 0 },
	{ .name = S("old"), .path = S("/old") },
	{ .name = S("dead"), .path = S("/dead") },
	{ .name = S("foreign"), .path = S("/foreign") },
	{ .name = S("free"), .path = S("/free"), .allow_minting = true,
	    .pass = { cookie, 1 } },
	{ .name = S("any") },
};
enum { ROUTE_CI = 3, ROUTE_OLD, ROUTE_DEAD, ROUTE_FOREIGN };

const struct setting *
setting(void)
{
	return &now;
}

/* -- keys -- */

void
setting_make_keys(void)
{
	static const char mark[] = KEY_MARK;
	uint8_t *p;

	for (size_t i = 0; i < N_KEYS; i++) {
		keys[i].value = secret_new(48);
		p = secret_bytes(keys[i].value);
		for (size_t j = 0; j < 48; j++)
			p[j] = (uint8_t)('A' + (j * j * 5 + i * (j + 7)) % 26);
		memcpy(p, mark, sizeof(mark) - 1);
		if (keys[i].expires == 0)
			keys[i].expires = CONF_NO_TIME;
	}
	for (uint32_t i = 0; i < 1000; i++)
		listed_users[i] = 1000 + i;
}

void
setting_free_keys(void)
{
	for (size_t i = 0; i < N_KEYS; i++)
		secret_free(keys[i].value);
}

size_t
setting_key_of(struct text value)
{
	for (size_t i = 0; i < N_KEYS; i++) {
		if (text_eq(value, secret_text(keys[i].value)))
			return i;
	}
	return CONF_NONE;
}

bool
setting_key_names(size_t key, const char *host)
{
	for (size_t i = 0; i < keys[key].hosts.n; i++) {
		if (strcmp(keys[key].hosts.v[i], host) == 0)
			return true;
	}
	return false;
}

/* -- the configuration -- */

static int64_t
some_ms(int64_t about_s)
{
	int64_t ms = about_s * 1000 + dice_between(0, 999);

	if (ms * NS_PER_MS > now.longest_ns)
		now.longest_ns = ms * NS_PER_MS;
	return ms;
}

static void
make_upstreams(void)
{
	for (size_t i = 0; i < N_UPSTREAMS; i++) {
		upstreams[i] = (struct conf_upstream){
			.name = upstream_names[i], .host = all_hosts[i],
			.authority = all_hosts[i],
			.connect_host = all_hosts[i],
			.port = 443, .connect_port = 443,
			.max_connections = 1 + (uint32_t)dice(4),
			.max_age = 1000 * dice_between(5, 3600),
			.body_rate = dice_one_in(3) ? 200 : 0,
			.timeouts = { .connect = some_ms(2),
			    .handshake = some_ms(3), .response = some_ms(11),
			    .body = some_ms(9), .idle = some_ms(8) },
			.accept_encoding = dice_one_in(4) ?
			    CONF_ENCODING_IDENTITY : CONF_ENCODING_PASS,
		};
	}
}

/* A key that may be sent to the upstream of the route. */
static size_t
some_key(size_t upstream)
{
	size_t key;

	do {
		key = dice(KEY_OLD);
	} while (!setting_key_names(key, all_hosts[upstream]));
	return key;
}

static void
make_route(size_t i)
{
	struct conf_route *r = &routes[i];

	*r = kinds[i];
	if (i != ROUTE_CI)
		r->client = CONF_NONE;
	r->upstream = dice(N_UPSTREAMS);
	r->keys = route_keys[i];
	r->n_keys = 1;
	r->keys[0] = some_key(r->upstream);
	if (i == ROUTE_OLD) {
		r->keys[1] = r->keys[0];
		r->keys[0] = KEY_OLD;
		r->n_keys = 2;
	} else if (i == ROUTE_DEAD) {
		r->keys[0] = KEY_OLD;
	} else if (i == ROUTE_FOREIGN) {
		r->keys[0] = KEY_FOREIGN;
	}
}

static void
make_limits(struct conf *conf)
{
	static const uint64_t replay[] = { 0, 1000, 65536 };

	conf->limits = (struct conf_limits){
		.head = 4096, .target = 1024, .trailers = 1024,
		.body = dice_one_in(3) ? 20000 : 0,
		.replay = replay[dice(3)],
		.body_rate = dice_one_in(2) ? 500 : 0,
		.fields = 30, .interim = 4, .clients = 100,
	};
	conf->timeouts = (struct conf_client_timeouts){
		.head = some_ms(4), .body = some_ms(6), .idle = some_ms(7),
		.send = some_ms(5),
	};
	conf->log = (struct conf_log){
		.access = no_log, .level = LOG_LEVEL_DEBUG,
		.on_failure = dice_one_in(2) ? CONF_ON_FAILURE_REFUSE :
		    CONF_ON_FAILURE_LOSE,
	};
}

void
setting_begin(void)
{
	/* Half of the worlds have few errors but for one kind. */
	size_t fine = dice_one_in(2) ? 40 : 5;

	now = (struct setting){
		.dials_fail = fine * 2,
		.answers_lie = dice_one_in(4) ? 2 : fine,
		.clients_err = dice_one_in(4) ? 2 : fine,
		.rooms_are_small = 1 + dice(4),
		.users_are_listed = dice_one_in(2),
		.log_may_fail = dice_one_in(8),
		.clients = dice_one_in(4) ? 1 + (uint32_t)dice(4) : 100,
		.turned_away = dice_one_in(4) ? 1 + (unsigned)dice(2) : 64,
		.conf = {
			.workers = 1,
			.listeners = listeners, .n_listeners = N_LISTENERS,
			.upstreams = upstreams, .n_upstreams = N_UPSTREAMS,
			.keys = keys, .n_keys = N_KEYS,
			.clients = &ci, .n_clients = 1,
			.routes = routes,
			.n_routes = N_ROUTES - dice_one_in(2),
		},
	};
	for (size_t i = 0; i < N_LISTENERS; i++)
		listeners[i].clients = dice_one_in(6) ?
		    1 + (uint32_t)dice(3) : 0;
	listeners[BY_UNIX].users = (struct conf_ids){ .v = listed_users,
	    .n = now.users_are_listed ? 1000 : 0 };
	make_upstreams();
	for (size_t i = 0; i < N_ROUTES; i++)
		make_route(i);
	make_limits(&now.conf);
}

/* -- the expected result of requests -- */

static bool
path_is_below(const char *path, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(path, prefix, n) == 0 &&
	    (path[n] == '\0' || path[n] == '/' || path[n] == '?');
}

const struct conf_route *
setting_route(const struct asked *a)
{
	for (size_t i = 0; i < now.conf.n_routes; i++) {
		const struct conf_route *r = &now.conf.routes[i];

		if (r->n_listeners != 0 && a->listener != BY_TCP)
			continue;
		if (r->path != NULL && !path_is_below(a->path, r->path))
			continue;
		if (r->methods.n != 0 && strcmp(a->method, "GET") != 0 &&
		    strcmp(a->method, "HEAD") != 0)
			continue;
		if (r->client != CONF_NONE && (a->token == NULL ||
		    strcmp(a->token, "ci") != 0))
			continue;
		return r;
	}
	return NULL;
}

size_t
setting_key(const struct conf_route *r)
{
	for (size_t i = 0; i < r->n_keys; i++) {
		if (r->keys[i] != KEY_OLD)
			return r->keys[i];
	}
	return CONF_NONE;
}
