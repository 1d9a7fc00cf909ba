/*
 * A trace context: lines are the values of traceparent, tracestate and
 * Connection by turns.  What is valid has ids that are not zero, and stays valid
 * when only what may go on is read again, with nothing to tell any more.
 */
#include "fuzz.h"

#include <string.h>

#include "http/trace_context.h"

static const enum field_id ids[] = {
	FIELD_TRACEPARENT, FIELD_TRACESTATE, FIELD_CONNECTION,
};

#define N_IDS	(sizeof(ids) / sizeof(*ids))

static void
check_id(struct text id, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	bool zero = true;

	fuzz_assert(id.n == n);
	for (size_t i = 0; i < n; i++) {
		fuzz_assert(ascii_is_one_of(id.p[i], hex));
		zero = zero && id.p[i] == '0';
	}
	fuzz_assert(!zero);
}

static void
check_rest(const struct fields *all, const struct trace_context *c)
{
	struct fields rest = { .v = NULL };
	struct trace_context again;

	for (size_t i = 0; i < all->n; i++) {
		const struct field *f = &all->v[i];

		if ((UINT64_C(1) << f->id & c->bad) == 0)
			fields_add(&rest, f->id, f->name, f->value);
	}
	trace_context_read(&rest, &again);
	fuzz_assert(again.fault == NULL && again.bad == 0);
	fuzz_assert(text_eq(again.trace_id, c->trace_id));
	fuzz_assert(text_eq(again.parent_id, c->parent_id));
	fields_release(&rest);
}

static void
check_ours(struct text bytes)
{
	uint8_t random[TRACE_CONTEXT_RANDOM] = { 0 };
	char text[TRACE_CONTEXT_TEXT];
	struct field v = {
		.id = FIELD_TRACEPARENT,
		.value = { .p = text, .n = sizeof(text) },
	};
	const struct fields fields = { .v = &v, .n = 1 };
	struct trace_context c;

	memcpy(random, bytes.p,
	    bytes.n < sizeof(random) ? bytes.n : sizeof(random));
	trace_context_write(random, text);
	trace_context_read(&fields, &c);
	fuzz_assert(c.fault == NULL);
	check_id(c.trace_id, 32);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct text all = { .p = (const char *)p, .n = n }, line;
	struct fields fields = { .v = NULL };
	struct trace_context c;

	if (n != 0)
		check_ours(all);
	for (size_t i = 0; i < 100 && n != 0 && text_split(&all, '\n', &line);
	    i++)
		fields_add(&fields, ids[i % N_IDS], field_name(ids[i % N_IDS]),
		    text_trim(line));
	trace_context_read(&fields, &c);
	fuzz_assert((c.fault != NULL) == (c.bad != 0));
	if (c.trace_id.n != 0) {
		check_id(c.trace_id, 32);
		check_id(c.parent_id, 16);
	}
	check_rest(&fields, &c);
	fields_release(&fields);
	return 0;
}
