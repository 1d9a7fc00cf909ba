/*
 * Message heads.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/head.h"

static void
a_copy_shares_nothing_with_the_original(void **state)
{
	struct blocks *blocks = blocks_new(4096, 2);
	char text[] = "GET/xhAv";
	struct field field = {
		.id = FIELD_OTHER, .name = { text + 6, 1 },
		.value = { text + 7, 1 }
	};
	struct head h = {
		.kind = HEAD_REQUEST, .version = 11,
		.method = { text, 3 }, .target = { text + 3, 2 },
		.authority = { text + 5, 1 }, .framing = BODY_LENGTH,
		.length = 7, .fields = { .v = &field, .n = 1, .cap = 1 }
	};
	struct arena arena;
	struct head *copy;

	(void)state;
	arena_init(&arena, blocks);
	copy = head_copy(&arena, &h);
	memset(text, '-', sizeof(text));
	memset(&field, 0xff, sizeof(field));
	assert_true(text_eq(copy->method, TEXT("GET")));
	assert_true(text_eq(copy->target, TEXT("/x")));
	assert_true(text_eq(copy->authority, TEXT("h")));
	assert_int_equal(copy->length, 7);
	assert_int_equal(copy->fields.n, 1);
	assert_true(text_eq(copy->fields.v[0].name, TEXT("A")));
	assert_true(text_eq(copy->fields.v[0].value, TEXT("v")));
	arena_release(&arena);
	blocks_free(blocks);
}

static void
an_empty_head_can_be_copied(void **state)
{
	struct blocks *blocks = blocks_new(4096, 2);
	struct head h = { .kind = HEAD_TRAILERS };
	struct arena arena;

	(void)state;
	arena_init(&arena, blocks);
	assert_int_equal(head_copy(&arena, &h)->fields.n, 0);
	arena_release(&arena);
	blocks_free(blocks);
}

static void
methods_are_idempotent_as_registered_and_in_their_case(void **state)
{
	static const char *const yes[] = {
		"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"
	};
	static const char *const no[] = {
		"POST", "PATCH", "CONNECT", "get", "GETS", "", "PROPFIND"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		assert_true(method_is_idempotent(text_of(yes[i])));
	for (size_t i = 0; i < sizeof(no) / sizeof(no[0]); i++)
		assert_false(method_is_idempotent(text_of(no[i])));
}

static void
reasons_are_those_registered(void **state)
{
	(void)state;
	assert_string_equal(status_reason(100), "Continue");
	assert_string_equal(status_reason(200), "OK");
	assert_string_equal(status_reason(421), "Misdirected Request");
	assert_string_equal(status_reason(511),
	    "Network Authentication Required");
	assert_string_equal(status_reason(299), "");
	assert_string_equal(status_reason(0), "");
	assert_string_equal(status_reason(999), "");
}

static bool
expects(uint8_t version, enum field_id id, const char *value)
{
	struct field field = {
		.id = id, .name = TEXT("Expect"), .value = text_of(value),
	};
	struct head h = {
		.kind = HEAD_REQUEST, .version = version,
		.fields = { .v = &field, .n = 1, .cap = 1 },
	};

	return head_expects_continue(&h);
}

static void
a_client_expects_100_where_it_says_so(void **state)
{
	(void)state;
	assert_true(expects(11, FIELD_EXPECT, "100-continue"));
	assert_true(expects(20, FIELD_EXPECT, "100-CONTINUE"));
	assert_false(expects(10, FIELD_EXPECT, "100-continue"));
	assert_false(expects(11, FIELD_EXPECT, "miracles"));
	assert_false(expects(11, FIELD_OTHER, "100-continue"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_shares_nothing_with_the_original),
		cmocka_unit_test(an_empty_head_can_be_copied),
		cmocka_unit_test(
		    methods_are_idempotent_as_registered_and_in_their_case),
		cmocka_unit_test(reasons_are_those_registered),
		cmocka_unit_test(a_client_expects_100_where_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
