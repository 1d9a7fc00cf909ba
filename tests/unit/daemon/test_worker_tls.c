/*
 * What a worker does when that changes by which clients are verified: it ends
 * the sessions of those that were, by that listener, and of nobody else.
 */
#include "daemon/worker_tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include "../../lib/certs.h"
#include "../net/turns.h"
#include "base/secret.h"
#include "daemon/tls_renewal.h"

#define HOUR		3600L
#define LISTENERS	2

struct client {
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
};

struct fixture {
	struct cert root, other, server, named;
	struct text root_text, other_text, server_text, key_text;
	struct secret *key;
	char name[4];
	struct conf_listener listeners[LISTENERS];
	struct conf conf;
	struct loop *loop;
	struct stats *stats;
	struct env *env;
	struct tls_servers *tls;
	struct sessions *sessions;
	struct client clients[4];
	size_t n_clients;
};

static void
on_begin(void *owner, struct exchange *e)
{
	(void)owner;
	(void)e;
	fail_msg("nobody asks for anything");
}

static const struct handler no_handler = { .begin = on_begin };

static void
on_full(void *owner, size_t listener, bool full)
{
	(void)owner;
	(void)listener;
	(void)full;
}

static void
make_certificates(struct fixture *f)
{
	cert_make_root(&f->root, "root");
	cert_make_root(&f->other, "other");
	cert_make_server(&f->server, &f->root, "DNS:sallyport.test", -HOUR,
	    HOUR);
	cert_make_client(&f->named, &f->root, "named", -HOUR, HOUR);
	f->root_text = cert_text(&f->root);
	f->other_text = cert_text(&f->other);
	f->server_text = cert_text(&f->server);
	f->key_text = cert_key_text(&f->server, NULL);
	f->key = secret_copy(f->key_text.p, f->key_text.n);
}

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	char why[256];

	make_certificates(f);
	memcpy(f->name, "tls", sizeof(f->name));
	for (size_t i = 0; i < LISTENERS; i++)
		f->listeners[i] = (struct conf_listener){
			.name = f->name,
			.tls = { .certificate = f->server_text,
			    .certificate_key = f->key,
			    .client_ca = f->root_text },
		};
	f->conf = (struct conf){
		.workers = 1,
		.listeners = f->listeners,
		.n_listeners = LISTENERS,
		.timeouts = { .head = 60000, .idle = 60000 },
		.limits.clients = 100,
		.log.level = LOG_LEVEL_ERROR,
	};
	f->loop = loop_new();
	f->stats = stats_new_alone(&f->conf);
	f->env = env_new(&f->conf, f->loop, f->stats, NULL);
	f->tls = tls_servers_new(&f->conf, why, sizeof(why));
	assert_non_null(f->tls);
	f->env->tls = f->tls;
	f->sessions = sessions_new(f->env, &no_handler, 100, on_full, f);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	sessions_free(f->sessions);
	for (size_t i = 0; i < f->n_clients; i++) {
		SSL_free(f->clients[i].ssl);
		SSL_CTX_free(f->clients[i].ctx);
		close(f->clients[i].fd);
	}
	run_for(f->loop, 5);
	env_free(f->env);
	tls_servers_free(f->tls);
	stats_free(f->stats);
	loop_free(f->loop);
	cert_free(&f->root);
	cert_free(&f->other);
	cert_free(&f->server);
	cert_free(&f->named);
	cert_text_free(f->root_text);
	cert_text_free(f->other_text);
	cert_text_free(f->server_text);
	cert_text_free(f->key_text);
	secret_free(f->key);
	free(f);
	return 0;
}

/* One that is let in, with this certificate, or none. */
static struct client *
connect_by(struct fixture *f, size_t listener, const struct cert *cert)
{
	struct client *c = &f->clients[f->n_clients++];
	const struct client_info info = { .has_user = false };
	size_t before = sessions_count(f->sessions);
	int fds[2], done = 0;

	make_pair(fds);
	c->fd = fds[0];
	c->ctx = SSL_CTX_new(TLS_client_method());
	if (cert != NULL) {
		assert_int_equal(SSL_CTX_use_certificate(c->ctx, cert->x509),
		    1);
		assert_int_equal(SSL_CTX_use_PrivateKey(c->ctx, cert->key), 1);
	}
	c->ssl = SSL_new(c->ctx);
	SSL_set_fd(c->ssl, c->fd);
	sessions_accept(f->sessions, listener, fds[1], &info);
	for (unsigned i = 0; i < 50 && done != 1; i++) {
		done = SSL_connect(c->ssl);
		run_for(f->loop, 5);
	}
	assert_int_equal(done, 1);
	run_for(f->loop, 5);
	assert_int_equal(sessions_count(f->sessions), before + 1);
	return c;
}

/* The worker hung up. */
static bool
is_over(struct fixture *f, const struct client *c)
{
	char byte;
	int r;

	run_for(f->loop, 5);
	r = SSL_read(c->ssl, &byte, 1);
	return r <= 0 && SSL_get_error(c->ssl, r) != SSL_ERROR_WANT_READ;
}

static void
distrust(struct fixture *f, const char *index)
{
	struct control_message m = { .kind = CONTROL_DISTRUST, .fd = -1 };

	(void)snprintf(m.text, sizeof(m.text), "%s", index);
	worker_tls_take(f->tls, f->sessions, &f->conf, &m);
	run_for(f->loop, 5);
}

/* As the parent sends it, of the first listener. */
static void
renew(struct fixture *f, struct text client_ca)
{
	struct secret *bytes = tls_renewal_pack(&(struct tls_renewal){
		.certificate = f->server_text,
		.certificate_key = f->key_text,
		.client_ca = client_ca,
	});
	struct control_message m;
	int parent, worker;

	assert_true(control_open(&parent, &worker));
	assert_true(tls_renewal_send(parent, bytes));
	assert_int_equal(control_receive(worker, &m), CONTROL_MESSAGE);
	worker_tls_take(f->tls, f->sessions, &f->conf, &m);
	secret_free(bytes);
	close(parent);
	close(worker);
	run_for(f->loop, 5);
}

static void
who_was_verified_there_has_to_come_again_and_nobody_else(void **state)
{
	struct fixture *f = *state;
	struct client *named = connect_by(f, 0, &f->named);
	struct client *anybody = connect_by(f, 0, NULL);
	struct client *elsewhere = connect_by(f, 1, &f->named);

	distrust(f, "0");
	assert_true(is_over(f, named));
	assert_false(is_over(f, anybody));
	assert_false(is_over(f, elsewhere));
	assert_int_equal(sessions_count(f->sessions), 2);
	assert_int_equal(tls_servers_turns(f->tls, 0), 1);
	assert_int_equal(tls_servers_turns(f->tls, 1), 0);
	distrust(f, "1");
	assert_true(is_over(f, elsewhere));
	assert_int_equal(sessions_count(f->sessions), 1);
}

static void
what_names_no_listener_ends_nobody(void **state)
{
	struct fixture *f = *state;
	struct client *named = connect_by(f, 0, &f->named);

	distrust(f, "2");
	distrust(f, "");
	distrust(f, "-1");
	distrust(f, "0x");
	assert_false(is_over(f, named));
	assert_int_equal(tls_servers_turns(f->tls, 0), 0);
}

static void
other_authorities_end_who_was_verified_by_those_before(void **state)
{
	struct fixture *f = *state;
	struct client *named = connect_by(f, 0, &f->named);
	struct client *anybody = connect_by(f, 0, NULL);

	renew(f, f->other_text);
	assert_true(is_over(f, named));
	assert_false(is_over(f, anybody));
	assert_int_equal(tls_servers_turns(f->tls, 0), 1);
}

static void
the_same_authorities_end_nobody(void **state)
{
	struct fixture *f = *state;
	struct client *named = connect_by(f, 0, &f->named);

	renew(f, f->root_text);
	assert_false(is_over(f, named));
	assert_int_equal(tls_servers_turns(f->tls, 0), 0);
	assert_int_equal(sessions_count(f->sessions), 1);
}

/* It was let in by what came, and goes with that. */
static void
who_came_behind_a_renewal_is_outdated_by_the_next(void **state)
{
	struct fixture *f = *state;
	struct client *named;

	renew(f, f->root_text);
	named = connect_by(f, 0, &f->named);
	renew(f, f->other_text);
	assert_true(is_over(f, named));
	assert_int_equal(sessions_count(f->sessions), 0);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_was_verified_there_has_to_come_again_and_nobody_else),
		TEST(what_names_no_listener_ends_nobody),
		TEST(other_authorities_end_who_was_verified_by_those_before),
		TEST(the_same_authorities_end_nobody),
		TEST(who_came_behind_a_renewal_is_outdated_by_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
