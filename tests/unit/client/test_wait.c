/*
 * client/wait: the deadline of a session.  What exchanges make of it is in
 * test_exchange.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../sim/memory.h"
#include "client/wait.h"

#define SECONDS		INT64_C(1000)

static const struct conf conf = {
	.timeouts = { .head = 10 * SECONDS, .body = 30 * SECONDS,
	    .idle = 75 * SECONDS, .send = 60 * SECONDS },
	.limits = { .body_rate = 500 },
};

/* A client whose deadline passes by itself when time does. */
static struct client {
	struct junction junction;
	struct wire *wire;
	struct wait wait;
	struct patience body;
	unsigned late;
	enum wait_for was;
} client;

static void
on_late(void *owner)
{
	struct client *c = owner;

	c->late++;
	c->was = wait_passed(&c->wait);
}

static int
setup(void **state)
{
	struct client *c = &client;
	struct loop *loop = loop_new();
	int fd;

	*state = c;
	*c = (struct client){ .late = 0 };
	memory_start(loop);
	c->junction.loop = loop;
	c->wire = memory_client(&fd);
	c->junction.link = link_new(loop, fd, NULL, NULL);
	timer_init(&c->junction.timer, loop, on_late, c);
	wait_begin(&c->wait, &conf);
	patience_begin(&c->body, conf.timeouts.body);
	return 0;
}

static int
teardown(void **state)
{
	struct client *c = *state;

	link_close(&c->junction.link, LINK_END_NOW);
	timer_end(&c->junction.timer);
	memory_turn();
	memory_end();
	loop_free(c->junction.loop);
	return 0;
}

static void
move(struct client *c, enum wait_for what)
{
	wait_move(&c->wait, &conf, &c->junction, what, &c->body);
}

/* Not a moment earlier. */
static void
expect_late_in(struct client *c, int64_t ms, enum wait_for what)
{
	memory_pass(ms - 1);
	assert_int_equal(c->late, 0);
	memory_pass(1);
	assert_int_equal(c->late, 1);
	assert_int_equal(c->was, what);
	c->late = 0;
}

static void
nothing_is_late_when_nothing_is_waited_for(void **state)
{
	struct client *c = *state;

	move(c, WAIT_REQUEST);
	move(c, WAIT_NOTHING);
	memory_pass(1000 * SECONDS);
	assert_int_equal(c->late, 0);
}

static void
an_idle_client_has_its_time_once(void **state)
{
	struct client *c = *state;

	move(c, WAIT_REQUEST);
	memory_pass(50 * SECONDS);
	move(c, WAIT_REQUEST);
	expect_late_in(c, 25 * SECONDS, WAIT_REQUEST);
}

static void
a_head_has_one_deadline_however_it_trickles_in(void **state)
{
	struct client *c = *state;

	move(c, WAIT_HEAD);
	for (unsigned i = 0; i < 9; i++) {
		memory_pass(1 * SECONDS);
		c->wait.progress = true;
		move(c, WAIT_HEAD);
	}
	expect_late_in(c, 1 * SECONDS, WAIT_HEAD);
}

static void
a_body_has_what_is_left_from_before(void **state)
{
	struct client *c = *state;

	move(c, WAIT_BODY);
	memory_pass(20 * SECONDS);
	move(c, WAIT_NOTHING);
	memory_pass(500 * SECONDS);
	move(c, WAIT_BODY);
	expect_late_in(c, 10 * SECONDS, WAIT_BODY);
}

static void
a_reader_has_the_more_time_the_more_it_read(void **state)
{
	struct client *c = *state;

	memset(buf_reserve(&c->wire->out, 10000), 'x', 10000);
	buf_commit(&c->wire->out, 10000);
	c->wire->taken = 10000;
	move(c, WAIT_SEND);
	memory_pass(20 * SECONDS);
	assert_int_equal(wait_reading_left(&c->wait, &conf, &c->junction),
	    40 * SECONDS);
	c->wire->read = 2500;
	assert_int_equal(wait_reading_left(&c->wait, &conf, &c->junction),
	    45 * SECONDS);
	/* The deadline itself moves with progress only. */
	c->wait.progress = true;
	move(c, WAIT_SEND);
	expect_late_in(c, 45 * SECONDS, WAIT_SEND);
	assert_int_equal(wait_reading_left(&c->wait, &conf, &c->junction), 0);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(nothing_is_late_when_nothing_is_waited_for),
		CASE(an_idle_client_has_its_time_once),
		CASE(a_head_has_one_deadline_however_it_trickles_in),
		CASE(a_body_has_what_is_left_from_before),
		CASE(a_reader_has_the_more_time_the_more_it_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
