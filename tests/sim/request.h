/*
 * One request of a client: its bytes, the expected result, and what happened to
 * it as each side saw it.  Requests have numbers, sent in a field, so that all
 * sides find them.
 */
#ifndef TESTS_SIM_REQUEST_H
#define TESTS_SIM_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "line.h"
#include "setting.h"
#include "trace.h"

struct client;
struct wire;

/*
 * The status that a server sends when it closes an idle connection.  It may
 * cross a request, and look like its answer.
 */
#define STATUS_UNASKED	499

/* How complete an upstream's answer is. */
enum worth {
	WORTH_NOTHING,		/* no response that can be passed on */
	WORTH_CUT,		/* ends before it is complete */
	WORTH_WHOLE,
};

/* A request as an upstream saw it. */
struct attempt {
	struct wire *wire;
	size_t value;			/* of the key */
	unsigned nth;			/* of those that were sent, */
	int64_t sent_ns, came_boot_ns;	/* when it was, and came */
	bool reused;			/* not the first on its wire */
	uint64_t before;		/* bytes that its wire had brought */
	uint64_t body;			/* bytes of its body that came */
	bool whole;
	enum worth worth;		/* of the answer, if there is one */
	unsigned status;		/* of the answer */
	uint64_t answer_body;		/* its bytes */
	int64_t said_ns;		/* when all was sent; 0: not yet */
	bool honest;			/* the server did not lie */
	bool after_lie;			/* bytes of a lie came before it */
	bool early;			/* the answer came before the end */
	bool reflects;			/* a key is in the answer */
	bool refuses;			/* it says that the key is invalid */
	bool refuses_at_once;		/* in its head */
	struct buf said;		/* its body, where that is a text */
	size_t next_key;		/* that could have been tried when it
					   had answered, or CONF_NONE */
	uint64_t decisions;		/* before that */
};

#define MOST_ATTEMPTS	8

enum kind { KIND_PLAIN, KIND_HOST, KIND_BROWSER, KIND_WEBSOCKET, KIND_TRACE,
    KIND_MINTING, KIND_MALFORMED, KIND_HUGE, KIND_LONG, N_KINDS };

struct request {
	struct request *next;		/* of all, the latest first */
	unsigned number;
	const struct client *client;	/* NULL: a probe */

	/* What is sent. */
	enum kind kind;
	size_t listener;
	bool stranger;			/* whom a listener with users refuses */
	char path[96];
	const char *token;		/* the client's, or NULL */
	bool chunked;
	struct buf bytes;
	size_t head_n;			/* bytes of the head */
	uint64_t body_n;		/* bytes of the body, without framing */
	const char *method;
	bool idempotent, head_only, old;	/* HTTP/1.0 */
	bool expects;			/* 100-continue */
	bool numbered;			/* its head can be read */
	size_t pause_at;		/* it pauses before this byte, for
					   pause_ns */
	int64_t pause_ns;
	size_t given_up_at;		/* nothing is sent from this byte on */
	bool trickles;			/* its head comes byte by byte */
	struct trace trace;

	/* The expected result, once a worker has let the client in. */
	const char *fault;		/* the code, or NULL: it is forwarded */
	unsigned fault_status;
	const struct conf_route *route;	/* or NULL */
	char target[128];		/* as it must go upstream */
	bool cookie_passes;

	/* What happened. */
	size_t key;			/* that was picked last, its index in
					   the configuration, or CONF_NONE */
	struct {
		size_t key;
		int64_t at;
		bool came;		/* upstream */
	} sent[MOST_ATTEMPTS];		/* heads that left */
	unsigned n_sent;
	bool tried;			/* another key was picked after it was
					   sent, */
	bool came_back;			/* and the one before it again */
	size_t written;			/* by the client */
	uint64_t began_at;		/* bytes the client sent before it */
	int64_t began_ns;		/* the time of its first byte */
	struct attempt attempts[MOST_ATTEMPTS];
	unsigned n_attempts;
	unsigned n_again;		/* times that it was sent again, */
	unsigned n_retries, n_others;	/* of these as its connection had been
					   closed, and as its key was lost */
	unsigned status;		/* that the client read; 0: none */
	char code[32];			/* of an answer of ours, or "" */
	const struct attempt *answerer;	/* of an upstream's answer, or NULL */
	unsigned took_status;		/* that its system received; 0: none */
	uint64_t took;			/* bytes of the body, the same */
	uint64_t got;			/* bytes of it that the client read */
	bool answered;			/* the answer is complete */
	bool closes;			/* the answer says that it is the
					   last */
	unsigned n_lines;
	struct line line;
};

/* All requests of this run. */
struct request	*requests(void);
void		 requests_begin(void);
void		 requests_end(void);

/* Makes a request for a client that came by this listener. */
struct request	*request_new(const struct client *, size_t listener,
		    bool stranger);

struct request	*request_of_number(unsigned long);

/* Of those that came upstream the one that was sent last; there is one. */
const struct attempt *request_last(const struct request *);

/* A request of the program's own, which came upstream: a probe of a key. */
struct request	*request_of_nobody(void);

/* Sets the result that is expected by that configuration. */
void		 request_expect(struct request *, const struct setting *);

/* n bytes of a body, from an offset on; every body has its own number. */
const char	*body_at(unsigned long number, uint64_t at, size_t *n);
void		 body_append(struct buf *, unsigned long number, uint64_t at,
		    size_t n);
bool		 body_is(unsigned long number, uint64_t at, struct text);

/* The same of an answer. */
void		 answer_body_append(struct buf *, const struct request *,
		    unsigned attempt, uint64_t at, size_t n);
bool		 answer_body_is(const struct request *, unsigned attempt,
		    uint64_t at, struct text);

/* Even numbers are of requests, odd ones of answers. */
unsigned long	 body_of_request(const struct request *);
unsigned long	 body_of_answer(const struct request *, unsigned attempt);

#endif
