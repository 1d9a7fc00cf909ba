/*
 * What to type after a first set-up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "cli/next_steps.h"

static bool service;		/* systemd starts it */

static char *
steps(const char *listen, const char *conf)
{
	struct setup s = { .identity = xstrdup("/d/identity"),
		.keys = xstrdup("/d/keys.age"), .conf = xstrdup(conf),
		.listen = listen, .name = "team-a", .service = service,
		.usual_place = strncmp(conf, "/etc/", 5) == 0,
		.value = secret_copy("abc", 3) };
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	assert_non_null(out);
	next_steps_print(&s, out);
	assert_int_equal(fclose(out), 0);
	setup_free(&s);
	return text;
}

static void
assert_says(const char *listen, const char *conf, const char *expected)
{
	char *text = steps(listen, conf);

	if (strstr(text, expected) == NULL)
		fail_msg("no %s in:\n%s", expected, text);
	free(text);
}

static void
what_was_made_is_listed(void **state)
{
	(void)state;
	assert_says("127.0.0.1:9080", "c", "\n/d/identity\n");
	assert_says("127.0.0.1:9080", "c", "\n/d/keys.age\n"
	    "  the key 'team-a', sealed; fingerprint ba7816bf\n");
}

static void
the_configuration_is_named_where_it_is_not_the_usual_one(void **state)
{
	(void)state;
	assert_says("127.0.0.1:9080", "/etc/sallyport/sallyport.conf",
	    "  sallyport run\n");
	assert_says("127.0.0.1:9080", "/d/c", "  sallyport run -c /d/c\n");
	assert_says("127.0.0.1:9080", "/it's/c",
	    "  sallyport run -c '/it'\\''s/c'\n");
}

static void
clients_are_told_the_listener(void **state)
{
	(void)state;
	assert_says("127.0.0.1:90", "c",
	    "  curl http://127.0.0.1:90/api/v1/deployments\n");
	assert_says("127.0.0.1:90", "c",
	    "  export EC_HOST=http://127.0.0.1:90\n");
	assert_says("unix:/run/s", "c",
	    "  curl --unix-socket /run/s http://localhost/api/v1/");
}

static void
what_a_shell_would_understand_otherwise_is_quoted(void **state)
{
	(void)state;
	assert_says("[::1]:80", "c", "  curl 'http://[::1]:80/api/v1/");
	assert_says("[::1]:80", "c", "  export EC_HOST='http://[::1]:80'\n");
	assert_says("unix:/a b", "c", "  curl --unix-socket '/a b' http://");
}

static void
a_port_that_is_not_known_yet_is_called_so(void **state)
{
	char *text = steps("[::1]:0", "c");

	(void)state;
	assert_null(strstr(text, ":0"));
	assert_non_null(strstr(text, "'listening on'"));
	assert_non_null(strstr(text, "  curl 'http://[::1]:PORT/api/v1/"));
	free(text);
}

static void
of_an_inherited_socket_no_address_is_made_up(void **state)
{
	char *text = steps("fd:web", "c");

	(void)state;
	assert_null(strstr(text, "curl"));
	assert_null(strstr(text, "EC_HOST"));
	assert_non_null(strstr(text, "(FileDescriptorName=web)"));
	free(text);
}

static void
of_a_service_the_socket_is_started_if_it_has_the_address(void **state)
{
	(void)state;
	service = true;
	assert_says("127.0.0.1:9080", "/etc/sallyport/sallyport.conf",
	    "  systemctl enable --now sallyport.socket sallyport\n");
	assert_says("127.0.0.1:90", "/etc/sallyport/sallyport.conf",
	    "  systemctl enable --now sallyport\n\n"
	    "sallyport.socket, where that is enabled, is for 127.0.0.1:9080");
	service = false;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_made_is_listed),
		cmocka_unit_test(
		    the_configuration_is_named_where_it_is_not_the_usual_one),
		cmocka_unit_test(clients_are_told_the_listener),
		cmocka_unit_test(
		    what_a_shell_would_understand_otherwise_is_quoted),
		cmocka_unit_test(a_port_that_is_not_known_yet_is_called_so),
		cmocka_unit_test(of_an_inherited_socket_no_address_is_made_up),
		cmocka_unit_test(
		    of_a_service_the_socket_is_started_if_it_has_the_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
