/*
 * Loading the next configuration; see loading.h.
 */
#include "daemon/loading.h"

#include "base/clock.h"
#include "base/log.h"
#include "conf/source.h"

/* In which a child that was killed should be gone. */
#define GONE_NS		(10 * NS_PER_S)

/* What was read from standard input is gone. */
static bool
can_be_read_again(const struct loading *l, struct conf_diagnostics *diagnostics)
{
	const char *identity = passphrases_opening(l->passphrases)->identity;

	if (!source_is_standard(l->file) &&
	    (identity == NULL || !source_is_standard(identity)))
		return true;
	conf_error(diagnostics, source_name("-"), 0, "cannot be read again: "
	    "restart with files to be able to reload");
	return false;
}

/* Where one of their addresses is needed, it is known whose it is. */
static void
warn_of_hanging(const struct loading *l, struct conf_diagnostics *diagnostics)
{
	if (l->hangs)
		conf_warning(diagnostics, l->file, 0, "a process of this "
		    "daemon hangs that served an earlier configuration: what "
		    "it listened at stays in use until it has ended");
}

static struct holdings *
load(const struct loading *l, const struct holdings *current)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct holdings *h = holdings_load(l->file,
	    passphrases_opening(l->passphrases), &diagnostics);

	warn_of_hanging(l, &diagnostics);
	if (h != NULL && holdings_equip(h, l->memory, l->keys, current,
	    &diagnostics)) {
		reload_loaded(l->reload, &diagnostics);
		return h;
	}
	if (h != NULL)
		key_keeper_forget(l->keys, h->conf);
	holdings_free(h);
	reload_failed(l->reload, &diagnostics);
	return NULL;
}

struct holdings *
loading_begin(struct loading *l, const struct holdings *current, int64_t now)
{
	struct conf_diagnostics diagnostics = { .n = 0 };

	reload_begin(l->reload);
	log_info("reloading %s", l->file);
	if (!can_be_read_again(l, &diagnostics)) {
		reload_failed(l->reload, &diagnostics);
		return NULL;
	}
	passphrases_prepare(l->passphrases);
	if (trial_begin(&l->trial, l->file,
	    passphrases_opening(l->passphrases), l->left, l->owner)) {
		l->trial_by_ns = now + LOADING_MS * NS_PER_MS;
		l->late = false;
		return NULL;
	}
	return load(l, current);
}

bool
loading_is_under_way(const struct loading *l)
{
	return l->trial.pid != 0;
}

bool
loading_reap(struct loading *l, pid_t pid, int wait_status,
    const struct holdings *current, struct holdings **next)
{
	*next = NULL;
	if (l->trial.pid == 0 || l->trial.pid != pid)
		return false;
	if (!trial_end(&l->trial, wait_status)) {
		if (current != NULL && !l->late)
			reload_refuse(l->reload, "the process that tried to "
			    "load it was ended");
	} else if (current != NULL && !l->late) {
		*next = load(l, current);
	}
	return true;
}

bool
loading_hangs(const struct loading *l, int64_t now)
{
	return l->trial.pid != 0 && l->late && now >= l->trial_by_ns + GONE_NS;
}

/* Where reading hangs, it cannot even be killed; nobody waits for its end. */
int64_t
loading_step(struct loading *l, int64_t now)
{
	if (l->trial.pid == 0 || loading_hangs(l, now))
		return INT64_MAX;
	if (l->late)
		return l->trial_by_ns + GONE_NS;
	if (now < l->trial_by_ns)
		return l->trial_by_ns;
	l->late = true;
	trial_kill(&l->trial);
	reload_refuse(l->reload, "its files could not be read within 60 s: a "
	    "disk or a file system does not answer, or what is sealed takes "
	    "too long to open");
	return l->trial_by_ns + GONE_NS;
}

void
loading_stop(const struct loading *l)
{
	trial_kill(&l->trial);
}
