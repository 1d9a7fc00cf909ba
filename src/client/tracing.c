/*
 * Traces of requests; see tracing.h.
 */
#include "client/tracing.h"

#include <sys/random.h>

#include "http/trace_context.h"

uint64_t
tracing_read(const struct fields *fields, struct record *r)
{
	struct trace_context c;

	trace_context_read(fields, &c);
	r->trace_id = c.trace_id;
	r->span_id = c.parent_id;
	r->trace_dropped = c.fault;
	return c.bad;
}

/* Of ours; an empty text where there can be none. */
static struct text
make_parent(const struct fields *fields, struct arena *arena)
{
	uint8_t ids[TRACE_CONTEXT_RANDOM];
	char *text;

	if (fields_have_token(fields, FIELD_CONNECTION, TEXT("traceparent")) ||
	    getrandom(ids, sizeof(ids), GRND_NONBLOCK) != sizeof(ids))
		return TEXT("");
	text = arena_alloc(arena, TRACE_CONTEXT_TEXT);
	trace_context_write(ids, text);
	return (struct text){ .p = text, .n = TRACE_CONTEXT_TEXT };
}

/* The list, without barred ones, in memory that has room for one more. */
static struct fields
copy_fields(const struct fields *from, uint64_t barred, struct arena *arena)
{
	struct fields to = {
		.v = arena_alloc(arena, (from->n + 1) * sizeof(*to.v)),
		.cap = from->n + 1,
	};

	for (size_t i = 0; i < from->n; i++) {
		if ((UINT64_C(1) << from->v[i].id & barred) == 0)
			to.v[to.n++] = from->v[i];
	}
	return to;
}

void
tracing_apply(uint64_t barred, bool make, struct arena *arena,
    struct record *r, struct head *head)
{
	struct text parent = make && r->trace_id.n == 0 ?
	    make_parent(&head->fields, arena) : TEXT("");

	if (barred == 0 && parent.n == 0)
		return;
	head->fields = copy_fields(&head->fields, barred, arena);
	if (parent.n == 0)
		return;
	fields_add(&head->fields, FIELD_TRACEPARENT, TEXT("traceparent"),
	    parent);
	r->trace_id = trace_context_trace_id(parent);
	r->span_id = trace_context_parent_id(parent);
	r->trace_made = true;
}
