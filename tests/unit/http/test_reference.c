/*
 * References in responses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/reference.h"

struct row {
	const char *base;
	const char *value;
	const char *target;	/* NULL: leads elsewhere */
	const char *fragment;
};

static void
check(const struct row *row, const char *server_text)
{
	struct blocks *blocks = blocks_new(4096, 2);
	struct reference r;
	struct authority server;
	struct arena arena;
	bool here;

	arena_init(&arena, blocks);
	assert_true(authority_parse(text_of(server_text), &server));
	here = reference_resolve(text_of(row->value), text_of(row->base),
	    &server, &arena, &r);
	if (here != (row->target != NULL) || (here &&
	    (!text_eq(r.target, text_of(row->target)) ||
	    !text_eq(r.fragment, text_of(row->fragment)))))
		fail_msg("%s in %s is %.*s", row->value, row->base,
		    TEXT_ARG(here ? r.target : TEXT("elsewhere")));
	arena_release(&arena);
	blocks_free(blocks);
}

#define CHECK_ALL(rows, server) do {					\
	for (size_t i = 0; i < sizeof(rows) / sizeof(*(rows)); i++)	\
		check(&(rows)[i], server);				\
} while (0)

static void
a_path_and_its_query_stay_what_they_are(void **state)
{
	static const struct row rows[] = {
		{ "/a/b", "/x", "/x", "" },
		{ "/a/b", "/x/", "/x/", "" },
		{ "/a/b", "/", "/", "" },
		{ "/a/b", "/x?q=1&r=/../s", "/x?q=1&r=/../s", "" },
		{ "/a/b", "/x?", "/x?", "" },
		{ "/a/b", "/x#there", "/x", "#there" },
		{ "/a/b", "/x?q#/../y", "/x?q", "#/../y" },
		{ "/a/b", "/x/y:z@w", "/x/y:z@w", "" },
		{ "/a/b", "/%2e%2e/x%2Fy", "/%2e%2e/x%2Fy", "" },
		{ "/a/b", "/x//y", "/x//y", "" },
	};

	(void)state;
	CHECK_ALL(rows, "api.example");
}

/* RFC 3986 section 5.4, with the base "http://a/b/c/d;p?q". */
static void
relative_ones_are_resolved_as_the_rfc_shows(void **state)
{
	static const struct row rows[] = {
		{ "/b/c/d;p?q", "g", "/b/c/g", "" },
		{ "/b/c/d;p?q", "./g", "/b/c/g", "" },
		{ "/b/c/d;p?q", "g/", "/b/c/g/", "" },
		{ "/b/c/d;p?q", "/g", "/g", "" },
		{ "/b/c/d;p?q", "?y", "/b/c/d;p?y", "" },
		{ "/b/c/d;p?q", "g?y", "/b/c/g?y", "" },
		{ "/b/c/d;p?q", "#s", "/b/c/d;p?q", "#s" },
		{ "/b/c/d;p?q", "g?y#s", "/b/c/g?y", "#s" },
		{ "/b/c/d;p?q", ";x", "/b/c/;x", "" },
		{ "/b/c/d;p?q", "", "/b/c/d;p?q", "" },
		{ "/b/c/d;p?q", ".", "/b/c/", "" },
		{ "/b/c/d;p?q", "..", "/b/", "" },
		{ "/b/c/d;p?q", "../g", "/b/g", "" },
		{ "/b/c/d;p?q", "../..", "/", "" },
		{ "/b/c/d;p?q", "../../g", "/g", "" },
		{ "/b/c/d;p?q", "../../../g", "/g", "" },
		{ "/b/c/d;p?q", "/./g", "/g", "" },
		{ "/b/c/d;p?q", "/../g", "/g", "" },
		{ "/b/c/d;p?q", "g.", "/b/c/g.", "" },
		{ "/b/c/d;p?q", ".g", "/b/c/.g", "" },
		{ "/b/c/d;p?q", "..g", "/b/c/..g", "" },
		{ "/b/c/d;p?q", "./g/.", "/b/c/g/", "" },
		{ "/b/c/d;p?q", "g/./h", "/b/c/g/h", "" },
		{ "/b/c/d;p?q", "g/../h", "/b/c/h", "" },
		{ "/b/c/d;p?q", "g;x=1/../y", "/b/c/y", "" },
		{ "/b/c/d;p?q", "g?y/../x", "/b/c/g?y/../x", "" },
		{ "/", "x", "/x", "" },
		{ "/a?p=/b/", "x", "/x", "" },
		{ "*", "x", "/x", "" },
		{ "*", "", NULL, "" },
	};

	(void)state;
	CHECK_ALL(rows, "api.example");
}

static void
absolute_ones_stay_where_scheme_host_and_port_are_the_server_s(void **state)
{
	static const struct row rows[] = {
		{ "/a/b", "https://api.example/x?q", "/x?q", "" },
		{ "/a/b", "HTTPS://API.example/x", "/x", "" },
		{ "/a/b", "https://api.example:443/x", "/x", "" },
		{ "/a/b", "https://api.example:/x", "/x", "" },
		{ "/a/b", "https://api.example", "/", "" },
		{ "/a/b", "https://api.example?q", "/?q", "" },
		{ "/a/b", "https://api.example#s", "/", "#s" },
		{ "/a/b", "https://api.example/x/../y", "/y", "" },
		{ "/a/b", "http://api.example/x", NULL, "" },
		{ "/a/b", "http://api.example:443/x", NULL, "" },
		{ "/a/b", "https://api.example:8443/x", NULL, "" },
		{ "/a/b", "https://api.example.evil/x", NULL, "" },
		{ "/a/b", "https://evil/x", NULL, "" },
		{ "/a/b", "https:x", NULL, "" },
		{ "/a/b", "https:/x", NULL, "" },
		{ "/a/b", "https:///x", NULL, "" },
		{ "/a/b", "javascript:alert(1)", NULL, "" },
		{ "/a/b", "x:y", NULL, "" },
		{ "/a/b", ":x", NULL, "" },
	};
	static const struct row of_a_port[] = {
		{ "/a/b", "https://10.0.0.1:12443/x", "/x", "" },
		{ "/a/b", "https://10.0.0.1/x", NULL, "" },
		{ "/a/b", "https://10.0.0.1:443/x", NULL, "" },
	};
	static const struct row of_ipv6[] = {
		{ "/a/b", "https://[::1]/x", "/x", "" },
		{ "/a/b", "https://[::2]/x", NULL, "" },
	};

	(void)state;
	CHECK_ALL(rows, "api.example");
	CHECK_ALL(of_a_port, "10.0.0.1:12443");
	CHECK_ALL(of_ipv6, "[::1]");
}

static void
what_readers_disagree_about_leads_elsewhere(void **state)
{
	static const struct row rows[] = {
		{ "/a/b", "//api.example/x", NULL, "" },
		{ "/a/b", "//evil/x", NULL, "" },
		{ "/a/b", "///x", NULL, "" },
		{ "/a/b", "/.//evil/x", NULL, "" },
		{ "/a/b", "/y/..//evil/x", NULL, "" },
		{ "/a/b", "https://api.example//evil/x", NULL, "" },
		{ "/a/b", "https://api.example/.//evil", NULL, "" },
		{ "/a/b", "/\\evil/x", NULL, "" },
		{ "/a/b", "\\\\evil/x", NULL, "" },
		{ "/a/b", "/x?y\\", NULL, "" },
		{ "/a/b", "https:\\\\api.example\\x", NULL, "" },
		{ "/a/b", "https://u@api.example/x", NULL, "" },
		{ "/a/b", "https://u:p@api.example/x", NULL, "" },
		{ "/a/b", "https://api.example@evil/x", NULL, "" },
		{ "/a/b", "/x\ty", NULL, "" },
		{ "/a/b", "/\t/evil", NULL, "" },
		{ "/a/b", "java\x01script:x", NULL, "" },
		{ "/a/b", "/x y", NULL, "" },
		{ "/a/b", "/x\x7f", NULL, "" },
		{ "/a/b", "/caf\xc3\xa9", NULL, "" },
	};

	(void)state;
	CHECK_ALL(rows, "api.example");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_and_its_query_stay_what_they_are),
		cmocka_unit_test(
		    relative_ones_are_resolved_as_the_rfc_shows),
		cmocka_unit_test(
		    absolute_ones_stay_where_scheme_host_and_port_are_the_server_s),
		cmocka_unit_test(what_readers_disagree_about_leads_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
