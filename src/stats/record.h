/*
 * The facts of one exchange, written where they are learnt while it runs, and
 * logged as one line when it ends.  Plain data; texts are borrowed from the
 * exchange's arena or from the configuration.
 */
#ifndef STATS_RECORD_H
#define STATS_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"
#include "policy/fault.h"
#include "policy/principal.h"

/* Replaces a text in which a client wrote a secret, or a part of one. */
#define RECORD_WITHHELD	"(withheld)"

/* The name of a worker's run: 64 bits, hexadecimal, and NUL. */
#define RECORD_RUN	17

struct record {
	int64_t began_wall_ns;
	int64_t began_ns;		/* monotonic */
	int64_t ended_ns;
	int64_t upstream_began_ns;	/* the last attempt's request was sent;
					   0: never */
	int64_t upstream_head_ns;	/* its response head came; 0: never */

	/* The request; empty texts where none could be read. */
	struct text method;
	struct text target;
	struct text user_agent;
	struct text request_id;		/* X-Request-Id of the client */
	struct text trace_id, span_id;	/* of the traceparent that goes on; the
					   span is the caller's */
	bool trace_made;		/* that one is ours */
	const char *trace_dropped;	/* what was malformed of the client's
					   and does not go on; or NULL */
	const char *run;		/* RECORD_RUN bytes: with serial, names
					   a request that its client did not
					   name; or NULL */
	uint64_t serial;		/* of its worker, from 1 */
	uint8_t version;		/* 10, 11, 20 or 0 */
	uint64_t request_bytes;		/* of the body, received */

	/* The response, as the client got it. */
	unsigned status;		/* 0: none was sent */
	uint64_t response_bytes;	/* of the body, passed on */

	const struct principal *principal;
	const char *listener;
	const char *route;		/* NULL where none was chosen */
	const char *key;		/* the key's name */
	const char *upstream;
	enum fault fault;
	const char *detail;		/* of the fault, or NULL */
	unsigned retry_s;		/* when the client may try again, in
					   seconds; 0: not known */
	unsigned attempts;		/* requests sent upstream */
	bool reused;			/* the last, on a used connection */
	struct text upstream_request_id;	/* that the response named */

	bool expiry_told;		/* the response had the expiry field */
	bool expiry_read;		/* and it could be read */
	int64_t expires;		/* seconds since 1970 */
	struct text expires_raw;

	/* What most likely happened where the upstream refused the request. */
	const char *diagnosis;
	const char *refused_key;	/* the name of the key that was tried
					   first; NULL: it was not refused */

	/* Some text above holds a key or a token: no text may be shown. */
	bool shows_secret;
};

/* The name that the text of the fault refers to; NULL where none was chosen. */
static inline const char *
record_subject(const struct record *r)
{
	return r->fault == FAULT_KEY_UNAVAILABLE ||
	    r->fault == FAULT_RATE_LIMITED ? r->route : r->upstream;
}

#endif
