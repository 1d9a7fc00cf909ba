#include "net/dial.h"
#include "net/tls_bio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "name_server.h"
#include "tls_server.h"
#include "turns.h"

#define HOUR	3600

struct fixture {
	struct loop *loop;
	struct resolver *resolver;
	struct cert root, cert;
	struct text roots;
	struct tls_server server;
	struct tls_client_conf tls_conf;
	struct tls_client *tls;
	struct dial_conf conf;
	struct dial *dial;
	bool done;
	enum dial_result result;
	char why[256];
	SSL *ssl;
	int fd;
	char version[16];
	bool resumed;
	unsigned unfit;			/* peers that were told of */
};

static void
on_unfit(void *owner, const char *why)
{
	struct fixture *f = owner;

	assert_non_null(strstr(why, "hostname mismatch"));
	f->unfit++;
}

static void
on_done(void *owner, enum dial_result result, SSL *ssl, int fd,
    const char *why)
{
	struct fixture *f = owner;

	assert_false(f->done);
	f->done = true;
	f->dial = NULL;
	f->result = result;
	f->ssl = ssl;
	f->fd = fd;
	strcpy(f->why, why);
	if (result != DIAL_OK) {
		assert_null(ssl);
		assert_int_equal(fd, -1);
	}
}

static void
trust(struct fixture *f, const struct cert *root)
{
	cert_text_free(f->roots);
	f->roots = cert_text(root);
	f->tls_conf.roots = f->roots;
}

/* A server with a certificate for these names. */
static void
serve(struct fixture *f, const char *names, long from, long until)
{
	cert_make_root(&f->root, "test root");
	cert_make_server(&f->cert, &f->root, names, from, until);
	f->roots = cert_text(&f->root);
	tls_server_start(&f->server, f->loop, &f->cert);
	f->tls_conf.roots = f->roots;
	f->conf.port = f->server.port;
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->loop = loop_new();
	f->resolver = resolver_new(f->loop, f->why, sizeof(f->why));
	assert_non_null(f->resolver);
	f->fd = -1;
	f->server.fd = -1;
	f->tls_conf.host = "api.test";
	f->conf = (struct dial_conf){
		.resolver = f->resolver,
		.sessions = tls_sessions_new(8),
		.host = "127.0.0.1",
		.connect_ms = 5000,
		.handshake_ms = 5000,
	};
	*state = f;
	return 0;
}

static void
drop_connection(struct fixture *f)
{
	SSL_free(f->ssl);
	if (f->fd != -1)
		close(f->fd);
	f->ssl = NULL;
	f->fd = -1;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	dial_cancel(f->dial);
	drop_connection(f);
	if (f->server.ctx != NULL)
		tls_server_stop(&f->server);
	tls_client_free(f->tls);
	tls_sessions_free(f->conf.sessions);
	resolver_free(f->resolver);
	loop_free(f->loop);
	cert_free(&f->cert);
	cert_free(&f->root);
	cert_text_free(f->roots);
	free(f);
	return 0;
}

static void
make_client(struct fixture *f)
{
	char why[256];

	f->tls = tls_client_new(&f->tls_conf, why, sizeof(why));
	if (f->tls == NULL)
		fail_msg("%s", why);
	f->conf.tls = f->tls;
}

static void
start(struct fixture *f)
{
	if (f->tls == NULL)
		make_client(f);
	f->done = false;
	f->dial = dial_start(f->loop, &f->conf, on_done, f);
	assert_false(f->done);
}

static void
expect(struct fixture *f, enum dial_result result, const char *why)
{
	start(f);
	run_until(f->loop, &f->done);
	if (f->result != result || strstr(f->why, why) == NULL)
		fail_msg("result %d: %s", (int)f->result, f->why);
}

static void
a_verified_server_is_reached(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	expect(f, DIAL_OK, "");
	assert_string_equal(SSL_get_version(f->ssl), "TLSv1.3");
	assert_string_equal(f->server.sni, "api.test");
	assert_string_equal(f->server.alpn, "http/1.1");
	assert_int_equal(SSL_get_fd(f->ssl), f->fd);
}

static void
an_ip_address_can_be_the_name(void **state)
{
	struct fixture *f = *state;

	f->tls_conf.host = "127.0.0.1";
	serve(f, "IP:127.0.0.1", -HOUR, HOUR);
	expect(f, DIAL_OK, "");
	assert_string_equal(f->server.sni, "");
}

static void
http_2_is_offered_when_wanted(void **state)
{
	struct fixture *f = *state;

	f->tls_conf.http_2 = true;
	serve(f, "DNS:api.test", -HOUR, HOUR);
	expect(f, DIAL_OK, "");
	assert_string_equal(f->server.alpn, "h2");
}

static void
another_name_is_refused(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:other.test", -HOUR, HOUR);
	expect(f, DIAL_TLS, "certificate verify failed: hostname mismatch: "
	    "it is not for the host of the url");
}

static void
an_expired_certificate_is_refused(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:api.test", -2 * HOUR, -HOUR);
	expect(f, DIAL_TLS,
	    "certificate verify failed: certificate has expired, if "
	    "this machine's clock is right");
}

static void
tls_1_1_is_not_spoken(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	SSL_CTX_set_security_level(f->server.ctx, 0);
	SSL_CTX_set_min_proto_version(f->server.ctx, TLS1_VERSION);
	SSL_CTX_set_max_proto_version(f->server.ctx, TLS1_1_VERSION);
	expect(f, DIAL_TLS, "unsupported protocol");
}

static void
tls_1_2_is_spoken_unless_1_3_is_demanded(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	SSL_CTX_set_max_proto_version(f->server.ctx, TLS1_2_VERSION);
	expect(f, DIAL_OK, "");
	assert_string_equal(SSL_get_version(f->ssl), "TLSv1.2");
	drop_connection(f);
	tls_client_free(f->tls);
	f->tls = NULL;
	f->tls_conf.tls_1_3_only = true;
	expect(f, DIAL_TLS, "unsupported protocol");
}

static void
keys_are_agreed_upon_over_elliptic_curves_only(void **state)
{
	struct fixture *f = *state;
	const STACK_OF(SSL_CIPHER) *ciphers;
	SSL *ssl;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	make_client(f);
	ssl = tls_client_ssl(f->tls, NULL, -1);
	ciphers = SSL_get_ciphers(ssl);
	assert_true(sk_SSL_CIPHER_num(ciphers) > 0);
	for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); i++) {
		int how = SSL_CIPHER_get_kx_nid(
		    sk_SSL_CIPHER_value(ciphers, i));

		/* That of TLS 1.3 is no part of the cipher. */
		assert_true(how == NID_kx_ecdhe || how == NID_kx_any);
	}
	SSL_free(ssl);
}

static void
a_pin_of_the_server_or_of_its_root_is_accepted(void **state)
{
	struct fixture *f = *state;
	uint8_t pins[2][32] = { { 1 } };

	serve(f, "DNS:api.test", -HOUR, HOUR);
	f->tls_conf.pins = (const uint8_t (*)[32])pins;
	f->tls_conf.n_pins = 2;
	cert_digest(&f->cert, pins[1]);
	expect(f, DIAL_OK, "");
	drop_connection(f);
	tls_client_free(f->tls);
	f->tls = NULL;
	cert_digest(&f->root, pins[1]);
	expect(f, DIAL_OK, "");
}

static void
a_chain_without_a_pin_is_refused(void **state)
{
	struct fixture *f = *state;
	uint8_t pins[1][32] = { { 1 } };

	serve(f, "DNS:api.test", -HOUR, HOUR);
	f->tls_conf.pins = (const uint8_t (*)[32])pins;
	f->tls_conf.n_pins = 1;
	expect(f, DIAL_TLS, "no key of the chain is among the pins");
}

/*
 * Reads, as a link does, so that the tickets that follow a handshake are seen.
 * The handshake may have used up the reads that it was allowed.
 */
static bool
has_read_tickets(void *arg)
{
	struct fixture *f = arg;
	char c;

	tls_bio_allow_reads(tls_bio_of(f->ssl), TLS_BIO_UNLIMITED);
	SSL_read(f->ssl, &c, 1);
	return f->server.handshakes == f->server.accepted;
}

static void
connect_once(struct fixture *f)
{
	expect(f, DIAL_OK, "");
	run_until_fn(f->loop, has_read_tickets, f);
	run_for(f->loop, 5);
	has_read_tickets(f);
	SSL_shutdown(f->ssl);
	drop_connection(f);
	run_for(f->loop, 5);
}

static void
sessions_are_resumed_in_tls_1_3(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	SSL_CTX_set_num_tickets(f->server.ctx, 3);
	connect_once(f);
	assert_int_equal(f->server.resumed, 0);
	for (unsigned i = 0; i < 10; i++)
		connect_once(f);
	assert_int_equal(f->server.resumed, 10);
}

/* Three tickets, no more after them: every ticket is for one connection. */
static void
a_ticket_of_tls_1_3_is_used_once(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	SSL_CTX_set_num_tickets(f->server.ctx, 3);
	connect_once(f);
	SSL_CTX_set_num_tickets(f->server.ctx, 0);
	for (unsigned i = 0; i < 5; i++)
		connect_once(f);
	assert_int_equal(f->server.resumed, 3);
}

static void
sessions_are_resumed_in_tls_1_2(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	SSL_CTX_set_max_proto_version(f->server.ctx, TLS1_2_VERSION);
	for (unsigned i = 0; i < 4; i++)
		connect_once(f);
	assert_int_equal(f->server.resumed, 3);
}

static int64_t far_wall;

static int64_t
later(void)
{
	return far_wall;
}

static int64_t
monotonic(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static void
an_expired_session_is_not_offered(void **state)
{
	static const struct clock_source source = { monotonic, later };
	struct fixture *f = *state;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	connect_once(f);
	far_wall = clock_wall() + 30 * 86400 * NS_PER_S;
	clock_replace(&source);
	connect_once(f);
	clock_replace(NULL);
	assert_int_equal(f->server.handshakes, 2);
	assert_int_equal(f->server.resumed, 0);
}

static void
a_refused_connection_says_so(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	listener_free(f->server.listener);
	f->server.listener = NULL;
	close(f->server.fd);
	f->server.fd = dup(0);
	expect(f, DIAL_UNREACHABLE, "connect: Connection refused");
}

static void
a_server_that_hangs_up_says_so(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	f->server.hang_up = true;
	expect(f, DIAL_TLS, "");
	assert_true(strstr(f->why, "connection closed") != NULL ||
	    strstr(f->why, "reset by peer") != NULL);
}

static void
a_server_without_tls_says_so(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	f->server.plain = true;
	expect(f, DIAL_TLS, "the answer is not TLS");
}

static void
a_silent_server_meets_the_deadline(void **state)
{
	struct fixture *f = *state;
	int64_t begin = clock_monotonic();

	serve(f, "DNS:api.test", -HOUR, HOUR);
	f->server.silent = true;
	f->conf.handshake_ms = 100;
	expect(f, DIAL_TIMEOUT, "handshake");
	assert_true(clock_monotonic() - begin < 5 * NS_PER_S);
}

/* A full backlog: the kernel answers no further connection. */
struct hole {
	int fds[5];
	uint16_t port;
};

static void
hole_make(struct hole *h, const char *ip, uint16_t port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
	    .sin_port = htons(port) };
	socklen_t len = sizeof(a);

	assert_int_equal(inet_pton(AF_INET, ip, &a.sin_addr), 1);
	h->fds[0] = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(h->fds[0], (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(h->fds[0], 0), 0);
	assert_int_equal(getsockname(h->fds[0], (struct sockaddr *)&a, &len),
	    0);
	h->port = ntohs(a.sin_port);
	for (unsigned i = 1; i < 5; i++) {
		h->fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(h->fds[i], (struct sockaddr *)&a, len);
	}
}

static void
hole_close(struct hole *h)
{
	for (unsigned i = 0; i < 5; i++)
		close(h->fds[i]);
}

static void
an_unreachable_server_meets_the_deadline(void **state)
{
	struct fixture *f = *state;
	struct hole h;

	hole_make(&h, "127.0.0.1", 0);
	f->conf.port = h.port;
	f->conf.connect_ms = 100;
	expect(f, DIAL_TIMEOUT, "connect");
	hole_close(&h);
}

static void
another_address_is_tried_when_the_first_is_silent(void **state)
{
	struct fixture *f = *state;
	struct name_server dns;
	struct hole h;
	int64_t begin;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	hole_make(&h, "127.0.0.2", f->server.port);
	name_server_start(&dns, f->loop);
	assert_true(resolver_set_servers(f->resolver, dns.address));
	dns.v4[0] = "127.0.0.2";
	dns.v4[1] = "127.0.0.1";
	f->conf.host = "api.test";
	begin = clock_monotonic();
	expect(f, DIAL_OK, "");
	begin = clock_monotonic() - begin;
	assert_true(begin >= 240 * NS_PER_MS && begin < 4 * NS_PER_S);
	name_server_stop(&dns);
	hole_close(&h);
}

static void
another_address_is_tried_at_once_when_the_first_refuses(void **state)
{
	struct fixture *f = *state;
	struct name_server dns;
	int64_t begin;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	name_server_start(&dns, f->loop);
	assert_true(resolver_set_servers(f->resolver, dns.address));
	dns.v4[0] = "127.0.0.2";
	dns.v4[1] = "127.0.0.3";
	dns.v4[2] = "127.0.0.4";
	dns.v4[3] = "127.0.0.5";
	dns.v4[4] = "127.0.0.1";
	f->conf.host = "api.test";
	begin = clock_monotonic();
	expect(f, DIAL_OK, "");
	assert_true(clock_monotonic() - begin < 900 * NS_PER_MS);
	name_server_stop(&dns);
}

/* Routers of homes do that. */
static void
a_name_server_silent_about_ipv6_does_not_use_up_the_time(void **state)
{
	struct fixture *f = *state;
	struct name_server dns;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	name_server_start(&dns, f->loop);
	assert_true(resolver_set_servers(f->resolver, dns.address));
	dns.silent_v6 = true;
	dns.v4[0] = "127.0.0.1";
	f->conf.host = "api.test";
	expect(f, DIAL_OK, "");
	name_server_stop(&dns);
}

static void
a_silent_name_server_is_what_is_told_of(void **state)
{
	struct fixture *f = *state;
	struct name_server dns;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	name_server_start(&dns, f->loop);
	assert_true(resolver_set_servers(f->resolver, dns.address));
	dns.silent = true;
	f->conf.host = "api.test";
	f->conf.connect_ms = 100;
	expect(f, DIAL_TIMEOUT, "name look-up: no answer in time");
	name_server_stop(&dns);
}

static void
a_name_that_does_not_exist_is_unreachable(void **state)
{
	struct fixture *f = *state;
	struct name_server dns;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	name_server_start(&dns, f->loop);
	assert_true(resolver_set_servers(f->resolver, dns.address));
	dns.rcode = RCODE_NXDOMAIN;
	f->conf.host = "api.test";
	expect(f, DIAL_UNREACHABLE, "look-up: ");
	assert_null(strstr(f->why, "api.test"));
	name_server_stop(&dns);
}

/* -- once more -- */

static void
on_known(void *owner, const struct addr *addrs, size_t n, const char *why)
{
	(void)addrs;
	(void)n;
	(void)why;
	*(bool *)owner = true;
}

/* The resolver knows one address; the name server says another from now on. */
static void
know_address(struct fixture *f, struct name_server *dns, const char *known,
    const char *now)
{
	bool is_known = false;

	name_server_start(dns, f->loop);
	assert_true(resolver_set_servers(f->resolver, dns->address));
	f->conf.host = "api.test";
	dns->v4[0] = known;
	resolve_start(f->resolver, f->conf.host, 1, on_known, &is_known);
	run_until(f->loop, &is_known);
	dns->v4[0] = now;
}

static void
an_address_that_is_no_longer_right_is_looked_up_again(void **state)
{
	struct fixture *f = *state;
	struct name_server dns;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	know_address(f, &dns, "127.0.0.2", "127.0.0.1");
	expect(f, DIAL_OK, "");
	assert_int_equal(dns.asked, 2);
	name_server_stop(&dns);
}

/* Even if the next dial has to find out. */
static void
an_address_that_is_silent_is_looked_up_for_the_next(void **state)
{
	struct fixture *f = *state;
	struct name_server dns;
	struct hole h;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	hole_make(&h, "127.0.0.2", f->server.port);
	know_address(f, &dns, "127.0.0.2", "127.0.0.1");
	f->conf.connect_ms = 100;
	expect(f, DIAL_TIMEOUT, "connect");
	assert_int_equal(dns.asked, 1);
	f->conf.connect_ms = 5000;
	expect(f, DIAL_OK, "");
	assert_int_equal(dns.asked, 2);
	name_server_stop(&dns);
	hole_close(&h);
}

static void
a_connection_lost_in_its_handshake_is_made_once_more(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	f->server.hang_up_first = true;
	expect(f, DIAL_OK, "");
	assert_int_equal(f->server.accepted, 2);
}

static void
what_failed_first_is_told_where_no_second_look_up_ends_in_time(void **state)
{
	struct fixture *f = *state;
	struct name_server dns;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	know_address(f, &dns, "127.0.0.2", "127.0.0.1");
	dns.silent = true;
	f->conf.connect_ms = 300;
	expect(f, DIAL_UNREACHABLE, "refused");
	name_server_stop(&dns);
}

static void
nothing_is_done_a_third_time(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	f->server.hang_up = true;
	expect(f, DIAL_TLS, "");
	assert_int_equal(f->server.accepted, 2);
}

static void
what_timed_out_is_not_done_again(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	f->server.silent = true;
	f->conf.handshake_ms = 100;
	expect(f, DIAL_TIMEOUT, "handshake");
	assert_int_equal(f->server.accepted, 1);
}

static void
a_server_that_is_another_is_not_asked_twice(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:other.test", -HOUR, HOUR);
	f->conf.unfit = on_unfit;
	expect(f, DIAL_TLS, "hostname mismatch");
	assert_int_equal(f->server.accepted, 1);
	assert_int_equal(f->unfit, 0);
}

static void
beside_a_server_that_is_another_the_right_one_is_found(void **state)
{
	struct fixture *f = *state;
	struct tls_server wrong;
	struct name_server dns;
	struct cert cert;
	char address[32];

	serve(f, "DNS:api.test", -HOUR, HOUR);
	cert_make_server(&cert, &f->root, "DNS:other.test", -HOUR, HOUR);
	snprintf(address, sizeof(address), "127.0.0.2:%u", f->server.port);
	tls_server_start_at(&wrong, f->loop, &cert, address);
	know_address(f, &dns, "127.0.0.2", "127.0.0.2");
	dns.v4[1] = "127.0.0.1";
	f->conf.unfit = on_unfit;
	for (unsigned i = 1; i <= 3; i++) {
		expect(f, DIAL_OK, "");
		drop_connection(f);
		assert_int_equal(wrong.accepted, i);
		assert_int_equal(f->unfit, i);
	}
	assert_int_equal(dns.asked, 2);
	name_server_stop(&dns);
	tls_server_stop(&wrong);
	cert_free(&cert);
}

/* The sanitizers see what is left behind. */
static void
a_dial_can_be_cancelled_at_any_moment(void **state)
{
	struct fixture *f = *state;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	f->server.hang_up_first = true;
	start(f);
	dial_cancel(f->dial);
	f->dial = NULL;
	for (unsigned turns = 1; turns < 12; turns++) {
		start(f);
		for (unsigned i = 0; i < turns && !f->done; i++) {
			loop_stop(f->loop);
			loop_run(f->loop);
			run_for(f->loop, 1);
		}
		if (!f->done)
			dial_cancel(f->dial);
		f->dial = NULL;
		drop_connection(f);
	}
}

/* Accepts one connection and asks it without end to begin a handshake. */
static pid_t
fork_nagging_server(struct fixture *f)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uint8_t record[5 + 16384] = { 22, 3, 3, 0x40, 0 };
	pid_t pid;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	f->conf.port = ntohs(a.sin_port);
	pid = fork();
	if (pid == 0) {
		alarm(8);
		fd = accept(fd, NULL, NULL);
		while (send(fd, record, sizeof(record), MSG_NOSIGNAL) > 0)
			;
		_exit(0);
	}
	close(fd);
	assert_true(pid > 0);
	return pid;
}

/* OpenSSL skips HelloRequests within a handshake, however many there are. */
static void
a_server_that_never_stops_talking_is_left(void **state)
{
	struct fixture *f = *state;
	pid_t server = fork_nagging_server(f);
	int64_t began = clock_monotonic();

	cert_make_root(&f->root, "test root");
	trust(f, &f->root);
	expect(f, DIAL_TLS, "too many messages");
	assert_true(clock_monotonic() - began < 4 * NS_PER_S);
	assert_int_equal(waitpid(server, NULL, 0), server);
}

/* -- by a proxy in TLS of its own -- */

/* The words for a proxy, which are its answer, too. */
struct words {
	struct preface preface;
	unsigned begun;
	char heard[16];
};

static void *
on_begin(void *ctx, struct buf *out, char *why, size_t why_size)
{
	struct words *w = ctx;

	(void)why;
	(void)why_size;
	w->begun++;
	buf_append(out, "hello", 5);
	return w;
}

static enum preface_state
on_words(void *state, const uint8_t *p, size_t n, char *why, size_t why_size)
{
	struct words *w = state;

	(void)why;
	(void)why_size;
	assert_true(strlen(w->heard) + n < sizeof(w->heard));
	memcpy(w->heard + strlen(w->heard), p, n);
	return strcmp(w->heard, "hello") == 0 ? PREFACE_DONE : PREFACE_MORE;
}

static void
on_words_end(void *state)
{
	(void)state;
}

/* The server is a proxy with a certificate for these names. */
static void
expect_of_proxy(struct fixture *f, struct words *w, enum dial_result result,
    const char *why)
{
	struct tls_client_conf conf = { .host = "proxy.test",
		.is_proxy = true, .roots = f->roots };
	char text[256];

	*w = (struct words){ .preface = { .whose = "proxy",
	    .begin = on_begin, .input = on_words, .end = on_words_end,
	    .ctx = w } };
	f->conf.preface = &w->preface;
	f->conf.preface_ms = 5000;
	f->conf.preface_tls = tls_client_new(&conf, text, sizeof(text));
	assert_non_null(f->conf.preface_tls);
	expect(f, result, why);
	tls_client_free(f->conf.preface_tls);
}

/* Here the proxy says what it hears, so that it is not the host within. */
static void
words_for_a_proxy_are_said_in_tls_when_it_is_verified(void **state)
{
	struct fixture *f = *state;
	struct words w;

	serve(f, "DNS:proxy.test", -HOUR, HOUR);
	expect_of_proxy(f, &w, DIAL_TLS, "TLS handshake: ");
	assert_int_equal(w.begun, 1);
	assert_string_equal(w.heard, "hello");
	assert_string_equal(f->server.sni, "proxy.test");
	assert_true(f->server.heard > 5);
}

static void
a_proxy_that_is_not_its_host_is_told_nothing(void **state)
{
	struct fixture *f = *state;
	struct words w;

	serve(f, "DNS:api.test", -HOUR, HOUR);
	expect_of_proxy(f, &w, DIAL_UNREACHABLE, "proxy: TLS handshake: "
	    "certificate verify failed: hostname mismatch: it is not for the "
	    "host of the proxy");
	assert_int_equal(w.begun, 0);
	assert_int_equal(f->server.accepted, 1);
}

static void
a_proxy_whose_certificate_has_expired_is_told_nothing(void **state)
{
	struct fixture *f = *state;
	struct words w;

	serve(f, "DNS:proxy.test", -2 * HOUR, -HOUR);
	expect_of_proxy(f, &w, DIAL_UNREACHABLE, "proxy: TLS handshake: "
	    "certificate verify failed: certificate has expired");
	assert_int_equal(w.begun, 0);
}

static void
a_proxy_without_tls_is_told_nothing(void **state)
{
	struct fixture *f = *state;
	struct words w;

	serve(f, "DNS:proxy.test", -HOUR, HOUR);
	f->server.plain = true;
	expect_of_proxy(f, &w, DIAL_UNREACHABLE,
	    "proxy: TLS handshake: the answer is not TLS");
	assert_int_equal(w.begun, 0);
}

static void
a_proxy_that_hangs_up_on_a_handshake_says_so(void **state)
{
	struct fixture *f = *state;
	struct words w;

	serve(f, "DNS:proxy.test", -HOUR, HOUR);
	f->server.hang_up = true;
	expect_of_proxy(f, &w, DIAL_UNREACHABLE, "proxy: TLS handshake: ");
	assert_int_equal(w.begun, 0);
	assert_int_equal(f->server.accepted, 2);
}

static void
a_proxy_silent_in_its_handshake_has_stalled(void **state)
{
	struct fixture *f = *state;
	struct words w;

	serve(f, "DNS:proxy.test", -HOUR, HOUR);
	f->server.silent = true;
	f->conf.handshake_ms = 100;
	expect_of_proxy(f, &w, DIAL_STALLED,
	    "proxy: TLS handshake: no answer in time");
	assert_int_equal(w.begun, 0);
	assert_int_equal(f->server.accepted, 1);
}

static void
a_file_without_certificates_is_refused(void **state)
{
	struct fixture *f = *state;
	char why[256];

	f->tls_conf.roots = TEXT("nothing");
	assert_null(tls_client_new(&f->tls_conf, why, sizeof(why)));
	assert_non_null(strstr(why, "ca_file holds no certificate"));
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_verified_server_is_reached),
		CASE(an_ip_address_can_be_the_name),
		CASE(http_2_is_offered_when_wanted),
		CASE(another_name_is_refused),
		CASE(an_expired_certificate_is_refused),
		CASE(tls_1_1_is_not_spoken),
		CASE(tls_1_2_is_spoken_unless_1_3_is_demanded),
		CASE(keys_are_agreed_upon_over_elliptic_curves_only),
		CASE(a_pin_of_the_server_or_of_its_root_is_accepted),
		CASE(a_chain_without_a_pin_is_refused),
		CASE(sessions_are_resumed_in_tls_1_3),
		CASE(a_ticket_of_tls_1_3_is_used_once),
		CASE(sessions_are_resumed_in_tls_1_2),
		CASE(an_expired_session_is_not_offered),
		CASE(a_refused_connection_says_so),
		CASE(a_server_that_hangs_up_says_so),
		CASE(a_server_without_tls_says_so),
		CASE(a_silent_server_meets_the_deadline),
		CASE(a_server_that_never_stops_talking_is_left),
		CASE(an_unreachable_server_meets_the_deadline),
		CASE(another_address_is_tried_when_the_first_is_silent),
		CASE(another_address_is_tried_at_once_when_the_first_refuses),
		CASE(a_name_server_silent_about_ipv6_does_not_use_up_the_time),
		CASE(a_silent_name_server_is_what_is_told_of),
		CASE(a_name_that_does_not_exist_is_unreachable),
		CASE(an_address_that_is_no_longer_right_is_looked_up_again),
		CASE(an_address_that_is_silent_is_looked_up_for_the_next),
		CASE(a_connection_lost_in_its_handshake_is_made_once_more),
		CASE(
	    what_failed_first_is_told_where_no_second_look_up_ends_in_time),
		CASE(nothing_is_done_a_third_time),
		CASE(what_timed_out_is_not_done_again),
		CASE(a_server_that_is_another_is_not_asked_twice),
		CASE(beside_a_server_that_is_another_the_right_one_is_found),
		CASE(a_dial_can_be_cancelled_at_any_moment),
		CASE(words_for_a_proxy_are_said_in_tls_when_it_is_verified),
		CASE(a_proxy_that_is_not_its_host_is_told_nothing),
		CASE(a_proxy_whose_certificate_has_expired_is_told_nothing),
		CASE(a_proxy_without_tls_is_told_nothing),
		CASE(a_proxy_that_hangs_up_on_a_handshake_says_so),
		CASE(a_proxy_silent_in_its_handshake_has_stalled),
		CASE(a_file_without_certificates_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
