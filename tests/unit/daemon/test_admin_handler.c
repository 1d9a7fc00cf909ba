/*
 * daemon/admin_handler and daemon/admin_waiters: what a client of an admin
 * listener gets, and when.  The test is the parent.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "../client/client_rig.h"
#include "base/alloc.h"
#include "base/log.h"
#include "conf/value.h"
#include "daemon/admin_handler.h"
#include "daemon/control_channel.h"
#include "pages/packed.h"

#define POST_RELOAD	"POST /reload HTTP/1.1\r\nHost: h\r\n" \
			"Content-Length: 0\r\n\r\n"

#define POST_DISABLE	"POST /keys/a/disable HTTP/1.1\r\nHost: h\r\n" \
			"Content-Length: 0\r\n\r\n"

static struct admin_handler admin;
static struct admin_facts facts;
static struct admin_waiters waiters;
static int parent;		/* its end of the control channel */

static int
set_up(void **state)
{
	struct client_rig *r;
	int ours;

	(void)client_rig_set_up(state);
	r = *state;
	assert_true(control_open(&parent, &ours));
	waiters = (struct admin_waiters){ .control = ours };
	r->handler = &admin.handler;
	client_rig_open(r, 100);
	admin_handler_init(&admin, r->env, &facts, &waiters);
	log_start(STDERR_FILENO, LOG_LEVEL_ERROR, NULL);
	return 0;
}

static int
tear_down(void **state)
{
	int ours = waiters.control;

	admin_waiters_give_up(&waiters);
	admin_handler_end(&admin);
	(void)client_rig_tear_down(state);
	assert_int_equal(waiters.n, 0);
	if (ours != -1)
		close(ours);
	close(parent);
	return 0;
}

/* What the parent was told. */
static void
expect_told(const char *what)
{
	struct control_message m;

	assert_int_equal(control_receive(parent, &m), CONTROL_MESSAGE);
	assert_int_equal(m.kind, CONTROL_COMMAND);
	assert_string_equal(m.text, what);
}

/* It was asked for a reload, with that number, by the user of the rig. */
static void
expect_asked(const char *id)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%s 1 reload", id);
	expect_told(text);
}

static void
expect_nothing_asked(void)
{
	struct control_message m;

	assert_int_equal(control_receive(parent, &m), CONTROL_NOTHING);
}

static void
tell_result(uint64_t id, enum admin_outcome outcome, const char *text)
{
	struct buf b;
	int fd;

	buf_init(&b, NULL);
	pack_u64(&b, id);
	pack_u64(&b, outcome);
	pack_str(&b, text);
	fd = pack_to_fd(&b);
	assert_int_not_equal(fd, -1);
	admin_waiters_result(&waiters, fd);
	close(fd);
	buf_release(&b);
	memory_turn();
}

/* Says it on a connection of its own. */
static struct wire *
say(struct client_rig *r, const char *method, const char *target)
{
	struct wire *w = client_rig_connect(r, 0);
	char *head = xasprintf("%s %s HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: 0\r\n\r\n", method, target);

	assert_true(client_rig_say(w, head));
	free(head);
	return w;
}

static struct wire *
ask_for_reload(struct client_rig *r)
{
	struct wire *w = client_rig_connect(r, 0);

	assert_true(client_rig_say(w, POST_RELOAD));
	return w;
}

/* So many, each of which has had its turn. */
static void
ask_for_reloads(struct client_rig *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		(void)ask_for_reload(r);
		memory_pass(1);
	}
}

static void
post(struct client_rig *r, const char *target, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(buf_len(&say(r, "POST", target)->out), 0);
		memory_pass(1);
	}
}

/* -- paths -- */

static void
a_path_has_its_page_and_others_are_named(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0);

	assert_true(client_rig_say(w, "GET /healthz?x HTTP/1.1\r\n"
	    "Host: h\r\n\r\n"));
	assert_int_equal(client_rig_count(w, "HTTP/1.1 200 "), 1);
	assert_int_equal(client_rig_count(w, "{\"alive\":true}"), 1);
	assert_true(client_rig_say(w, "GET /healthz/ HTTP/1.1\r\n"
	    "Host: h\r\n\r\n"));
	assert_int_equal(client_rig_count(w, "HTTP/1.1 421 "), 1);
	assert_int_equal(client_rig_count(w, "\"sallyport.no_route\""), 1);
}

static void
what_changes_nothing_is_read_and_what_changes_something_is_posted(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0);

	assert_true(client_rig_say(w, "POST /healthz HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: 0\r\n\r\n"));
	assert_int_equal(client_rig_count(w, "Allow: GET, HEAD\r\n"), 1);
	assert_true(client_rig_say(w, "GET /reload HTTP/1.1\r\n"
	    "Host: h\r\n\r\n"));
	assert_int_equal(client_rig_count(w, "Allow: POST\r\n"), 1);
	expect_nothing_asked();
}

static void
a_body_is_read_before_it_is_done_and_a_large_one_refused(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0);

	assert_true(client_rig_say(w, "POST /reload HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: 2\r\n\r\n{"));
	expect_nothing_asked();
	assert_true(client_rig_say(w, "}"));
	expect_asked("1");
	w = client_rig_connect(r, 0);
	assert_true(client_rig_say(w, "POST /reload HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: 4097\r\n\r\n"));
	assert_int_equal(client_rig_count(w, "HTTP/1.1 413 "), 1);
	expect_nothing_asked();
}

/* -- turns -- */

#define GET_NOTHING	"GET /x HTTP/1.1\r\nHost: h\r\n\r\n"

static void
of_many_at_once_so_many_are_answered_in_a_millisecond(void **state)
{
	struct client_rig *r = *state;
	struct wire *w[3 * ADMIN_TURNS];
	unsigned n = 0;

	for (unsigned i = 0; i < 3 * ADMIN_TURNS; i++) {
		w[i] = client_rig_connect(r, 0);
		assert_true(client_rig_say(w[i], GET_NOTHING));
	}
	for (unsigned ms = 1; ms <= 3; ms++) {
		n = 0;
		for (unsigned i = 0; i < 3 * ADMIN_TURNS; i++)
			n += client_rig_count(w[i], "HTTP/1.1 421 ");
		assert_int_equal(n, ms * ADMIN_TURNS);
		/* Who came first was served first. */
		assert_int_equal(client_rig_count(w[n - 1], "HTTP/1.1 "), 1);
		memory_pass(1);
	}
}

static void
an_order_to_disable_a_key_goes_before_all_who_wait(void **state)
{
	struct client_rig *r = *state;

	for (unsigned i = 0; i < 90; i++)
		assert_true(client_rig_say(client_rig_connect(r, 0),
		    GET_NOTHING));
	(void)say(r, "POST", "/keys/a/enable");
	(void)say(r, "POST", "/keys/a/disable");
	memory_pass(1);
	expect_told("1 1 disable a");
	expect_nothing_asked();
	memory_pass(90 / ADMIN_TURNS);
	expect_told("2 1 enable a");
}

static void
who_does_not_read_an_answer_gets_no_other(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0);

	w->reads = false;
	assert_true(client_rig_say(w, GET_NOTHING GET_NOTHING GET_NOTHING));
	memory_pass(100);
	assert_int_equal(client_rig_count(w, "HTTP/1.1 421 "), 1);
	w->reads = true;
	w->read = buf_len(&w->out);
	memory_pass(100);
	assert_int_equal(client_rig_count(w, "HTTP/1.1 421 "), 3);
}

static void
who_reads_nothing_for_long_is_cut(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0);

	w->reads = false;
	assert_true(client_rig_say(w, GET_NOTHING GET_NOTHING));
	memory_pass(r->conf.timeouts.send - 1);
	assert_non_null(w->link);
	memory_pass(20);
	assert_null(w->link);
}

static void
an_order_to_disable_a_key_waits_for_no_reading(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = client_rig_connect(r, 0);

	w->reads = false;
	assert_true(client_rig_say(w, GET_NOTHING
	    "POST /keys/a/disable HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: 0\r\n\r\n"));
	memory_pass(1);
	expect_told("1 1 disable a");
}

static void
who_goes_before_his_turn_takes_none(void **state)
{
	struct client_rig *r = *state;
	struct wire *last;

	for (unsigned i = 0; i < 3 * ADMIN_TURNS; i++) {
		struct wire *w = client_rig_connect(r, 0);

		assert_true(client_rig_say(w, GET_NOTHING));
		memory_fail(w);
	}
	last = client_rig_connect(r, 0);
	assert_true(client_rig_say(last, GET_NOTHING));
	memory_pass(1);
	assert_int_equal(client_rig_count(last, "HTTP/1.1 421 "), 1);
}

/* -- reloads -- */

static void
a_reload_is_answered_when_the_parent_tells_its_result(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = ask_for_reload(r);

	expect_asked("1");
	assert_int_equal(buf_len(&w->out), 0);
	tell_result(2, ADMIN_DONE, "");
	assert_int_equal(buf_len(&w->out), 0);
	tell_result(1, ADMIN_DONE, "c:3: warning: odd\n");
	assert_int_equal(client_rig_count(w, "HTTP/1.1 200 "), 1);
	assert_int_equal(client_rig_count(w, "c:3: warning: odd"), 1);
	/* The connection goes on. */
	assert_true(client_rig_say(w, POST_RELOAD));
	expect_asked("2");
	tell_result(2, ADMIN_REFUSED, "c:4: bad\n");
	assert_int_equal(client_rig_count(w, "HTTP/1.1 500 "), 1);
	assert_int_equal(client_rig_count(w, "sallyport.reload_refused"), 1);
	assert_int_equal(client_rig_count(w, "c:4: bad"), 1);
}

/* -- orders about keys -- */

static void
expect_answer(struct wire *w, const char *status, const char *what)
{
	assert_int_equal(client_rig_count(w, status), 1);
	assert_int_equal(client_rig_count(w, what), 1);
}

static void
an_order_about_a_key_is_answered_as_it_went(void **state)
{
	static const struct {
		enum admin_outcome outcome;
		const char *status, *what;
	} results[] = {
		{ ADMIN_DONE, "HTTP/1.1 200 ", "\"message\":\"so it was\"" },
		{ ADMIN_REFUSED, "HTTP/1.1 409 ", "sallyport.key_refused" },
		{ ADMIN_UNKNOWN, "HTTP/1.1 421 ", "sallyport.key_unknown" },
		{ ADMIN_NOT_KEPT, "HTTP/1.1 500 ", "sallyport.key_not_kept" },
		{ ADMIN_NOT_OBEYED, "HTTP/1.1 504 ", "sallyport.key_timeout" },
	};
	static const char *const verbs[] = {
		"disable", "enable", "promote", "disable"
	};
	struct client_rig *r = *state;

	for (unsigned i = 0; i < 4; i++) {
		char *target = xasprintf("/keys/a%%2fb/%s?x", verbs[i]),
		    *told = xasprintf("%u 1 %s a/b", i + 1, verbs[i]);
		struct wire *w = say(r, "POST", target);

		expect_told(told);
		assert_int_equal(buf_len(&w->out), 0);
		tell_result(i + 1, results[i].outcome, "so it was");
		expect_answer(w, results[i].status, results[i].what);
		expect_answer(w, results[i].status, "so it was");
		free(target);
		free(told);
	}
}

static void
an_order_is_posted(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = say(r, "GET", "/keys/a/disable");

	expect_answer(w, "HTTP/1.1 405 ", "Allow: POST\r\n");
	expect_answer(say(r, "DELETE", "/keys/a/enable"), "HTTP/1.1 405 ",
	    "Allow: POST\r\n");
	expect_nothing_asked();
}

static void
what_is_no_order_is_no_path(void **state)
{
	static const char *const targets[] = {
		"/keys/a/remove", "/keys/a", "/keys//disable", "/keys/a/b/enable",
		"/keys/a/disable/", "/keys/a/dis%61ble", "/keys", "/keys/",
	};
	struct client_rig *r = *state;

	for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++)
		expect_answer(say(r, "POST", targets[i]), "HTTP/1.1 421 ",
		    "\"sallyport.no_route\"");
	memory_pass(1);
	expect_answer(say(r, "POST", "/keys/%0/disable"), "HTTP/1.1 400 ",
	    "\"sallyport.bad_request\"");
	expect_answer(say(r, "POST", "/keys/a%0ab/disable"), "HTTP/1.1 400 ",
	    "\"sallyport.bad_request\"");
	expect_nothing_asked();
}

static void
an_order_is_waited_for_no_longer_than_that(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = say(r, "POST", "/keys/a/disable");

	memory_pass(ADMIN_ORDER_MS - 1);
	assert_int_equal(buf_len(&w->out), 0);
	memory_pass(1);
	expect_answer(w, "HTTP/1.1 504 ", "sallyport.key_timeout");
	assert_int_equal(waiters.n, 0);
}

/* -- those who wait -- */

static void
each_gets_its_own_result(void **state)
{
	struct client_rig *r = *state;
	struct wire *one = ask_for_reload(r), *two = ask_for_reload(r);

	tell_result(2, ADMIN_REFUSED, "bad");
	assert_int_equal(buf_len(&one->out), 0);
	assert_int_equal(client_rig_count(two, "HTTP/1.1 500 "), 1);
	tell_result(1, ADMIN_DONE, "");
	assert_int_equal(client_rig_count(one, "HTTP/1.1 200 "), 1);
}

static void
the_place_of_a_client_that_is_gone_is_free_when_the_parent_has_answered(
    void **state)
{
	struct client_rig *r = *state;

	for (unsigned i = 0; i < ADMIN_WAITERS; i++) {
		struct wire *w = ask_for_reload(r);

		memory_pass(1);
		memory_fail(w);
	}
	assert_int_equal(client_rig_count(ask_for_reload(r),
	    "HTTP/1.1 503 "), 1);
	tell_result(1, ADMIN_DONE, "");
	assert_int_equal(waiters.n, ADMIN_WAITERS - 1);
	assert_int_equal(buf_len(&ask_for_reload(r)->out), 0);
	memory_pass(ADMIN_RELOAD_MS);
	assert_int_equal(waiters.n, 0);
}

static void
a_parent_that_does_not_answer_is_waited_for_longer_than_any_load(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = ask_for_reload(r);

	memory_pass(ADMIN_RELOAD_MS - 1);
	assert_int_equal(buf_len(&w->out), 0);
	memory_pass(1);
	assert_int_equal(client_rig_count(w, "HTTP/1.1 504 "), 1);
	assert_int_equal(client_rig_count(w, "sallyport.reload_timeout"), 1);
	/* Once: what comes later is for nobody. */
	tell_result(1, ADMIN_DONE, "");
	assert_int_equal(client_rig_count(w, "HTTP/1.1 "), 1);
}

static void
a_parent_that_reads_nothing_is_not_waited_for(void **state)
{
	struct client_rig *r = *state;
	struct wire *w;

	while (control_send(waiters.control, CONTROL_TOOK, -1, NULL))
		continue;
	w = ask_for_reload(r);
	assert_int_equal(client_rig_count(w, "HTTP/1.1 503 "), 1);
	assert_int_equal(client_rig_count(w, "\"sallyport.overloaded\""),
	    1);
}

static void
a_process_that_ends_answers_all_who_wait(void **state)
{
	struct client_rig *r = *state;
	struct wire *one = ask_for_reload(r), *two = ask_for_reload(r);

	admin_waiters_give_up(&waiters);
	memory_turn();
	assert_int_equal(client_rig_count(one, "HTTP/1.1 504 "), 1);
	assert_int_equal(client_rig_count(two, "HTTP/1.1 504 "), 1);
}

static void
where_the_parent_is_gone_nobody_waits(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = ask_for_reload(r);
	int ours = waiters.control;

	admin_waiters_fail(&waiters);
	memory_turn();
	assert_int_equal(client_rig_count(w, "HTTP/1.1 503 "), 1);
	assert_true(client_rig_say(client_rig_connect(r, 0), POST_RELOAD));
	assert_int_equal(waiters.n, 0);
	close(ours);
}

static void
no_more_than_so_many_wait(void **state)
{
	struct client_rig *r = *state;
	struct wire *w;

	ask_for_reloads(r, ADMIN_WAITERS);
	assert_int_equal(waiters.n, ADMIN_WAITERS);
	w = ask_for_reload(r);
	assert_int_equal(client_rig_count(w, "HTTP/1.1 503 "), 1);
	assert_int_equal(waiters.n, ADMIN_WAITERS);
}

/* Orders of each other kind, as long as the longest, and nothing is read. */
static void
what_waits_keeps_no_key_from_being_disabled(void **state)
{
	static char name[VALUE_NAME_MAX + 1];
	struct client_rig *r = *state;
	char *promote, *told = xasprintf("%d 1 disable a", ADMIN_WAITERS + 1);
	struct control_message m;

	memset(name, 'n', sizeof(name) - 1);
	promote = xasprintf("/keys/%s/promote", name);
	post(r, promote, ADMIN_WAITERS);
	expect_answer(say(r, "POST", "/keys/a/enable"), "HTTP/1.1 503 ",
	    "\"sallyport.overloaded\"");
	post(r, "/keys/a/disable", ADMIN_WAITERS / 2);
	for (unsigned i = 0; i < ADMIN_WAITERS; i++)
		assert_int_equal(control_receive(parent, &m),
		    CONTROL_MESSAGE);
	expect_told(told);
	free(promote);
	free(told);
}

/* So many of that user wait; one more is refused. */
static void
fill(struct client_rig *r, uint32_t uid, unsigned n)
{
	size_t before = waiters.n;

	for (unsigned i = 0; i <= n; i++) {
		struct wire *w = client_rig_connect_as(r, 0, uid);

		assert_true(client_rig_say(w, POST_DISABLE));
		memory_pass(1);
		assert_int_equal(client_rig_count(w, "HTTP/1.1 503 "), i == n);
	}
	assert_int_equal(waiters.n, before + n);
}

/* The parent reads nothing meanwhile. */
static void
nobody_is_kept_from_disabling_a_key_by_others(void **state)
{
	struct client_rig *r = *state;
	unsigned n = 0;

	/* Each who takes all he gets leaves as many as he has. */
	for (uint32_t uid = 1; n < ADMIN_WAITERS; uid++) {
		unsigned its = (ADMIN_WAITERS - n + 1) / 2;

		fill(r, uid, its);
		n += its;
	}
	/* Who has none gets one, as many as there are of them. */
	for (uint32_t uid = 100; n < 2 * ADMIN_WAITERS; uid++, n++)
		fill(r, uid, 1);
	fill(r, 0, ADMIN_WAITERS);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_path_has_its_page_and_others_are_named),
		TEST(what_changes_nothing_is_read_and_what_changes_something_is_posted),
		TEST(a_body_is_read_before_it_is_done_and_a_large_one_refused),
		TEST(of_many_at_once_so_many_are_answered_in_a_millisecond),
		TEST(an_order_to_disable_a_key_goes_before_all_who_wait),
		TEST(who_does_not_read_an_answer_gets_no_other),
		TEST(who_reads_nothing_for_long_is_cut),
		TEST(an_order_to_disable_a_key_waits_for_no_reading),
		TEST(who_goes_before_his_turn_takes_none),
		TEST(a_reload_is_answered_when_the_parent_tells_its_result),
		TEST(an_order_about_a_key_is_answered_as_it_went),
		TEST(an_order_is_posted),
		TEST(what_is_no_order_is_no_path),
		TEST(an_order_is_waited_for_no_longer_than_that),
		TEST(each_gets_its_own_result),
		TEST(the_place_of_a_client_that_is_gone_is_free_when_the_parent_has_answered),
		TEST(a_parent_that_does_not_answer_is_waited_for_longer_than_any_load),
		TEST(a_parent_that_reads_nothing_is_not_waited_for),
		TEST(a_process_that_ends_answers_all_who_wait),
		TEST(where_the_parent_is_gone_nobody_waits),
		TEST(no_more_than_so_many_wait),
		TEST(what_waits_keeps_no_key_from_being_disabled),
		TEST(nobody_is_kept_from_disabling_a_key_by_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
