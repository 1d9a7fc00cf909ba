/*
 * What needs attention; see admin_attention.h.
 */
#include "pages/admin_attention.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "pages/admin_attention_parts.h"
#include "pages/admin_keys.h"
#include "pages/admin_remedy.h"
#include "pages/admin_watched.h"
#include "stats/reader.h"

/* How long it is told that lines of the log were lost, or a worker died. */
#define TOLD_S		3600

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

/* A reload tries the keys it brings, and may have been refused for one. */
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
	    admin_remedy_probe(f->brief->conf));
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
	admin_attention_of_routes(j, f);
	admin_attention_of_proxies(j, f);
	admin_attention_of_keys(j, f, keys, now);
	admin_attention_of_probes(j, f, keys, now);
	free(keys);
	put_workers(j, f, now);
	put_survivors(j, f);
	put_sandbox(j, "workers are", &f->brief->sandbox);
	put_sandbox(j, "the admin process is", f->sandbox);
	admin_attention_of_listeners(j, f);
	admin_watched_attention(j, f);
	admin_attention_of_ends(j, f, now);
	put_log(j, f, now);
	json_array_end(j);
}
