/* The link over TLS; what is common to all links is in test_link.c. */
#include "net/link.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net/dial.h"
#include "end.h"
#include "tls_server.h"
#include "turns.h"

struct fixture {
	struct loop *loop;
	struct resolver *resolver;
	struct cert root, cert;
	struct text roots;
	struct tls_server server;
	struct tls_client *tls;
	struct end end;
	bool connected;
	bool eager;		/* input is wanted at once */
	size_t wanted;
};

static void
on_dialled(void *owner, enum dial_result result, SSL *ssl, int fd,
    const char *why)
{
	struct fixture *f = owner;

	if (result != DIAL_OK)
		fail_msg("%s", why);
	f->connected = true;
	f->end.link = link_new_tls(f->loop, ssl, fd, &end_events, &f->end);
	link_want_input(f->end.link, f->eager);
}

static void
dial_server(struct fixture *f)
{
	struct dial_conf conf = {
		.resolver = f->resolver,
		.tls = f->tls,
		.host = "127.0.0.1",
		.port = f->server.port,
		.connect_ms = 5000,
		.handshake_ms = 5000,
	};

	f->connected = false;
	dial_start(f->loop, &conf, on_dialled, f);
	run_until(f->loop, &f->connected);
	run_for(f->loop, 5);
}

static void
dial(struct fixture *f, bool deaf)
{
	tls_server_start(&f->server, f->loop, &f->cert);
	f->server.deaf = f->server.mute = deaf;
	dial_server(f);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct tls_client_conf tls = { .host = "api.test" };
	char why[256];

	f->loop = loop_new();
	end_init(&f->end);
	cert_make_root(&f->root, "test root");
	cert_make_server(&f->cert, &f->root, "DNS:api.test", -3600, 3600);
	f->roots = cert_text(&f->root);
	tls.roots = f->roots;
	f->tls = tls_client_new(&tls, why, sizeof(why));
	f->resolver = resolver_new(f->loop, why, sizeof(why));
	dial(f, false);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	end_release(&f->end);
	tls_server_stop(&f->server);
	resolver_free(f->resolver);
	loop_free(f->loop);
	tls_client_free(f->tls);
	cert_free(&f->cert);
	cert_free(&f->root);
	cert_text_free(f->roots);
	free(f);
	return 0;
}

static bool
has_input(void *arg)
{
	struct fixture *f = arg;

	return buf_len(&f->end.in) >= f->wanted;
}

/* Bytes that differ from place to place. */
static void
put_pattern(struct buf *b, size_t n)
{
	uint8_t *p = buf_reserve(b, n);

	for (size_t i = 0; i < n; i++)
		p[i] = (uint8_t)(i * 7 + i / 1000);
	buf_commit(b, n);
}

static void
expect_pattern(const struct fixture *f, size_t n)
{
	const uint8_t *p = buf_data(&f->end.in);

	assert_int_equal(buf_len(&f->end.in), n);
	for (size_t i = 0; i < n; i++)
		if (p[i] != (uint8_t)(i * 7 + i / 1000))
			fail_msg("byte %zu of %zu differs", i, n);
}

static void
echo(struct fixture *f, size_t n)
{
	put_pattern(&f->end.out, n);
	link_wake(f->end.link);
	f->wanted = n;
	run_until_fn(f->loop, has_input, f);
	expect_pattern(f, n);
	assert_int_equal(link_sent(f->end.link), n);
}

static void
expect_failure(const struct fixture *f, const char *why)
{
	char told[100];

	assert_true(link_tls_failure(f->end.link, told, sizeof(told)));
	assert_string_equal(told, why);
}

static void
bytes_go_both_ways(void **state)
{
	struct fixture *f = *state;

	link_want_input(f->end.link, true);
	echo(f, 10);
}

static void
many_records_arrive_whole(void **state)
{
	struct fixture *f = *state;

	link_want_input(f->end.link, true);
	echo(f, 8 << 20);
}

/* Tickets and the first bytes came with the end of the handshake. */
static void
what_was_read_ahead_is_not_forgotten(void **state)
{
	struct fixture *f = *state;

	run_for(f->loop, 10);
	tls_server_say(&f->server, "early", 5);
	run_for(f->loop, 20);
	assert_int_equal(f->end.inputs, 0);
	link_want_input(f->end.link, true);
	f->wanted = 5;
	run_until_fn(f->loop, has_input, f);
}

/* They come after the handshake, of TLS 1.3. */
static void
tickets_do_not_break_the_quiet_but_bytes_do(void **state)
{
	struct fixture *f = *state;

	run_for(f->loop, 20);
	assert_true(link_is_quiet(f->end.link));
	tls_server_say(&f->server, "early", 5);
	run_for(f->loop, 20);
	assert_false(link_is_quiet(f->end.link));
	assert_int_equal(f->end.inputs, 0);
	link_want_input(f->end.link, true);
	f->wanted = 5;
	run_until_fn(f->loop, has_input, f);
	assert_true(link_is_quiet(f->end.link));
	link_want_input(f->end.link, false);
	tls_server_end(&f->server, LINK_END_NOW);
	run_for(f->loop, 20);
	assert_false(link_is_quiet(f->end.link));
}

/* Records that OpenSSL holds when the owner stops come when it resumes. */
static void
stopping_within_a_read_loses_nothing(void **state)
{
	struct fixture *f = *state;
	size_t n = 300000;

	f->end.stop_after = 1;
	put_pattern(&f->end.out, n);
	link_wake(f->end.link);
	for (unsigned i = 0; i < 1000 && buf_len(&f->end.in) < n; i++) {
		unsigned before = f->end.inputs;

		link_want_input(f->end.link, true);
		run_for(f->loop, 3);
		assert_true(f->end.inputs - before <= 1);
	}
	expect_pattern(f, n);
}

static void
a_close_notify_is_a_clean_end(void **state)
{
	struct fixture *f = *state;

	link_want_input(f->end.link, true);
	buf_append(&f->end.out, "bye", 3);
	link_wake(f->end.link);
	run_until(f->loop, &f->end.eof);
	assert_true(f->end.clean);
}

static void
an_end_without_close_notify_is_not_clean(void **state)
{
	struct fixture *f = *state;

	link_want_input(f->end.link, true);
	run_for(f->loop, 10);
	/* Below TLS, as somebody on the way would. */
	shutdown(link_fd(f->end.link), SHUT_RD);
	run_until(f->loop, &f->end.eof);
	assert_false(f->end.clean);
}

static void
the_end_comes_after_the_bytes_before_it(void **state)
{
	struct fixture *f = *state;

	run_for(f->loop, 10);
	tls_server_say(&f->server, "last words", 10);
	run_for(f->loop, 5);
	tls_server_end(&f->server, LINK_END_NOW);
	run_for(f->loop, 10);
	assert_false(f->end.failed);
	link_want_input(f->end.link, true);
	run_until(f->loop, &f->end.eof);
	assert_true(f->end.clean);
	assert_true(text_eq(buf_text(&f->end.in), TEXT("last words")));
}

static void
an_end_behind_the_bytes_is_seen_with_them(void **state)
{
	struct fixture *f = *state;

	f->end.asks_quiet = f->end.quiet = true;
	run_for(f->loop, 10);
	tls_server_say(&f->server, "last words", 10);
	run_for(f->loop, 5);
	tls_server_end(&f->server, LINK_END_NOW);
	run_for(f->loop, 10);
	link_want_input(f->end.link, true);
	run_until(f->loop, &f->end.eof);
	assert_int_equal(f->end.inputs, 1);
	assert_false(f->end.quiet);
	assert_true(f->end.clean);
}

static void
bytes_alone_are_followed_by_quiet(void **state)
{
	struct fixture *f = *state;

	f->end.asks_quiet = true;
	link_want_input(f->end.link, true);
	echo(f, 10);
	assert_true(f->end.quiet);
}

static void
a_reset_is_an_error(void **state)
{
	struct fixture *f = *state;

	run_for(f->loop, 10);
	tls_server_end(&f->server, LINK_END_ABORT);
	run_until(f->loop, &f->end.failed);
	assert_int_equal(f->end.error, LINK_RESET);
}

static void
bytes_that_are_no_record_are_an_error(void **state)
{
	struct fixture *f = *state;

	link_want_input(f->end.link, true);
	run_for(f->loop, 10);
	tls_server_say_raw(&f->server, "HTTP/1.1 200 OK\r\n\r\n", 19);
	run_until(f->loop, &f->end.failed);
	assert_int_equal(f->end.error, LINK_TLS);
	expect_failure(f, "a broken record");
	assert_int_equal(f->end.inputs, 0);
}

static void
what_was_answered_has_arrived(void **state)
{
	struct fixture *f = *state;
	uint64_t before = link_written(f->end.link);

	link_want_input(f->end.link, true);
	echo(f, 1000);
	assert_true(link_written(f->end.link) > before + 1000);
	assert_int_equal(link_arrived(f->end.link),
	    link_written(f->end.link));
}

static void
what_nobody_has_room_for_has_not_arrived(void **state)
{
	struct fixture *f = *state;

	tls_server_stop(&f->server);
	link_close(&f->end.link, LINK_END_ABORT);
	dial(f, true);
	put_pattern(&f->end.out, 64 << 20);
	link_wake(f->end.link);
	run_for(f->loop, 20);
	assert_true(link_is_blocked(f->end.link));
	assert_true(link_written(f->end.link) > link_sent(f->end.link));
	assert_true(link_arrived(f->end.link) < link_written(f->end.link));
	assert_true(link_arrived(f->end.link) != 0);
}

static bool
has_ended(void *arg)
{
	struct fixture *f = arg;

	return f->server.clean_ends == 1;
}

/* What was taken from output() is sent, and the end after it. */
static void
what_was_taken_leaves_before_the_end(void **state)
{
	struct fixture *f = *state;
	uint64_t taken;

	tls_server_stop(&f->server);
	link_close(&f->end.link, LINK_END_ABORT);
	dial(f, true);
	/* Tickets that nobody reads would make the end a reset. */
	link_want_input(f->end.link, true);
	put_pattern(&f->end.out, 16 << 20);
	link_wake(f->end.link);
	run_for(f->loop, 20);
	assert_true(link_is_blocked(f->end.link));
	taken = link_sent(f->end.link);
	link_close(&f->end.link, LINK_END_NOW);
	run_for(f->loop, 20);
	tls_server_hear(&f->server);
	run_until_fn(f->loop, has_ended, f);
	assert_int_equal(f->server.heard, taken);
}

/* Each asks for an answer, which is never read. */
static void
answers_to_tls_itself_are_bounded(void **state)
{
	struct fixture *f = *state;
	int least = 1;

	tls_server_stop(&f->server);
	link_close(&f->end.link, LINK_END_ABORT);
	dial(f, true);
	setsockopt(link_fd(f->end.link), SOL_SOCKET, SO_SNDBUF, &least,
	    sizeof(least));
	link_want_input(f->end.link, true);
	for (unsigned i = 0; i < 100 && !f->end.failed; i++) {
		tls_server_update_keys(&f->server, 100);
		run_for(f->loop, 2);
	}
	assert_true(f->end.failed);
	assert_int_equal(f->end.error, LINK_TLS);
	expect_failure(f, "too many messages");
}

/* For the client the handshake has ended by then. */
static void
an_alert_after_the_handshake_is_told_by_its_name(void **state)
{
	struct fixture *f = *state;

	link_close(&f->end.link, LINK_END_ABORT);
	SSL_CTX_set_verify(f->server.ctx, SSL_VERIFY_PEER |
	    SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	f->eager = true;
	dial_server(f);
	run_until(f->loop, &f->end.failed);
	assert_int_equal(f->end.error, LINK_TLS);
	expect_failure(f, "alert of the server: certificate required");
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(bytes_go_both_ways),
		CASE(many_records_arrive_whole),
		CASE(what_was_read_ahead_is_not_forgotten),
		CASE(tickets_do_not_break_the_quiet_but_bytes_do),
		CASE(stopping_within_a_read_loses_nothing),
		CASE(a_close_notify_is_a_clean_end),
		CASE(an_end_without_close_notify_is_not_clean),
		CASE(the_end_comes_after_the_bytes_before_it),
		CASE(an_end_behind_the_bytes_is_seen_with_them),
		CASE(bytes_alone_are_followed_by_quiet),
		CASE(a_reset_is_an_error),
		CASE(bytes_that_are_no_record_are_an_error),
		CASE(what_was_answered_has_arrived),
		CASE(what_nobody_has_room_for_has_not_arrived),
		CASE(what_was_taken_leaves_before_the_end),
		CASE(answers_to_tls_itself_are_bounded),
		CASE(an_alert_after_the_handshake_is_told_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
