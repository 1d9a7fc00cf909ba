/*
 * What a request says of its trace: traceparent and tracestate, some of them
 * malformed; and what it may say of it upstream.  This knows W3C Trace Context
 * by examples only, of which it is known whether they are valid.
 */
#ifndef TESTS_SIM_TRACE_H
#define TESTS_SIM_TRACE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/text.h"

#define TRACE_PARENT	64
#define TRACE_ID	33
#define TRACE_SPAN	17

struct trace {
	char parent[TRACE_PARENT];	/* "": none */
	const char *state;		/* NULL: none */
	bool is_valid;			/* the parent */
	bool state_is_valid;
	bool is_named;			/* by Connection: it is not passed on */
	char made[TRACE_PARENT];	/* by sallyport, as it was first seen */
};

/* Left to chance; requests have different numbers. */
void	trace_choose(struct trace *, unsigned number);

/* Appends the fields. */
void	trace_say(const struct trace *, struct buf *);

/* Whether anything of it must be dropped. */
bool	trace_is_spoilt(const struct trace *);

/* Whether a traceparent has the form of one that sallyport makes. */
bool	trace_may_be_made(struct text);

/* The ids in a traceparent. */
void	trace_ids(const char *parent, char id[TRACE_ID],
	    char span[TRACE_SPAN]);

#endif
