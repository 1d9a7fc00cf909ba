/*
 * policy/principal: what clients are called.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/text.h"
#include "policy/principal.h"

static char *
copy(const char *s)
{
	return xstrndup(s, text_of(s).n);
}

static void
a_certificate_calls_its_client_by_uri_then_dns_then_subject(void **state)
{
	struct principal p = { .has_user = false };
	struct cert_names *c = xcalloc(1, sizeof(*c));

	(void)state;
	p.certificate = c;
	c->subject = copy("");
	c->issuer = copy("CN=ca");
	assert_null(principal_name(&p));
	free(c->subject);
	c->subject = copy("CN=ci");
	assert_string_equal(principal_name(&p), "CN=ci");
	c->dns = xcalloc(2, sizeof(*c->dns));
	c->dns[c->n_dns++] = copy("a.example");
	c->dns[c->n_dns++] = copy("b.example");
	assert_string_equal(principal_name(&p), "a.example");
	c->uri = copy("spiffe://corp/ci");
	assert_string_equal(principal_name(&p), "spiffe://corp/ci");
	principal_release(&p);
	assert_null(p.certificate);
}

static void
a_certificate_is_good_until_it_expires(void **state)
{
	struct cert_names c = { .until = 1000 };
	struct principal p = { .certificate = &c };

	(void)state;
	assert_int_equal(principal_ms_left(&p, 998 * NS_PER_S), 2000);
	assert_int_equal(principal_ms_left(&p, 1000 * NS_PER_S), 0);
	assert_int_equal(principal_ms_left(&p, 2000 * NS_PER_S), 0);
	p.certificate = NULL;
	assert_true(principal_ms_left(&p, 2000 * NS_PER_S) == INT64_MAX);
}

static void
others_are_called_by_their_user_or_nothing(void **state)
{
	struct principal p = { .has_user = true };

	(void)state;
	p.groups = xcalloc(1, sizeof(*p.groups));
	p.n_groups = 1;
	assert_null(principal_name(&p));
	p.user_name = "build";
	assert_string_equal(principal_name(&p), "build");
	principal_release(&p);
	assert_null(principal_name(&p));
	assert_int_equal(p.n_groups, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_certificate_calls_its_client_by_uri_then_dns_then_subject),
		cmocka_unit_test(a_certificate_is_good_until_it_expires),
		cmocka_unit_test(others_are_called_by_their_user_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
