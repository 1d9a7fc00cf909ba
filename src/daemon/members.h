/*
 * The generations of a daemon as a list, the newest first.
 *
 * A member is STARTING until its workers are ready, then SERVING, and DRAINING
 * when the next one serves or when all ends.  One that could not start is
 * ABANDONED.  Both are freed when their last worker was reaped.
 */
#ifndef DAEMON_MEMBERS_H
#define DAEMON_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/generation.h"
#include "daemon/holdings.h"

enum member_state {
	MEMBER_STARTING,
	MEMBER_SERVING,
	MEMBER_DRAINING,
	MEMBER_ABANDONED,
};

struct member {
	struct member *next;
	struct holdings *holdings;
	struct generation *g;
	unsigned serial;
	enum member_state state;
	int64_t deadline_ns;		/* until it serves, or has ended */
};

/* With its holdings. */
void	member_free(struct member *);

/*
 * Kills workers that are over their time; returns when to call it again.  A
 * worker that waits for a disk cannot be killed before the disk answers.
 */
int64_t	member_end_late(const struct member *, int64_t now);

/* The newest in that state, or NULL. */
struct member *members_find(struct member *list, enum member_state);
size_t	members_count(const struct member *list, enum member_state);

/* Of those, how many have a worker that was killed and does not end. */
size_t	members_survive(const struct member *list, enum member_state,
	    int64_t now);

/* The workers of all, and those of them that are alive. */
size_t	members_workers(const struct member *list);
size_t	members_alive(const struct member *list);

/* As generation_obeys(), of all. */
bool	members_obey(const struct member *list, uint64_t decisions);

/* Frees those that have ended. */
void	members_free_ended(struct member **list);

#endif
