/*
 * upstream/pool: who gets which connection, who waits, and how waiting ends.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../sim/memory.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "pool_rig.h"

#define SECONDS		INT64_C(1000)
#define MANY		6

/* Somebody who wants a connection. */
struct user {
	struct pool_waiter waiter;
	struct connection *connection;
	bool failed;
	enum fault fault;
	const char *why;
};

struct world {
	struct pool_rig rig;
	struct user users[MANY];
};

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));

	*state = w;
	log_start(open("/dev/null", O_WRONLY | O_CLOEXEC), LOG_LEVEL_DEBUG,
	    NULL);
	pool_rig_start(&w->rig);

	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < MANY; i++) {
		pool_cancel(&w->users[i].waiter);
		if (w->users[i].connection != NULL)
			pool_release(w->users[i].connection);
	}
	pool_rig_end(&w->rig);
	free(w);
	return 0;
}

/* -- users -- */

static void
on_ready(void *owner, struct connection *c)
{
	struct user *u = owner;

	u->connection = c;
}

static void
on_failed(void *owner, enum fault fault, const char *why)
{
	struct user *u = owner;

	u->failed = true;
	u->why = why;
	u->fault = fault;
}

static void
prepare(struct world *w, struct user *u, bool fresh, int64_t ms)
{
	*u = (struct user){ .waiter = {
		.owner = u,
		.fresh = fresh,
		.until_ns = loop_now(w->rig.loop) + ms * NS_PER_MS,
		.ready = on_ready,
		.failed = on_failed,
	} };
}

static void
wait_until(struct world *w, size_t i, bool fresh, int64_t ms)
{
	struct user *u = &w->users[i];

	prepare(w, u, fresh, ms);
	assert_true(pool_wait(w->rig.pool, &u->waiter));
	memory_turn();
}

static void
wait_for_one(struct world *w, size_t i)
{
	wait_until(w, i, false, 25 * SECONDS);
}

static size_t
count_failed(const struct world *w, enum fault fault)
{
	size_t n = 0;

	for (size_t i = 0; i < MANY; i++)
		n += w->users[i].failed && w->users[i].fault == fault;
	return n;
}

/* -- dials -- */

static void
who_is_served_is_not_tied_to_who_dialled(void **state)
{
	struct world *w = *state;

	wait_for_one(w, 0);
	wait_for_one(w, 1);
	pool_cancel(&w->users[0].waiter);
	assert_true(memory_connect(true));
	assert_non_null(w->users[1].connection);
	assert_null(w->users[0].connection);
	/* The other dial is nobody's. */
	assert_true(memory_connect(true));
	assert_int_equal(pool_count_idle(w->rig.pool), 1);
}

static void
dials_are_no_more_than_connections_may_be(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < 3; i++)
		wait_for_one(w, i);
	assert_true(memory_connect(true));
	assert_true(memory_connect(true));
	assert_false(memory_connect(true));
	assert_null(w->users[2].connection);
	pool_drop(w->users[0].connection, "test");
	w->users[0].connection = NULL;
	memory_turn();
	assert_true(memory_connect(true));
	assert_non_null(w->users[2].connection);
}

static void
a_dial_that_is_refused_fails_one_who_waits(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < MANY; i++)
		wait_for_one(w, i);
	for (size_t i = 1; i <= MANY; i++) {
		assert_true(memory_dial(DIAL_UNREACHABLE));
		assert_int_equal(count_failed(w,
		    FAULT_UPSTREAM_UNREACHABLE), i);
	}
	assert_false(memory_connect(true));
}

static void
a_dial_that_timed_out_fails_all_who_waited_as_long(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < MANY - 1; i++)
		wait_for_one(w, i);
	memory_pass(3 * SECONDS);
	wait_for_one(w, MANY - 1);
	memory_pass(2 * SECONDS);
	assert_true(memory_dial(DIAL_TIMEOUT));
	assert_int_equal(count_failed(w, FAULT_UPSTREAM_TIMEOUT), MANY - 1);
	assert_false(w->users[MANY - 1].failed);
	assert_true(memory_connect(true));
	assert_non_null(w->users[MANY - 1].connection);
	memory_pass(5 * SECONDS);
	(void)memory_dial(DIAL_TIMEOUT);
}

static void
a_dial_that_timed_out_fails_one_where_others_got_through(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < MANY; i++)
		wait_for_one(w, i);
	assert_true(memory_connect(true));
	memory_pass(5 * SECONDS);
	assert_true(memory_dial(DIAL_TIMEOUT));
	assert_int_equal(count_failed(w, FAULT_UPSTREAM_TIMEOUT), 1);
}

/* -- waiting -- */

static void
who_waits_too_long_for_connections_in_use_finds_us_overloaded(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < 3; i++)
		wait_for_one(w, i);
	assert_true(memory_connect(true));
	assert_true(memory_connect(true));
	memory_pass(25 * SECONDS - 1);
	assert_false(w->users[2].failed);
	memory_pass(1);
	assert_int_equal(count_failed(w, FAULT_OVERLOADED), 1);
	assert_non_null(strstr(w->users[2].why, "max_connections"));
}

static void
a_burst_of_clients_waits_and_more_are_refused(void **state)
{
	enum { BURST = 1024 };
	struct world *w = *state;
	struct user *burst = xcalloc(BURST + 1, sizeof(*burst));
	size_t i;

	for (i = 0; i < BURST + 1; i++) {
		prepare(w, &burst[i], false, 25 * SECONDS);
		if (!pool_wait(w->rig.pool, &burst[i].waiter))
			break;
	}
	assert_int_equal(i, BURST);
	for (i = 0; i < BURST; i++)
		pool_cancel(&burst[i].waiter);
	free(burst);
}

static void
who_waits_too_long_for_a_dial_finds_the_upstream_late(void **state)
{
	struct world *w = *state;

	w->rig.upstream.max_connections = 1;
	for (size_t i = 0; i < 3; i++)
		wait_for_one(w, i);
	memory_pass(25 * SECONDS);
	assert_int_equal(count_failed(w, FAULT_UPSTREAM_TIMEOUT), 3);
}

static void
who_has_less_time_left_is_served_first(void **state)
{
	struct world *w = *state;

	wait_until(w, 0, false, 20 * SECONDS);
	wait_until(w, 1, false, 21 * SECONDS);
	wait_until(w, 2, true, 5 * SECONDS);
	wait_until(w, 3, true, 20 * SECONDS + 1);
	wait_until(w, 4, false, 25 * SECONDS);
	memory_pass(5 * SECONDS);
	assert_true(w->users[2].failed);
	assert_true(memory_connect(true));
	assert_non_null(w->users[0].connection);
	assert_true(memory_connect(true));
	assert_non_null(w->users[3].connection);
	pool_release(w->users[3].connection);
	w->users[3].connection = NULL;
	assert_non_null(w->users[1].connection);
	pool_release(w->users[0].connection);
	w->users[0].connection = NULL;
	assert_non_null(w->users[4].connection);
}

static void
who_has_less_time_than_those_before_waits_no_longer(void **state)
{
	struct world *w = *state;

	wait_until(w, 0, false, 25 * SECONDS);
	wait_until(w, 1, false, 5 * SECONDS);
	wait_until(w, 2, false, 25 * SECONDS);
	wait_until(w, 3, false, 20 * SECONDS);
	memory_pass(5 * SECONDS);
	assert_true(w->users[1].failed);
	pool_cancel(&w->users[2].waiter);
	wait_until(w, 4, false, 18 * SECONDS);
	assert_true(memory_connect(true));
	assert_non_null(w->users[3].connection);
	assert_true(memory_connect(true));
	assert_non_null(w->users[4].connection);
}

static void
who_wants_a_fresh_one_takes_no_good_one_away(void **state)
{
	struct world *w = *state;

	w->rig.upstream.max_connections = 4;
	for (size_t i = 0; i < 3; i++) {
		wait_for_one(w, i);
		assert_true(memory_connect(true));
	}
	pool_release(w->users[0].connection);
	w->users[0].connection = NULL;
	/* There is room for it beside the others. */
	wait_until(w, 3, true, 5 * SECONDS);
	assert_int_equal(pool_count(w->rig.pool), 3);
	pool_release(w->users[1].connection);
	w->users[1].connection = NULL;
	assert_int_equal(pool_count(w->rig.pool), 3);
	assert_true(memory_connect(true));
	assert_non_null(w->users[3].connection);
}

static void
who_wants_a_fresh_one_gets_the_place_of_another(void **state)
{
	struct world *w = *state;

	wait_for_one(w, 0);
	assert_true(memory_connect(true));
	wait_for_one(w, 1);
	assert_true(memory_connect(true));
	wait_until(w, 2, true, 5 * SECONDS);
	assert_false(memory_connect(true));
	pool_release(w->users[0].connection);
	w->users[0].connection = NULL;
	assert_true(memory_connect(true));
	assert_non_null(w->users[2].connection);
}

/* -- connections that have ended -- */

/* The latest used of so many that were used and are idle. */
static void
make_idle(struct world *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		wait_for_one(w, i);
		assert_true(memory_connect(true));
	}
	for (size_t i = 0; i < n; i++) {
		pool_release(w->users[i].connection);
		w->users[i].connection = NULL;
	}
	assert_int_equal(pool_count_idle(w->rig.pool), n);
}

static struct connection *
take(struct world *w, bool once)
{
	struct user *u = &w->users[0];

	u->connection = pool_take(w->rig.pool, once);
	memory_turn();
	return u->connection;
}

/* Taken, used for so long, and given back. */
static void
use(struct world *w, int64_t ms)
{
	assert_non_null(take(w, false));
	memory_pass(ms);
	pool_release(w->users[0].connection);
	w->users[0].connection = NULL;
	memory_turn();
}

static void
who_has_one_chance_gets_none_that_has_ended(void **state)
{
	struct world *w = *state;
	struct wire *first, *second;

	make_idle(w, 2);
	second = memory_wires();
	first = second->next;
	second->unnoticed = true;
	assert_null(take(w, true));
	assert_null(second->link);
	/* It may be the next to end. */
	assert_non_null(first->link);
	assert_non_null(take(w, false));
}

static void
who_has_one_chance_leaves_alone_what_may_be_closed_soon(void **state)
{
	struct world *w = *state;

	make_idle(w, 1);
	memory_pass(10);
	assert_null(take(w, true));
	assert_int_equal(pool_count_idle(w->rig.pool), 1);
	wait_for_one(w, 0);
	w->users[0].waiter.once = true;
	assert_true(memory_connect(true));
	pool_release(w->users[0].connection);
	/* The first is still there after 20 ms. */
	memory_pass(10);
	assert_non_null(take(w, true));
	assert_int_equal(pool_count(w->rig.pool), 2);
}

static void
who_has_one_chance_takes_it_where_there_is_no_room_for_another(void **state)
{
	struct world *w = *state;

	w->rig.upstream.max_connections = 1;
	make_idle(w, 1);
	memory_pass(10);
	assert_non_null(take(w, true));
}

static void
who_has_one_chance_gets_none_that_was_unused_for_a_second(void **state)
{
	struct world *w = *state;

	make_idle(w, 2);
	memory_pass(500);
	use(w, 0);
	memory_pass(999);
	use(w, 0);
	memory_pass(1000);
	assert_null(take(w, true));
	/* Another will be made in its place. */
	assert_int_equal(pool_count_idle(w->rig.pool), 1);
	assert_non_null(take(w, false));
}

static void
who_has_one_chance_gets_a_new_one_where_others_were_closed_soon(void **state)
{
	struct world *w = *state;

	w->rig.upstream.max_connections = 3;
	make_idle(w, 3);
	memory_pass(900);
	use(w, 0);
	/* One is closed after 1.8 seconds: that says little. */
	memory_pass(900);
	use(w, 0);
	assert_true(memory_eof(memory_wires()->next, true));
	assert_non_null(take(w, true));
	pool_release(w->users[0].connection);
	/* One is closed at once. */
	assert_true(memory_eof(memory_wires(), true));
	assert_int_equal(pool_count_idle(w->rig.pool), 1);
	use(w, 0);
	assert_null(take(w, true));
	assert_int_equal(pool_count_idle(w->rig.pool), 0);
	/* Not even one that was handed on. */
	w->rig.upstream.max_connections = 1;
	wait_for_one(w, 0);
	assert_true(memory_connect(true));
	wait_for_one(w, 1);
	w->users[1].waiter.once = true;
	pool_release(w->users[0].connection);
	w->users[0].connection = NULL;
	assert_null(w->users[1].connection);
	assert_true(memory_connect(true));
	assert_non_null(w->users[1].connection);
	/* A minute later that is forgotten. */
	pool_release(w->users[1].connection);
	w->users[1].connection = NULL;
	memory_pass(60 * SECONDS);
	wait_for_one(w, 0);
	assert_true(memory_connect(true));
	pool_release(w->users[0].connection);
	assert_non_null(take(w, true));
}

static void
who_waited_and_has_one_chance_gets_none_that_has_ended(void **state)
{
	struct world *w = *state;

	w->rig.upstream.max_connections = 1;
	wait_for_one(w, 0);
	assert_true(memory_connect(true));
	wait_for_one(w, 1);
	w->users[1].waiter.once = true;
	memory_wires()->unnoticed = true;
	pool_release(w->users[0].connection);
	w->users[0].connection = NULL;
	assert_null(w->users[1].connection);
	assert_true(memory_connect(true));
	assert_non_null(w->users[1].connection);
}

static void
who_can_be_sent_again_does_not_ask(void **state)
{
	struct world *w = *state;

	make_idle(w, 1);
	memory_wires()->unnoticed = true;
	assert_non_null(take(w, false));
}

static void
one_that_was_never_used_is_looked_at_for_everybody(void **state)
{
	struct world *w = *state;

	wait_for_one(w, 0);
	pool_cancel(&w->users[0].waiter);
	assert_true(memory_connect(true));
	memory_wires()->unnoticed = true;
	assert_null(take(w, false));
}

static void
a_new_one_on_which_bytes_came_serves_nobody(void **state)
{
	struct world *w = *state;

	w->rig.upstream.max_connections = 1;
	wait_for_one(w, 0);
	wait_for_one(w, 1);
	assert_true(memory_connect_with_bytes());
	assert_null(w->users[0].connection);
	assert_int_equal(count_failed(w, FAULT_UPSTREAM_PROTOCOL), 1);
	assert_null(memory_wires()->link);
	/* The other waits for one of its own. */
	assert_true(memory_connect(true));
	assert_non_null(w->users[1].connection);
}

static void
one_that_was_idle_while_the_machine_slept_is_not_used(void **state)
{
	struct world *w = *state;

	make_idle(w, 2);
	memory_sleep(49 * SECONDS);
	assert_non_null(take(w, false));
	pool_release(w->users[0].connection);
	w->users[0].connection = NULL;
	assert_int_equal(pool_count_idle(w->rig.pool), 2);
	memory_sleep(50 * SECONDS);
	assert_null(take(w, false));
	assert_int_equal(pool_count(w->rig.pool), 0);
	assert_int_equal(memory_wires()->end, LINK_END_NOW);
}

static void
one_that_is_busy_again_and_again_grows_old_all_the_same(void **state)
{
	struct world *w = *state;

	w->rig.upstream.max_age = 300 * SECONDS;
	make_idle(w, 1);
	for (unsigned i = 0; i < 10; i++) {
		memory_pass(20 * SECONDS);
		use(w, SECONDS);
	}
	/* 210 seconds; it is not cut in use, and not kept after. */
	use(w, 100 * SECONDS);
	assert_int_equal(pool_count(w->rig.pool), 0);
	assert_int_equal(memory_wires()->end, LINK_END_NOW);
}

static void
one_that_becomes_too_old_while_idle_is_closed(void **state)
{
	struct world *w = *state;

	w->rig.upstream.max_age = 60 * SECONDS;
	make_idle(w, 1);
	memory_pass(40 * SECONDS);
	use(w, 0);
	memory_pass(20 * SECONDS - 1);
	assert_int_equal(pool_count_idle(w->rig.pool), 1);
	memory_pass(1);
	assert_int_equal(pool_count(w->rig.pool), 0);
}

static void
one_that_became_too_old_while_the_machine_slept_is_not_used(void **state)
{
	struct world *w = *state;

	w->rig.upstream.max_age = 60 * SECONDS;
	make_idle(w, 1);
	memory_pass(40 * SECONDS);
	use(w, 0);
	memory_sleep(20 * SECONDS);
	assert_null(take(w, false));
	assert_int_equal(pool_count(w->rig.pool), 0);
}

static void
those_made_together_do_not_end_together(void **state)
{
	enum { N = 4 };
	struct world *w = *state;
	int64_t began = loop_now(w->rig.loop);

	w->rig.upstream.max_connections = N;
	w->rig.upstream.max_age = 30 * SECONDS;
	make_idle(w, N);
	memory_pass(27 * SECONDS);
	assert_int_equal(pool_count_idle(w->rig.pool), N);
	for (size_t left = N, before; left != 0; ) {
		before = left;
		memory_pass(10);
		left = pool_count_idle(w->rig.pool);
		assert_in_range(before - left, 0, 1);
	}
	memory_turn();
	assert_true(loop_now(w->rig.loop) - began <=
	    30 * NS_PER_S + NS_PER_MS * 10);
}

/* -- closing them -- */

static void
all_are_closed_where_nobody_uses_one_or_waits(void **state)
{
	struct world *w = *state;

	wait_for_one(w, 0);
	pool_clear(w->rig.pool, "test");
	assert_true(memory_connect(true));
	assert_non_null(w->users[0].connection);
	pool_clear(w->rig.pool, "test");
	assert_int_equal(pool_count(w->rig.pool), 1);
	pool_release(w->users[0].connection);
	w->users[0].connection = NULL;
	pool_clear(w->rig.pool, "test");
	assert_int_equal(pool_count(w->rig.pool), 0);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_is_served_is_not_tied_to_who_dialled),
		TEST(dials_are_no_more_than_connections_may_be),
		TEST(a_dial_that_is_refused_fails_one_who_waits),
		TEST(a_dial_that_timed_out_fails_all_who_waited_as_long),
		TEST(a_dial_that_timed_out_fails_one_where_others_got_through),
		TEST(
	    who_waits_too_long_for_connections_in_use_finds_us_overloaded),
		TEST(a_burst_of_clients_waits_and_more_are_refused),
		TEST(who_waits_too_long_for_a_dial_finds_the_upstream_late),
		TEST(who_has_less_time_left_is_served_first),
		TEST(who_has_less_time_than_those_before_waits_no_longer),
		TEST(who_wants_a_fresh_one_takes_no_good_one_away),
		TEST(who_wants_a_fresh_one_gets_the_place_of_another),
		TEST(who_has_one_chance_gets_none_that_has_ended),
		TEST(who_has_one_chance_leaves_alone_what_may_be_closed_soon),
		TEST(
	       who_has_one_chance_takes_it_where_there_is_no_room_for_another),
		TEST(who_has_one_chance_gets_none_that_was_unused_for_a_second),
		TEST(
	      who_has_one_chance_gets_a_new_one_where_others_were_closed_soon),
		TEST(who_waited_and_has_one_chance_gets_none_that_has_ended),
		TEST(who_can_be_sent_again_does_not_ask),
		TEST(one_that_was_never_used_is_looked_at_for_everybody),
		TEST(a_new_one_on_which_bytes_came_serves_nobody),
		TEST(one_that_was_idle_while_the_machine_slept_is_not_used),
		TEST(one_that_is_busy_again_and_again_grows_old_all_the_same),
		TEST(one_that_becomes_too_old_while_idle_is_closed),
		TEST(
		  one_that_became_too_old_while_the_machine_slept_is_not_used),
		TEST(those_made_together_do_not_end_together),
		TEST(all_are_closed_where_nobody_uses_one_or_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
