/*
 * A worker in a process of its own; the test is its parent, its clients and
 * its upstream.
 */
#include "daemon/worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "daemon/control_channel.h"
#include "net/listener.h"
#include "../../lib/certs.h"
#include "process.h"

#define MINUTE_MS	60000
#define KEY		"the-value-of-the-key-that-nobody-may-see"

#define WHO_KNOWS	"GET /unknown HTTP/1.1\r\nHost: evil.test\r\n\r\n"
#define REFUSED		"HTTP/1.1 421 "
#define GET		"GET / HTTP/1.1\r\nHost: h\r\n\r\n"

static char host[] = "h", api[] = "127.0.0.1", name[] = "n";
static char *hosts[] = { host }, *key_hosts[] = { api };
static size_t first[] = { 0 };

struct fixture {
	struct conf_listener listener;
	struct conf_upstream upstream;
	struct conf_key key;
	struct conf_route route;
	struct conf conf;
	struct cert root;
	struct text roots;
	struct stats *stats;
	struct balance *balance;
	struct wakeups wakeups;
	struct addr address, of_upstream;
	int listener_fd, upstream_fd;
	int access_fd;			/* what the worker writes to */
	int ours, theirs;		/* ends of the control channel */
	rlim_t descriptors;		/* that it may open; 0: as we */
	struct heard access;
	struct process worker;
};

static int
listen_locally(struct addr *bound)
{
	struct listener_conf conf = { .mode = 0 };
	const char *bad;
	char why[200];
	int fd;

	assert_true(addr_parse("127.0.0.1:0", &conf.address, &bad));
	fd = listener_open(&conf, bound, why, sizeof(why));
	if (fd == -1)
		fail_msg("%s", why);
	return fd;
}

static void
make_conf(struct fixture *f)
{
	f->listener = (struct conf_listener){ .name = name,
	    .hosts = { hosts, 1 } };
	f->key = (struct conf_key){ .name = name, .hosts = { key_hosts, 1 },
	    .expires = CONF_NO_TIME,
	    .value = secret_copy(KEY, sizeof(KEY) - 1) };
	f->route = (struct conf_route){ .name = name, .client = CONF_NONE,
	    .keys = first, .n_keys = 1 };
	f->upstream = (struct conf_upstream){
		.name = name, .host = api, .authority = api,
		.connect_host = api,
		.port = addr_port(&f->of_upstream),
		.connect_port = addr_port(&f->of_upstream),
		.roots = f->roots,
		.max_connections = 2, .max_age = MINUTE_MS,
		.timeouts = { .connect = MINUTE_MS, .handshake = MINUTE_MS,
		    .response = MINUTE_MS, .body = MINUTE_MS,
		    .idle = MINUTE_MS },
	};
	f->conf = (struct conf){
		.workers = 1, .uid = CONF_NO_ID, .gid = CONF_NO_ID,
		.log = { .level = LOG_LEVEL_INFO },
		.timeouts = { .head = MINUTE_MS, .body = MINUTE_MS,
		    .idle = MINUTE_MS, .send = MINUTE_MS },
		.limits = { .head = 4096, .target = 1024, .trailers = 1024,
		    .fields = 20, .interim = 3, .clients = 100 },
		.listeners = &f->listener, .n_listeners = 1,
		.upstreams = &f->upstream, .n_upstreams = 1,
		.routes = &f->route, .n_routes = 1,
		.keys = &f->key, .n_keys = 1,
	};
}

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	int fds[2];

	cert_make_root(&f->root, "root");
	f->roots = cert_text(&f->root);
	f->listener_fd = listen_locally(&f->address);
	f->upstream_fd = listen_locally(&f->of_upstream);
	make_conf(f);
	f->stats = stats_new_alone(&f->conf);
	f->balance = balance_new(1, 1);
	assert_true(wakeups_open(&f->wakeups, 1));
	assert_true(control_open(&f->ours, &f->theirs));
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	f->access.fd = fds[0];
	f->access_fd = fds[1];
	f->worker.errors.fd = -1;
	*state = f;
	return 0;
}

static void
close_one(int *fd)
{
	if (*fd != -1)
		close(*fd);
	*fd = -1;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	process_release(&f->worker);
	heard_close(&f->access);
	close_one(&f->listener_fd);
	close_one(&f->upstream_fd);
	close_one(&f->access_fd);
	close_one(&f->ours);
	close_one(&f->theirs);
	wakeups_close(&f->wakeups);
	balance_free(f->balance);
	stats_free(f->stats);
	secret_free(f->key.value);
	cert_text_free(f->roots);
	cert_free(&f->root);
	free(f);
	return 0;
}

static int
run(void *arg)
{
	struct fixture *f = arg;
	const struct rlimit limit = { f->descriptors, f->descriptors };
	static _Atomic bool torn;
	const struct access_file log = { .fd = f->access_fd, .torn = &torn };
	const struct worker_conf conf = {
		.conf = &f->conf,
		.stats = f->stats,
		.balance = f->balance,
		.wakeups = &f->wakeups,
		.listeners = &f->listener_fd,
		.access = &log,
		.control = f->theirs,
	};

	close(f->ours);
	close(f->access.fd);
	close(f->upstream_fd);
	if (f->descriptors != 0 && setrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 99;
	return worker_run(&conf);
}

/* What it says first. */
static struct control_message
start(struct fixture *f)
{
	struct control_message m = { .fd = -1 };
	struct pollfd fd = { .fd = f->ours, .events = POLLIN };

	process_start(&f->worker, run, f);
	close_one(&f->theirs);
	close_one(&f->listener_fd);
	close_one(&f->access_fd);
	assert_int_equal(poll(&fd, 1, 30000), 1);
	assert_int_equal(control_receive(f->ours, &m), CONTROL_MESSAGE);
	return m;
}

static void
start_well(struct fixture *f)
{
	struct control_message m = start(f);

	if (m.kind != CONTROL_READY)
		fail_msg("%s", m.text);
	control_send(f->ours, CONTROL_SERVE, -1, NULL);
}

static void
stop(const struct fixture *f)
{
	assert_int_equal(kill(f->worker.pid, SIGTERM), 0);
}

static void
expect_end(struct fixture *f)
{
	int status = process_end(&f->worker);

	heard_all(&f->worker.errors);
	if (status != 0)
		fail_msg("status %d: %s", status, f->worker.errors.text);
}

/* Asks for something and hears that it is refused. */
static void
be_refused(struct fixture *f)
{
	struct heard client;

	call(&client, &f->address, WHO_KNOWS);
	heard_expect(&client, REFUSED);
	heard_close(&client);
}

/* One whose upstream was called and shakes no hands. */
/* -- serving -- */

static void
it_says_that_it_serves_and_does(void **state)
{
	struct fixture *f = *state;

	start_well(f);
	be_refused(f);
	heard_expect(&f->access, "\"status_code\":421");
	assert_int_equal(stats_requests(f->stats), 1);
	stop(f);
	expect_end(f);
	assert_string_equal(f->worker.errors.text, "");
}

static void
it_takes_no_clients_before_it_is_told_to(void **state)
{
	struct fixture *f = *state;
	struct control_message m;
	struct heard client;

	m = start(f);
	assert_int_equal(m.kind, CONTROL_READY);
	call(&client, &f->address, WHO_KNOWS);
	stop(f);
	expect_end(f);
	heard_all(&client);
	assert_string_equal(client.text, "");
	heard_close(&client);
}

static void
what_a_terminal_sends_to_all_is_the_parent_s(void **state)
{
	struct fixture *f = *state;

	start_well(f);
	kill(f->worker.pid, SIGINT);
	kill(f->worker.pid, SIGHUP);
	kill(f->worker.pid, SIGUSR1);
	kill(f->worker.pid, SIGPIPE);
	be_refused(f);
	stop(f);
	expect_end(f);
}

static void
what_cannot_be_set_up_is_said(void **state)
{
	struct fixture *f = *state;
	struct control_message m;

	f->upstream.roots = TEXT("no certificate");
	m = start(f);
	assert_int_equal(m.kind, CONTROL_FAILED);
	assert_non_null(strstr(m.text, "ca_file holds no certificate"));
	assert_int_equal(process_end(&f->worker), 1);
}

static void
no_more_clients_are_taken_than_there_are_descriptors(void **state)
{
	struct fixture *f = *state;

	f->conf.limits.clients = 10000;
	f->descriptors = 200;
	start_well(f);
	heard_expect(&f->worker.errors, "clients at a time instead of 10000: "
	    "the system allows 200 descriptors");
	be_refused(f);
	stop(f);
	expect_end(f);
}

/* -- the log -- */

static void
lines_that_are_lost_are_counted(void **state)
{
	struct fixture *f = *state;

	close(f->access_fd);
	f->access_fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	if (f->access_fd == -1)
		skip();
	start_well(f);
	be_refused(f);
	heard_expect(&f->worker.errors, "the access log cannot be written");
	assert_int_equal(stats_log_lost(f->stats), 1);
	stop(f);
	expect_end(f);
	assert_non_null(strstr(f->worker.errors.text, "lines lost: 1"));
}

static void
a_log_that_is_handed_over_is_used_from_then_on(void **state)
{
	struct fixture *f = *state;
	struct heard other = { .fd = -1 };
	int fds[2];

	start_well(f);
	be_refused(f);
	heard_expect(&f->access, "\n");
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	other.fd = fds[0];
	control_send(f->ours, CONTROL_LOG, fds[1], NULL);
	close(fds[1]);
	/* The old one is closed. */
	heard_all(&f->access);
	be_refused(f);
	heard_expect(&other, "\"status_code\":421");
	stop(f);
	expect_end(f);
	heard_close(&other);
}

static void
without_a_log_one_that_is_handed_over_is_closed(void **state)
{
	struct fixture *f = *state;
	struct heard other = { .fd = -1 };
	int fds[2];

	close_one(&f->access_fd);
	start_well(f);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	other.fd = fds[0];
	control_send(f->ours, CONTROL_LOG, fds[1], NULL);
	close(fds[1]);
	heard_all(&other);
	assert_int_equal(other.n, 0);
	be_refused(f);
	stop(f);
	expect_end(f);
	heard_close(&other);
}

/* -- stopping -- */

static void
clients_without_a_request_hold_up_no_stop(void **state)
{
	struct fixture *f = *state;
	struct heard client;

	start_well(f);
	call(&client, &f->address, WHO_KNOWS);
	heard_expect(&client, REFUSED);
	stop(f);
	expect_end(f);
	heard_all(&client);
	heard_close(&client);
}

static bool
is_refused(const struct fixture *f)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int result = connect(fd, &f->address.sa, f->address.len);

	close(fd);
	return result == -1;
}

static void
what_runs_is_finished_and_nothing_begins(void **state)
{
	struct fixture *f = *state;
	struct heard client;
	int upstream;

	start_well(f);
	upstream = call_upstream(f->upstream_fd, &client, &f->address, GET);
	stop(f);
	/* Said by what it does; each attempt is one more that it closes. */
	while (!is_refused(f))
		;
	close(upstream);
	close_one(&f->upstream_fd);
	heard_expect(&client, "HTTP/1.1 502 ");
	heard_all(&client);
	heard_expect(&f->access, "\"status_code\":502");
	heard_close(&client);
	expect_end(f);
}

static void
the_end_of_the_parent_is_a_stop(void **state)
{
	struct fixture *f = *state;

	start_well(f);
	close_one(&f->ours);
	expect_end(f);
	assert_non_null(strstr(f->worker.errors.text,
	    "the parent is gone: finishing what runs"));
}

/* And is written down. */
static void
what_is_cut_ends_at_once(void **state)
{
	struct fixture *f = *state;
	struct heard client;
	int upstream;

	start_well(f);
	upstream = call_upstream(f->upstream_fd, &client, &f->address, GET);
	stop(f);
	control_send(f->ours, CONTROL_CUT, -1, NULL);
	expect_end(f);
	heard_all(&f->access);
	assert_non_null(strstr(f->access.text, "worker_stopped"));
	heard_all(&client);
	heard_close(&client);
	close(upstream);
}

/* -- keys -- */

static size_t
links_of(pid_t pid, char links[][128], size_t most)
{
	char path[64];
	size_t n = 0;

	for (int fd = 3; fd < 256 && n < most; fd++) {
		ssize_t len;

		snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, fd);
		len = readlink(path, links[n], sizeof(links[n]) - 1);
		if (len > 0)
			links[n++][len] = '\0';
	}
	return n;
}

static bool
is_among(const char *link, char links[][128], size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(link, links[i]) == 0)
			return true;
	}
	return false;
}

/* What the system tells a process of itself. */
static bool
is_about(const char *link, pid_t pid)
{
	char memory[64], descriptors[64];

	snprintf(memory, sizeof(memory), "/proc/%d/statm", (int)pid);
	snprintf(descriptors, sizeof(descriptors), "/proc/%d/fd", (int)pid);
	return strcmp(link, memory) == 0 || strcmp(link, descriptors) == 0;
}

/*
 * All it has are sockets, pipes and the like; and what the test was given, and
 * what it uses itself.
 */
static void
no_file_is_open_while_it_serves(void **state)
{
	struct fixture *f = *state;
	static char ours[256][128], its[256][128];
	size_t n = links_of(getpid(), ours, 256), n_its;

	start_well(f);
	be_refused(f);
	n_its = links_of(f->worker.pid, its, 256);
	if (n_its == 0)
		skip();
	for (size_t i = 0; i < n_its; i++) {
		if (its[i][0] == '/' && !is_among(its[i], ours, n) &&
		    !is_about(its[i], f->worker.pid))
			fail_msg("%s", its[i]);
	}
	stop(f);
	expect_end(f);
}

static void
a_key_is_in_no_line_and_no_answer(void **state)
{
	struct fixture *f = *state;
	struct heard client;
	int upstream;

	f->conf.log.level = LOG_LEVEL_DEBUG;
	start_well(f);
	upstream = call_upstream(f->upstream_fd, &client, &f->address, GET);
	close(upstream);
	close_one(&f->upstream_fd);
	heard_expect(&client, "HTTP/1.1 502 ");
	stop(f);
	expect_end(f);
	heard_all(&client);
	heard_all(&f->access);
	assert_null(strstr(client.text, KEY));
	assert_null(strstr(f->access.text, KEY));
	assert_null(strstr(f->worker.errors.text, KEY));
	assert_non_null(strstr(f->access.text, "\"key\":\"n\""));
	heard_close(&client);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(it_says_that_it_serves_and_does),
		CASE(it_takes_no_clients_before_it_is_told_to),
		CASE(what_a_terminal_sends_to_all_is_the_parent_s),
		CASE(what_cannot_be_set_up_is_said),
		CASE(no_more_clients_are_taken_than_there_are_descriptors),
		CASE(lines_that_are_lost_are_counted),
		CASE(a_log_that_is_handed_over_is_used_from_then_on),
		CASE(without_a_log_one_that_is_handed_over_is_closed),
		CASE(clients_without_a_request_hold_up_no_stop),
		CASE(what_runs_is_finished_and_nothing_begins),
		CASE(the_end_of_the_parent_is_a_stop),
		CASE(what_is_cut_ends_at_once),
		CASE(no_file_is_open_while_it_serves),
		CASE(a_key_is_in_no_line_and_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
