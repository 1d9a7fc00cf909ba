/*
 * Arenas.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdalign.h>
#include <string.h>

#include "base/arena.h"

#define BLOCK	256

static struct blocks *blocks;
static struct arena arena;

static int
set_up(void **state)
{
	(void)state;
	blocks = blocks_new(BLOCK, 2);
	arena_init(&arena, blocks);
	return 0;
}

/* blocks_free() asserts that every block came back. */
static int
tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	blocks_free(blocks);
	return 0;
}

static void
pieces_are_aligned_and_do_not_overlap(void **state)
{
	uint8_t *p[300];

	(void)state;
	for (size_t i = 0; i < 300; i++) {
		p[i] = arena_alloc(&arena, i);
		assert_int_equal((uintptr_t)p[i] % alignof(max_align_t), 0);
		memset(p[i], (int)(i & 0xff), i);
	}
	for (size_t i = 0; i < 300; i++) {
		for (size_t k = 0; k < i; k++)
			assert_int_equal(p[i][k], i & 0xff);
	}
}

static void
zeroed_pieces_are_zero_in_memory_used_before(void **state)
{
	uint8_t *p;

	(void)state;
	memset(arena_alloc(&arena, 100), 0xff, 100);
	arena_release(&arena);
	p = arena_zalloc(&arena, 100);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(p[i], 0);
}

static void
texts_are_copied(void **state)
{
	char from[] = "hello";
	struct text copy = arena_text(&arena, text_of(from));
	const char *s = arena_cstr(&arena, (struct text){ from, 4 });

	(void)state;
	memset(from, '-', 5);
	assert_true(text_eq(copy, TEXT("hello")));
	assert_string_equal(s, "hell");
	assert_int_equal(arena_text(&arena, TEXT("")).n, 0);
	assert_string_equal(arena_cstr(&arena, TEXT("")), "");
}

static void
a_released_arena_can_be_used_again(void **state)
{
	(void)state;
	for (int i = 0; i < 10; i++) {
		arena_alloc(&arena, 10);
		arena_alloc(&arena, 10 * BLOCK);
		arena_release(&arena);
	}
	arena_release(&arena);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pieces_are_aligned_and_do_not_overlap),
		TEST(zeroed_pieces_are_zero_in_memory_used_before),
		TEST(texts_are_copied),
		TEST(a_released_arena_can_be_used_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
