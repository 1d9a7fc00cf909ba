/*
 * The BIO by itself, and below OpenSSL; both ends in one process.
 */
#include "net/tls_bio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/bio.h>
#include <openssl/err.h>

#include "base/alloc.h"
#include "net/tls_alert.h"
#include "../../lib/certs.h"
#include "turns.h"

#define LARGE	((size_t)1 << 20)

struct fixture {
	struct cert cert;
	SSL_CTX *client_ctx, *server_ctx;
	SSL *client, *server;
	BIO *bio;			/* of the client */
	int fds[2];
	uint8_t *sent, *got;		/* LARGE bytes each */
};

static int
set_up_with(void **state, void (*make)(int fds[2]))
{
	struct fixture *f = calloc(1, sizeof(*f));

	/* OpenSSL's own socket BIO, of the server, raises it. */
	signal(SIGPIPE, SIG_IGN);
	make(f->fds);
	cert_make_alone(&f->cert, "DNS:api.test");
	f->client_ctx = SSL_CTX_new(TLS_client_method());
	f->server_ctx = SSL_CTX_new(TLS_server_method());
	SSL_CTX_use_certificate(f->server_ctx, f->cert.x509);
	SSL_CTX_use_PrivateKey(f->server_ctx, f->cert.key);
	SSL_CTX_set_num_tickets(f->server_ctx, 0);
	/* As tls.c has it: a record at a time. */
	SSL_CTX_set_mode(f->client_ctx, SSL_MODE_ENABLE_PARTIAL_WRITE);
	SSL_CTX_set_mode(f->server_ctx, SSL_MODE_ENABLE_PARTIAL_WRITE |
	    SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	f->client = SSL_new(f->client_ctx);
	f->server = SSL_new(f->server_ctx);
	f->bio = tls_bio_attach(f->client, f->fds[0]);
	SSL_set_fd(f->server, f->fds[1]);
	SSL_set_connect_state(f->client);
	SSL_set_accept_state(f->server);
	f->sent = calloc(1, LARGE);
	f->got = calloc(1, LARGE);
	for (size_t i = 0; i < LARGE; i++)
		f->sent[i] = (uint8_t)(i * 7 + i / 1000);
	*state = f;
	return 0;
}

static int
set_up(void **state)
{
	return set_up_with(state, make_pair);
}

static int
set_up_tcp(void **state)
{
	return set_up_with(state, make_tcp_pair);
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	SSL_free(f->client);
	SSL_free(f->server);
	SSL_CTX_free(f->client_ctx);
	SSL_CTX_free(f->server_ctx);
	cert_free(&f->cert);
	for (unsigned i = 0; i < 2; i++) {
		if (f->fds[i] != -1)
			close(f->fds[i]);
	}
	free(f->sent);
	free(f->got);
	free(f);
	ERR_clear_error();
	return 0;
}

static void
hang_up(struct fixture *f)
{
	close(f->fds[1]);
	f->fds[1] = -1;
}

static void
shake_hands(struct fixture *f)
{
	for (unsigned i = 0; i < 10; i++) {
		ERR_clear_error();
		(void)SSL_do_handshake(f->client);
		ERR_clear_error();
		(void)SSL_do_handshake(f->server);
	}
	assert_true(SSL_is_init_finished(f->client));
	assert_true(SSL_is_init_finished(f->server));
}

/* What the other end can read now, after the n bytes that it has. */
static size_t
hear(const struct fixture *f, size_t n)
{
	ssize_t more;

	while (n < LARGE &&
	    (more = recv(f->fds[1], f->got + n, LARGE - n, 0)) > 0)
		n += (size_t)more;
	return n;
}

/* -- writing -- */

static void
what_is_written_leaves_at_once(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(BIO_write(f->bio, "hello", 5), 5);
	assert_int_equal(hear(f, 0), 5);
	assert_memory_equal(f->got, "hello", 5);
	assert_int_equal(tls_bio_written(f->bio), 5);
	assert_int_equal(BIO_wpending(f->bio), 0);
	assert_int_equal(tls_bio_flush(f->bio), 0);
}

/* And what is written next waits behind it. */
static void
what_the_socket_does_not_take_is_kept_in_order(void **state)
{
	struct fixture *f = *state;
	size_t n = 0;
	int error;

	assert_int_equal(BIO_write(f->bio, f->sent, (int)LARGE - 10),
	    LARGE - 10);
	assert_int_equal(tls_bio_flush(f->bio), EAGAIN);
	assert_false(BIO_should_retry(f->bio));
	n = hear(f, 0);
	/* There is room for it, but not before what waits. */
	assert_int_equal(BIO_write(f->bio, f->sent + LARGE - 10, 10), 10);
	assert_int_equal(tls_bio_written(f->bio), LARGE);
	assert_true(BIO_wpending(f->bio) > 10);
	assert_int_equal(BIO_wpending(f->bio),
	    buf_len(tls_bio_pending(f->bio)));
	do {
		n = hear(f, n);
		error = tls_bio_flush(f->bio);
	} while (error == EAGAIN);
	assert_int_equal(error, 0);
	assert_int_equal(hear(f, n), LARGE);
	assert_memory_equal(f->got, f->sent, LARGE);
	assert_int_equal(tls_bio_errno(f->bio), 0);
}

static void
the_owner_may_take_over_what_waits(void **state)
{
	struct fixture *f = *state;
	struct buf *pending = tls_bio_pending(f->bio), mine;
	size_t n;

	assert_int_equal(BIO_write(f->bio, f->sent, (int)LARGE), LARGE);
	mine = *pending;
	buf_init(pending, mine.blocks);
	n = hear(f, 0);
	assert_int_equal(n + buf_len(&mine), LARGE);
	assert_memory_equal(buf_data(&mine), f->sent + n, buf_len(&mine));
	assert_int_equal(tls_bio_flush(f->bio), 0);
	buf_release(&mine);
}

static void
what_cannot_be_written_fails_and_is_remembered(void **state)
{
	struct fixture *f = *state;

	/* It would end the program, if that was the way to say so. */
	signal(SIGPIPE, SIG_DFL);
	hang_up(f);
	assert_int_equal(BIO_write(f->bio, "hello", 5), -1);
	assert_false(BIO_should_retry(f->bio));
	assert_int_equal(tls_bio_errno(f->bio), EPIPE);
	assert_int_equal(tls_bio_written(f->bio), 0);
}

static void
what_waits_fails_as_it_would_have(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(BIO_write(f->bio, f->sent, (int)LARGE), LARGE);
	hang_up(f);
	assert_int_equal(tls_bio_flush(f->bio), EPIPE);
	assert_int_equal(tls_bio_errno(f->bio), EPIPE);
}

/* -- reading -- */

static void
what_is_there_is_read_and_no_more_is_waited_for(void **state)
{
	struct fixture *f = *state;
	char got[10];

	assert_int_equal(BIO_read(f->bio, got, sizeof(got)), -1);
	assert_true(BIO_should_read(f->bio));
	assert_int_equal(write(f->fds[1], "hey", 3), 3);
	assert_int_equal(BIO_read(f->bio, got, sizeof(got)), 3);
	assert_memory_equal(got, "hey", 3);
	assert_false(BIO_should_retry(f->bio));
	assert_int_equal(BIO_read(f->bio, got, sizeof(got)), -1);
	assert_true(BIO_should_read(f->bio));
	assert_false(tls_bio_eof(f->bio));
	assert_int_equal(tls_bio_errno(f->bio), 0);
}

static void
no_more_reads_happen_than_are_allowed(void **state)
{
	struct fixture *f = *state;
	char got[2];

	assert_int_equal(write(f->fds[1], "abcdef", 6), 6);
	tls_bio_allow_reads(f->bio, 2);
	assert_int_equal(BIO_read(f->bio, got, 2), 2);
	assert_int_equal(BIO_read(f->bio, got, 2), 2);
	assert_int_equal(BIO_read(f->bio, got, 2), -1);
	assert_true(BIO_should_read(f->bio));
	tls_bio_allow_reads(f->bio, TLS_BIO_UNLIMITED);
	assert_int_equal(BIO_read(f->bio, got, 2), 2);
	assert_memory_equal(got, "ef", 2);
}

/* One that finds nothing was a call to the system as well. */
static void
a_read_that_finds_nothing_counts(void **state)
{
	struct fixture *f = *state;
	char got[2];

	tls_bio_allow_reads(f->bio, 1);
	assert_int_equal(BIO_read(f->bio, got, 2), -1);
	assert_int_equal(write(f->fds[1], "ab", 2), 2);
	assert_int_equal(BIO_read(f->bio, got, 2), -1);
	assert_true(BIO_should_read(f->bio));
}

static void
the_end_is_remembered(void **state)
{
	struct fixture *f = *state;
	char got[10];

	assert_int_equal(write(f->fds[1], "bye", 3), 3);
	hang_up(f);
	assert_int_equal(BIO_read(f->bio, got, sizeof(got)), 3);
	assert_false(tls_bio_eof(f->bio));
	assert_int_equal(BIO_read(f->bio, got, sizeof(got)), 0);
	assert_false(BIO_should_retry(f->bio));
	assert_true(tls_bio_eof(f->bio));
	assert_int_equal(tls_bio_errno(f->bio), 0);
}

static void
a_reset_is_no_end(void **state)
{
	const struct linger at_once = { .l_onoff = 1 };
	struct fixture *f = *state;
	char got[10];

	assert_int_equal(setsockopt(f->fds[1], SOL_SOCKET, SO_LINGER,
	    &at_once, sizeof(at_once)), 0);
	hang_up(f);
	assert_int_equal(BIO_read(f->bio, got, sizeof(got)), -1);
	assert_false(BIO_should_retry(f->bio));
	assert_false(tls_bio_eof(f->bio));
	assert_int_equal(tls_bio_errno(f->bio), ECONNRESET);
}

/* -- below OpenSSL -- */

static void
large_bodies_go_both_ways(void **state)
{
	struct fixture *f = *state;
	size_t there = 0, back = 0, heard = 0, said = 0, n;

	shake_hands(f);
	while (back < LARGE) {
		if (there < LARGE && BIO_wpending(f->bio) == 0 &&
		    SSL_write_ex(f->client, f->sent + there, LARGE - there,
		    &n) == 1)
			there += n;
		assert_true(BIO_wpending(f->bio) < 20000);
		(void)tls_bio_flush(f->bio);
		ERR_clear_error();
		if (SSL_read_ex(f->server, f->got + heard, LARGE - heard,
		    &n) == 1)
			heard += n;
		ERR_clear_error();
		if (said < heard && SSL_write_ex(f->server, f->got + said,
		    heard - said, &n) == 1)
			said += n;
		ERR_clear_error();
		if (SSL_read_ex(f->client, f->sent + back, LARGE - back,
		    &n) == 1)
			back += n;
	}
	assert_int_equal(said, LARGE);
	assert_memory_equal(f->got, f->sent, LARGE);
	for (size_t i = 0; i < LARGE; i++)
		assert_int_equal(f->got[i], (uint8_t)(i * 7 + i / 1000));
}

static void
a_close_notify_is_no_end_of_the_socket(void **state)
{
	struct fixture *f = *state;
	char got[10];

	shake_hands(f);
	(void)SSL_shutdown(f->server);
	assert_int_equal(SSL_get_error(f->client, SSL_read(f->client, got,
	    sizeof(got))), SSL_ERROR_ZERO_RETURN);
	assert_false(tls_bio_eof(f->bio));
	assert_int_equal(tls_bio_alert(f->bio), TLS_ALERT_CLOSE_NOTIFY);
}

static void
an_end_without_close_notify_is_one_of_the_socket(void **state)
{
	struct fixture *f = *state;
	char got[10];

	shake_hands(f);
	hang_up(f);
	assert_int_not_equal(SSL_get_error(f->client, SSL_read(f->client, got,
	    sizeof(got))), SSL_ERROR_ZERO_RETURN);
	assert_true(tls_bio_eof(f->bio));
}

static void
the_alert_that_came_is_remembered(void **state)
{
	static const uint8_t alert[] = { SSL3_RT_ALERT, 3, 3, 0, 2,
	    SSL3_AL_FATAL, SSL_AD_HANDSHAKE_FAILURE };
	struct fixture *f = *state;

	assert_int_equal(SSL_do_handshake(f->client), -1);
	assert_int_equal(tls_bio_alert(f->bio), TLS_ALERT_CLOSE_NOTIFY);
	assert_int_equal(write(f->fds[1], alert, sizeof(alert)),
	    sizeof(alert));
	assert_int_equal(SSL_do_handshake(f->client), -1);
	assert_int_equal(tls_bio_alert(f->bio), SSL_AD_HANDSHAKE_FAILURE);
}

/* So many tickets, each of them a message of the handshake. */
static void
send_tickets(struct fixture *f, unsigned n)
{
	while (n-- > 0) {
		ERR_clear_error();
		assert_int_equal(SSL_new_session_ticket(f->server), 1);
		assert_int_equal(SSL_do_handshake(f->server), 1);
	}
}

static void
read_all(struct fixture *f)
{
	char got[10];

	ERR_clear_error();
	assert_true(SSL_read(f->client, got, sizeof(got)) <= 0);
}

static void
behind_too_many_messages_nothing_is_read(void **state)
{
	struct fixture *f = *state;
	char got[10];

	shake_hands(f);
	/* The handshake took some of them, but no ten. */
	for (unsigned i = 0; i < TLS_BIO_MESSAGES_MAX - 10; i++) {
		send_tickets(f, 1);
		read_all(f);
	}
	assert_false(tls_bio_is_flooded(f->bio));
	send_tickets(f, 10);
	read_all(f);
	assert_true(tls_bio_is_flooded(f->bio));
	assert_int_equal(SSL_write(f->server, "late", 4), 4);
	assert_true(SSL_read(f->client, got, sizeof(got)) <= 0);
}

static void
messages_that_are_allowed_for_go_on(void **state)
{
	struct fixture *f = *state;
	char got[10];

	shake_hands(f);
	for (unsigned i = 0; i < 2 * TLS_BIO_MESSAGES_MAX; i++) {
		tls_bio_allow_message(f->bio);
		send_tickets(f, 1);
		read_all(f);
	}
	assert_false(tls_bio_is_flooded(f->bio));
	assert_int_equal(SSL_write(f->server, "late", 4), 4);
	assert_int_equal(SSL_read(f->client, got, sizeof(got)), 4);
}

/* -- whose it is -- */

static void
the_descriptor_is_known_and_stays_the_caller_s(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(SSL_get_fd(f->client), f->fds[0]);
	/* What waits goes with it. */
	assert_int_equal(BIO_write(f->bio, f->sent, (int)LARGE), LARGE);
	SSL_free(f->client);
	f->client = NULL;
	assert_int_not_equal(fcntl(f->fds[0], F_GETFD), -1);
}

static void
it_is_told_from_those_of_others(void **state)
{
	struct fixture *f = *state;
	SSL *none = SSL_new(f->client_ctx);

	assert_ptr_equal(tls_bio_of(f->client), f->bio);
	assert_null(tls_bio_of(f->server));
	assert_null(tls_bio_of(none));
	SSL_free(none);
}

int
main(void)
{
#define CASE(test)	cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define CASE_TCP(test)							\
	cmocka_unit_test_setup_teardown(test, set_up_tcp, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(what_is_written_leaves_at_once),
		CASE(what_the_socket_does_not_take_is_kept_in_order),
		CASE(the_owner_may_take_over_what_waits),
		CASE(what_cannot_be_written_fails_and_is_remembered),
		CASE(what_waits_fails_as_it_would_have),
		CASE(what_is_there_is_read_and_no_more_is_waited_for),
		CASE(no_more_reads_happen_than_are_allowed),
		CASE(a_read_that_finds_nothing_counts),
		CASE(the_end_is_remembered),
		CASE_TCP(a_reset_is_no_end),
		CASE(large_bodies_go_both_ways),
		CASE_TCP(large_bodies_go_both_ways),
		CASE(a_close_notify_is_no_end_of_the_socket),
		CASE(an_end_without_close_notify_is_one_of_the_socket),
		CASE(the_alert_that_came_is_remembered),
		CASE(behind_too_many_messages_nothing_is_read),
		CASE(messages_that_are_allowed_for_go_on),
		CASE(the_descriptor_is_known_and_stays_the_caller_s),
		CASE(it_is_told_from_those_of_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
