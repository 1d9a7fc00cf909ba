#include "net/pipe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "../../lib/certs.h"
#include "net/tls_bio.h"
#include "turns.h"

#define ROOM	65536

/* A pipe under test, and one at the other end of its connection. */
struct fixture {
	struct pipe pipe, other;
	struct cert root, cert;
	uint8_t got[ROOM];
	size_t n;
};

static int
teardown(void **state)
{
	struct fixture *f = *state;

	pipe_release(&f->pipe);
	pipe_release(&f->other);
	if (f->pipe.fd != -1)
		close(f->pipe.fd);
	if (f->other.fd != -1)
		close(f->other.fd);
	cert_free(&f->cert);
	cert_free(&f->root);
	free(f);
	return 0;
}

static int
setup_plain(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int fds[2];

	make_tcp_pair(fds);
	pipe_init(&f->pipe, fds[0], NULL);
	pipe_init(&f->other, fds[1], NULL);
	*state = f;
	return 0;
}

static SSL *
new_ssl(const SSL_METHOD *method, const struct cert *cert, int fd)
{
	SSL_CTX *ctx = SSL_CTX_new(method);
	SSL *ssl;

	if (cert != NULL) {
		SSL_CTX_use_certificate(ctx, cert->x509);
		SSL_CTX_use_PrivateKey(ctx, cert->key);
		SSL_CTX_set_num_tickets(ctx, 0);
	}
	SSL_CTX_set_default_read_buffer_len(ctx, ROOM);
	ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	SSL_set_fd(ssl, fd);
	return ssl;
}

static int
setup_tls(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	SSL *client, *server;
	int fds[2];

	make_pair(fds);
	cert_make_root(&f->root, "test root");
	cert_make_server(&f->cert, &f->root, "DNS:api.test", -3600, 3600);
	client = new_ssl(TLS_client_method(), NULL, fds[0]);
	server = new_ssl(TLS_server_method(), &f->cert, fds[1]);
	for (unsigned i = 0; i < 10000 && (SSL_connect(client) != 1 ||
	    SSL_accept(server) != 1); i++)
		(void)SSL_accept(server);
	assert_int_equal(SSL_is_init_finished(server), 1);
	pipe_init(&f->pipe, fds[0], client);
	pipe_init(&f->other, fds[1], server);
	*state = f;
	return 0;
}

static enum pipe_state
read_with(struct fixture *f, int reads)
{
	pipe_allow_reads(&f->pipe, reads);
	return pipe_read(&f->pipe, f->got, sizeof(f->got), &f->n);
}

static void
say(struct fixture *f, const char *text)
{
	size_t n;

	assert_int_equal(pipe_write(&f->other, text_of(text), &n), PIPE_MORE);
	assert_int_equal(n, strlen(text));
}

static void
expect(const struct fixture *f, const char *text)
{
	assert_int_equal(f->n, strlen(text));
	assert_memory_equal(f->got, text, f->n);
}

/* Until the socket takes no more; how much it was. */
static size_t
fill(struct fixture *f)
{
	static char much[ROOM];
	enum pipe_state state = PIPE_MORE;
	size_t n, all = 0;

	while (state == PIPE_MORE) {
		state = pipe_write(&f->pipe, (struct text){ .p = much,
		    .n = sizeof(much) }, &n);
		all += n;
	}
	assert_int_equal(state, PIPE_WAIT);
	return all;
}

static void
bytes_arrive_and_then_it_is_to_wait(void **state)
{
	struct fixture *f = *state;

	say(f, "hello");
	assert_int_equal(read_with(f, 1), PIPE_WAIT);
	expect(f, "hello");
	assert_int_equal(read_with(f, 1), PIPE_WAIT);
	expect(f, "");
	assert_false(pipe_holds_input(&f->pipe));
	assert_false(pipe_is_gone(&f->pipe));
}

static void
a_fin_without_tls_is_the_end(void **state)
{
	struct fixture *f = *state;

	say(f, "last");
	shutdown(f->other.fd, SHUT_WR);
	assert_int_equal(read_with(f, 1), PIPE_WAIT);
	expect(f, "last");
	assert_int_equal(read_with(f, 1), PIPE_ENDED);
	assert_false(pipe_is_gone(&f->pipe));
}

static void
reset(struct fixture *f)
{
	struct linger none = { .l_onoff = 1 };

	setsockopt(f->other.fd, SOL_SOCKET, SO_LINGER, &none, sizeof(none));
	close(f->other.fd);
	f->other.fd = -1;
}

static void
a_reset_is_told_by_reading_and_writing(void **state)
{
	struct fixture *f = *state;
	size_t n;

	reset(f);
	assert_true(pipe_is_gone(&f->pipe));
	assert_int_equal(read_with(f, 1), PIPE_RESET);
	assert_int_equal(pipe_write(&f->pipe, TEXT("x"), &n), PIPE_RESET);
	assert_int_equal(n, 0);
}

static void
a_full_socket_takes_a_part_and_tells_what_it_holds(void **state)
{
	struct fixture *f = *state;
	size_t all = fill(f);

	assert_int_equal(pipe_pending(&f->pipe), 0);
	assert_in_range(pipe_unsent(&f->pipe), 1, all);
	assert_int_equal(pipe_flush(&f->pipe), PIPE_MORE);
	assert_null(pipe_finish(&f->pipe));
}

static void
records_that_came_together_are_handed_out_together(void **state)
{
	struct fixture *f = *state;

	say(f, "one");
	say(f, "two");
	assert_int_equal(read_with(f, 1), PIPE_WAIT);
	expect(f, "onetwo");
}

static void
what_was_read_ahead_needs_no_read(void **state)
{
	struct fixture *f = *state;
	char byte;
	size_t n;

	say(f, "one");
	say(f, "two");
	pipe_allow_reads(&f->pipe, 1);
	assert_int_equal(SSL_read_ex(f->pipe.ssl, &byte, 1, &n), 1);
	assert_true(pipe_holds_input(&f->pipe));
	assert_int_equal(read_with(f, 0), PIPE_WAIT);
	expect(f, "netwo");
	assert_false(pipe_holds_input(&f->pipe));
	say(f, "three");
	assert_int_equal(read_with(f, 0), PIPE_WAIT);
	expect(f, "");
}

static void
a_close_notify_is_the_end(void **state)
{
	struct fixture *f = *state;

	say(f, "last");
	assert_null(pipe_finish(&f->other));
	assert_int_equal(read_with(f, 1), PIPE_ENDED);
	expect(f, "last");
	assert_true(pipe_holds_input(&f->pipe));
}

static void
a_fin_within_tls_cuts(void **state)
{
	struct fixture *f = *state;

	say(f, "last");
	shutdown(f->other.fd, SHUT_WR);
	assert_int_equal(read_with(f, 1), PIPE_WAIT);
	expect(f, "last");
	assert_int_equal(read_with(f, 1), PIPE_CUT);
}

static void
what_is_no_record_is_garbled(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(send(f->other.fd, "HTTP/1.1 200 OK\r\n", 17, 0), 17);
	assert_int_equal(read_with(f, 1), PIPE_GARBLED);
	expect(f, "");
}

static void
a_record_is_taken_whole_and_leaves_when_there_is_room(void **state)
{
	struct fixture *f = *state;
	size_t left = fill(f), n = 1;
	enum pipe_state s = PIPE_WAIT;

	assert_in_range(pipe_pending(&f->pipe), 1, 65536);
	assert_int_equal(pipe_unsent(&f->pipe), 0);
	assert_int_equal(pipe_flush(&f->pipe), PIPE_WAIT);
	while (left != 0) {
		pipe_allow_reads(&f->other, 1);
		assert_true(pipe_read(&f->other, f->got, sizeof(f->got), &n) <=
		    PIPE_WAIT);
		left -= n;
		s = pipe_flush(&f->pipe);
	}
	assert_int_equal(s, PIPE_MORE);
	assert_int_equal(pipe_pending(&f->pipe), 0);
}

static void
an_end_that_finds_no_room_is_handed_over(void **state)
{
	struct fixture *f = *state;
	struct buf *rest;

	(void)fill(f);
	rest = pipe_finish(&f->pipe);
	assert_non_null(rest);
	assert_int_equal(buf_len(rest), pipe_pending(&f->pipe));
}

/* Each a message of TLS itself. */
static void
update_keys(struct fixture *f, unsigned n)
{
	SSL *ssl = f->other.ssl;

	while (n-- > 0) {
		assert_int_equal(SSL_key_update(ssl,
		    SSL_KEY_UPDATE_NOT_REQUESTED), 1);
		assert_int_equal(SSL_do_handshake(ssl), 1);
	}
}

static void
messages_of_tls_are_bounded(void **state)
{
	struct fixture *f = *state;

	update_keys(f, TLS_BIO_MESSAGES_MAX);
	say(f, "x");
	assert_int_equal(read_with(f, 2), PIPE_WAIT);
	expect(f, "x");
	update_keys(f, 1);
	assert_int_equal(read_with(f, 2), PIPE_GARBLED);
	expect(f, "");
}

static void
messages_of_tls_beyond_the_bound_are_not_looked_at(void **state)
{
	struct fixture *f = *state;

	update_keys(f, 1000);
	assert_int_equal(read_with(f, 2), PIPE_GARBLED);
	assert_int_equal(SSL_has_pending(f->pipe.ssl), 1);
}

static void
with_bytes_there_may_be_more_messages_of_tls(void **state)
{
	static char much[16384];
	struct fixture *f = *state;
	size_t n;

	update_keys(f, TLS_BIO_MESSAGES_MAX);
	for (size_t i = 0; i < PIPE_BYTES_PER_MESSAGE; i += n) {
		assert_int_equal(pipe_write(&f->other, (struct text){
		    .p = much, .n = sizeof(much) }, &n), PIPE_MORE);
		assert_true(read_with(f, 2) <= PIPE_WAIT);
		assert_int_equal(f->n, n);
	}
	update_keys(f, 1);
	assert_int_equal(read_with(f, 2), PIPE_WAIT);
	update_keys(f, 1);
	assert_int_equal(read_with(f, 2), PIPE_GARBLED);
}

static void
an_abandoned_pipe_says_nothing(void **state)
{
	struct fixture *f = *state;

	pipe_abandon(&f->other);
	assert_int_equal(read_with(f, 1), PIPE_WAIT);
	pipe_release(&f->other);
	assert_int_equal(read_with(f, 1), PIPE_WAIT);
}

int
main(void)
{
#define CASE(test, how)	cmocka_unit_test_setup_teardown(test, setup_##how, \
			    teardown)
	const struct CMUnitTest tests[] = {
		CASE(bytes_arrive_and_then_it_is_to_wait, plain),
		CASE(a_fin_without_tls_is_the_end, plain),
		CASE(a_reset_is_told_by_reading_and_writing, plain),
		CASE(a_full_socket_takes_a_part_and_tells_what_it_holds,
		    plain),
		CASE(bytes_arrive_and_then_it_is_to_wait, tls),
		CASE(records_that_came_together_are_handed_out_together, tls),
		CASE(what_was_read_ahead_needs_no_read, tls),
		CASE(a_close_notify_is_the_end, tls),
		CASE(a_fin_within_tls_cuts, tls),
		CASE(what_is_no_record_is_garbled, tls),
		CASE(a_record_is_taken_whole_and_leaves_when_there_is_room,
		    tls),
		CASE(an_end_that_finds_no_room_is_handed_over, tls),
		CASE(messages_of_tls_are_bounded, tls),
		CASE(messages_of_tls_beyond_the_bound_are_not_looked_at, tls),
		CASE(with_bytes_there_may_be_more_messages_of_tls, tls),
		CASE(an_abandoned_pipe_says_nothing, tls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
