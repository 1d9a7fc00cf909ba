#include "base/sink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
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
	s = sink_new(fds[1], &lost, NULL);
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
	struct sink *s = sink_new(fd, &lost, NULL);

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
	s = sink_new(fd, &lost, NULL);
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
limit_files(rlim_t size)
{
	struct rlimit r;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &r), 0);
	signal(SIGXFSZ, SIG_IGN);
	r.rlim_cur = size;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &r), 0);
}

static void
fill_the_disk(int fd)
{
	struct sink *s = sink_new(fd, &lost, NULL);

	limit_files(10);
	put(s, "first");
	put(s, "second");
	put(s, "third");
	sink_flush(s);
	expect_file(fd, "first\nseco");
	assert_int_equal(lost, 2);
	assert_true(sink_failing(s));
	assert_int_equal(sink_error(s), EFBIG);
	limit_files(RLIM_INFINITY);
	put(s, "later");
	put(s, "and more");
	sink_flush(s);
	put(s, "in the end");
	sink_flush(s);
	expect_file(fd, "first\nseco\nlater\nand more\nin the end\n");
	assert_int_equal(lost, 2);
	assert_false(sink_failing(s));
	sink_free(s);
}

static void
a_line_that_a_full_disk_cut_stands_alone(void **state)
{
	int fd = temporary_file();

	(void)state;
	fill_the_disk(fd);
	close(fd);
}

/* As a shell's ">" opens it. */
static void
so_it_does_in_a_file_that_is_not_appended_to(void **state)
{
	int fd = temporary_file();

	(void)state;
	assert_int_equal(fcntl(fd, F_SETFL, 0), 0);
	fill_the_disk(fd);
	close(fd);
}

static void
where_only_the_newline_finds_room_no_second_one_follows(void **state)
{
	int fd = temporary_file();
	struct sink *s = sink_new(fd, &lost, NULL);

	(void)state;
	limit_files(4);
	put(s, "first");
	sink_flush(s);
	limit_files(5);
	put(s, "second");
	sink_flush(s);
	expect_file(fd, "firs\n");
	limit_files(RLIM_INFINITY);
	put(s, "third");
	sink_flush(s);
	expect_file(fd, "firs\nthird\n");
	assert_int_equal(lost, 2);
	sink_free(s);
	close(fd);
}

static void
a_disk_that_cut_the_only_line_is_full(void **state)
{
	int fd = temporary_file();
	struct sink *s = sink_new(fd, &lost, NULL);

	(void)state;
	limit_files(4);
	put(s, "first");
	sink_flush(s);
	assert_int_equal(lost, 1);
	assert_true(sink_failing(s));
	assert_int_equal(sink_error(s), ENOSPC);
	limit_files(RLIM_INFINITY);
	put(s, "second");
	sink_flush(s);
	assert_int_equal(lost, 1);
	assert_false(sink_failing(s));
	sink_free(s);
	close(fd);
}

static void
a_disk_that_is_still_full_leaves_a_torn_line_as_it_is(void **state)
{
	int fd = temporary_file();
	struct sink *s = sink_new(fd, &lost, NULL);

	(void)state;
	limit_files(4);
	for (unsigned i = 0; i < 3; i++) {
		put(s, "first");
		sink_flush(s);
	}
	limit_files(RLIM_INFINITY);
	put(s, "later");
	sink_flush(s);
	expect_file(fd, "firs\nlater\n");
	assert_int_equal(lost, 3);
	sink_free(s);
	close(fd);
}

/* -- several processes -- */

/* In memory that they share. */
static _Atomic bool *
new_torn(void)
{
	_Atomic bool *torn = mmap(NULL, sizeof(*torn), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(torn, MAP_FAILED);
	return torn;
}

/* Another process writes a line, to a disk of that size. */
static void
put_elsewhere(int fd, _Atomic bool *torn, rlim_t size, const char *text)
{
	pid_t pid = fork();
	int status;

	assert_int_not_equal(pid, -1);
	if (pid == 0) {
		struct sink *s = sink_new(fd, NULL, torn);

		limit_files(size);
		put(s, text);
		sink_flush(s);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
another_process_begins_a_line_of_its_own(void **state)
{
	int fd = temporary_file();
	_Atomic bool *torn = new_torn();
	struct sink *s = sink_new(fd, &lost, torn);

	(void)state;
	put_elsewhere(fd, torn, 4, "first");
	assert_true(*torn);
	put(s, "second");
	sink_flush(s);
	assert_false(*torn);
	put_elsewhere(fd, torn, RLIM_INFINITY, "third");
	put(s, "fourth");
	sink_flush(s);
	expect_file(fd, "firs\nsecond\nthird\nfourth\n");
	assert_int_equal(lost, 0);
	sink_free(s);
	munmap(torn, sizeof(*torn));
	close(fd);
}

static void
what_was_torn_by_a_process_that_ended_is_known_to_the_next(void **state)
{
	int fd = temporary_file();
	_Atomic bool *torn = new_torn();

	(void)state;
	put_elsewhere(fd, torn, 4, "first");
	put_elsewhere(fd, torn, RLIM_INFINITY, "second");
	expect_file(fd, "firs\nsecond\n");
	munmap(torn, sizeof(*torn));
	close(fd);
}

/* Many lines of several at a disk that is full and no longer is, in turn. */
static void
each_line_is_whole_or_a_torn_one_alone(void **state)
{
	int fd = temporary_file();
	_Atomic bool *torn = new_torn();
	static char got[1 << 16];
	size_t whole = 0, cut = 0;
	ssize_t n;

	(void)state;
	for (rlim_t i = 0; i < 40; i++) {
		n = lseek(fd, 0, SEEK_END);
		put_elsewhere(fd, torn, (rlim_t)n + i * 7 % 23,
		    "<a line of text>");
	}
	put_elsewhere(fd, torn, RLIM_INFINITY, "<the last>");
	n = pread(fd, got, sizeof(got) - 1, 0);
	assert_true(n > 0);
	got[n] = '\0';
	for (char *line = strtok(got, "\n"); line != NULL;
	    line = strtok(NULL, "\n")) {
		assert_int_equal(line[0], '<');
		assert_ptr_equal(strrchr(line, '<'), line);
		if (line[strlen(line) - 1] == '>')
			whole++;
		else
			cut++;
	}
	assert_true(whole > 5 && cut > 5);
	munmap(torn, sizeof(*torn));
	close(fd);
}

/* -- slow readers -- */

static void
a_stopped_reader_blocks_nobody(void **state)
{
	int fds[2];
	struct sink *s;
	static char got[1 << 20];
	size_t n;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	s = sink_new(fds[1], &lost, NULL);
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

/* One pipe takes whole only what is short. */
static void
a_line_of_which_a_pipe_takes_a_part_is_lost_and_stands_alone(void **state)
{
	int fds[2];
	struct sink *s;
	static char got[1 << 18];
	size_t n;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_true(fcntl(fds[1], F_SETPIPE_SZ, 65536) > 0);
	s = sink_new(fds[1], &lost, NULL);
	put_long(s, 'a', 200000);
	assert_true(sink_failing(s));
	assert_int_equal(sink_error(s), EAGAIN);
	put_long(s, 'b', 999);
	sink_flush(s);
	assert_int_equal(lost, 1);
	assert_true(sink_pending(s));
	n = drain(fds[0], got, sizeof(got));
	assert_int_equal(n, 65536);
	sink_flush(s);
	assert_false(sink_pending(s));
	assert_false(sink_failing(s));
	n += drain(fds[0], got + n, sizeof(got) - n);
	assert_int_equal(n, 65536 + 1 + 1000);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(got[i], i < 65536 ? 'a' : i == 65536 ||
		    i == n - 1 ? '\n' : 'b');
	sink_free(s);
	close(fds[0]);
	close(fds[1]);
}

static void
a_long_line_that_finds_room_goes_whole(void **state)
{
	int fds[2];
	struct sink *s;
	static char got[1 << 18];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_true(fcntl(fds[1], F_SETPIPE_SZ, 65536) > 0);
	s = sink_new(fds[1], &lost, NULL);
	put_long(s, 'a', 30000);
	sink_flush(s);
	assert_int_equal(drain(fds[0], got, sizeof(got)), 30001);
	assert_int_equal(lost, 0);
	sink_free(s);
	close(fds[0]);
	close(fds[1]);
}

/* -- where it cannot be opened again -- */

/* As where there is no /proc: nothing can be opened meanwhile. */
static struct sink *
new_without_opening(int fd)
{
	struct rlimit old, none;
	struct sink *s;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = (struct rlimit){ .rlim_cur = 0, .rlim_max = old.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	s = sink_new(fd, &lost, NULL);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	return s;
}

/* The end that is written to blocks, or it does not. */
static void
expect_no_wait(int mode)
{
	int fds[2];
	struct sink *s;
	static char got[1 << 20];
	size_t n;

	assert_int_equal(pipe(fds), 0);
	assert_int_equal(fcntl(fds[1], F_SETFL, mode), 0);
	s = new_without_opening(fds[1]);
	/* Not for ever, should it. */
	alarm(60);
	for (unsigned i = 0; i < 500; i++) {
		put_long(s, 'x', 499);
		sink_flush(s);
	}
	put_long(s, 'x', 9999);
	sink_flush(s);
	alarm(0);
	assert_true(lost > 0);
	n = drain(fds[0], got, sizeof(got));
	for (size_t i = 0; i < n; i++)
		assert_int_equal(got[i], i % 500 == 499 ? '\n' : 'x');
	assert_int_equal(fcntl(fds[1], F_GETFL) & O_NONBLOCK, mode);
	sink_free(s);
	close(fds[0]);
	close(fds[1]);
}

static void
a_pipe_that_cannot_be_opened_again_blocks_nobody(void **state)
{
	(void)state;
	expect_no_wait(0);
	lost = 0;
	expect_no_wait(O_NONBLOCK);
}

static void
one_that_does_not_block_anyway_is_written_to_as_it_is(void **state)
{
	int fds[2];
	struct sink *s;
	static char got[1 << 18];

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	s = new_without_opening(fds[1]);
	put_long(s, 'a', 9999);
	sink_flush(s);
	assert_int_equal(drain(fds[0], got, sizeof(got)), 10000);
	assert_int_equal(lost, 0);
	sink_free(s);
	close(fds[0]);
	close(fds[1]);
}

/* Only so much is sure to find room. */
static void
nor_does_a_line_that_is_longer_than_a_pipe_promises_to_take(void **state)
{
	int fds[2];
	struct sink *s;
	static char got[1 << 18];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	s = new_without_opening(fds[1]);
	alarm(60);
	put_long(s, 'a', 200000);
	sink_flush(s);
	alarm(0);
	assert_int_equal(lost, 1);
	assert_true(drain(fds[0], got, sizeof(got)) < PIPE_BUF);
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
	s = sink_new(fds[1], &lost, NULL);
	close(fds[0]);
	put(s, "one");
	sink_flush(s);
	assert_int_equal(lost, 1);
	assert_true(sink_failing(s));
	sink_free(s);
	close(fds[1]);
}

/* -- reopening -- */

static void
what_waits_goes_to_the_file_that_was_opened_instead(void **state)
{
	int fds[2], fd = temporary_file();
	struct sink *s;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	s = sink_new(fds[1], &lost, NULL);
	put_long(s, 'a', 100000);
	put(s, "next");
	sink_set_fd(s, fd);
	sink_flush(s);
	expect_file(fd, "next\n");
	assert_int_equal(lost, 1);
	sink_free(s);
	close(fd);
	close(fds[0]);
	close(fds[1]);
}

static void
an_empty_file_is_not_torn_but_the_same_one_again_is(void **state)
{
	int old = temporary_file(), fd = temporary_file();
	struct sink *s = sink_new(old, &lost, NULL);

	(void)state;
	limit_files(4);
	put(s, "first");
	sink_flush(s);
	limit_files(RLIM_INFINITY);
	sink_set_fd(s, old);
	put(s, "second");
	sink_flush(s);
	expect_file(old, "firs\nsecond\n");
	limit_files(4);
	put(s, "third");
	sink_flush(s);
	assert_int_equal(ftruncate(old, 4), 0);
	limit_files(RLIM_INFINITY);
	sink_set_fd(s, fd);
	put(s, "fourth");
	sink_flush(s);
	expect_file(fd, "fourth\n");
	sink_free(s);
	close(fd);
	close(old);
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
		    a_line_that_a_full_disk_cut_stands_alone, setup),
		cmocka_unit_test_setup(
		    so_it_does_in_a_file_that_is_not_appended_to, setup),
		cmocka_unit_test_setup(
		    where_only_the_newline_finds_room_no_second_one_follows,
		    setup),
		cmocka_unit_test_setup(a_disk_that_cut_the_only_line_is_full,
		    setup),
		cmocka_unit_test_setup(
		    a_disk_that_is_still_full_leaves_a_torn_line_as_it_is,
		    setup),
		cmocka_unit_test_setup(
		    another_process_begins_a_line_of_its_own, setup),
		cmocka_unit_test_setup(
		    what_was_torn_by_a_process_that_ended_is_known_to_the_next,
		    setup),
		cmocka_unit_test_setup(
		    each_line_is_whole_or_a_torn_one_alone, setup),
		cmocka_unit_test_setup(a_stopped_reader_blocks_nobody, setup),
		cmocka_unit_test_setup(
		    a_line_of_which_a_pipe_takes_a_part_is_lost_and_stands_alone,
		    setup),
		cmocka_unit_test_setup(a_long_line_that_finds_room_goes_whole,
		    setup),
		cmocka_unit_test_setup(
		    a_pipe_that_cannot_be_opened_again_blocks_nobody, setup),
		cmocka_unit_test_setup(
		    one_that_does_not_block_anyway_is_written_to_as_it_is,
		    setup),
		cmocka_unit_test_setup(
		    nor_does_a_line_that_is_longer_than_a_pipe_promises_to_take,
		    setup),
		cmocka_unit_test_setup(a_reader_who_left_loses_lines, setup),
		cmocka_unit_test_setup(
		    what_waits_goes_to_the_file_that_was_opened_instead,
		    setup),
		cmocka_unit_test_setup(
		    an_empty_file_is_not_torn_but_the_same_one_again_is,
		    setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
