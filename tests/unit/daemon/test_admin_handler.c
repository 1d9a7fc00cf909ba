/*
 * daemon/admin_handler and daemon/admin_reloads: what a client of an admin
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
#include "base/log.h"
#include "daemon/admin_handler.h"
#include "daemon/control_channel.h"
#include "daemon/packed.h"

#define POST_RELOAD	"POST /reload HTTP/1.1\r\nHost: h\r\n" \
			"Content-Length: 0\r\n\r\n"

static struct admin_handler admin;
static struct admin_facts facts;
static struct admin_reloads reloads;
static int parent;		/* its end of the control channel */

static int
set_up(void **state)
{
	struct client_rig *r;
	int ours;

	(void)client_rig_set_up(state);
	r = *state;
	assert_true(control_open(&parent, &ours));
	reloads = (struct admin_reloads){ .control = ours };
	r->handler = &admin.handler;
	client_rig_open(r, 100);
	admin_handler_init(&admin, r->env, &facts, &reloads);
	log_start(STDERR_FILENO, LOG_LEVEL_ERROR, NULL);
	return 0;
}

static int
tear_down(void **state)
{
	int ours = reloads.control;

	(void)client_rig_tear_down(state);
	assert_int_equal(reloads.n, 0);
	if (ours != -1)
		close(ours);
	close(parent);
	return 0;
}

/* What the parent was asked for, by its number. */
static void
expect_asked(const char *id)
{
	struct control_message m;

	assert_int_equal(control_receive(parent, &m), CONTROL_MESSAGE);
	assert_int_equal(m.kind, CONTROL_RELOAD);
	assert_string_equal(m.text, id);
}

static void
expect_nothing_asked(void)
{
	struct control_message m;

	assert_int_equal(control_receive(parent, &m), CONTROL_NOTHING);
}

static void
tell_result(uint64_t id, bool good, const char *text)
{
	struct buf b;
	int fd;

	buf_init(&b, NULL);
	pack_u64(&b, id);
	pack_u64(&b, good);
	pack_str(&b, text);
	fd = pack_to_fd(&b);
	assert_int_not_equal(fd, -1);
	admin_reloads_result(&reloads, fd);
	close(fd);
	buf_release(&b);
	memory_turn();
}

static struct wire *
ask_for_reload(struct client_rig *r)
{
	struct wire *w = client_rig_connect(r, 0);

	assert_true(client_rig_say(w, POST_RELOAD));
	return w;
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

/* -- reloads -- */

static void
a_reload_is_answered_when_the_parent_tells_its_result(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = ask_for_reload(r);

	expect_asked("1");
	assert_int_equal(buf_len(&w->out), 0);
	tell_result(2, true, "");
	assert_int_equal(buf_len(&w->out), 0);
	tell_result(1, true, "c:3: warning: odd\n");
	assert_int_equal(client_rig_count(w, "HTTP/1.1 200 "), 1);
	assert_int_equal(client_rig_count(w, "c:3: warning: odd"), 1);
	/* The connection goes on. */
	assert_true(client_rig_say(w, POST_RELOAD));
	expect_asked("2");
	tell_result(2, false, "c:4: bad\n");
	assert_int_equal(client_rig_count(w, "HTTP/1.1 500 "), 1);
	assert_int_equal(client_rig_count(w, "sallyport.reload_refused"), 1);
	assert_int_equal(client_rig_count(w, "c:4: bad"), 1);
}

static void
each_gets_its_own_result(void **state)
{
	struct client_rig *r = *state;
	struct wire *one = ask_for_reload(r), *two = ask_for_reload(r);

	tell_result(2, false, "bad");
	assert_int_equal(buf_len(&one->out), 0);
	assert_int_equal(client_rig_count(two, "HTTP/1.1 500 "), 1);
	tell_result(1, true, "");
	assert_int_equal(client_rig_count(one, "HTTP/1.1 200 "), 1);
}

static void
who_is_gone_is_waited_for_no_longer(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = ask_for_reload(r);

	assert_int_equal(reloads.n, 1);
	memory_fail(w);
	assert_int_equal(reloads.n, 0);
	tell_result(1, true, "");
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
	tell_result(1, true, "");
	assert_int_equal(client_rig_count(w, "HTTP/1.1 "), 1);
}

static void
a_parent_that_reads_nothing_is_not_waited_for(void **state)
{
	struct client_rig *r = *state;
	struct wire *w;

	while (control_send(reloads.control, CONTROL_TOOK, -1, NULL))
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

	admin_reloads_give_up(&reloads);
	memory_turn();
	assert_int_equal(client_rig_count(one, "HTTP/1.1 504 "), 1);
	assert_int_equal(client_rig_count(two, "HTTP/1.1 504 "), 1);
}

static void
where_the_parent_is_gone_nobody_waits(void **state)
{
	struct client_rig *r = *state;
	struct wire *w = ask_for_reload(r);
	int ours = reloads.control;

	admin_reloads_fail(&reloads);
	memory_turn();
	assert_int_equal(client_rig_count(w, "HTTP/1.1 503 "), 1);
	assert_true(client_rig_say(client_rig_connect(r, 0), POST_RELOAD));
	assert_int_equal(reloads.n, 0);
	close(ours);
}

static void
no_more_than_so_many_wait(void **state)
{
	struct client_rig *r = *state;
	struct wire *w;

	for (unsigned i = 0; i < ADMIN_RELOADS; i++)
		(void)ask_for_reload(r);
	assert_int_equal(reloads.n, ADMIN_RELOADS);
	w = ask_for_reload(r);
	assert_int_equal(client_rig_count(w, "HTTP/1.1 503 "), 1);
	assert_int_equal(reloads.n, ADMIN_RELOADS);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_path_has_its_page_and_others_are_named),
		TEST(what_changes_nothing_is_read_and_what_changes_something_is_posted),
		TEST(a_body_is_read_before_it_is_done_and_a_large_one_refused),
		TEST(a_reload_is_answered_when_the_parent_tells_its_result),
		TEST(each_gets_its_own_result),
		TEST(who_is_gone_is_waited_for_no_longer),
		TEST(a_parent_that_does_not_answer_is_waited_for_longer_than_any_load),
		TEST(a_parent_that_reads_nothing_is_not_waited_for),
		TEST(a_process_that_ends_answers_all_who_wait),
		TEST(where_the_parent_is_gone_nobody_waits),
		TEST(no_more_than_so_many_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
