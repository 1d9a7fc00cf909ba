/*
 * net/race: who wins, and what is told where nobody does.  That a silent one
 * is overtaken is in test_dial.c.
 */
#include "net/race.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "turns.h"

struct fixture {
	struct loop *loop;
	int listening;			/* at 127.0.0.1 */
	unsigned port;
	struct race *race;
	bool done;
	int fd;
	int error;
	char peer[ADDR_TEXT];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);

	f->loop = loop_new();
	f->fd = -1;
	f->listening = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(f->listening, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(f->listening, 8), 0);
	assert_int_equal(getsockname(f->listening, (struct sockaddr *)&a,
	    &len), 0);
	f->port = ntohs(a.sin_port);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	race_cancel(f->race);
	if (f->fd != -1)
		close(f->fd);
	close(f->listening);
	loop_free(f->loop);
	free(f);
	return 0;
}

static void
on_done(void *owner, int fd, const struct addr *peer, int error)
{
	struct fixture *f = owner;

	assert_false(f->done);
	f->done = true;
	f->race = NULL;
	f->fd = fd;
	f->error = error;
	if (fd != -1)
		addr_format_ip(peer, f->peer);
}

static void
start(struct fixture *f, const char *const *ips, size_t n)
{
	struct addr addrs[4];

	for (size_t i = 0; i < n; i++) {
		char text[ADDR_TEXT];
		const char *why;

		snprintf(text, sizeof(text), "%s:%u", ips[i], f->port);
		assert_true(addr_parse(text, &addrs[i], &why));
	}
	f->race = race_start(f->loop, addrs, n, on_done, f);
	assert_false(f->done);
}

static void
the_first_that_connects_wins(void **state)
{
	static const char *const ips[] = { "127.0.0.2", "127.0.0.1",
	    "127.0.0.3" };
	struct fixture *f = *state;

	start(f, ips, 3);
	run_until(f->loop, &f->done);
	assert_int_not_equal(f->fd, -1);
	assert_string_equal(f->peer, "127.0.0.1");
}

static void
where_none_connects_the_reason_is_told(void **state)
{
	static const char *const ips[] = { "127.0.0.2", "127.0.0.3" };
	struct fixture *f = *state;

	start(f, ips, 2);
	run_until(f->loop, &f->done);
	assert_int_equal(f->fd, -1);
	assert_int_equal(f->error, ECONNREFUSED);
}

/* The kernel says at once that nobody connects to all hosts there are. */
static void
what_cannot_be_tried_is_told_later(void **state)
{
	static const char *const ips[] = { "255.255.255.255",
	    "255.255.255.255" };
	struct fixture *f = *state;

	start(f, ips, 2);
	run_until(f->loop, &f->done);
	assert_int_equal(f->fd, -1);
	assert_int_not_equal(f->error, 0);
}

static void
what_cannot_be_tried_is_passed_over(void **state)
{
	static const char *const ips[] = { "255.255.255.255", "127.0.0.1" };
	struct fixture *f = *state;

	start(f, ips, 2);
	run_until(f->loop, &f->done);
	assert_string_equal(f->peer, "127.0.0.1");
}

/* The sanitizers see what is left behind. */
static void
a_race_can_be_cancelled(void **state)
{
	static const char *const ips[] = { "127.0.0.2", "127.0.0.1" };
	static const char *const nobody[] = { "255.255.255.255" };
	struct fixture *f = *state;

	start(f, ips, 2);
	race_cancel(f->race);
	start(f, nobody, 1);
	race_cancel(f->race);
	f->race = NULL;
	run_for(f->loop, 5);
	assert_false(f->done);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(the_first_that_connects_wins),
		CASE(where_none_connects_the_reason_is_told),
		CASE(what_cannot_be_tried_is_told_later),
		CASE(what_cannot_be_tried_is_passed_over),
		CASE(a_race_can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
