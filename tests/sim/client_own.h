/*
 * A client, as client.c and client_facts.c know it.
 */
#ifndef TESTS_SIM_CLIENT_OWN_H
#define TESTS_SIM_CLIENT_OWN_H

#include <stdint.h>

#include "client.h"
#include "clock.h"
#include "message.h"
#include "wire.h"

#define MOST_REQUESTS	12

/* What it does when all is said and read. */
enum manner { CLOSES, HALF_CLOSES, STAYS };

struct client {
	struct client *next;
	size_t listener;
	unsigned long number;		/* port or uid */
	struct wire *wire;		/* NULL: has not come yet */
	struct request *requests[MOST_REQUESTS];
	size_t n;
	size_t saying, hearing;		/* which of them */
	size_t depth;			/* that it says without an answer */
	size_t gulp;			/* bytes it reads at a time */
	int64_t slowness;		/* ns between two acts, at most */
	enum manner manner;
	size_t leaves_after;		/* bytes read; it goes then */
	size_t stops_after;		/* bytes read; it reads no more then */
	enum wire_end leaves_how;
	bool goes_ahead;		/* says the body, not told to go on */
	bool told_to_go_on;
	bool left, stopped, over;
	uint64_t heard;
	int64_t pauses_until, answered_ns;
	struct message reader;
	struct message taken;		/* of all that its system took */
	size_t taking;			/* that it is about */
	struct errand act, come, go;
};

/* All of this run. */
struct client	*clients(void);

/* What its system takes is followed from here. */
void		 client_taking_begin(struct client *);

#endif
