/*
 * Authorities in a file: whose end counts, and that one of them must be valid.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/clock.h"
#include "cert/roots.h"
#include "../../lib/certs.h"

#define DAY	(24 * 3600L)

static struct cert shorter, longer, past, early;
static struct cert_span span;
static char told[1024];
static bool was_warning;
static unsigned n_told;

static void
on_finding(void *owner, bool warning, const char *text)
{
	(void)owner;
	was_warning = warning;
	n_told++;
	(void)snprintf(told, sizeof(told), "%s", text);
}

static bool
check(bool of_clients, size_t n, ...)
{
	const struct cert_roots_use use = { .of_clients = of_clients };
	struct cert_report report = { .tell = on_finding };
	struct buf all;
	va_list ap;

	buf_init(&all, NULL);
	va_start(ap, n);
	for (size_t i = 0; i < n; i++) {
		struct text t = cert_text(va_arg(ap, const struct cert *));

		buf_append_text(&all, t);
		cert_text_free(t);
	}
	va_end(ap);
	n_told = 0;
	cert_check_roots(buf_text(&all), &use, &span, &report);
	buf_release(&all);
	return !report.failed;
}

static void
assert_ends(const char *subject, int64_t from_now)
{
	int64_t now = clock_wall() / NS_PER_S;

	assert_string_equal(span.subject, subject);
	assert_true(span.until > now + from_now - DAY / 2);
	assert_true(span.until <= now + from_now);
}

static void
the_first_end_counts(void **state)
{
	(void)state;
	assert_true(check(true, 2, &longer, &shorter));
	assert_int_equal(n_told, 0);
	assert_ends("CN=shorter", 5 * DAY);
	assert_true(check(false, 2, &longer, &shorter));
	assert_ends("CN=longer", 50 * DAY);
}

static void
one_that_is_past_beside_a_good_one_is_a_warning(void **state)
{
	(void)state;
	assert_true(check(true, 2, &past, &longer));
	assert_int_equal(n_told, 1);
	assert_true(was_warning);
	assert_non_null(strstr(told, "the certificate of \"CN=past\" on line "
	    "1 of it expired at 20"));
	assert_non_null(strstr(told, ": no client is accepted by it"));
	assert_ends("CN=longer", 50 * DAY);
}

static void
none_that_is_valid_is_a_fault(void **state)
{
	(void)state;
	assert_false(check(true, 1, &past));
	assert_string_equal(told, "no certificate in it is valid any more");
	assert_false(was_warning);
	assert_false(check(true, 2, &past, &early));
	assert_string_equal(told, "no certificate in it is valid now");
	assert_true(check(false, 1, &past));
	assert_int_equal(n_told, 0);
	assert_ends("CN=past", -DAY);
}

static void
one_that_comes_beside_a_good_one_is_fine(void **state)
{
	(void)state;
	assert_true(check(true, 2, &early, &longer));
	assert_int_equal(n_told, 0);
	assert_ends("CN=early", 30 * DAY);
	assert_true(check(true, 2, &early, &shorter));
	assert_ends("CN=shorter", 5 * DAY);
}

/* As of an authority that renewed its own certificate. */
static void
one_of_the_same_name_and_key_takes_over(void **state)
{
	struct cert next = { .key = past.key, .x509 = X509_dup(past.x509) };

	(void)state;
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(next.x509),
	    20 * DAY));
	ASN1_INTEGER_set(X509_get_serialNumber(next.x509), 99);
	assert_true(X509_sign(next.x509, next.key, EVP_sha256()) > 0);
	assert_true(check(true, 3, &past, &next, &longer));
	assert_int_equal(n_told, 0);
	assert_ends("CN=past", 20 * DAY);
	X509_free(next.x509);
}

static int
make_all(void **state)
{
	(void)state;
	cert_make_authority(&shorter, NULL, "shorter", -DAY, 5 * DAY);
	cert_make_authority(&longer, NULL, "longer", -DAY, 50 * DAY);
	cert_make_authority(&past, NULL, "past", -3 * DAY, -DAY);
	cert_make_authority(&early, NULL, "early", DAY, 30 * DAY);
	return 0;
}

static int
free_all(void **state)
{
	(void)state;
	cert_free(&shorter);
	cert_free(&longer);
	cert_free(&past);
	cert_free(&early);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_end_counts),
		cmocka_unit_test(
		    one_that_is_past_beside_a_good_one_is_a_warning),
		cmocka_unit_test(none_that_is_valid_is_a_fault),
		cmocka_unit_test(one_that_comes_beside_a_good_one_is_fine),
		cmocka_unit_test(one_of_the_same_name_and_key_takes_over),
	};

	return cmocka_run_group_tests(tests, make_all, free_all);
}
