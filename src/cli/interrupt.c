/*
 * Signals held back; see interrupt.h.  How deep they are held is state of
 * the process and kept here.
 */
#include "cli/interrupt.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned depth;
static sigset_t before;

static void
ending_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGQUIT);
	sigaddset(set, SIGTERM);
}

void
interrupt_hold(void)
{
	sigset_t set;

	if (depth++ != 0)
		return;
	ending_signals(&set);
	sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_BLOCK, &set, &before);
}

void
interrupt_release(void)
{
	assert(depth != 0);
	if (--depth == 0)
		sigprocmask(SIG_SETMASK, &before, NULL);
}

bool
interrupt_pending(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 &&
	    (sigismember(&pending, SIGHUP) == 1 ||
	    sigismember(&pending, SIGINT) == 1 ||
	    sigismember(&pending, SIGQUIT) == 1 ||
	    sigismember(&pending, SIGTERM) == 1);
}

bool
interrupt_wait_readable(int fd)
{
	sigset_t set;
	struct pollfd p[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};
	bool ended;

	if (depth == 0)
		return true;
	ending_signals(&set);
	p[1].fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	while (poll(p, 2, -1) < 0 && errno == EINTR)
		continue;
	ended = p[1].revents != 0;
	(void)close(p[1].fd);
	return !ended;
}

int
interrupt_wait_child(pid_t child)
{
	sigset_t set;
	siginfo_t info;
	int status = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	while (waitpid(child, &status, WNOHANG | WUNTRACED) != child ||
	    WIFSTOPPED(status)) {
		if (sigwaitinfo(&set, &info) == SIGHUP ||
		    info.si_signo == SIGTERM) {
			(void)kill(child, info.si_signo);
			(void)waitpid(child, &status, 0);
			/* For whoever asks interrupt_pending(). */
			(void)raise(info.si_signo);
			break;
		}
	}
	return status;
}

void
interrupt_undo_in_child(void)
{
	if (depth != 0)
		sigprocmask(SIG_SETMASK, &before, NULL);
}
