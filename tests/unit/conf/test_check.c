/*
 * Whole configurations from texts: the least one works and means what it
 * says; every mistake is reported at its line, and nothing that only follows
 * from it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "texts.h"

#define N(array)	(sizeof(array) / sizeof((array)[0]))

/* "aaaaaaaa:aaaaaaaa" in base64; the like of it are values that look right. */
static const char sealed_text[] =
    "keys = (\n"
    "  { name = \"a\"; value = \"YWFhYWFhYWE6YWFhYWFhYWE=\";\n"
    "    hosts = [ \"API.example.com\" ]; },\n"
    "  { name = \"b\"; value = \"value-b\"; scheme = \"Bearer\";\n"
    "    hosts = [ \"api.example.com\", \"other.example\" ];\n"
    "    expires = \"2999-01-01T00:00:00Z\"; note = \"later\"; }\n"
    ");\n"
    "clients = ( { name = \"ci\"; sha256 = \"00112233445566778899aabbccddee"
    "ff00112233445566778899aabbccddeeff\"; } );\n";

#define LISTENER "{ name = \"l\"; address = \"127.0.0.1:0\"; }"
#define UPSTREAM "{ name = \"u\"; url = \"https://api.example.com\"; }"
#define ROUTE "{ name = \"r\"; keys = [ \"a\" ]; }"

/* A configuration with one part at a time on line 2 replaced. */
static char *
main_text(const char *listeners, const char *upstreams, const char *routes,
    const char *more)
{
	return xasprintf("sealed = [ \"x\" ]; # line 1\n"
	    "listeners = ( %s );\nupstreams = ( %s );\nroutes = ( %s );\n%s",
	    listeners, upstreams, routes, more);
}

static struct conf *
load(const char *listeners, const char *upstreams, const char *routes,
    const char *more, struct conf_diagnostics *diagnostics)
{
	char *text = main_text(listeners, upstreams, routes, more);
	struct conf *c;

	*diagnostics = (struct conf_diagnostics){ .n = 0 };
	c = texts_load(text, sealed_text, diagnostics);
	free(text);
	return c;
}

/* Exactly one fault, in this line, that holds this text. */
static void
assert_one(const char *listeners, const char *upstreams, const char *routes,
    const char *more, unsigned line, const char *what)
{
	struct conf_diagnostics diagnostics;
	struct conf *c = load(listeners, upstreams, routes, more, &diagnostics);

	if (c != NULL || diagnostics.n != 1 || diagnostics.v[0].line != line ||
	    strstr(diagnostics.v[0].text, what) == NULL) {
		conf_diagnostics_print(&diagnostics, stderr);
		fail_msg("expected 'main:%u: %s' alone", line, what);
	}
	conf_diagnostics_free(&diagnostics);
}

static void
assert_good(const char *listeners, const char *upstreams, const char *routes,
    const char *more)
{
	struct conf_diagnostics diagnostics;
	struct conf *c = load(listeners, upstreams, routes, more, &diagnostics);

	/* Of listeners that others can reach there is a warning each. */
	if (c == NULL || diagnostics.n != texts_count(&diagnostics,
	    "option 'nonlocal': other machines can reach")) {
		conf_diagnostics_print(&diagnostics, stderr);
		fail_msg("refused");
	}
	conf_free(c);
	conf_diagnostics_free(&diagnostics);
}

static void
the_least_configuration_gets_all_its_defaults(void **state)
{
	struct conf_diagnostics diagnostics;
	struct conf *c = load("{ address = \"127.0.0.1:9080\"; }",
	    "{ url = \"https://API.example.com/\"; }", ROUTE, "", &diagnostics);

	(void)state;
	assert_non_null(c);
	assert_int_equal(diagnostics.n, 0);
	assert_true(c->workers >= 1);
	assert_string_equal(c->log.access, "stdout");
	assert_int_equal(c->log.level, LOG_LEVEL_INFO);
	assert_int_equal(c->log.format, LOG_FORMAT_JSON);
	assert_false(c->log.query);
	assert_int_equal(c->log.on_failure, CONF_ON_FAILURE_LOSE);
	assert_int_equal(c->timeouts.head, 10000);
	assert_int_equal(c->limits.head, 32768);
	assert_int_equal(c->limits.body, 1 << 30);
	assert_int_equal(c->limits.replay, 64 << 10);
	assert_null(c->user);
	assert_int_equal(c->uid, CONF_NO_ID);
	assert_int_equal(c->n_listeners, 1);
	assert_string_equal(c->listeners[0].name, "127.0.0.1:9080");
	assert_string_equal(c->listeners[0].address_text, "127.0.0.1:9080");
	assert_int_equal(c->listeners[0].mode, 0600);
	assert_int_equal(c->listeners[0].owner, CONF_NO_ID);
	assert_false(c->listeners[0].browsers);
	assert_int_equal(c->listeners[0].hosts.n, 4);
	assert_string_equal(c->listeners[0].hosts.v[3], "api.example.com");
	assert_string_equal(c->upstreams[0].name, "api.example.com");
	assert_string_equal(c->upstreams[0].host, "api.example.com");
	assert_string_equal(c->upstreams[0].authority, "api.example.com");
	assert_string_equal(c->upstreams[0].connect_host, "api.example.com");
	assert_int_equal(c->upstreams[0].connect_port, 443);
	assert_int_equal(c->upstreams[0].min_tls, CONF_TLS_1_2);
	assert_int_equal(c->upstreams[0].timeouts.response, 25000);
	assert_int_equal(c->upstreams[0].max_age, 3600000);
	assert_null(c->upstreams[0].roots.p);
	assert_int_equal(c->n_routes, 1);
	assert_int_equal(c->routes[0].upstream, 0);
	assert_int_equal(c->routes[0].n_keys, 1);
	assert_int_equal(c->routes[0].client, CONF_NONE);
	assert_int_equal(c->n_keys, 2);
	assert_null(c->keys[0].field);
	assert_string_equal(conf_key_scheme(&c->keys[0]), "ApiKey");
	assert_int_equal(c->routes[0].pass.n, 0);
	assert_int_equal(c->upstreams[0].accept_encoding, CONF_ENCODING_PASS);
	assert_int_equal(c->keys[0].expires, CONF_NO_TIME);
	assert_string_equal(c->keys[0].hosts.v[0], "api.example.com");
	assert_true(secret_equal_bytes(c->keys[1].value, "value-b", 7));
	assert_string_equal(c->keys[1].scheme, "Bearer");
	conf_free(c);
	conf_diagnostics_free(&diagnostics);
}

/* All that listeners, upstreams and routes have; of one route, its users. */
#define ALL_LISTENERS \
	"{ name = \"l\"; address = \"unix:/run/x.sock\"; mode = \"0660\"; " \
	"owner = \"root\"; group = \"0\"; users = ( \"root\" ); " \
	"groups = [ \"root\" ]; hosts = [ \"A.example:81\", \"[::1]\" ]; " \
	"browsers = true; }, " \
	"{ name = \"m\"; address = \"0.0.0.0:80\"; nonlocal = true; " \
	"from = [ \"192.0.2.0/24\", \"::1\" ]; }"
#define ALL_UPSTREAMS \
	"{ name = \"u\"; url = \"https://api.example.com:12443\"; " \
	"connect_to = \"127.0.0.1:9\"; min_tls = \"1.3\"; " \
	"http = \"1.1\"; max_connections = 3; max_age = \"7m\"; " \
	"probe_path = \"/_security/user\"; " \
	"timeouts = { response = \"2s\"; }; }, " \
	"{ name = \"v\"; url = \"https://other.example\"; }"
#define ALL_ROUTES(users) \
	"{ name = \"r\"; listener = \"m\"; host = \"API.example.com\"; " \
	"path = \"/b/\"; methods = [ \"GET\" ]; client_key = \"ci\"; " \
	"upstream = \"u\"; keys = [ \"b\", \"a\" ]; strip = true; }, " \
	"{ name = \"s\"; listeners = [ \"l\", \"m\" ]; " \
	"client_key = \"bare\"; users = " users "; upstream = \"v\"; " \
	"keys = [ \"b\" ]; allow_minting = true; }"

static void
any_host_is_the_default_where_a_unix_socket_may_be(void **state)
{
	struct conf_diagnostics diagnostics;
	struct conf *c = load("{ address = \"unix:/x\"; }, "
	    "{ address = \"unix:/y\"; hosts = [ \"docker\" ]; }, "
	    "{ address = \"fd:z\"; }, { address = \"127.0.0.1:0\"; }",
	    UPSTREAM, "{ name = \"q\"; keys = [ \"a\" ]; "
	    "listener = \"unix:/x\"; host = \"anything.example\"; }, " ROUTE,
	    "", &diagnostics);

	(void)state;
	assert_non_null(c);
	assert_int_equal(diagnostics.n, 0);
	assert_true(c->listeners[0].any_host);
	assert_false(c->listeners[1].any_host);
	assert_true(c->listeners[2].any_host);
	assert_false(c->listeners[3].any_host);
	assert_int_equal(c->listeners[0].upstream_hosts.n, 1);
	assert_string_equal(c->listeners[0].upstream_hosts.v[0],
	    "api.example.com");
	assert_string_equal(c->listeners[1].hosts.v[0], "docker");
	assert_int_equal(c->listeners[2].hosts.n, 4);
	assert_int_equal(c->listeners[3].hosts.n, 4);
	conf_free(c);
	conf_diagnostics_free(&diagnostics);
}

static void
a_host_that_only_a_unix_socket_takes_is_warned_of(void **state)
{
	struct conf_diagnostics diagnostics;
	struct conf *c = load("{ address = \"fd:z\"; }", UPSTREAM,
	    "{ name = \"r\"; keys = [ \"a\" ]; host = \"x.example\"; }", "",
	    &diagnostics);

	(void)state;
	assert_non_null(c);
	assert_int_equal(diagnostics.n, 1);
	assert_true(diagnostics.v[0].warning);
	assert_int_equal(diagnostics.v[0].line, 4);
	assert_int_equal(texts_count(&diagnostics, "on a Unix socket only"), 1);
	conf_free(c);
	conf_diagnostics_free(&diagnostics);
	assert_one("{ address = \"unix:/x\"; hosts = [ \"y.example\" ]; }",
	    UPSTREAM, "{ name = \"r\"; keys = [ \"a\" ]; "
	    "host = \"x.example\"; }", "", 4, "'host' can never hold");
}

static void
everything_that_is_said_is_kept(void **state)
{
	struct conf_diagnostics diagnostics;
	struct conf *c = load(ALL_LISTENERS, ALL_UPSTREAMS,
	    ALL_ROUTES("[ 0.5 ]"), "", &diagnostics);

	(void)state;
	assert_null(c);
	assert_int_equal(texts_count(&diagnostics, "'users' must be"), 1);
	assert_int_equal(diagnostics.n, 1);
	conf_diagnostics_free(&diagnostics);

	c = load(ALL_LISTENERS, ALL_UPSTREAMS, ALL_ROUTES("[ 0 ]"),
	    "user = \"root\"; log = { query = true; level = \"debug\"; "
	    "format = \"text\"; on_failure = \"refuse\"; "
	    "access = \"/x\"; };\n"
	    "expiry = { probe_path = \"/probed\"; };\n"
	    "limits = { body = \"0\"; };", &diagnostics);
	if (c == NULL)
		conf_diagnostics_print(&diagnostics, stderr);
	assert_non_null(c);
	assert_int_equal(c->uid, 0);
	assert_int_equal(c->gid, 0);
	assert_string_equal(c->user, "root");
	assert_int_equal(c->log.level, LOG_LEVEL_DEBUG);
	assert_int_equal(c->log.format, LOG_FORMAT_TEXT);
	assert_int_equal(c->log.on_failure, CONF_ON_FAILURE_REFUSE);
	assert_string_equal(c->log.access, "/x");
	assert_int_equal(c->limits.body, 0);
	assert_int_equal(c->listeners[0].mode, 0660);
	assert_int_equal(c->listeners[0].group, 0);
	assert_int_equal(c->listeners[0].users.n, 1);
	assert_string_equal(c->listeners[0].hosts.v[0], "a.example:81");
	assert_string_equal(c->listeners[0].hosts.v[1], "[::1]");
	assert_int_equal(c->listeners[1].n_from, 2);
	assert_int_equal(c->listeners[1].hosts.n, 5);
	assert_string_equal(c->upstreams[0].authority,
	    "api.example.com:12443");
	assert_string_equal(c->upstreams[0].connect_host, "127.0.0.1");
	assert_int_equal(c->upstreams[0].connect_port, 9);
	assert_int_equal(c->upstreams[0].http, CONF_HTTP_1_1);
	assert_int_equal(c->upstreams[0].min_tls, CONF_TLS_1_3);
	assert_int_equal(c->upstreams[0].timeouts.response, 2000);
	assert_int_equal(c->upstreams[0].max_age, 420000);
	assert_string_equal(c->upstreams[0].probe_path, "/_security/user");
	assert_string_equal(c->upstreams[1].probe_path, "/probed");
	assert_int_equal(c->upstreams[0].timeouts.connect, 5000);
	assert_int_equal(c->routes[0].listeners[0], 1);
	assert_string_equal(c->routes[0].path, "/b");
	assert_string_equal(c->routes[0].host, "api.example.com");
	assert_int_equal(c->routes[0].keys[0], 1);
	assert_int_equal(c->routes[0].keys[1], 0);
	assert_int_equal(c->routes[1].upstream, 1);
	assert_int_equal(c->n_clients, 2);
	assert_false(c->clients[c->routes[0].client].bare);
	assert_int_equal(c->clients[c->routes[0].client].sha256[1], 0x11);
	assert_true(c->clients[c->routes[1].client].bare);
	assert_string_equal(c->clients[c->routes[1].client].name, "bare");
	conf_free(c);
	conf_diagnostics_free(&diagnostics);
}

static void
an_option_that_is_not_known_or_not_there_yet_is_told_apart(void **state)
{
	static const struct {
		const char *more, *what;
	} cases[] = {
		{ "admni = 1;", "unknown option 'admni' (did you mean "
		    "'admin'?)" },
		{ "expiry = { probe = \"1s\"; };", "option 'probe'" },
		{ "expiry = { probe_path = \"x\"; };",
		    "must begin with '/'" },
		/* A byte that is no UTF-8 does not get to terminals. */
		{ "expiry = { probe_path = \"/\xff\x9b\xc3\xa9\"; };",
		    "\"/??\xc3\xa9\": must be a path" },
		{ "expiry = { try = \"yes\"; };",
		    "\"yes\" is not one of refuse|warn|off" },
		{ "expiry = { warn_days = [ 30 ]; };",
		    "option 'warn_days' has another name: write warn = " },
		{ "expiry = { warn = [ \"50%\" ]; };",
		    "\"50%\": not less than half of a life" },
		{ "sandbox = \"on\";",
		    "\"on\" is not one of off|try|required" },
		{ "url = \"x\";", "it belongs to: upstream" },
		{ "zzzzzz = 1;", "unknown option 'zzzzzz'" },
		{ "log = { lvl = 1; };", "unknown option 'lvl'" },
		{ "keys = ( );", "a file that is not sealed" },
		{ "clients = ( );", "a file that is not sealed" },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_one(LISTENER, UPSTREAM, ROUTE, cases[i].more, 5,
		    cases[i].what);
	assert_one(LISTENER, "{ url = \"https://api.example.com\"; "
	    "http = \"2\"; }", ROUTE, "", 3, "not available");
	assert_one(LISTENER, "{ url = \"https://api.example.com\"; "
	    "probe_path = \"/\xff?a\"; }", ROUTE, "", 3, "option "
	    "'probe_path': \"/??a\": must be a path");
}

static void
a_value_of_the_wrong_type_or_out_of_range_is_a_fault(void **state)
{
	static const struct {
		const char *more, *what;
	} cases[] = {
		{ "workers = \"2\";", "'workers' must be a whole number" },
		{ "workers = 1.5;", "'workers' must be a whole number" },
		{ "workers = -1;", "-1 is out of range (0 to 1024)" },
		{ "workers = 1025;", "out of range" },
		{ "workers = 123456789L;", "out of range" },
		{ "workers = 99999999999;", "this number is too large" },
		{ "log = \"x\";", "'log' must be a group" },
		{ "log = { query = 1; };", "must be true or false" },
		{ "log = { level = \"loud\"; };", "not one of error|warn" },
		{ "log = { format = \"ecs\"; };", "not one of json|text" },
		{ "log = { access = \"\"; };", "is neither" },
		{ "log = { access = \"stderr\"; };", "\"stderr\": the "
		    "daemon's own messages are there; say \"stdout\"" },
		{ "log = { access = \"STDOUT\"; };", "\"STDOUT\": standard "
		    "output is \"stdout\"" },
		{ "log = { access = \"off\"; };", "no access log is "
		    "\"none\"" },
		{ "log = { access = \"-\"; };", "standard output is "
		    "\"stdout\"" },
		{ "log = { access = \"access.log\"; };", "is neither "
		    "\"stdout\" nor \"none\", and a path has a '/'" },
		{ "timeouts = { head = 5; };", "must be a time" },
		{ "timeouts = { head = \"5\"; };", "not a time" },
		{ "timeouts = { head = \"0s\"; };", "out of range (1ms to" },
		{ "timeouts = { head = \"2h\"; };", "out of range" },
		{ "limits = { head = 1; };", "must be a size" },
		{ "limits = { head = \"2MiB\"; };", "(1KiB to 1MiB)" },
		{ "limits = { head = \"1KiB\"; };", "larger than 'head'" },
		{ "limits = { replay = \"17MiB\"; };", "(0B to 16MiB)" },
		{ "user = \"no-such-user-x\";", "no such user" },
		{ "group = \"no-such-group-x\";", "no such group" },
		{ "user = \"\";", "is empty" },
		{ "identity = \"a\\x00b\";", "control character" },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_one(LISTENER, UPSTREAM, ROUTE, cases[i].more, 5,
		    cases[i].what);
}

static void
a_listener_that_cannot_be_meant_is_a_fault(void **state)
{
	static const struct {
		const char *listener, *what;
	} cases[] = {
		{ "", "'listeners' is empty" },
		{ "1", "must be a group" },
		{ "{ name = \"l\"; }", "'address' is missing (listener)" },
		{ "{ address = 9080; }", "must be an address" },
		{ "{ address = \"localhost:1\"; }", "not a literal" },
		{ "{ address = \"0.0.0.0:1\"; }", "nonlocal" },
		{ "{ address = \"[::]:1\"; }", "nonlocal" },
		{ "{ address = \"127.0.0.1:1\"; mode = \"0600\"; }",
		    "'mode' needs a Unix socket" },
		{ "{ address = \"fd:x\"; owner = \"root\"; }", "'owner'" },
		{ "{ address = \"127.0.0.1:1\"; users = [ \"root\" ]; }",
		    "'users' needs a Unix socket" },
		{ "{ address = \"unix:/x\"; from = [ \"127.0.0.1\" ]; }",
		    "'from' needs a listener on TCP" },
		{ "{ address = \"127.0.0.1:1\"; "
		    "certificate = [ \"dns:ci\" ]; }",
		    "'certificate' needs 'tls' with 'client_ca'" },
		{ "{ address = \"unix:/x\"; users = []; }", "is empty" },
		{ "{ address = \"unix:/x\"; users = \"root\"; }",
		    "must be a list" },
		{ "{ address = \"unix:/x\"; users = [ \"nobody-x\" ]; }",
		    "no such user" },
		{ "{ address = \"unix:/x\"; groups = [ \"nobody-x\" ]; }",
		    "no such group" },
		{ "{ address = \"unix:/x\"; mode = \"0999\"; }", "octal" },
		{ "{ address = \"127.0.0.1:1\"; from = [ \"1.2.3.4/8\" ]; }",
		    "beyond its prefix" },
		{ "{ address = \"127.0.0.1:1\"; hosts = [ \"a/b\" ]; }",
		    "has a path: only the host belongs here" },
		{ "{ address = \"127.0.0.1:1\"; hosts = [ \"10.1.2.3/8\" ]; }",
		    "beyond its prefix" },
		{ "{ address = \"127.0.0.1:1\"; }, "
		    "{ address = \"127.0.0.1:1\"; name = \"x\"; }",
		    "is taken by another listener" },
		{ "{ address = \"0.0.0.0:1\"; nonlocal = true; }, "
		    "{ address = \"127.0.0.1:1\"; }", "127.0.0.1:1 is taken "
		    "by another listener, 0.0.0.0:1, at main:2" },
		{ "{ address = \"127.0.0.1:1\"; }, "
		    "{ address = \"0.0.0.0:1\"; nonlocal = true; }",
		    "0.0.0.0:1 is taken by another listener, 127.0.0.1:1, "
		    "at main:2" },
		{ "{ address = \"[::1]:1\"; }, "
		    "{ address = \"[::]:1\"; nonlocal = true; }",
		    "[::]:1 is taken by another listener, [::1]:1" },
		{ "{ address = \"[::1]:1\"; }, { name = \"x\"; address = "
		    "\"[0:0:0:0:0:0:0:1]:0001\"; }",
		    "[::1]:1 is taken by another listener, at main:2" },
		{ "{ address = \"fd:x\"; }, { name = \"x\"; "
		    "address = \"fd:x\"; }", "is taken by another listener" },
		{ "{ name = \"x\"; address = \"127.0.0.1:1\"; }, "
		    "{ name = \"x\"; address = \"127.0.0.1:2\"; }",
		    "there is a listener 'x' already, at main:2" },
		{ "{ name = \"a b\"; address = \"127.0.0.1:1\"; }",
		    "a name is made of" },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_one(cases[i].listener, UPSTREAM, ROUTE, "", 2,
		    cases[i].what);
	assert_good("{ name = \"a\"; address = \"127.0.0.1:0\"; }, "
	    "{ name = \"b\"; address = \"127.0.0.1:0\"; }", UPSTREAM, ROUTE,
	    "");
	assert_good("{ address = \"fd:x\"; users = [ \"root\" ]; }", UPSTREAM,
	    ROUTE, "");
	/* Sockets for IPv6 are for IPv6 only, and ports are as many. */
	assert_good("{ address = \"[::]:1\"; nonlocal = true; }, "
	    "{ address = \"0.0.0.0:1\"; nonlocal = true; }, "
	    "{ address = \"127.0.0.1:2\"; }, { address = \"[::1]:2\"; }, "
	    "{ address = \"127.0.0.2:2\"; }", UPSTREAM, ROUTE, "");
}

static void
an_admin_listener_is_a_listener_with_fewer_options(void **state)
{
	static const struct {
		const char *more, *what;
	} cases[] = {
		{ "admin = { };", "'address' is missing (admin listener)" },
		{ "admin = 1;", "'admin' must be a group, { ... }, or a list" },
		{ "admin = ( );", "'admin' is empty: at least one admin "
		    "listener" },
		{ "admin = ( 1 );", "each admin listener must be a group" },
		{ "admin = { address = \"unix:/a\"; name = \"a\"; };",
		    "option 'name' has no place here (admin listener)" },
		{ "admin = { address = \"unix:/a\"; browsers = true; };",
		    "option 'browsers' has no place here" },
		{ "admin = { address = \"0.0.0.0:1\"; };",
		    "say 'nonlocal = true'" },
		{ "admin = { address = \"127.0.0.1:1\"; mode = \"0600\"; };",
		    "'mode' needs a Unix socket" },
		{ "admin = { address = \"127.0.0.1:1\"; users = [ \"root\" "
		    "]; };", "'users' needs a Unix socket" },
		{ "admin = { address = \"unix:/a\"; from = [ \"::1\" ]; };",
		    "'from' needs a listener on TCP" },
		{ "admin = { address = [ ]; };",
		    "option 'address' is empty: name at least one" },
		{ "admin = { address = [ \"unix:/a\", \"x\" ]; };",
		    "option 'address': \"x\": " },
		{ "admin = { address = [ \"unix:/a\", \"127.0.0.1:1\" ]; "
		    "users = [ \"root\" ]; };",
		    "'users' needs a Unix socket" },
		{ "admin = ( { address = \"unix:/a\"; }, "
		    "{ address = \"unix:/a\"; } );",
		    "unix:/a is taken by another listener, at main:5" },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_one(LISTENER, UPSTREAM, ROUTE, cases[i].more, 5,
		    cases[i].what);
	assert_one("{ address = \"127.0.0.1:1\"; }", UPSTREAM, ROUTE,
	    "admin = { address = \"127.0.0.1:1\"; };", 5,
	    "127.0.0.1:1 is taken by another listener, at main:2");
}

static void
one_admin_listener_needs_no_list(void **state)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct conf *c = load(LISTENER, UPSTREAM, ROUTE,
	    "admin = { address = \"unix:/a\"; };", &diagnostics);

	(void)state;
	assert_non_null(c);
	assert_int_equal(c->n_listeners, 1);
	assert_int_equal(c->n_admin, 1);
	assert_string_equal(c->admin[0].name, "unix:/a");
	assert_int_equal(c->admin[0].mode, 0600);
	assert_true(c->admin[0].any_host);
	conf_free(c);
	c = load(LISTENER, UPSTREAM, ROUTE, "admin = ( { address = "
	    "\"unix:/a\"; users = [ \"root\" ]; mode = \"0666\"; }, "
	    "{ address = \"127.0.0.1:0\"; }, { address = \"127.0.0.1:0\"; "
	    "hosts = [ \"host.example\" ]; from = [ \"127.0.0.0/8\" ]; } );",
	    &diagnostics);
	assert_non_null(c);
	assert_int_equal(c->n_admin, 3);
	assert_true(conf_ids_have(&c->admin[0].users, 0));
	assert_int_equal(c->admin[1].hosts.n, 3);
	assert_false(c->admin[1].any_host);
	assert_int_equal(c->admin[1].upstream_hosts.n, 0);
	assert_int_equal(c->admin[2].hosts.n, 1);
	assert_int_equal(c->admin[2].n_from, 1);
	conf_free(c);
	conf_diagnostics_free(&diagnostics);
}

static void
one_admin_group_may_have_several_addresses(void **state)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct conf *c = load(LISTENER, UPSTREAM, ROUTE, "admin = { "
	    "address = [ \"127.0.0.1:0\", \"unix:/a\", \"[::1]:0\" ]; "
	    "mode = \"0660\"; hosts = [ \"h\" ]; };", &diagnostics);

	(void)state;
	assert_non_null(c);
	assert_int_equal(diagnostics.n, 0);
	assert_int_equal(c->n_admin, 3);
	assert_string_equal(c->admin[0].name, "127.0.0.1:0");
	assert_string_equal(c->admin[1].name, "unix:/a");
	assert_int_equal(c->admin[1].mode, 0660);
	assert_string_equal(c->admin[2].name, "[::1]:0");
	assert_string_equal(c->admin[2].hosts.v[0], "h");
	conf_free(c);
	conf_diagnostics_free(&diagnostics);
}

static void
an_upstream_that_cannot_be_meant_is_a_fault(void **state)
{
	static const struct {
		const char *upstream, *what;
	} cases[] = {
		{ "{ url = \"http://api.example.com\"; }", "must be https" },
		{ "{ url = \"https://api.example.com/api\"; }",
		    "without a path" },
		{ "{ url = \"https://me:secret@api.example.com\"; }",
		    "user name or password" },
		{ "{ name = \"u\"; }", "'url' is missing (upstream)" },
		{ "{ url = \"https://api.example.com\"; pins = [ \"x\" ]; }",
		    "not a pin" },
		{ "{ url = \"https://api.example.com\"; "
		    "connect_to = \"127.0.0.1\"; }", "a port is missing" },
		{ "{ url = \"https://api.example.com\"; min_tls = \"1.1\"; }",
		    "not one of 1.2|1.3" },
		{ "{ url = \"https://api.example.com\"; "
		    "timeouts = { conect = \"1s\"; }; }",
		    "did you mean 'connect'?" },
		{ "{ url = \"https://api.example.com\"; "
		    "max_connections = 0; }", "out of range" },
		{ "{ name = \"u\"; url = \"https://api.example.com\"; "
		    "max_connections = 4294967296; }", "too large" },
		{ "{ url = \"https://api.example.com\"; max_age = \"0s\"; }",
		    "out of range" },
		{ "{ url = \"https://api.example.com\"; max_age = \"31d\"; }",
		    "out of range" },
		{ "{ url = \"https://api.example.com\"; max_age = \"1\"; }",
		    "not a time" },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_one(LISTENER, cases[i].upstream, ROUTE, "", 3,
		    cases[i].what);
}

#define BY_PROXY(options) \
	"{ url = \"https://api.example.com\"; " options " }"

static void
a_proxy_that_cannot_be_meant_is_a_fault(void **state)
{
	static const struct {
		const char *upstream, *what;
	} cases[] = {
		{ BY_PROXY("proxy = \"x\";"), "must begin with http://" },
		{ BY_PROXY("proxy = \"https://x\";"), "a port is missing" },
		{ BY_PROXY("proxy = \"http://x:1\"; "
		    "proxy_ca_file = \"/dev/null\";"), "'proxy_ca_file' needs "
		    "a 'proxy' that begins with https://" },
		{ BY_PROXY("proxy_ca_file = \"/dev/null\";"), "'proxy_ca_file' "
		    "needs a 'proxy' that begins with https://" },
		{ BY_PROXY("proxy = \"http://x\";"), "a port is missing" },
		{ BY_PROXY("proxy = \"http://x:0\";"), "the port must be" },
		{ BY_PROXY("proxy = \"http://x:1/y\";"), "without a path" },
		{ BY_PROXY("proxy = \"http://u:p@x:1\";"),
		    "name that in 'proxy_key'" },
		{ BY_PROXY("proxy = 1;"), "'proxy' must be a URL such as" },
		{ BY_PROXY("proxy = \"http://x:1\"; proxy_key = \"c\";"),
		    "there is no key 'c'" },
		{ BY_PROXY("proxy_key = \"a\";"),
		    "'proxy_key' needs 'proxy'" },
		{ BY_PROXY("proxy = \"http://other.example:1\"; "
		    "proxy_key = \"b\";"), "key 'b' would go to the proxy in "
		    "the clear: it does not say plain = true, at sealed:4" },
		{ BY_PROXY("timeouts = { tunnel = \"0s\"; };"),
		    "out of range" },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_one(LISTENER, cases[i].upstream, ROUTE, "", 3,
		    cases[i].what);
}

static void
a_password_in_a_url_is_not_repeated(void **state)
{
	struct conf_diagnostics diagnostics;

	(void)state;
	assert_null(load(LISTENER,
	    "{ url = \"https://me:hunter2@api.example.com\"; }", ROUTE, "",
	    &diagnostics));
	assert_int_equal(texts_count(&diagnostics, "hunter2"), 0);
	conf_diagnostics_free(&diagnostics);
}

static void
a_route_that_cannot_be_meant_is_a_fault(void **state)
{
	static const struct {
		const char *route, *what;
	} cases[] = {
		{ "{ keys = [ \"a\" ]; }", "'name' is missing (route)" },
		{ "{ name = \"r\"; }", "'keys' is missing (route)" },
		{ "{ name = \"r\"; keys = []; }", "'keys' is empty" },
		{ "{ name = \"r\"; keys = [ \"c\" ]; }",
		    "there is no key 'c'" },
		{ "{ name = \"r\"; keys = [ \"a\", \"a\" ]; }",
		    "'a' is listed twice" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; listener = \"x\"; }",
		    "there is no listener 'x'" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; "
		    "listeners = [ \"l\", \"x\" ]; }",
		    "there is no listener 'x'" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; listener = \"l\"; "
		    "listeners = [ \"l\" ]; }", "either 'listener' or" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; upstream = \"uu\"; }",
		    "there is no upstream 'uu' (did you mean 'u'?)" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; path = \"x\"; }",
		    "must begin with '/'" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; strip = true; }",
		    "'strip' needs a 'path'" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; burst = 2; }",
		    "'burst' needs a 'rate'" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; rate = \"1/s\"; "
		    "client_burst = 2; }",
		    "'client_burst' needs a 'client_rate'" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; rate = \"5\"; }",
		    "\"5\": not a rate" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; rate = 5; }",
		    "must be a rate such as \"50/s\"" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; concurrency = 0; }",
		    "out of range (1 to 1000000)" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; "
		    "path = \"x\"; strip = true; }", "must begin" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; methods = [ \"get\" ]; }",
		    "upper case" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; methods = [ \"*\" ]; }",
		    "is no method; leave 'methods' out" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; "
		    "methods = [ \"GET,POST\" ]; }", "must be one word" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; path = \"/a?b\"; }",
		    "must be a path without query" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; client_key = \"a b\"; }",
		    "must be made of" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; "
		    "users = [ \"root\" ]; }", "'users' can never hold" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; "
		    "groups = [ \"root\" ]; }", "'groups' can never hold" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; users = [ \"root\" ]; "
		    "from = [ \"::1\" ]; }",
		    "'from' can never hold beside 'users'" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; "
		    "certificate = [ \"dns:ci\" ]; }",
		    "'certificate' can never hold: none of the route's" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; "
		    "certificate = [ \"ci\" ]; }",
		    "must begin with spiffe:// or dns:" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; "
		    "certificate = [ \"spiffe://corp/team-*\" ]; }",
		    "stands for a whole segment" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; certificate = []; }",
		    "'certificate' is empty" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; "
		    "from = [ \"192.0.2.1/24\" ]; }",
		    "bits set beyond its prefix" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; from = [ ]; }",
		    "'from' is empty" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; "
		    "host = \"x.example\"; }", "'host' can never hold" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; pass = [ \"Accept\" ]; }",
		    "\"Accept\": only these may pass: Cookie" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; "
		    "pass = [ \"Cookie\", \"X_Found_Cluster\" ]; }",
		    "only these may pass" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; "
		    "pass = [ \"Authorization\" ]; }", "only these may pass" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; pass = [ \"\" ]; }",
		    "only these may pass" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; pass = []; }",
		    "'pass' is empty" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; pass = \"Cookie\"; }",
		    "'pass' must be a list" },
		{ "{ name = \"r\"; keys = [ \"a\" ]; host = \"x:1\"; }",
		    "has a port: only the host belongs here" },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_one(LISTENER, UPSTREAM, cases[i].route, "", 4,
		    cases[i].what);
	assert_one(LISTENER, UPSTREAM ", { name = \"v\"; "
	    "url = \"https://other.example\"; }", ROUTE, "", 4,
	    "'upstream' is missing (route): there is more than one");
	assert_one(LISTENER, UPSTREAM, "{ name = \"r\"; path = \"/x\"; "
	    "keys = [ \"b\" ]; }, " ROUTE, "", 4,
	    "there is a route 'r' already");
	assert_one(LISTENER, "{ url = \"https://api.example.com\"; }, "
	    "{ url = \"https://API.example.com:1\"; }", "{ name = \"r\"; "
	    "upstream = \"api.example.com\"; keys = [ \"a\" ]; }", "", 3,
	    "there is an upstream 'api.example.com' already, at main:3");
}

static void
what_looks_like_a_real_key_is_not_repeated(void **state)
{
	struct conf_diagnostics diagnostics;

	(void)state;
	assert_null(load(LISTENER, UPSTREAM, "{ name = \"r\"; "
	    "keys = [ \"a\" ]; client_key = \"essu_abcdef\"; }", "",
	    &diagnostics));
	assert_int_equal(texts_count(&diagnostics, "looks like a real key"), 1);
	assert_int_equal(texts_count(&diagnostics, "abcdef"), 0);
	conf_diagnostics_free(&diagnostics);
}

static void
a_key_for_another_host_is_a_fault(void **state)
{
	(void)state;
	assert_one(LISTENER, "{ name = \"u\"; url = \"https://other.example\";"
	    " }", ROUTE, "", 4, "key 'a' is not sealed for 'other.example', "
	    "the host of upstream 'u': its 'hosts', at sealed:3,");
	assert_one(LISTENER, "{ name = \"u\"; "
	    "url = \"https://api.example.com.evil.example\"; }", ROUTE, "", 4,
	    "is not sealed for");
	assert_one(LISTENER, "{ name = \"u\"; url = \"https://example.com\"; "
	    "connect_to = \"api.example.com:443\"; }", ROUTE, "", 4,
	    "is not sealed for");
}

/* One fault of a key, with this text, that does not show its value. */
static void
assert_key_fault(const char *key, unsigned line, const char *what)
{
	char *text = main_text(LISTENER, UPSTREAM, ROUTE, "");
	char *sealed = xasprintf("keys = (\n %s );", key);
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct conf *c = texts_load(text, sealed, &diagnostics);

	if (c != NULL || diagnostics.n == 0 || diagnostics.v[0].line != line ||
	    strstr(diagnostics.v[0].text, what) == NULL || diagnostics.n != 1) {
		conf_diagnostics_print(&diagnostics, stderr);
		fail_msg("expected 'sealed:%u: %s' alone", line, what);
	}
	assert_int_equal(texts_count(&diagnostics, "QQ"), 0);
	assert_int_equal(texts_count(&diagnostics, "UVFR"), 0);
	conf_diagnostics_free(&diagnostics);
	free(sealed);
	free(text);
}

/* "QQQQQQQQ:QQQQQQQQ" in base64. */
#define QQ "value = \"UVFRUVFRUVE6UVFRUVFRUVE=\""

#define HOSTS "hosts = [ \"api.example.com\" ]; "

static void
a_key_that_cannot_be_sent_is_a_fault_and_not_shown(void **state)
{
	static const struct {
		const char *key, *what;
	} cases[] = {
		{ "{ name = \"a\"; " HOSTS "value = \"QQ Q\"; }",
		    "the value of key 'a' holds a space" },
		{ "{ name = \"a\"; " HOSTS "value = \"QQ\\n\"; }",
		    "the end of a line" },
		{ "{ name = \"a\"; " HOSTS "value = \"QQ\\r\"; }",
		    "the end of a line" },
		{ "{ name = \"a\"; " HOSTS "value = \"QQ\\x00Q\"; }",
		    "holds a NUL" },
		{ "{ name = \"a\"; " HOSTS "value = \"QQ\xc3\xa4\"; }",
		    "not ASCII" },
		{ "{ name = \"a\"; " HOSTS "value = \"\"; }", "is empty" },
		{ "{ name = \"a\"; " HOSTS "value = 5; }", "must be a text" },
		{ "{ name = \"a\"; " HOSTS "}", "'value' is missing (key)" },
		{ "{ name = \"a\"; " QQ "; }",
		    "'hosts' is missing (key)" },
		{ "{ name = \"a\"; hosts = []; " QQ "; }",
		    "'hosts' is empty" },
		{ "{ name = \"a\"; hosts = [ \"*.example.com\" ]; "
		    QQ "; }", "has a '*'" },
		{ "{ name = \"a\"; hosts = [ \"api.example.com:443\" ]; "
		    QQ "; }", "has a port" },
		{ "{ name = \"a\"; " HOSTS QQ "; "
		    "scheme = \"Api Key\"; }", "must be one word" },
		{ "{ name = \"a\"; " HOSTS QQ "; "
		    "field = \"X Key\"; }", "must be one word" },
		{ "{ name = \"a\"; " HOSTS QQ "; "
		    "field = \"\"; }", "must not be empty" },
		{ "{ name = \"a\"; " HOSTS QQ "; "
		    "field = \"content_type\"; }", "cannot stand in this" },
		{ "{ name = \"a\"; " HOSTS QQ "; "
		    "field = \"essu_QQ\"; }", "looks like a key itself" },
		{ "{ name = \"a\"; " HOSTS QQ "; "
		    "expires = \"soon\"; }", "not a time" },
		{ "{ name = \"a\"; " HOSTS QQ "; "
		    "created = \"soon\"; }", "not a time" },
		{ "{ name = \"a\"; " HOSTS "vale = \"QQ\"; "
		    QQ "; }", "unknown option 'vale'" },
		{ "{ name = \"a\"; " HOSTS QQ "; }, "
		    "{ name = \"a\"; " HOSTS "value = \"UlJSUlJSUlI6UlJSUlJSUlI=\"; }",
		    "there is a key 'a' already, at sealed:2" },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_key_fault(cases[i].key, 2, cases[i].what);
}

/* As a pattern it would mean what the path means without it. */
static void
a_star_at_the_end_of_a_path_is_warned_of(void **state)
{
	char *text = main_text(LISTENER, UPSTREAM, "{ name = \"r\"; "
	    "keys = [ \"a\" ]; path = \"/api/*\"; }", "");
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct conf *c = texts_load(text, "keys = ( { name = \"a\"; " HOSTS
	    QQ "; } );", &diagnostics);

	(void)state;
	assert_non_null(c);
	assert_int_equal(diagnostics.n, 1);
	assert_true(diagnostics.v[0].warning);
	assert_string_equal(diagnostics.v[0].text,
	    "option 'path': the '*' stands "
	    "for itself; without it '/api/' holds for all below it");
	conf_free(c);
	conf_diagnostics_free(&diagnostics);
	free(text);
}

static void
a_key_may_have_a_field_and_a_route_let_fields_pass(void **state)
{
	static const char sealed[] = "keys = ( { name = \"a\"; " HOSTS
	    QQ "; field = \"X-Api-Key\"; },\n"
	    "{ name = \"b\"; " HOSTS "value = \"UlJSUlJSUlI6UlJSUlJSUlI=\"; "
	    "field = \"X-Auth\"; scheme = \"Token\"; },\n"
	    "{ name = \"c\"; " HOSTS "value = \"U1NTU1NTU1M6U1NTU1NTU1M=\"; "
	    "field = \"authorization\"; } );";
	char *text = main_text(LISTENER, "{ name = \"u\"; url = "
	    "\"https://api.example.com\"; accept_encoding = \"identity\"; }",
	    "{ name = \"r\"; keys = [ \"a\", \"b\", \"c\" ]; "
	    "pass = [ \"cookie\", \"X-FOUND-Cluster\" ]; }", "");
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct conf *c = texts_load(text, sealed, &diagnostics);

	(void)state;
	assert_non_null(c);
	assert_int_equal(diagnostics.n, 0);
	assert_int_equal(c->routes[0].pass.n, 2);
	assert_int_equal(c->routes[0].pass.v[0], FIELD_COOKIE);
	assert_int_equal(c->routes[0].pass.v[1], FIELD_X_FOUND_CLUSTER);
	assert_int_equal(c->upstreams[0].accept_encoding,
	    CONF_ENCODING_IDENTITY);
	assert_string_equal(conf_key_field(&c->keys[0]), "X-Api-Key");
	assert_string_equal(conf_key_scheme(&c->keys[0]), "");
	assert_string_equal(conf_key_scheme(&c->keys[1]), "Token");
	assert_string_equal(conf_key_field(&c->keys[2]), "Authorization");
	assert_string_equal(conf_key_scheme(&c->keys[2]), "ApiKey");
	conf_free(c);
	free(text);
	conf_diagnostics_free(&diagnostics);
}

static void
a_field_that_a_key_stands_in_cannot_pass(void **state)
{
	static const char sealed[] = "keys = ( { name = \"a\"; " HOSTS
	    QQ "; field = \"X_Found_Cluster\"; } );";
	char *text = main_text(LISTENER, UPSTREAM, "{ name = \"r\"; "
	    "keys = [ \"a\" ]; pass = [ \"X-Found-Cluster\" ]; }", "");
	struct conf_diagnostics diagnostics = { .n = 0 };

	(void)state;
	assert_null(texts_load(text, sealed, &diagnostics));
	assert_int_equal(diagnostics.n, 1);
	assert_int_equal(diagnostics.v[0].line, 4);
	assert_int_equal(texts_count(&diagnostics,
	    "'X-Found-Cluster' is the field of key 'a'"), 1);
	free(text);
	conf_diagnostics_free(&diagnostics);
}

/* Warnings of these texts, one each, and no fault. */
static void
assert_warned(const char *keys, const char *const *expected, size_t n)
{
	char *text = main_text(LISTENER, UPSTREAM, ROUTE, "");
	char *sealed = xasprintf("keys = (\n%s );", keys);
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct conf *c = texts_load(text, sealed, &diagnostics);

	if (c == NULL || diagnostics.n != n)
		conf_diagnostics_print(&diagnostics, stderr);
	assert_non_null(c);
	assert_int_equal(diagnostics.n, n);
	assert_int_equal(diagnostics.n_errors, 0);
	for (size_t i = 0; i < n; i++)
		assert_non_null(strstr(diagnostics.v[i].text, expected[i]));
	assert_int_equal(texts_count(&diagnostics, "UVFR"), 0);
	assert_int_equal(texts_count(&diagnostics, "QUJD"), 0);
	conf_free(c);
	conf_diagnostics_free(&diagnostics);
	free(sealed);
	free(text);
}

#define KEY(name, more) "{ name = \"" name "\"; " HOSTS more " }"

static void
what_is_odd_about_a_key_is_a_warning_only(void **state)
{
	static const struct {
		const char *keys, *expected[2];
		size_t n;
	} cases[] = {
		{ KEY("a", QQ "; expires = \"2999-01-01\"; "
		    "created = \"2026-11-25\";"), { NULL }, 0 },
		{ KEY("a", "value = \"essu_QUJD\"; expires = \"2020-01-01\";"),
		    { "key 'a' looks mistyped", "key 'a' has expired" }, 2 },
		{ KEY("a", "value = \"QUJDREVG\";"),
		    { "key 'a' does not look like a key" }, 1 },
		{ KEY("a", "value = \"'QUJDREVG'\"; scheme = \"Bearer\";"),
		    { "key 'a' has quotes around its value" }, 1 },
		{ KEY("a", "value = \"QUJDREVG\"; scheme = \"Bearer\";"),
		    { NULL }, 0 },
		{ KEY("a", QQ "; created = \"2999-01-01\";"),
		    { "created at a time that is yet to come" }, 1 },
		{ KEY("a", QQ "; created = \"2026-01-02\"; "
		    "expires = \"2026-01-01\";"), {
		    "created when it had expired already", "has expired" },
		    2 },
		{ KEY("a", QQ ";") ",\n" KEY("b", QQ ";") ",\n"
		    KEY("c", QQ ";"), { "key 'b' has the same value as key "
		    "'a', at sealed:2", "key 'c' has the same value as key "
		    "'a', at sealed:2" }, 2 },
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_warned(cases[i].keys, cases[i].expected, cases[i].n);
}

/* The later of two ends, and the earlier of two beginnings. */
static void
names_of_one_value_have_one_life(void **state)
{
	static const char sealed[] = "keys = (\n"
	    KEY("a", QQ "; expires = \"2126-12-01\"; "
		"created = \"2026-01-02\";") ",\n"
	    KEY("b", QQ ";") ",\n"
	    KEY("c", QQ "; expires = \"2127-11-30T00:00:00Z\"; "
		"created = \"2026-01-01\";") ",\n"
	    KEY("other", "value = \"QUJDREVG\"; scheme = \"Bearer\"; "
		"expires = \"2126-01-01\";") ");";
	char *text = main_text(LISTENER, UPSTREAM, ROUTE, "");
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct conf *c = texts_load(text, sealed, &diagnostics);

	(void)state;
	assert_non_null(c);
	assert_int_equal(c->n_keys, 4);
	for (size_t i = 0; i < 3; i++) {
		assert_true(c->keys[i].expires == INT64_C(4983206400));
		assert_true(c->keys[i].created == INT64_C(1767225600));
	}
	assert_true(c->keys[3].expires == INT64_C(4922899200));
	assert_true(c->keys[3].created == CONF_NO_TIME);
	assert_int_equal(diagnostics.n, 3);
	assert_string_equal(diagnostics.v[0].text, "key 'a' expires at "
	    "2126-12-01T00:00:00Z, and its value at 2127-11-30T00:00:00Z by "
	    "key 'c', at sealed:4: the later one counts for both, unless the "
	    "API says otherwise");
	assert_int_equal(diagnostics.v[0].line, 2);
	assert_int_equal(texts_count(&diagnostics, "has the same value"), 2);
	conf_free(c);
	conf_diagnostics_free(&diagnostics);
	free(text);
}

/* It has not, by another name; where it has, each name that says so is told. */
static void
a_value_has_expired_once_its_last_end_is_over(void **state)
{
	static const char *const none[] = { "key 'a' expires at "
	    "2020-01-01T00:00:00Z, and its value at", "key 'b' has the same" };
	static const char *const both[] = { "key 'a' has expired",
	    "key 'b' has the same value", "key 'b' has expired" };

	(void)state;
	assert_warned(KEY("a", QQ "; expires = \"2020-01-01\";") ",\n"
	    KEY("b", QQ "; expires = \"2999-01-01\";"), none, 2);
	assert_warned(KEY("a", QQ "; expires = \"2020-01-01\";") ",\n"
	    KEY("b", QQ "; expires = \"2020-01-01\";"), both, 3);
}

static void
a_digest_that_is_none_is_a_fault_and_not_shown(void **state)
{
	char *text = main_text(LISTENER, UPSTREAM, ROUTE, "");
	struct conf_diagnostics diagnostics = { .n = 0 };

	(void)state;
	assert_null(texts_load(text, "keys = ( { name = \"a\"; "
	    HOSTS QQ "; } ); clients = (\n"
	    "{ name = \"x\"; sha256 = \"0011\"; },\n"
	    "{ name = \"y\"; sha256 = \"zz112233445566778899aabbccddeeff"
	    "00112233445566778899aabbccddeeff\"; } );", &diagnostics));
	assert_int_equal(diagnostics.n, 2);
	assert_string_equal(diagnostics.v[0].text,
	    "option 'sha256': too few or "
	    "too many hexadecimal digits");
	assert_int_equal(diagnostics.v[0].line + 1, diagnostics.v[1].line);
	assert_string_equal(diagnostics.v[1].text, "option 'sha256': not "
	    "hexadecimal digits");
	conf_diagnostics_free(&diagnostics);
	free(text);
}

static void
a_sealed_file_holds_nothing_but_keys_and_clients(void **state)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	char *text = main_text(LISTENER, UPSTREAM, ROUTE, "");

	(void)state;
	assert_null(texts_load(text, "routes = ( );", &diagnostics));
	assert_int_equal(texts_count(&diagnostics,
	    "option 'routes' has no place"),
	    1);
	conf_diagnostics_free(&diagnostics);
	assert_null(texts_load(text, "@include \"x\"\n", &diagnostics));
	assert_int_equal(texts_count(&diagnostics, "cannot use @include"), 1);
	conf_diagnostics_free(&diagnostics);
	free(text);
}

static void
keys_that_could_not_be_read_are_not_missed(void **state)
{
	char *text = main_text(LISTENER, UPSTREAM, ROUTE, "");
	struct conf_diagnostics diagnostics = { .n = 0 };

	(void)state;
	conf_free(texts_load(text, NULL, &diagnostics));
	assert_int_equal(diagnostics.n, 0);
	conf_diagnostics_free(&diagnostics);
	free(text);
}

static void
ten_mistakes_are_ten_faults_in_their_order(void **state)
{
	static const char text[] =
	    "sealed = [ \"x\" ];\n"
	    "wrokers = 3;\n"					/* 2 */
	    "listeners = (\n"
	    "  { name = \"l\"; address = \"127.0.0.1:99999\"; },\n"	/* 4 */
	    "  { name = \"l\"; address = \"127.0.0.1:1\"; },\n"		/* 5 */
	    "  { name = \"m\"; address = \"0.0.0.0:0\"; }\n"		/* 6 */
	    ");\n"
	    "upstreams = (\n"
	    "  { name = \"u\"; url = \"https://api.example.com\"; },\n"
	    "  { name = \"v\"; url = \"http://api.example.com\"; }\n"	/* 10 */
	    ");\n"
	    "routes = (\n"
	    "  { name = \"a\"; upstream = \"x\"; path = \"/a\";\n"	/* 13 */
	    "    keys = [ \"a\" ]; },\n"
	    "  { name = \"b\"; upstream = \"u\"; path = \"/b\";\n"
	    "    keys = [ \"nope\" ]; },\n"				/* 16 */
	    "  { name = \"c\"; upstream = \"u\"; keys = [ \"a\" ];\n" /* 17 */
	    "    path = \"/b/c\"; },\n"
	    "  { name = \"d\"; upstream = \"u\"; keys = [ \"a\" ];\n"
	    "    path = \"/d\"; strip = \"yes\"; }\n"		/* 20 */
	    ");\n"
	    "limits = { head = \"many\"; };\n";				/* 22 */
	static const unsigned lines[] = { 2, 4, 5, 6, 10, 13, 16, 17, 20,
		22 };
	struct conf_diagnostics diagnostics = { .n = 0 };

	(void)state;
	assert_null(texts_load(text, sealed_text, &diagnostics));
	assert_int_equal(diagnostics.n, N(lines));
	for (size_t i = 0; i < diagnostics.n; i++) {
		assert_int_equal(diagnostics.v[i].line, lines[i]);
		assert_string_equal(diagnostics.v[i].file, "main");
	}
	conf_diagnostics_free(&diagnostics);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_least_configuration_gets_all_its_defaults),
		cmocka_unit_test(
		    any_host_is_the_default_where_a_unix_socket_may_be),
		cmocka_unit_test(
		    a_host_that_only_a_unix_socket_takes_is_warned_of),
		cmocka_unit_test(everything_that_is_said_is_kept),
		cmocka_unit_test(
		    an_option_that_is_not_known_or_not_there_yet_is_told_apart),
		cmocka_unit_test(
		    a_value_of_the_wrong_type_or_out_of_range_is_a_fault),
		cmocka_unit_test(a_listener_that_cannot_be_meant_is_a_fault),
		cmocka_unit_test(
		    an_admin_listener_is_a_listener_with_fewer_options),
		cmocka_unit_test(one_admin_listener_needs_no_list),
		cmocka_unit_test(one_admin_group_may_have_several_addresses),
		cmocka_unit_test(an_upstream_that_cannot_be_meant_is_a_fault),
		cmocka_unit_test(a_proxy_that_cannot_be_meant_is_a_fault),
		cmocka_unit_test(a_password_in_a_url_is_not_repeated),
		cmocka_unit_test(a_route_that_cannot_be_meant_is_a_fault),
		cmocka_unit_test(what_looks_like_a_real_key_is_not_repeated),
		cmocka_unit_test(a_key_for_another_host_is_a_fault),
		cmocka_unit_test(
		    a_key_that_cannot_be_sent_is_a_fault_and_not_shown),
		cmocka_unit_test(a_star_at_the_end_of_a_path_is_warned_of),
		cmocka_unit_test(
		    a_key_may_have_a_field_and_a_route_let_fields_pass),
		cmocka_unit_test(a_field_that_a_key_stands_in_cannot_pass),
		cmocka_unit_test(what_is_odd_about_a_key_is_a_warning_only),
		cmocka_unit_test(names_of_one_value_have_one_life),
		cmocka_unit_test(a_value_has_expired_once_its_last_end_is_over),
		cmocka_unit_test(
		    a_digest_that_is_none_is_a_fault_and_not_shown),
		cmocka_unit_test(
		    a_sealed_file_holds_nothing_but_keys_and_clients),
		cmocka_unit_test(keys_that_could_not_be_read_are_not_missed),
		cmocka_unit_test(ten_mistakes_are_ten_faults_in_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
