/*
 * Unit tests of proxy/escape.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proxy/escape.h"

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

/* Of every length, so that blocks end everywhere. */
static void
a_walk_stops_wherever_one_begins(void **state)
{
	static const char some[] = "%&\\/#2u;";
	struct escape_walk w;
	const char *p, *next;
	size_t length;
	char text[80], c;

	(void)state;
	srand(1);
	for (size_t n = 0; n < 4 * sizeof(text); n++) {
		struct text t = { .p = text, .n = n % sizeof(text) };

		for (size_t i = 0; i < t.n; i++)
			text[i] = some[(size_t)rand() % strlen(some)];
		escape_walk_start(&w, t);
		next = escape_walk_next(&w);
		for (p = text; p < text + t.n; p++) {
			struct text rest = text_range(p, text + t.n);

			if (next == p)
				next = escape_walk_next(&w);
			else
				assert_int_equal(escape_read(rest, &c,
				    &length), ESCAPE_NONE);
		}
		assert_null(next);
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
		cmocka_unit_test(a_walk_stops_wherever_one_begins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
