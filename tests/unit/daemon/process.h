/*
 * For tests: a process of its own, what it says, and who calls it.  Every wait
 * is for something that happens, and fails the test after half a minute.
 */
#ifndef TESTS_UNIT_DAEMON_PROCESS_H
#define TESTS_UNIT_DAEMON_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/addr.h"

/* The end of a pipe or socket that is read, and what came so far. */
struct heard {
	int fd;			/* -1: none */
	size_t n;
	char text[16384];	/* ends in NUL */
};

/* Until text has come; false at an end without it. */
bool	heard_wait(struct heard *, const char *text);

/* Fails the test where it does not come. */
void	heard_expect(struct heard *, const char *text);

/* Until the end. */
void	heard_all(struct heard *);
void	heard_close(struct heard *);

struct process {
	pid_t pid;		/* 0: it ended */
	struct heard errors;	/* its standard error, and its children's */
};

/* fn(arg) is what it does, and its exit status. */
void	process_start(struct process *, int (*fn)(void *arg), void *arg);

/* Waits for its end; the exit status, or -1 after a signal. */
int	process_end(struct process *);

/* Ends it if it has not ended. */
void	process_release(struct process *);

/* A client's connection, on which this was sent. */
void	call(struct heard *, const struct addr *, const char *request);

/* The same, and the connection that is then made to the upstream. */
int	call_upstream(int upstream_fd, struct heard *, const struct addr *,
	    const char *request);

#endif
