/*
 * Unit tests of upstream/escape.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "upstream/escape.h"

/* Read with something behind it; cut wherever it is cut. */
static void
assert_read(const char *written, char expected)
{
	char behind[64];
	size_t length = strlen(written), n = 0;
	char c = 0;

	assert_true(length <= ESCAPE_MAX);
	snprintf(behind, sizeof(behind), "%s25;", written);
	if (escape_read(text_of(behind), &c, &n) != ESCAPE_READ)
		fail_msg("%s is not read", written);
	assert_int_equal(c, expected);
	assert_int_equal(n, length);
	assert_int_equal(escape_read(text_of(written), &c, &n), ESCAPE_READ);
	for (n = 1; n < length; n++) {
		struct text t = { .p = written, .n = n };

		if (escape_read(t, &c, &n) != ESCAPE_CUT)
			fail_msg("%.*s is not cut", TEXT_ARG(t));
	}
}

static void
assert_none(const char *written)
{
	size_t n = 0;
	char c = 0;

	if (escape_read(text_of(written), &c, &n) != ESCAPE_NONE)
		fail_msg("%s is %c", written, c);
}

static void
a_percent_and_two_digits_are_a_character(void **state)
{
	(void)state;
	assert_read("%2F", '/');
	assert_read("%2f", '/');
	assert_read("%3d", '=');
	assert_read("%61", 'a');
	assert_read("%00", '\0');
	assert_read("%24", '$');
	assert_none("%2G");
	assert_none("%%2F");
	assert_none("% 2F");
	assert_none("2F");
	assert_none("");
}

static void
a_percent_may_be_quoted_itself_twice(void **state)
{
	(void)state;
	assert_read("%252F", '/');
	assert_read("%25252f", '/');
	assert_none("%25 F");
	assert_none("%25252\"");
}

static void
literals_are_read_however_often_they_are_quoted(void **state)
{
	(void)state;
	assert_read("\\/", '/');
	assert_read("\\\\/", '/');
	assert_read("\\\\\\\\\\\\\\/", '/');
	assert_none("\\\\\\\\\\\\\\\\/");
	assert_read("\\u002f", '/');
	assert_read("\\u002F", '/');
	assert_read("\\\\\\u003D", '=');
	assert_read("\\x2b", '+');
	assert_none("\\u012f");
	assert_none("\\U002f");
	assert_none("\\n");
	assert_none("\\\"");
	assert_none("\\u00g0");
}

static void
entities_are_read_by_number_and_by_name(void **state)
{
	(void)state;
	assert_read("&#47;", '/');
	assert_read("&#047;", '/');
	assert_read("&#0000047;", '/');
	assert_read("&#x2F;", '/');
	assert_read("&#X2f;", '/');
	assert_read("&#x000002f;", '/');
	assert_read("&amp;#x000002f;", '/');
	assert_read("&amp;#61;", '=');
	assert_read("&sol;", '/');
	assert_read("&plus;", '+');
	assert_read("&equals;", '=');
	assert_read("&amp;equals;", '=');
	assert_read("&lowbar;", '_');
	assert_read("&period;", '.');
	assert_read("&colon;", ':');
	assert_none("&#00000047;");
	assert_none("&#x0000002f;");
	assert_none("&#47 ");
	assert_none("&#;");
	assert_none("&#x;");
	assert_none("&#2f;");
	assert_none("&#303;");
	assert_none("&amp;amp;#47;");
	assert_none("&amp; ");
	assert_none("&Sol;");
	assert_none("&nbsp;");
}

static void
how_long_one_may_be_is_told_by_two_bytes(void **state)
{
	static const char some[] = "%&\\/#2xu;5amp0F";
	struct text t = { .n = ESCAPE_MAX };
	char text[ESCAPE_MAX], c;
	size_t n;

	(void)state;
	srand(1);
	t.p = text;
	for (int round = 0; round < 2000000; round++) {
		for (size_t i = 0; i < t.n; i++)
			text[i] = some[(size_t)rand() % strlen(some)];
		if (escape_read(t, &c, &n) == ESCAPE_READ)
			assert_in_range(n, 2, escape_bound(text[0], text[1]));
		else if (escape_begins_with(text[0]))
			continue;
		else
			assert_int_equal(escape_bound(text[0], text[1]), 0);
	}
	assert_int_equal(escape_bound('&', 'a'), ESCAPE_MAX);
	assert_int_equal(escape_bound('%', '4'), 3);
	assert_int_equal(escape_bound('\\', '"'), 0);
	assert_int_equal(escape_bound('&', 'q'), 0);
}

static void
assert_ends(const char *text, char expected, size_t length)
{
	char c = '\0';

	assert_int_equal(escape_ending(text_of(text), &c), length);
	if (length != 0)
		assert_int_equal(c, expected);
}

static void
the_end_of_a_text_is_read_backwards(void **state)
{
	(void)state;
	assert_ends("x%41", 'A', 3);
	assert_ends("%2541", 'A', 5);
	assert_ends("%%2541", 'A', 5);
	assert_ends("\\/", '/', 2);
	assert_ends("\\\\\\/", '/', 4);
	assert_ends("\\\\\\\\\\\\\\\\\\/", '/', 8);
	assert_ends("\\/\\u0041", 'A', 6);
	assert_ends("&amp;#x0000041;", 'A', 15);
	assert_ends("&&sol;", '/', 5);
	assert_ends("41", 0, 0);
	assert_ends("%4", 0, 0);
	assert_ends("%41x", 0, 0);
	assert_ends("", 0, 0);
}

static void
one_that_the_end_cuts_is_seen(void **state)
{
	(void)state;
	assert_int_equal(escape_cut(TEXT("x%41")), 4);
	assert_int_equal(escape_cut(TEXT("x%4")), 1);
	assert_int_equal(escape_cut(TEXT("x%")), 1);
	assert_int_equal(escape_cut(TEXT("%41%25")), 3);
	assert_int_equal(escape_cut(TEXT("x\\\\")), 1);
	assert_int_equal(escape_cut(TEXT("&am")), 0);
	assert_int_equal(escape_cut(TEXT("&amp;#x00000")), 0);
	assert_int_equal(escape_cut(TEXT("&ab")), 3);
	assert_int_equal(escape_cut(TEXT("")), 0);
}

static void
a_text_without_their_first_bytes_has_none(void **state)
{
	(void)state;
	assert_false(escape_may_begin(TEXT("")));
	assert_false(escape_may_begin(TEXT("abc\n\"<>")));
	for (unsigned c = 0; c < 256; c++) {
		const char t[2] = { 'x', (char)c };

		assert_int_equal(escape_may_begin((struct text){ t, 2 }),
		    escape_begins_with((char)c));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_percent_and_two_digits_are_a_character),
		cmocka_unit_test(a_percent_may_be_quoted_itself_twice),
		cmocka_unit_test(
		    literals_are_read_however_often_they_are_quoted),
		cmocka_unit_test(entities_are_read_by_number_and_by_name),
		cmocka_unit_test(how_long_one_may_be_is_told_by_two_bytes),
		cmocka_unit_test(the_end_of_a_text_is_read_backwards),
		cmocka_unit_test(one_that_the_end_cuts_is_seen),
		cmocka_unit_test(a_text_without_their_first_bytes_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
