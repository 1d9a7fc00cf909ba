/*
 * Unit tests of proxy/reflection.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "proxy/reflection.h"

static struct conf_key
key_of(const char *value)
{
	struct conf_key key = { .value = secret_new(strlen(value)) };

	memcpy(secret_bytes(key.value), value, strlen(value));
	return key;
}

/*
 * Passes body in pieces of size; true with what came out, or false when the
 * key was found.
 */
static bool
pass(const struct conf_key *key, const char *body, size_t size,
    struct buf *out)
{
	struct reflection r;
	size_t n = strlen(body);
	struct text first, second;

	buf_init(out, NULL);
	reflection_start(&r, key);
	for (size_t at = 0; at < n; at += size) {
		struct text piece = { .p = body + at,
		    .n = n - at < size ? n - at : size };

		if (!reflection_pass(&r, piece, &first, &second))
			return false;
		buf_append_text(out, first);
		buf_append_text(out, second);
	}
	buf_append_text(out, reflection_rest(&r));
	return true;
}

/* In pieces of every size: found or not, and what came out. */
static void
check(const char *value, const char *body)
{
	struct conf_key key = key_of(value);
	bool there = strstr(body, value) != NULL;

	for (size_t size = 1; size <= strlen(body) + 1; size++) {
		struct buf out;

		assert_int_equal(pass(&key, body, size, &out), !there);
		if (there)
			assert_false(text_contains(buf_text(&out),
			    text_of(value)));
		else
			assert_true(text_eq(buf_text(&out), text_of(body)));
		buf_release(&out);
	}
	secret_free(key.value);
}

static void
a_body_without_the_key_passes_unchanged(void **state)
{
	(void)state;
	check("essu_abc", "");
	check("essu_abc", "a body without it");
	check("essu_abc", "essu_ab");
	check("essu_abc", "essu_abessu_abessu_ab");
	check("aaaaaaab", "aaaaaaaaaaaaaaaaaaaa");
	check("abababab", "abaabababaababababaaba");
}

static void
a_body_with_the_key_is_stopped_wherever_it_is_cut(void **state)
{
	(void)state;
	check("essu_abc", "essu_abc");
	check("essu_abc", "before essu_abc after");
	check("essu_abc", "essu_essu_abc");
	check("aaaaaaab", "aaaaaaaaaaaaaab");
	check("abababab", "aababababababx");
}

/* Words of two letters, mostly the first: all kinds of overlaps. */
static void
random_bodies_pass_or_stop_as_they_should(void **state)
{
	(void)state;
	srand(1);
	for (int i = 0; i < 3000; i++) {
		char value[12] = "", body[48] = "";
		int v = 8 + rand() % 3, b = rand() % 47;

		for (int k = 0; k < v; k++)
			value[k] = "ab"[rand() % 5 == 0];
		for (int k = 0; k < b; k++)
			body[k] = "ab"[rand() % 5 == 0];
		check(value, body);
	}
}

static void
no_first_part_of_the_key_leaves_before_the_rest_is_known(void **state)
{
	struct conf_key key = key_of("essu_abc");
	struct reflection r;
	struct text first, second;

	(void)state;
	reflection_start(&r, &key);
	assert_true(reflection_pass(&r, TEXT("x essu_a"), &first, &second));
	assert_int_equal(first.n, 0);
	assert_true(text_eq(second, TEXT("x ")));
	assert_false(reflection_pass(&r, TEXT("bc"), &first, &second));
	secret_free(key.value);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_without_the_key_passes_unchanged),
		cmocka_unit_test(
		    a_body_with_the_key_is_stopped_wherever_it_is_cut),
		cmocka_unit_test(random_bodies_pass_or_stop_as_they_should),
		cmocka_unit_test(
		    no_first_part_of_the_key_leaves_before_the_rest_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
