/*
 * Reasons why a daemon could not start; see preflight.h.
 */
#include "daemon/preflight.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/secret.h"
#include "daemon/privileges.h"
#include "keys/key_store.h"
#include "keys/state_lock.h"
#include "policy/due_warning.h"
#include "upstream/pattern_table.h"
#include "upstream/upstreams.h"

#define KIB		((size_t)1024)
#define UNIT		(256 * KIB)	/* the unit in which limits are given */

/*
 * What the process that locks most needs: that is the parent while it opens
 * sealed files, or a worker, which keeps what the parent does and its own
 * memory.
 */
static size_t
memory_needed(const struct conf *conf)
{
	struct secret_memory m = secret_memory();
	size_t worker = m.now +
	    secret_memory_of_first(pattern_table_memory(conf));

	return m.most > worker ? m.most : worker;
}

/* Memory that is not locked may be paged out, and stay on a disk for years. */
static void
check_memory(const struct conf *conf, struct conf_diagnostics *diagnostics)
{
	const struct conf_where *at = &conf->locking_where;
	void (*say)(struct conf_diagnostics *, const char *, unsigned,
	    const char *, ...) = conf->locking == CONF_LOCKING_REQUIRED ?
	    conf_error : conf_warning;
	size_t needed = memory_needed(conf), limit = secret_memory_limit();
	size_t set = (needed + UNIT - 1) / UNIT * UNIT / KIB;

	if (needed > limit)
		say(diagnostics, at->line != 0 ? at->file : conf->file,
		    at->line,
		    "option 'memory': keys cannot all be locked in memory and "
		    "may be paged out: that takes %zu KiB, and %zu KiB may be "
		    "locked (RLIMIT_MEMLOCK): set LimitMEMLOCK=%zuK (systemd) "
		    "or ulimit -l %zu",
		    (needed + KIB - 1) / KIB, limit / KIB, set, set);
	else if (!secret_memory().locked)
		say(diagnostics, at->line != 0 ? at->file : conf->file,
		    at->line,
		    "option 'memory': keys cannot all be locked in memory and "
		    "may be paged out: the system refuses it, although its "
		    "limit would do");
}

/* What ends soon, or has ended. */
static void
check_ends(const struct conf *conf, struct conf_diagnostics *diagnostics)
{
	for (size_t i = 0; i < conf->n_dues; i++) {
		const struct conf_due *due = &conf->dues[i];
		char *text = due_warning(due, &conf->expiry.warn,
		    clock_wall() / NS_PER_S);

		if (text != NULL)
			conf_warning(diagnostics, due->where.file,
			    due->where.line, "%s", text);
		free(text);
	}
}

void
preflight(const struct conf *conf, struct conf_diagnostics *diagnostics,
    struct sandbox_report *report)
{
	check_ends(conf, diagnostics);
	check_memory(conf, diagnostics);
	privileges_check(conf, diagnostics);
	sandbox_check(conf, diagnostics, report);
	upstreams_check(conf, diagnostics);
}

/* Nobody could take the folder. */
static void
check_lock(const struct conf *conf, struct conf_diagnostics *diagnostics)
{
	const struct conf_where *at = &conf->state_dir_where;
	char *why = conf->state_dir != NULL ?
	    state_lock_check(conf->state_dir, conf->uid) : NULL;

	if (why != NULL)
		conf_error(diagnostics, at->file, at->line,
		    "option 'state_dir': %s", why);
	free(why);
}

/*
 * A warning, as of an address in use: what is checked may be meant for when
 * that process has ended.
 */
static void
check_use(const struct conf *conf, const struct sockets_asker *asker,
    struct conf_diagnostics *diagnostics)
{
	const struct conf_where *at = &conf->state_dir_where;
	struct holder holder = { .uid = UINT32_MAX };
	char *text;

	if (conf->state_dir == NULL ||
	    !state_lock_find(conf->state_dir, &holder.pid) ||
	    asker->is_ours(asker->ctx, &holder))
		return;
	text = state_lock_text(conf->state_dir, holder.pid);
	conf_warning(diagnostics, at->file, at->line, "option 'state_dir': %s",
	    text);
	free(text);
}

void
preflight_only(const struct conf *conf, const struct sockets_asker *asker,
    struct conf_diagnostics *diagnostics)
{
	struct sandbox_report report;

	preflight(conf, diagnostics, &report);
	key_store_check(conf, diagnostics);
	check_lock(conf, diagnostics);
	check_use(conf, asker, diagnostics);
	sockets_try(conf, asker, diagnostics);
	conf_diagnostics_sort(diagnostics, &conf->files);
}
