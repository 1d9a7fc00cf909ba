/*
 * Configurations; see setting.h.
 */
#include "setting.h"

#include <string.h>

#include "base/clock.h"
#include "dice.h"
#include "history.h"
#include "setting_proxy.h"
#include "setting_tls.h"
#include "truth.h"

#define S(literal)	((char []){ literal })
#define PAST		INT64_C(1700000000)

static struct setting all[MOST_SETTINGS];
static unsigned n_settings;
static struct mood present;

/* -- the constant parts -- */

static char *tcp_hosts[] = { S("localhost"), S("proxy.example") };
static char *all_hosts[] = { S("a.example"), S("b.example"),
    S("c.example") };
static char *upstream_names[] = { S("up-a"), S("up-b"), S("up-c") };
static char no_log[] = "none";
static char probe_path[] = SETTING_PROBE;
static char *foreign_hosts[] = { S("foreign.example") };
static char *get_and_head[] = { S("GET"), S("HEAD") };
static size_t by_tcp[] = { BY_TCP };
static enum field_id cookie[] = { FIELD_COOKIE };
static uint32_t listed_users[1000];
static struct conf_client ci = { .name = S("ci"), .bare = true };

static const struct conf_listener listeners[N_LISTENERS] = {
	[BY_UNIX] = { .name = S("unix"), .any_host = true,
	    .upstream_hosts = { all_hosts, N_UPSTREAMS } },
	[BY_TCP] = { .name = S("tcp"), .hosts = { tcp_hosts, 2 } },
	[BY_BALANCER] = { .name = S("balancer"), .hosts = { tcp_hosts, 2 },
	    .from_proxies = setting_balancers, .n_from_proxies = 1 },
	[BY_TLS] = { .name = S("tls"), .hosts = { tcp_hosts, 2 } },
};

/* One is another name for the value of key-b, which has the same hosts. */
static const struct conf_key keys[N_KEYS] = {
	{ .name = S("key-a"), .hosts = { all_hosts, 1 } },
	{ .name = S("key-b"), .hosts = { all_hosts, 2 } },
	{ .name = S("key-c"), .hosts = { all_hosts + 1, 2 },
	    .field = S("X-Own-Key") },
	{ .name = S("key-d"), .hosts = { all_hosts + 2, 1 } },
	{ .name = S("key-e"), .hosts = { all_hosts, N_UPSTREAMS } },
	{ .name = S("key-alias"), .hosts = { all_hosts, 2 } },
	{ .name = S("key-old"), .hosts = { all_hosts, N_UPSTREAMS },
	    .expires = PAST },
	{ .name = S("key-foreign"), .hosts = { foreign_hosts, 1 } },
	[KEY_CORP] = { .name = S("key-corp"), .plain = true,
	    .scheme = setting_scheme_corp,
	    .hosts = { setting_proxy_hosts, 1 } },
	[KEY_CORP_TLS] = { .name = S("key-corp-tls"),
	    .scheme = setting_scheme_corp_tls,
	    .hosts = { setting_proxy_hosts + 1, 1 } },
};
enum { KEY_B = 1, KEY_E = 4, KEY_ALIAS, KEY_OLD, KEY_FOREIGN };

/* In the order of their numbers. */
static struct secret *key_values[ALL_VALUES];

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
	{ .name = S("team"), .path = S("/team"),
	    .certificate = { setting_certificate_rules, 1 } },
	{ .name = S("shared"), .path = S("/shared"),
	    .certificate = { setting_certificate_rules,
	    N_CERTIFICATE_RULES } },
	{ .name = S("any") },
};
enum { ROUTE_TCP = 1, ROUTE_CI = 3, ROUTE_OLD, ROUTE_DEAD, ROUTE_FOREIGN };

const struct setting *
setting_of(unsigned number)
{
	must(number < n_settings, "no configuration of that number");
	return &all[number];
}

const struct setting *
setting(void)
{
	return &all[n_settings - 1];
}

unsigned
settings(void)
{
	return n_settings;
}

const struct mood *
mood(void)
{
	return &present;
}

/* -- keys -- */

void
setting_make_keys(void)
{
	static const char mark[] = KEY_MARK;
	uint8_t *p;

	for (size_t i = 0; i < ALL_VALUES; i++) {
		key_values[i] = secret_new(SETTING_VALUE_N);
		p = secret_bytes(key_values[i]);
		for (size_t j = 0; j < SETTING_VALUE_N; j++)
			p[j] = (uint8_t)('A' + (j * j * (5 + i / 26) +
			    i * (j + 7)) % 26);
		memcpy(p, mark, sizeof(mark) - 1);
	}
	for (uint32_t i = 0; i < 1000; i++)
		listed_users[i] = 1000 + i;
}

void
setting_free_keys(void)
{
	for (size_t i = 0; i < ALL_VALUES; i++)
		secret_free(key_values[i]);
}

size_t
setting_value_of(struct text value)
{
	for (size_t i = 0; i < ALL_VALUES; i++) {
		if (text_eq(value, secret_text(key_values[i])))
			return i;
	}
	return CONF_NONE;
}

struct text
setting_value(size_t value)
{
	return secret_text(key_values[value]);
}

const char *
setting_value_name(size_t value)
{
	return keys[value % N_KEYS].name;
}

bool
setting_value_is_for(size_t value, const char *host)
{
	const struct conf_texts *hosts = &keys[value % N_KEYS].hosts;

	for (size_t i = 0; i < hosts->n; i++) {
		if (strcmp(hosts->v[i], host) == 0)
			return true;
	}
	return false;
}

/* The end that the file tells, which may be wrong, or none. */
static int64_t
filed_end(size_t kind, size_t value)
{
	if (keys[kind].expires != 0)
		return keys[kind].expires;
	if (!present.keys_change || !dice_one_in(4))
		return CONF_NO_TIME;
	return dice_one_in(2) ? truth_expires(value) :
	    clock_wall() / NS_PER_S + dice_between(-5, 30);
}

/* Both names of one value have one end. */
static void
join_ends(struct setting *s)
{
	int64_t *one = &s->keys[s->places[KEY_B]].expires;
	int64_t *other = &s->keys[s->places[KEY_ALIAS]].expires;

	if (*one < *other)
		*one = *other;
	*other = *one;
}

/* The keys of a configuration, in another order each time. */
static void
make_keys(struct setting *s, size_t turn)
{
	for (size_t i = 0; i < N_KEYS; i++) {
		size_t at = (i + turn) % N_KEYS;

		s->places[i] = at;
		s->keys[at] = keys[i];
		s->value_at[at] = i == KEY_ALIAS ?
		    KEY_B + s->values[KEY_B] * N_KEYS :
		    i + s->values[i] * N_KEYS;
		s->keys[at].value = key_values[s->value_at[at]];
		s->keys[at].expires = filed_end(i, s->value_at[at]);
	}
	join_ends(s);
}

/* -- the configuration -- */

static int64_t
some_ms(struct setting *s, int64_t about_s)
{
	int64_t ms = about_s * 1000 + dice_between(0, 999);

	if (ms * NS_PER_MS > s->longest_ns)
		s->longest_ns = ms * NS_PER_MS;
	return ms;
}

static void
make_upstreams(struct setting *s)
{
	for (size_t i = 0; i < N_UPSTREAMS; i++) {
		s->upstreams[i] = (struct conf_upstream){
			.name = upstream_names[i], .host = all_hosts[i],
			.authority = all_hosts[i],
			.connect_host = all_hosts[i],
			.port = 443, .connect_port = 443,
			.probe_path = probe_path,
			.max_connections = 1 + (uint32_t)dice(4),
			.max_age = 1000 * dice_between(5, 3600),
			.body_rate = dice_one_in(3) ? 200 : 0,
			.timeouts = { .connect = some_ms(s, 2),
			    .handshake = some_ms(s, 3),
			    .tunnel = some_ms(s, 3),
			    .response = some_ms(s, 11),
			    .body = some_ms(s, 9), .idle = some_ms(s, 8) },
			.quota = dice_one_in(present.quotas_end ? 4 : 2) ?
			    CONF_QUOTA_OFF : CONF_QUOTA_WAIT,
			.foreign_use = dice_one_in(4),
			.accept_encoding = dice_one_in(4) ?
			    CONF_ENCODING_IDENTITY : CONF_ENCODING_PASS,
		};
	}
}

/*
 * The kind of a key that may be sent to the upstream of the route; the one that
 * may be sent to all where many are to have one quota.
 */
static size_t
some_key(size_t upstream)
{
	size_t key;

	if (present.quotas_end && !dice_one_in(3))
		return KEY_E;
	do {
		key = dice(KEY_OLD);
	} while (!setting_value_is_for(key, all_hosts[upstream]));
	return key;
}

/* Few at a time, or in a while, so that some requests are refused. */
static struct conf_quota
some_quota(void)
{
	struct conf_quota q = { .burst = 0 };

	if (dice_one_in(2))
		q.concurrency = 1 + (uint32_t)dice(3);
	else
		q.rate = (struct conf_rate){
			.count = 1 + (uint32_t)dice(20),
			.seconds = dice_one_in(2) ? 1 : 60,
		};
	return q;
}

static bool
has_key(const struct conf_route *r, size_t key)
{
	for (size_t i = 0; i < r->n_keys; i++) {
		if (r->keys[i] == key)
			return true;
	}
	return false;
}

/* Up to three more; at times two are names of one value. */
static void
add_keys(struct setting *s, struct conf_route *r)
{
	size_t most = dice_one_in(2) ? 2 : MOST_ROUTE_KEYS, key;

	for (size_t i = 1; i < most; i++) {
		key = s->places[some_key(r->upstream)];
		if (!has_key(r, key))
			r->keys[r->n_keys++] = key;
	}
}

static void
make_route(struct setting *s, size_t kind)
{
	size_t at = s->conf.n_routes++;
	struct conf_route *r = &s->routes[at];
	size_t key;

	*r = kinds[kind];
	if (kind != ROUTE_CI)
		r->client = CONF_NONE;
	r->upstream = dice(N_UPSTREAMS);
	r->trace = dice_one_in(4);
	if (dice_one_in(8))
		r->quota = some_quota();
	if (dice_one_in(8))
		r->client_quota = some_quota();
	r->limited = r->quota.rate.count != 0 || r->quota.concurrency != 0 ||
	    r->client_quota.rate.count != 0 ||
	    r->client_quota.concurrency != 0;
	r->keys = s->route_keys[at];
	r->n_keys = 1;
	key = s->places[some_key(r->upstream)];
	r->keys[0] = key;
	if (kind == ROUTE_OLD) {
		r->keys[1] = key;
		r->keys[0] = s->places[KEY_OLD];
		r->n_keys = 2;
	} else if (kind == ROUTE_DEAD) {
		r->keys[0] = s->places[KEY_OLD];
	} else if (kind == ROUTE_FOREIGN) {
		r->keys[0] = s->places[KEY_FOREIGN];
	} else if (dice_one_in(2)) {
		add_keys(s, r);
	}
}

static void
make_limits(struct setting *s)
{
	static const uint64_t replay[] = { 0, 1000, 65536 };

	s->conf.limits = (struct conf_limits){
		.head = 4096, .target = 1024, .trailers = 1024,
		.body = dice_one_in(3) ? 20000 : 0,
		.replay = replay[dice(3)],
		.body_rate = dice_one_in(2) ? 500 : 0,
		.fields = 30, .interim = 4, .clients = 100,
	};
	s->conf.timeouts = (struct conf_client_timeouts){
		.head = some_ms(s, 4), .body = some_ms(s, 6),
		.idle = some_ms(s, dice_one_in(4) ? 100 : 7),
		.send = some_ms(s, 5),
	};
	s->conf.log = (struct conf_log){
		.access = no_log, .level = LOG_LEVEL_DEBUG,
		.on_failure = dice_one_in(2) ? CONF_ON_FAILURE_REFUSE :
		    CONF_ON_FAILURE_LOSE,
	};
}

static void
make_listeners(struct setting *s, size_t n)
{
	s->conf.listeners = s->listeners;
	s->conf.n_listeners = n;
	for (size_t i = 0; i < N_LISTENERS; i++) {
		s->listeners[i] = listeners[i];
		/* Of TLS, where nobody reads what it is. */
		s->listeners[i].tls.certificate_key = key_values[0];
		s->listeners[i].clients = dice_one_in(6) ?
		    1 + (uint32_t)dice(3) : 0;
	}
	s->listeners[BY_UNIX].users = (struct conf_ids){ .v = listed_users,
	    .n = s->users_are_listed ? 1000 : 0 };
}

/* The last route is there in some. */
static void
make(struct setting *s, uint32_t workers, size_t n_listeners, bool has_any)
{
	s->clients = present.floods ? 4 + (uint32_t)dice(5) :
	    dice_one_in(4) ? 1 + (uint32_t)dice(4) : 100;
	s->turned_away = dice_one_in(4) ? 1 + (unsigned)dice(2) : 64;
	s->conf = (struct conf){
		.workers = workers,
		.upstreams = s->upstreams, .n_upstreams = N_UPSTREAMS,
		.keys = s->keys, .n_keys = N_KEYS,
		.clients = &ci, .n_clients = 1,
		.routes = s->routes,
	};
	make_listeners(s, n_listeners);
	setting_choose_tls(s);
	make_keys(s, n_settings);
	make_upstreams(s);
	setting_choose_proxies(s);
	for (size_t i = 0; i < N_ROUTES; i++) {
		if (i != ROUTE_TCP || n_listeners > BY_TCP)
			make_route(s, i);
	}
	s->conf.n_routes -= !has_any;
	make_limits(s);
	n_settings++;
}

void
setting_begin(uint32_t workers)
{
	/* Half of the worlds have few errors but for one kind. */
	size_t fine = dice_one_in(2) ? 40 : 5;
	bool has_any = !dice_one_in(2);

	n_settings = 0;
	all[0] = (struct setting){ .longest_ns = 0 };
	present.dials_fail = fine * 2;
	present.answers_lie = dice_one_in(4) ? 2 : fine;
	present.clients_err = dice_one_in(4) ? 2 : fine;
	present.rooms_are_small = 1 + dice(4);
	all[0].users_are_listed = dice_one_in(2);
	present.log_may_fail = dice_one_in(8);
	present.keys_change = dice_one_in(2);
	present.quotas_end = dice_one_in(3);
	present.proxied = dice_one_in(3);
	present.proxies_lie = dice_one_in(2) ? 2 : fine;
	present.headers_lie = dice_one_in(2) ? 3 : fine;
	present.handshakes_fail = dice_one_in(2) ? 3 : fine;
	present.balancer_shakes = dice_one_in(2);
	present.certificate_is_required = dice_one_in(4);
	present.floods = dice_one_in(16);
	truth_begin();
	setting_tls_begin();
	make(&all[0], workers, N_LISTENERS, has_any);
}

/* Some keys get new values under their old names. */
void
setting_next(uint32_t workers)
{
	const struct setting *before = setting();
	struct setting *s = &all[n_settings];

	must(n_settings < MOST_SETTINGS, "too many configurations");
	*s = (struct setting){ .longest_ns = 0 };
	s->users_are_listed = dice_one_in(2);
	for (size_t i = 0; i < N_KEYS; i++)
		s->values[i] = (before->values[i] + dice_one_in(2)) % N_VALUES;
	make(s, workers, dice_one_in(4) ? 1 + dice(N_LISTENERS - 1) :
	    N_LISTENERS, dice_one_in(2));
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
setting_route(const struct setting *s, const struct asked *a)
{
	for (size_t i = 0; i < s->conf.n_routes; i++) {
		const struct conf_route *r = &s->conf.routes[i];

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
		if (!setting_certificate_is_for(r, a->certificate))
			continue;
		return r;
	}
	return NULL;
}
