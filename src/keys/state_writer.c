/*
 * Writing a file of `state_dir` in a child; see state_writer.h.  Its exit
 * status is the errno of what failed, or 0.
 */
#include "keys/state_writer.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/secret.h"
#include "keys/state_file.h"

/* Less than people wait for an answer (admin_waiters.h). */
#define LATE_S		20

bool
state_writer_is_busy(const struct state_writer *w)
{
	return w->pid != 0;
}

/* In the child. */
static int
write_file(const struct state_writing *what)
{
	if (state_file_write(what->folder, what->file, what->text) ==
	    STATUS_OK)
		return 0;
	return errno != 0 ? errno : EIO;
}

static void __attribute__((noreturn))
become_writer(const struct state_writing *what, pid_t parent)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)prctl(PR_SET_NAME, "sallyport-state");
	/* The parent may have ended before. */
	if (getppid() != parent)
		_exit(ESRCH);
	if (what->left != NULL)
		what->left(what->owner);
	secret_keep_epoch(secret_next_epoch());
	_exit(write_file(what));
}

char *
state_writer_begin(struct state_writer *w, const struct state_writing *what)
{
	pid_t parent = getpid(), pid = fork();
	char *path, *why;

	if (pid == 0)
		become_writer(what, parent);
	path = state_file_path(what->folder, what->file);
	if (pid < 0) {
		why = xasprintf("%s: cannot start a process to write it: %s",
		    path, strerror(errno));
		free(path);
		return why;
	}
	*w = (struct state_writer){ .pid = pid, .path = path,
		.late_ns = clock_monotonic() + LATE_S * NS_PER_S };
	return NULL;
}

char *
state_writer_complaint(const struct state_writer *w)
{
	return xasprintf("%s: it was not written in time", w->path);
}

static char *
explain(const struct state_writer *w, int wait_status)
{
	if (WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0)
		return NULL;
	if (w->late)
		return state_writer_complaint(w);
	if (WIFEXITED(wait_status))
		return xasprintf("%s: %s", w->path,
		    strerror(WEXITSTATUS(wait_status)));
	return xasprintf("%s: the process that wrote it was killed", w->path);
}

static void
forget(struct state_writer *w)
{
	free(w->path);
	*w = (struct state_writer){ .pid = 0 };
}

bool
state_writer_reap(struct state_writer *w, pid_t pid, int wait_status,
    char **why)
{
	*why = NULL;
	if (w->pid == 0 || w->pid != pid)
		return false;
	*why = explain(w, wait_status);
	forget(w);
	return true;
}

int64_t
state_writer_step(struct state_writer *w, int64_t now)
{
	if (w->pid == 0 || w->late)
		return INT64_MAX;
	if (now < w->late_ns)
		return w->late_ns;
	w->late = true;
	(void)kill(w->pid, SIGKILL);
	return INT64_MAX;
}

/* False: that time came first. */
static bool
await_child(const sigset_t *ends, int64_t until)
{
	int64_t left = until - clock_monotonic();
	const struct timespec ts = {
		.tv_sec = left / NS_PER_S, .tv_nsec = left % NS_PER_S,
	};

	return left > 0 && (sigtimedwait(ends, NULL, &ts) != -1 ||
	    errno == EINTR);
}

void
state_writer_give_up(struct state_writer *w)
{
	if (w->pid != 0)
		(void)kill(w->pid, SIGKILL);
	forget(w);
}

char *
state_writer_await(struct state_writer *w, int64_t until)
{
	sigset_t ends, before;
	bool more = true;
	pid_t pid = 0;
	int status;
	char *why;

	sigemptyset(&ends);
	sigaddset(&ends, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &ends, &before);
	while (more) {
		pid = waitpid(w->pid, &status, WNOHANG);
		more = pid == 0 && await_child(&ends, until);
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	if (pid > 0 && state_writer_reap(w, pid, status, &why))
		return why;
	why = state_writer_complaint(w);
	state_writer_give_up(w);
	return why;
}
