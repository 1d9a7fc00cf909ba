/*
 * One request of a client: what it says, what must become of it, and what did,
 * as each of those saw it who had to do with it.  Requests have numbers, which
 * go with them in fields, so that all find them.
 */
#ifndef TESTS_SIM_REQUEST_H
#define TESTS_SIM_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "line.h"
#include "setting.h"

struct client;
struct wire;

/*
 * What a server says when it closes a connection that nobody uses.  It may
 * cross a request, and look like its answer.
 */
#define STATUS_UNASKED	499

/* What an upstream's answer is worth. */
enum worth {
	WORTH_NOTHING,		/* no response that could be passed on */
	WORTH_CUT,		/* ends before it is complete */
	WORTH_WHOLE,
};

/* A request as an upstream saw it. */
struct attempt {
	struct wire *wire;
	bool reused;			/* not the first on its wire */
	uint64_t before;		/* bytes its wire brought before */
	uint64_t body;			/* bytes of it that came */
	bool whole;
	enum worth worth;		/* of the answer, once there is one */
	unsigned status;		/* of it */
	uint64_t answer_body;		/* bytes */
	int64_t said_ns;		/* when all was said; 0: not yet */
	bool honest;			/* so the server meant it */
	bool after_lie;			/* what came before it was not */
	bool early;			/* the answer came before the end */
	bool reflects;			/* the key is in it */
};

#define MOST_ATTEMPTS	4

struct request {
	struct request *next;		/* of all, the latest first */
	unsigned number;
	const struct client *client;

	/* What is said. */
	struct buf bytes;
	size_t head_n;			/* of them, the head */
	uint64_t body_n;		/* of the body, without its framing */
	const char *method;
	bool idempotent, head_only, old;	/* HTTP/1.0 */
	bool expects;			/* 100-continue */
	bool numbered;			/* its head can be read */
	size_t pause_at;		/* byte before which it waits so long */
	int64_t pause_ns;
	size_t given_up_at;		/* nothing is said from this byte on */
	bool trickles;			/* its head comes byte by byte */

	/* What must become of it. */
	const char *fault;		/* the code, or NULL: it is forwarded */
	unsigned fault_status;
	const struct conf_route *route;	/* or NULL */
	size_t key;
	char target[128];		/* as it goes upstream */
	bool cookie_passes;

	/* What did. */
	size_t written;			/* by the client */
	uint64_t began_at;		/* bytes said before it */
	int64_t began_ns;		/* then it was begun */
	struct attempt attempts[MOST_ATTEMPTS];
	unsigned n_attempts;
	unsigned status;		/* that the client got; 0: none */
	char code[32];			/* of an answer of ours, or "" */
	const struct attempt *answerer;	/* of another's answer, or NULL */
	unsigned took_status;		/* that its system took; 0: none */
	uint64_t took;			/* bytes of the body, the same */
	uint64_t got;			/* and that it read */
	bool answered;			/* it is complete */
	bool closes;			/* says that it is the last */
	unsigned n_lines;
	struct line line;
};

/* All of this run. */
struct request	*requests(void);
void		 requests_begin(void);
void		 requests_end(void);

/* Made up for a client who came by this listener. */
struct request	*request_new(const struct client *, size_t listener,
		    bool stranger);

struct request	*request_of_number(unsigned long);

/* n bytes of a body, from a place on; every body has a number of its own. */
const char	*body_at(unsigned long number, uint64_t at, size_t *n);
void		 body_append(struct buf *, unsigned long number, uint64_t at,
		    size_t n);
bool		 body_is(unsigned long number, uint64_t at, struct text);

/* Of requests even, of answers odd. */
unsigned long	 body_of_request(const struct request *);
unsigned long	 body_of_answer(const struct request *, unsigned attempt);

#endif
