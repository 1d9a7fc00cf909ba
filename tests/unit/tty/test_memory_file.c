/*
 * Files in memory: the text is there, and later it is nowhere.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "tty/memory_file.h"

static struct reasons why;

static struct memory_file *
make(void)
{
	struct memory_file *f = memory_file_new("keys.conf", TEXT("key"),
	    &why);

	if (f == NULL)
		skip();		/* there is no tmpfs that is ours */
	return f;
}

static void
put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(close(fd), 0);
}

static void
what_an_editor_wrote_is_read(void **state)
{
	struct memory_file *f = make();
	struct secret *s;

	(void)state;
	s = memory_file_read(f, 100, &why);
	assert_true(text_eq(secret_text(s), TEXT("key")));
	secret_free(s);
	put(memory_file_path(f), "another");
	s = memory_file_read(f, 100, &why);
	assert_true(text_eq(secret_text(s), TEXT("another")));
	secret_free(s);
	assert_int_equal(why.n, 0);
	memory_file_free(f);
}

static void
what_is_too_large_is_the_reason(void **state)
{
	struct memory_file *f = make();

	(void)state;
	assert_null(memory_file_read(f, 2, &why));
	assert_int_equal(why.n, 1);
	assert_int_equal(why.v[0].kind, REASON_FAILURE);
	assert_non_null(strstr(why.v[0].text, "cannot read the text"));
	reasons_free(&why);
	memory_file_free(f);
}

static void
only_its_owner_can_enter_the_folder(void **state)
{
	struct memory_file *f = make();
	char *path = xstrdup(memory_file_path(f));
	struct stat st;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(dirname(path), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	free(path);
	memory_file_free(f);
}

static void
what_an_editor_left_beside_it_goes_with_it(void **state)
{
	struct memory_file *f = make();
	char *backup = xasprintf("%s~", memory_file_path(f)), *folder;
	struct stat st;

	(void)state;
	put(backup, "old");
	memory_file_free(f);
	assert_int_equal(stat(backup, &st), -1);
	folder = dirname(backup);
	assert_int_equal(stat(folder, &st), -1);
	free(backup);
}

static void
another_one_leaves_one_in_use_alone(void **state)
{
	struct memory_file *f = make(), *g = make();
	struct secret *s = memory_file_read(f, 100, &why);

	(void)state;
	assert_non_null(s);
	secret_free(s);
	memory_file_free(g);
	memory_file_free(f);
}

static void
what_a_killed_process_left_is_swept(void **state)
{
	struct memory_file *f = make(), *g;
	char *path = xstrdup(memory_file_path(f)), *folder, *left;
	struct stat st;

	(void)state;
	folder = dirname(path);
	memory_file_free(f);
	/* Its name, and nobody has it locked. */
	assert_int_equal(mkdir(folder, 0700), 0);
	left = xasprintf("%s/keys.conf", folder);
	put(left, "key");
	g = make();
	assert_int_equal(stat(left, &st), -1);
	memory_file_free(g);
	free(left);
	free(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_an_editor_wrote_is_read),
		cmocka_unit_test(what_is_too_large_is_the_reason),
		cmocka_unit_test(only_its_owner_can_enter_the_folder),
		cmocka_unit_test(what_an_editor_left_beside_it_goes_with_it),
		cmocka_unit_test(another_one_leaves_one_in_use_alone),
		cmocka_unit_test(what_a_killed_process_left_is_swept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
