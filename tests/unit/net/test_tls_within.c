/*
 * TLS within TLS: a pipe of ours whose SSL runs within another, at a server of
 * OpenSSL's own, which ends both.  Bytes go from one socket to the other by the
 * hand of the test, as few at a time as it likes.
 */
#include "net/pipe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "../../lib/certs.h"
#include "net/tls.h"
#include "net/tls_bio.h"
#include "turns.h"

#define ROOM	65536
#define LARGE	((size_t)300000)

struct fixture {
	struct cert root, proxy_cert, api_cert;
	struct tls_client *proxy, *api;
	struct pipe pipe;
	SSL *outer, *inner;	/* of the server */
	int near[2], far[2];	/* client .. test .. server */
	size_t step;		/* bytes that are carried at a time */
	uint8_t got[ROOM];
	size_t n;
};

static SSL *
new_server(const struct cert *cert)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	SSL *ssl;

	SSL_CTX_use_certificate(ctx, cert->x509);
	SSL_CTX_use_PrivateKey(ctx, cert->key);
	SSL_CTX_set_num_tickets(ctx, 0);
	ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	SSL_set_accept_state(ssl);
	return ssl;
}

static struct tls_client *
new_client(const struct cert *root, const char *host, bool is_proxy)
{
	struct text roots = cert_text(root);
	struct tls_client_conf conf = { .host = host, .is_proxy = is_proxy,
		.roots = roots };
	char why[256];
	struct tls_client *client = tls_client_new(&conf, why, sizeof(why));

	if (client == NULL)
		fail_msg("%s", why);
	cert_text_free(roots);
	return client;
}

static void
carry_one_way(int from, int to, size_t most)
{
	uint8_t piece[ROOM];
	ssize_t n = recv(from, piece, most < ROOM ? most : ROOM, 0);

	if (n > 0)
		assert_int_equal(send(to, piece, (size_t)n, MSG_NOSIGNAL), n);
}

/* What lies within the server's outer TLS, to and from its inner one. */
static void
pump(struct fixture *f)
{
	uint8_t piece[ROOM];
	size_t n;

	if (f->inner == NULL)
		return;
	ERR_clear_error();
	while (SSL_read_ex(f->outer, piece, sizeof(piece), &n) == 1)
		BIO_write(SSL_get_rbio(f->inner), piece, (int)n);
	while (BIO_read_ex(SSL_get_wbio(f->inner), piece, sizeof(piece), &n)
	    == 1)
		assert_int_equal(SSL_write(f->outer, piece, (int)n), n);
	ERR_clear_error();
}

static void
carry(struct fixture *f)
{
	pump(f);
	carry_one_way(f->near[1], f->far[0], f->step);
	carry_one_way(f->far[0], f->near[1], f->step);
	pump(f);
}

static void
shake(struct fixture *f, SSL *client, SSL *server)
{
	int c = 0, s = 0;

	for (unsigned i = 0; i < 100000 && (c != 1 || s != 1); i++) {
		ERR_clear_error();
		c = SSL_do_handshake(client);
		carry(f);
		ERR_clear_error();
		s = SSL_do_handshake(server);
	}
	assert_int_equal(c, 1);
	assert_int_equal(s, 1);
}

static void
begin(struct fixture *f, size_t step)
{
	char why[200];
	SSL *outer = tls_client_ssl(f->proxy, NULL, f->near[0]), *ssl;

	f->step = step;
	shake(f, outer, f->outer);
	assert_true(tls_client_verified(f->proxy, outer, why, sizeof(why)));
	f->inner = new_server(&f->api_cert);
	SSL_set_bio(f->inner, BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
	ssl = tls_client_ssl_within(f->api, NULL, outer);
	shake(f, ssl, f->inner);
	assert_true(tls_client_verified(f->api, ssl, why, sizeof(why)));
	pipe_init(&f->pipe, f->near[0], ssl);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int on = 1;

	signal(SIGPIPE, SIG_IGN);
	make_tcp_pair(f->near);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(setsockopt(f->near[i], IPPROTO_TCP,
		    TCP_NODELAY, &on, sizeof(on)), 0);
	make_pair(f->far);
	cert_make_root(&f->root, "test root");
	cert_make_server(&f->proxy_cert, &f->root, "DNS:proxy.test", -3600,
	    3600);
	cert_make_server(&f->api_cert, &f->root, "DNS:api.test", -3600, 3600);
	f->proxy = new_client(&f->root, "proxy.test", true);
	f->api = new_client(&f->root, "api.test", false);
	f->outer = new_server(&f->proxy_cert);
	SSL_set_fd(f->outer, f->far[1]);
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	pipe_release(&f->pipe);
	SSL_free(f->inner);
	SSL_free(f->outer);
	tls_client_free(f->proxy);
	tls_client_free(f->api);
	for (unsigned i = 0; i < 2; i++) {
		if (f->near[i] != -1)
			close(f->near[i]);
		close(f->far[i]);
	}
	cert_free(&f->root);
	cert_free(&f->proxy_cert);
	cert_free(&f->api_cert);
	free(f);
	return 0;
}

/* Reads once, after everything has been carried. */
static enum pipe_state
read_once(struct fixture *f)
{
	for (unsigned i = 0; i < 100; i++)
		carry(f);
	pipe_allow_reads(&f->pipe, 1);
	return pipe_read(&f->pipe, f->got, ROOM, &f->n);
}

static void
expect_complaint(struct fixture *f, const char *wanted)
{
	char why[200];

	pipe_complaint(&f->pipe, why, sizeof(why));
	assert_string_equal(why, wanted);
}

static void
send_through(struct fixture *f, size_t total)
{
	uint8_t *data = malloc(total), *back = malloc(total);
	size_t there = 0, heard = 0, said = 0, came = 0, n;

	for (size_t i = 0; i < total; i++)
		data[i] = (uint8_t)(i * 7 + i / 1000);
	while (came < total) {
		if (pipe_pending(&f->pipe) == 0 && there < total) {
			(void)pipe_write(&f->pipe, (struct text){
			    (const char *)data + there, total - there }, &n);
			there += n;
		}
		(void)pipe_flush(&f->pipe);
		carry(f);
		if (SSL_read_ex(f->inner, back + heard, total - heard, &n) ==
		    1)
			heard += n;
		if (said < heard && SSL_write_ex(f->inner, back + said,
		    heard - said, &n) == 1)
			said += n;
		carry(f);
		pipe_allow_reads(&f->pipe, 1);
		(void)pipe_read(&f->pipe, f->got, ROOM, &n);
		assert_memory_equal(f->got, data + came, n);
		came += n;
	}
	assert_int_equal(heard, total);
	free(data);
	free(back);
}

static void
bodies_pass_both_ways(void **state)
{
	struct fixture *f = *state;

	begin(f, ROOM);
	send_through(f, LARGE);
}

static void
however_few_bytes_come_at_a_time(void **state)
{
	struct fixture *f = *state;

	begin(f, 3);
	send_through(f, 2000);
}

static void
what_the_socket_does_not_take_waits_there(void **state)
{
	struct fixture *f = *state;
	static const uint8_t data[16384];
	enum pipe_state s = PIPE_MORE;
	size_t n, total = 0, heard = 0;

	begin(f, ROOM);
	while (s == PIPE_MORE) {
		s = pipe_write(&f->pipe, (struct text){ (const char *)data,
		    sizeof(data) }, &n);
		total += n;
	}
	assert_int_equal(s, PIPE_WAIT);
	assert_true(pipe_pending(&f->pipe) != 0);
	assert_true(pipe_written(&f->pipe) > total);
	while (heard < total) {
		(void)pipe_flush(&f->pipe);
		carry(f);
		ERR_clear_error();
		if (SSL_read_ex(f->inner, f->got, ROOM, &n) == 1)
			heard += n;
	}
	assert_int_equal(pipe_pending(&f->pipe), 0);
	assert_int_equal(pipe_arrived(&f->pipe), pipe_written(&f->pipe));
}

static void
what_was_read_ahead_is_held(void **state)
{
	struct fixture *f = *state;

	begin(f, ROOM);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(SSL_write(f->inner, "hello", 5), 5);
		pump(f);
	}
	for (unsigned i = 0; i < 10; i++)
		carry(f);
	pipe_allow_reads(&f->pipe, 1);
	assert_int_equal(pipe_look(&f->pipe), PIPE_MORE);
	assert_true(pipe_holds_input(&f->pipe));
	pipe_allow_reads(&f->pipe, 0);
	(void)pipe_read(&f->pipe, f->got, ROOM, &f->n);
	assert_int_equal(f->n, 25);
}

static void
the_end_of_the_inner_tls_is_clean(void **state)
{
	struct fixture *f = *state;

	begin(f, ROOM);
	SSL_shutdown(f->inner);
	assert_int_equal(read_once(f), PIPE_ENDED);
}

static void
the_end_of_the_outer_tls_alone_cuts_the_inner(void **state)
{
	struct fixture *f = *state;

	begin(f, ROOM);
	SSL_shutdown(f->outer);
	assert_int_equal(read_once(f), PIPE_CUT);
}

static void
so_does_the_end_of_the_connection(void **state)
{
	struct fixture *f = *state;

	begin(f, ROOM);
	shutdown(f->near[1], SHUT_WR);
	assert_int_equal(read_once(f), PIPE_CUT);
}

static void
a_reset_is_one(void **state)
{
	const struct linger now = { .l_onoff = 1 };
	struct fixture *f = *state;

	begin(f, ROOM);
	setsockopt(f->near[1], SOL_SOCKET, SO_LINGER, &now, sizeof(now));
	close(f->near[1]);
	f->near[1] = -1;
	pipe_allow_reads(&f->pipe, 1);
	assert_int_equal(pipe_read(&f->pipe, f->got, ROOM, &f->n),
	    PIPE_RESET);
	expect_complaint(f, "Connection reset by peer");
}

static const uint8_t junk[] = { 23, 3, 3, 0, 20, 1, 2, 3, 4, 5, 6, 7, 8, 9,
	10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20 };

static void
a_broken_record_of_the_outer_tls_is_the_proxy_s(void **state)
{
	struct fixture *f = *state;

	begin(f, ROOM);
	assert_int_equal(write(f->near[1], junk, sizeof(junk)), sizeof(junk));
	assert_int_equal(read_once(f), PIPE_GARBLED);
	expect_complaint(f, "TLS with the proxy: a broken record");
}

static void
an_alert_of_the_outer_tls_is_the_proxy_s(void **state)
{
	struct fixture *f = *state;

	begin(f, ROOM);
	assert_int_equal(write(f->far[0], junk, sizeof(junk)), sizeof(junk));
	assert_int_equal(read_once(f), PIPE_GARBLED);
	expect_complaint(f, "TLS with the proxy: alert of the server: bad "
	    "record mac");
}

static void
a_broken_record_of_the_inner_tls_is_not(void **state)
{
	struct fixture *f = *state;

	begin(f, ROOM);
	assert_int_equal(SSL_write(f->outer, junk, sizeof(junk)),
	    sizeof(junk));
	assert_int_equal(read_once(f), PIPE_GARBLED);
	expect_complaint(f, "a broken record");
}

static void
a_proxy_that_sends_messages_of_tls_without_end_is_left(void **state)
{
	struct fixture *f = *state;
	enum pipe_state s = PIPE_WAIT;

	begin(f, ROOM);
	for (unsigned i = 0; i < 2 * TLS_BIO_MESSAGES_MAX && s == PIPE_WAIT;
	    i++) {
		ERR_clear_error();
		assert_int_equal(SSL_new_session_ticket(f->outer), 1);
		assert_int_equal(SSL_do_handshake(f->outer), 1);
		carry(f);
		pipe_allow_reads(&f->pipe, 1);
		s = pipe_read(&f->pipe, f->got, ROOM, &f->n);
	}
	assert_int_equal(s, PIPE_GARBLED);
	expect_complaint(f, "TLS with the proxy: too many messages");
}

static void
both_are_ended_by_close_notify(void **state)
{
	struct fixture *f = *state;
	char c;

	begin(f, ROOM);
	assert_null(pipe_finish(&f->pipe));
	for (unsigned i = 0; i < 100; i++)
		carry(f);
	assert_int_equal(SSL_read(f->inner, &c, 1), 0);
	assert_int_equal(SSL_get_shutdown(f->inner), SSL_RECEIVED_SHUTDOWN);
	assert_int_equal(SSL_get_shutdown(f->outer), SSL_RECEIVED_SHUTDOWN);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(bodies_pass_both_ways),
		CASE(however_few_bytes_come_at_a_time),
		CASE(what_the_socket_does_not_take_waits_there),
		CASE(what_was_read_ahead_is_held),
		CASE(the_end_of_the_inner_tls_is_clean),
		CASE(the_end_of_the_outer_tls_alone_cuts_the_inner),
		CASE(so_does_the_end_of_the_connection),
		CASE(a_reset_is_one),
		CASE(a_broken_record_of_the_outer_tls_is_the_proxy_s),
		CASE(an_alert_of_the_outer_tls_is_the_proxy_s),
		CASE(a_broken_record_of_the_inner_tls_is_not),
		CASE(a_proxy_that_sends_messages_of_tls_without_end_is_left),
		CASE(both_are_ended_by_close_notify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
