/*
 * Which sessions are resumed, where and how long: with TLS 1.2 and 1.3, both
 * ends in one process, and a clock of the test's.
 */
#include "net/tls_tickets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "called.h"

#define HOUR	3600L
#define DAY	(24 * HOUR)

/* One worker: its keys and its context of the listener. */
struct worker {
	struct tls_tickets *tickets;
	struct tls_server *t;
};

struct fixture {
	struct cert root, middle, other, server, client;
	struct text roots, certificate, key, crl;
	struct tls_server_conf conf;
	uint8_t keys[TLS_TICKET_KEYS];
	struct worker first, second;
	struct called c;
};

static int version;		/* that of the client */
static int64_t passed_s;	/* since the test began */

static int64_t
now(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (t.tv_sec + passed_s) * NS_PER_S + t.tv_nsec;
}

static int64_t
wall(void)
{
	return now(CLOCK_REALTIME);
}

static int64_t
monotonic(void)
{
	return now(CLOCK_MONOTONIC);
}

static const struct clock_source steered = {
	.monotonic = monotonic, .wall = wall, .boot = monotonic,
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	passed_s = 0;
	clock_replace(&steered);
	cert_make_root(&f->root, "root");
	cert_make_root(&f->other, "other");
	cert_make_server(&f->server, &f->root, "DNS:sallyport.test", -HOUR,
	    DAY);
	cert_make_client(&f->client, &f->root, "ci", -HOUR, HOUR);
	f->roots = cert_text(&f->root);
	f->certificate = cert_text(&f->server);
	f->key = cert_key_text(&f->server, NULL);
	f->conf = (struct tls_server_conf){ .certificate = f->certificate,
		.certificate_key = f->key, .client_ca = f->roots };
	assert_true(tls_ticket_keys_make(f->keys));
	f->c.version = version;
	f->c.cert = &f->client;
	*state = f;
	return 0;
}

static void
stop(struct worker *w)
{
	tls_server_free(w->t);
	tls_tickets_free(w->tickets);
	*w = (struct worker){ .t = NULL };
}

static void
start(struct fixture *f, struct worker *w)
{
	char why[256];

	stop(w);
	w->tickets = tls_tickets_new(f->keys);
	f->conf.tickets = w->tickets;
	w->t = tls_server_new(&f->conf, why, sizeof(why));
	if (w->t == NULL)
		fail_msg("%s", why);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	stop(&f->first);
	stop(&f->second);
	called_release(&f->c);
	cert_free(&f->root);
	cert_free(&f->middle);
	cert_free(&f->other);
	cert_free(&f->server);
	cert_free(&f->client);
	cert_text_free(f->roots);
	cert_text_free(f->certificate);
	cert_text_free(f->key);
	cert_text_free(f->crl);
	free(f);
	clock_replace(NULL);
	return 0;
}

/* A handshake that ends well, with the newest session if there is one. */
static bool
resumes(struct fixture *f, struct worker *w)
{
	f->c.session = f->c.got;
	f->c.got = NULL;
	called_shake_hands(&f->c, w->t);
	if (!f->c.good)
		fail_msg("%s", f->c.why);
	called_end(&f->c);
	return f->c.resumed;
}

static void
begin(struct fixture *f)
{
	start(f, &f->first);
	called_release(&f->c);
	assert_false(resumes(f, &f->first));
	assert_non_null(f->c.got);
}

/* Another worker with what the configuration says by now. */
static bool
resumes_with_another(struct fixture *f)
{
	start(f, &f->second);
	return resumes(f, &f->second);
}

/* -- where -- */

static void
a_session_goes_on_with_any_worker(void **state)
{
	struct fixture *f = *state;

	begin(f);
	assert_true(resumes(f, &f->first));
	assert_true(resumes_with_another(f));
	assert_true(resumes(f, &f->first));
}

static void
who_resumes_is_who_was_verified(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->c.session = f->c.got;
	f->c.got = NULL;
	called_shake_hands(&f->c, f->first.t);
	assert_true(f->c.resumed);
	assert_int_equal(f->c.proof, TLS_CLIENT_NAMED);
	assert_string_equal(f->c.names.subject, "CN=ci");
	called_end(&f->c);
}

static void
a_session_ends_where_other_clients_are_trusted(void **state)
{
	struct fixture *f = *state;

	begin(f);
	cert_make_client(&f->middle, &f->other, "ci", -HOUR, HOUR);
	cert_text_free(f->roots);
	f->conf.client_ca = f->roots = cert_text(&f->other);
	f->c.cert = &f->middle;
	assert_false(resumes_with_another(f));
}

static void
a_session_ends_where_a_certificate_becomes_required(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->conf.required = true;
	assert_false(resumes_with_another(f));
}

static void
a_session_of_nobody_in_particular_is_none_of_a_client(void **state)
{
	struct fixture *f = *state;

	f->conf.client_ca = (struct text){ .p = NULL };
	begin(f);
	f->conf.client_ca = f->roots;
	assert_false(resumes_with_another(f));
}

static void
a_renewed_certificate_ends_no_session(void **state)
{
	struct fixture *f = *state;
	struct cert renewed;

	begin(f);
	cert_text_free(f->certificate);
	cert_text_free(f->key);
	cert_make_server(&renewed, &f->root, "DNS:sallyport.test", -HOUR,
	    2 * DAY);
	f->conf.certificate = f->certificate = cert_text(&renewed);
	f->conf.certificate_key = f->key = cert_key_text(&renewed, NULL);
	assert_true(resumes_with_another(f));
	cert_free(&renewed);
}

static void
a_certificate_of_another_name_ends_it(void **state)
{
	struct fixture *f = *state;
	struct cert other;

	begin(f);
	cert_text_free(f->certificate);
	cert_text_free(f->key);
	cert_make_server(&other, &f->root, "DNS:other.test", -HOUR, DAY);
	f->conf.certificate = f->certificate = cert_text(&other);
	f->conf.certificate_key = f->key = cert_key_text(&other, NULL);
	assert_false(resumes_with_another(f));
	cert_free(&other);
}

static void
nothing_is_resumed_where_revocation_is_checked(void **state)
{
	struct fixture *f = *state;

	begin(f);
	f->conf.client_crl = f->crl = cert_crl_text(&f->root, -HOUR, HOUR,
	    NULL);
	assert_false(resumes_with_another(f));
	assert_null(f->c.got);
}

static void
nothing_is_resumed_without_keys(void **state)
{
	struct fixture *f = *state;
	char why[256];

	begin(f);
	f->conf.tickets = NULL;
	f->second.t = tls_server_new(&f->conf, why, sizeof(why));
	assert_false(resumes(f, &f->second));
	assert_null(f->c.got);
}

/* -- keys -- */

static void
a_key_opens_tickets_until_two_rotations_later(void **state)
{
	struct fixture *f = *state;
	SSL_SESSION *old;

	begin(f);
	old = f->c.got;
	SSL_SESSION_up_ref(old);
	assert_true(tls_ticket_keys_rotate(f->keys));
	tls_tickets_renew(f->first.tickets, f->keys);
	assert_true(resumes(f, &f->first));
	SSL_SESSION_free(f->c.got);
	f->c.got = old;
	assert_true(tls_ticket_keys_rotate(f->keys));
	tls_tickets_renew(f->first.tickets, f->keys);
	assert_false(resumes(f, &f->first));
}

static void
a_ticket_is_replaced_when_its_key_was(void **state)
{
	struct fixture *f = *state;

	begin(f);
	for (unsigned i = 0; i < 5; i++) {
		assert_true(tls_ticket_keys_rotate(f->keys));
		tls_tickets_renew(f->first.tickets, f->keys);
		assert_true(resumes(f, &f->first));
		assert_non_null(f->c.got);
	}
}

static void
a_worker_that_has_not_heard_of_a_rotation_opens_new_tickets(void **state)
{
	struct fixture *f = *state;

	start(f, &f->second);
	assert_true(tls_ticket_keys_rotate(f->keys));
	begin(f);
	assert_true(resumes(f, &f->second));
	assert_true(resumes(f, &f->first));
}

static void
other_keys_open_nothing(void **state)
{
	struct fixture *f = *state;

	begin(f);
	assert_true(tls_ticket_keys_make(f->keys));
	assert_false(resumes_with_another(f));
}

static void
a_ticket_that_was_changed_is_none(void **state)
{
	struct fixture *f = *state;
	const unsigned char *ticket;
	size_t n, step;

	begin(f);
	SSL_SESSION_get0_ticket(f->c.got, &ticket, &n);
	step = n / 7;
	for (size_t at = 0; at < n; at += step) {
		union { const unsigned char *in; unsigned char *out; } u;

		begin(f);
		SSL_SESSION_get0_ticket(f->c.got, &u.in, &n);
		u.out[at] ^= 1;
		assert_false(resumes(f, &f->first));
	}
}

/* -- how long -- */

static void
a_session_ends_with_the_client_s_certificate(void **state)
{
	struct fixture *f = *state;

	begin(f);
	passed_s = HOUR - 60;
	assert_true(resumes(f, &f->first));
	begin(f);
	passed_s = HOUR + 60;
	assert_false(resumes(f, &f->first));
}

static void
no_resumption_makes_it_last_longer(void **state)
{
	struct fixture *f = *state;

	begin(f);
	for (passed_s = 0; passed_s < HOUR - 60; passed_s += 600)
		assert_true(resumes(f, &f->first));
	passed_s = HOUR + 60;
	assert_false(resumes(f, &f->first));
}

static void
a_session_ends_with_an_authority_in_between(void **state)
{
	struct fixture *f = *state;

	cert_make_authority(&f->middle, &f->root, "middle", -HOUR, HOUR / 2);
	cert_free(&f->client);
	cert_make_client(&f->client, &f->middle, "ci", -HOUR, DAY);
	f->c.chain[0] = &f->middle;
	begin(f);
	passed_s = HOUR / 2 - 60;
	assert_true(resumes(f, &f->first));
	passed_s = HOUR / 2 + 60;
	assert_false(resumes(f, &f->first));
}

/* -- until when the names are good, which connections end by -- */

static int64_t
known_until(struct fixture *f)
{
	int64_t until;

	f->c.session = f->c.got;
	f->c.got = NULL;
	called_shake_hands(&f->c, f->first.t);
	if (!f->c.good)
		fail_msg("%s", f->c.why);
	assert_int_equal(f->c.proof, TLS_CLIENT_NAMED);
	until = f->c.names.until;
	called_end(&f->c);
	return until;
}

/* So long from when the test began. */
static void
expect_until(struct fixture *f, long s)
{
	int64_t from_now = known_until(f) - (wall() / NS_PER_S - passed_s);

	assert_in_range(from_now, s - 60, s);
}

static void
start_with_lists(struct fixture *f, const char *some, const char *more)
{
	cert_text_free(f->crl);
	f->conf.client_crl = f->crl = text_of(xasprintf("%s%s", some, more));
	start(f, &f->first);
}

/* An authority between, and a client, of which each is good for so long. */
static void
come_through(struct fixture *f, long middle, long client)
{
	cert_make_authority(&f->middle, &f->root, "middle", -HOUR, middle);
	cert_free(&f->client);
	cert_make_client(&f->client, &f->middle, "ci", -HOUR, client);
	f->c.chain[0] = &f->middle;
}

static void
who_was_verified_is_known_as_long_as_its_certificate_is_good(void **state)
{
	struct fixture *f = *state;

	start(f, &f->first);
	expect_until(f, HOUR);
}

static void
or_as_an_authority_in_between_is(void **state)
{
	struct fixture *f = *state;

	come_through(f, HOUR / 2, DAY);
	start(f, &f->first);
	expect_until(f, HOUR / 2);
	/* However it comes again. */
	passed_s = HOUR / 4;
	expect_until(f, HOUR / 2);
	assert_true(f->c.resumed);
}

static void
or_as_the_root_is(void **state)
{
	struct fixture *f = *state;

	cert_free(&f->other);
	cert_make_authority(&f->other, NULL, "other", -HOUR, HOUR / 2);
	cert_free(&f->client);
	cert_make_client(&f->client, &f->other, "ci", -HOUR, DAY);
	cert_text_free(f->roots);
	f->conf.client_ca = f->roots = cert_text(&f->other);
	start(f, &f->first);
	expect_until(f, HOUR / 2);
}

static void
or_as_the_lists_of_revoked_ones_are(void **state)
{
	struct fixture *f = *state;
	struct text root, middle;

	come_through(f, DAY / 2, DAY);
	root = cert_crl_text(&f->root, -HOUR, HOUR / 2, NULL);
	middle = cert_crl_text(&f->middle, -HOUR, HOUR / 4, NULL);
	start_with_lists(f, root.p, middle.p);
	expect_until(f, HOUR / 4);
	cert_text_free(middle);
	middle = cert_crl_text(&f->middle, -HOUR, HOUR, NULL);
	start_with_lists(f, root.p, middle.p);
	expect_until(f, HOUR / 2);
	cert_text_free(middle);
	cert_text_free(root);
}

/* Lists of others say nothing, nor do those that had ended before. */
static void
but_not_as_lists_are_that_do_not_count(void **state)
{
	struct fixture *f = *state;
	struct text other = cert_crl_text(&f->other, -HOUR, HOUR / 4, NULL);
	struct text old = cert_crl_text(&f->root, -2 * HOUR, -HOUR, NULL);
	struct text root = cert_crl_text(&f->root, -HOUR, HOUR / 2, NULL);
	char *both = xasprintf("%s%s", old.p, root.p);

	start_with_lists(f, both, other.p);
	expect_until(f, HOUR / 2);
	free(both);
	cert_text_free(other);
	cert_text_free(old);
	cert_text_free(root);
}

static void
a_session_of_anybody_ends_after_a_day(void **state)
{
	struct fixture *f = *state;

	f->c.cert = NULL;
	begin(f);
	passed_s = DAY - 60;
	assert_true(resumes(f, &f->first));
	passed_s = DAY + 60;
	assert_false(resumes(f, &f->first));
}

static void
the_lifetime_that_is_told_is_no_longer(void **state)
{
	struct fixture *f = *state;
	unsigned long told;

	begin(f);
	told = SSL_SESSION_get_ticket_lifetime_hint(f->c.got);
	assert_in_range(told, HOUR - 60, HOUR);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

static const struct CMUnitTest tests[] = {
	TEST(a_session_goes_on_with_any_worker),
	TEST(who_resumes_is_who_was_verified),
	TEST(a_session_ends_where_other_clients_are_trusted),
	TEST(a_session_ends_where_a_certificate_becomes_required),
	TEST(a_session_of_nobody_in_particular_is_none_of_a_client),
	TEST(a_renewed_certificate_ends_no_session),
	TEST(a_certificate_of_another_name_ends_it),
	TEST(nothing_is_resumed_where_revocation_is_checked),
	TEST(nothing_is_resumed_without_keys),
	TEST(a_key_opens_tickets_until_two_rotations_later),
	TEST(a_ticket_is_replaced_when_its_key_was),
	TEST(a_worker_that_has_not_heard_of_a_rotation_opens_new_tickets),
	TEST(other_keys_open_nothing),
	TEST(a_ticket_that_was_changed_is_none),
	TEST(a_session_ends_with_the_client_s_certificate),
	TEST(no_resumption_makes_it_last_longer),
	TEST(a_session_ends_with_an_authority_in_between),
	TEST(who_was_verified_is_known_as_long_as_its_certificate_is_good),
	TEST(or_as_an_authority_in_between_is),
	TEST(or_as_the_root_is),
	TEST(or_as_the_lists_of_revoked_ones_are),
	TEST(but_not_as_lists_are_that_do_not_count),
	TEST(a_session_of_anybody_ends_after_a_day),
	TEST(the_lifetime_that_is_told_is_no_longer),
};

int
main(void)
{
	int failed;

	version = TLS1_2_VERSION;
	failed = cmocka_run_group_tests_name("TLS 1.2", tests, NULL, NULL);
	version = TLS1_3_VERSION;
	return failed + cmocka_run_group_tests_name("TLS 1.3", tests, NULL,
	    NULL);
}
