/*
 * policy/client_id: who is told apart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "policy/client_id.h"

static struct client_id
from(const char *address, const struct conf_route *route)
{
	struct principal who = { .has_user = false };
	const char *why;
	struct addr a;

	if (!addr_parse(address, &a, &why))
		fail_msg("%s: %s", address, why);
	addr_ip_from(&who.ip, &a);
	return client_id_of(&who, route);
}

static bool
same(const char *a, const char *b)
{
	const struct conf_route route = { .client = CONF_NONE };
	struct client_id x = from(a, &route), y = from(b, &route);

	return x.kind == y.kind && x.id == y.id;
}

static void
addresses_are_clients_whatever_their_ports(void **state)
{
	(void)state;
	assert_true(same("192.0.2.1:1", "192.0.2.1:2"));
	assert_false(same("192.0.2.1:1", "192.0.2.2:1"));
	assert_true(same("[::ffff:192.0.2.1]:1", "192.0.2.1:1"));
}

static void
the_addresses_of_a_slash_64_are_one_client(void **state)
{
	(void)state;
	assert_true(same("[2001:db8:0:1::1]:1", "[2001:db8:0:1:ffff::2]:1"));
	assert_false(same("[2001:db8:0:1::1]:1", "[2001:db8:0:2::1]:1"));
	assert_false(same("[::1]:1", "127.0.0.1:1"));
}

static void
a_user_comes_before_a_client_key_and_that_before_an_address(void **state)
{
	const struct conf_route any = { .client = CONF_NONE };
	const struct conf_route ci = { .client = 3 };
	const struct principal user = { .has_user = true, .uid = 7 };
	const struct principal nobody = { .has_user = false };

	(void)state;
	assert_int_equal(client_id_of(&user, &ci).kind, CLIENT_USER);
	assert_int_equal(client_id_of(&user, &ci).id, 7);
	assert_int_equal(from("192.0.2.1:1", &ci).kind, CLIENT_KEY);
	assert_int_equal(from("192.0.2.1:1", &ci).id,
	    from("192.0.2.2:1", &ci).id);
	assert_int_equal(from("192.0.2.1:1", &any).kind, CLIENT_INET);
	assert_int_equal(client_id_of(&nobody, &any).kind, CLIENT_UNKNOWN);
}

static void
a_certificate_is_told_by_what_it_calls_its_client(void **state)
{
	char uri[] = "spiffe://corp/a", other[] = "spiffe://corp/b", none[] = "";
	const struct conf_route ci = { .client = 3 };
	struct cert_names a = { .uri = uri, .sha256 = { 1 } };
	struct cert_names renewed = { .uri = uri, .sha256 = { 2 } };
	struct cert_names b = { .uri = other, .sha256 = { 1 } };
	struct cert_names x = { .subject = none, .sha256 = { 1 } };
	struct cert_names y = { .subject = none, .sha256 = { 2 } };
	const struct principal p = { .certificate = &a }, q = {
		.certificate = &renewed }, r = { .certificate = &b };
	const struct principal s = { .certificate = &x }, t = {
		.certificate = &y };
	struct client_id id = client_id_of(&p, &ci);

	(void)state;
	assert_int_equal(id.kind, CLIENT_CERTIFICATE);
	assert_true(client_id_same(id, client_id_of(&q, &ci)));
	assert_false(client_id_same(id, client_id_of(&r, &ci)));
	assert_false(client_id_same(client_id_of(&s, &ci),
	    client_id_of(&t, &ci)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_are_clients_whatever_their_ports),
		cmocka_unit_test(the_addresses_of_a_slash_64_are_one_client),
		cmocka_unit_test(
		    a_certificate_is_told_by_what_it_calls_its_client),
		cmocka_unit_test(
		    a_user_comes_before_a_client_key_and_that_before_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
