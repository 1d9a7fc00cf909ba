/*
 * What reading a configuration leaves in memory of a key that stood in the
 * wrong file: nothing.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/write.h"
#include "conf/conf.h"
#include "../../lib/asan.h"
#include "../../lib/needle.h"

#ifndef UNDER_ASAN
#define VALUE	48

/* A value that is another in every run, and nowhere but in the file. */
static void
write_with_value(const char *path, const char *before, const char *behind,
    struct needle *needle)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	char value[VALUE];

	assert_true(fd >= 0);
	for (int i = 0; i < VALUE; i++)
		value[i] = (char)('a' + random() % 26);
	needle_make(needle, (const uint8_t *)value, VALUE);
	assert_true(write_all(fd, before, strlen(before)));
	assert_true(write_all(fd, value, VALUE));
	assert_true(write_all(fd, behind, strlen(behind)));
	explicit_bzero(value, sizeof(value));
	assert_int_equal(close(fd), 0);
}

static void
leaves_nothing(const char *before, const char *behind)
{
	char folder[] = "/tmp/sallyport-conf.XXXXXX", *path;
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct needle needle;

	assert_non_null(mkdtemp(folder));
	path = xasprintf("%s/c", folder);
	write_with_value(path, before, behind, &needle);
	assert_null(conf_load(path, NULL, &diagnostics));
	assert_true(diagnostics.n_errors != 0);
	conf_diagnostics_free(&diagnostics);
	unlink(path);
	rmdir(folder);
	free(path);
	if (needle_count(&needle) != 0)
		fail_msg("left behind: what stood behind %s", before);
}
#endif

static void
a_key_in_a_plain_file_is_not_left_behind(void **state)
{
	(void)state;
#ifdef UNDER_ASAN
	print_message("skipped: AddressSanitizer keeps freed memory\n");
	skip();
#else
	leaves_nothing("keys = ( { name = \"a\"; value = \"",
	    "\"; hosts = [ \"a.example\" ]; } );\n");
	leaves_nothing("workers = \"", "\";\n");
	leaves_nothing("unknown = ( \"", "\" );\n");
	leaves_nothing("routes = ( { name = \"r\"; keys = [ \"",
	    "\" ]; } );\n");
	leaves_nothing("a = \"", "\"; b = = 1;\n");
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_in_a_plain_file_is_not_left_behind),
	};

	srandom((unsigned)getpid());
	return cmocka_run_group_tests(tests, NULL, NULL);
}
