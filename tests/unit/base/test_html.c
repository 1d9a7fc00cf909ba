/*
 * Text within HTML.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/html.h"

static bool
becomes(struct text t, const char *expected)
{
	struct buf b;
	bool same;

	buf_init(&b, NULL);
	html_escape(&b, t);
	same = text_eq(buf_text(&b), text_of(expected));
	buf_release(&b);
	return same;
}

static void
markup_becomes_text(void **state)
{
	(void)state;
	assert_true(becomes(TEXT(""), ""));
	assert_true(becomes(TEXT("team-a"), "team-a"));
	assert_true(becomes(TEXT("<b>"), "&lt;b&gt;"));
	assert_true(becomes(TEXT("a\"b'c"), "a&quot;b&#39;c"));
	assert_true(becomes(TEXT("&lt;"), "&amp;lt;"));
	assert_true(becomes(TEXT("</script>"), "&lt;/script&gt;"));
}

static void
controls_are_replaced_and_other_letters_stay(void **state)
{
	(void)state;
	assert_true(becomes(TEXT("a\0b"), "a\xef\xbf\xbd" "b"));
	assert_true(becomes(TEXT("\x1b\x7f"), "\xef\xbf\xbd\xef\xbf\xbd"));
	assert_true(becomes(TEXT("a\tb\nc"), "a\tb\nc"));
	assert_true(becomes(TEXT("\xc3\xa9"), "\xc3\xa9"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(markup_becomes_text),
		cmocka_unit_test(controls_are_replaced_and_other_letters_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
