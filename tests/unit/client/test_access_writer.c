/*
 * client/access_writer: when lines of exchanges leave.
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

#include "client_rig.h"

#define REFUSED		"GET / HTTP/1.1\r\nHost: x\r\n\r\n"

static void
a_line_leaves_at_the_end_of_its_turn(void **state)
{
	struct client_rig *r = *state;

	client_rig_open(r, 10);
	assert_true(client_rig_say(client_rig_connect(r, 0), REFUSED));
	assert_non_null(strstr(client_rig_lines(r), "host_refused"));
}

/* Takes what lies in a pipe away; how many bytes. */
static size_t
empty(int fd)
{
	static char room[65536];
	size_t all = 0;
	ssize_t n;

	while ((n = read(fd, room, sizeof(room))) > 0)
		all += (size_t)n;
	return all;
}

static void
what_a_slow_reader_left_leaves_when_it_has_caught_up(void **state)
{
	struct client_rig *r = *state;
	static const char filling[4096];
	int fds[2];

	assert_int_equal(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
	close(r->access_fd);
	r->access_fd = fds[1];
	while (write(fds[1], filling, sizeof(filling)) > 0)
		;
	client_rig_open(r, 10);
	assert_true(client_rig_say(client_rig_connect(r, 0), REFUSED));
	assert_true(sink_pending(r->access));
	(void)empty(fds[0]);
	memory_pass(99);
	assert_int_equal(empty(fds[0]), 0);
	memory_pass(1);
	assert_true(empty(fds[0]) != 0);
	assert_false(sink_pending(r->access));
	close(fds[0]);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, client_rig_set_up, client_rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_line_leaves_at_the_end_of_its_turn),
		TEST(what_a_slow_reader_left_leaves_when_it_has_caught_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
