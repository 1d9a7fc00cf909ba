/*
 * Unit tests of net/orphan: real connections over loopback.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/orphan.h"

struct pair {
	int client, server;
};

static struct pair
connect_pair(void)
{
	struct sockaddr_in in = {
		.sin_family = AF_INET,
		.sin_addr = { .s_addr = htonl(INADDR_LOOPBACK) },
	};
	socklen_t len = sizeof(in);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct pair p;

	assert_int_equal(bind(listener, (struct sockaddr *)&in, len), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&in, &len),
	    0);
	p.client = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(p.client, (struct sockaddr *)&in, len), 0);
	p.server = accept(listener, NULL, NULL);
	assert_int_not_equal(p.server, -1);
	close(listener);
	return p;
}

static void
wait_for_fin(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLRDHUP };

	assert_int_equal(poll(&pfd, 1, 10000), 1);
}

/* The module cannot tell on a kernel without sock_diag. */
static bool
can_tell(void)
{
	struct pair p = connect_pair();
	bool can;

	close(p.client);
	wait_for_fin(p.server);
	can = orphan_check(p.server);
	close(p.server);
	return can;
}

static void
an_open_connection_is_no_orphan(void **state)
{
	struct pair p = connect_pair();

	(void)state;
	assert_false(orphan_check(p.server));
	assert_false(orphan_check(p.client));
	close(p.client);
	close(p.server);
}

static void
a_half_closed_connection_is_no_orphan(void **state)
{
	struct pair p = connect_pair();

	(void)state;
	shutdown(p.client, SHUT_WR);
	wait_for_fin(p.server);
	assert_false(orphan_check(p.server));
	close(p.client);
	close(p.server);
}

static void
a_closed_connection_is_an_orphan(void **state)
{
	struct pair p;

	(void)state;
	if (!can_tell()) {
		print_message("no sock_diag here\n");
		skip();
	}
	p = connect_pair();
	shutdown(p.client, SHUT_WR);
	wait_for_fin(p.server);
	close(p.client);
	assert_true(orphan_check(p.server));
	close(p.server);
}

static void
a_unix_socket_cannot_be_told(void **state)
{
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	close(pair[1]);
	assert_false(orphan_check(pair[0]));
	close(pair[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_connection_is_no_orphan),
		cmocka_unit_test(a_half_closed_connection_is_no_orphan),
		cmocka_unit_test(a_closed_connection_is_an_orphan),
		cmocka_unit_test(a_unix_socket_cannot_be_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
