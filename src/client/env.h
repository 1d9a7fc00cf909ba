/*
 * What the sessions and exchanges of a worker share: configuration, loop,
 * stats, the access log, memory.  It knows nothing of upstreams and keys,
 * which are forward's.
 */
#ifndef CLIENT_ENV_H
#define CLIENT_ENV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blocks.h"
#include "base/clock.h"
#include "base/sink.h"
#include "client/access_writer.h"
#include "conf/conf.h"
#include "http/codec.h"
#include "net/loop.h"
#include "stats/stats.h"

struct tls_servers;

/* The Date of answers of our own, written once a second. */
struct date {
	int64_t second;			/* of the wall clock; 0: none yet */
	char text[CLOCK_HTTP_TEXT];
};

/* How long the worker goes on. */
enum env_phase {
	ENV_SERVING,
	ENV_RETIRING,			/* others have taken over: requests are
					   served, and each response says
					   "close" */
	ENV_STOPPING,			/* no new exchange begins */
};

struct env {
	const struct conf *conf;
	struct loop *loop;
	struct stats *stats;		/* counts what happens */
	struct tls_servers *tls;	/* of the listeners; NULL: none speaks
					   TLS; set by the worker, whose it
					   is */
	struct access_writer *access;	/* NULL: no access log */
	struct blocks *arena_blocks;	/* of the exchanges' arenas */
	struct blocks *exchanges;	/* made by the sessions */
	struct codec_limits limits;
	struct codec_shared codec;	/* of the clients' codecs */
	struct fields scratch;
	struct fields answer;		/* of a response head being made */
	struct date date;
	char run[RECORD_RUN];		/* tells this run of a worker from
					   others */
	uint64_t begun;			/* exchanges */
	uint32_t uid;			/* our own user's; once confined, a
					   process cannot ask for it */
	enum env_phase phase;		/* set by the sessions */
};

/* All is borrowed; access may be NULL. */
struct env	*env_new(const struct conf *, struct loop *,
		    struct stats *, struct sink *access);

/* "Sun, 06 Nov 1994 08:49:37 GMT", as of now; valid until the next call. */
struct text	 env_date(struct env *);

/* It is root's or our own user's, who come before others. */
bool		 env_is_ours(const struct env *, uint32_t uid);

/* No exchange may be running.  Ends the access log.  NULL is fine. */
void		 env_free(struct env *);

#endif
