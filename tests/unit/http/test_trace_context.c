/*
 * http/trace_context: what is a trace, and what is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "http/trace_context.h"

#define TRACE	"0af7651916cd43dd8448eb211c80319c"
#define PARENT	"b7ad6b7169203331"
#define GOOD	"00-" TRACE "-" PARENT "-01"
#define BOTH	(FIELD_BIT(TRACEPARENT) | FIELD_BIT(TRACESTATE))

#define Z16	"0000000000000000"
#define K60	"k23456789-123456789-123456789-123456789-123456789-123456789-"
#define K240	K60 K60 K60 K60
#define V256	K240 "1234567890123456"
#define T8	"a=1,b=2,c=3,d=4,e=5,f=6,g=7,h=8"
#define T32	T8 "," T8 " , " T8 "," T8

/* The values of the two fields, in their order; NULL: no more of them. */
struct sample {
	const char *parent[2];
	const char *state[2];
	const char *connection;
	uint64_t bad;			/* with it, a part of the complaint */
	const char *fault;
};

static const struct sample samples[] = {
	/* What holds. */
	{ .parent = { GOOD } },
	{ .parent = { "00-" TRACE "-" PARENT "-00" } },
	{ .parent = { "00-" TRACE "-" PARENT "-ff" } },
	{ .parent = { "00-" Z16 "0000000000000001-" PARENT "-01" } },
	{ .parent = { "01-" TRACE "-" PARENT "-01" } },
	{ .parent = { "cc-" TRACE "-" PARENT "-01-what comes later" } },
	{ .parent = { "fe-" TRACE "-" PARENT "-01-" } },
	{ .parent = { GOOD }, .state = { "congo=t61rcWkgMzE" } },
	{ .parent = { GOOD }, .state = { "rojo=1,congo=2", "a=3" } },
	{ .parent = { GOOD }, .state = { "" } },
	{ .parent = { GOOD }, .state = { " ,\t, " } },
	{ .parent = { GOOD }, .state = { "a=1 , \tb=x y!~:;" } },
	{ .parent = { GOOD }, .state = { "a= 1" } },
	{ .parent = { GOOD }, .state = { "a_-*/09=1" } },
	{ .parent = { GOOD }, .state = { "0tenant*/@sys-9=1" } },
	{ .parent = { GOOD }, .state = { "a=1,a=2" } },
	{ .parent = { GOOD }, .state = { T32 } },
	{ .parent = { GOOD }, .state = { T32 ",," } },
	{ .parent = { GOOD }, .state = { K240 "1234567890123456=1" } },
	{ .parent = { GOOD }, .state = { K240 "1@a2345678901234=1" } },
	{ .parent = { GOOD }, .state = { "a=" V256 } },
	{ .parent = { GOOD }, .connection = "close" },

	/* Length. */
	{ .parent = { "" }, .bad = BOTH, .fault = "shorter" },
	{ .parent = { "00" }, .bad = BOTH, .fault = "shorter" },
	{ .parent = { "00-" TRACE "-" PARENT "-0" }, .bad = BOTH,
	    .fault = "shorter" },
	{ .parent = { "01-" TRACE "-" PARENT "-0" }, .bad = BOTH,
	    .fault = "shorter" },
	{ .parent = { GOOD "0" }, .bad = BOTH, .fault = "longer" },
	{ .parent = { GOOD "-" }, .bad = BOTH, .fault = "longer" },
	{ .parent = { GOOD "-x" }, .bad = BOTH, .fault = "longer" },
	{ .parent = { GOOD "," GOOD }, .bad = BOTH, .fault = "longer" },
	{ .parent = { "01-" TRACE "-" PARENT "-010" }, .bad = BOTH,
	    .fault = "more than two" },
	{ .parent = { "01-" TRACE "-" PARENT "-01.x" }, .bad = BOTH,
	    .fault = "more than two" },

	/* Form. */
	{ .parent = { "00-0AF7651916cd43dd8448eb211c80319c-" PARENT "-01" },
	    .bad = BOTH, .fault = "lower-case" },
	{ .parent = { "00-" TRACE "-B7ad6b7169203331-01" }, .bad = BOTH,
	    .fault = "lower-case" },
	{ .parent = { "00-" TRACE "-" PARENT "-0A" }, .bad = BOTH,
	    .fault = "lower-case" },
	{ .parent = { "0A-" TRACE "-" PARENT "-01" }, .bad = BOTH,
	    .fault = "lower-case" },
	{ .parent = { "0g-" TRACE "-" PARENT "-01" }, .bad = BOTH,
	    .fault = "lower-case" },
	{ .parent = { "00_" TRACE "-" PARENT "-01" }, .bad = BOTH,
	    .fault = "lower-case" },
	{ .parent = { "00-" TRACE "_" PARENT "-01" }, .bad = BOTH,
	    .fault = "lower-case" },
	{ .parent = { "00-" TRACE "-" PARENT "_01" }, .bad = BOTH,
	    .fault = "lower-case" },
	{ .parent = { "00-" TRACE "-" PARENT "- 1" }, .bad = BOTH,
	    .fault = "lower-case" },
	{ .parent = { "ff-" TRACE "-" PARENT "-01" }, .bad = BOTH,
	    .fault = "version ff" },
	{ .parent = { "00-" Z16 Z16 "-" PARENT "-01" }, .bad = BOTH,
	    .fault = "trace id" },
	{ .parent = { "00-" TRACE "-" Z16 "-01" }, .bad = BOTH,
	    .fault = "parent id" },
	{ .parent = { "01-" TRACE "-" Z16 "-01-x" }, .bad = BOTH,
	    .fault = "parent id" },

	/* Which of them?  There may be one, though they be equal. */
	{ .parent = { GOOD, GOOD }, .bad = BOTH, .fault = "twice" },
	{ .parent = { GOOD, GOOD }, .state = { "a=1" }, .bad = BOTH,
	    .fault = "twice" },
	{ .parent = { GOOD, "00-" TRACE "-" PARENT "-00" }, .bad = BOTH,
	    .fault = "twice" },
	{ .parent = { GOOD, "" }, .bad = BOTH, .fault = "twice" },
	{ .state = { "a=1" }, .bad = BOTH, .fault = "without" },
	{ .state = { "" }, .bad = BOTH, .fault = "without" },
	{ .parent = { "x" }, .state = { "a=1" }, .bad = BOTH,
	    .fault = "shorter" },
	{ .parent = { GOOD }, .connection = "close, TraceParent",
	    .bad = BOTH, .fault = "Connection" },
	{ .parent = { GOOD }, .state = { "a=1" }, .connection = "tracestate",
	    .bad = FIELD_BIT(TRACESTATE), .fault = "Connection" },

	/* tracestate */
	{ .parent = { GOOD }, .state = { T32 ",i=9" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "32" },
	{ .parent = { GOOD }, .state = { T32, "i=9" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "32" },
	{ .parent = { GOOD }, .state = { "a" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "a=" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "=1" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "a =1" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "a=1=2" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "a=1;b=\x80" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "a=1\t2" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "A=1" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "0a=1" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "a.b=1" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "-a=1" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "@a=1" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "a@=1" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "a@0=1" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "a@b@c=1" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { K240 "12345678901234567=1" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { K240 "12@a=1" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "a@a23456789012345=1" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "a=" V256 "7" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
	{ .parent = { GOOD }, .state = { "a=1", "b" },
	    .bad = FIELD_BIT(TRACESTATE), .fault = "KEY=VALUE" },
};

static void
add(struct fields *list, enum field_id id, const char *value)
{
	if (value != NULL)
		fields_add(list, id, field_name(id), text_of(value));
}

static void
check_ids(const struct trace_context *c, bool valid, const char *parent)
{
	assert_int_equal(c->trace_id.n, valid ? 32 : 0);
	assert_int_equal(c->parent_id.n, valid ? 16 : 0);
	if (!valid)
		return;
	assert_memory_equal(c->trace_id.p, parent + 3, 32);
	assert_memory_equal(c->parent_id.p, parent + 36, 16);
}

static void
check(const struct sample *s)
{
	struct fields list = { .v = NULL };
	struct trace_context c;

	add(&list, FIELD_HOST, "a");
	add(&list, FIELD_CONNECTION, s->connection);
	for (size_t i = 0; i < 2; i++) {
		add(&list, FIELD_TRACESTATE, s->state[i]);
		add(&list, FIELD_TRACEPARENT, s->parent[i]);
	}
	trace_context_read(&list, &c);
	if (s->fault == NULL && c.fault != NULL)
		fail_msg("%s: %s", s->parent[0], c.fault);
	if (s->fault != NULL && (c.fault == NULL ||
	    strstr(c.fault, s->fault) == NULL))
		fail_msg("%s, %s: not %s", s->parent[0], s->state[0],
		    s->fault);
	assert_int_equal(c.bad, s->bad);
	check_ids(&c, (s->bad & FIELD_BIT(TRACEPARENT)) == 0, s->parent[0]);
	fields_release(&list);
}

static void
what_is_malformed_is_told_and_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(samples) / sizeof(*samples); i++)
		check(&samples[i]);
}

static void
without_either_field_nothing_is_told(void **state)
{
	struct fields list = { .v = NULL };
	struct trace_context c;

	(void)state;
	add(&list, FIELD_CONNECTION, "traceparent");
	trace_context_read(&list, &c);
	assert_null(c.fault);
	assert_int_equal(c.bad, 0);
	assert_int_equal(c.trace_id.n, 0);
	fields_release(&list);
}

static void
assert_written(const uint8_t *ids, const char *expected)
{
	char text[TRACE_CONTEXT_TEXT];

	trace_context_write(ids, text);
	assert_memory_equal(text, expected, sizeof(text));
}

static void
one_of_ours_is_version_00_and_sampled(void **state)
{
	uint8_t ids[TRACE_CONTEXT_RANDOM];

	(void)state;
	for (size_t i = 0; i < sizeof(ids); i++)
		ids[i] = (uint8_t)(i * 11);
	assert_written(ids, "00-000b16212c37424d58636e79848f9aa5-"
	    "b0bbc6d1dce7f2fd-01");
	memset(ids, 0, sizeof(ids));
	assert_written(ids, "00-" Z16 "0000000000000001-0000000000000001-01");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_malformed_is_told_and_bad),
		cmocka_unit_test(without_either_field_nothing_is_told),
		cmocka_unit_test(one_of_ours_is_version_00_and_sampled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
