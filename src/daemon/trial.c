/*
 * Loading in a child; see trial.h.
 */
#include "daemon/trial.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"

/* In the child: 0 where it can be loaded. */
static int
load(const char *file, const struct conf_opening *opening, int said)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct conf *conf = conf_load(file, opening, &diagnostics);
	FILE *out = fdopen(said, "w");

	if (out == NULL)
		return 2;
	conf_diagnostics_print(&diagnostics, out);
	if (fclose(out) != 0)
		return 2;
	return conf != NULL ? 0 : 1;
}

bool
trial_begin(struct trial *t, const char *file,
    const struct conf_opening *opening, void (*left)(void *owner), void *owner)
{
	t->said = memfd_create("diagnostics", MFD_CLOEXEC);
	if (t->said == -1)
		return false;
	t->pid = fork();
	if (t->pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		left(owner);
		/* Its secrets end with its memory. */
		_exit(load(file, opening, t->said));
	}
	if (t->pid > 0)
		return true;
	t->pid = 0;
	close(t->said);
	return false;
}

/* What it wrote; the descriptor shares its offset, which is at the end. */
static char *
read_all(int fd)
{
	struct stat st;
	char *text;
	ssize_t n;

	if (fstat(fd, &st) != 0)
		return xstrdup("");
	text = xcalloc(1, (size_t)st.st_size + 1);
	n = pread(fd, text, (size_t)st.st_size, 0);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

bool
trial_end(struct trial *t, int wait_status, char **text)
{
	bool good = WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0;

	*text = NULL;
	if (!good)
		*text = read_all(t->said);
	if (!good && **text == '\0') {
		free(*text);
		*text = xstrdup("the process that tried to load it was "
		    "ended");
	}
	close(t->said);
	t->pid = 0;
	return good;
}

void
trial_abandon(const struct trial *t)
{
	if (t->pid != 0)
		close(t->said);
}

void
trial_kill(const struct trial *t)
{
	if (t->pid != 0)
		(void)kill(t->pid, SIGKILL);
}
