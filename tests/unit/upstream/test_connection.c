/*
 * upstream/connection: what becomes of a connection that is lent or not, over
 * a network in memory.  How pools and attempts use it is theirs to test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../sim/memory.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "net/dial.h"
#include "net/tls.h"
#include "upstream/connection.h"

#define SECONDS		INT64_C(1000)
#define OK_0		"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

struct world {
	struct loop *loop;
	struct tls_client *tls;
	struct fields scratch;
	struct codec_shared codec;
	struct connection_owner owner;
	struct connection *connection;
	stream_id stream;
	unsigned heads, resets;
	const char *useless;		/* why, or NULL; it is gone then */
	bool dropped;
};

/* -- the owner, and the user -- */

static void
on_useless(void *owner, struct connection *c, const char *why)
{
	struct world *w = owner;

	assert_ptr_equal(c, w->connection);
	assert_null(w->useless);
	w->useless = why;
	w->dropped = connection_was_dropped(c);
	connection_close(c);
}

static void
on_head(void *owner, const struct head *head, bool end)
{
	struct world *w = owner;

	assert_true(end);
	w->heads++;
	connection_note_response(w->connection, head);
}

static void
on_body(void *owner, const uint8_t *p, size_t n, bool end)
{
	(void)owner;
	(void)p;
	(void)n;
	(void)end;
}

static void
on_reset(void *owner, enum codec_error why)
{
	struct world *w = owner;

	assert_int_equal(why, CODEC_TRUNCATED);
	w->resets++;
}

static const struct stream_events events = {
	.head = on_head, .body = on_body, .reset = on_reset,
};

/* -- the world -- */

static void
on_dialled(void *owner, enum dial_result result, SSL *ssl, int fd,
    const char *why)
{
	struct world *w = owner;

	(void)why;
	assert_int_equal(result, DIAL_OK);
	w->connection = connection_new(&w->owner, ssl, fd, 3600 * SECONDS);
}

static int
set_up(void **state)
{
	static char host[] = "api.example";
	struct world *w = xcalloc(1, sizeof(*w));
	struct dial_conf conf = { .host = host };

	*state = w;
	w->loop = loop_new();
	memory_start(w->loop);
	w->tls = tls_client_new(&(struct tls_client_conf){ .host = host },
	    NULL, 0);
	conf.tls = w->tls;
	w->codec = (struct codec_shared){
		.limits = &codec_limits_default,
		.blocks = loop_blocks(w->loop),
		.scratch = &w->scratch,
	};
	w->owner = (struct connection_owner){
		.loop = w->loop, .codec = &w->codec, .owner = w,
		.useless = on_useless,
	};
	(void)dial_start(w->loop, &conf, on_dialled, w);
	assert_true(memory_connect(true));
	connection_leave(w->connection, 50 * SECONDS);
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	if (w->useless == NULL)
		connection_close(w->connection);
	memory_turn();
	loop_free(w->loop);
	memory_end();
	tls_client_free(w->tls);
	fields_release(&w->scratch);
	free(w);
	return 0;
}

/* A request is sent on it. */
static void
ask(struct world *w)
{
	const struct head head = {
		.kind = HEAD_REQUEST, .version = 11, .method = TEXT("GET"),
		.target = TEXT("/"), .authority = TEXT("api.example"),
	};
	struct codec *codec = connection_codec(w->connection);

	connection_occupy(w->connection);
	w->stream = codec_open(codec, &events, w);
	codec_send_head(codec, w->stream, &head, true);
	connection_wake(w->connection);
	memory_turn();
}

static void
feed(const char *text)
{
	assert_true(memory_feed(memory_wires(), text, strlen(text)));
}

/* It served one exchange, and is idle. */
static void
serve(struct world *w, const char *response)
{
	ask(w);
	feed(response);
	assert_true(connection_is_reusable(w->connection));
	connection_leave(w->connection, 50 * SECONDS);
	memory_turn();
}

/* -- idle -- */

static void
it_is_idle_until_it_is_lent_and_after(void **state)
{
	struct world *w = *state;

	assert_true(connection_is_idle(w->connection));
	assert_false(connection_was_used(w->connection));
	ask(w);
	assert_false(connection_is_idle(w->connection));
	assert_false(connection_was_used(w->connection));
	feed(OK_0);
	assert_int_equal(w->heads, 1);
	connection_leave(w->connection, SECONDS);
	assert_true(connection_is_idle(w->connection));
	assert_true(connection_was_used(w->connection));
	assert_null(w->useless);
}

static void
bytes_that_nobody_asked_for_make_it_useless(void **state)
{
	struct world *w = *state;

	feed("x");
	assert_string_equal(w->useless, "bytes on an idle connection");
	assert_false(w->dropped);
}

static void
its_end_makes_it_useless(void **state)
{
	struct world *w = *state;

	serve(w, OK_0);
	assert_true(memory_eof(memory_wires(), true));
	assert_string_equal(w->useless, "the upstream closed it");
	assert_true(w->dropped);
}

static void
a_failing_link_makes_it_useless(void **state)
{
	struct world *w = *state;

	memory_fail(memory_wires());
	assert_string_equal(w->useless, "the link failed");
}

static void
it_is_idle_for_so_long_and_no_longer(void **state)
{
	struct world *w = *state;

	memory_pass(50 * SECONDS - 1);
	assert_null(w->useless);
	assert_false(connection_is_stale(w->connection));
	memory_pass(1);
	assert_string_equal(w->useless, "idle for long");
}

static void
no_time_runs_out_while_it_is_lent(void **state)
{
	struct world *w = *state;

	memory_pass(49 * SECONDS);
	ask(w);
	memory_pass(4000 * SECONDS);
	assert_null(w->useless);
	feed(OK_0);
	/* It has become too old, though. */
	assert_false(connection_is_reusable(w->connection));
}

static void
it_is_kept_as_long_as_the_upstream_says(void **state)
{
	struct world *w = *state;

	serve(w, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"
	    "Keep-Alive: timeout=5\r\n\r\n");
	memory_pass(4 * SECONDS - 1);
	assert_null(w->useless);
	memory_pass(1);
	assert_string_equal(w->useless, "idle for long");
}

static void
it_is_stale_after_the_machine_slept(void **state)
{
	struct world *w = *state;

	memory_sleep(50 * SECONDS);
	assert_null(w->useless);
	assert_true(connection_is_stale(w->connection));
}

static void
how_long_nobody_used_it_is_told_to_its_user_too(void **state)
{
	struct world *w = *state;

	memory_pass(7 * SECONDS);
	assert_int_equal(connection_unused_ns(w->connection), 7 * NS_PER_S);
	ask(w);
	memory_pass(20 * SECONDS);
	assert_int_equal(connection_unused_ns(w->connection), 7 * NS_PER_S);
}

/* -- lent -- */

static void
what_its_user_has_heard_is_only_its_own(void **state)
{
	struct world *w = *state;

	serve(w, OK_0);
	ask(w);
	assert_false(connection_has_heard(w->connection));
	feed("H");
	assert_true(connection_has_heard(w->connection));
	assert_false(connection_heard_early(w->connection));
}

static void
what_came_before_the_request_arrived_is_early(void **state)
{
	struct world *w = *state;

	serve(w, OK_0);
	ask(w);
	/* None of its bytes, but all of those before. */
	memory_wires()->latent = true;
	memory_wires()->read = buf_len(&memory_wires()->out) / 2;
	feed("H");
	assert_true(connection_heard_early(w->connection));
}

static void
its_end_is_told_to_its_user_first(void **state)
{
	struct world *w = *state;

	serve(w, OK_0);
	ask(w);
	assert_false(connection_was_dropped(w->connection));
	assert_true(memory_eof(memory_wires(), true));
	assert_int_equal(w->resets, 1);
	assert_null(w->useless);
	assert_true(connection_was_dropped(w->connection));
}

static void
one_that_was_never_used_was_not_dropped(void **state)
{
	struct world *w = *state;

	ask(w);
	assert_true(memory_eof(memory_wires(), true));
	assert_int_equal(w->resets, 1);
	assert_false(connection_was_dropped(w->connection));
}

static void
one_that_was_spoilt_is_not_used_again(void **state)
{
	struct world *w = *state;

	ask(w);
	connection_spoil(w->connection);
	feed(OK_0);
	assert_int_equal(w->heads, 1);
	assert_false(connection_is_reusable(w->connection));
}

static void
all_has_arrived_when_nothing_is_under_way(void **state)
{
	struct world *w = *state;

	memory_set_room(memory_wires(), 5);
	ask(w);
	assert_false(connection_has_arrived(w->connection));
	memory_set_room(memory_wires(), SIZE_MAX);
	assert_true(connection_has_arrived(w->connection));
	memory_wires()->latent = true;
	memory_wires()->read--;
	assert_false(connection_has_arrived(w->connection));
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_idle_until_it_is_lent_and_after),
		TEST(bytes_that_nobody_asked_for_make_it_useless),
		TEST(its_end_makes_it_useless),
		TEST(a_failing_link_makes_it_useless),
		TEST(it_is_idle_for_so_long_and_no_longer),
		TEST(no_time_runs_out_while_it_is_lent),
		TEST(it_is_kept_as_long_as_the_upstream_says),
		TEST(it_is_stale_after_the_machine_slept),
		TEST(how_long_nobody_used_it_is_told_to_its_user_too),
		TEST(what_its_user_has_heard_is_only_its_own),
		TEST(what_came_before_the_request_arrived_is_early),
		TEST(its_end_is_told_to_its_user_first),
		TEST(one_that_was_never_used_was_not_dropped),
		TEST(one_that_was_spoilt_is_not_used_again),
		TEST(all_has_arrived_when_nothing_is_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
