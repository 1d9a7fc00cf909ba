/*
 * Buffers, and the blocks they live in.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"

#define BLOCK	64

static struct blocks *blocks;
static struct buf buf;

static int
set_up(void **state)
{
	(void)state;
	blocks = blocks_new(BLOCK, 2);
	buf_init(&buf, blocks);
	return 0;
}

/* blocks_free() asserts that every block came back. */
static int
tear_down(void **state)
{
	(void)state;
	buf_release(&buf);
	blocks_free(blocks);
	return 0;
}

static void
bytes_come_out_in_the_order_they_went_in(void **state)
{
	uint8_t next = 0, want = 0;

	(void)state;
	for (size_t round = 0; round < 2000; round++) {
		size_t in = round * 7 % 50, out = round * 11 % 49;

		for (size_t i = 0; i < in; i++, next++)
			buf_append(&buf, &next, 1);
		if (out > buf_len(&buf))
			out = buf_len(&buf);
		for (size_t i = 0; i < out; i++)
			assert_int_equal(buf_data(&buf)[i], want++);
		buf_consume(&buf, out);
	}
}

static void
an_empty_buffer_holds_no_memory(void **state)
{
	(void)state;
	assert_null(buf.base);
	assert_int_equal(buf_text(&buf).n, 0);
	assert_non_null(buf_text(&buf).p);
	buf_append_text(&buf, TEXT("abc"));
	assert_non_null(buf.base);
	buf_consume(&buf, 2);
	assert_true(text_eq(buf_text(&buf), TEXT("c")));
	buf_consume(&buf, 1);
	assert_null(buf.base);
	buf_consume(&buf, 0);
}

static void
room_that_was_reserved_is_there_whatever_its_size(void **state)
{
	static const size_t sizes[] = { 1, 63, 64, 65, 128, 129, 100000 };

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		buf_append_text(&buf, TEXT("ab"));
		buf_consume(&buf, 1);
		memset(buf_reserve(&buf, sizes[i]), 'x', sizes[i]);
		buf_commit(&buf, sizes[i]);
		assert_int_equal(buf_len(&buf), sizes[i] + 1);
		assert_int_equal(buf_data(&buf)[0], 'b');
		assert_int_equal(buf_data(&buf)[sizes[i]], 'x');
		buf_release(&buf);
	}
}

static void
numbers_and_formats_are_written(void **state)
{
	char long_text[600];

	(void)state;
	buf_append_u64(&buf, 0);
	buf_append_text(&buf, TEXT(" "));
	buf_append_u64(&buf, UINT64_MAX);
	buf_printf(&buf, " %s%d", "x", -5);
	assert_true(text_eq(buf_text(&buf),
	    TEXT("0 18446744073709551615 x-5")));
	buf_release(&buf);
	memset(long_text, 'y', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	buf_printf(&buf, "%s", long_text);
	assert_true(text_eq(buf_text(&buf), text_of(long_text)));
}

static void
what_is_consumed_can_be_overwritten(void **state)
{
	const uint8_t *p;

	(void)state;
	buf_append_text(&buf, TEXT("secret and more"));
	p = buf_data(&buf);
	buf_consume_wipe(&buf, 6);
	for (size_t i = 0; i < 6; i++)
		assert_int_equal(p[i], 0);
	assert_true(text_eq(buf_text(&buf), TEXT(" and more")));
	buf_consume_wipe(&buf, 9);
	buf_consume_wipe(&buf, 0);
	assert_null(buf.base);
}

static void
a_buffer_needs_no_blocks(void **state)
{
	struct buf own;

	(void)state;
	buf_init(&own, NULL);
	for (int i = 0; i < 1000; i++)
		buf_append_text(&own, TEXT("0123456789"));
	assert_int_equal(buf_len(&own), 10000);
	buf_consume(&own, 10000);
	assert_null(own.base);
	buf_release(&own);
}

static void
blocks_are_used_again(void **state)
{
	void *a, *b;

	(void)state;
	assert_int_equal(blocks_size(blocks), BLOCK);
	a = blocks_take(blocks);
	blocks_give(blocks, a);
	b = blocks_take(blocks);
	assert_ptr_equal(a, b);
	blocks_give(blocks, b);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bytes_come_out_in_the_order_they_went_in),
		TEST(an_empty_buffer_holds_no_memory),
		TEST(room_that_was_reserved_is_there_whatever_its_size),
		TEST(numbers_and_formats_are_written),
		TEST(what_is_consumed_can_be_overwritten),
		TEST(a_buffer_needs_no_blocks),
		TEST(blocks_are_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
