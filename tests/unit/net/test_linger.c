#include "net/linger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/clock.h"
#include "turns.h"

/* Longer than any test. */
#define LONG		60000

struct fixture {
	struct loop *loop;
	int ours, other;
	unsigned over;			/* how often it was told */
	bool is_over;
};

static void
on_over(void *owner)
{
	struct fixture *f = owner;

	f->over++;
	f->is_over = true;
}

static int
set_up(void **state, void (*make)(int[2]))
{
	static struct fixture f;
	int fds[2];

	make(fds);
	f = (struct fixture){ .loop = loop_new(), .ours = fds[0],
	    .other = fds[1] };
	*state = &f;
	return 0;
}

static int
set_up_unix(void **state)
{
	return set_up(state, make_pair);
}

static int
set_up_tcp(void **state)
{
	return set_up(state, make_tcp_pair);
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	loop_free(f->loop);
	if (f->other != -1)
		close(f->other);
	return 0;
}

static struct linger_terms
counted(struct fixture *f, int64_t most_ms, int64_t silent_ms)
{
	return (struct linger_terms){ .most_ms = most_ms,
	    .silent_ms = silent_ms, .over = on_over, .owner = f };
}

static void
start(struct fixture *f, int64_t most_ms, int64_t silent_ms)
{
	struct linger_terms terms = counted(f, most_ms, silent_ms);

	linger_start(f->loop, f->ours, NULL, &terms);
}

static void
close_other(struct fixture *f)
{
	close(f->other);
	f->other = -1;
}

/* Sends that many bytes, or as many as are taken before it is over. */
static size_t
pour(struct fixture *f, size_t most)
{
	static const char junk[64 * 1024];
	size_t total = 0;

	while (total < most && !f->is_over) {
		ssize_t n = send(f->other, junk, sizeof(junk),
		    MSG_NOSIGNAL | MSG_DONTWAIT);

		assert_true(n >= 0 || errno == EAGAIN || f->is_over ||
		    errno == ECONNRESET || errno == EPIPE);
		total += n > 0 ? (size_t)n : 0;
		run_for(f->loop, 1);
	}
	return total;
}

/* As does one that sends a large body before it looks at the answer. */
static void
all_that_comes_is_taken_in_and_the_answer_is_there(void **state)
{
	struct fixture *f = *state;
	char got[16];

	assert_int_equal(write(f->ours, "answer", 6), 6);
	start(f, LONG, LONG);
	assert_true(pour(f, 8 << 20) >= 8 << 20);
	assert_false(f->is_over);
	assert_int_equal(read(f->other, got, sizeof(got)), 6);
	assert_memory_equal(got, "answer", 6);
	assert_int_equal(read(f->other, got, sizeof(got)), 0);
	close_other(f);
	run_until(f->loop, &f->is_over);
	assert_int_equal(f->over, 1);
}

static void
stop(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	loop_stop(arg);
}

static int
unread(int fd)
{
	int n = 0;

	assert_int_equal(ioctl(fd, FIONREAD, &n), 0);
	return n;
}

static void
a_turn_takes_64_KiB_and_no_more(void **state)
{
	struct fixture *f = *state;
	static const char junk[16384];
	struct timeval now = { .tv_sec = 0 };
	int eye = dup(f->ours), before;

	while (send(f->other, junk, sizeof(junk), MSG_DONTWAIT) > 0)
		;
	before = unread(eye);
	assert_true(before > 2 * 65536);
	start(f, LONG, LONG);
	event_base_once(loop_base(f->loop), -1, EV_TIMEOUT, stop, f->loop,
	    &now);
	loop_run(f->loop);
	assert_int_equal(before - unread(eye), 65536);
	close(eye);
}

static void
silence_ends_it(void **state)
{
	struct fixture *f = *state;
	int64_t before = clock_monotonic();

	start(f, LONG, 100);
	run_until(f->loop, &f->is_over);
	assert_true(clock_monotonic() - before >= 100 * NS_PER_MS);
}

/* A machine with much to do may keep us from sending in time. */
static void
who_is_not_silent_goes_on(void **state)
{
	struct fixture *f = *state;
	int64_t began = clock_monotonic(), last = began, longest = 0;

	start(f, LONG, 500);
	while (clock_monotonic() - began < 1200 * NS_PER_MS && !f->is_over) {
		int64_t now = clock_monotonic();

		longest = now - last > longest ? now - last : longest;
		last = now;
		(void)send(f->other, "x", 1, MSG_NOSIGNAL);
		run_for(f->loop, 20);
	}
	assert_true(!f->is_over || longest > 400 * NS_PER_MS);
}

static void
who_sends_without_end_is_ended(void **state)
{
	struct fixture *f = *state;
	int64_t before = clock_monotonic();

	start(f, 200, LONG);
	(void)pour(f, SIZE_MAX);
	assert_int_equal(f->over, 1);
	assert_true(clock_monotonic() - before >= 200 * NS_PER_MS);
}

/* Who has no more to say may still want to hear. */
static void
what_is_left_leaves_after_the_end_of_the_other_side(void **state)
{
	struct fixture *f = *state;
	struct linger_terms terms = counted(f, LONG, LONG);
	static char got[65536];
	size_t total = 0;
	struct buf rest;

	buf_init(&rest, NULL);
	while (buf_len(&rest) < 1 << 20)
		buf_append(&rest, got, sizeof(got));
	shutdown(f->other, SHUT_WR);
	linger_start(f->loop, f->ours, &rest, &terms);
	assert_int_equal(buf_len(&rest), 0);
	while (!f->is_over || total < 1 << 20) {
		ssize_t n = read(f->other, got, sizeof(got));

		assert_true(n > 0 || (n == -1 && errno == EAGAIN));
		total += n > 0 ? (size_t)n : 0;
		run_for(f->loop, 1);
	}
	assert_int_equal(total, 1 << 20);
	assert_int_equal(read(f->other, got, sizeof(got)), 0);
}

/* 1 MiB that waits, of which the socket takes some at once. */
static void
start_with_rest(struct fixture *f)
{
	struct linger_terms terms = counted(f, LONG, LONG);
	static char bytes[1 << 20];
	struct buf rest;

	buf_init(&rest, NULL);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i * 7 + i / 1000);
	buf_append(&rest, bytes, sizeof(bytes));
	linger_start(f->loop, f->ours, &rest, &terms);
}

/* Who reads to the end has read all. */
static void
the_end_comes_behind_what_is_left(void **state)
{
	struct fixture *f = *state;
	static char got[65536];
	size_t total = 0;
	ssize_t n;

	start_with_rest(f);
	while ((n = read(f->other, got, sizeof(got))) != 0) {
		assert_true(n > 0 || errno == EAGAIN);
		for (ssize_t i = 0; i < n; i++, total++)
			assert_int_equal(got[i], (char)(total * 7 +
			    total / 1000));
		if (n == -1)
			run_for(f->loop, 1);
	}
	assert_int_equal(total, 1 << 20);
	assert_int_equal(f->over, 0);
	close_other(f);
	run_until(f->loop, &f->is_over);
	assert_int_equal(f->over, 1);
}

static void
reset_other(struct fixture *f)
{
	const struct linger at_once = { .l_onoff = 1 };

	assert_int_equal(setsockopt(f->other, SOL_SOCKET, SO_LINGER,
	    &at_once, sizeof(at_once)), 0);
	close_other(f);
}

static void
a_reset_ends_it(void **state)
{
	struct fixture *f = *state;

	start(f, LONG, LONG);
	run_for(f->loop, 2);
	reset_other(f);
	run_until(f->loop, &f->is_over);
	assert_int_equal(f->over, 1);
}

static void
a_reset_ends_it_although_something_is_left(void **state)
{
	struct fixture *f = *state;

	start_with_rest(f);
	run_for(f->loop, 2);
	reset_other(f);
	run_until(f->loop, &f->is_over);
	assert_int_equal(f->over, 1);
}

/* It said that it sends no more, and then went away. */
static void
who_leaves_before_all_is_sent_ends_it(void **state)
{
	struct fixture *f = *state;

	shutdown(f->other, SHUT_WR);
	start_with_rest(f);
	run_for(f->loop, 2);
	assert_false(f->is_over);
	close_other(f);
	run_until(f->loop, &f->is_over);
	assert_int_equal(f->over, 1);
}

static int
start_another(struct fixture *f, const struct linger_terms *terms)
{
	int fds[2];

	make_pair(fds);
	linger_start(f->loop, fds[1], NULL, terms);
	return fds[0];
}

/* The other side of one that is over is told so when it sends. */
static bool
is_open(int fd)
{
	return send(fd, "x", 1, MSG_NOSIGNAL) == 1;
}

static void
of_those_that_nobody_counts_the_oldest_makes_room(void **state)
{
	struct fixture *f = *state;
	const struct linger_terms uncounted = { .most_ms = LONG,
	    .silent_ms = LONG };
	int others[LINGERS + 3];

	start(f, LONG, LONG);
	for (size_t i = 0; i < LINGERS + 3; i++)
		others[i] = start_another(f, &uncounted);
	for (size_t i = 0; i < LINGERS + 3; i++) {
		assert_true(is_open(others[i]) == (i >= 3));
		close(others[i]);
	}
	assert_false(f->is_over);
}

static void
of_those_that_are_counted_none_makes_room(void **state)
{
	struct fixture *f = *state;
	struct linger_terms terms = counted(f, LONG, LONG);
	int others[LINGERS + 3];

	for (size_t i = 0; i < LINGERS + 3; i++)
		others[i] = start_another(f, &terms);
	for (size_t i = 0; i < LINGERS + 3; i++) {
		assert_true(is_open(others[i]));
		close(others[i]);
	}
	assert_int_equal(f->over, 0);
	close(f->ours);
}

static void
on_none(void *owner)
{
	*(bool *)owner = true;
}

static void
the_end_of_all_can_be_waited_for(void **state)
{
	struct fixture *f = *state;
	bool none = false;

	linger_await_none(f->loop, LONG, on_none, &none);
	assert_true(none);
	none = false;
	start(f, LONG, LONG);
	linger_await_none(f->loop, LONG, on_none, &none);
	run_for(f->loop, 5);
	assert_false(none);
	close_other(f);
	run_until(f->loop, &none);
	assert_int_equal(f->over, 1);
}

static void
who_waits_for_the_end_says_how_long(void **state)
{
	struct fixture *f = *state;
	bool none = false;
	int another;

	start(f, LONG, LONG);
	linger_await_none(f->loop, 100, on_none, &none);
	/* That begins later has no longer. */
	another = start_another(f, &(struct linger_terms){ .most_ms = LONG,
	    .silent_ms = LONG });
	(void)pour(f, SIZE_MAX);
	run_until(f->loop, &none);
	assert_false(is_open(another));
	close(another);
}

static void
the_loop_ends_them(void **state)
{
	struct fixture *f = *state;

	start(f, LONG, LONG);
	loop_free(f->loop);
	assert_int_equal(f->over, 1);
	assert_false(is_open(f->other));
	f->loop = NULL;
}

static void
of_those_that_an_owner_counts_it_ends_the_oldest(void **state)
{
	struct fixture *f = *state;
	struct fixture another = { .over = 0 };
	struct linger_terms terms = counted(&another, LONG, LONG);
	int fds[2];

	make_pair(fds);
	linger_start(f->loop, fds[0], NULL, &terms);
	assert_false(linger_end_oldest(f->loop, f));
	start(f, LONG, LONG);
	assert_true(linger_end_oldest(f->loop, f));
	assert_int_equal(f->over, 1);
	assert_false(linger_end_oldest(f->loop, f));
	assert_int_equal(another.over, 0);
	assert_true(linger_end_oldest(f->loop, &another));
	assert_int_equal(another.over, 1);
	close(fds[1]);
}

int
main(void)
{
#define ON_UNIX(test)							\
	cmocka_unit_test_setup_teardown(test, set_up_unix, tear_down)
#define ON_TCP(test)							\
	cmocka_unit_test_setup_teardown(test, set_up_tcp, tear_down)
	const struct CMUnitTest tests[] = {
		ON_UNIX(all_that_comes_is_taken_in_and_the_answer_is_there),
		ON_TCP(all_that_comes_is_taken_in_and_the_answer_is_there),
		ON_UNIX(a_turn_takes_64_KiB_and_no_more),
		ON_UNIX(silence_ends_it),
		ON_UNIX(who_is_not_silent_goes_on),
		ON_UNIX(who_sends_without_end_is_ended),
		ON_TCP(who_sends_without_end_is_ended),
		ON_UNIX(what_is_left_leaves_after_the_end_of_the_other_side),
		ON_UNIX(the_end_comes_behind_what_is_left),
		ON_TCP(the_end_comes_behind_what_is_left),
		ON_TCP(a_reset_ends_it),
		ON_TCP(a_reset_ends_it_although_something_is_left),
		ON_UNIX(who_leaves_before_all_is_sent_ends_it),
		ON_UNIX(of_those_that_nobody_counts_the_oldest_makes_room),
		ON_UNIX(of_those_that_are_counted_none_makes_room),
		ON_UNIX(of_those_that_an_owner_counts_it_ends_the_oldest),
		ON_UNIX(the_end_of_all_can_be_waited_for),
		ON_UNIX(who_waits_for_the_end_says_how_long),
		ON_UNIX(the_loop_ends_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
