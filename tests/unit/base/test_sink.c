#include "base/sink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static _Atomic uint64_t lost;

static int
setup(void **state)
{
	(void)state;
	lost = 0;
	return 0;
}

static void
put(struct sink *s, const char *text)
{
	buf_append_text(sink_line(s), text_of(text));
	sink_line_end(s);
}

/* A line of n bytes and its newline. */
static void
put_long(struct sink *s, char c, size_t n)
{
	memset(buf_reserve(sink_line(s), n), c, n);
	buf_commit(sink_line(s), n);
	sink_line_end(s);
}

/* What can be read from fd without waiting. */
static size_t
drain(int fd, char *into, size_t size)
{
	size_t n = 0;
	ssize_t got;

	assert_int_not_equal(fcntl(fd, F_SETFL, O_NONBLOCK), -1);
	while (n < size && (got = read(fd, into + n, size - n)) > 0)
		n += (size_t)got;
	return n;
}

static int
temporary_file(void)
{
	char path[] = "/tmp/sallyport-sink-XXXXXX";
	int fd = mkostemp(path, O_APPEND);

	assert_int_not_equal(fd, -1);
	unlink(path);
	return fd;
}

static void
expect_file(int fd, const char *content)
{
	char got[8192];
	ssize_t n = pread(fd, got, sizeof(got), 0);

	assert_int_equal(n, strlen(content));
	assert_memory_equal(got, content, strlen(content));
}

static void
lines_leave_together_at_the_flush(void **state)
{
	int fds[2];
	char got[64];
	struct sink *s;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	s = sink_new(fds[1], &lost);
	put(s, "one");
	put(s, "two");
	assert_true(sink_pending(s));
	sink_flush(s);
	assert_false(sink_pending(s));
	assert_int_equal(read(fds[0], got, sizeof(got)), 8);
	assert_memory_equal(got, "one\ntwo\n", 8);
	sink_free(s);
	close(fds[0]);
	close(fds[1]);
}

static void
lines_are_appended_to_a_file(void **state)
{
	int fd = temporary_file();
	struct sink *s = sink_new(fd, &lost);

	(void)state;
	put(s, "one");
	sink_flush(s);
	put(s, "two");
	sink_flush(s);
	expect_file(fd, "one\ntwo\n");
	assert_int_equal(lost, 0);
	assert_int_equal(sink_error(s), 0);
	sink_free(s);
	close(fd);
}

static void
a_full_device_loses_lines_and_counts_them(void **state)
{
	int fd = open("/dev/full", O_WRONLY);
	struct sink *s;

	(void)state;
	if (fd == -1)
		skip();
	s = sink_new(fd, &lost);
	put(s, "one");
	put(s, "two");
	sink_flush(s);
	assert_int_equal(lost, 2);
	assert_false(sink_pending(s));
	assert_true(sink_failing(s));
	assert_int_equal(sink_error(s), ENOSPC);
	sink_free(s);
	close(fd);
}

/* The size limit of a process cuts a write as a full disk does. */
static void
fill_the_disk(int fd, const char *torn)
{
	struct rlimit old, small = { 0, 0 };
	struct sink *s = sink_new(fd, &lost);
	char expected[64];

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	signal(SIGXFSZ, SIG_IGN);
	small.rlim_cur = 10;
	small.rlim_max = old.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	put(s, "first");
	put(s, "second");
	put(s, "third");
	sink_flush(s);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	snprintf(expected, sizeof(expected), "first\n%s", torn);
	expect_file(fd, expected);
	assert_int_equal(lost, 2);
	assert_true(sink_failing(s));
	put(s, "later");
	sink_flush(s);
	snprintf(expected, sizeof(expected), "first\n%slater\n", torn);
	expect_file(fd, expected);
	assert_false(sink_failing(s));
	sink_free(s);
}

static void
a_full_disk_leaves_spaces_instead_of_a_torn_line(void **state)
{
	int fd = temporary_file();

	(void)state;
	fill_the_disk(fd, "    ");
	assert_int_not_equal(fcntl(fd, F_GETFL) & O_APPEND, 0);
	close(fd);
}

/* As a shell's ">" opens it. */
static void
a_full_disk_leaves_no_hole_in_a_file_that_is_not_appended_to(void **state)
{
	int fd = temporary_file();

	(void)state;
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
	fill_the_disk(fd, "");
	close(fd);
}

/* A write that is cut, and then one of another process at once. */
static int another = -1;

ssize_t __real_write(int, const void *, size_t);
ssize_t __wrap_write(int, const void *, size_t);

ssize_t
__wrap_write(int fd, const void *p, size_t n)
{
	ssize_t done;

	if (another == -1)
		return __real_write(fd, p, n);
	done = __real_write(fd, p, n / 2);
	assert_int_equal(__real_write(another, "other\n", 6), 6);
	another = -1;
	return done;
}

static void
expect_spaces_before_another_line(struct sink *s, int fd)
{
	char spaces[64], expected[128];

	put(s, "first");
	put_long(s, 'x', 111);
	another = fd;
	sink_flush(s);
	memset(spaces, ' ', sizeof(spaces));
	snprintf(expected, sizeof(expected), "first\n%.53sother\n", spaces);
	expect_file(fd, expected);
	assert_int_equal(lost, 1);
}

static void
a_full_disk_takes_no_line_of_others_away(void **state)
{
	int fd = temporary_file();
	struct sink *s = sink_new(fd, &lost);

	(void)state;
	expect_spaces_before_another_line(s, fd);
	sink_free(s);
	close(fd);
}

/* As a worker that has given up root when the log is reopened. */
static void
nor_where_the_file_was_opened_again_by_somebody_else(void **state)
{
	int old = temporary_file(), fd = temporary_file();
	struct sink *s = sink_new(old, &lost);
	int handed = sink_open_again(fd);

	(void)state;
	assert_int_not_equal(handed, -1);
	assert_int_equal(fchmod(fd, 0), 0);
	if (getuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	assert_int_equal(sink_open_again(fd), -1);
	sink_set_fd(s, handed, true);
	assert_int_equal(seteuid(getuid()), 0);
	expect_spaces_before_another_line(s, fd);
	sink_free(s);
	close(handed);
	close(fd);
	close(old);
}

static void
a_stopped_reader_blocks_nobody(void **state)
{
	int fds[2];
	struct sink *s;
	static char got[1 << 20];
	size_t n;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	s = sink_new(fds[1], &lost);
	for (unsigned i = 0; i < 1000; i++) {
		put_long(s, 'x', 499);
		sink_flush(s);
	}
	assert_true(lost > 0);
	assert_true(sink_failing(s));
	assert_true(sink_pending(s));
	n = drain(fds[0], got, sizeof(got));
	sink_flush(s);
	n += drain(fds[0], got + n, sizeof(got) - n);
	sink_flush(s);
	n += drain(fds[0], got + n, sizeof(got) - n);
	assert_false(sink_pending(s));
	assert_false(sink_failing(s));
	assert_int_equal(n, (1000 - lost) * 500);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(got[i], i % 500 == 499 ? '\n' : 'x');
	/* Others who share the descriptor still block as they did. */
	assert_int_equal(fcntl(fds[1], F_GETFL) & O_NONBLOCK, 0);
	sink_free(s);
	close(fds[0]);
	close(fds[1]);
}

static void
a_long_line_is_finished_before_others_are_lost(void **state)
{
	int fds[2];
	struct sink *s;
	static char got[1 << 20];
	size_t n = 0, more;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	s = sink_new(fds[1], &lost);
	put_long(s, 'a', 200000);
	for (unsigned i = 0; i < 100; i++)
		put_long(s, 'b', 999);
	assert_int_equal(lost, 100);
	do {
		sink_flush(s);
		more = drain(fds[0], got + n, sizeof(got) - n);
		n += more;
	} while (more != 0);
	assert_false(sink_pending(s));
	assert_int_equal(n, 200001);
	assert_int_equal(got[0], 'a');
	assert_int_equal(got[199999], 'a');
	assert_int_equal(got[200000], '\n');
	sink_free(s);
	close(fds[0]);
	close(fds[1]);
}

static void
a_reader_who_left_loses_lines(void **state)
{
	int fds[2];
	struct sink *s;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(fds), 0);
	s = sink_new(fds[1], &lost);
	close(fds[0]);
	put(s, "one");
	sink_flush(s);
	assert_int_equal(lost, 1);
	assert_true(sink_failing(s));
	sink_free(s);
	close(fds[1]);
}

static void
a_reopened_file_gets_whole_lines_only(void **state)
{
	int fds[2], fd = temporary_file();
	struct sink *s;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	s = sink_new(fds[1], &lost);
	put_long(s, 'a', 100000);
	put(s, "next");
	sink_set_fd(s, fd, false);
	sink_flush(s);
	expect_file(fd, "next\n");
	assert_int_equal(lost, 1);
	sink_free(s);
	close(fd);
	close(fds[0]);
	close(fds[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(lines_leave_together_at_the_flush,
		    setup),
		cmocka_unit_test_setup(lines_are_appended_to_a_file, setup),
		cmocka_unit_test_setup(
		    a_full_device_loses_lines_and_counts_them, setup),
		cmocka_unit_test_setup(
		    a_full_disk_leaves_spaces_instead_of_a_torn_line, setup),
		cmocka_unit_test_setup(
		    a_full_disk_leaves_no_hole_in_a_file_that_is_not_appended_to,
		    setup),
		cmocka_unit_test_setup(
		    a_full_disk_takes_no_line_of_others_away, setup),
		cmocka_unit_test_setup(
		    nor_where_the_file_was_opened_again_by_somebody_else,
		    setup),
		cmocka_unit_test_setup(a_stopped_reader_blocks_nobody, setup),
		cmocka_unit_test_setup(
		    a_long_line_is_finished_before_others_are_lost, setup),
		cmocka_unit_test_setup(a_reader_who_left_loses_lines, setup),
		cmocka_unit_test_setup(a_reopened_file_gets_whole_lines_only,
		    setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
