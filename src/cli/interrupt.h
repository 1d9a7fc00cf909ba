/*
 * Signals that end the program, held back while something must be put in
 * order first: a terminal without echo, a plain text in memory, a temporary
 * file.  The signals are blocked, so no handler runs and no call is cut
 * short; whoever waits asks here.
 */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * Holds SIGHUP, SIGINT, SIGQUIT, SIGTERM and SIGTSTP back; nests.  Those that
 * were ignored or blocked when the program was started end nothing.
 */
void	interrupt_hold(void);

/* Undoes it; what came meanwhile has its effect at the last one. */
void	interrupt_release(void);

/* One of the signals that end the program has come and is held back. */
bool	interrupt_pending(void);

/* Waits until fd can be read; false where such a signal came instead. */
bool	interrupt_wait_readable(int fd);

/*
 * Waits for a child that has the terminal, and stops when it stops; its
 * status as of waitpid().  A SIGHUP or SIGTERM for us is passed on to it and
 * pending afterwards; what the terminal sends is the child's alone.
 */
int	interrupt_wait_child(pid_t);

/* For a child, before execve(): signals are as they were at the start. */
void	interrupt_undo_in_child(void);

#endif
