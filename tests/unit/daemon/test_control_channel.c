#include "daemon/control_channel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct fixture {
	int parent, worker;
	struct control_message got;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_true(control_open(&f->parent, &f->worker));
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	close(f->parent);
	if (f->worker != -1)
		close(f->worker);
	free(f);
	return 0;
}

static void
a_message_arrives_with_its_text(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(control_receive(f->parent, &f->got), CONTROL_NOTHING);
	control_send(f->worker, CONTROL_FAILED, -1, "no such file");
	control_send(f->worker, CONTROL_READY, -1, NULL);
	assert_int_equal(control_receive(f->parent, &f->got), CONTROL_MESSAGE);
	assert_int_equal(f->got.kind, CONTROL_FAILED);
	assert_string_equal(f->got.text, "no such file");
	assert_int_equal(f->got.fd, -1);
	assert_int_equal(control_receive(f->parent, &f->got), CONTROL_MESSAGE);
	assert_int_equal(f->got.kind, CONTROL_READY);
	assert_string_equal(f->got.text, "");
	assert_int_equal(control_receive(f->parent, &f->got), CONTROL_NOTHING);
}

static void
a_long_text_is_cut(void **state)
{
	struct fixture *f = *state;
	char text[2 * CONTROL_TEXT];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	control_send(f->worker, CONTROL_FAILED, -1, text);
	assert_int_equal(control_receive(f->parent, &f->got), CONTROL_MESSAGE);
	assert_int_equal(strlen(f->got.text), CONTROL_TEXT - 1);
}

static void
a_descriptor_is_handed_over_and_closed_on_exec(void **state)
{
	struct fixture *f = *state;
	char byte;
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	control_send(f->parent, CONTROL_LOG, fds[1], NULL);
	close(fds[1]);
	assert_int_equal(control_receive(f->worker, &f->got), CONTROL_MESSAGE);
	assert_int_equal(f->got.kind, CONTROL_LOG);
	assert_int_not_equal(fcntl(f->got.fd, F_GETFD) & FD_CLOEXEC, 0);
	assert_int_equal(write(f->got.fd, "x", 1), 1);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	close(f->got.fd);
	close(fds[0]);
}

/* As our own control_send() never does. */
static void
send_two_descriptors(int control)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(2 * sizeof(int))];
	} ancillary = { .room = { 0 } };
	struct iovec part = { .iov_base = (char[]){ CONTROL_READY },
	    .iov_len = 1 };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1,
	    .msg_control = ancillary.room,
	    .msg_controllen = sizeof(ancillary.room) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	const int fds[2] = { control, control };

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	assert_int_equal(sendmsg(control, &m, 0), 1);
}

/* Whoever runs the tests may have left some open. */
static size_t
count_descriptors(void)
{
	size_t n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

/* A worker that was taken over could fill the parent's table with more. */
static void
no_more_than_one_descriptor_is_taken(void **state)
{
	struct fixture *f = *state;
	size_t n = count_descriptors();

	send_two_descriptors(f->worker);
	assert_int_equal(control_receive(f->parent, &f->got), CONTROL_MESSAGE);
	if (f->got.fd != -1)
		close(f->got.fd);
	assert_int_equal(count_descriptors(), n);
}

static void
the_end_comes_after_what_was_said(void **state)
{
	struct fixture *f = *state;

	control_send(f->worker, CONTROL_FAILED, -1, "why");
	close(f->worker);
	f->worker = -1;
	assert_int_equal(control_receive(f->parent, &f->got), CONTROL_MESSAGE);
	assert_string_equal(f->got.text, "why");
	assert_int_equal(control_receive(f->parent, &f->got), CONTROL_GONE);
}

/* The system tells of what it had not read before it tells what it said. */
static void
a_worker_that_ended_without_reading_is_heard_all_the_same(void **state)
{
	struct fixture *f = *state;

	control_send(f->parent, CONTROL_CUT, -1, NULL);
	the_end_comes_after_what_was_said(state);
}

static void
nothing_can_be_said_to_who_is_gone(void **state)
{
	struct fixture *f = *state;

	close(f->worker);
	f->worker = -1;
	control_send(f->parent, CONTROL_CUT, -1, NULL);
	assert_int_equal(control_receive(f->parent, &f->got), CONTROL_GONE);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_message_arrives_with_its_text),
		CASE(a_long_text_is_cut),
		CASE(a_descriptor_is_handed_over_and_closed_on_exec),
		CASE(no_more_than_one_descriptor_is_taken),
		CASE(the_end_comes_after_what_was_said),
		CASE(a_worker_that_ended_without_reading_is_heard_all_the_same),
		CASE(nothing_can_be_said_to_who_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
