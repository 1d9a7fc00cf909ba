/*
 * Loading in a child; see trial.h.
 */
#include "daemon/trial.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* What is wrong with it is found by the parent, too, who tells it. */
static void
load(const char *file, const struct conf_opening *opening)
{
	struct conf_diagnostics diagnostics = { .n = 0 };

	(void)conf_load(file, opening, &diagnostics);
}

bool
trial_begin(struct trial *t, const char *file,
    const struct conf_opening *opening, void (*left)(void *owner), void *owner)
{
	t->pid = fork();
	if (t->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)prctl(PR_SET_NAME, "sallyport-load");
		left(owner);
		load(file, opening);
		/* Its secrets end with its memory. */
		_exit(0);
	}
	if (t->pid > 0)
		return true;
	t->pid = 0;
	return false;
}

bool
trial_end(struct trial *t, int wait_status)
{
	t->pid = 0;
	return WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0;
}

void
trial_kill(const struct trial *t)
{
	if (t->pid != 0)
		(void)kill(t->pid, SIGKILL);
}
