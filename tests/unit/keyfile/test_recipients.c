/*
 * Recipients as people name them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/alloc.h"
#include "keyfile/recipients.h"
#include "tests/unit/keyfile/box.h"

static struct box box;

static void
a_recipient_is_added_once(void **state)
{
	struct recipients *r = recipients_new();

	(void)state;
	assert_true(recipients_add_word(r, box.recipient, &box.why));
	assert_true(recipients_add_word(r, box.recipient, &box.why));
	assert_int_equal(recipients_count(r), 1);
	assert_true(recipients_has(r, text_of(box.recipient)));
	assert_false(recipients_has(r, TEXT("age1other")));
	assert_int_equal(box.why.n, 0);
	recipients_free(r);
}

static void
an_identity_is_refused_and_not_shown(void **state)
{
	struct recipients *r = recipients_new();

	(void)state;
	assert_false(recipients_add_word(r, "AGE-SECRET-KEY-1QQQQ",
	    &box.why));
	assert_int_equal(box.why.n, 1);
	assert_null(strstr(box.why.v[0].text, "QQQQ"));
	reasons_free(&box.why);
	assert_false(recipients_add_lines(r, "team.txt",
	    TEXT("# us\nage-secret-key-1qqqq\n"), &box.why));
	assert_int_equal(box.why.n, 1);
	assert_memory_equal(box.why.v[0].text, "team.txt:2: this is an "
	    "identity", 31);
	assert_null(strstr(box.why.v[0].text, "qqqq"));
	recipients_free(r);
}

static void
what_is_wrong_with_lines_is_given_by_their_number(void **state)
{
	char *text = xasprintf("%s\n# and\nnobody\n", box.recipient);
	struct recipients *r = recipients_new();

	(void)state;
	assert_false(recipients_add_lines(r, "team.txt", text_of(text),
	    &box.why));
	assert_int_equal(box.why.n, 1);
	assert_memory_equal(box.why.v[0].text, "team.txt:3: ", 12);
	reasons_free(&box.why);
	assert_false(recipients_add_lines(r, "team.txt", TEXT("# none\n"),
	    &box.why));
	box_assert_reason(&box, REASON_FAILURE,
	    "team.txt: holds no recipient");
	recipients_free(r);
	free(text);
}

static void
one_set_is_among_another_if_each_is(void **state)
{
	struct recipients *none = recipients_new();

	(void)state;
	assert_true(recipients_are_among(none, box.own));
	assert_true(recipients_are_among(box.own, box.own));
	assert_false(recipients_are_among(box.own, none));
	recipients_free(none);
}

#define CASE(test) cmocka_unit_test_prestate_setup_teardown(test, box_set_up, \
	box_tear_down, &box)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_recipient_is_added_once),
		CASE(an_identity_is_refused_and_not_shown),
		CASE(what_is_wrong_with_lines_is_given_by_their_number),
		CASE(one_set_is_among_another_if_each_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
