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
#include <time.h>
#include <unistd.h>

static unsigned depth;
static sigset_t before;

/* Not those that whoever started us ignores, as nohup does, or blocks. */
static void
ending_signals(sigset_t *set)
{
	static const int all[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct sigaction now;

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (sigismember(&before, all[i]) == 0 &&
		    sigaction(all[i], NULL, &now) == 0 &&
		    now.sa_handler != SIG_IGN)
			sigaddset(set, all[i]);
	}
}

void
interrupt_hold(void)
{
	sigset_t set;

	if (depth++ != 0)
		return;
	sigprocmask(SIG_BLOCK, NULL, &before);
	ending_signals(&set);
	sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_BLOCK, &set, NULL);
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
	sigset_t ending, pending, both;

	if (depth == 0 || sigpending(&pending) != 0)
		return false;
	ending_signals(&ending);
	return sigandset(&both, &ending, &pending) == 0 &&
	    sigisemptyset(&both) == 0;
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

/* What the terminal sent to the child was not meant for us. */
static void
discard_terminal_signals(void)
{
	const struct timespec now = { .tv_sec = 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	sigaddset(&set, SIGTSTP);
	while (sigtimedwait(&set, NULL, &now) > 0)
		continue;
}

/* True when the child has ended; stops with it and goes on with it. */
static bool
has_ended(pid_t child, int *status)
{
	if (waitpid(child, status, WNOHANG | WUNTRACED) != child)
		return false;
	if (!WIFSTOPPED(*status))
		return true;
	(void)raise(SIGSTOP);
	(void)kill(child, SIGCONT);
	return false;
}

int
interrupt_wait_child(pid_t child)
{
	sigset_t set, saved;
	int status = 0, signal;

	ending_signals(&set);
	sigdelset(&set, SIGINT);
	sigdelset(&set, SIGQUIT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &saved);
	while (!has_ended(child, &status)) {
		signal = sigwaitinfo(&set, NULL);
		if (signal != SIGHUP && signal != SIGTERM)
			continue;
		(void)kill(child, signal);
		(void)waitpid(child, &status, 0);
		/* For whoever asks interrupt_pending(). */
		(void)raise(signal);
		break;
	}
	discard_terminal_signals();
	sigprocmask(SIG_SETMASK, &saved, NULL);
	return status;
}

void
interrupt_undo_in_child(void)
{
	if (depth != 0)
		sigprocmask(SIG_SETMASK, &before, NULL);
}
