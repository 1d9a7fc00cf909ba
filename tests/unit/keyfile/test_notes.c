/*
 * Lines about recipients at the end of a text: written once, read back, taken
 * off again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "keyfile/notes.h"
static char *
to_string(struct secret *s)
{
	char *text = xstrndup((const char *)secret_read(s), secret_len(s));

	secret_free(s);
	return text;
}

static void
recipients_are_remembered_at_the_end(void **state)
{
	static const char *const to[] = { "age1one", "age1two" };
	struct text lines, body, r;
	char *text;

	(void)state;
	text = to_string(notes_write(TEXT("keys = ();"), to, 2));
	body = notes_split(text_of(text), &lines);
	assert_true(text_eq(body, TEXT("keys = ();\n")));
	assert_true(notes_next(&lines, &r));
	assert_true(text_eq(r, TEXT("age1one")));
	assert_true(notes_next(&lines, &r));
	assert_true(text_eq(r, TEXT("age1two")));
	assert_false(notes_next(&lines, &r));
	free(text);
}

static void
remembering_twice_leaves_one_list(void **state)
{
	static const char *const to[] = { "age1one" };
	struct text lines;
	char *once, *twice;

	(void)state;
	once = to_string(notes_write(TEXT("a = 1;\n"), to, 1));
	twice = to_string(notes_write(
	    notes_split(text_of(once), &lines), to, 1));
	assert_string_equal(once, twice);
	free(once);
	free(twice);
}

static void
a_text_without_recipients_is_all_body(void **state)
{
	const struct text t = TEXT("# recipient: age1not\nkeys = ();\n");
	struct text lines, r;

	(void)state;
	assert_true(text_eq(notes_split(t, &lines), t));
	assert_int_equal(lines.n, 0);
	assert_false(notes_next(&lines, &r));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipients_are_remembered_at_the_end),
		cmocka_unit_test(remembering_twice_leaves_one_list),
		cmocka_unit_test(a_text_without_recipients_is_all_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
