/* News of the parent, as bytes and back. */
#include "pages/admin_news.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <unistd.h>

#include "pages/packed.h"

static struct admin_worker workers[] = {
	{ .pid = 10, .generation = 2, .state = DAEMON_SERVING, .since = 5 },
	{ .pid = 0, .generation = 1, .state = DAEMON_DRAINING, .since = 4 },
};
static char listener[] = "tls", upstream[] = "api";
static struct admin_end ends[] = {
	{ .name = listener, .due = { .what = "option 'certificate': c",
	    .kind = CONF_DUE_LISTENER, .listener = 4, .upstream = CONF_NONE,
	    .watched = true, .from = 100, .until = 200 } },
	{ .name = upstream, .due = { .what = "option 'ca_file': l",
	    .kind = CONF_DUE_CA, .listener = CONF_NONE, .upstream = 3,
	    .from = 1, .until = INT64_MAX, .subject = "CN=root" } },
};
static struct admin_watched watched[] = {
	{ .listener = "tls", .refused = "a.conf:3: no key", .since = 77 },
	{ .listener = "other" },
};
static char action[] = "key-expired", key[] = "a", text[] = "key a has expired";
static const struct key_events events = {
	.v = { { .at = 9, .action = action, .key = key, .text = text },
	    { .at = 8, .action = action, .key = key, .text = text } },
	.n = 2,
};
static const struct admin_news news = {
	.state = DAEMON_SERVING, .generation = 2,
	.workers = workers, .n_workers = 2,
	.reload = { .last = 8, .result = RELOAD_FAILURE,
	    .reason = (char *)(uintptr_t)"a.conf:1: text", .last_success = 7 },
	.ends = ends, .n_ends = 2,
	.watched = watched, .n_watched = 2,
	.events = &events,
};

static struct blocks *blocks;
static struct arena arena;
static struct buf b;

static int
setup(void **state)
{
	(void)state;
	blocks = blocks_new(4096, 0);
	arena_init(&arena, blocks);
	buf_init(&b, NULL);
	admin_news_pack(&news, &b);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	blocks_free(blocks);
	buf_release(&b);
	return 0;
}

static bool
read_bytes(size_t n, struct admin_news *out)
{
	struct buf some;
	bool good;
	int fd;

	buf_init(&some, NULL);
	buf_append(&some, buf_data(&b), n);
	fd = pack_to_fd(&some);
	good = admin_news_read(fd, &arena, out);
	close(fd);
	buf_release(&some);
	return good;
}

static void
what_was_told_is_understood(void **state)
{
	struct admin_news n;

	(void)state;
	assert_true(read_bytes(buf_len(&b), &n));
	assert_int_equal(n.state, DAEMON_SERVING);
	assert_int_equal(n.generation, 2);
	assert_int_equal(n.n_workers, 2);
	assert_int_equal(n.workers[0].pid, 10);
	assert_int_equal(n.workers[1].state, DAEMON_DRAINING);
	assert_int_equal(n.workers[1].since, 4);
	assert_int_equal(n.reload.result, RELOAD_FAILURE);
	assert_string_equal(n.reload.reason, "a.conf:1: text");
	assert_int_equal(n.reload.last_success, 7);
	assert_int_equal(n.n_watched, 2);
	assert_string_equal(n.watched[0].listener, "tls");
	assert_string_equal(n.watched[0].refused, "a.conf:3: no key");
	assert_int_equal(n.watched[0].since, 77);
	assert_string_equal(n.watched[1].listener, "other");
	assert_null(n.watched[1].refused);
	assert_int_equal(n.n_ends, 2);
	assert_string_equal(n.ends[0].name, "tls");
	assert_string_equal(n.ends[0].due.what, "option 'certificate': c");
	assert_int_equal(n.ends[0].due.kind, CONF_DUE_LISTENER);
	assert_int_not_equal(n.ends[0].due.listener, CONF_NONE);
	assert_int_equal(n.ends[0].due.upstream, CONF_NONE);
	assert_true(n.ends[0].due.watched);
	assert_int_equal(n.ends[0].due.from, 100);
	assert_int_equal(n.ends[0].due.until, 200);
	assert_string_equal(n.ends[0].due.subject, "");
	assert_int_equal(n.ends[1].due.kind, CONF_DUE_CA);
	assert_string_equal(n.ends[1].due.subject, "CN=root");
	assert_int_equal(n.ends[1].due.listener, CONF_NONE);
	assert_int_not_equal(n.ends[1].due.upstream, CONF_NONE);
	assert_false(n.ends[1].due.watched);
	assert_true(n.ends[1].due.until == INT64_MAX);
	assert_int_equal(n.events->n, 2);
	assert_int_equal(n.events->v[0].at, 9);
	assert_string_equal(n.events->v[1].action, action);
	assert_string_equal(n.events->v[1].text, text);
}

static void
news_that_are_cut_or_name_no_state_are_none(void **state)
{
	struct admin_news n;

	(void)state;
	for (size_t i = 0; i < buf_len(&b); i++)
		assert_false(read_bytes(i, &n));
	buf_data(&b)[0] = 3;
	assert_false(read_bytes(buf_len(&b), &n));
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_was_told_is_understood),
		CASE(news_that_are_cut_or_name_no_state_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
