/*
 * client/session: one client's connection, from its first byte to its end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "client/exchange.h"
#include "client/session.h"
#include "client_rig.h"

#define NO_ROUTE	"RIG_GET / HTTP/1.1\r\nHost: other\r\n\r\n"

static int
set_up(void **state)
{
	(void)client_rig_set_up(state);
	client_rig_open(*state, 10);
	return 0;
}

static void
pipelined_requests_are_answered_in_their_order(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0), *upstream;

	assert_true(client_rig_say(w, RIG_GET NO_ROUTE));
	upstream = client_rig_dialled();
	/* The second waits, though nobody has to be asked. */
	assert_int_equal(buf_len(&w->out), 0);
	assert_true(client_rig_say(upstream, RIG_OK));
	assert_memory_equal(buf_data(&w->out), "HTTP/1.1 200 ", 13);
	assert_int_equal(client_rig_count(w, "HTTP/1.1 421 "), 1);
}

static void
who_does_not_read_gets_no_further_request_served(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0);

	memory_set_room(w, 10);
	assert_true(client_rig_say(w, NO_ROUTE));
	assert_false(client_rig_say(w, NO_ROUTE));
	assert_int_equal(r->env->begun, 1);
	memory_set_room(w, SIZE_MAX);
	assert_true(client_rig_say(w, NO_ROUTE));
	assert_int_equal(client_rig_count(w, "HTTP/1.1 421 "), 2);
}

/* It had not read for a while, and all that was left was an interim response. */
static void
who_has_read_all_is_waited_for_no_longer_than_others(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0), *upstream;

	assert_true(client_rig_say(w, "POST / HTTP/1.1\r\nHost: h\r\n"
	    "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
	upstream = client_rig_dialled();
	memory_set_room(w, 5);
	assert_true(client_rig_say(upstream, "HTTP/1.1 100 Continue\r\n\r\n"));
	memory_set_room(w, SIZE_MAX);
	memory_pass(29999);
	assert_int_equal(client_rig_count(w, "HTTP/1.1 408 "), 0);
	memory_pass(1);
	assert_int_equal(client_rig_count(w, "HTTP/1.1 408 "), 1);
	assert_non_null(strstr(client_rig_lines(r), "request_timeout"));
}

/* It took its time to read the end of a chunk. */
static void
who_has_read_all_so_far_may_wait_for_more(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0), *upstream;

	r->conf.timeouts.send = 10000;
	assert_true(client_rig_say(w, RIG_GET));
	upstream = client_rig_dialled();
	assert_true(client_rig_say(upstream, "HTTP/1.1 200 OK\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n"));
	memory_set_room(w, strlen("2\r\nok"));
	assert_true(client_rig_say(upstream, "2\r\nok\r\n"));
	memory_pass(1000);
	memory_set_room(w, SIZE_MAX);
	memory_pass(50000);
	assert_string_equal(client_rig_lines(r), "");
	assert_true(client_rig_say(upstream, "0\r\n\r\n"));
	assert_int_equal(client_rig_count(w, "2\r\nok\r\n0\r\n\r\n"), 1);
}

static void
who_says_no_more_still_gets_the_answer(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0), *upstream;

	assert_true(client_rig_say(w, RIG_GET));
	assert_true(memory_eof(w, true));
	upstream = client_rig_dialled();
	assert_true(client_rig_say(upstream, RIG_OK));
	assert_int_equal(client_rig_count(w, "ok"), 1);
	assert_null(w->link);
	assert_int_equal(w->end, LINK_END_NOW);
}

static void
who_is_idle_for_long_is_closed_without_a_line(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0);

	memory_pass(74999);
	assert_non_null(w->link);
	memory_pass(1);
	assert_null(w->link);
	assert_string_equal(client_rig_lines(r), "");
}

static void
a_head_that_does_not_end_is_a_request_that_took_too_long(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0);

	assert_true(client_rig_say(w, "RIG_GET / HT"));
	memory_pass(10000);
	assert_int_equal(client_rig_count(w, "HTTP/1.1 408 "), 1);
	assert_int_equal(client_rig_count(w, "Connection: close"), 1);
	assert_non_null(strstr(client_rig_lines(r), "request_timeout"));
}

static void
some_of_a_head_has_its_line_when_the_client_is_gone(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0);

	assert_true(client_rig_say(w, "RIG_GET / HT"));
	memory_fail(w);
	assert_non_null(strstr(client_rig_lines(r), "client_gone"));
}

static void
nothing_is_asked_upstream_for_a_client_that_is_gone(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0), *upstream;

	assert_true(client_rig_say(w, RIG_GET));
	upstream = client_rig_dialled();
	assert_true(client_rig_say(upstream, "HTTP/1.1 200 OK\r\n"
	    "Content-Length: 10\r\n\r\nok"));
	memory_fail(w);
	assert_null(upstream->link);
	assert_int_equal(upstream->end, LINK_END_ABORT);
	assert_non_null(strstr(client_rig_lines(r), "client_gone"));
	assert_non_null(strstr(r->lines, "\"body\":{\"bytes\":2}"));
}

static void
a_line_counts_what_has_left(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0), *upstream;

	assert_true(client_rig_say(w, RIG_GET));
	upstream = client_rig_dialled();
	memory_set_room(w, 0);
	assert_true(client_rig_say(upstream, RIG_OK));
	memory_fail(w);
	assert_non_null(strstr(client_rig_lines(r), "client_gone"));
	assert_null(strstr(r->lines, "\"body\":{\"bytes\":2}"));
}

static void
a_400_is_the_last_answer(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0);

	assert_true(client_rig_say(w, "RIG_GET / HTTP/1.1\r\nHost: h\r\n"
	    "X : 1\r\n\r\n" RIG_GET));
	assert_int_equal(client_rig_count(w, "HTTP/1.1 400 "), 1);
	assert_int_equal(client_rig_count(w, "HTTP/1.1 "), 1);
	assert_int_equal(w->end, LINK_END_LINGER);
	assert_int_equal(r->env->begun, 1);
}

/* -- a handler -- */

static unsigned n_begun, n_closed;

/* What a handler has for an exchange that it refuses, or not. */
static void
refuse_and_begin(void *owner, struct exchange *x)
{
	x->work = owner;
	n_begun++;
	if (n_begun == 1)
		exchange_fault(x, FAULT_NO_ROUTE, NULL);
}

static void
count_closed(struct exchange *x)
{
	assert_non_null(x->work);
	n_closed++;
}

static int
set_up_handler(void **state)
{
	static struct handler handler = {
		.owner = &handler,
		.begin = refuse_and_begin,
		.closed = count_closed,
	};
	struct client_rig *r;

	(void)client_rig_set_up(state);
	r = *state;
	n_begun = n_closed = 0;
	r->handler = &handler;
	client_rig_open(r, 10);
	return 0;
}

static void
a_handler_is_told_once_of_the_end_of_what_it_began(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0);

	assert_true(client_rig_say(w, RIG_GET));
	assert_int_equal(client_rig_count(w, "HTTP/1.1 421 "), 1);
	assert_int_equal(n_closed, 1);
	assert_true(client_rig_say(w, RIG_GET));
	memory_fail(w);
	assert_int_equal(n_begun, 2);
	assert_int_equal(n_closed, 2);
	w = client_rig_connect(r, 0);
	assert_true(client_rig_say(w, "RIG_GET / HT"));
	memory_fail(w);
	assert_int_equal(n_closed, 2);
	assert_int_equal(r->env->begun, 3);
}

/* -- a client whose certificate expires -- */

static bool named_is_open;

static void
on_named_closed(void *owner, struct session *s)
{
	(void)owner;
	(void)s;
	named_is_open = false;
}

static void
on_named_gone(void *owner)
{
	(void)owner;
}

/* It connects when its certificate is good for so many milliseconds. */
static struct session *
connect_named(struct client_rig *r, struct session_owner *owner, int64_t ms,
    struct wire **w)
{
	struct arrived client = { .fd = -1 };
	struct cert_names *names;
	struct session *s;

	*owner = (struct session_owner){
		.terms = session_terms(r->env, forward_handler(r->forward),
		    &r->listeners[0]),
		.owner = r,
		.closed = on_named_closed,
		.gone = on_named_gone,
	};
	client.principal.has_user = true;
	client.principal.certificate = names = xcalloc(1, sizeof(*names));
	names->subject = xstrdup("CN=a");
	names->issuer = xstrdup("CN=ca");
	names->until = (clock_wall() + ms * NS_PER_MS) / NS_PER_S;
	*w = memory_client(&client.fd);
	named_is_open = true;
	s = session_new(owner, &client);
	memory_turn();
	return s;
}

static void
no_request_is_served_with_a_certificate_that_has_expired(void **state)
{
	struct client_rig *r = *state;
	struct session_owner owner;
	struct wire *w;

	(void)connect_named(r, &owner, -1000, &w);
	assert_true(client_rig_say(w, RIG_GET RIG_GET));
	assert_int_equal(client_rig_count(w, "HTTP/1.1 421 "), 1);
	assert_int_equal(client_rig_count(w, "Connection: close"), 1);
	assert_int_equal(client_rig_count(w, "certificate has expired"), 1);
	assert_non_null(strstr(client_rig_lines(r), "client_refused"));
	assert_false(memory_connect(true));
	assert_false(named_is_open);
}

static void
a_certificate_that_expires_soon_has_its_last_response(void **state)
{
	struct client_rig *r = *state;
	struct session_owner owner;
	struct wire *w, *upstream;

	(void)connect_named(r, &owner, 59000, &w);
	assert_true(client_rig_say(w, RIG_GET));
	upstream = client_rig_dialled();
	assert_true(client_rig_say(upstream, RIG_OK));
	assert_int_equal(client_rig_count(w, "HTTP/1.1 200 "), 1);
	assert_int_equal(client_rig_count(w, "Connection: close"), 1);
	assert_false(named_is_open);
}

static void
a_certificate_that_is_good_for_long_changes_nothing(void **state)
{
	struct client_rig *r = *state;
	struct session_owner owner;
	struct wire *w, *upstream;
	struct session *s = connect_named(r, &owner, 90000, &w);

	assert_true(client_rig_say(w, RIG_GET));
	upstream = client_rig_dialled();
	assert_true(client_rig_say(upstream, RIG_OK));
	assert_int_equal(client_rig_count(w, "HTTP/1.1 200 "), 1);
	assert_int_equal(client_rig_count(w, "Connection: close"), 0);
	memory_pass(70000);
	assert_true(named_is_open);
	session_cut(s);
	memory_turn();
}

static void
who_is_idle_is_closed_when_the_certificate_expires(void **state)
{
	struct client_rig *r = *state;
	struct session_owner owner;
	struct wire *w;

	(void)connect_named(r, &owner, 30000, &w);
	memory_pass(28000);
	assert_true(named_is_open);
	memory_pass(2000);
	assert_false(named_is_open);
	assert_string_equal(client_rig_lines(r), "");
}

/* A request may be under way, to be told why it is refused. */
static void
who_comes_at_its_end_has_a_moment(void **state)
{
	struct client_rig *r = *state;
	struct session_owner owner;
	struct wire *w;

	(void)connect_named(r, &owner, -1000, &w);
	memory_pass(900);
	assert_true(named_is_open);
	memory_pass(200);
	assert_false(named_is_open);
	assert_string_equal(client_rig_lines(r), "");
}

/* -- a client whose certificate was verified by what was renewed since -- */

/* As sessions_verify_anew() does. */
static void
outdate(struct session *s)
{
	session_place(s)->verified = session_outdated;
	session_drain(s);
	memory_turn();
}

static void
who_is_idle_is_closed_when_what_it_was_verified_by_changed(void **state)
{
	struct client_rig *r = *state;
	struct session_owner owner;
	struct wire *w;

	outdate(connect_named(r, &owner, 3600000, &w));
	assert_false(named_is_open);
	assert_string_equal(client_rig_lines(r), "");
}

static void
no_request_is_served_of_who_was_verified_by_what_is_outdated(void **state)
{
	struct client_rig *r = *state;
	struct session_owner owner;
	struct session *s;
	struct wire *w;

	s = connect_named(r, &owner, 3600000, &w);
	assert_true(client_rig_say(w, "GET / HTTP/1.1\r\nHo"));
	outdate(s);
	assert_true(named_is_open);
	assert_true(client_rig_say(w, "st: h\r\n\r\n"));
	assert_int_equal(client_rig_count(w, "was renewed since"), 1);
	assert_int_equal(client_rig_count(w, "Connection: close"), 1);
	assert_non_null(strstr(client_rig_lines(r), "client_refused"));
	assert_false(memory_connect(true));
	assert_false(named_is_open);
}

static void
what_was_asked_before_it_was_outdated_has_its_response(void **state)
{
	struct client_rig *r = *state;
	struct session_owner owner;
	struct session *s;
	struct wire *w, *upstream;

	s = connect_named(r, &owner, 3600000, &w);
	assert_true(client_rig_say(w, RIG_GET));
	upstream = client_rig_dialled();
	outdate(s);
	assert_true(named_is_open);
	assert_true(client_rig_say(upstream, RIG_OK));
	assert_int_equal(client_rig_count(w, "HTTP/1.1 200 "), 1);
	assert_int_equal(client_rig_count(w, "Connection: close"), 1);
	assert_false(named_is_open);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, client_rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pipelined_requests_are_answered_in_their_order),
		TEST(who_does_not_read_gets_no_further_request_served),
		TEST(who_has_read_all_is_waited_for_no_longer_than_others),
		TEST(who_has_read_all_so_far_may_wait_for_more),
		TEST(who_says_no_more_still_gets_the_answer),
		TEST(who_is_idle_for_long_is_closed_without_a_line),
		TEST(a_head_that_does_not_end_is_a_request_that_took_too_long),
		TEST(some_of_a_head_has_its_line_when_the_client_is_gone),
		TEST(nothing_is_asked_upstream_for_a_client_that_is_gone),
		TEST(a_line_counts_what_has_left),
		TEST(a_400_is_the_last_answer),
		TEST(no_request_is_served_with_a_certificate_that_has_expired),
		TEST(a_certificate_that_expires_soon_has_its_last_response),
		TEST(a_certificate_that_is_good_for_long_changes_nothing),
		TEST(who_is_idle_is_closed_when_the_certificate_expires),
		TEST(who_comes_at_its_end_has_a_moment),
		TEST(
		    who_is_idle_is_closed_when_what_it_was_verified_by_changed),
		TEST(
		    no_request_is_served_of_who_was_verified_by_what_is_outdated),
		TEST(what_was_asked_before_it_was_outdated_has_its_response),
		cmocka_unit_test_setup_teardown(
		    a_handler_is_told_once_of_the_end_of_what_it_began,
		    set_up_handler, client_rig_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
