#include "net/dns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "name_server.h"
#include "turns.h"

struct fixture {
	struct loop *loop;
	struct name_server server;
	char file[32];			/* the name servers, as resolv.conf */
	struct dns *dns;
	unsigned done;
	bool is_done;
	char got[512];			/* the addresses, space-separated */
	int ttl;
	char why[256];
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->loop = loop_new();
	name_server_start(&f->server, f->loop);
	f->server.v4[0] = "192.0.2.1";
	strcpy(f->file, "/tmp/sallyport-dns-XXXXXX");
	close(mkstemp(f->file));
	f->dns = dns_new(f->loop, f->file, f->why, sizeof(f->why));
	assert_non_null(f->dns);
	assert_true(dns_set_servers(f->dns, f->server.address));
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	dns_free(f->dns);
	name_server_stop(&f->server);
	loop_free(f->loop);
	unlink(f->file);
	free(f);
	return 0;
}

static void
on_answer(void *owner, const struct dns_answer *a)
{
	struct fixture *f = owner;

	f->done++;
	f->is_done = true;
	f->got[0] = '\0';
	for (size_t i = 0; i < a->n; i++) {
		size_t at = strlen(f->got);
		char text[ADDR_TEXT];

		addr_format(&a->addrs[i], text);
		snprintf(f->got + at, sizeof(f->got) - at, "%s%s",
		    at != 0 ? " " : "", text);
	}
	f->ttl = a->ttl;
	if (a->n == 0)
		snprintf(f->why, sizeof(f->why), "%s", a->why);
}

static void
expect(struct fixture *f, enum dns_family family, const char *addrs)
{
	f->is_done = false;
	f->done = 0;
	dns_ask(f->dns, "api.test", family, on_answer, f);
	run_until(f->loop, &f->is_done);
	assert_string_equal(f->got, addrs);
}

static void
an_answer_has_both_families_in_turn_and_its_age(void **state)
{
	struct fixture *f = *state;

	f->server.v4[1] = "192.0.2.2";
	f->server.v6[0] = "2001:db8::1";
	f->server.ttl = 7;
	expect(f, DNS_ANY, "[2001:db8::1]:0 192.0.2.1:0 192.0.2.2:0");
	assert_int_equal(f->ttl, 7);
}

static void
of_very_many_addresses_some_are_taken(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < 11; i++) {
		f->server.v4[i] = "192.0.2.1";
		f->server.v6[i] = "::2";
	}
#define FOUR(text)	text text text text
	expect(f, DNS_ANY, FOUR("[::2]:0 192.0.2.1:0 ")
	    "[::2]:0 192.0.2.1:0 [::2]:0 192.0.2.1:0 "
	    "[::2]:0 192.0.2.1:0 [::2]:0 192.0.2.1:0");
	expect(f, DNS_IPV4, FOUR("192.0.2.1:0 ")
	    "192.0.2.1:0 192.0.2.1:0 192.0.2.1:0 192.0.2.1:0 "
	    "192.0.2.1:0 192.0.2.1:0 192.0.2.1:0");
#undef FOUR
}

static void
ipv4_can_be_asked_for_alone(void **state)
{
	struct fixture *f = *state;

	f->server.v6[0] = "2001:db8::1";
	expect(f, DNS_IPV4, "192.0.2.1:0");
	assert_int_equal(f->server.asked_v6, 0);
}

static void
a_failure_is_told_with_its_reason(void **state)
{
	struct fixture *f = *state;

	f->server.rcode = RCODE_NXDOMAIN;
	expect(f, DNS_ANY, "");
	assert_non_null(strstr(f->why, "not found"));
}

static void
a_name_without_addresses_is_a_failure(void **state)
{
	struct fixture *f = *state;

	f->server.v4[0] = NULL;
	expect(f, DNS_ANY, "");
	assert_string_not_equal(f->why, "");
}

static void
nothing_is_told_after_the_end(void **state)
{
	struct fixture *f = *state;

	f->server.silent = true;
	dns_ask(f->dns, "api.test", DNS_ANY, on_answer, f);
	dns_free(f->dns);
	f->dns = NULL;
	run_for(f->loop, 5);
	assert_int_equal(f->done, 0);
}

/* A name server at an address of this process alone, named by the file. */
static void
start_in_file(struct fixture *f, struct name_server *s, int last)
{
	char ip[32];
	FILE *file = fopen(f->file, "w");

	snprintf(ip, sizeof(ip), "127.%d.%d.%d", 64 + (getpid() >> 16 & 63),
	    getpid() >> 8 & 255, (getpid() & 127) * 2 + last);
	fprintf(file, "nameserver %s\n", ip);
	assert_int_equal(fclose(file), 0);
	if (name_server_start_at(s, f->loop, ip))
		return;
	/* Only root may use the port, which resolv.conf cannot name. */
	skip();
}

static void
servers_of_a_changed_file_are_asked_what_is_under_way(void **state)
{
	struct fixture *f = *state;
	struct name_server silent, other;

	start_in_file(f, &silent, 0);
	silent.silent = true;
	dns_free(f->dns);
	f->dns = dns_new(f->loop, f->file, f->why, sizeof(f->why));
	dns_ask(f->dns, "api.test", DNS_ANY, on_answer, f);
	run_for(f->loop, 50);
	assert_int_equal(f->done, 0);
	assert_int_not_equal(silent.asked, 0);
	start_in_file(f, &other, 1);
	other.v4[0] = "192.0.2.1";
	/* No name at all: it fails at once. */
	dns_ask(f->dns, "a..b", DNS_ANY, on_answer, f);
	assert_int_equal(f->done, 1);
	f->is_done = false;
	run_until(f->loop, &f->is_done);
	assert_string_equal(f->got, "192.0.2.1:0");
	assert_int_equal(f->done, 2);
	name_server_stop(&silent);
	name_server_stop(&other);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(an_answer_has_both_families_in_turn_and_its_age),
		CASE(ipv4_can_be_asked_for_alone),
		CASE(of_very_many_addresses_some_are_taken),
		CASE(a_failure_is_told_with_its_reason),
		CASE(a_name_without_addresses_is_a_failure),
		CASE(nothing_is_told_after_the_end),
		CASE(servers_of_a_changed_file_are_asked_what_is_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
