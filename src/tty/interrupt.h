/*
 * Signals that end or stop the program, held back while something must be
 * put in order first: a terminal without echo, a plain text in memory, a
 * temporary file.  The signals are blocked, so no handler runs and no call is
 * cut short; whoever waits asks here.
 */
#ifndef TTY_INTERRUPT_H
#define TTY_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Holds SIGHUP, SIGINT, SIGQUIT, SIGTERM and SIGTSTP back; nests.  Those that
 * were ignored or blocked when the program was started end or stop nothing.
 */
void	interrupt_hold(void);

/* Undoes it; what came meanwhile has its effect at the last one. */
void	interrupt_release(void);

/* One of the signals that end the program has come and is held back. */
bool	interrupt_pending(void);

/* What came first, or counts most; for those who hold. */
enum interrupt_event {
	INTERRUPT_READABLE,
	INTERRUPT_ENDS,		/* a signal that ends the program waits */
	INTERRUPT_STOPS,	/* SIGTSTP waits: interrupt_stop() */
	INTERRUPT_CONTINUED,	/* it was stopped, and goes on: the terminal
				   may have been changed meanwhile */
};
enum interrupt_event interrupt_wait(int fd);

/* Lets a SIGTSTP that waits stop the program; returns when it goes on. */
void	interrupt_stop(void);

/*
 * Waits until fd can be read, and lets the program be stopped meanwhile;
 * false where a signal that ends it came instead.
 */
bool	interrupt_wait_readable(int fd);

/* Somebody else has the terminal fd. */
bool	interrupt_is_background(int fd);

/*
 * Stops the program, as the terminal would, until it is in the foreground of
 * the terminal fd.  False where a signal that ends it came instead, or where
 * it cannot be stopped.  For those who hold.
 */
bool	interrupt_wait_foreground(int fd);

/*
 * Waits for a child that has the terminal, and stops when it stops; its
 * status as of waitpid().  A SIGHUP or SIGTERM for us is passed on to it and
 * pending afterwards; what the terminal sends is the child's alone.
 */
int	interrupt_wait_child(pid_t);

/* For a child, before execve(): signals are as they were at the start. */
void	interrupt_undo_in_child(void);

#endif
