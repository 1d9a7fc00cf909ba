/*
 * The descriptor of the access log, and who shares it.
 */
#include "daemon/access_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
	char dir[32];
	char one[48], other[48], moved[48], missing[48];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/sallyport-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	(void)snprintf(f->one, sizeof(f->one), "%s/one", f->dir);
	(void)snprintf(f->other, sizeof(f->other), "%s/other", f->dir);
	(void)snprintf(f->moved, sizeof(f->moved), "%s/moved", f->dir);
	(void)snprintf(f->missing, sizeof(f->missing), "%s/no/such", f->dir);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	(void)unlink(f->one);
	(void)unlink(f->other);
	(void)unlink(f->moved);
	assert_int_equal(rmdir(f->dir), 0);
	free(f);
	return 0;
}

static struct conf
conf_of(char *path)
{
	return (struct conf){ .uid = CONF_NO_ID, .log.access = path };
}

static struct access_file *
take(char *path, struct access_file *current)
{
	const struct conf conf = conf_of(path);
	const char *why;
	struct access_file *a = access_file_take(&conf, current, &why);

	if (a == NULL)
		fail_msg("%s: %s", path, why);
	return a;
}

static unsigned
count_descriptors(void)
{
	unsigned n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}

static void
write_line(const struct access_file *a)
{
	assert_int_equal(write(a->fd, "line\n", 5), 5);
}

static long
size_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return (long)st.st_size;
}

static void
the_same_path_is_the_same_descriptor_until_the_last_leaves(void **state)
{
	struct fixture *f = *state;
	struct access_file *a = take(f->one, NULL), *b = take(f->one, a);
	int fd = a->fd;

	assert_ptr_equal(a, b);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	access_file_leave(a);
	assert_true(is_open(fd));
	write_line(b);
	access_file_leave(b);
	assert_false(is_open(fd));
	access_file_leave(NULL);
}

static bool
exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static void
one_that_was_made_for_nobody_is_removed_again(void **state)
{
	struct fixture *f = *state;
	struct access_file *a = take(f->one, NULL);

	assert_true(exists(f->one));
	access_file_leave(a);
	assert_false(exists(f->one));
	a = take(f->one, NULL);
	access_file_keep(a);
	access_file_leave(a);
	assert_true(exists(f->one));
	/* It was there. */
	access_file_leave(take(f->one, NULL));
	assert_true(exists(f->one));
}

static void
what_somebody_wrote_to_or_put_there_is_not_removed(void **state)
{
	struct fixture *f = *state;
	struct access_file *a = take(f->one, NULL);

	write_line(a);
	access_file_leave(a);
	assert_int_equal(size_of(f->one), 5);
	a = take(f->other, NULL);
	assert_int_equal(rename(f->other, f->moved), 0);
	close(open(f->other, O_CREAT | O_WRONLY, 0600));
	access_file_leave(a);
	assert_true(exists(f->other));
	assert_true(exists(f->moved));
}

/* A log that was moved away and not reopened yet goes on where it is. */
static void
it_is_shared_wherever_the_file_is_by_now(void **state)
{
	struct fixture *f = *state;
	struct access_file *a = take(f->one, NULL), *b;

	assert_int_equal(rename(f->one, f->moved), 0);
	b = take(f->one, a);
	write_line(b);
	assert_int_equal(access(f->one, F_OK), -1);
	assert_int_equal(size_of(f->moved), 5);
	access_file_leave(a);
	access_file_leave(b);
}

static void
another_path_is_another_one_and_both_are_open(void **state)
{
	struct fixture *f = *state;
	struct access_file *a = take(f->one, NULL), *b = take(f->other, a);

	assert_ptr_not_equal(a, b);
	write_line(a);
	write_line(b);
	access_file_leave(a);
	write_line(b);
	access_file_leave(b);
	assert_int_equal(size_of(f->one), 5);
	assert_int_equal(size_of(f->other), 10);
}

static void
none_has_no_descriptor_and_standard_output_one_of_its_own(void **state)
{
	struct access_file *a = take((char []){ "none" }, NULL);
	struct access_file *b = take((char []){ "stdout" }, a);

	(void)state;
	assert_int_equal(a->fd, -1);
	assert_true(b->fd > STDERR_FILENO);
	access_file_leave(a);
	access_file_leave(b);
	assert_true(is_open(STDOUT_FILENO));
}

static void
one_that_cannot_be_opened_is_told_and_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	struct access_file *a = take(f->one, NULL);
	const struct conf conf = conf_of(f->missing);
	unsigned n = count_descriptors();
	const char *why = NULL;

	assert_null(access_file_take(&conf, a, &why));
	assert_string_equal(why, "No such file or directory");
	assert_int_equal(count_descriptors(), n);
	assert_int_equal(a->users, 1);
	access_file_leave(a);
}

/* Else a line would be glued to one that a worker has not finished. */
static void
whether_a_line_was_finished_is_known_to_all_processes(void **state)
{
	struct fixture *f = *state;
	struct access_file *a = take(f->one, NULL);
	int status;
	pid_t pid;

	assert_false(*a->torn);
	pid = fork();
	if (pid == 0) {
		*a->torn = true;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(*a->torn);
	access_file_leave(a);
}

/* -- reopening -- */

static void
a_file_that_was_moved_away_is_made_anew(void **state)
{
	struct fixture *f = *state;
	struct access_file *a = take(f->one, NULL);
	const struct conf conf = conf_of(f->one);
	unsigned n = count_descriptors();
	const char *why;

	write_line(a);
	assert_int_equal(rename(f->one, f->moved), 0);
	assert_true(access_file_reopen(a, &conf, &why));
	assert_int_equal(count_descriptors(), n);
	write_line(a);
	write_line(a);
	assert_int_equal(size_of(f->moved), 5);
	assert_int_equal(size_of(f->one), 10);
	access_file_leave(a);
}

static void
where_it_cannot_be_the_old_one_goes_on(void **state)
{
	struct fixture *f = *state;
	struct access_file *a = take(f->one, NULL);
	const struct conf conf = conf_of(f->one);
	unsigned n = count_descriptors();
	const char *why;

	assert_int_equal(rename(f->one, f->moved), 0);
	assert_int_equal(mkdir(f->one, 0700), 0);
	assert_false(access_file_reopen(a, &conf, &why));
	assert_string_equal(why, "is a directory");
	assert_int_equal(count_descriptors(), n);
	write_line(a);
	assert_int_equal(size_of(f->moved), 5);
	access_file_leave(a);
	assert_int_equal(rmdir(f->one), 0);
}

static void
what_is_no_file_is_not_reopened_for_no_reason(void **state)
{
	static char none[] = "none", out[] = "stdout";
	char *paths[] = { none, out };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct access_file *a = take(paths[i], NULL);
		const struct conf conf = conf_of(paths[i]);
		const char *why = "";
		int fd = a->fd;

		assert_false(access_file_reopen(a, &conf, &why));
		assert_null(why);
		assert_int_equal(a->fd, fd);
		access_file_leave(a);
	}
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(one_that_was_made_for_nobody_is_removed_again),
		CASE(what_somebody_wrote_to_or_put_there_is_not_removed),
		CASE(the_same_path_is_the_same_descriptor_until_the_last_leaves),
		CASE(it_is_shared_wherever_the_file_is_by_now),
		CASE(another_path_is_another_one_and_both_are_open),
		CASE(none_has_no_descriptor_and_standard_output_one_of_its_own),
		CASE(one_that_cannot_be_opened_is_told_and_leaves_nothing),
		CASE(whether_a_line_was_finished_is_known_to_all_processes),
		CASE(a_file_that_was_moved_away_is_made_anew),
		CASE(where_it_cannot_be_the_old_one_goes_on),
		CASE(what_is_no_file_is_not_reopened_for_no_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
