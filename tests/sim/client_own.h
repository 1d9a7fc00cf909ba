/*
 * A client, as client.c and client_facts.c see it.
 */
#ifndef TESTS_SIM_CLIENT_OWN_H
#define TESTS_SIM_CLIENT_OWN_H

#include <stdbool.h>
#include <stdint.h>

#include "client.h"
#include "clock.h"
#include "message.h"
#include "way.h"
#include "wire.h"

#define MOST_REQUESTS	12

/* What it does when all is sent and read. */
enum manner { CLOSES, HALF_CLOSES, STAYS };

struct client {
	struct client *next;
	unsigned long number;		/* port or uid */
	struct way way;			/* by which it comes */
	size_t said;			/* bytes of its header */
	struct wire *wire;		/* NULL: not there yet */
	struct request *requests[MOST_REQUESTS];
	size_t n;
	size_t saying, hearing;		/* indices of requests */
	size_t depth;			/* requests sent without an answer */
	size_t gulp;			/* bytes it reads at a time */
	int64_t slowness;		/* the longest time between two acts,
					   ns */
	enum manner manner;
	size_t leaves_after;		/* bytes read, after which it leaves */
	size_t stops_after;		/* bytes read, after which it stops */
	enum wire_end leaves_how;
	bool goes_ahead;		/* sends the body without a 100 */
	bool told_to_go_on;
	bool left, stopped, over;
	uint64_t heard;
	int64_t quiet_until;		/* it asks for nothing before that; at
					   first how long */
	int64_t pauses_until, answered_ns;
	size_t alerted;			/* bytes of an alert that it took */
	struct message reader;
	struct message taken;		/* reads all that its system received */
	size_t taking;			/* index of its request */
	bool sent_the_last;		/* answer, says the latest head */
	struct errand act, come, go;
};

/* All clients of this run. */
struct client	*clients(void);

/* It is turned away where TLS is spoken, and not in HTTP. */
bool		 client_hears_an_alert(const struct client *);

/* From now on the bytes that its system receives are read. */
void		 client_taking_begin(struct client *);

#endif
