/*
 * Which trace a request belongs to: traceparent and tracestate, as W3C Trace
 * Context has them, level 1 (https://www.w3.org/TR/trace-context-1/).  Pure.
 */
#ifndef HTTP_TRACE_CONTEXT_H
#define HTTP_TRACE_CONTEXT_H

#include <stdint.h>

#include "base/text.h"
#include "http/fields.h"

/* What the two fields of a request say; texts are borrowed from them. */
struct trace_context {
	struct text trace_id;	/* 32 digits; empty: none that is valid */
	struct text parent_id;	/* 16 digits, the caller's span; as trace_id */
	const char *fault;	/* what is malformed, a static text; or NULL */
	uint64_t bad;		/* the fields that must not go on, as bits */
};

/*
 * A malformed traceparent takes tracestate with it; a malformed tracestate, or
 * one without traceparent, is bad alone (sections 3.2.2 and 3.3).  A later
 * version than 00 may have more behind its flags (section 4.3).  Of tracestate
 * are checked the number of members, 32, and the form of each; a key that is
 * there twice makes no difference to us.  A field that Connection names is bad,
 * too, for it goes no further (RFC 9110 section 7.6.1).
 */
void		trace_context_read(const struct fields *,
		    struct trace_context *);

#define TRACE_CONTEXT_RANDOM	24	/* bytes of two ids */
#define TRACE_CONTEXT_TEXT	55

/*
 * A traceparent of version 00 with these ids, and the flag that says sampled.
 * It is not what a NUL ends.
 */
void		trace_context_write(const uint8_t ids[TRACE_CONTEXT_RANDOM],
		    char text[TRACE_CONTEXT_TEXT]);

/* The two ids in a traceparent that is valid. */
struct text	trace_context_trace_id(struct text);
struct text	trace_context_parent_id(struct text);

#endif
