/*
 * Oracles for traces: a valid one goes upstream as it came, a malformed one
 * goes nowhere, one is made where the route says so and only there, and the
 * line tells the one that went upstream.
 */
#include <stdio.h>
#include <string.h>

#include "history.h"
#include "oracle.h"

/* What went upstream, or was told, must be the same every time. */
static void
it_is_made_once(struct request *r, struct text t)
{
	struct trace *trace = &r->trace;

	if (trace->made[0] == '\0')
		(void)snprintf(trace->made, sizeof(trace->made), "%.*s",
		    TEXT_ARG(t));
	must(text_eq(t, text_of(trace->made)), "request %u: two traces are "
	    "made for it", r->number);
}

static bool
one_is_made(const struct request *r)
{
	return !r->trace.is_valid && !r->trace.is_named && r->route->trace;
}

static void
the_parent_is_true(struct request *r, const struct message *m)
{
	struct text t = TEXT("");

	must(message_count(m, "traceparent") ==
	    (r->trace.is_valid || one_is_made(r)), "request %u: %u of "
	    "traceparent", r->number, message_count(m, "traceparent"));
	if (!message_field(m, "traceparent", &t))
		return;
	if (!one_is_made(r)) {
		must(text_eq(t, text_of(r->trace.parent)), "request %u: is of "
		    "trace %.*s, not %s", r->number, TEXT_ARG(t),
		    r->trace.parent);
		return;
	}
	must(trace_may_be_made(t), "request %u: %.*s is made as its trace",
	    r->number, TEXT_ARG(t));
	it_is_made_once(r, t);
}

void
oracle_on_trace(struct request *r, const struct message *m)
{
	struct text t = TEXT("");

	the_parent_is_true(r, m);
	must(message_count(m, "tracestate") == r->trace.state_is_valid,
	    "request %u: %u of tracestate", r->number,
	    message_count(m, "tracestate"));
	must(!message_field(m, "tracestate", &t) ||
	    text_eq(t, text_of(r->trace.state)), "request %u: another "
	    "tracestate", r->number);
}

static void
what_is_told_is_true(struct request *r, const struct line *l)
{
	char id[TRACE_ID] = "", span[TRACE_SPAN] = "", made[TRACE_PARENT];

	if (l->trace_made) {
		(void)snprintf(made, sizeof(made), "00-%s-%s-01", l->trace,
		    l->span);
		must(one_is_made(r) && trace_may_be_made(text_of(made)),
		    "request %u: its line says that a trace is made",
		    r->number);
		it_is_made_once(r, text_of(made));
		return;
	}
	if (r->trace.is_valid)
		trace_ids(r->trace.parent, id, span);
	must(strcmp(l->trace, id) == 0 && strcmp(l->span, span) == 0,
	    "request %u: its line has trace \"%s\" and span \"%s\", not "
	    "\"%s\" and \"%s\"", r->number, l->trace, l->span, id, span);
}

/* One that was not read, or not to its end, is of no trace. */
void
oracle_on_traced(struct request *r, const struct line *l)
{
	if (r->fault != NULL && l->trace[0] == '\0' && !l->trace_dropped)
		return;
	if (l->method[0] == '\0' || l->route[0] == '\0')
		return;
	what_is_told_is_true(r, l);
	must(l->trace_dropped == trace_is_spoilt(&r->trace), "request %u: its "
	    "line says%s that of its trace something is dropped", r->number,
	    l->trace_dropped ? "" : " not");
	must(l->attempts == 0 || l->trace_made == one_is_made(r),
	    "request %u: its line says%s that a trace is made", r->number,
	    l->trace_made ? "" : " not");
}
