/* The files of `state_dir`, on the disk of this machine. */
#include "keys/state_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "conf/conf.h"
#include "conf/state_folder.h"

static const uint8_t digest[DIGEST_SIZE] = { 7 };

static char folder[] = "/tmp/sallyport-state-XXXXXX";

static int
setup(void **state)
{
	(void)state;
	memcpy(folder + strlen(folder) - 6, "XXXXXX", 6);
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static void
remove_file(enum records_file file)
{
	char *path = state_file_path(folder, file);

	(void)unlink(path);
	free(path);
}

static int
teardown(void **state)
{
	(void)state;
	(void)chmod(folder, 0700);
	remove_file(RECORDS_KEYS);
	remove_file(RECORDS_DISABLED);
	return rmdir(folder);
}

/* A file says that the key was disabled then. */
static void
write_disabled(int64_t since)
{
	struct key_records r = { .n = 0 };
	struct key_record *k = key_records_at(&r, digest);
	struct buf text;

	memcpy(k->name, "a", 2);
	k->disabled = since;
	buf_init(&text, NULL);
	key_records_write(&r, RECORDS_DISABLED, &text);
	assert_int_equal(state_file_write(folder, RECORDS_DISABLED,
	    buf_text(&text)), STATUS_OK);
	buf_release(&text);
	key_records_free(&r);
}

/* When it says that the key was disabled; 0: it was not. */
static int64_t
read_disabled(void)
{
	struct key_records r = { .n = 0 };
	const struct key_record *k;
	int64_t since;

	assert_null(state_file_read(folder, RECORDS_DISABLED, CONF_NO_ID,
	    &r));
	k = key_records_find(&r, digest);
	since = k != NULL ? k->disabled : 0;
	key_records_free(&r);
	return since;
}

/* Reading fails, and this is a part of the reason. */
static void
assert_refused(const char *what)
{
	struct key_records r = { .n = 0 };
	char *why = state_file_read(folder, RECORDS_DISABLED, CONF_NO_ID, &r);

	assert_non_null(why);
	if (strstr(why, what) == NULL ||
	    strncmp(why, folder, strlen(folder)) != 0)
		fail_msg("%s", why);
	assert_int_equal(r.n, 0);
	free(why);
}

static void
put(const char *text)
{
	char *path = state_file_path(folder, RECORDS_DISABLED);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	free(path);
}

static void
a_missing_file_says_nothing(void **state)
{
	(void)state;
	assert_true(read_disabled() == 0);
}

static void
what_was_written_is_there_and_for_us_alone(void **state)
{
	char *path = state_file_path(folder, RECORDS_DISABLED);
	struct stat st;

	(void)state;
	write_disabled(5);
	assert_true(read_disabled() == 5);
	write_disabled(6);
	assert_true(read_disabled() == 6);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	free(path);
}

static void
a_damaged_or_foreign_file_is_named_and_says_nothing(void **state)
{
	char *path = state_file_path(folder, RECORDS_DISABLED);

	(void)state;
	put("{\"sallyport\":\"disabled keys\",\"vers");
	assert_refused("disabled.json: it is damaged");
	put("{\"name\":\"package\"}");
	assert_refused("it is another file");
	write_disabled(5);
	assert_int_equal(chmod(path, 0666), 0);
	assert_refused("everybody may write it");
	assert_int_equal(chmod(path, 0600), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(path, 12345, (gid_t)-1), 0);
		assert_refused("it belongs to user 12345");
	}
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_refused("is a directory");
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused("is a pipe");
	free(path);
}

/* The target of a link that somebody put there is none of our business. */
static void
a_link_is_replaced_and_not_followed(void **state)
{
	char *path = state_file_path(folder, RECORDS_DISABLED);
	char *other = xasprintf("%s/other", folder);
	struct stat st;
	int fd = open(other, O_WRONLY | O_CREAT | O_EXCL, 0640);

	(void)state;
	assert_int_equal(write(fd, "other", 5), 5);
	close(fd);
	assert_int_equal(symlink("other", path), 0);
	write_disabled(5);
	assert_true(read_disabled() == 5);
	assert_int_equal(stat(other, &st), 0);
	assert_int_equal(st.st_size, 5);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(unlink(other), 0);
	free(other);
	free(path);
}

static void
what_cannot_be_written_is_as_it_was(void **state)
{
	(void)state;
	write_disabled(5);
	assert_int_equal(state_file_write("/proc/self", RECORDS_DISABLED,
	    TEXT("x")), STATUS_SYSTEM);
	assert_int_not_equal(errno, 0);
	if (geteuid() == 0)
		return;
	assert_int_equal(chmod(folder, 0500), 0);
	assert_int_equal(state_file_write(folder, RECORDS_DISABLED,
	    TEXT("x")), STATUS_SYSTEM);
	assert_int_equal(errno, EACCES);
	assert_true(read_disabled() == 5);
}

static void
assert_folder(const char *path, const char *what)
{
	char *warning, *why = state_folder_check(path, CONF_NO_ID, &warning);

	if (what == NULL)
		assert_null(why);
	else if (why == NULL || strstr(why, what) == NULL)
		fail_msg("%s: %s", path, why != NULL ? why : "good");
	free(why);
	free(warning);
}

static void
a_folder_is_ours_and_nobody_else_writes_there(void **state)
{
	char *file = xasprintf("%s/file", folder), *deep;
	int fd = open(file, O_WRONLY | O_CREAT | O_EXCL, 0600);

	(void)state;
	close(fd);
	assert_folder(folder, NULL);
	assert_folder(file, "is not a directory");
	assert_int_equal(unlink(file), 0);
	assert_folder(file, "there is no such directory");
	assert_int_equal(chmod(folder, 0720), 0);
	assert_folder(folder, "others may put files there (mode 0720)");
	assert_int_equal(chmod(folder, 0777), 0);
	assert_int_equal(mkdir(file, 0700), 0);
	deep = xasprintf("%s/.", file);
	assert_folder(deep, "everybody may write the folder");
	free(deep);
	assert_int_equal(rmdir(file), 0);
	free(file);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_missing_file_says_nothing),
		TEST(what_was_written_is_there_and_for_us_alone),
		TEST(a_damaged_or_foreign_file_is_named_and_says_nothing),
		TEST(a_link_is_replaced_and_not_followed),
		TEST(what_cannot_be_written_is_as_it_was),
		TEST(a_folder_is_ours_and_nobody_else_writes_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
