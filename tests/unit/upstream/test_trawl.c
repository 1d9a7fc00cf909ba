/*
 * Unit tests of upstream/trawl.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "upstream/trawl.h"

static uint64_t room[1024];

static struct sieve
sieve_of(const char *text)
{
	struct sieve s;

	assert_true(sieve_room(strlen(text)) <= sizeof(room));
	memset(room, 0, sizeof(room));
	sieve_init(&s, room, strlen(text));
	sieve_add(&s, text_of(text));
	return s;
}

/* How often something is caught, and where first. */
static size_t
catches(const struct sieve *s, struct text t, size_t *first)
{
	struct trawl w;
	struct catch catch;
	size_t n = 0;

	trawl_start(&w, s, t);
	while (trawl_next(&w, &catch)) {
		if (n++ == 0)
			*first = catch.at;
	}
	return n;
}

static void
a_text_is_caught_at_one_of_its_characters(void **state)
{
	static const char plain[] = "abcdefghijkl";
	static const char escaped[] =
	    "%61\\u0062&#99;\\x64&amp;#x65;%2566ghi\\\\\\u006a%6b%6C";
	struct sieve s = sieve_of(plain);
	char body[300];
	size_t first = 0;

	(void)state;
	for (size_t at = 0; at < 200; at++) {
		struct text t = { .p = body, .n = sizeof(body) };

		memset(body, '.', sizeof(body));
		memcpy(body + at, plain, sizeof(plain) - 1);
		assert_int_not_equal(catches(&s, t, &first), 0);
		assert_in_range(first, at, at + 8);
		t.n = at + sizeof(plain) - 1;
		assert_int_not_equal(catches(&s, t, &first), 0);
		memset(body, '.', sizeof(body));
		memcpy(body + at, escaped, sizeof(escaped) - 1);
		t.n = sizeof(body);
		assert_int_not_equal(catches(&s, t, &first), 0);
		assert_in_range(first, at, at + sizeof(escaped) - 10);
		t.n = at + sizeof(escaped) - 1;
		assert_int_not_equal(catches(&s, t, &first), 0);
	}
}

static void
the_middle_of_an_escape_is_no_place(void **state)
{
	struct sieve s = sieve_of("abcdefgh");
	size_t first = 0;

	(void)state;
	assert_true(catches(&s, TEXT("..%61bcdefgh"), &first) > 0);
	assert_int_equal(first, 2);
	assert_true(catches(&s, TEXT("\\\\\\x61bcdefgh"), &first) > 0);
	assert_int_equal(first, 0);
	assert_true(catches(&s, TEXT("%%2561bcdefgh"), &first) > 0);
	assert_int_equal(first, 1);
	/* Neither is what cannot be read. */
	assert_int_equal(catches(&s, TEXT("abcd%6"), &first), 0);
	assert_int_equal(catches(&s, TEXT("abcde\\fgh"), &first), 0);
}

#define FORMS	6

/* A character in one of its forms, or with something behind it. */
static void
put(struct buf *b, char c, size_t form)
{
	switch (form) {
	case 0:
		buf_printf(b, "%c", c);
		break;
	case 1:
		buf_printf(b, "%%%02x", c);
		break;
	case 2:
		buf_printf(b, "\\u%04x", c);
		break;
	case 3:
		buf_printf(b, "&#%d;", c);
		break;
	case 4:
		buf_printf(b, "%c\\/", c);
		break;
	case 5:
		buf_printf(b, "%c\\\"", c);
		break;
	}
}

static void
nearly_nothing_of_other_texts_is_caught(void **state)
{
	struct sieve s = sieve_of("MDEyMzQ1Njc4OWFiY2RlZgAAAAAAAAAB");
	size_t first;

	(void)state;
	srand(1);
	for (size_t form = 0; form < FORMS; form++) {
		struct buf b;

		buf_init(&b, NULL);
		while (buf_len(&b) < 100000)
			put(&b, "MDEyMzQ1Njc4OWFiY2RlZgAB"[rand() % 24],
			    form);
		assert_true(catches(&s, buf_text(&b), &first) < 50);
		buf_release(&b);
	}
}

static void
a_sieve_without_texts_catches_nothing(void **state)
{
	struct sieve s = sieve_of("abcd");
	size_t first;

	(void)state;
	s = sieve_beside(&s);
	assert_int_equal(catches(&s, TEXT("abcdabcd"), &first), 0);
	assert_int_equal(catches(&s, TEXT(""), &first), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_text_is_caught_at_one_of_its_characters),
		cmocka_unit_test(the_middle_of_an_escape_is_no_place),
		cmocka_unit_test(nearly_nothing_of_other_texts_is_caught),
		cmocka_unit_test(a_sieve_without_texts_catches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
