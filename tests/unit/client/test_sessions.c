/*
 * client/sessions: who counts as a client, until when, and how all of them end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "client/session.h"
#include "client_rig.h"

#define MALFORMED	"RIG_GET / HTTP/1.1\r\nHost: h\r\nX : 1\r\n\r\n"

static uint64_t
count(const struct client_rig *r)
{
	return stats_worker_clients(r->stats, 0);
}

/* -- counting -- */

static void
a_client_counts_until_its_connection_is_closed(void **state)
{
	struct client_rig *r = *state;
	struct wire *w;

	client_rig_open(r, 10);
	w = client_rig_connect(r, 0);
	assert_int_equal(sessions_count(r->sessions), 1);
	assert_int_equal(count(r), 1);
	assert_true(memory_eof(w, true));
	assert_int_equal(sessions_count(r->sessions), 0);
	assert_int_equal(count(r), 0);
}

static void
one_whose_connection_lingers_still_counts(void **state)
{
	struct client_rig *r = *state;
	struct wire *w;

	client_rig_open(r, 1);
	w = client_rig_connect(r, 0);
	assert_true(client_rig_say(w, MALFORMED));
	assert_int_equal(w->end, LINK_END_LINGER);
	assert_int_equal(sessions_count(r->sessions), 0);
	assert_int_equal(count(r), 1);
	assert_true(r->full[0]);
	memory_pass(5000);
	assert_int_equal(count(r), 0);
	assert_false(r->full[0]);
}

static void
all_listeners_are_full_at_the_limit_of_all(void **state)
{
	struct client_rig *r = *state;
	struct wire *w;

	client_rig_open(r, 2);
	w = client_rig_connect(r, 0);
	assert_int_equal(r->n_full, 0);
	client_rig_connect(r, 1);
	assert_true(r->full[0] && r->full[1]);
	memory_fail(w);
	assert_false(r->full[0] || r->full[1]);
	assert_int_equal(r->n_full, 4);
}

static void
a_listener_is_full_at_its_own_limit(void **state)
{
	struct client_rig *r = *state;
	struct wire *w;

	r->listeners[1].clients = 1;
	client_rig_open(r, 10);
	client_rig_connect(r, 0);
	w = client_rig_connect(r, 1);
	assert_true(r->full[1]);
	assert_false(r->full[0]);
	memory_fail(w);
	assert_false(r->full[1]);
}

static void
the_limit_that_is_reached_has_a_name(void **state)
{
	struct client_rig *r = *state;

	r->listeners[1].clients = 1;
	client_rig_open(r, 2);
	client_rig_connect(r, 1);
	assert_non_null(strstr(sessions_limit(r->sessions, 1), "the listener"));
	client_rig_connect(r, 0);
	assert_non_null(strstr(sessions_limit(r->sessions, 0), "RLIMIT_NOFILE"));
	r->conf.limits.clients = 2;
	assert_non_null(strstr(sessions_limit(r->sessions, 0),
	    "limits.clients"));
}

/* -- making room -- */

static bool
makes_room(struct client_rig *r, size_t listener)
{
	bool made = sessions_make_room(r->sessions, listener);

	memory_turn();
	return made;
}

static void
the_oldest_that_stalls_makes_room(void **state)
{
	static const char *const said[] = { "", "GET / HT",
	    "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n1234" };
	struct client_rig *r = *state;
	struct wire *w[3], *other;

	client_rig_open(r, 4);
	other = client_rig_connect(r, 1);
	for (size_t i = 0; i < 3; i++) {
		w[i] = client_rig_connect(r, 0);
		if (*said[i] != '\0')
			assert_true(client_rig_say(w[i], said[i]));
	}
	assert_true(r->full[0]);
	for (size_t i = 0; i < 3; i++) {
		assert_non_null(w[i]->link);
		assert_true(makes_room(r, 0));
		assert_null(w[i]->link);
		assert_false(r->full[0]);
	}
	assert_false(makes_room(r, 0));
	assert_non_null(other->link);
}

static void
who_waits_for_an_answer_keeps_its_place(void **state)
{
	struct client_rig *r = *state;
	struct wire *waits, *idle;

	client_rig_open(r, 2);
	waits = client_rig_connect(r, 0);
	assert_true(client_rig_say(waits, RIG_GET));
	idle = client_rig_connect(r, 0);
	assert_true(makes_room(r, 0));
	assert_null(idle->link);
	assert_false(makes_room(r, 0));
	assert_non_null(waits->link);
}

static void
those_of_root_and_of_ourselves_make_room_last(void **state)
{
	struct client_rig *r = *state;
	struct wire *root, *us, *other, *another;
	uint32_t foreign = getuid() + 1;

	client_rig_open(r, 4);
	root = client_rig_connect_as(r, 0, 0);
	other = client_rig_connect_as(r, 0, foreign);
	us = client_rig_connect_as(r, 0, getuid());
	another = client_rig_connect_as(r, 0, foreign);
	assert_true(makes_room(r, 0));
	assert_null(other->link);
	assert_true(makes_room(r, 0));
	assert_null(another->link);
	assert_non_null(us->link);
	assert_true(makes_room(r, 0));
	assert_null(root->link);
	assert_true(makes_room(r, 0));
	assert_null(us->link);
}

/* -- stopping -- */

static void
who_is_idle_leaves_when_the_worker_stops(void **state)
{
	struct client_rig *r = *state;
	struct wire *w;

	client_rig_open(r, 10);
	w = client_rig_connect(r, 0);
	client_rig_stop(r);
	assert_null(w->link);
	assert_int_equal(r->n_empty, 1);
}

static void
stopping_what_is_empty_says_so(void **state)
{
	struct client_rig *r = *state;

	client_rig_open(r, 10);
	client_rig_stop(r);
	assert_int_equal(r->n_empty, 1);
}

static void
what_runs_is_finished_when_the_worker_stops(void **state)
{
	struct client_rig *r = *state;
	struct wire *w, *upstream;

	client_rig_open(r, 10);
	w = client_rig_connect(r, 0);
	assert_true(client_rig_say(w, RIG_GET));
	upstream = client_rig_dialled();
	client_rig_stop(r);
	assert_int_equal(r->n_empty, 0);
	assert_true(client_rig_say(upstream, RIG_OK));
	assert_int_equal(client_rig_count(w, "Connection: close"), 1);
	assert_int_equal(client_rig_count(w, "ok"), 1);
	assert_null(w->link);
	assert_int_equal(r->n_empty, 1);
}

/* -- retiring -- */

static void
retiring_what_is_empty_says_so(void **state)
{
	struct client_rig *r = *state;

	client_rig_open(r, 10);
	client_rig_retire(r);
	assert_int_equal(r->n_empty, 1);
}

static void
who_is_idle_is_kept_for_a_moment_when_the_worker_retires(void **state)
{
	struct client_rig *r = *state;
	struct wire *w;

	client_rig_open(r, 10);
	w = client_rig_connect(r, 0);
	client_rig_retire(r);
	memory_pass(SESSION_RETIRED_IDLE_MS - 1);
	assert_non_null(w->link);
	assert_int_equal(r->n_empty, 0);
	memory_pass(1);
	assert_null(w->link);
	assert_int_equal(w->end, LINK_END_NOW);
	assert_int_equal(r->n_empty, 1);
}

/* Asks, and is answered by the upstream. */
static void
be_served_last(struct client_rig *r, struct wire *w)
{
	assert_true(client_rig_say(w, RIG_GET));
	assert_true(client_rig_say(client_rig_dialled(), RIG_OK));
	assert_int_equal(client_rig_count(w, "Connection: close"), 1);
	assert_int_equal(client_rig_count(w, "ok"), 1);
	assert_null(w->link);
	assert_int_equal(r->n_empty, 1);
}

static void
a_first_request_that_comes_then_is_served(void **state)
{
	struct client_rig *r = *state;
	struct wire *w;

	client_rig_open(r, 10);
	w = client_rig_connect(r, 0);
	client_rig_retire(r);
	be_served_last(r, w);
}

/* The next turn reads it. */
static void
a_request_that_came_in_the_last_moment_is_served(void **state)
{
	struct client_rig *r = *state;
	struct wire *w;

	client_rig_open(r, 10);
	w = client_rig_connect(r, 0);
	client_rig_retire(r);
	w->unnoticed = true;
	memory_pass(SESSION_RETIRED_IDLE_MS);
	assert_non_null(w->link);
	w->unnoticed = false;
	be_served_last(r, w);
}

/* Too late to say "close" with the response. */
static void
who_was_being_answered_has_a_moment_for_one_more(void **state)
{
	struct client_rig *r = *state;
	struct wire *w, *upstream;

	client_rig_open(r, 10);
	w = client_rig_connect(r, 0);
	assert_true(client_rig_say(w, RIG_GET));
	upstream = client_rig_dialled();
	assert_true(client_rig_say(upstream, "HTTP/1.1 200 OK\r\n"
	    "Content-Length: 2\r\n\r\n"));
	client_rig_retire(r);
	assert_true(client_rig_say(upstream, "ok"));
	memory_pass(SESSION_RETIRED_IDLE_MS - 1);
	assert_int_equal(client_rig_count(w, "Connection: close"), 0);
	assert_true(client_rig_say(w, RIG_GET));
	assert_true(client_rig_say(upstream, RIG_OK));
	assert_int_equal(client_rig_count(w, "Connection: close"), 1);
	assert_int_equal(client_rig_count(w, "ok"), 2);
	assert_null(w->link);
}

static void
a_worker_that_retires_may_be_stopped(void **state)
{
	struct client_rig *r = *state;
	struct wire *w;

	client_rig_open(r, 10);
	w = client_rig_connect(r, 0);
	client_rig_retire(r);
	client_rig_stop(r);
	assert_null(w->link);
	assert_int_equal(r->n_empty, 1);
}

/* -- cutting -- */

static void
what_is_cut_has_its_line(void **state)
{
	struct client_rig *r = *state;
	struct wire *w;

	client_rig_open(r, 10);
	w = client_rig_connect(r, 0);
	assert_true(client_rig_say(w, RIG_GET));
	client_rig_connect(r, 1);
	sessions_cut(r->sessions);
	assert_int_equal(sessions_count(r->sessions), 0);
	assert_non_null(strstr(client_rig_lines(r), "worker_stopped"));
	assert_int_equal(w->end, LINK_END_ABORT);
	assert_int_equal(count(r), 0);
}

static void
some_of_a_head_has_its_line_when_it_is_cut(void **state)
{
	struct client_rig *r = *state;

	client_rig_open(r, 10);
	assert_true(client_rig_say(client_rig_connect(r, 0), "RIG_GET /x"));
	sessions_cut(r->sessions);
	assert_non_null(strstr(client_rig_lines(r), "worker_stopped"));
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, client_rig_set_up, client_rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_client_counts_until_its_connection_is_closed),
		TEST(one_whose_connection_lingers_still_counts),
		TEST(all_listeners_are_full_at_the_limit_of_all),
		TEST(a_listener_is_full_at_its_own_limit),
		TEST(the_limit_that_is_reached_has_a_name),
		TEST(the_oldest_that_stalls_makes_room),
		TEST(who_waits_for_an_answer_keeps_its_place),
		TEST(those_of_root_and_of_ourselves_make_room_last),
		TEST(who_is_idle_leaves_when_the_worker_stops),
		TEST(stopping_what_is_empty_says_so),
		TEST(what_runs_is_finished_when_the_worker_stops),
		TEST(retiring_what_is_empty_says_so),
		TEST(who_is_idle_is_kept_for_a_moment_when_the_worker_retires),
		TEST(a_first_request_that_comes_then_is_served),
		TEST(a_request_that_came_in_the_last_moment_is_served),
		TEST(who_was_being_answered_has_a_moment_for_one_more),
		TEST(a_worker_that_retires_may_be_stopped),
		TEST(what_is_cut_has_its_line),
		TEST(some_of_a_head_has_its_line_when_it_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
