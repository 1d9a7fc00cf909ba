/*
 * One request and its response, on the client's side.  An exchange knows its
 * client as a codec and three calls, and what becomes of the request as a
 * handler.
 */
#ifndef CLIENT_EXCHANGE_H
#define CLIENT_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "client/env.h"
#include "client/handler.h"
#include "conn/data_rate.h"
#include "http/codec.h"
#include "policy/fault.h"
#include "policy/principal.h"
#include "stats/record.h"

struct exchange;

/* What all exchanges of a listener have in common. */
struct exchange_terms {
	struct env *env;
	const struct handler *handler;
	const struct conf_listener *listener;

	/* -- calls, with the owner of the client -- */

	/* Something was said to the codec: go on at the end of the turn. */
	void (*wake)(void *owner);

	/*
	 * An exchange has sent what the client was to read, for as long as it
	 * may take: look whether it reads.
	 */
	void (*unread)(void *owner, struct exchange *);

	/* The exchange is about to be freed. */
	void (*ended)(void *owner, struct exchange *);
};

/* What a session is to its exchanges. */
struct exchange_client {
	const struct exchange_terms *terms;
	struct codec *codec;
	const struct principal *principal;
	void *owner;			/* as the calls of the terms want it */
};

enum exchange_state {
	EXCHANGE_BEGUN,		/* its head came */
	EXCHANGE_OPEN,		/* something was asked, no response head yet */
	EXCHANGE_RESPONDING,	/* the response head was written */
	EXCHANGE_RESPONDED,	/* all is written, not all has left */
	EXCHANGE_RESET,		/* cut off after the response head */
};

/* For whom time runs. */
enum exchange_waits {
	EXCHANGE_WAITS_NOT,		/* or it is not the client */
	EXCHANGE_WAITS_BODY,		/* the client is to send */
	EXCHANGE_WAITS_READING,		/* or to read */
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
	const struct conf_route *route;
	void *work;			/* the handler's */
	bool request_ended;			/* its last byte came */
	bool awaits_continue;			/* the client, with the body */
	size_t credit;		/* for the request's body: given, not used */
	enum exchange_waits waits;
	struct data_rate body;		/* the client is to send that */
	struct data_rate reading;	/* or to read the response */
};

/*
 * Begins one; head, or what was read of one that was refused, is copied.  The
 * handler is not told yet.
 */
struct exchange	*exchange_new(const struct exchange_client *, stream_id,
		    const struct head *, bool end);

/* From now on the codec tells it what the client says. */
void		 exchange_listen(struct exchange *);

/* The first bytes of its head came then, by the loop's clock. */
void		 exchange_began(struct exchange *, int64_t ns);

/*
 * Whom it waits for, now that the client's link takes more, or does not: time
 * runs only while that is the client.
 */
void		 exchange_wait(struct exchange *, bool blocked);

/* The only way the state changes; logged at debug. */
void		 exchange_set_state(struct exchange *, enum exchange_state);

/* A head that the codec refused, or a message that the client broke off. */
void		 exchange_client_failed(struct exchange *, enum codec_error);

/* -- for handlers -- */

/* What was chosen for it, and the record says. */
void		 exchange_set_route(struct exchange *,
		    const struct conf_route *);

/* Leave to send n more bytes of the request's body. */
void		 exchange_credit(struct exchange *, size_t n);

/* How many bytes of the response's body make sense now. */
size_t		 exchange_room(const struct exchange *);

/* A response, an interim one, trailers; and its body.  end: all is said. */
void		 exchange_send_head(struct exchange *, const struct head *,
		    bool end);
void		 exchange_send_body(struct exchange *, const uint8_t *,
		    size_t n, bool end);

/* -- ends -- */

/*
 * Ends it badly: the answer that fault.tbl names where nothing was sent yet,
 * otherwise a reset.  The handler lets go of it.  detail, may be NULL, is for
 * the log; it is copied.
 */
void		 exchange_fault(struct exchange *, enum fault,
		    const char *detail);

/* Nothing more will be written for the client. */
bool		 exchange_is_over(const struct exchange *);

/*
 * The only end: the handler lets go, figures, one log line, memory freed.
 */
void		 exchange_end(struct exchange *);

#endif
