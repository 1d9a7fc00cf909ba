/* Resumed sessions; both ends in one process, and time is what a test says. */
#include "net/tls_sessions.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <openssl/err.h>

#include "base/clock.h"
#include "../../lib/certs.h"
#include "net/tls.h"

#define HOUR	3600L
#define DAY	(24 * HOUR)

/* How far the clocks have gone on, seconds. */
static int64_t wall_on, boot_on;

static int64_t
read_clock(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static int64_t
monotonic(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

static int64_t
wall(void)
{
	return read_clock(CLOCK_REALTIME) + wall_on * NS_PER_S;
}

static int64_t
boot(void)
{
	return read_clock(CLOCK_MONOTONIC) + boot_on * NS_PER_S;
}

static const struct clock_source clocks = { monotonic, wall, boot };

struct fixture {
	struct cert root, middle, cert;
	struct text roots;
	SSL_CTX *server;
	struct tls_client *tls;
	struct tls_sessions *sessions;
	SSL *client_ssl, *server_ssl;
	int fds[2];
};

static SSL_CTX *
new_server(struct fixture *f)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());

	SSL_CTX_use_certificate(ctx, f->cert.x509);
	SSL_CTX_use_PrivateKey(ctx, f->cert.key);
	if (f->middle.x509 != NULL)
		SSL_CTX_add1_chain_cert(ctx, f->middle.x509);
	SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"t", 1);
	/* Not the server shall be who forgets. */
	SSL_CTX_set_timeout(ctx, 7 * DAY);
	return ctx;
}

/* Valid for so many seconds; middle 0: the root signs the server's own. */
static void
begin(struct fixture *f, long root, long middle, long leaf)
{
	struct tls_client_conf conf = { .host = "api.test" };
	char why[256];

	cert_make_authority(&f->root, NULL, "root", -HOUR, root);
	if (middle != 0)
		cert_make_authority(&f->middle, &f->root, "middle", -HOUR,
		    middle);
	cert_make_server(&f->cert, middle != 0 ? &f->middle : &f->root,
	    "DNS:api.test", -HOUR, leaf);
	f->roots = cert_text(&f->root);
	conf.roots = f->roots;
	f->tls = tls_client_new(&conf, why, sizeof(why));
	if (f->tls == NULL)
		fail_msg("%s", why);
	f->server = new_server(f);
}

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->sessions = tls_sessions_new(8);
	wall_on = boot_on = 0;
	clock_replace(&clocks);
	*state = f;
	return 0;
}

static void
hang_up(struct fixture *f)
{
	if (f->client_ssl == NULL)
		return;
	SSL_shutdown(f->client_ssl);
	SSL_free(f->client_ssl);
	SSL_free(f->server_ssl);
	f->client_ssl = NULL;
	close(f->fds[0]);
	close(f->fds[1]);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	clock_replace(NULL);
	hang_up(f);
	tls_sessions_free(f->sessions);
	tls_client_free(f->tls);
	SSL_CTX_free(f->server);
	cert_free(&f->root);
	cert_free(&f->middle);
	cert_free(&f->cert);
	cert_text_free(f->roots);
	free(f);
	return 0;
}

/* A connection, whose tickets were read; was it resumed? */
static bool
connect_with(struct fixture *f, struct tls_sessions *sessions)
{
	int client = 0, server = 0;
	char byte;

	hang_up(f);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0,
	    f->fds), 0);
	f->client_ssl = tls_client_ssl(f->tls, sessions, f->fds[0]);
	f->server_ssl = SSL_new(f->server);
	SSL_set_fd(f->server_ssl, f->fds[1]);
	for (unsigned i = 0; i < 10 && (client != 1 || server != 1); i++) {
		ERR_clear_error();
		client = SSL_connect(f->client_ssl);
		server = SSL_accept(f->server_ssl);
	}
	assert_int_equal(client, 1);
	assert_int_equal(server, 1);
	assert_int_equal(SSL_read(f->client_ssl, &byte, 1), -1);
	assert_int_equal(SSL_session_reused(f->client_ssl),
	    SSL_session_reused(f->server_ssl));
	return SSL_session_reused(f->client_ssl) == 1;
}

static bool
is_resumed(struct fixture *f)
{
	return connect_with(f, f->sessions);
}

/* All clocks. */
static void
wait_for(int64_t seconds)
{
	wall_on += seconds;
	boot_on += seconds;
}

static void
a_connection_resumes_the_one_before(void **state)
{
	struct fixture *f = *state;

	begin(f, DAY, 0, DAY);
	assert_false(is_resumed(f));
	for (unsigned i = 0; i < 20; i++)
		assert_true(is_resumed(f));
}

static void
so_it_does_in_tls_1_2(void **state)
{
	struct fixture *f = *state;

	begin(f, DAY, 0, DAY);
	SSL_CTX_set_max_proto_version(f->server, TLS1_2_VERSION);
	assert_false(is_resumed(f));
	for (unsigned i = 0; i < 20; i++)
		assert_true(is_resumed(f));
}

static void
a_ticket_of_tls_1_3_is_for_one_connection(void **state)
{
	struct fixture *f = *state;

	begin(f, DAY, 0, DAY);
	SSL_CTX_set_num_tickets(f->server, 3);
	assert_false(is_resumed(f));
	SSL_CTX_set_num_tickets(f->server, 0);
	for (unsigned i = 0; i < 3; i++)
		assert_true(is_resumed(f));
	assert_false(is_resumed(f));
}

static void
no_more_are_kept_than_wanted(void **state)
{
	struct fixture *f = *state;

	begin(f, DAY, 0, DAY);
	SSL_CTX_set_num_tickets(f->server, 20);
	assert_false(is_resumed(f));
	SSL_CTX_set_num_tickets(f->server, 0);
	for (unsigned i = 0; i < 8; i++)
		assert_true(is_resumed(f));
	assert_false(is_resumed(f));
}

static void
those_of_one_key_are_not_of_use_for_another(void **state)
{
	struct fixture *f = *state;
	struct tls_sessions *other = tls_sessions_new(8);

	begin(f, DAY, 0, DAY);
	assert_false(is_resumed(f));
	assert_false(connect_with(f, other));
	assert_true(connect_with(f, other));
	assert_true(is_resumed(f));
	tls_sessions_free(other);
}

/* However often it was resumed, and with whatever ticket. */
static void
nothing_is_resumed_after_the_certificate_has_expired(void **state)
{
	struct fixture *f = *state;

	begin(f, 30 * DAY, 0, 5 * HOUR);
	assert_false(is_resumed(f));
	for (unsigned i = 0; i < 4; i++) {
		wait_for(HOUR);
		assert_true(is_resumed(f));
	}
	wait_for(HOUR);
	assert_false(is_resumed(f));
}

static void
so_it_is_in_tls_1_2(void **state)
{
	struct fixture *f = *state;

	begin(f, 30 * DAY, 0, 5 * HOUR);
	SSL_CTX_set_max_proto_version(f->server, TLS1_2_VERSION);
	assert_false(is_resumed(f));
	wait_for(5 * HOUR - 10);
	assert_true(is_resumed(f));
	wait_for(10);
	assert_false(is_resumed(f));
}

static void
the_first_of_the_chain_to_expire_counts(void **state)
{
	struct fixture *f = *state;

	begin(f, 30 * DAY, 2 * HOUR, 5 * HOUR);
	assert_false(is_resumed(f));
	wait_for(2 * HOUR - 10);
	assert_true(is_resumed(f));
	wait_for(10);
	assert_false(is_resumed(f));
}

static void
the_root_counts_as_well(void **state)
{
	struct fixture *f = *state;

	begin(f, 2 * HOUR, 0, 5 * HOUR);
	assert_false(is_resumed(f));
	wait_for(2 * HOUR);
	assert_false(is_resumed(f));
}

/* Whatever is done to the wall clock meanwhile. */
static void
nothing_is_resumed_a_day_after_it_was_verified(void **state)
{
	struct fixture *f = *state;

	begin(f, 30 * DAY, 0, 30 * DAY);
	assert_false(is_resumed(f));
	for (unsigned i = 0; i < 23; i++) {
		boot_on += HOUR;
		assert_true(is_resumed(f));
	}
	boot_on += HOUR;
	assert_false(is_resumed(f));
	boot_on += DAY - 10;
	assert_true(is_resumed(f));
}

/* It was restarted, perhaps, and is verified: from then on all counts anew. */
static void
a_server_that_declines_is_verified_again(void **state)
{
	struct fixture *f = *state;

	begin(f, 30 * DAY, 0, 30 * DAY);
	assert_false(is_resumed(f));
	wait_for(DAY - 10);
	SSL_CTX_free(f->server);
	f->server = new_server(f);
	assert_false(is_resumed(f));
	wait_for(DAY - 10);
	assert_true(is_resumed(f));
}

static void
a_connection_may_outlive_the_store(void **state)
{
	struct fixture *f = *state;
	char byte;

	begin(f, DAY, 0, DAY);
	assert_false(is_resumed(f));
	tls_sessions_free(f->sessions);
	f->sessions = NULL;
	SSL_new_session_ticket(f->server_ssl);
	assert_int_equal(SSL_write(f->server_ssl, "x", 1), 1);
	assert_int_equal(SSL_read(f->client_ssl, &byte, 1), 1);
}

static void
without_a_store_all_handshakes_are_whole(void **state)
{
	struct fixture *f = *state;

	begin(f, DAY, 0, DAY);
	assert_false(connect_with(f, NULL));
	assert_false(connect_with(f, NULL));
}

int
main(void)
{
#define CASE(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(a_connection_resumes_the_one_before),
		CASE(so_it_does_in_tls_1_2),
		CASE(a_ticket_of_tls_1_3_is_for_one_connection),
		CASE(no_more_are_kept_than_wanted),
		CASE(those_of_one_key_are_not_of_use_for_another),
		CASE(nothing_is_resumed_after_the_certificate_has_expired),
		CASE(so_it_is_in_tls_1_2),
		CASE(the_first_of_the_chain_to_expire_counts),
		CASE(the_root_counts_as_well),
		CASE(nothing_is_resumed_a_day_after_it_was_verified),
		CASE(a_server_that_declines_is_verified_again),
		CASE(a_connection_may_outlive_the_store),
		CASE(without_a_store_all_handshakes_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
