/*
 * client/forward: the steps of an exchange, and what passes in both
 * directions.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "client_rig.h"


static struct wire *
open_and_ask(struct client_rig *r, const char *request)
{
	struct wire *w;

	client_rig_open(r, 10);
	w = client_rig_connect(r, 0);
	assert_true(client_rig_say(w, request));
	return w;
}

/* -- what nobody can be served for now -- */

static void
no_exchange_begins_while_the_worker_stops(void **state)
{
	struct client_rig *r = *state;
	struct wire *w;

	client_rig_open(r, 10);
	w = client_rig_connect(r, 0);
	r->env->phase = ENV_STOPPING;
	assert_true(client_rig_say(w, RIG_GET));
	assert_int_equal(client_rig_count(w, "HTTP/1.1 503 "), 1);
	assert_int_equal(client_rig_count(w, "\r\nRetry-After: "), 1);
	assert_int_equal(client_rig_count(w, "sallyport.draining"), 2);
	assert_null(client_rig_dialled());
}

/* The log of one who would rather be refused; its first line is lost. */
static void
lose_a_line(struct client_rig *r)
{
	struct wire *w;

	close(r->access_fd);
	r->access_fd = open("/dev/full", O_RDWR | O_CLOEXEC);
	client_rig_open(r, 10);
	w = client_rig_connect(r, 0);
	assert_true(client_rig_say(w, "RIG_GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
	assert_int_equal(client_rig_count(w, "HTTP/1.1 421 "), 1);
}

static void
no_exchange_begins_without_its_line_where_that_is_asked_for(void **state)
{
	struct client_rig *r = *state;
	struct wire *w;

	r->conf.log.on_failure = CONF_ON_FAILURE_REFUSE;
	lose_a_line(r);
	w = client_rig_connect(r, 0);
	assert_true(client_rig_say(w, RIG_GET));
	assert_int_equal(client_rig_count(w, "sallyport.overloaded"), 2);
	assert_null(client_rig_dialled());
}

static void
an_exchange_goes_on_without_its_line_elsewhere(void **state)
{
	struct client_rig *r = *state;

	r->conf.log.on_failure = CONF_ON_FAILURE_LOSE;
	lose_a_line(r);
	assert_true(client_rig_say(client_rig_connect(r, 0), RIG_GET));
	assert_non_null(client_rig_dialled());
}

static void
what_is_refused_goes_nowhere(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = open_and_ask(r, "RIG_GET / HTTP/1.1\r\nHost: h\r\n"
	    "Origin: http://e.example\r\n\r\n");

	assert_int_equal(client_rig_count(w, "sallyport.browser_refused"), 2);
	assert_null(client_rig_dialled());
}

/* -- the request -- */

static void
no_body_is_read_before_there_is_room_for_it(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = open_and_ask(r, "PUT / HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: 6\r\n\r\n");
	struct wire *upstream;

	assert_false(client_rig_say(w, "abc"));
	upstream = client_rig_dialled();
	assert_true(client_rig_say(w, "abc"));
	assert_true(client_rig_say(w, "def"));
	assert_int_equal(client_rig_count(upstream, "\r\n\r\nabcdef"), 1);
}

static void
the_trailers_of_a_request_end_it_and_stay_here(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = open_and_ask(r, "PUT / HTTP/1.1\r\nHost: h\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n");
	struct wire *upstream = client_rig_dialled();

	assert_true(client_rig_say(w, "1\r\nx\r\n0\r\nX-T: 1\r\n\r\n"));
	assert_int_equal(client_rig_count(upstream, "x\r\n0\r\n\r\n"), 1);
	assert_int_equal(client_rig_count(upstream, "X-T"), 0);
}

static void
a_body_that_grows_too_large_is_refused(void **state)
{
	struct client_rig *r = *state;
	struct wire *w, *upstream;

	r->conf.limits.body = 5;
	w = open_and_ask(r, "PUT / HTTP/1.1\r\nHost: h\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n");
	upstream = client_rig_dialled();
	assert_true(client_rig_say(w, "6\r\nabcdef\r\n"));
	assert_int_equal(client_rig_count(w, "HTTP/1.1 413 "), 1);
	assert_null(upstream->link);
	assert_int_equal(upstream->end, LINK_END_ABORT);
}

/* -- the response -- */

static void
a_response_passes_with_what_belongs_to_it(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = open_and_ask(r, "RIG_GET / HTTP/1.1\r\nHost: h\r\n"
	    "TE: trailers\r\n\r\n");
	struct wire *upstream = client_rig_dialled();

	assert_true(client_rig_say(upstream, "HTTP/1.1 103 Early Hints\r\n"
	    "Link: </x>\r\n\r\n"));
	assert_int_equal(client_rig_count(w, "HTTP/1.1 103 "), 1);
	assert_true(client_rig_say(upstream, "HTTP/1.1 404 Not\r\nX-A: 1\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"
	    "0\r\nX-T: 1\r\n\r\n"));
	assert_int_equal(client_rig_count(w, "HTTP/1.1 404 "), 1);
	assert_int_equal(client_rig_count(w, "X-A: 1\r\n"), 1);
	assert_int_equal(client_rig_count(w, "2\r\nok\r\n"), 1);
	assert_int_equal(client_rig_count(w, "0\r\nX-T: 1\r\n\r\n"), 1);
	assert_null(strstr(client_rig_lines(r), "\"fault\""));
}

static void
a_response_stops_where_the_client_takes_no_more(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = open_and_ask(r, RIG_GET);
	struct wire *upstream = client_rig_dialled();
	static char piece[8193];
	unsigned n = 0;

	memset(piece, 'x', sizeof(piece) - 1);
	memory_set_room(w, 0);
	assert_true(client_rig_say(upstream, "HTTP/1.1 200 OK\r\n"
	    "Content-Length: 8192000\r\n\r\n"));
	while (n < 1000 && client_rig_say(upstream, piece))
		n++;
	assert_in_range(n, 1, 32);
	memory_set_room(w, SIZE_MAX);
	while (n < 1000 && client_rig_say(upstream, piece))
		n++;
	assert_int_equal(n, 1000);
	assert_null(strstr(client_rig_lines(r), "\"fault\""));
}

static void
what_fails_before_an_answer_is_answered_by_us(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = open_and_ask(r, RIG_GET);

	assert_true(memory_dial(DIAL_UNREACHABLE));
	assert_int_equal(client_rig_count(w, "HTTP/1.1 502 "), 1);
	assert_non_null(w->link);
}

static struct wire *
ask_and_cut(struct client_rig *r, const char *request)
{
	struct wire *w = open_and_ask(r, request);
	struct wire *upstream = client_rig_dialled();

	assert_true(client_rig_say(upstream, "HTTP/1.1 200 OK\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n"));
	assert_int_equal(client_rig_count(w, "ok"), 1);
	assert_true(memory_eof(upstream, true));
	assert_null(w->link);
	assert_non_null(strstr(client_rig_lines(r), "upstream_protocol"));
	return w;
}

/* What had been sent before it is not taken away by a reset. */
static void
what_fails_within_an_answer_is_seen_to_be_cut(void **state)
{
	struct wire *w = ask_and_cut(*state, RIG_GET);

	assert_int_equal(client_rig_count(w, "\r\n0\r\n"), 0);
	assert_int_equal(w->end, LINK_END_LINGER);
}

static void
what_would_end_with_the_link_is_cut_by_a_reset(void **state)
{
	struct wire *w = ask_and_cut(*state, "RIG_GET / HTTP/1.0\r\nHost: h\r\n"
	    "\r\n");

	assert_int_equal(w->end, LINK_END_ABORT);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, client_rig_set_up, client_rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_exchange_begins_while_the_worker_stops),
		TEST(no_exchange_begins_without_its_line_where_that_is_asked_for),
		TEST(an_exchange_goes_on_without_its_line_elsewhere),
		TEST(what_is_refused_goes_nowhere),
		TEST(no_body_is_read_before_there_is_room_for_it),
		TEST(the_trailers_of_a_request_end_it_and_stay_here),
		TEST(a_body_that_grows_too_large_is_refused),
		TEST(a_response_passes_with_what_belongs_to_it),
		TEST(a_response_stops_where_the_client_takes_no_more),
		TEST(what_fails_before_an_answer_is_answered_by_us),
		TEST(what_fails_within_an_answer_is_seen_to_be_cut),
		TEST(what_would_end_with_the_link_is_cut_by_a_reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
