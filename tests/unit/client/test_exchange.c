/*
 * client/exchange: who is waited for, how long, and what becomes of who is too
 * slow.  Whole exchanges over a network in memory, where time passes when
 * told to.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../sim/memory.h"
#include "base/alloc.h"
#include "base/log.h"
#include "base/sink.h"
#include "client/env.h"
#include "client/forward.h"
#include "client/sessions.h"

#define SECONDS		INT64_C(1000)

static char host[] = "api.example", name[] = "k", scheme[] = "ApiKey",
    local[] = "h", access_name[] = "none";
static char *local_hosts[] = { local }, *key_hosts[] = { host };
static size_t first[] = { 0 };

static struct conf_listener listener = {
	.name = name, .hosts = { local_hosts, 1 },
};
static struct conf_upstream upstream;
static struct conf_key key = {
	.name = name, .scheme = scheme, .hosts = { key_hosts, 1 },
	.expires = CONF_NO_TIME,
};
static struct conf_route route = {
	.name = name, .client = CONF_NONE, .keys = first, .n_keys = 1,
};
static struct conf conf;

/* As the options' defaults are. */
static void
reset_conf(void)
{
	upstream = (struct conf_upstream){
		.name = name, .host = host, .authority = host,
		.connect_host = host, .port = 443, .connect_port = 443,
		.max_connections = 2, .max_age = 3600 * SECONDS,
		.timeouts = { .connect = 5 * SECONDS,
		    .handshake = 5 * SECONDS, .response = 25 * SECONDS,
		    .body = 60 * SECONDS, .idle = 50 * SECONDS },
	};
	conf = (struct conf){
		.workers = 1,
		.log = { .access = access_name, .level = LOG_LEVEL_ERROR },
		.timeouts = { .head = 10 * SECONDS, .body = 30 * SECONDS,
		    .idle = 75 * SECONDS, .send = 60 * SECONDS },
		.limits = { .head = 4096, .target = 1024, .trailers = 1024,
		    .body_rate = 500, .fields = 20, .interim = 3,
		    .clients = 100 },
		.listeners = &listener, .n_listeners = 1,
		.upstreams = &upstream, .n_upstreams = 1,
		.routes = &route, .n_routes = 1,
		.keys = &key, .n_keys = 1,
	};
}

struct world {
	struct loop *loop;
	struct stats *stats;
	struct sink *access;
	int access_fd;
	struct env *env;
	struct forward *forward;
	struct sessions *sessions;
	struct wire *client, *upstream;
	char lines[4096];		/* the access log's, when it ended */
};

static void
full(void *owner, size_t which, bool is_full)
{
	(void)owner;
	(void)which;
	(void)is_full;
}

static int
set_up(void **state)
{
	struct world *w = xcalloc(1, sizeof(*w));
	char why[256];

	*state = w;
	reset_conf();
	key.value = secret_new(48);
	memset(secret_bytes(key.value), 'A', 48);
	w->loop = loop_new();
	memory_start(w->loop);
	w->stats = stats_new_alone(&conf);
	w->access_fd = memfd_create("access", MFD_CLOEXEC);
	w->access = sink_new(w->access_fd, NULL, NULL);
	w->env = env_new(&conf, w->loop,
	    w->stats, w->access);
	w->forward = forward_new(w->env, w->stats, why,
	    sizeof(why));
	w->sessions = sessions_new(w->env, forward_handler(w->forward),
	    100, full, NULL);
	return w->forward != NULL ? 0 : -1;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	sessions_cut(w->sessions);
	memory_turn();
	sessions_free(w->sessions);
	forward_free(w->forward);
	env_free(w->env);
	loop_free(w->loop);
	sink_free(w->access);
	close(w->access_fd);
	stats_free(w->stats);
	memory_end();
	secret_free(key.value);
	free(w);
	return 0;
}

/* -- what the two sides do -- */

static void
connect_client(struct world *w)
{
	struct client_info info = { .has_user = true, .uid = 1, .gid = 1 };
	int fd;

	info.address.kind = ADDR_UNIX;
	info.address.sa.sa_family = AF_UNIX;
	w->client = memory_client(&fd);
	sessions_accept(w->sessions, 0, fd, &info);
	memory_turn();
}

static bool
feed(struct wire *w, const char *text)
{
	return memory_feed(w, text, strlen(text));
}

/* A client's request, or its head, on its way to the upstream. */
static void
ask(struct world *w, const char *request)
{
	connect_client(w);
	assert_true(feed(w->client, request));
	assert_true(memory_connect(true));
	w->upstream = memory_wires();
	assert_true(w->upstream->upstream);
}

static void
ask_for_chunks(struct world *w)
{
	ask(w, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(feed(w->upstream, "HTTP/1.1 200 OK\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n"));
}

/* As much of n bytes as is wanted. */
static size_t
feed_bytes(struct wire *w, size_t n)
{
	static const char piece[8192];
	size_t done = 0, now;

	while (done < n) {
		now = n - done < sizeof(piece) ? n - done : sizeof(piece);
		if (!memory_feed(w, piece, now))
			break;
		done += now;
	}
	return done;
}

/* The upstream says it each ms milliseconds; how often, until it is cut. */
static unsigned
trickle(struct world *w, const char *piece, int64_t ms, unsigned most)
{
	unsigned n = 0;

	while (n < most && feed(w->upstream, piece)) {
		memory_pass(ms);
		n++;
	}
	return n;
}

static const char *
lines_of(struct world *w)
{
	ssize_t n;

	memory_turn();
	n = pread(w->access_fd, w->lines, sizeof(w->lines) - 1, 0);
	assert_true(n >= 0);
	w->lines[n] = '\0';
	return w->lines;
}

static void
assert_fault(struct world *w, const char *code)
{
	char what[64];

	(void)snprintf(what, sizeof(what), "\"fault\":\"%s\"", code);
	assert_non_null(strstr(lines_of(w), what));
}

static void
assert_no_fault(struct world *w)
{
	assert_non_null(strchr(lines_of(w), '\n'));
	assert_null(strstr(w->lines, "\"fault\":"));
}

static bool
ends_whole(const struct wire *w)
{
	static const char end[] = "\r\n0\r\n\r\n";
	size_t n = sizeof(end) - 1;

	return buf_len(&w->out) >= n && memcmp(buf_data(&w->out) +
	    buf_len(&w->out) - n, end, n) == 0;
}

/* -- the upstream -- */

static void
a_response_that_trickles_is_cut_however_regular(void **state)
{
	struct world *w = *state;

	upstream.body_rate = 10;
	ask_for_chunks(w);
	assert_in_range(trickle(w, "1\r\nx\r\n", 5 * SECONDS, 100), 12, 13);
	assert_null(w->upstream->link);
	assert_fault(w, "upstream_timeout");
	assert_null(w->client->link);
	assert_false(ends_whole(w->client));
}

static void
what_is_no_body_does_not_count_as_one(void **state)
{
	struct world *w = *state;

	upstream.body_rate = 10;
	ask_for_chunks(w);
	assert_true(feed(w->upstream, "1;"));
	assert_in_range(trickle(w, "extension", 5 * SECONDS, 100), 12, 13);
	assert_fault(w, "upstream_timeout");
}

static void
trailers_that_trickle_are_cut(void **state)
{
	struct world *w = *state;

	upstream.body_rate = 10;
	ask_for_chunks(w);
	assert_true(feed(w->upstream, "1\r\nx\r\n0\r\n"));
	assert_in_range(trickle(w, "A: b\r\n", 5 * SECONDS, 100), 12, 13);
	assert_fault(w, "upstream_timeout");
	assert_false(ends_whole(w->client));
}

static void
a_response_at_the_rate_may_take_for_ever(void **state)
{
	struct world *w = *state;

	upstream.body_rate = 10;
	ask_for_chunks(w);
	assert_int_equal(trickle(w, "a\r\n0123456789\r\n", SECONDS, 3600),
	    3600);
	assert_int_equal(trickle(w,
	    "28\r\n0123456789012345678901234567890123456789\r\n",
	    4 * SECONDS, 900), 900);
	assert_true(feed(w->upstream, "0\r\n\r\n"));
	assert_no_fault(w);
	assert_true(ends_whole(w->client));
}

static void
without_a_rate_signs_of_life_are_enough(void **state)
{
	struct world *w = *state;

	ask_for_chunks(w);
	assert_int_equal(trickle(w, "3\r\n:\n\n\r\n", 59 * SECONDS, 1000),
	    1000);
	assert_true(feed(w->upstream, "0\r\n\r\n"));
	assert_no_fault(w);
}

static void
without_a_rate_a_pause_is_still_too_long(void **state)
{
	struct world *w = *state;

	ask_for_chunks(w);
	assert_true(feed(w->upstream, "1\r\nx\r\n"));
	memory_pass(60 * SECONDS);
	assert_fault(w, "upstream_timeout");
}

/* Nobody's rate counts: the client is not waited for, the upstream has none. */
static void
a_stream_of_events_with_little_to_say_goes_on(void **state)
{
	struct world *w = *state;
	size_t before;

	ask(w, "GET /events HTTP/1.1\r\nHost: h\r\n"
	    "Accept: text/event-stream\r\n\r\n");
	assert_true(feed(w->upstream, "HTTP/1.1 200 OK\r\n"
	    "Content-Type: text/event-stream\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n"));
	before = buf_len(&w->client->out);
	/* An hour of it. */
	assert_int_equal(trickle(w, "3\r\n:\n\n\r\n", 15 * SECONDS, 240),
	    240);
	assert_int_equal(buf_len(&w->client->out) - before, 240 * 8);
	assert_non_null(w->client->link);
	assert_true(feed(w->upstream, "0\r\n\r\n"));
	assert_no_fault(w);
	assert_true(ends_whole(w->client));
}

/* The upstream's bytes are there whenever somebody wants them. */
static void
a_client_that_reads_slowly_costs_the_upstream_no_time(void **state)
{
	struct world *w = *state;
	const size_t total = 1 << 20;
	size_t left = total;

	upstream.body_rate = 1 << 20;
	upstream.timeouts.body = SECONDS;
	ask(w, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	memory_set_room(w->client, 0);
	assert_true(feed(w->upstream, "HTTP/1.1 200 OK\r\n"
	    "Content-Length: 1048576\r\n\r\n"));
	for (unsigned i = 0; i < 1000 && left != 0; i++) {
		left -= feed_bytes(w->upstream, left);
		memory_pass(50 * SECONDS);
		memory_set_room(w->client, 30000);
	}
	assert_int_equal(left, 0);
	memory_set_room(w->client, SIZE_MAX);
	assert_true(buf_len(&w->client->out) > total);
	assert_no_fault(w);
}

static void
a_client_that_reads_slowly_lends_the_upstream_no_time(void **state)
{
	struct world *w = *state;

	ask(w, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	memory_set_room(w->client, 0);
	assert_true(feed(w->upstream, "HTTP/1.1 200 OK\r\n"
	    "Content-Length: 10000000\r\n\r\n"));
	memory_pass(30 * SECONDS);
	/* The upstream was asked for more, and sent none. */
	memory_set_room(w->client, SIZE_MAX);
	memory_pass(29 * SECONDS);
	assert_non_null(w->upstream->link);
	memory_pass(SECONDS);
	assert_null(w->upstream->link);
	assert_fault(w, "upstream_timeout");
}

static void
the_head_of_a_response_may_not_trickle_either(void **state)
{
	struct world *w = *state;

	ask(w, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	assert_true(feed(w->upstream, "HTTP/1.1 200 OK\r\n"));
	assert_in_range(trickle(w, "A: b\r\n", 2 * SECONDS, 100), 12, 13);
	assert_fault(w, "upstream_timeout");
	assert_non_null(strstr(w->lines, "\"status_code\":504"));
}

#define EXPECTANT \
	"PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n" \
	"Content-Length: 5\r\n\r\n"

static void
an_upstream_that_never_says_whether_to_go_on_is_to_blame(void **state)
{
	struct world *w = *state;

	conf.timeouts.body = 5 * SECONDS;
	ask(w, EXPECTANT);
	memory_pass(25 * SECONDS);
	assert_fault(w, "upstream_timeout");
	assert_non_null(strstr(w->lines, "\"status_code\":504"));
}

/* -- the client -- */

static void
a_client_that_was_told_to_go_on_and_does_not_is_late(void **state)
{
	struct world *w = *state;

	conf.timeouts.body = 5 * SECONDS;
	ask(w, EXPECTANT);
	memory_pass(20 * SECONDS);
	assert_true(feed(w->upstream, "HTTP/1.1 100 Continue\r\n\r\n"));
	memory_pass(5 * SECONDS);
	assert_fault(w, "request_timeout");
	assert_non_null(strstr(w->lines, "\"status_code\":408"));
}

static void
a_client_that_went_on_untold_is_late_as_any_other(void **state)
{
	struct world *w = *state;

	conf.timeouts.body = 5 * SECONDS;
	ask(w, EXPECTANT);
	memory_pass(SECONDS);
	assert_true(feed(w->client, "x"));
	memory_pass(6 * SECONDS);
	assert_fault(w, "request_timeout");
}

static void
an_upstream_that_takes_little_costs_the_client_no_time(void **state)
{
	struct world *w = *state;
	size_t left = 1 << 20;

	conf.limits.body_rate = 1 << 20;
	conf.timeouts.body = SECONDS;
	ask(w, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048576\r\n\r\n");
	memory_set_room(w->upstream, 0);
	for (unsigned i = 0; i < 1000 && left != 0; i++) {
		left -= feed_bytes(w->client, left);
		memory_pass(20 * SECONDS);
		memory_set_room(w->upstream, 20000);
	}
	assert_int_equal(left, 0);
	memory_set_room(w->upstream, SIZE_MAX);
	assert_true(feed(w->upstream, "HTTP/1.1 204 Done\r\n\r\n"));
	assert_no_fault(w);
}

static void
a_request_that_trickles_is_late_however_regular(void **state)
{
	struct world *w = *state;
	unsigned n = 0;

	ask(w, "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1048576\r\n\r\n");
	while (n < 100 && feed(w->client, "x")) {
		memory_pass(2 * SECONDS);
		n++;
	}
	assert_in_range(n, 15, 16);
	assert_fault(w, "request_timeout");
	assert_non_null(strstr(w->lines, "\"status_code\":408"));
}

static void
a_client_that_reads_nothing_is_cut(void **state)
{
	struct world *w = *state;

	ask(w, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	memory_set_room(w->client, 1000);
	assert_true(feed(w->upstream, "HTTP/1.1 200 OK\r\n"
	    "Content-Length: 1000000\r\n\r\n"));
	assert_true(feed_bytes(w->upstream, 1000000) < 200000);
	memory_pass(59 * SECONDS);
	assert_non_null(w->client->link);
	memory_pass(SECONDS);
	assert_fault(w, "client_stalled");
	assert_false(ends_whole(w->client));
	assert_int_equal(w->client->end, LINK_END_ABORT);
	assert_null(w->upstream->link);
}

#define BY_A_PAGE	"GET / HTTP/1.1\r\nHost: h\r\nOrigin: x\r\n\r\n"

static void
an_exchange_ends_with_its_own_last_byte_whatever_stands_behind(void **state)
{
	struct world *w = *state;
	size_t n;

	connect_client(w);
	assert_true(feed(w->client, BY_A_PAGE));
	n = buf_len(&w->client->out);
	connect_client(w);
	memory_set_room(w->client, n);
	assert_true(feed(w->client, BY_A_PAGE BY_A_PAGE));
	assert_int_equal(buf_len(&w->client->out), n);
	/* That of the first client, and the first of the second. */
	assert_non_null(strchr(strchr(lines_of(w), '\n') + 1, '\n'));
}

/* What would end with the link of an old client, whose link is blocked. */
static void
what_is_cut_ends_its_link_though_an_earlier_answer_waits(void **state)
{
	struct world *w = *state;

	connect_client(w);
	memory_set_room(w->client, 10);
	assert_true(feed(w->client, BY_A_PAGE
	    "GET / HTTP/1.0\r\nHost: h\r\n\r\n"));
	assert_true(memory_connect(true));
	w->upstream = memory_wires();
	assert_true(feed(w->upstream, "HTTP/1.1 200 OK\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"));
	assert_true(memory_eof(w->upstream, true));
	memory_set_room(w->client, SIZE_MAX);
	assert_null(w->client->link);
	assert_int_equal(w->client->end, LINK_END_ABORT);
	assert_fault(w, "upstream_protocol");
}

static void
on_empty(void *owner)
{
	(void)owner;
}

static void
who_says_more_when_an_idle_client_is_closed_loses_no_answer(void **state)
{
	struct world *w = *state;
	struct wire *quiet, *speaks;

	connect_client(w);
	assert_true(feed(w->client, BY_A_PAGE));
	quiet = w->client;
	connect_client(w);
	assert_true(feed(w->client, BY_A_PAGE));
	speaks = w->client;
	speaks->unnoticed = true;
	sessions_stop(w->sessions, on_empty, w);
	memory_turn();
	assert_null(quiet->link);
	assert_int_equal(quiet->end, LINK_END_NOW);
	assert_null(speaks->link);
	assert_int_equal(speaks->end, LINK_END_LINGER);
}

/* A response of which the client's system took 64 KiB, and takes no more. */
static void
fill_client(struct world *w)
{
	ask(w, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
	memory_set_room(w->client, 65536);
	w->client->reads = false;
	assert_true(feed(w->upstream, "HTTP/1.1 200 OK\r\n"
	    "Content-Length: 1000000\r\n\r\n"));
	(void)feed_bytes(w->upstream, 1000000);
}

static void
a_client_that_reads_is_not_stalled_though_its_link_takes_no_more(void **state)
{
	struct world *w = *state;

	fill_client(w);
	/* 600 bytes per second. */
	for (unsigned i = 0; i < 8; i++) {
		memory_pass(10 * SECONDS);
		w->client->read += 6000;
	}
	assert_non_null(w->client->link);
	memory_set_room(w->client, SIZE_MAX);
	(void)feed_bytes(w->upstream, 1000000);
	assert_no_fault(w);
}

static void
a_client_that_reads_a_trickle_is_cut(void **state)
{
	struct world *w = *state;
	int64_t passed = 0;

	fill_client(w);
	for (; w->client->link != NULL && passed < 600; passed++) {
		memory_pass(SECONDS);
		w->client->read += 50;
	}
	assert_in_range(passed, 60, 70);
	assert_fault(w, "client_stalled");
}

static void
without_a_rate_a_client_may_read_a_trickle(void **state)
{
	struct world *w = *state;

	conf.limits.body_rate = 0;
	fill_client(w);
	for (unsigned i = 0; i < 1000; i++) {
		memory_pass(SECONDS);
		w->client->read += 1;
	}
	assert_non_null(w->client->link);
	memory_pass(60 * SECONDS);
	assert_non_null(w->client->link);
	memory_pass(60 * SECONDS);
	assert_fault(w, "client_stalled");
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_response_that_trickles_is_cut_however_regular),
		TEST(what_is_no_body_does_not_count_as_one),
		TEST(trailers_that_trickle_are_cut),
		TEST(a_response_at_the_rate_may_take_for_ever),
		TEST(without_a_rate_signs_of_life_are_enough),
		TEST(without_a_rate_a_pause_is_still_too_long),
		TEST(a_stream_of_events_with_little_to_say_goes_on),
		TEST(a_client_that_reads_slowly_costs_the_upstream_no_time),
		TEST(a_client_that_reads_slowly_lends_the_upstream_no_time),
		TEST(the_head_of_a_response_may_not_trickle_either),
		TEST(an_upstream_that_never_says_whether_to_go_on_is_to_blame),
		TEST(a_client_that_was_told_to_go_on_and_does_not_is_late),
		TEST(a_client_that_went_on_untold_is_late_as_any_other),
		TEST(an_upstream_that_takes_little_costs_the_client_no_time),
		TEST(a_request_that_trickles_is_late_however_regular),
		TEST(a_client_that_reads_nothing_is_cut),
		TEST(
	    an_exchange_ends_with_its_own_last_byte_whatever_stands_behind),
		TEST(what_is_cut_ends_its_link_though_an_earlier_answer_waits),
		TEST(
	    who_says_more_when_an_idle_client_is_closed_loses_no_answer),
		TEST(
	    a_client_that_reads_is_not_stalled_though_its_link_takes_no_more),
		TEST(a_client_that_reads_a_trickle_is_cut),
		TEST(without_a_rate_a_client_may_read_a_trickle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
