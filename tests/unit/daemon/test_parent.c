/*
 * The whole daemon in processes of its own, from a configuration on disk; the
 * test is its service manager and its clients.
 */
#include "daemon/parent.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "client/forward.h"
#include "net/listener.h"
#include "conf_files.h"
#include "process.h"

#define TWO_HOSTS	"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"
#define REFUSED		"HTTP/1.1 400 "
#define GET		"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"

struct fixture {
	char dir[32];
	struct addr address, of_upstream;
	int upstream_fd;
	char *conf;
	struct process daemon;
};

/* In the daemon: workers cannot set up what they share. */
static bool forward_fails;

struct forward *__real_forward_new(struct env *, struct stats *, char *why,
    size_t why_size);
struct forward *__wrap_forward_new(struct env *, struct stats *, char *why,
    size_t why_size);

struct forward *
__wrap_forward_new(struct env *env, struct stats *stats, char *why,
    size_t why_size)
{
	if (!forward_fails)
		return __real_forward_new(env, stats, why, why_size);
	(void)snprintf(why, why_size, "no luck today");
	return NULL;
}

static char *
path_of(const struct fixture *f, const char *name)
{
	return conf_files_path(f->dir, name);
}

static void
write_conf(const struct fixture *f, const char *more)
{
	char *text = xasprintf("identity = \"identity\";\n"
	    "sealed = [ \"*.age\" ];\nworkers = 2;\n"
	    "listeners = ( { address = \"unix:%s/socket\"; } );\n"
	    "upstreams = ( { url = \"https://api.test\"; "
	    "connect_to = \"127.0.0.1:%u\"; ca_file = \"ca\"; } );\n"
	    "routes = ( { name = \"r\"; keys = [ \"a\" ]; } );\n%s\n",
	    f->dir, (unsigned)addr_port(&f->of_upstream), more);

	conf_files_text(f->dir, "conf", text);
	free(text);
}

static void
listen_as_upstream(struct fixture *f)
{
	struct listener_conf conf = { .mode = 0 };
	const char *bad;
	char why[200];

	assert_true(addr_parse("127.0.0.1:0", &conf.address, &bad));
	f->upstream_fd = listener_open(&conf, &f->of_upstream, why,
	    sizeof(why));
	if (f->upstream_fd == -1)
		fail_msg("%s", why);
}

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	const char *bad;
	char *address;

	conf_files_make(f->dir);
	f->daemon.errors.fd = -1;
	listen_as_upstream(f);
	write_conf(f, "log = { access = \"./access\"; };");
	f->conf = path_of(f, "conf");
	address = xasprintf("unix:%s/socket", f->dir);
	assert_true(addr_parse(address, &f->address, &bad));
	free(address);
	forward_fails = false;
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	/* Its workers follow it; then nobody writes there any more. */
	if (f->daemon.pid != 0)
		kill(f->daemon.pid, SIGKILL);
	if (f->daemon.errors.fd != -1)
		heard_all(&f->daemon.errors);
	process_release(&f->daemon);
	if (f->upstream_fd != -1)
		close(f->upstream_fd);
	conf_files_remove(f->dir);
	free(f->conf);
	free(f);
	return 0;
}

static int
run(void *arg)
{
	const struct fixture *f = arg;
	const struct conf_opening opening = { .ask = NULL };

	close(f->upstream_fd);
	return parent_run(f->conf, &opening);
}

static void
start(struct fixture *f)
{
	process_start(&f->daemon, run, f);
	heard_expect(&f->daemon.errors, "ready\n");
}

static void
expect_refusal_to_start(struct fixture *f, const char *why)
{
	process_start(&f->daemon, run, f);
	heard_all(&f->daemon.errors);
	assert_int_equal(process_end(&f->daemon), 1);
	if (strstr(f->daemon.errors.text, why) == NULL)
		fail_msg("%s", f->daemon.errors.text);
	assert_null(strstr(f->daemon.errors.text, "ready\n"));
}

static void
signal_it(const struct fixture *f, int number)
{
	assert_int_equal(kill(f->daemon.pid, number), 0);
}

/* All of its processes end, and the first one says so. */
static void
expect_end(struct fixture *f)
{
	heard_all(&f->daemon.errors);
	assert_int_equal(process_end(&f->daemon), 0);
}

static void
be_refused(struct fixture *f)
{
	struct heard client;

	call(&client, &f->address, TWO_HOSTS);
	heard_expect(&client, REFUSED);
	heard_close(&client);
}

/* It is in that log. */
static bool
is_logged(const struct fixture *f, const char *name, const char *text)
{
	static char content[16384];
	char *path = path_of(f, name);
	FILE *file = fopen(path, "r");
	size_t n;

	free(path);
	if (file == NULL)
		return false;
	n = fread(content, 1, sizeof(content) - 1, file);
	(void)fclose(file);
	content[n] = '\0';
	return strstr(content, text) != NULL;
}

static bool
exists(const struct fixture *f, const char *name)
{
	char *path = path_of(f, name);
	bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

/* -- starting -- */

static void
it_serves_when_it_says_so_and_leaves_no_socket(void **state)
{
	struct fixture *f = *state;

	start(f);
	heard_expect(&f->daemon.errors, "listening on unix:");
	be_refused(f);
	signal_it(f, SIGTERM);
	expect_end(f);
	assert_non_null(strstr(f->daemon.errors.text,
	    "stopping: finishing what runs"));
	assert_null(strstr(f->daemon.errors.text, "\"log.level\":\"error\""));
	assert_false(exists(f, "socket"));
	assert_true(is_logged(f, "access", "\"status_code\":400"));
}

static void
what_cannot_be_loaded_is_said_with_its_line(void **state)
{
	struct fixture *f = *state;

	write_conf(f, "no_such_option = 1;");
	expect_refusal_to_start(f, "/conf:7: ");
	assert_false(exists(f, "socket"));
}

static void
so_is_a_log_that_cannot_be_opened(void **state)
{
	struct fixture *f = *state;

	write_conf(f, "log = { access = \"/proc/no/such/file\"; };");
	expect_refusal_to_start(f, "/conf:7: option 'access'");
	assert_false(exists(f, "socket"));
}

static void
and_an_address_that_is_in_use(void **state)
{
	struct fixture *f = *state;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, &f->address.sa, f->address.len), 0);
	assert_int_equal(listen(fd, 1), 0);
	expect_refusal_to_start(f, "/conf:4: listener unix:");
	assert_non_null(strstr(f->daemon.errors.text, "already in use"));
	assert_true(exists(f, "socket"));
	close(fd);
}

static void
where_a_worker_cannot_start_nothing_does(void **state)
{
	struct fixture *f = *state;

	forward_fails = true;
	expect_refusal_to_start(f, "sallyport: cannot start: no luck today");
	assert_false(exists(f, "socket"));
}

/* -- watching -- */

/* Those of its children that the kernel tells of. */
static pid_t
first_child(const struct fixture *f)
{
	char *path = xasprintf("/proc/%d/task/%d/children",
	    (int)f->daemon.pid, (int)f->daemon.pid);
	FILE *file = fopen(path, "r");
	int pid = 0;

	free(path);
	if (file == NULL)
		return 0;
	if (fscanf(file, "%d", &pid) != 1)
		pid = 0;
	(void)fclose(file);
	return pid;
}

static void
a_worker_that_dies_is_replaced(void **state)
{
	struct fixture *f = *state;
	pid_t child;
	char *end;

	start(f);
	child = first_child(f);
	if (child == 0)
		skip();
	assert_int_equal(kill(child, SIGKILL), 0);
	end = xasprintf("worker %d was ended by signal 9", (int)child);
	heard_expect(&f->daemon.errors, end);
	heard_expect(&f->daemon.errors, "the worker is replaced in 0 ms; "
	    "replaced so far: 1");
	for (unsigned i = 0; i < 10; i++)
		be_refused(f);
	free(end);
	signal_it(f, SIGTERM);
	expect_end(f);
}

static void
its_workers_do_not_outlive_it(void **state)
{
	struct fixture *f = *state;

	start(f);
	signal_it(f, SIGKILL);
	/* Until the last of them has closed it. */
	heard_all(&f->daemon.errors);
	assert_non_null(strstr(f->daemon.errors.text, "the parent is gone"));
	assert_int_equal(process_end(&f->daemon), -1);
}

/* -- stopping -- */

static void
a_stop_waits_for_what_runs(void **state)
{
	struct fixture *f = *state;
	struct heard client;
	int upstream;

	start(f);
	upstream = call_upstream(f->upstream_fd, &client, &f->address, GET);
	signal_it(f, SIGINT);
	heard_expect(&f->daemon.errors, "stopping: finishing what runs");
	/* Nobody else gets in meanwhile. */
	while (exists(f, "socket"))
		;
	close(upstream);
	close(f->upstream_fd);
	f->upstream_fd = -1;
	heard_expect(&client, "HTTP/1.1 502 ");
	heard_close(&client);
	expect_end(f);
	assert_true(is_logged(f, "access", "\"status_code\":502"));
}

static void
a_second_one_waits_for_nothing_and_writes_it_down(void **state)
{
	struct fixture *f = *state;
	struct heard client;
	int upstream;

	start(f);
	upstream = call_upstream(f->upstream_fd, &client, &f->address, GET);
	signal_it(f, SIGTERM);
	heard_expect(&f->daemon.errors, "stopping: finishing what runs");
	signal_it(f, SIGTERM);
	heard_expect(&f->daemon.errors, "stopping at once");
	expect_end(f);
	heard_all(&client);
	heard_close(&client);
	close(upstream);
	assert_true(is_logged(f, "access", "worker_stopped"));
}

/* -- other signals -- */

static void
the_log_is_opened_again_when_asked_to(void **state)
{
	struct fixture *f = *state;
	char *from = path_of(f, "access"), *to = path_of(f, "old");

	start(f);
	be_refused(f);
	assert_int_equal(rename(from, to), 0);
	signal_it(f, SIGUSR1);
	heard_expect(&f->daemon.errors, "the access log was reopened");
	assert_true(exists(f, "access"));
	signal_it(f, SIGTERM);
	expect_end(f);
	assert_true(is_logged(f, "old", "\"status_code\":400"));
	free(from);
	free(to);
}

static void
where_it_cannot_be_the_old_one_stays(void **state)
{
	struct fixture *f = *state;
	char *log = path_of(f, "access"), *old = path_of(f, "old");

	start(f);
	assert_int_equal(rename(log, old), 0);
	assert_int_equal(mkdir(log, 0700), 0);
	signal_it(f, SIGUSR1);
	heard_expect(&f->daemon.errors, "cannot reopen it: is a directory; "
	    "the old one stays");
	be_refused(f);
	signal_it(f, SIGTERM);
	expect_end(f);
	assert_true(is_logged(f, "old", "\"status_code\":400"));
	free(log);
	free(old);
}

/* -- reloading -- */

static void
a_reload_replaces_the_workers_and_keeps_the_socket(void **state)
{
	struct fixture *f = *state;
	struct heard client;
	int upstream;

	start(f);
	upstream = call_upstream(f->upstream_fd, &client, &f->address, GET);
	signal_it(f, SIGHUP);
	heard_expect(&f->daemon.errors, "reloaded: generation 2 serves");
	be_refused(f);
	close(upstream);
	close(f->upstream_fd);
	f->upstream_fd = -1;
	/* What ran when it was asked for ends where it began. */
	heard_expect(&client, "HTTP/1.1 502 ");
	heard_close(&client);
	signal_it(f, SIGTERM);
	expect_end(f);
	assert_null(strstr(f->daemon.errors.text, "\"log.level\":\"error\""));
}

static void
one_that_fails_is_told_with_its_line_and_changes_nothing(void **state)
{
	struct fixture *f = *state;

	start(f);
	write_conf(f, "no_such_option = 1;");
	signal_it(f, SIGHUP);
	heard_expect(&f->daemon.errors, "/conf:7: ");
	heard_expect(&f->daemon.errors, "was not reloaded");
	be_refused(f);
	signal_it(f, SIGTERM);
	expect_end(f);
	assert_false(exists(f, "socket"));
}

static void
the_second_configuration_decides_what_is_logged_where(void **state)
{
	struct fixture *f = *state;

	start(f);
	be_refused(f);
	write_conf(f, "log = { access = \"./other\"; };");
	signal_it(f, SIGHUP);
	heard_expect(&f->daemon.errors, "generation 2 serves");
	/* Until it hears of that, a worker of the first one takes clients. */
	do
		be_refused(f);
	while (!is_logged(f, "other", "\"status_code\":400"));
	signal_it(f, SIGTERM);
	expect_end(f);
	assert_true(is_logged(f, "access", "\"status_code\":400"));
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(it_serves_when_it_says_so_and_leaves_no_socket),
		CASE(what_cannot_be_loaded_is_said_with_its_line),
		CASE(so_is_a_log_that_cannot_be_opened),
		CASE(and_an_address_that_is_in_use),
		CASE(where_a_worker_cannot_start_nothing_does),
		CASE(a_worker_that_dies_is_replaced),
		CASE(its_workers_do_not_outlive_it),
		CASE(a_stop_waits_for_what_runs),
		CASE(a_second_one_waits_for_nothing_and_writes_it_down),
		CASE(the_log_is_opened_again_when_asked_to),
		CASE(where_it_cannot_be_the_old_one_stays),
		CASE(a_reload_replaces_the_workers_and_keeps_the_socket),
		CASE(one_that_fails_is_told_with_its_line_and_changes_nothing),
		CASE(the_second_configuration_decides_what_is_logged_where),
	};

	(void)unsetenv("CREDENTIALS_DIRECTORY");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
