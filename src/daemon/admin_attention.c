/*
 * What needs attention; see admin_attention.h.
 */
#include "daemon/admin_attention.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/shell.h"
#include "daemon/admin_keys.h"
#include "policy/expiry_warning.h"
#include "stats/decided.h"
#include "stats/reader.h"

#define DAY_S		86400

/* How long it is told that lines of the log were lost, or a worker died. */
#define TOLD_S		3600

/* The log of the daemon itself. */
#define WHERE_WHY	"standard error of the daemon, or the service's " \
			"journal, says why"

int64_t
admin_days_left(int64_t expires, int64_t now)
{
	int64_t left = expires - now;

	return left >= 0 ? left / DAY_S : -((-left + DAY_S - 1) / DAY_S);
}

/* Takes over what; command may be NULL. */
static void
put(struct json *j, char *what, const char *command)
{
	json_object(j, NULL);
	json_str(j, "what", what);
	json_str_or_null(j, "command", command);
	json_object_end(j);
	free(what);
}

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
	char *command, *file;

	if (r->result != RELOAD_FAILURE)
		return;
	file = shell_word(f->brief->conf->file);
	command = xasprintf("sallyport check -c %s", file);
	free(file);
	put(j, xasprintf("the last reload failed, and the configuration before "
	    "it serves: %.*s", reason_length(reason), reason), command);
	free(command);
}

/* What lacks a key, with how it gets one; takes over what. */
static void
put_lack(struct json *j, const struct admin_facts *f, char *what,
    const struct conf_route *t)
{
	const struct conf *c = f->brief->conf;
	char *command, *file = shell_word(c->file);

	command = xasprintf("sallyport key add NAME --to FILE --host %s -c %s",
	    t != NULL ? c->upstreams[t->upstream].host : "HOST", file);
	free(file);
	put(j, xasprintf("%s: add the next one, list it in 'keys' of %s%s, "
	    "and reload", what, t != NULL ? "route " : "its route",
	    t != NULL ? t->name : ""), command);
	free(command);
	free(what);
}

/* Takes over what; for a key that a person switched off. */
static void
put_disabled(struct json *j, const struct admin_facts *f, char *what,
    size_t key)
{
	char *name = shell_word(f->brief->conf->keys[key].name);
	char *file = shell_word(f->brief->conf->file);
	char *command = xasprintf("sallyport key enable %s -c %s", name, file);

	put(j, what, command);
	free(command);
	free(file);
	free(name);
}

static size_t
find_disabled(const struct conf_route *t, const struct admin_key *keys)
{
	for (size_t i = 0; i < t->n_keys; i++) {
		if (keys[t->keys[i]].state == KEY_STATE_DISABLED)
			return t->keys[i];
	}
	return CONF_NONE;
}

static void
put_routes(struct json *j, const struct admin_facts *f,
    const struct admin_key *keys)
{
	const struct conf *c = f->brief->conf;

	for (size_t i = 0; i < c->n_routes; i++) {
		const struct conf_route *t = &c->routes[i];
		size_t disabled = find_disabled(t, keys);
		char *what;

		if (admin_route_is_usable(f, i))
			continue;
		what = xasprintf("route %s has no usable key", t->name);
		if (disabled != CONF_NONE)
			put_disabled(j, f, what, disabled);
		else
			put_lack(j, f, what, t);
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

/* The first that lists the key, or NULL. */
static const struct conf_route *
route_of(const struct conf *c, size_t key)
{
	for (size_t i = 0; i < c->n_routes; i++) {
		if (lists(&c->routes[i], key))
			return &c->routes[i];
	}
	return NULL;
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

/* The first that lists the key and no longer one; NULL: there is none. */
static const struct conf_route *
route_at_its_end(const struct admin_facts *f, size_t key)
{
	const struct conf *c = f->brief->conf;

	for (size_t i = 0; i < c->n_routes; i++) {
		if (lists(&c->routes[i], key) &&
		    !has_longer(f, &c->routes[i], key))
			return &c->routes[i];
	}
	return NULL;
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

/* Takes over what; another key serves, so that this one may go. */
static void
put_successor(struct json *j, const struct conf_key *old, char *what,
    const struct conf_route *t, const struct conf_key *next)
{
	char *name = shell_word(old->name), *file = shell_word(old->where.file);
	char *command = xasprintf("sallyport key remove %s --from %s", name,
	    file);

	put(j, xasprintf("%s; %s takes over: take it out of 'keys' of route "
	    "%s, reload, and remove it", what, next->name,
	    t->name), command);
	free(command);
	free(file);
	free(name);
	free(what);
}

/* Takes over what, which says why the key is over. */
static void
put_over(struct json *j, const struct admin_facts *f, char *what, size_t key,
    enum key_state state)
{
	const struct conf *c = f->brief->conf;
	const struct conf_route *t = route_of(c, key);
	const struct conf_key *next = heir(f, key);

	if (t != NULL && next != NULL)
		put_successor(j, &c->keys[key], what, t, next);
	else if (state == KEY_STATE_DISABLED)
		put_disabled(j, f, what, key);
	else
		put_lack(j, f, what, t);
}

/* A warning of its end has come. */
static bool
ends_soon(const struct conf *c, const struct conf_key *k, int64_t expires,
    int64_t now)
{
	const struct key_life life = { .created = k->created,
		.expires = expires };

	return expiry_warning_due(&c->expiry.warn, &life, now).lead != 0;
}

static char *
end_text(const struct conf_key *key, int64_t expires, int64_t now)
{
	int days = (int)admin_days_left(expires, now);

	if (expires <= now)
		return xasprintf("key %s should have expired, and the API "
		    "still takes it", key->name);
	return xasprintf("key %s expires in %d day%s", key->name, days,
	    days == 1 ? "" : "s");
}

/* Nothing is to be done where each of its routes has a longer one. */
static void
put_end(struct json *j, const struct admin_facts *f, size_t key, int64_t now)
{
	const struct conf *c = f->brief->conf;
	const struct conf_route *t = route_at_its_end(f, key);
	int64_t expires = admin_key_expires(f, key);

	if (expires != CONF_NO_TIME && (t != NULL || route_of(c, key) == NULL)
	    && (expires <= now || ends_soon(c, &c->keys[key], expires, now)))
		put_lack(j, f, end_text(&c->keys[key], expires, now), t);
}

/* What no route lists is nobody's loss, but that its time is over is told. */
static void
put_state(struct json *j, const struct admin_facts *f, size_t key,
    const struct admin_key *k, int64_t now)
{
	const char *name = f->brief->conf->keys[key].name;

	if (k->state == KEY_STATE_EXPIRED)
		put_over(j, f, xasprintf("key %s has expired", name), key,
		    k->state);
	else if ((k->facts & KEY_OFF) == 0)
		put_end(j, f, key, now);
	else if (route_of(f->brief->conf, key) == NULL)
		return;
	else
		put_over(j, f, xasprintf(k->state == KEY_STATE_DISABLED ?
		    "key %s is disabled" : "key %s was rejected by the API",
		    name), key, k->state);
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
		put(j, xasprintf("%zu worker%s died and wait%s to be replaced: "
		    WHERE_WHY, dead, dead == 1 ? "" : "s",
		    dead == 1 ? "s" : ""), NULL);
	else if (lately)
		put(j, xasprintf("a worker died within the last hour and was "
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
		put(j, xasprintf("worker %lld of generation %llu was killed "
		    "and does not end: it waits in the kernel, for a disk "
		    "perhaps, and reloads may wait for it", (long long)w->pid,
		    (unsigned long long)w->generation), command);
		free(command);
	}
}

static void
put_log(struct json *j, const struct admin_facts *f, int64_t now)
{
	uint64_t lost = stats_read_log_lost(f->memory);

	if (happened(f->losses, lost, now))
		put(j, xasprintf("%llu log line%s could not be written: is a "
		    "disk full, or does a program not read its pipe?",
		    (unsigned long long)lost, lost == 1 ? "" : "s"), "df -h");
}

static void
put_sandbox(struct json *j, const char *who_is, const struct sandbox_report *r)
{
	if (r->option == CONF_SANDBOX_TRY && !r->seccomp)
		put(j, xasprintf("%s not confined: %s", who_is, r->reason),
		    NULL);
}

static void
put_exposed_one(struct json *j, const struct conf_listener *l,
    const struct addr *at)
{
	char *why = conf_listener_exposed(l, at);

	if (why != NULL)
		put(j, xasprintf("listener %s: %s", l->name, why), NULL);
	free(why);
}

static void
put_exposed(struct json *j, const struct admin_facts *f)
{
	const struct conf *c = f->brief->conf;

	for (size_t i = 0; i < c->n_listeners; i++) {
		struct addr at;
		const char *why;

		if (addr_parse(f->brief->bound[i], &at, &why))
			put_exposed_one(j, &c->listeners[i], &at);
	}
	for (size_t i = 0; i < c->n_admin; i++)
		put_exposed_one(j, &c->admin[i], &c->admin[i].address);
}

void
admin_attention_put(struct json *j, const struct admin_facts *f, int64_t now)
{
	struct admin_key *keys = admin_keys_look(f, now);

	json_array(j, "attention");
	put_reload(j, f);
	put_routes(j, f, keys);
	put_keys(j, f, keys, now);
	free(keys);
	put_workers(j, f, now);
	put_survivors(j, f);
	put_sandbox(j, "workers are", &f->brief->sandbox);
	put_sandbox(j, "the admin process is", f->sandbox);
	put_exposed(j, f);
	put_log(j, f, now);
	json_array_end(j);
}
