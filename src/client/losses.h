/*
 * When lines that the access log lost are to be reported: that it cannot be
 * written, when that begins and now and then while it lasts; and how many were
 * lost, when it is written again.  Pure: counts and times come from the caller,
 * who writes the report.  Each lost line is counted in one LOSSES_OVER, or in
 * the rest that is reported at the end.
 */
#ifndef CLIENT_LOSSES_H
#define CLIENT_LOSSES_H

#include <stdbool.h>
#include <stdint.h>

struct losses {
	uint64_t told;		/* of all lines lost, those reported */
	bool began;		/* LOSSES_BEGAN was reported */
	int64_t said_ns;	/* when something was last reported */
	int64_t over_ns;	/* when LOSSES_OVER was last; 0: never */
};

enum losses_news {
	LOSSES_NONE,		/* nothing to report */
	LOSSES_BEGAN,		/* it cannot be written */
	LOSSES_GO_ON,		/* it still cannot, a minute later */
	LOSSES_OVER,		/* it is written again */
	LOSSES_LATER,		/* as OVER, but that was just reported: look
				   again after LOSSES_PAUSE_MS */
};

/* Bounds the lines in the other log about a reader that is slow at times. */
#define LOSSES_PAUSE_MS	10000

/*
 * What to report after a write.  lost is the number of lines lost since the log
 * was opened, failing whether it cannot be written now.  *n becomes how many of
 * them have not been reported; with LOSSES_OVER all count as reported.
 */
enum losses_news losses_look(struct losses *, uint64_t lost, bool failing,
	    int64_t now_ns, uint64_t *n);

#endif
