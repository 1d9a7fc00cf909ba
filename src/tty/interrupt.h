/*
 * Signals that end or stop the program, held back while something must be put
 * in order first: a terminal without echo, a plain text in memory, a temporary
 * file.  The signals are blocked, so no handler runs and no call is cut short;
 * code that waits asks here.
 */
#ifndef TTY_INTERRUPT_H
#define TTY_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Holds SIGHUP, SIGINT, SIGQUIT, SIGTERM and SIGTSTP back; nests.  Signals that
 * were ignored or blocked when the program was started have no effect.
 */
void	interrupt_hold(void);

/*
 * Ends one interrupt_hold(); after the last one, pending signals take effect.
 */
void	interrupt_release(void);

/* Whether a signal that ends the program has come and is held back. */
bool	interrupt_pending(void);

/*
 * The first event, or the one that counts most; for callers that hold signals.
 */
enum interrupt_event {
	INTERRUPT_READABLE,
	INTERRUPT_ENDS,		/* a signal that ends the program waits */
	INTERRUPT_STOPS,	/* SIGTSTP waits: interrupt_stop() */
	INTERRUPT_CONTINUED,	/* it was stopped, and goes on: the terminal
				   may have been changed meanwhile */
	INTERRUPT_TIME,		/* the time is over */
};
enum interrupt_event interrupt_wait(int fd);

/* The same for at most limit_ms, or without end where that is negative. */
enum interrupt_event interrupt_wait_for(int fd, int limit_ms);

/* Lets a pending SIGTSTP stop the program; returns when it continues. */
void	interrupt_stop(void);

/*
 * Waits until fd can be read, and lets the program be stopped meanwhile;
 * false where a signal that ends it came instead.
 */
bool	interrupt_wait_readable(int fd);

/* Whether another process group has the terminal fd. */
bool	interrupt_is_background(int fd);

/*
 * Stops the program, as the terminal would, until it is in the foreground of
 * the terminal fd.  False where a signal that ends it came instead, or where it
 * cannot be stopped.  For callers that hold signals.
 */
bool	interrupt_wait_foreground(int fd);

/*
 * Waits for a child that has the terminal, and stops when it stops; its
 * status as of waitpid().  A SIGHUP or SIGTERM for us is passed on to it and
 * pending afterwards; what the terminal sends is the child's alone.
 */
int	interrupt_wait_child(pid_t);

/* Called in a child before execve(): sets signals as they were at the start. */
void	interrupt_undo_in_child(void);

#endif
