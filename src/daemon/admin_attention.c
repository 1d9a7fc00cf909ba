/*
 * What needs attention; see admin_attention.h.
 */
#include "daemon/admin_attention.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "stats/reader.h"

#define DAY_S		86400

/* How long lost lines of the log are told. */
#define LOST_S		3600

/* Elastic Cloud's own mail comes as late as this. */
#define SOON_DAYS	14

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

static void
put_reload(struct json *j, const struct admin_facts *f)
{
	const struct admin_reload *r = &f->news->reload;
	char *command;

	if (r->result != RELOAD_FAILURE)
		return;
	command = xasprintf("sallyport check -c %s", f->brief->conf->file);
	put(j, xasprintf("the last reload failed, and the configuration before "
	    "it serves: %s", r->reason != NULL ? r->reason : "unknown"),
	    command);
	free(command);
}

static void
put_routes(struct json *j, const struct admin_facts *f, int64_t now)
{
	const struct conf *c = f->brief->conf;

	for (size_t i = 0; i < c->n_routes; i++) {
		if (!admin_route_is_usable(f, i, now))
			put(j, xasprintf("route %s has no usable key",
			    c->routes[i].name), "sallyport key add");
	}
}

static void
put_keys(struct json *j, const struct admin_facts *f, int64_t now)
{
	const struct conf *c = f->brief->conf;

	for (size_t i = 0; i < c->n_keys; i++) {
		int64_t expires = admin_key_expires(f, i), days;

		if (expires == CONF_NO_TIME)
			continue;
		days = admin_days_left(expires, now);
		if (expires <= now)
			put(j, xasprintf("key %s has expired",
			    c->keys[i].name), "sallyport key add");
		else if (days < SOON_DAYS)
			put(j, xasprintf("key %s expires in %d day%s",
			    c->keys[i].name, (int)days, days == 1 ? "" : "s"),
			    "sallyport key add");
	}
}

static void
put_workers(struct json *j, const struct admin_facts *f)
{
	size_t dead = 0;

	for (size_t i = 0; i < f->news->n_workers; i++)
		dead += f->news->workers[i].pid == 0;
	if (dead != 0)
		put(j, xasprintf("%zu worker%s died and wait%s to be replaced: "
		    "the log says why", dead, dead == 1 ? "" : "s",
		    dead == 1 ? "s" : ""), NULL);
}

/* What is over is not told for ever: the count stays in status and metrics. */
static void
put_log(struct json *j, const struct admin_facts *f, int64_t now)
{
	uint64_t lost = stats_read_log_lost(f->memory);
	struct admin_losses *l = f->losses;

	if (lost > l->seen)
		l->at = now;
	l->seen = lost;
	if (l->at != 0 && now - l->at < LOST_S)
		put(j, xasprintf("%llu log line%s could not be written: is a "
		    "disk full, or does a program not read its pipe?",
		    (unsigned long long)lost, lost == 1 ? "" : "s"), "df -h");
}

static void
put_sandbox(struct json *j, const struct admin_facts *f)
{
	const struct sandbox_report *r = &f->brief->sandbox;

	if (r->option == CONF_SANDBOX_TRY && !r->seccomp)
		put(j, xasprintf("workers are not confined: %s", r->reason),
		    NULL);
}

void
admin_attention_put(struct json *j, const struct admin_facts *f, int64_t now)
{
	json_array(j, "attention");
	put_reload(j, f);
	put_routes(j, f, now);
	put_keys(j, f, now);
	put_workers(j, f);
	put_sandbox(j, f);
	put_log(j, f, now);
	json_array_end(j);
}
