/*
 * Handshakes with clients in a loop: those that end well, and everything else
 * that may come instead.
 */
#include "net/tls_accept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "../../lib/certs.h"
#include "turns.h"

#define HOUR	3600L

/* Longer than a busy machine takes; one that is to run out is short. */
#define PATIENCE_MS	20000
#define SHORT_MS	50

struct fixture {
	struct cert root, server, client;
	struct text roots, certificate, key;
	struct tls_server *t;
	struct loop *loop;
	int fds[2];			/* the client's, ours */
	SSL_CTX *ctx;
	SSL *ssl;			/* the client's */
	int client_result;

	struct tls_accept *a;		/* until it is done */
	bool done;
	enum tls_accept_result result;
	SSL *accepted;
	int fd;
	bool named;			/* by the client's certificate */
	char why[256];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct tls_server_conf conf = { .required = true };
	char why[256];

	/* OpenSSL's own socket BIO, of the client, raises it. */
	signal(SIGPIPE, SIG_IGN);
	cert_make_root(&f->root, "root");
	cert_make_server(&f->server, &f->root, "DNS:sallyport.test", -HOUR,
	    HOUR);
	cert_make_client(&f->client, &f->root, "ci", -HOUR, HOUR);
	f->roots = cert_text(&f->root);
	conf.certificate = f->certificate = cert_text(&f->server);
	conf.certificate_key = f->key = cert_key_text(&f->server, NULL);
	conf.client_ca = f->roots;
	f->t = tls_server_new(&conf, why, sizeof(why));
	assert_non_null(f->t);
	f->loop = loop_new();
	make_tcp_pair(f->fds);
	f->ctx = SSL_CTX_new(TLS_client_method());
	f->fd = -1;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	tls_accept_cancel(f->a);
	SSL_free(f->ssl);
	SSL_free(f->accepted);
	SSL_CTX_free(f->ctx);
	if (f->fds[0] != -1)
		close(f->fds[0]);
	if (f->fd != -1)
		close(f->fd);
	loop_free(f->loop);
	tls_server_free(f->t);
	cert_free(&f->root);
	cert_free(&f->server);
	cert_free(&f->client);
	cert_text_free(f->roots);
	cert_text_free(f->certificate);
	cert_text_free(f->key);
	free(f);
	return 0;
}

static void
on_done(void *owner, const struct tls_accepted *a)
{
	struct fixture *f = owner;

	assert_false(f->done);
	assert_int_equal(a->ssl != NULL, a->result == TLS_ACCEPT_OK);
	assert_int_equal(a->fd != -1, a->result == TLS_ACCEPT_OK ||
	    a->result == TLS_ACCEPT_PLAIN);
	assert_true(a->names == NULL || a->result == TLS_ACCEPT_OK);
	assert_null(strchr(a->why, '\n'));
	f->a = NULL;
	f->done = true;
	f->result = a->result;
	f->accepted = a->ssl;
	f->fd = a->fd;
	f->named = a->names != NULL &&
	    strcmp(a->names->subject, "CN=ci") == 0;
	snprintf(f->why, sizeof(f->why), "%s", a->why);
}

static void
start(struct fixture *f, int64_t ms)
{
	f->a = tls_accept_start(f->loop, f->t, f->fds[1], ms, on_done, f);
}

static void
give_up(struct fixture *f)
{
	tls_accept_cancel(f->a);
	f->a = NULL;
}

static void
say(struct fixture *f, const void *p, size_t n)
{
	assert_int_equal(send(f->fds[0], p, n, MSG_NOSIGNAL), n);
}

static void
hang_up(struct fixture *f)
{
	close(f->fds[0]);
	f->fds[0] = -1;
}

static void
ends(struct fixture *f, enum tls_accept_result result, const char *why)
{
	run_until(f->loop, &f->done);
	if (f->result != result || strstr(f->why, why) == NULL)
		fail_msg("%d: %s; wanted %d: %s", f->result, f->why, result,
		    why);
}

/* -- a client that speaks TLS -- */

static void
begin_client(struct fixture *f)
{
	f->ssl = SSL_new(f->ctx);
	SSL_set_fd(f->ssl, f->fds[0]);
	SSL_set_connect_state(f->ssl);
}

static void
show_certificate(struct fixture *f)
{
	SSL_CTX_use_certificate(f->ctx, f->client.x509);
	SSL_CTX_use_PrivateKey(f->ctx, f->client.key);
}

/* Goes on with the client's half; both have come to an end. */
static bool
both_ended(void *arg)
{
	struct fixture *f = arg;
	int kind;

	ERR_clear_error();
	f->client_result = SSL_do_handshake(f->ssl);
	kind = SSL_get_error(f->ssl, f->client_result);
	return f->done && kind != SSL_ERROR_WANT_READ &&
	    kind != SSL_ERROR_WANT_WRITE;
}

static void
a_client_is_accepted(void **state)
{
	struct fixture *f = *state;

	show_certificate(f);
	start(f, PATIENCE_MS);
	begin_client(f);
	run_until_fn(f->loop, both_ended, f);
	assert_int_equal(f->result, TLS_ACCEPT_OK);
	assert_int_equal(f->client_result, 1);
	assert_true(f->named);
}

static void
free_server(struct fixture *f)
{
	tls_server_free(f->t);
	f->t = NULL;
}

/* As when a renewed certificate is put in its place. */
static void
who_began_with_a_certificate_ends_with_it(void **state)
{
	struct fixture *f = *state;

	show_certificate(f);
	start(f, PATIENCE_MS);
	free_server(f);
	begin_client(f);
	run_until_fn(f->loop, both_ended, f);
	assert_int_equal(f->result, TLS_ACCEPT_OK);
	assert_true(f->named);
}

static void
a_handshake_goes_on_when_the_certificate_is_renewed(void **state)
{
	struct fixture *f = *state;

	show_certificate(f);
	start(f, PATIENCE_MS);
	begin_client(f);
	(void)SSL_do_handshake(f->ssl);
	run_for(f->loop, 1);
	free_server(f);
	run_until_fn(f->loop, both_ended, f);
	assert_int_equal(f->result, TLS_ACCEPT_OK);
	assert_true(f->named);
}

/* Sends what the client has to say, a byte in each turn. */
static void
a_client_may_send_byte_by_byte(void **state)
{
	struct fixture *f = *state;
	BIO *in = BIO_new(BIO_s_mem()), *out = BIO_new(BIO_s_mem());
	char byte, answer[4096];
	ssize_t n;

	show_certificate(f);
	start(f, PATIENCE_MS);
	begin_client(f);
	SSL_set_bio(f->ssl, in, out);
	BIO_set_mem_eof_return(in, -1);
	while (!f->done) {
		ERR_clear_error();
		(void)SSL_do_handshake(f->ssl);
		while (BIO_read(out, &byte, 1) == 1) {
			say(f, &byte, 1);
			run_for(f->loop, 0);
		}
		n = recv(f->fds[0], answer, sizeof(answer), MSG_DONTWAIT);
		if (n > 0)
			BIO_write(in, answer, (int)n);
		run_for(f->loop, 0);
	}
	assert_int_equal(f->result, TLS_ACCEPT_OK);
}

/* What the client is told by an alert after its handshake. */
static bool
alert_came(void *arg)
{
	struct fixture *f = arg;
	char byte;
	int r;

	ERR_clear_error();
	r = SSL_read(f->ssl, &byte, 1);
	return f->done && SSL_get_error(f->ssl, r) != SSL_ERROR_WANT_READ;
}

/* The end of what comes in is an end, and no reset, which overtakes alerts. */
static bool
end_came(void *arg)
{
	struct fixture *f = arg;
	char byte;
	ssize_t n = recv(f->fds[0], &byte, 1, MSG_DONTWAIT);

	if (n == -1 && errno != EAGAIN)
		fail_msg("%s", strerror(errno));
	return n == 0;
}

static void
a_client_that_is_refused_reads_why(void **state)
{
	struct fixture *f = *state;
	char much[100000];

	cert_free(&f->client);
	cert_make_client(&f->client, &f->root, "ci", -2 * HOUR, -HOUR);
	show_certificate(f);
	start(f, PATIENCE_MS);
	begin_client(f);
	/* With TLS 1.3 it is done first, and sends at once. */
	while (SSL_do_handshake(f->ssl) != 1)
		run_for(f->loop, 0);
	memset(much, 'x', sizeof(much));
	(void)SSL_write(f->ssl, much, sizeof(much));
	run_until_fn(f->loop, alert_came, f);
	ends(f, TLS_ACCEPT_FAILED, "certificate has expired");
	assert_int_equal(ERR_GET_REASON(ERR_peek_error()),
	    SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED);
	ERR_clear_error();
	run_until_fn(f->loop, end_came, f);
}

static void
what_a_client_has_against_us_is_told(void **state)
{
	struct fixture *f = *state;

	SSL_CTX_set_verify(f->ctx, SSL_VERIFY_PEER, NULL);
	show_certificate(f);
	start(f, PATIENCE_MS);
	begin_client(f);
	run_until_fn(f->loop, both_ended, f);
	ends(f, TLS_ACCEPT_FAILED, "alert of the client: unknown ca");
	ERR_clear_error();
}

static void
a_client_that_closes_within_is_told_of(void **state)
{
	struct fixture *f = *state;

	start(f, PATIENCE_MS);
	begin_client(f);
	(void)SSL_do_handshake(f->ssl);
	run_for(f->loop, 0);
	assert_int_equal(shutdown(f->fds[0], SHUT_WR), 0);
	ends(f, TLS_ACCEPT_FAILED, "the client closed the connection");
}

/* -- what is no TLS -- */

static void
plain_http_is_handed_back_unread(void **state)
{
	static const char *const requests[] = {
		"GET / HTTP/1.1\r\n\r\n", "DELETE /x HTTP/1.1\r\n\r\n",
		"P", "get / HTTP/1.0\r\n\r\n", "CONNECT a:443 HTTP/1.1\r\n",
		"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	};
	struct fixture *f = *state;
	char heard[100];
	size_t n;

	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		n = strlen(requests[i]);
		start(f, PATIENCE_MS);
		say(f, requests[i], n);
		ends(f, TLS_ACCEPT_PLAIN, "this is plain HTTP, and this port "
		    "speaks TLS");
		assert_int_equal(recv(f->fd, heard, sizeof(heard), 0), n);
		assert_memory_equal(heard, requests[i], n);
		close(f->fd);
		close(f->fds[0]);
		make_tcp_pair(f->fds);
		f->done = false;
		f->fd = -1;
	}
	close(f->fds[1]);
}

static void
anything_else_is_told_of(void **state)
{
	static const struct text all[] = {
		{ "\0", 1 }, { "\r\n\r\n\0\r\nQUIT\n", 12 }, { "\xff", 1 },
		{ " ", 1 }, { "\x15\x03\x03\0\x02\x02\x28", 7 },
		{ "\x80\x2e\x01\x00\x02", 5 }, { "{}", 2 },
		{ "\x16GET / HTTP/1.1\r\n\r\n", 19 },
		{ "\x16\x16\x16\x16\x16\x16\x16\x16", 8 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		start(f, PATIENCE_MS);
		say(f, all[i].p, all[i].n);
		ends(f, TLS_ACCEPT_FAILED, "what came is not TLS");
		close(f->fds[0]);
		make_tcp_pair(f->fds);
		f->done = false;
	}
	close(f->fds[1]);
}

static void
who_closes_at_once_has_gone(void **state)
{
	struct fixture *f = *state;

	start(f, PATIENCE_MS);
	hang_up(f);
	ends(f, TLS_ACCEPT_GONE, "the client closed the connection");
}

static void
who_resets_has_gone(void **state)
{
	struct fixture *f = *state;
	struct linger now = { .l_onoff = 1 };

	start(f, PATIENCE_MS);
	setsockopt(f->fds[0], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	hang_up(f);
	ends(f, TLS_ACCEPT_GONE, strerror(ECONNRESET));
}

/* -- too slow, too much -- */

static void
who_says_nothing_has_so_much_time(void **state)
{
	struct fixture *f = *state;

	start(f, SHORT_MS);
	ends(f, TLS_ACCEPT_TIMEOUT, "nothing came in time");
}

static void
who_stalls_has_no_more(void **state)
{
	struct fixture *f = *state;

	start(f, SHORT_MS);
	begin_client(f);
	(void)SSL_do_handshake(f->ssl);
	ends(f, TLS_ACCEPT_TIMEOUT, "the handshake did not end in time");
}

static bool
is_done_while_flooded(void *arg)
{
	static const char ccs[] = "\x14\x03\x03\0\x01\x01";
	struct fixture *f = arg;

	for (unsigned i = 0; i < 10; i++)
		(void)send(f->fds[0], ccs, sizeof(ccs) - 1, MSG_NOSIGNAL);
	return f->done;
}

static void
messages_without_end_are_refused(void **state)
{
	struct fixture *f = *state;

	start(f, PATIENCE_MS);
	begin_client(f);
	(void)SSL_do_handshake(f->ssl);
	run_until_fn(f->loop, is_done_while_flooded, f);
	assert_int_equal(f->result, TLS_ACCEPT_FAILED);
}

/* A hello of which one byte is another, for each of its bytes. */
static void
a_damaged_hello_does_no_harm(void **state)
{
	struct fixture *f = *state;
	BIO *out = BIO_new(BIO_s_mem());
	char *hello;
	long n;

	begin_client(f);
	SSL_set_bio(f->ssl, BIO_new(BIO_s_mem()), out);
	(void)SSL_do_handshake(f->ssl);
	n = BIO_get_mem_data(out, &hello);
	assert_true(n > 100);
	for (long i = 1; i < n; i++) {
		hello[i] = (char)(hello[i] ^ 0xff);
		start(f, PATIENCE_MS);
		say(f, hello, (size_t)n);
		hello[i] = (char)(hello[i] ^ 0xff);
		run_for(f->loop, 0);
		hang_up(f);
		run_until(f->loop, &f->done);
		assert_true(f->result == TLS_ACCEPT_FAILED ||
		    f->result == TLS_ACCEPT_GONE);
		make_tcp_pair(f->fds);
		f->done = false;
	}
	close(f->fds[1]);
}

/* -- the call -- */

static void
who_is_given_up_is_closed_in_silence(void **state)
{
	struct fixture *f = *state;
	char byte;

	start(f, PATIENCE_MS);
	give_up(f);
	assert_int_equal(recv(f->fds[0], &byte, 1, 0), 0);
	run_for(f->loop, 1);
	assert_false(f->done);
	tls_accept_cancel(NULL);
}

static void
who_is_given_up_within_the_handshake_is_closed(void **state)
{
	struct fixture *f = *state;

	start(f, PATIENCE_MS);
	begin_client(f);
	(void)SSL_do_handshake(f->ssl);
	run_for(f->loop, 1);
	give_up(f);
	run_for(f->loop, 1);
	assert_false(f->done);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_client_is_accepted),
		TEST(who_began_with_a_certificate_ends_with_it),
		TEST(a_handshake_goes_on_when_the_certificate_is_renewed),
		TEST(a_client_may_send_byte_by_byte),
		TEST(a_client_that_is_refused_reads_why),
		TEST(what_a_client_has_against_us_is_told),
		TEST(a_client_that_closes_within_is_told_of),
		TEST(plain_http_is_handed_back_unread),
		TEST(anything_else_is_told_of),
		TEST(who_closes_at_once_has_gone),
		TEST(who_resets_has_gone),
		TEST(who_says_nothing_has_so_much_time),
		TEST(who_stalls_has_no_more),
		TEST(messages_without_end_are_refused),
		TEST(a_damaged_hello_does_no_harm),
		TEST(who_is_given_up_is_closed_in_silence),
		TEST(who_is_given_up_within_the_handshake_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
