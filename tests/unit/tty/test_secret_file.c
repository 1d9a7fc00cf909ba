/*
 * Secrets out of files, and why they could not be read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tty/secret_file.h"

static char folder[] = "/tmp/sallyport-secret-file.XXXXXX";
static char *path;
static struct reasons why;

static int
make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	path = xasprintf("%s/file", folder);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	free(path);
	return rmdir(folder);
}

static int
forget(void **state)
{
	(void)state;
	reasons_free(&why);
	(void)unlink(path);
	return 0;
}

static void
put(const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static struct secret *
get(enum file_role role, size_t max)
{
	const struct file_request request = { .path = path,
		.kind = FILE_REGULAR, .role = role };

	return secret_file_read(&request, "the key", max, &why);
}

static void
assert_reason(enum reason_kind kind, const char *text)
{
	char *whole = xasprintf("%s: %s", path, text);

	assert_int_equal(why.n, 1);
	assert_int_equal(why.v[0].kind, kind);
	assert_string_equal(why.v[0].text, whole);
	free(whole);
}

static void
all_bytes_of_a_file_are_read(void **state)
{
	struct secret *s;

	(void)state;
	put("abc\n", 0600);
	s = get(FILE_DATA, 4);
	assert_non_null(s);
	assert_true(text_eq(secret_text(s), TEXT("abc\n")));
	assert_int_equal(why.n, 0);
	secret_free(s);
}

static void
a_file_that_is_not_there_is_the_reason(void **state)
{
	(void)state;
	assert_null(get(FILE_DATA, 10));
	assert_reason(REASON_FAILURE, "cannot read the key: No such file or "
	    "directory");
}

static void
more_than_was_allowed_is_refused(void **state)
{
	(void)state;
	put("abcd", 0600);
	assert_null(get(FILE_DATA, 3));
	assert_reason(REASON_FAILURE, "cannot read the key: File too large");
}

static void
what_a_group_may_write_is_read_with_a_warning(void **state)
{
	struct secret *s;

	(void)state;
	put("abc", 0660);
	s = get(FILE_OBEYED, 10);
	assert_non_null(s);
	assert_int_equal(why.n, 1);
	assert_int_equal(why.v[0].kind, REASON_WARNING);
	secret_free(s);
}

static void
what_everybody_may_write_is_not_obeyed(void **state)
{
	(void)state;
	put("abc", 0666);
	assert_null(get(FILE_OBEYED, 10));
	assert_int_equal(why.n, 1);
	assert_int_equal(why.v[0].kind, REASON_FAILURE);
}

static void
a_byte_order_mark_is_taken_off_once(void **state)
{
	struct secret *s;

	(void)state;
	put("\xef\xbb\xbf\xef\xbb\xbfx", 0600);
	s = get(FILE_DATA, 10);
	assert_non_null(s);
	secret_file_skip_mark(s);
	assert_true(text_eq(secret_text(s), TEXT("\xef\xbb\xbfx")));
	secret_file_skip_mark(s);
	secret_file_skip_mark(s);
	assert_true(text_eq(secret_text(s), TEXT("x")));
	secret_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(all_bytes_of_a_file_are_read,
		    forget),
		cmocka_unit_test_teardown(
		    a_file_that_is_not_there_is_the_reason, forget),
		cmocka_unit_test_teardown(more_than_was_allowed_is_refused,
		    forget),
		cmocka_unit_test_teardown(
		    what_a_group_may_write_is_read_with_a_warning, forget),
		cmocka_unit_test_teardown(
		    what_everybody_may_write_is_not_obeyed, forget),
		cmocka_unit_test_teardown(a_byte_order_mark_is_taken_off_once,
		    forget),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
