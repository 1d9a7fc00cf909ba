/*
 * One request and its response, on the client's side.  An exchange knows its
 * client as a codec and three calls; a handler decides what becomes of the
 * request.
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

	/* The codec has new output: go on at the end of the turn. */
	void (*wake)(void *owner);

	/*
	 * The client has not read what was sent to it for as long as it may
	 * take: look whether it reads.
	 */
	void (*unread)(void *owner, struct exchange *);

	/*
	 * False where it has not read all that was sent to it, as far as the
	 * system tells.
	 */
	bool (*has_read)(void *owner);

	/* The exchange is about to be freed. */
	void (*ended)(void *owner, struct exchange *);
};

/* A session, as its exchanges see it. */
struct exchange_client {
	const struct exchange_terms *terms;
	struct codec *codec;
	const struct principal *principal;
	void *owner;			/* the argument of the terms' calls */
};

enum exchange_state {
	EXCHANGE_BEGUN,		/* its head came */
	EXCHANGE_OPEN,		/* something was asked, no response head yet */
	EXCHANGE_RESPONDING,	/* the response head was written */
	EXCHANGE_RESPONDED,	/* all is written, not all has left */
	EXCHANGE_RESET,		/* cut off after the response head */
};

/* What the client is waited for; time runs only meanwhile. */
enum exchange_waits {
	EXCHANGE_WAITS_NOT,		/* for nothing */
	EXCHANGE_WAITS_BODY,		/* to send the request's body */
	EXCHANGE_WAITS_READING,		/* to read */
};

struct exchange {
	struct exchange *next;			/* the session's list */
	const struct exchange_client *client;
	stream_id stream;
	enum exchange_state state;
	struct arena arena;
	struct record record;
	const struct head *request;	/* as the client sent it, the target
					   encoded; of a refused one, the
					   part that was read */
	const struct conf_route *route;
	void *work;			/* the handler's */
	uint64_t barred;		/* fields that must not go upstream, as
					   bits: see client/tracing.h */
	bool request_ended;			/* its last byte came */
	bool awaits_continue;			/* the client waits for a 100
						   to send it */
	size_t credit;		/* for the request's body: given, not used */
	enum exchange_waits waits;
	struct data_rate body;		/* sending the request's body */
	struct data_rate reading;	/* reading the response */
};

/*
 * Begins an exchange.  head is copied; of a refused one it is the part that was
 * read.  The handler is not told yet.
 */
struct exchange	*exchange_new(const struct exchange_client *, stream_id,
		    const struct head *, bool end);

/* From now on the codec passes it what the client sends. */
void		 exchange_listen(struct exchange *);

/* The time of its head's first bytes, by the loop's clock. */
void		 exchange_began(struct exchange *, int64_t ns);

/*
 * Finds out anew whether it waits for the client; blocked says that the
 * client's link takes no more at the moment.  Time runs only while it does.
 */
void		 exchange_wait(struct exchange *, bool blocked);

/* The only way the state changes; logged at debug. */
void		 exchange_set_state(struct exchange *, enum exchange_state);

/* The codec refused a head, or the client broke a message off. */
void		 exchange_client_failed(struct exchange *, enum codec_error);

/* -- for handlers -- */

/* Sets what was chosen for it, and puts that into the record. */
void		 exchange_set_route(struct exchange *,
		    const struct conf_route *);

/* Allows the client to send n more bytes of the request's body. */
void		 exchange_credit(struct exchange *, size_t n);

/* How many bytes of the response's body are of use now. */
size_t		 exchange_room(const struct exchange *);

/*
 * Sends a response, an interim one, or trailers; and its body.  end: that is
 * all.
 */
void		 exchange_send_head(struct exchange *, const struct head *,
		    bool end);
void		 exchange_send_body(struct exchange *, const uint8_t *,
		    size_t n, bool end);

/*
 * Whether the client has read what it was sent on its connection, as far as
 * the system tells.
 */
bool		 exchange_is_read(const struct exchange *);

/* -- ends -- */

/*
 * Ends it with a fault: the answer that fault.tbl names if nothing was sent
 * yet, otherwise a reset.  The handler lets go of it.  detail, may be NULL, is
 * for the log; it is copied.
 */
void		 exchange_fault(struct exchange *, enum fault,
		    const char *detail);

/* Nothing more will be written for the client. */
bool		 exchange_is_over(const struct exchange *);

/*
 * Every exchange ends here: the handler lets go of it, it is counted, one
 * log line is written, and its memory is freed.
 */
void		 exchange_end(struct exchange *);

#endif
