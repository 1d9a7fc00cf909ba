/*
 * One request and its response, on the client's side.  An exchange knows its
 * client only as a codec and three calls; forward takes it through its
 * steps.
 */
#ifndef CLIENT_EXCHANGE_H
#define CLIENT_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "client/env.h"
#include "conn/patience.h"
#include "http/codec.h"
#include "policy/fault.h"
#include "policy/principal.h"
#include "stats/record.h"
#include "upstream/egress.h"

struct exchange;

/* What a session is to its exchanges. */
struct exchange_client {
	struct env *env;
	struct codec *codec;
	const struct conf_listener *listener;
	const struct principal *principal;
	void *owner;

	/* Something was said to the codec: go on at the end of the turn. */
	void (*wake)(void *owner);

	/* The exchange is about to be freed. */
	void (*ended)(void *owner, struct exchange *);
};

enum exchange_state {
	EXCHANGE_BEGUN,		/* its head came; guard and route */
	EXCHANGE_OPEN,		/* upstream was asked, no response head yet */
	EXCHANGE_RESPONDING,	/* the response head was written */
	EXCHANGE_RESPONDED,	/* all is written, not all has left */
	EXCHANGE_RESET,		/* cut off after the response head */
};

struct exchange {
	struct exchange *next;			/* the session's list */
	const struct exchange_client *client;
	stream_id stream;
	enum exchange_state state;
	struct arena arena;
	struct record record;
	const struct head *request;	/* as the client sent it, the target
					   encoded; what was read of it where
					   it was refused */
	const struct head *forwarded;		/* with the upstream's target */
	const struct conf_route *route;
	struct egress_stream *egress;
	bool request_ended;			/* its last byte came */
	bool awaits_continue;			/* the client, with the body */
	struct patience patience;		/* with the request's body */
	size_t request_credit;			/* given and not used yet */
	size_t response_credit;
};

/* Begins one; head, or what was read of one that was refused, is copied. */
struct exchange	*exchange_new(const struct exchange_client *, stream_id,
		    const struct head *, bool end);

/* The first bytes of its head came then, by the loop's clock. */
void		 exchange_began(struct exchange *, int64_t ns);

/* What was chosen for it, and the record says. */
void		 exchange_set_route(struct exchange *,
		    const struct conf_route *);

/* The only way the state changes; logged at debug. */
void		 exchange_set_state(struct exchange *, enum exchange_state);

/*
 * Ends it badly: the answer that fault.tbl names where nothing was sent yet,
 * otherwise a reset.  The upstream's half is cancelled.  detail, may be NULL,
 * is for the log; it is copied.
 */
void		 exchange_fault(struct exchange *, enum fault,
		    const char *detail);

/* Nothing more will be written for the client. */
bool		 exchange_is_over(const struct exchange *);

/*
 * The only end: stream given back, figures, one log line, memory freed.
 */
void		 exchange_end(struct exchange *);

#endif
