/*
 * Signals held back; see interrupt.h.  How deep they are held is state of
 * the process and kept here.
 */
#include "tty/interrupt.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static unsigned depth;
static sigset_t before;

/* Signals that our caller ignored, as nohup does, or blocked have no effect. */
static bool
has_effect(int signal)
{
	struct sigaction now;

	return sigismember(&before, signal) == 0 &&
	    sigaction(signal, NULL, &now) == 0 && now.sa_handler != SIG_IGN;
}

static void
ending_signals(sigset_t *set)
{
	static const int all[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (has_effect(all[i]))
			sigaddset(set, all[i]);
	}
}

/*
 * SIGCONT is blocked to be noticed later; it continues the program all the
 * same.
 */
void
interrupt_hold(void)
{
	sigset_t set;

	if (depth++ != 0)
		return;
	sigprocmask(SIG_BLOCK, NULL, &before);
	ending_signals(&set);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGCONT);
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

/* Drops a pending signal; false: it is not pending. */
static bool
discard(int signal)
{
	const struct timespec now = { .tv_sec = 0 };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	return sigtimedwait(&set, NULL, &now) == signal;
}

static bool
stop_waits(void)
{
	sigset_t pending;

	return has_effect(SIGTSTP) && sigpending(&pending) == 0 &&
	    sigismember(&pending, SIGTSTP) == 1;
}

/* No signal cuts the time short: those that have an effect are blocked. */
enum interrupt_event
interrupt_wait_for(int fd, int limit_ms)
{
	sigset_t set;
	int n;
	struct pollfd p[2] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = -1, .events = POLLIN },
	};

	assert(depth != 0);
	ending_signals(&set);
	if (has_effect(SIGTSTP))
		sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGCONT);
	p[1].fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	while ((n = poll(p, 2, limit_ms)) < 0 && errno == EINTR)
		continue;
	(void)close(p[1].fd);
	if (interrupt_pending())
		return INTERRUPT_ENDS;
	if (stop_waits())
		return INTERRUPT_STOPS;
	if (discard(SIGCONT))
		return INTERRUPT_CONTINUED;
	return n == 0 ? INTERRUPT_TIME : INTERRUPT_READABLE;
}

enum interrupt_event
interrupt_wait(int fd)
{
	return interrupt_wait_for(fd, -1);
}

void
interrupt_stop(void)
{
	sigset_t set, saved;

	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, &saved);
	sigprocmask(SIG_SETMASK, &saved, NULL);
	(void)discard(SIGCONT);
}

bool
interrupt_wait_readable(int fd)
{
	while (depth != 0) {
		switch (interrupt_wait(fd)) {
		case INTERRUPT_READABLE:
			return true;
		case INTERRUPT_ENDS:
			return false;
		case INTERRUPT_STOPS:
			interrupt_stop();
			break;
		case INTERRUPT_CONTINUED:
		case INTERRUPT_TIME:
			break;
		}
	}
	return true;
}

bool
interrupt_is_background(int fd)
{
	pid_t owner = tcgetpgrp(fd);

	/* The owner is unknown after a hang-up, or in another PID namespace. */
	return owner > 0 && owner != getpgrp();
}

/*
 * In an orphaned process group, where no shell could continue us, SIGTTIN does
 * not stop the program either, and no SIGCONT follows.
 */
bool
interrupt_wait_foreground(int fd)
{
	assert(depth != 0);
	(void)discard(SIGCONT);
	while (interrupt_is_background(fd)) {
		if (interrupt_pending() || !has_effect(SIGTTIN) ||
		    kill(0, SIGTTIN) != 0 || !discard(SIGCONT))
			return false;
	}
	return true;
}

/* Signals that the terminal sent while the child had it were not for us. */
static void
discard_terminal_signals(void)
{
	static const int all[] = { SIGINT, SIGQUIT, SIGTSTP };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		while (discard(all[i]))
			continue;
	}
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
		/* Makes it pending for interrupt_pending(). */
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
