/*
 * What is said of lines that the access log lost: that it cannot be written,
 * when that begins and now and then while it lasts; when it is written again,
 * how many were lost.  Pure: counts and times come from the caller, who says
 * it.  Each lost line is in the number of one LOSSES_OVER, or in what is left
 * at the end.
 */
#ifndef CLIENT_LOSSES_H
#define CLIENT_LOSSES_H

#include <stdbool.h>
#include <stdint.h>

struct losses {
	uint64_t told;		/* of all that were lost */
	bool began;		/* that it cannot be written was said */
	int64_t said_ns;	/* when, last */
	int64_t over_ns;	/* when it was last said to be over; 0: never */
};

enum losses_news {
	LOSSES_NONE,		/* nothing to be said */
	LOSSES_BEGAN,		/* it cannot be written */
	LOSSES_GO_ON,		/* it still cannot, a minute later */
	LOSSES_OVER,		/* it is written again */
	LOSSES_LATER,		/* the same, but was said just now: look again
				   after LOSSES_PAUSE_MS */
};

/* A reader who is slow now and then shall not fill the other log. */
#define LOSSES_PAUSE_MS	10000

/*
 * The news after a write: lost is how many lines were lost since the log was
 * opened, failing whether it cannot be written now.  *n becomes how many of
 * them have not been told; all are, from now on, with LOSSES_OVER.
 */
enum losses_news losses_look(struct losses *, uint64_t lost, bool failing,
	    int64_t now_ns, uint64_t *n);

#endif
