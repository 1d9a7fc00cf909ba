/*
 * /status: the daemon as one object of JSON; see admin_page.h.
 */
#include "pages/admin_page.h"

#include <stdlib.h>
#include <unistd.h>

#include "config.h"

#include "base/alloc.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/span.h"
#include "keys/key_routes.h"
#include "pages/admin_attention.h"
#include "pages/admin_ends.h"
#include "pages/admin_keys.h"
#include "pages/admin_lately.h"
#include "pages/admin_watched.h"
#include "stats/decided.h"
#include "stats/reader.h"
#include "upstream/refusal.h"

static void
put_time(struct json *j, const char *key, int64_t seconds)
{
	char text[CLOCK_TEXT];

	if (seconds == CONF_NO_TIME || seconds == 0) {
		json_null(j, key);
		return;
	}
	clock_format_s(text, seconds);
	json_str(j, key, text);
}

static const char *
text_or_null(const char *text)
{
	return *text != '\0' ? text : NULL;
}

static const char *
state_name(enum daemon_state state)
{
	switch (state) {
	case DAEMON_STARTING:
		return "starting";
	case DAEMON_SERVING:
		return "serving";
	case DAEMON_DRAINING:
		break;
	}
	return "draining";
}

static void
put_process(struct json *j, const struct admin_facts *f)
{
	json_str(j, "version", PACKAGE_VERSION);
	json_i64(j, "pid", getppid());
	put_time(j, "started", f->brief->started);
	json_str(j, "state", state_name(f->news->state));
	json_u64(j, "generation", f->news->generation);
	json_str(j, "configuration", f->brief->conf->file);
}

static void
put_listeners(struct json *j, const struct admin_facts *f)
{
	const struct conf *c = f->brief->conf;

	json_array(j, "listeners");
	for (size_t i = 0; i < c->n_listeners; i++) {
		json_object(j, NULL);
		json_str(j, "name", c->listeners[i].name);
		json_str(j, "address", f->brief->bound[i]);
		json_u64(j, "clients", stats_read_clients(f->memory,
		    f->brief->numbers.listeners[i]));
		admin_watched_put(j, f, c->listeners[i].name);
		json_object_end(j);
	}
	json_array_end(j);
}

/* Which key serves it, and which of its keys cannot, and why. */
static void
put_choice(struct json *j, const struct admin_facts *f,
    const struct conf_route *t)
{
	const struct conf *c = f->brief->conf;
	bool usable = admin_route_is_usable(f, (size_t)(t - c->routes));
	struct buf why;

	json_bool(j, "usable", usable);
	json_str_or_null(j, "serves", usable ?
	    c->keys[admin_route_key(f, t)].name : NULL);
	buf_init(&why, NULL);
	key_routes_why(c, f->stats, t, &why);
	buf_append(&why, "", 1);
	json_str_or_null(j, "reason", text_or_null(buf_text(&why).p));
	buf_release(&why);
}

/* Who may use a route. */
static void
put_clients(struct json *j, const struct conf_texts *clients)
{
	json_array(j, "clients");
	for (size_t i = 0; i < clients->n; i++)
		json_str(j, NULL, clients->v[i]);
	json_array_end(j);
}

static void
put_requests(struct json *j, const struct admin_facts *f, size_t route)
{
	uint64_t all = stats_read_route_requests(f->memory,
	    f->brief->numbers.routes[route]);

	json_u64(j, "requests", all);
	json_u64(j, "requests_last_minute", admin_pace_route(f->pace, route,
	    all));
}

static void
put_routes(struct json *j, const struct admin_facts *f)
{
	const struct conf *c = f->brief->conf;

	json_array(j, "routes");
	for (size_t i = 0; i < c->n_routes; i++) {
		const struct conf_route *t = &c->routes[i];

		json_object(j, NULL);
		json_str(j, "name", t->name);
		json_str(j, "upstream", c->upstreams[t->upstream].name);
		json_array(j, "keys");
		for (size_t k = 0; k < t->n_keys; k++)
			json_str(j, NULL, c->keys[t->keys[k]].name);
		json_array_end(j);
		put_clients(j, &f->brief->clients[i]);
		put_requests(j, f, i);
		put_choice(j, f, t);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
put_connections(struct json *j, struct stats_connected n)
{
	json_object(j, "connections");
	json_u64(j, "idle", n.idle);
	json_u64(j, "busy", n.busy);
	json_object_end(j);
}

static void
put_upstreams(struct json *j, const struct admin_facts *f)
{
	const struct conf *c = f->brief->conf;

	json_array(j, "upstreams");
	for (size_t i = 0; i < c->n_upstreams; i++) {
		json_object(j, NULL);
		json_str(j, "name", c->upstreams[i].name);
		json_str(j, "url", c->upstreams[i].url);
		json_str_or_null(j, "proxy", c->upstreams[i].proxy.url);
		put_connections(j, stats_read_connections(f->memory,
		    f->brief->numbers.upstreams[i]));
		json_object_end(j);
	}
	json_array_end(j);
}

static bool
route_has(const struct conf_route *t, size_t key)
{
	for (size_t i = 0; i < t->n_keys; i++) {
		if (t->keys[i] == key)
			return true;
	}
	return false;
}

/* Any worker may have written it. */
static void
put_refusal(struct json *j, const struct stats_key_facts *facts)
{
	const char *words = refusal_words((enum refusal)facts->refusal);

	if (words == NULL) {
		json_null(j, "refused");
		return;
	}
	json_object(j, "refused");
	put_time(j, "at", facts->refused);
	json_str(j, "diagnosis", words);
	json_object_end(j);
}

static void
put_expiry(struct json *j, int64_t expires, int64_t now)
{
	put_time(j, "expires", expires);
	if (expires == CONF_NO_TIME)
		json_null(j, "days_left");
	else
		json_i64(j, "days_left", span_days(expires - now));
}

/* Whether nobody would notice, and why. */
static void
put_revoke(struct json *j, const struct conf *c, const struct admin_key *k)
{
	char *why = xasprintf("%s%s%s", key_revoke_words(k->revoke),
	    k->route != CONF_NONE ? " " : "",
	    k->route != CONF_NONE ? c->routes[k->route].name : "");

	json_bool(j, "safe_to_revoke", key_revoke_is_safe(k->revoke));
	json_str(j, "safe_to_revoke_reason", why);
	free(why);
}

/* Of the window that a response last told of; 0 is what it did not say. */
static void
put_quota(struct json *j, const struct admin_facts *f, uint32_t number)
{
	struct stats_quota q;

	if (!stats_read_quota(f->memory, number, &q)) {
		json_null(j, "ratelimit");
		return;
	}
	json_object(j, "ratelimit");
	json_u64(j, "remaining", q.remaining);
	json_u64(j, "limit", q.limit);
	json_u64(j, "interval", q.interval_s);
	json_object_end(j);
}

static void
put_key(struct json *j, const struct admin_facts *f, size_t key,
    const struct admin_key *k, int64_t now)
{
	const struct conf *c = f->brief->conf;

	json_object(j, NULL);
	json_str(j, "name", c->keys[key].name);
	json_str(j, "state", key_state_name(k->state));
	put_time(j, "created", c->keys[key].created);
	put_expiry(j, admin_key_expires(f, key), now);
	put_time(j, "last_used", k->known.last_used);
	put_time(j, "promoted", stats_key_promoted_at(f->stats, key));
	json_u64(j, "requests", k->known.requests);
	json_u64(j, "rejected", k->known.rejected);
	put_refusal(j, &k->known);
	put_revoke(j, c, k);
	put_quota(j, f, f->brief->numbers.keys[key]);
	json_array(j, "routes");
	for (size_t i = 0; i < c->n_routes; i++) {
		if (route_has(&c->routes[i], key))
			json_str(j, NULL, c->routes[i].name);
	}
	json_array_end(j);
	json_object_end(j);
}

static void
put_keys(struct json *j, const struct admin_facts *f, int64_t now)
{
	struct admin_key *keys = admin_keys_look(f, now);

	json_array(j, "keys");
	for (size_t i = 0; i < f->brief->conf->n_keys; i++)
		put_key(j, f, i, &keys[i], now);
	json_array_end(j);
	free(keys);
}

static void
put_workers(struct json *j, const struct admin_news *n)
{
	json_array(j, "workers");
	for (size_t i = 0; i < n->n_workers; i++) {
		const struct admin_worker *w = &n->workers[i];

		json_object(j, NULL);
		if (w->pid != 0)
			json_i64(j, "pid", w->pid);
		else
			json_null(j, "pid");
		json_u64(j, "generation", w->generation);
		json_str(j, "state", w->pid != 0 ? state_name(w->state) :
		    "dead");
		put_time(j, "since", w->since);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
put_reload(struct json *j, const struct admin_reload *r)
{
	const char *result = NULL;

	switch (r->result) {
	case RELOAD_NONE:
		break;
	case RELOAD_SUCCESS:
		result = "success";
		break;
	case RELOAD_FAILURE:
		result = "failure";
		break;
	}
	json_object(j, "reload");
	put_time(j, "last", r->last);
	json_str_or_null(j, "result", result);
	json_str_or_null(j, "reason", r->reason);
	put_time(j, "last_success", r->last_success);
	json_object_end(j);
}

static void
put_what_holds(struct json *j, const struct sandbox_report *r)
{
	json_bool(j, "seccomp", r->seccomp);
	json_i64(j, "landlock", r->landlock);
	json_str_or_null(j, "holds", text_or_null(r->holds));
	json_str_or_null(j, "reason", text_or_null(r->reason));
}

/* That of workers, and of this process. */
static void
put_sandbox(struct json *j, const struct admin_facts *f)
{
	static const char *const options[] = {
		[CONF_SANDBOX_OFF] = "off",
		[CONF_SANDBOX_TRY] = "try",
		[CONF_SANDBOX_REQUIRED] = "required",
	};

	json_object(j, "sandbox");
	json_str(j, "option", options[f->brief->sandbox.option]);
	put_what_holds(j, &f->brief->sandbox);
	json_object(j, "admin");
	put_what_holds(j, f->sandbox);
	json_object_end(j);
	json_object_end(j);
}

static void
put_log(struct json *j, const struct admin_facts *f)
{
	json_object(j, "log");
	json_u64(j, "lost", stats_read_log_lost(f->memory));
	json_object_end(j);
}

void
admin_page_status(const struct admin_facts *f, struct admin_page *page)
{
	int64_t now = clock_wall() / NS_PER_S;
	struct json j;

	page->status = 200;
	page->type = ADMIN_JSON;
	json_start(&j, &page->body);
	json_object(&j, NULL);
	put_process(&j, f);
	admin_attention_put(&j, f, now);
	put_listeners(&j, f);
	put_routes(&j, f);
	put_upstreams(&j, f);
	put_keys(&j, f, now);
	admin_ends_put(&j, f, now);
	put_workers(&j, f->news);
	put_reload(&j, &f->news->reload);
	admin_lately_put(&j, f);
	put_sandbox(&j, f);
	put_log(&j, f);
	json_object_end(&j);
	buf_append_text(&page->body, TEXT("\n"));
}
