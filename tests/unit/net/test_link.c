#include "net/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "end.h"
#include "turns.h"

struct fixture {
	struct loop *loop;
	struct end end;
	int other;
};

static void
fixture_make(struct fixture *f, void (*make)(int[2]))
{
	int fds[2];

	make(fds);
	*f = (struct fixture){ .loop = loop_new(), .other = fds[1] };
	end_init(&f->end);
	f->end.link = link_new(f->loop, fds[0], &end_events, &f->end);
}

static int
setup(void **state)
{
	static struct fixture f;

	fixture_make(&f, make_pair);
	*state = &f;
	return 0;
}

static int
setup_tcp(void **state)
{
	static struct fixture f;

	fixture_make(&f, make_tcp_pair);
	*state = &f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	end_release(&f->end);
	loop_free(f->loop);
	if (f->other != -1)
		close(f->other);
	return 0;
}

static void
say(struct fixture *f, const char *text)
{
	assert_int_equal(write(f->other, text, strlen(text)), strlen(text));
}

static void
send_text(struct end *e, const char *text)
{
	buf_append_text(&e->out, text_of(text));
	link_wake(e->link);
}

static void
expect_heard(struct fixture *f, const char *text)
{
	char got[256];
	ssize_t n = read(f->other, got, sizeof(got));

	assert_int_equal(n, strlen(text));
	assert_memory_equal(got, text, strlen(text));
}

static bool
has_input(void *arg)
{
	return buf_len(&((struct end *)arg)->in) != 0;
}

static bool
sent_all(void *arg)
{
	return buf_len(&((struct end *)arg)->out) == 0;
}

static void
nothing_is_read_before_it_is_wanted(void **state)
{
	struct fixture *f = *state;

	say(f, "hello");
	run_for(f->loop, 20);
	assert_int_equal(f->end.inputs, 0);
	link_want_input(f->end.link, true);
	run_until_fn(f->loop, has_input, &f->end);
	assert_true(text_eq(buf_text(&f->end.in), TEXT("hello")));
}

static void
what_the_loop_has_not_seen_yet_can_be_asked_for(void **state)
{
	struct fixture *f = *state;

	link_want_input(f->end.link, true);
	assert_true(link_is_quiet(f->end.link));
	say(f, "hello");
	assert_false(link_is_quiet(f->end.link));
	run_until_fn(f->loop, has_input, &f->end);
	assert_true(text_eq(buf_text(&f->end.in), TEXT("hello")));
	assert_true(link_is_quiet(f->end.link));
	assert_int_equal(shutdown(f->other, SHUT_WR), 0);
	assert_false(link_is_quiet(f->end.link));
	run_for(f->loop, 20);
	assert_false(link_is_quiet(f->end.link));
}

static void
input_can_be_stopped_and_resumed(void **state)
{
	struct fixture *f = *state;

	f->end.stop_after = 1;
	link_want_input(f->end.link, true);
	say(f, "one");
	run_until_fn(f->loop, has_input, &f->end);
	say(f, "two");
	run_for(f->loop, 20);
	assert_true(text_eq(buf_text(&f->end.in), TEXT("one")));
	f->end.stop_after = 0;
	buf_consume(&f->end.in, 3);
	link_want_input(f->end.link, true);
	run_until_fn(f->loop, has_input, &f->end);
	assert_true(text_eq(buf_text(&f->end.in), TEXT("two")));
}

/* A loop that spins would use as much processor time as time passes. */
static void
expect_no_spin(struct fixture *f)
{
	struct timespec before, after;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
	run_for(f->loop, 200);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
	assert_true((after.tv_sec - before.tv_sec) * NS_PER_S +
	    after.tv_nsec - before.tv_nsec < 100 * NS_PER_MS);
	assert_false(f->end.failed);
}

static void
unwanted_input_does_not_make_the_loop_spin(void **state)
{
	struct fixture *f = *state;

	say(f, "unwanted");
	shutdown(f->other, SHUT_WR);
	expect_no_spin(f);
}

static void
an_end_does_not_make_the_loop_spin(void **state)
{
	struct fixture *f = *state;

	link_want_input(f->end.link, true);
	shutdown(f->other, SHUT_WR);
	run_until(f->loop, &f->end.eof);
	expect_no_spin(f);
}

static void
all_output_of_a_turn_leaves_in_one_write(void **state)
{
	struct fixture *f = *state;

	send_text(&f->end, "one ");
	send_text(&f->end, "two");
	run_until_fn(f->loop, sent_all, &f->end);
	expect_heard(f, "one two");
	assert_int_equal(f->end.outputs, 1);
	assert_int_equal(link_sent(f->end.link), 7);
}

static void
a_full_socket_takes_the_rest_later(void **state)
{
	struct fixture *f = *state;
	static char sink[1 << 16];
	size_t size = 4 << 20, heard = 0;
	ssize_t n;

	memset(buf_reserve(&f->end.out, size), 'x', size);
	buf_commit(&f->end.out, size);
	link_wake(f->end.link);
	run_for(f->loop, 20);
	assert_true(link_is_blocked(f->end.link));
	while (heard < size) {
		while ((n = read(f->other, sink, sizeof(sink))) > 0)
			heard += (size_t)n;
		run_for(f->loop, 2);
	}
	assert_int_equal(heard, size);
	assert_false(link_is_blocked(f->end.link));
	assert_int_equal(link_sent(f->end.link), size);
}

/* Who waits for a client has to learn that it takes nothing. */
static void
a_full_socket_that_takes_nothing_is_told(void **state)
{
	struct fixture *f = *state;

	while (send(link_fd(f->end.link), "x", 1, MSG_NOSIGNAL) == 1)
		;
	send_text(&f->end, "more");
	run_for(f->loop, 5);
	assert_true(link_is_blocked(f->end.link));
	assert_int_equal(link_sent(f->end.link), 0);
	assert_int_equal(f->end.outputs, 1);
	assert_int_equal(buf_len(&f->end.out), 4);
}

static void
an_end_is_told_once_and_output_still_flows(void **state)
{
	struct fixture *f = *state;

	link_want_input(f->end.link, true);
	say(f, "last");
	shutdown(f->other, SHUT_WR);
	run_until(f->loop, &f->end.eof);
	assert_true(f->end.clean);
	assert_true(text_eq(buf_text(&f->end.in), TEXT("last")));
	send_text(&f->end, "answer");
	run_for(f->loop, 20);
	expect_heard(f, "answer");
	assert_false(f->end.failed);
}

static void
a_half_close_is_no_error_while_not_reading(void **state)
{
	struct fixture *f = *state;

	say(f, "request");
	shutdown(f->other, SHUT_WR);
	run_for(f->loop, 30);
	assert_false(f->end.failed);
	assert_false(f->end.eof);
	link_want_input(f->end.link, true);
	run_until(f->loop, &f->end.eof);
	assert_true(text_eq(buf_text(&f->end.in), TEXT("request")));
}

static void
a_client_gone_is_noticed_while_not_reading(void **state)
{
	struct fixture *f = *state;

	say(f, "request");
	run_for(f->loop, 10);
	close(f->other);
	f->other = -1;
	run_until(f->loop, &f->end.failed);
	assert_int_equal(f->end.error, LINK_RESET);
}

static void
a_reset_is_noticed_while_not_reading(void **state)
{
	struct fixture *f = *state;
	struct linger none = { .l_onoff = 1 };

	run_for(f->loop, 10);
	setsockopt(f->other, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(f->other);
	f->other = -1;
	run_until(f->loop, &f->end.failed);
	assert_int_equal(f->end.error, LINK_RESET);
}

static void
a_reset_is_noticed_after_the_end_was_told(void **state)
{
	struct fixture *f = *state;
	struct linger none = { .l_onoff = 1 };

	link_want_input(f->end.link, true);
	shutdown(f->other, SHUT_WR);
	run_until(f->loop, &f->end.eof);
	run_for(f->loop, 10);
	assert_false(f->end.failed);
	setsockopt(f->other, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(f->other);
	f->other = -1;
	run_until(f->loop, &f->end.failed);
	assert_int_equal(f->end.error, LINK_RESET);
}

static void
an_answer_that_came_before_a_failed_write_is_heard(void **state)
{
	struct fixture *f = *state;

	say(f, "413");
	close(f->other);
	f->other = -1;
	link_want_input(f->end.link, true);
	send_text(&f->end, "a body");
	run_until_fn(f->loop, has_input, &f->end);
	assert_true(text_eq(buf_text(&f->end.in), TEXT("413")));
	run_until(f->loop, &f->end.failed);
	assert_int_equal(f->end.error, LINK_RESET);
}

static void
a_handler_may_close_its_link(void **state)
{
	struct fixture *f = *state;
	char c;

	f->end.close_on_input = true;
	link_want_input(f->end.link, true);
	say(f, "x");
	run_until_fn(f->loop, has_input, &f->end);
	assert_null(f->end.link);
	run_for(f->loop, 5);
	assert_int_equal(read(f->other, &c, 1), 0);
}

static void
an_aborted_link_is_reset(void **state)
{
	struct fixture *f = *state;
	char c;

	link_close(&f->end.link, LINK_END_ABORT);
	run_for(f->loop, 5);
	assert_int_equal(read(f->other, &c, 1), -1);
	assert_int_equal(errno, ECONNRESET);
}

/* Closing with unread input would reset and lose the answer. */
static void
a_lingering_link_does_not_lose_the_answer(void **state)
{
	struct fixture *f = *state;
	char c;

	say(f, "a body that nobody reads");
	send_text(&f->end, "answer");
	run_until_fn(f->loop, sent_all, &f->end);
	link_close(&f->end.link, LINK_END_LINGER);
	run_for(f->loop, 10);
	say(f, "more of it");
	run_for(f->loop, 10);
	expect_heard(f, "answer");
	assert_int_equal(read(f->other, &c, 1), 0);
	close(f->other);
	f->other = -1;
	run_for(f->loop, 10);
}

static void
on_gone(void *owner)
{
	*(bool *)owner = true;
}

static void
who_counts_descriptors_hears_when_they_are_closed(void **state)
{
	struct fixture *f = *state;
	static const enum link_end ends[] = { LINK_END_NOW, LINK_END_ABORT };

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		int fds[2];
		struct link *l;
		bool gone = false;

		make_pair(fds);
		l = link_new(f->loop, fds[0], &end_events, &f->end);
		link_on_gone(l, on_gone, &gone);
		link_close(&l, ends[i]);
		assert_false(gone);
		run_for(f->loop, 1);
		assert_true(gone);
		close(fds[1]);
	}
}

static void
a_link_that_lingers_is_not_gone_yet(void **state)
{
	struct fixture *f = *state;
	bool gone = false;

	link_on_gone(f->end.link, on_gone, &gone);
	link_close(&f->end.link, LINK_END_LINGER);
	run_for(f->loop, 20);
	assert_false(gone);
	close(f->other);
	f->other = -1;
	run_until(f->loop, &gone);
}

int
main(void)
{
#define ON_UNIX(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define ON_TCP(test) cmocka_unit_test_setup_teardown(test, setup_tcp, teardown)
	const struct CMUnitTest tests[] = {
		ON_UNIX(nothing_is_read_before_it_is_wanted),
		ON_TCP(nothing_is_read_before_it_is_wanted),
		ON_UNIX(what_the_loop_has_not_seen_yet_can_be_asked_for),
		ON_TCP(what_the_loop_has_not_seen_yet_can_be_asked_for),
		ON_UNIX(input_can_be_stopped_and_resumed),
		ON_TCP(input_can_be_stopped_and_resumed),
		ON_UNIX(unwanted_input_does_not_make_the_loop_spin),
		ON_TCP(unwanted_input_does_not_make_the_loop_spin),
		ON_UNIX(an_end_does_not_make_the_loop_spin),
		ON_TCP(an_end_does_not_make_the_loop_spin),
		ON_UNIX(all_output_of_a_turn_leaves_in_one_write),
		ON_UNIX(a_full_socket_takes_the_rest_later),
		ON_TCP(a_full_socket_takes_the_rest_later),
		ON_UNIX(a_full_socket_that_takes_nothing_is_told),
		ON_TCP(a_full_socket_that_takes_nothing_is_told),
		ON_UNIX(an_end_is_told_once_and_output_still_flows),
		ON_TCP(an_end_is_told_once_and_output_still_flows),
		ON_UNIX(a_half_close_is_no_error_while_not_reading),
		ON_TCP(a_half_close_is_no_error_while_not_reading),
		ON_UNIX(a_client_gone_is_noticed_while_not_reading),
		ON_TCP(a_reset_is_noticed_while_not_reading),
		ON_TCP(a_reset_is_noticed_after_the_end_was_told),
		ON_UNIX(an_answer_that_came_before_a_failed_write_is_heard),
		ON_UNIX(a_handler_may_close_its_link),
		ON_TCP(a_handler_may_close_its_link),
		ON_TCP(an_aborted_link_is_reset),
		ON_TCP(a_lingering_link_does_not_lose_the_answer),
		ON_UNIX(a_lingering_link_does_not_lose_the_answer),
		ON_UNIX(who_counts_descriptors_hears_when_they_are_closed),
		ON_UNIX(a_link_that_lingers_is_not_gone_yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
