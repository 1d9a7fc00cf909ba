/*
 * What a daemon finds out before it listens.  Limits are set in processes of
 * their own, which are not root: root may lock as much as it likes.
 */
#include "daemon/preflight.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/secret.h"

#define NOBODY	65534

static char file[] = "main", name[] = "n", host[] = "api.test";
static char *files[] = { file };
static struct conf_upstream upstream;
static struct conf_key key;
static size_t route_keys[1];
static struct conf_route route;
static struct conf_listener listener;
static struct conf conf;
static struct conf_diagnostics diagnostics;
static struct sandbox_report report;

static int
setup(void **state)
{
	(void)state;
	upstream = (struct conf_upstream){
		.where = { "main", 5 },
		.name = name,
		.host = host,
		.connect_host = host,
		.roots = TEXT("no certificate"),
	};
	key = (struct conf_key){ .name = name,
	    .value = secret_copy("aaaaaaaaaaaaaaaa", 16) };
	route = (struct conf_route){ .name = name,
	    .keys = route_keys, .n_keys = 1 };
	conf = (struct conf){
		.file = file,
		.files = { files, 1 },
		.uid = CONF_NO_ID,
		.gid = CONF_NO_ID,
		.keys = &key,
		.n_keys = 1,
		.upstreams = &upstream,
		.n_upstreams = 1,
		.routes = &route,
		.listeners = &listener,
	};
	diagnostics = (struct conf_diagnostics){ .n = 0 };
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	conf_diagnostics_free(&diagnostics);
	secret_free(key.value);
	return 0;
}

/* How many say this at that line, as warnings or not. */
static size_t
count(const char *text, unsigned line, bool warning)
{
	size_t n = 0;

	for (size_t i = 0; i < diagnostics.n; i++)
		n += strstr(diagnostics.v[i].text, text) != NULL &&
		    diagnostics.v[i].line == line &&
		    diagnostics.v[i].warning == warning;
	return n;
}

static void
an_upstream_that_workers_would_fail_for_is_a_fault(void **state)
{
	(void)state;
	conf.n_routes = 1;
	preflight(&conf, &diagnostics, &report);
	assert_int_equal(count("ca_file holds no certificate", 5, false), 1);
}

static void
one_that_no_route_uses_is_none(void **state)
{
	(void)state;
	preflight(&conf, &diagnostics, &report);
	assert_int_equal(diagnostics.n_errors, 0);
}

/* -- memory -- */

/*
 * 0: in a process that may lock so many bytes this is said, or, text NULL,
 * nothing about memory.
 */
static int
preflight_within(rlim_t bytes, const char *text, unsigned line, bool warning)
{
	const struct rlimit limit = { bytes, bytes };
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (geteuid() == 0 && setresuid(NOBODY, NOBODY, NOBODY) != 0)
			_exit(77);
		if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0)
			_exit(77);
		preflight(&conf, &diagnostics, &report);
		if (text == NULL)
			_exit(count("option 'memory'", line, true) != 0 ||
			    count("option 'memory'", line, false) != 0);
		_exit(count(text, line, warning) != 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	return WEXITSTATUS(status);
}

#define TOO_LITTLE							\
	"option 'memory': keys cannot all be locked in memory and may be "\
	"paged out: that takes "

static void
keys_that_cannot_be_locked_are_a_warning(void **state)
{
	(void)state;
	assert_int_equal(preflight_within(0, TOO_LITTLE, 0, true), 0);
	conf.locking_where = (struct conf_where){ "main", 3 };
	assert_int_equal(preflight_within(0, TOO_LITTLE, 3, true), 0);
}

static void
and_a_fault_where_they_must_be(void **state)
{
	(void)state;
	conf.locking = CONF_LOCKING_REQUIRED;
	conf.locking_where = (struct conf_where){ "main", 3 };
	assert_int_equal(preflight_within(0, TOO_LITTLE, 3, false), 0);
}

/* What is looked for in responses takes some of it, and is made later. */
static void
what_workers_will_need_counts(void **state)
{
	size_t now = secret_memory().most;

	(void)state;
	assert_true(secret_memory_of_first(16) > 0);
	assert_int_equal(preflight_within(now, TOO_LITTLE, 0, true), 0);
}

static void
a_limit_that_will_do_is_no_reason_to_say_anything(void **state)
{
	(void)state;
	if (!secret_memory().locked)
		skip();
	assert_int_equal(preflight_within(64 << 20, NULL, 0, true), 0);
}

/* -- without listening -- */

static bool
is_ours(void *ctx, const struct holder *holder)
{
	(void)ctx;
	(void)holder;
	return false;
}

static void
sockets_are_tried_and_all_is_sorted(void **state)
{
	const struct sockets_asker asker = { is_ours, NULL };
	const char *why;

	(void)state;
	listener = (struct conf_listener){ .where = { "main", 2 },
	    .name = name };
	assert_true(addr_parse("192.0.2.1:1", &listener.address, &why));
	conf.n_listeners = conf.n_routes = 1;
	preflight_only(&conf, &asker, &diagnostics);
	assert_int_equal(count("this machine does not have", 2, false), 1);
	assert_int_equal(count("ca_file holds no certificate", 5, false), 1);
	for (size_t i = 1; i < diagnostics.n; i++)
		assert_true(diagnostics.v[i - 1].line <= diagnostics.v[i].line);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(an_upstream_that_workers_would_fail_for_is_a_fault),
		CASE(one_that_no_route_uses_is_none),
		CASE(keys_that_cannot_be_locked_are_a_warning),
		CASE(and_a_fault_where_they_must_be),
		CASE(what_workers_will_need_counts),
		CASE(a_limit_that_will_do_is_no_reason_to_say_anything),
		CASE(sockets_are_tried_and_all_is_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
