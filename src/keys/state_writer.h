/*
 * Writing a file of `state_dir` in a child: a disk may take seconds, or never
 * answer, and the parent has orders to follow meanwhile.  One child at a time
 * writes a file.  It has no sockets and no secrets of the parent, and ends with
 * it, so that it replaces no file of the next daemon.
 */
#ifndef KEYS_STATE_WRITER_H
#define KEYS_STATE_WRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/text.h"
#include "keys/key_records.h"

/* All zero: nothing is written. */
struct state_writer {
	pid_t pid;		/* 0: none */
	char *path;
	int64_t late_ns;	/* when it should have ended */
	bool late;		/* it was ended for that */
};

struct state_writing {
	const char *folder;
	enum records_file file;
	struct text text;

	/* In the child: closes what the parent has. */
	void (*left)(void *owner);
	void *owner;
};

bool	state_writer_is_busy(const struct state_writer *);

/* Begins.  NULL, or why not, as "PATH: ...", to be freed. */
char	*state_writer_begin(struct state_writer *,
	    const struct state_writing *) __attribute__((warn_unused_result));

/*
 * A child ended; false where it was another one.  *why is NULL if the file says
 * now, on the disk, what it was to say; otherwise why not, to be freed.
 */
bool	state_writer_reap(struct state_writer *, pid_t, int wait_status,
	    char **why);

/*
 * Ends a child that is late; a disk that does not answer may delay that.
 * Returns when it will be, or INT64_MAX.
 */
int64_t	state_writer_step(struct state_writer *, int64_t now);

/* What is said of one that is late; to be freed. */
char	*state_writer_complaint(const struct state_writer *)
	    __attribute__((warn_unused_result));

/*
 * Waits until its end, or that time at the latest, when it gives up.  NULL, or
 * why not, as above.
 */
char	*state_writer_await(struct state_writer *, int64_t until)
	    __attribute__((warn_unused_result));

/* Ends the child and forgets it. */
void	state_writer_give_up(struct state_writer *);

#endif
