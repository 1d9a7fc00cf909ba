/*
 * client/tracing: which fields go upstream, and what the record says of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "client/tracing.h"
#include "http/trace_context.h"

#define GOOD	"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

struct world {
	struct blocks *blocks;
	struct arena arena;
	struct record record;
	struct head head;
};

static int
set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	w->blocks = blocks_new(4096, 1);
	arena_init(&w->arena, w->blocks);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	arena_release(&w->arena);
	blocks_free(w->blocks);
	free(w);
	return 0;
}

static void
add(struct fields *list, enum field_id id, const char *value)
{
	fields_add(list, id, field_name(id), text_of(value));
}

/* The names and values that go on, of a request with these fields. */
static void
assert_sent(struct world *w, struct fields *from, bool make,
    const char *const *expected, size_t n)
{
	uint64_t barred = tracing_read(from, &w->record);

	w->head.fields = *from;
	tracing_apply(barred, make, &w->arena, &w->record, &w->head);
	assert_int_equal(w->head.fields.n, n);
	for (size_t i = 0; i < n; i++)
		assert_true(text_eq(w->head.fields.v[i].value,
		    text_of(expected[i])));
	fields_release(from);
}

#define ASSERT_SENT(w, from, make, ...) do {				\
	static const char *const expected[] = { __VA_ARGS__ };		\
									\
	assert_sent(w, from, make, expected,				\
	    sizeof(expected) / sizeof(*expected));			\
} while (0)

static void
a_valid_one_passes_whatever_the_route_says(void **state)
{
	struct world *w = *state;
	struct fields list = { .v = NULL };

	add(&list, FIELD_TRACESTATE, "a=1");
	add(&list, FIELD_HOST, "h");
	add(&list, FIELD_TRACEPARENT, GOOD);
	ASSERT_SENT(w, &list, true, "a=1", "h", GOOD);
	assert_memory_equal(w->record.trace_id.p, &GOOD[3], 32);
	assert_memory_equal(w->record.span_id.p, &GOOD[36], 16);
	assert_null(w->record.trace_dropped);
	assert_false(w->record.trace_made);
}

static void
a_malformed_one_is_left_out_with_its_state(void **state)
{
	struct world *w = *state;
	struct fields list = { .v = NULL };

	add(&list, FIELD_TRACESTATE, "a=1");
	add(&list, FIELD_HOST, "h");
	add(&list, FIELD_TRACEPARENT, "x");
	ASSERT_SENT(w, &list, false, "h");
	assert_int_equal(w->record.trace_id.n, 0);
	assert_int_equal(w->record.span_id.n, 0);
	assert_non_null(w->record.trace_dropped);
	assert_false(w->record.trace_made);
}

/* The last field that goes on is what the record has. */
static void
assert_made(struct world *w, size_t n)
{
	const struct field *f;
	struct trace_context c;

	assert_int_equal(w->head.fields.n, n);
	f = &w->head.fields.v[n - 1];
	assert_int_equal(f->id, FIELD_TRACEPARENT);
	trace_context_read(&w->head.fields, &c);
	assert_null(c.fault);
	assert_true(text_eq(c.trace_id, w->record.trace_id));
	assert_true(text_eq(c.parent_id, w->record.span_id));
	assert_true(w->record.trace_made);
}

static void
where_there_is_none_or_a_malformed_one_the_route_makes_one(void **state)
{
	struct world *w = *state;
	struct fields list = { .v = NULL };
	struct text first;

	add(&list, FIELD_HOST, "h");
	w->head.fields = list;
	tracing_apply(tracing_read(&list, &w->record), true, &w->arena,
	    &w->record, &w->head);
	assert_made(w, 2);
	first = w->record.trace_id;
	add(&list, FIELD_TRACESTATE, "a=1");
	w->head.fields = list;
	tracing_apply(tracing_read(&list, &w->record), true, &w->arena,
	    &w->record, &w->head);
	assert_made(w, 2);
	assert_non_null(w->record.trace_dropped);
	assert_false(text_eq(first, w->record.trace_id));
	fields_release(&list);
}

static void
none_is_made_that_the_connection_would_keep(void **state)
{
	struct world *w = *state;
	struct fields list = { .v = NULL };

	add(&list, FIELD_CONNECTION, "traceparent");
	ASSERT_SENT(w, &list, true, "traceparent");
	assert_false(w->record.trace_made);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    a_valid_one_passes_whatever_the_route_says,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    a_malformed_one_is_left_out_with_its_state,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    where_there_is_none_or_a_malformed_one_the_route_makes_one,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    none_is_made_that_the_connection_would_keep,
		    set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
