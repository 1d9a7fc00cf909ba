/*
 * What all exchanges of one worker share.  Made by the worker before the
 * first client comes; only counts change while it runs.
 */
#ifndef CLIENT_ENV_H
#define CLIENT_ENV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/blocks.h"
#include "base/clock.h"
#include "base/sink.h"
#include "client/losses.h"
#include "conf/conf.h"
#include "http/codec.h"
#include "net/loop.h"
#include "net/timer.h"
#include "policy/route_index.h"
#include "stats/figures.h"
#include "upstream/egress.h"

#define ENV_RUN		17		/* 64 bits, hexadecimal */

/* The Date of answers of our own, written once a second. */
struct date {
	int64_t second;			/* of the wall clock; 0: none yet */
	char text[CLOCK_HTTP_TEXT];
};

struct env {
	const struct conf *conf;
	struct route_index *routes;	/* of conf */
	struct loop *loop;
	struct egress *egress;
	struct figures *shared;		/* what workers tell each other */
	struct figures_worker *figures;	/* this one's */
	struct sink *access;		/* NULL: no access log */
	struct deferred flush_access;	/* writes it at the turn's end */
	struct timer flush_again;	/* what a slow reader left */
	struct losses losses;		/* told of access */
	struct timer tell_again;	/* what was put off */
	struct blocks *arena_blocks;	/* of the exchanges' arenas */
	struct blocks *exchanges;	/* made by the sessions */
	struct codec_limits limits;
	struct codec_shared codec;	/* of the clients' codecs */
	struct fields scratch;
	struct fields answer;		/* of a response head being made */
	struct date date;
	char run[ENV_RUN];		/* sets this worker's life apart */
	uint64_t begun;			/* exchanges */
	bool draining;			/* no new exchange begins */
};

/* access may be NULL; all is borrowed.  NULL on failure, with the reason. */
struct env	*env_new(const struct conf *, struct loop *,
		    struct figures *, size_t worker, struct sink *access,
		    char *why, size_t why_size);

/* "Sun, 06 Nov 1994 08:49:37 GMT", as of now; valid until the next call. */
struct text	 env_date(struct env *);

/* No exchange may be running.  Flushes the access log, and tells its losses. */
void		 env_free(struct env *);

#endif
