/*
 * TLS of the listeners of a worker: which of them speaks it, what is said of
 * one that cannot, and tickets that are good for all.
 */
#include "client/tls_servers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "../net/called.h"
#include "base/secret.h"
#include "stats/letting_in.h"

#define HOUR	3600L
#define PLAIN	0
#define SECURE	1
#define LAST	2

struct fixture {
	struct cert root, certs[2];
	struct text texts[2], keys[2];
	struct secret *secrets[2];
	char name[7], file[5];
	struct conf_listener listeners[3];
	struct conf conf;
	struct called c;
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	memcpy(f->name, "office", sizeof(f->name));
	memcpy(f->file, "conf", sizeof(f->file));
	cert_make_root(&f->root, "root");
	for (size_t i = 0; i < 2; i++) {
		cert_make_server(&f->certs[i], &f->root,
		    "DNS:sallyport.test", -HOUR, HOUR);
		f->texts[i] = cert_text(&f->certs[i]);
		f->keys[i] = cert_key_text(&f->certs[i], NULL);
		f->secrets[i] = secret_copy(f->keys[i].p, f->keys[i].n);
	}
	for (size_t i = PLAIN; i <= LAST; i++)
		f->listeners[i].name = f->name;
	for (size_t i = SECURE; i <= LAST; i++)
		f->listeners[i].tls = (struct conf_listener_tls){
			.certificate = f->texts[i - SECURE],
			.certificate_key = f->secrets[i - SECURE],
		};
	f->listeners[LAST].where.file = f->file;
	f->listeners[LAST].where.line = 7;
	f->conf.listeners = f->listeners;
	f->conf.n_listeners = 3;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	called_release(&f->c);
	cert_free(&f->root);
	for (size_t i = 0; i < 2; i++) {
		cert_free(&f->certs[i]);
		cert_text_free(f->texts[i]);
		cert_text_free(f->keys[i]);
		secret_free(f->secrets[i]);
	}
	free(f);
	return 0;
}

static struct tls_servers *
make(struct fixture *f)
{
	char why[256];
	struct tls_servers *all = tls_servers_new(&f->conf, why, sizeof(why));

	if (all == NULL)
		fail_msg("%s", why);
	return all;
}

static bool
resumes(struct fixture *f, struct tls_servers *all, size_t listener)
{
	f->c.session = f->c.got;
	f->c.got = NULL;
	called_shake_hands(&f->c, tls_servers_of(all, listener));
	if (!f->c.good)
		fail_msg("%s", f->c.why);
	called_end(&f->c);
	return f->c.resumed;
}

static void
each_listener_speaks_what_it_is_to(void **state)
{
	struct fixture *f = *state;
	struct tls_servers *all = make(f);

	assert_null(tls_servers_of(NULL, SECURE));
	assert_null(tls_servers_of(all, PLAIN));
	assert_non_null(tls_servers_of(all, SECURE));
	assert_non_null(tls_servers_of(all, LAST));
	assert_ptr_not_equal(tls_servers_of(all, SECURE),
	    tls_servers_of(all, LAST));
	assert_false(resumes(f, all, SECURE));
	tls_servers_free(all);
}

static void
where_none_speaks_tls_keys_of_tickets_are_for_nobody(void **state)
{
	struct fixture *f = *state;
	uint8_t keys[TLS_TICKET_KEYS] = { 0 };
	struct tls_servers *all;

	f->conf.n_listeners = SECURE;
	all = make(f);
	assert_null(tls_servers_of(all, PLAIN));
	tls_servers_use_keys(all, keys);
	tls_servers_free(all);
	tls_servers_free(NULL);
}

static void
one_that_cannot_is_told_with_its_place(void **state)
{
	struct fixture *f = *state;
	char why[256];

	f->listeners[LAST].tls.certificate_key = f->secrets[0];
	assert_null(tls_servers_new(&f->conf, why, sizeof(why)));
	assert_non_null(strstr(why, "conf:7: listener office: certificate"));
}

static void
tickets_are_good_where_the_keys_are(void **state)
{
	struct fixture *f = *state;
	struct tls_servers *one = make(f), *other = make(f);
	uint8_t keys[TLS_TICKET_KEYS];

	assert_true(tls_ticket_keys_make(keys));
	assert_false(resumes(f, one, SECURE));
	/* Each has keys of its own as yet. */
	assert_false(resumes(f, other, SECURE));
	tls_servers_use_keys(one, keys);
	tls_servers_use_keys(other, keys);
	assert_false(resumes(f, one, SECURE));
	assert_true(resumes(f, other, SECURE));
	assert_true(resumes(f, one, SECURE));
	tls_servers_free(one);
	tls_servers_free(other);
}

static bool
shows(struct fixture *f, struct tls_servers *all, size_t cert)
{
	X509 *shown;
	bool same;

	called_shake_hands(&f->c, tls_servers_of(all, SECURE));
	if (!f->c.good)
		fail_msg("%s", f->c.why);
	shown = SSL_get0_peer_certificate(f->c.client);
	same = X509_cmp(shown, f->certs[cert].x509) == 0;
	called_end(&f->c);
	return same;
}

static void
clients_meet_the_renewed_certificate(void **state)
{
	struct fixture *f = *state;
	struct tls_servers *all = make(f);
	struct tls_server_conf renewed = {
		.certificate = f->texts[1],
		.certificate_key = f->keys[1],
	};
	char why[256];

	assert_true(shows(f, all, 0));
	if (!tls_servers_renew(all, SECURE, &renewed, why, sizeof(why)))
		fail_msg("%s", why);
	assert_true(shows(f, all, 1));
	renewed.certificate_key = f->keys[0];
	assert_false(tls_servers_renew(all, SECURE, &renewed, why,
	    sizeof(why)));
	assert_non_null(strstr(why, "certificate and certificate_key: "));
	assert_true(shows(f, all, 1));
	tls_servers_free(all);
}

static void
it_is_counted_how_often_what_clients_are_verified_by_changes(void **state)
{
	struct fixture *f = *state;
	struct tls_servers *all = make(f);
	struct tls_server_conf renewed = {
		.certificate = f->texts[1],
		.certificate_key = f->keys[1],
	};
	struct text ca = cert_text(&f->root);
	char why[256];

	assert_int_equal(tls_servers_turns(all, SECURE), 0);
	assert_true(tls_servers_renew(all, SECURE, &renewed, why,
	    sizeof(why)));
	assert_int_equal(tls_servers_turns(all, SECURE), 0);
	renewed.client_ca = ca;
	for (unsigned i = 0; i < 2; i++) {
		assert_true(tls_servers_renew(all, SECURE, &renewed, why,
		    sizeof(why)));
		assert_int_equal(tls_servers_turns(all, SECURE), 1);
	}
	renewed.certificate_key = f->keys[0];
	renewed.client_ca = f->texts[0];
	assert_false(tls_servers_renew(all, SECURE, &renewed, why,
	    sizeof(why)));
	assert_int_equal(tls_servers_turns(all, SECURE), 1);
	assert_int_equal(tls_servers_turns(all, LAST), 0);
	cert_text_free(ca);
	tls_servers_free(all);
}

static void
others_who_may_connect_are_another_trust(void **state)
{
	struct fixture *f = *state;
	struct conf_listener l = f->listeners[SECURE];
	const struct text none = { .p = NULL }, ca = f->texts[0],
	    crl = f->texts[1];
	char *names[] = { f->name, f->file };
	uint64_t seen[6];

	seen[0] = tls_servers_trust(&l, none, none);
	seen[1] = tls_servers_trust(&l, ca, none);
	seen[2] = tls_servers_trust(&l, ca, crl);
	seen[3] = tls_servers_trust(&l, none, ca);
	l.certificate = (struct conf_texts){ .v = names, .n = 1 };
	seen[4] = tls_servers_trust(&l, ca, crl);
	l.certificate.n = 2;
	seen[5] = tls_servers_trust(&l, ca, crl);
	for (size_t i = 0; i < 6; i++) {
		assert_true(seen[i] > 1);
		for (size_t j = 0; j < i; j++)
			assert_true(seen[i] != seen[j]);
	}
	l.tls.required = true;
	assert_true(tls_servers_trust(&l, ca, crl) == (seen[5] | 1));
	assert_true((seen[5] & 1) == 0);
}

static void
what_the_parent_says_counts_before_a_renewal_came(void **state)
{
	struct fixture *f = *state;
	struct stats *stats;
	struct tls_servers *all;
	uint64_t its;

	f->conf.workers = 1;
	all = make(f);
	stats = stats_new_alone(&f->conf);
	its = tls_servers_trust(&f->listeners[SECURE], f->listeners[SECURE]
	    .tls.client_ca, f->listeners[SECURE].tls.client_crl);
	/* It says nothing. */
	assert_true(tls_servers_trusts(all, SECURE, true, stats));
	stats_set_trust(stats, SECURE, its);
	assert_true(tls_servers_trusts(all, SECURE, true, stats));
	assert_true(tls_servers_trusts(all, SECURE, false, stats));
	/* Others are verified otherwise; then each needs a certificate. */
	stats_set_trust(stats, SECURE, its + 2);
	assert_false(tls_servers_trusts(all, SECURE, true, stats));
	assert_true(tls_servers_trusts(all, SECURE, false, stats));
	stats_set_trust(stats, SECURE, its | 1);
	assert_false(tls_servers_trusts(all, SECURE, true, stats));
	assert_false(tls_servers_trusts(all, SECURE, false, stats));
	stats_set_trust(stats, SECURE, STATS_TRUST_NONE);
	assert_false(tls_servers_trusts(all, SECURE, true, stats));
	assert_true(tls_servers_trusts(all, SECURE, false, stats));
	stats_free(stats);
	tls_servers_free(all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    each_listener_speaks_what_it_is_to, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    where_none_speaks_tls_keys_of_tickets_are_for_nobody,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    one_that_cannot_is_told_with_its_place, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    tickets_are_good_where_the_keys_are, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    clients_meet_the_renewed_certificate, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    it_is_counted_how_often_what_clients_are_verified_by_changes,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    others_who_may_connect_are_another_trust, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_the_parent_says_counts_before_a_renewal_came, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
