/*
 * What needs attention; see admin_attention.h.
 */
#include "pages/admin_attention.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/span.h"
#include "pages/admin_attention_parts.h"
#include "pages/admin_keys.h"
#include "pages/admin_remedy.h"
#include "stats/decided.h"
#include "stats/reader.h"

/* How long it is told that lines of the log were lost, or a worker died. */
#define TOLD_S		3600

/* So many routes are named at once. */
#define NAMES_MOST	5

/* The log of the daemon itself. */
#define WHERE_WHY	"standard error of the daemon, or the service's " \
			"journal, says why"

/* Without the end of its last line: what is told is no file. */
static int
reason_length(const char *reason)
{
	size_t n = strlen(reason);

	while (n > 0 && reason[n - 1] == '\n')
		n--;
	return n < INT_MAX ? (int)n : INT_MAX;
}

static void
put_reload(struct json *j, const struct admin_facts *f)
{
	const struct admin_reload *r = &f->news->reload;
	const char *reason = r->reason != NULL ? r->reason : "unknown";

	if (r->result != RELOAD_FAILURE)
		return;
	admin_attention_add(j,
	    xasprintf("the last reload failed, and the configuration before "
	    "it serves: %.*s", reason_length(reason), reason),
	    admin_remedy_check(f->brief->conf));
}

/* It has a key, and its proxy's is disabled. */
static void
put_barred(struct json *j, const struct conf *c, const struct conf_route *t)
{
	const struct conf_upstream *u = &c->upstreams[t->upstream];

	admin_attention_add_next(j, c, u->proxy.key, false,
	    xasprintf("route %s reaches nobody, as key %s of its proxy is "
	    "disabled: add the next one, make it 'proxy_key' of upstream %s, "
	    "and reload", t->name, c->keys[u->proxy.key].name, u->name));
}

static void
put_routes(struct json *j, const struct admin_facts *f)
{
	const struct conf *c = f->brief->conf;

	for (size_t i = 0; i < c->n_routes; i++) {
		const struct conf_route *t = &c->routes[i];

		if (admin_route_is_usable(f, i))
			continue;
		if (admin_route_key(f, t) != CONF_NONE)
			put_barred(j, c, t);
		else
			admin_attention_add_next(j, c, t->keys[0], false,
			    xasprintf("route %s has no usable key: add the "
			    "next one, list it in its 'keys', and reload",
			    t->name));
	}
}

static bool
lists(const struct conf_route *t, size_t key)
{
	size_t k = 0;

	while (k < t->n_keys && t->keys[k] != key)
		k++;
	return k < t->n_keys;
}

/* The first upstream whose proxy gets the key, or NULL. */
static const struct conf_upstream *
upstream_by(const struct conf *c, size_t key)
{
	for (size_t i = 0; i < c->n_upstreams; i++) {
		if (c->upstreams[i].proxy.host != NULL &&
		    c->upstreams[i].proxy.key == key)
			return &c->upstreams[i];
	}
	return NULL;
}

static bool
is_listed(const struct conf *c, size_t key)
{
	size_t i = 0;

	while (i < c->n_routes && !lists(&c->routes[i], key))
		i++;
	return i < c->n_routes;
}

/* A route or a proxy needs it. */
static bool
is_needed(const struct conf *c, size_t key)
{
	return is_listed(c, key) || upstream_by(c, key) != NULL;
}

/* The route has another usable key, which is valid longer. */
static bool
has_longer(const struct admin_facts *f, const struct conf_route *t, size_t key)
{
	int64_t ends = admin_key_expires(f, key);

	for (size_t k = 0; k < t->n_keys; k++) {
		int64_t expires = admin_key_expires(f, t->keys[k]);

		if ((expires == CONF_NO_TIME || expires > ends) &&
		    stats_key_off(f->stats, t->keys[k]) == 0)
			return true;
	}
	return false;
}

/* Some route has no longer one; or it is for a proxy, which has one key. */
static bool
leaves_a_gap(const struct admin_facts *f, size_t key)
{
	const struct conf *c = f->brief->conf;

	for (size_t i = 0; i < c->n_routes; i++) {
		if (lists(&c->routes[i], key) &&
		    !has_longer(f, &c->routes[i], key))
			return true;
	}
	return upstream_by(c, key) != NULL;
}

/*
 * What serves the first of its routes now that it is over; NULL: some route has
 * none, or no route lists the key.
 */
static const struct conf_key *
heir(const struct admin_facts *f, size_t key)
{
	const struct conf *c = f->brief->conf;
	const struct conf_key *first = NULL;

	for (size_t i = 0; i < c->n_routes; i++) {
		size_t serves;

		if (!lists(&c->routes[i], key))
			continue;
		serves = admin_route_key(f, &c->routes[i]);
		if (serves == CONF_NONE || serves == key)
			return NULL;
		if (first == NULL)
			first = &c->keys[serves];
	}
	return first;
}

/*
 * "'keys' of route a", "'keys' of routes a, b and 7 more": where it is listed;
 * lacking: of those only that have no longer one.  To be freed.
 */
static char *
places(const struct admin_facts *f, size_t key, bool lacking)
{
	const struct conf *c = f->brief->conf;
	struct buf names;
	size_t n = 0;
	char *all;

	buf_init(&names, NULL);
	for (size_t i = 0; i < c->n_routes; i++) {
		const struct conf_route *t = &c->routes[i];

		if (!lists(t, key) || (lacking && has_longer(f, t, key)))
			continue;
		if (n++ < NAMES_MOST)
			buf_printf(&names, "%s%s", n > 1 ? ", " : "", t->name);
	}
	if (n > NAMES_MOST)
		buf_printf(&names, " and %zu more", n - NAMES_MOST);
	all = xasprintf("'keys' of route%s %.*s", n == 1 ? "" : "s",
	    TEXT_ARG(buf_text(&names)));
	buf_release(&names);
	return all;
}

/* "list it in 'keys' of route a"; to be freed. */
static char *
how_to_bring_in(const struct admin_facts *f, size_t key, bool lacking)
{
	const struct conf *c = f->brief->conf;
	const struct conf_upstream *u = upstream_by(c, key);
	char *where, *how;

	if (u != NULL && !is_listed(c, key))
		return xasprintf("make it 'proxy_key' of upstream %s",
		    u->name);
	where = places(f, key, lacking);
	how = xasprintf("list it in %s", where);
	free(where);
	return how;
}

/* Takes over what; nothing else serves what it is for, or will soon. */
static void
put_next(struct json *j, const struct admin_facts *f, char *what, size_t key,
    bool lacking)
{
	const struct conf *c = f->brief->conf;
	char *how = how_to_bring_in(f, key, lacking);

	admin_attention_add_next(j, c, key, lacking && is_listed(c, key),
	    xasprintf("%s: add the next one, %s, and reload", what, how));
	free(how);
	free(what);
}

/* Takes over what; nobody misses it. */
static void
put_needless(struct json *j, const struct admin_facts *f, char *what,
    size_t key)
{
	admin_attention_add_key(j, f->brief->conf->keys[key].name,
	    xasprintf("%s, and no route lists it: remove it, and reload",
	    what), admin_remedy_remove(f->brief->conf, key));
	free(what);
}

/*
 * Takes over what; another key serves, so that this one may go.  Removed before
 * a reload without it, the configuration would be refused.
 */
static void
put_successor(struct json *j, const struct admin_facts *f, char *what,
    size_t key, const struct conf_key *next)
{
	const struct conf *c = f->brief->conf;
	char *where = places(f, key, false),
	    *removal = admin_remedy_remove(c, key);

	admin_attention_add_matter(j, &(struct admin_matter){
		.key = c->keys[key].name,
		.what = xasprintf("%s; %s takes over: take it out of %s, "
		    "reload, and remove it: %s", what, next->name, where,
		    removal),
		.command = admin_remedy_reload(c),
		.then = { removal },
	});
	free(where);
	free(what);
}

/*
 * A person switched it off, most likely as it leaked: nothing leads back to it
 * but who knows better.  next: what serves now, or NULL.
 */
static void
put_disabled(struct json *j, const struct admin_facts *f, size_t key,
    const struct conf_key *next)
{
	const struct conf *c = f->brief->conf;
	const char *name = c->keys[key].name;
	char *way_back = admin_remedy_enable(c, key),
	    *where = next != NULL ? places(f, key, false) :
	    how_to_bring_in(f, key, false);

	if (next != NULL)
		admin_attention_add_key(j, name,
		    xasprintf("key %s is disabled; %s takes over: revoke %s "
		    "at the API, take it out of %s, and reload; only to take "
		    "it back: %s", name, next->name, name, where, way_back),
		    admin_remedy_reload(c));
	else
		admin_attention_add_next(j, c, key, false,
		    xasprintf("key %s is disabled: revoke it at the %s, "
		    "add a new one, %s, and reload; only to take it back: %s",
		    name, is_listed(c, key) ? "API" : "proxy", where,
		    way_back));
	free(where);
	free(way_back);
}

/* Takes over what, which says why the key is over. */
static void
put_over(struct json *j, const struct admin_facts *f, char *what, size_t key)
{
	const struct conf_key *next = heir(f, key);

	if (next != NULL)
		put_successor(j, f, what, key, next);
	else if (is_needed(f->brief->conf, key))
		put_next(j, f, what, key, false);
	else
		put_needless(j, f, what, key);
}

/* Its end has passed, and it is not expired. */
static char *
overdue_text(const struct admin_facts *f, size_t key)
{
	bool accepted = clock_boot() < stats_key_believed_ns(f->stats, key);

	return xasprintf("key %s should have expired, and %sthe API still "
	    "takes it", f->brief->conf->keys[key].name,
	    accepted ? "" : "it is not known whether ");
}

static char *
end_text(const struct admin_facts *f, size_t key, int64_t left_s)
{
	char left[SPAN_TEXT];

	if (left_s <= 0)
		return overdue_text(f, key);
	return xasprintf("key %s expires in %s", f->brief->conf->keys[key].name,
	    span_format_left(left, left_s));
}

/* Nothing is to be done where each of its routes has a longer one. */
static void
put_end(struct json *j, const struct admin_facts *f, size_t key, bool ending,
    int64_t now)
{
	int64_t expires = admin_key_expires(f, key);

	if (expires == CONF_NO_TIME || (expires > now && !ending))
		return;
	if (leaves_a_gap(f, key))
		put_next(j, f, end_text(f, key, expires - now), key, true);
	else if (!is_needed(f->brief->conf, key))
		put_needless(j, f, end_text(f, key, expires - now), key);
}

/* What no route lists is nobody's loss, but that its time is over is told. */
static void
put_state(struct json *j, const struct admin_facts *f, size_t key,
    const struct admin_key *k, int64_t now)
{
	const struct conf *c = f->brief->conf;
	const char *name = c->keys[key].name;

	switch (k->state) {
	case KEY_STATE_DISABLED:
		if (is_needed(c, key))
			put_disabled(j, f, key, heir(f, key));
		return;
	case KEY_STATE_REJECTED:
		if (is_needed(c, key))
			put_over(j, f, xasprintf("key %s was rejected by the "
			    "API", name), key);
		return;
	case KEY_STATE_EXPIRED:
		put_over(j, f, xasprintf("key %s has expired", name), key);
		return;
	case KEY_STATE_EXPIRING:
	case KEY_STATE_ACTIVE:
	case KEY_STATE_STANDBY:
	case KEY_STATE_UNUSED:
	case KEY_STATES:
		break;
	}
	put_end(j, f, key, (k->facts & KEY_ENDING) != 0, now);
}

static void
put_keys(struct json *j, const struct admin_facts *f,
    const struct admin_key *keys, int64_t now)
{
	for (size_t i = 0; i < f->brief->conf->n_keys; i++)
		put_state(j, f, i, &keys[i], now);
}

/*
 * Whether a count rose within the last hour.  What is over is not told for
 * ever: the count stays in the metrics.
 */
static bool
happened(struct admin_mishap *m, uint64_t count, int64_t now)
{
	if (count > m->seen)
		m->at = now;
	m->seen = count;
	return m->at != 0 && now - m->at < TOLD_S;
}

static void
put_workers(struct json *j, const struct admin_facts *f, int64_t now)
{
	uint64_t replaced = stats_read_restarts(f->memory);
	bool lately = happened(f->deaths, replaced, now);
	size_t dead = 0;

	for (size_t i = 0; i < f->news->n_workers; i++)
		dead += f->news->workers[i].pid == 0;
	if (dead != 0)
		admin_attention_add(j,
		    xasprintf("%zu worker%s died and wait%s to be replaced: "
		    WHERE_WHY, dead, dead == 1 ? "" : "s",
		    dead == 1 ? "s" : ""), NULL);
	else if (lately)
		admin_attention_add(j,
		    xasprintf("a worker died within the last hour and was "
		    "replaced, as %llu since the start: " WHERE_WHY,
		    (unsigned long long)replaced), NULL);
}

/* Why reloads wait, or that they are refused. */
static void
put_survivors(struct json *j, const struct admin_facts *f)
{
	for (size_t i = 0; i < f->news->n_workers; i++) {
		const struct admin_worker *w = &f->news->workers[i];
		char *command;

		if (!w->survives)
			continue;
		command = xasprintf("ps -o pid,stat,wchan:32,cmd -p %lld",
		    (long long)w->pid);
		admin_attention_add(j,
		    xasprintf("worker %lld of generation %llu was killed "
		    "and does not end: it waits in the kernel, for a disk "
		    "perhaps, and reloads may wait for it", (long long)w->pid,
		    (unsigned long long)w->generation), command);
	}
}

static void
put_log(struct json *j, const struct admin_facts *f, int64_t now)
{
	uint64_t lost = stats_read_log_lost(f->memory);

	if (happened(f->losses, lost, now))
		admin_attention_add(j,
		    xasprintf("%llu log line%s could not be written: is a "
		    "disk full, or does a program not read its pipe?",
		    (unsigned long long)lost, lost == 1 ? "" : "s"),
		    xstrdup("df -h"));
}

static void
put_sandbox(struct json *j, const char *who_is, const struct sandbox_report *r)
{
	if (r->option == CONF_SANDBOX_TRY && !r->seccomp)
		admin_attention_add(j,
		    xasprintf("%s not confined: %s", who_is, r->reason),
		    NULL);
}

void
admin_attention_put(struct json *j, const struct admin_facts *f, int64_t now)
{
	struct admin_key *keys = admin_keys_look(f, now);

	json_array(j, "attention");
	put_reload(j, f);
	put_routes(j, f);
	put_keys(j, f, keys, now);
	free(keys);
	put_workers(j, f, now);
	put_survivors(j, f);
	put_sandbox(j, "workers are", &f->brief->sandbox);
	put_sandbox(j, "the admin process is", f->sandbox);
	admin_attention_of_listeners(j, f);
	admin_attention_of_ends(j, f, now);
	put_log(j, f, now);
	json_array_end(j);
}
