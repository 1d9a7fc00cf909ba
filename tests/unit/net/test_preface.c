/*
 * net/preface: words go out, an answer comes, and nothing else is sent.
 */
#include "net/preface.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "turns.h"

struct fixture {
	struct loop *loop;
	struct preface words;
	struct speech *speech;
	int fds[2];			/* ours, the other side's */
	const char *say;		/* NULL: nothing may be said */
	size_t times;			/* how often */
	char heard[64];
	unsigned begun, ended;
	bool done;
	enum preface_end end;
	char why[200];
};

static void *
on_begin(void *ctx, struct buf *out, char *why, size_t why_size)
{
	struct fixture *f = ctx;

	if (f->say == NULL) {
		(void)snprintf(why, why_size, "not allowed");
		return NULL;
	}
	for (size_t i = 0; i < f->times; i++)
		buf_append(out, f->say, strlen(f->say));
	f->begun++;
	return f;
}

/* Waits for ".", or "!". */
static enum preface_state
on_input(void *state, const uint8_t *p, size_t n, char *why, size_t why_size)
{
	struct fixture *f = state;

	assert_true(strlen(f->heard) + n < sizeof(f->heard));
	memcpy(f->heard + strlen(f->heard), p, n);
	if (strchr(f->heard, '!') != NULL) {
		(void)snprintf(why, why_size, "refused");
		return PREFACE_REFUSED;
	}
	return strchr(f->heard, '.') != NULL ? PREFACE_DONE : PREFACE_MORE;
}

static void
on_end(void *state)
{
	struct fixture *f = state;

	f->ended++;
}

static void
on_done(void *owner, enum preface_end end, const char *why)
{
	struct fixture *f = owner;

	assert_false(f->done);
	f->speech = NULL;
	f->done = true;
	f->end = end;
	strcpy(f->why, why);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->loop = loop_new();
	f->say = "hello";
	f->times = 1;
	f->words = (struct preface){ .whose = "proxy", .begin = on_begin,
		.input = on_input, .end = on_end, .ctx = f };
	make_tcp_pair(f->fds);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	preface_cancel(f->speech);
	assert_int_equal(f->begun, f->ended);
	for (int i = 0; i < 2; i++) {
		if (f->fds[i] != -1)
			close(f->fds[i]);
	}
	loop_free(f->loop);
	free(f);
	return 0;
}

static void
start(struct fixture *f)
{
	f->speech = preface_start(f->loop, &f->words, f->fds[0], NULL, on_done,
	    f);
	assert_false(f->done);
}

/* What the other side has got so far. */
static const char *
got(const struct fixture *f)
{
	static char text[64];
	ssize_t n = recv(f->fds[1], text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
answer(const struct fixture *f, const char *text)
{
	assert_int_equal(send(f->fds[1], text, strlen(text), 0),
	    (ssize_t)strlen(text));
}

static void
it_is_said_once_and_the_answer_taken(void **state)
{
	struct fixture *f = *state;

	start(f);
	run_for(f->loop, 5);
	assert_string_equal(got(f), "hello");
	answer(f, "we");
	run_for(f->loop, 5);
	assert_false(f->done);
	answer(f, "ll.");
	run_until(f->loop, &f->done);
	assert_int_equal(f->end, PREFACE_END_DONE);
	assert_string_equal(f->heard, "well.");
	assert_string_equal(got(f), "");
}

static void
a_refusal_is_told_with_its_reason(void **state)
{
	struct fixture *f = *state;

	start(f);
	answer(f, "no!");
	run_until(f->loop, &f->done);
	assert_int_equal(f->end, PREFACE_END_REFUSED);
	assert_string_equal(f->why, "refused");
}

static void
where_nothing_may_be_said_nothing_is(void **state)
{
	struct fixture *f = *state;

	f->say = NULL;
	start(f);
	run_until(f->loop, &f->done);
	assert_int_equal(f->end, PREFACE_END_REFUSED);
	assert_string_equal(f->why, "not allowed");
	assert_string_equal(got(f), "");
}

static void
the_end_of_the_connection_is_a_loss(void **state)
{
	struct fixture *f = *state;

	start(f);
	answer(f, "we");
	shutdown(f->fds[1], SHUT_WR);
	run_until(f->loop, &f->done);
	assert_int_equal(f->end, PREFACE_END_LOST);
	assert_string_equal(f->why, "connection closed before it answered");
}

static void
so_is_a_reset(void **state)
{
	struct fixture *f = *state;
	const struct linger now = { .l_onoff = 1 };

	start(f);
	run_for(f->loop, 5);
	setsockopt(f->fds[1], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(f->fds[1]);
	f->fds[1] = -1;
	run_until(f->loop, &f->done);
	assert_int_equal(f->end, PREFACE_END_LOST);
	assert_string_equal(f->why, "Connection reset by peer");
}

static bool
has_come(void *arg)
{
	struct fixture *f = arg;
	char piece[65536];
	ssize_t n = recv(f->fds[1], piece, sizeof(piece), 0);

	if (n > 0)
		f->times -= (size_t)n;
	return f->times == 0;
}

static void
a_long_one_is_sent_as_the_socket_takes_it(void **state)
{
	struct fixture *f = *state;

	f->say = "x";
	f->times = 16 << 20;
	start(f);
	run_until_fn(f->loop, has_come, f);
	answer(f, ".");
	run_until(f->loop, &f->done);
	assert_int_equal(f->end, PREFACE_END_DONE);
}

static void
after_it_was_cancelled_nothing_is_told(void **state)
{
	struct fixture *f = *state;

	start(f);
	answer(f, ".");
	preface_cancel(f->speech);
	f->speech = NULL;
	run_for(f->loop, 5);
	assert_false(f->done);
}

int
main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(it_is_said_once_and_the_answer_taken),
		TEST(a_refusal_is_told_with_its_reason),
		TEST(where_nothing_may_be_said_nothing_is),
		TEST(the_end_of_the_connection_is_a_loss),
		TEST(so_is_a_reset),
		TEST(a_long_one_is_sent_as_the_socket_takes_it),
		TEST(after_it_was_cancelled_nothing_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
