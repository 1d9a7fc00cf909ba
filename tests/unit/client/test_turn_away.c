/*
 * client/turn_away: answers to clients for whom there is no room, over real
 * sockets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include <event2/event.h>

#include "base/alloc.h"
#include "client/env.h"
#include "client/turn_away.h"

static const struct conf conf = {
	.workers = 1,
	.limits = { .head = 4096, .target = 1024, .trailers = 1024,
	    .fields = 20, .interim = 3, .clients = 100 },
};

struct world {
	struct loop *loop;
	struct stats *stats;
	struct env *env;
	struct turn_away *turn_away;
	unsigned rooms;
};

static void
on_room(void *owner)
{
	struct world *w = owner;

	w->rooms++;
}

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	*state = w;
	w->loop = loop_new();
	w->stats = stats_new_alone(&conf);
	w->env = env_new(&conf, w->loop,
	    w->stats, NULL);
	w->turn_away = turn_away_new(w->env, on_room, w);
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	turn_away_free(w->turn_away);
	env_free(w->env);
	loop_free(w->loop);
	stats_free(w->stats);
	free(w);
	return 0;
}

/* As many rounds as it takes, and none that waits. */
static void
serve(struct world *w)
{
	for (unsigned i = 0; i < 2 * TURNED_AWAY; i++)
		event_base_loop(loop_base(w->loop), EVLOOP_NONBLOCK);
}

/* Our end of a client that is turned away. */
static int
turn_one_away(struct world *w)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fds), 0);
	turn_away(w->turn_away, fds[1], false, "no room");
	return fds[0];
}

static void
who_is_to_speak_tls_gets_an_alert_and_nothing_else(void **state)
{
	static const char alert[] = "\x15\x03\x03\0\x02\x02\x50";
	struct world *w = *state;
	char got[64];
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fds), 0);
	turn_away(w->turn_away, fds[1], true, "no room");
	shutdown(fds[0], SHUT_WR);
	serve(w);
	assert_int_equal(read(fds[0], got, sizeof(got)), 7);
	assert_memory_equal(got, alert, 7);
	assert_int_equal(read(fds[0], got, sizeof(got)), 0);
	close(fds[0]);
}

/* The answer, and the end behind it. */
static void
read_answer(int fd)
{
	char got[1024];
	ssize_t n = read(fd, got, sizeof(got) - 1);

	assert_true(n > 0);
	got[n] = '\0';
	assert_memory_equal(got, "HTTP/1.1 503 ", 13);
	assert_non_null(strstr(got, "\r\nRetry-After: 1\r\n"));
	assert_non_null(strstr(got, ": no room\""));
	assert_int_equal(read(fd, got, 1), 0);
}

static void
who_is_turned_away_gets_an_answer_and_its_end(void **state)
{
	struct world *w = *state;
	int fd = turn_one_away(w);

	assert_int_equal(write(fd, "GET / HTTP/1.1\r\n", 16), 16);
	serve(w);
	read_answer(fd);
	close(fd);
	serve(w);
}

static void
who_is_turned_away_is_a_count_and_no_exchange(void **state)
{
	struct world *w = *state;
	int fd = turn_one_away(w);

	assert_int_equal(stats_worker(w->stats, 0)->faults[FAULT_OVERLOADED], 1);
	assert_int_equal(stats_requests(w->stats), 0);
	close(fd);
	serve(w);
}

static void
who_speaks_plain_http_is_told_to_speak_tls(void **state)
{
	struct world *w = *state;
	char got[1024];
	int fds[2];
	ssize_t n;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    fds), 0);
	assert_int_equal(write(fds[0], "GET / HTTP/1.1\r\n\r\n", 18), 18);
	turn_away_plain(w->env, fds[1],
	    "this is plain HTTP, and this port speaks TLS");
	serve(w);
	n = read(fds[0], got, sizeof(got) - 1);
	assert_true(n > 0);
	got[n] = '\0';
	assert_memory_equal(got, "HTTP/1.1 400 ", 13);
	assert_non_null(strstr(got, "\r\nConnection: close\r\n"));
	assert_non_null(strstr(got, ": this is plain HTTP, and this port "
	    "speaks TLS\""));
	assert_int_equal(read(fds[0], got, 1), 0);
	assert_int_equal(
	    stats_worker(w->stats, 0)->faults[FAULT_BAD_REQUEST], 1);
	close(fds[0]);
	serve(w);
}

static void
it_is_full_while_as_many_linger_as_may(void **state)
{
	struct world *w = *state;
	int fds[TURNED_AWAY];

	for (unsigned i = 0; i < TURNED_AWAY; i++) {
		assert_false(turn_away_is_full(w->turn_away));
		fds[i] = turn_one_away(w);
	}
	assert_true(turn_away_is_full(w->turn_away));
	serve(w);
	assert_true(turn_away_is_full(w->turn_away));
	for (unsigned i = 0; i < TURNED_AWAY; i++)
		close(fds[i]);
	serve(w);
	assert_false(turn_away_is_full(w->turn_away));
	assert_int_equal(w->rooms, 1);
}

static void
fewer_linger_where_fewer_may(void **state)
{
	struct world *w = *state;
	int fd;

	turn_away_limit(w->turn_away, 1);
	fd = turn_one_away(w);
	assert_true(turn_away_is_full(w->turn_away));
	close(fd);
	serve(w);
	assert_false(turn_away_is_full(w->turn_away));
}

static void
those_that_linger_end_with_the_loop(void **state)
{
	struct world *w = *state;
	int fd = turn_one_away(w);
	char byte;

	turn_away_free(w->turn_away);
	w->turn_away = NULL;
	env_free(w->env);
	w->env = NULL;
	loop_free(w->loop);
	w->loop = NULL;
	assert_int_equal(read(fd, &byte, 1), 0);
	assert_int_equal(w->rooms, 0);
	close(fd);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_is_turned_away_gets_an_answer_and_its_end),
		TEST(who_is_turned_away_is_a_count_and_no_exchange),
		TEST(who_is_to_speak_tls_gets_an_alert_and_nothing_else),
		TEST(who_speaks_plain_http_is_told_to_speak_tls),
		TEST(it_is_full_while_as_many_linger_as_may),
		TEST(fewer_linger_where_fewer_may),
		TEST(those_that_linger_end_with_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
