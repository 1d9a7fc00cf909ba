/*
 * Signals; see signals.h.
 */
#include "daemon/signals.h"

#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t came[N_SIGNALS], stops;

static void
signals_on_signal(int signal)
{
	switch (signal) {
	case SIGCHLD:
		came[SIGNALS_CHILD] = 1;
		break;
	case SIGHUP:
		came[SIGNALS_HANGUP] = 1;
		break;
	case SIGUSR1:
		came[SIGNALS_REOPEN] = 1;
		break;
	default:
		stops++;
		break;
	}
}

/* -- while a configuration is loaded -- */

static void
signals_on_early_end(int signal)
{
	_exit(128 + signal);
}

void
signals_end_early(void)
{
	struct sigaction a = { .sa_handler = signals_on_early_end };

	if (getpid() != 1)
		return;
	sigfillset(&a.sa_mask);
	(void)sigaction(SIGINT, &a, NULL);
	(void)sigaction(SIGTERM, &a, NULL);
}

/* -- afterwards -- */

static const int caught[] = { SIGCHLD, SIGHUP, SIGUSR1, SIGINT, SIGTERM };

void
signals_catch(sigset_t *awake)
{
	struct sigaction a = { .sa_handler = signals_on_signal };
	sigset_t held;

	sigemptyset(&held);
	sigfillset(&a.sa_mask);
	for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++) {
		sigaddset(&held, caught[i]);
		(void)sigaction(caught[i], &a, NULL);
	}
	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigprocmask(SIG_BLOCK, &held, awake);
	for (size_t i = 0; i < sizeof(caught) / sizeof(caught[0]); i++)
		sigdelset(awake, caught[i]);
}

bool
signals_take(enum signals_kind kind)
{
	bool now = came[kind] != 0;

	if (now)
		came[kind] = 0;
	return now;
}

unsigned
signals_stops(void)
{
	return (unsigned)stops;
}

void
signals_stop(void)
{
	stops++;
}
