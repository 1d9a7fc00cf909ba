/*
 * The line between the parent and one worker: a pair of sockets that carries
 * a few short messages, a descriptor at times, and by its end the news that
 * the other process is gone.
 */
#ifndef DAEMON_LEASH_H
#define DAEMON_LEASH_H

#include <stdbool.h>
#include <stddef.h>

enum leash_kind {
	LEASH_READY = 'R',	/* worker: serving */
	LEASH_FAILED = 'F',	/* worker: cannot start; text says why */
	LEASH_LOG = 'L',	/* parent: write the access log to fd */
	LEASH_CUT = 'C',	/* parent: end all exchanges and go */
	LEASH_LOOK = 'K',	/* parent: another worker takes no clients */
};

#define LEASH_TEXT	1024

struct leash_message {
	enum leash_kind kind;
	int fd;			/* -1: none; the receiver's */
	char text[LEASH_TEXT];	/* ends in NUL */
};

/* Both ends are non-blocking and closed on exec.  False with errno. */
bool	leash_open(int *parent_end, int *worker_end);

/* fd -1 and text NULL leave them out.  A message that cannot be sent is
   dropped: the other process is gone or about to be. */
void	leash_send(int leash, enum leash_kind, int fd, const char *text);

enum leash_result { LEASH_MESSAGE, LEASH_NOTHING, LEASH_GONE };
enum leash_result leash_receive(int leash, struct leash_message *);

#endif
