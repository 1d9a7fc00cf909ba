/*
 * What needs attention, and for how long.
 */
#include "pages/admin_attention.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

#include "base/clock.h"
#include "pages/admin_page.h"
#include "policy/key_state.h"
#include "stats/decided.h"
#include "stats/memory.h"
#include "stats/reader.h"

#define DAY	((int64_t)24 * 3600)
#define HOUR	3600

static char file[] = "/etc/x";
static struct conf conf;
static char name[] = "team-a", key_file[] = "/etc/keys.age";
static struct admin_brief brief;
static struct admin_news news;
static struct sandbox_report sandbox;
static struct admin_mishap losses, deaths;
static struct admin_facts facts;
static struct stats_memory *memory;

static int
setup(void **state)
{
	char why[200];

	(void)state;
	memory = stats_memory_new(1, why, sizeof(why));
	assert_non_null(memory);
	conf = (struct conf){ .file = file };
	brief = (struct admin_brief){ .conf = &conf };
	news = (struct admin_news){ .generation = 1 };
	sandbox = (struct sandbox_report){ .option = CONF_SANDBOX_OFF };
	losses = deaths = (struct admin_mishap){ .seen = 0 };
	facts = (struct admin_facts){
		.brief = &brief,
		.news = &news,
		.sandbox = &sandbox,
		.memory = memory,
		.losses = &losses,
		.deaths = &deaths,
	};
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	stats_memory_free(memory);
	return 0;
}

static bool
is_told(const char *what, int64_t now)
{
	struct json j;
	struct buf b;
	bool told;

	buf_init(&b, NULL);
	json_start(&j, &b);
	json_object(&j, NULL);
	admin_attention_put(&j, &facts, now);
	json_object_end(&j);
	buf_append(&b, "", 1);
	told = strstr(buf_text(&b).p, what) != NULL;
	buf_release(&b);
	return told;
}

static void
lose(uint64_t lines)
{
	atomic_fetch_add(&stats_memory_parent(memory)->log_lost, lines);
}

static void
nothing_is_told_where_all_is_well(void **state)
{
	(void)state;
	assert_true(is_told("\"attention\":[]", 1000));
}

static void
lost_lines_are_told_for_an_hour(void **state)
{
	(void)state;
	lose(3);
	assert_true(is_told("3 log lines could not", 1000));
	assert_true(is_told("3 log lines could not", 1000 + HOUR - 1));
	assert_true(is_told("\"attention\":[]", 1000 + HOUR));
	lose(1);
	assert_true(is_told("4 log lines could not", 1000 + 2 * HOUR));
}

static void
those_that_were_lost_before_it_looked_are_not(void **state)
{
	(void)state;
	lose(3);
	losses.seen = stats_read_log_lost(memory);
	assert_true(is_told("\"attention\":[]", 1000));
}

static void
a_worker_that_was_replaced_is_told_for_an_hour(void **state)
{
	(void)state;
	atomic_fetch_add(&stats_memory_decide(memory)->restarts, 2);
	assert_true(is_told("a worker died within the last hour and was "
	    "replaced, as 2 since the start", 1000));
	assert_true(is_told("a worker died", 1000 + HOUR - 1));
	assert_true(is_told("\"attention\":[]", 1000 + HOUR));
}

static void
one_that_waits_is_told_as_that(void **state)
{
	struct admin_worker worker = { .pid = 0 };

	(void)state;
	news.workers = &worker;
	news.n_workers = 1;
	atomic_fetch_add(&stats_memory_decide(memory)->restarts, 1);
	assert_true(is_told("[{\"key\":null,"
	    "\"what\":\"1 worker died and waits", 1000));
	worker.pid = 4711;
	assert_true(is_told("[{\"key\":null,"
	    "\"what\":\"a worker died within", 1001));
}

/* Of more lines, each is told; after the last one nothing is. */
static void
a_reload_that_was_refused_is_told_with_its_reasons(void **state)
{
	(void)state;
	news.reload.result = RELOAD_FAILURE;
	news.reload.reason = (char []){ "/etc/x:1: one\n/etc/x:2: two\n" };
	assert_true(is_told("before it serves: /etc/x:1: one\\n/etc/x:2: two\","
	    "\"command\":\"sallyport check --probe -c /etc/x\"", 1000));
}

static void
a_worker_that_survives_is_told_with_how_to_look_at_it(void **state)
{
	struct admin_worker worker = { .pid = 4711, .generation = 3 };

	(void)state;
	news.workers = &worker;
	news.n_workers = 1;
	assert_true(is_told("\"attention\":[]", 1000));
	worker.survives = true;
	assert_true(is_told("worker 4711 of generation 3 was killed and does "
	    "not end", 1000));
	assert_true(is_told("\"ps -o pid,stat,wchan:32,cmd -p 4711\"", 1000));
}

static void
who_is_not_confined_is_told_where_that_was_tried(void **state)
{
	(void)state;
	brief.sandbox.option = sandbox.option = CONF_SANDBOX_TRY;
	brief.sandbox.seccomp = true;
	(void)strcpy(sandbox.reason, "no luck");
	assert_true(is_told("[{\"key\":null,"
	    "\"what\":\"the admin process is not confined: "
	    "no luck\"", 1000));
	sandbox.seccomp = true;
	assert_true(is_told("\"attention\":[]", 1000));
	brief.sandbox.seccomp = false;
	assert_true(is_told("workers are not confined: ", 1000));
}

static void
commands_can_be_pasted_into_a_shell(void **state)
{
	(void)state;
	conf.file = (char []){ "/etc/it's mine" };
	news.reload.result = RELOAD_FAILURE;
	assert_true(is_told("\"command\":\"sallyport check --probe -c "
	    "'/etc/it'\\\\''s mine'\"", 1000));
}

static void
decide(uint32_t key, unsigned off)
{
	stats_decide(memory, key, (struct stats_decision){ .facts = off,
		.rejected_ns = INT64_MIN / 2 });
}

static void
a_key_needs_attention_once_it_was_warned_of(void **state)
{
	struct conf_key key = { .name = name, .expires = 1000 * DAY,
		.where.file = key_file };
	uint32_t number = 0;

	(void)state;
	conf.keys = &key;
	conf.n_keys = 1;
	brief.numbers = (struct stats_numbers){ .keys = &number, .n_keys = 1 };
	facts.stats = stats_new_reader(memory, &brief.numbers);
	assert_false(is_told("key team-a", 997 * DAY));
	decide(0, KEY_ENDING);
	assert_true(is_told("key team-a expires in 3 days", 997 * DAY));
	assert_true(is_told("key team-a expires in 2 hours, and no route "
	    "lists it: remove it, and reload\",\"command\":\"sallyport key "
	    "remove team-a --from /etc/keys.age -c /etc/x\"",
	    1000 * DAY - 2 * HOUR));
	assert_true(is_told("key team-a expires in 1 minute", 1000 * DAY - 1));
	decide(0, KEY_OFF_EXPIRED);
	assert_true(is_told("key team-a has expired", 1000 * DAY));
	stats_free(facts.stats);
}

static void
that_a_key_is_taken_after_its_end_is_told_where_it_was(void **state)
{
	struct conf_key key = { .name = name, .expires = 1000 * DAY,
		.where.file = key_file };
	struct stats_decision d = { .facts = KEY_ENDING };
	uint32_t number = 0;

	(void)state;
	conf.keys = &key;
	conf.n_keys = 1;
	brief.numbers = (struct stats_numbers){ .keys = &number, .n_keys = 1 };
	facts.stats = stats_new_reader(memory, &brief.numbers);
	assert_true(is_told("key team-a should have expired, and it is not "
	    "known whether the API still takes it", 1000 * DAY));
	d.believed_ns = clock_boot() + HOUR * NS_PER_S;
	stats_decide(memory, 0, d);
	assert_true(is_told("key team-a should have expired, and the API still "
	    "takes it", 1000 * DAY));
	/* That was an hour ago. */
	d.believed_ns = clock_boot() - 1;
	stats_decide(memory, 0, d);
	assert_false(is_told("and the API still takes it", 1000 * DAY));
	stats_free(facts.stats);
}

static void
a_key_that_ends_needs_no_attention_with_a_longer_one(void **state)
{
	struct conf_key keys[] = {
		{ .name = name, .expires = 1000 * DAY,
			.where.file = key_file },
		{ .name = (char []){ "b" }, .expires = 1001 * DAY,
			.where.file = key_file },
	};
	struct conf_upstream upstream = { .host = (char []){ "h" } };
	size_t both[] = { 0, 1 }, alone[] = { 0 };
	struct conf_route routes[] = {
		{ .name = (char []){ "r" }, .keys = both, .n_keys = 2 },
		{ .name = (char []){ "s" }, .keys = alone, .n_keys = 1 },
	};
	uint32_t numbers[] = { 0, 1 };

	(void)state;
	conf.keys = keys;
	conf.n_keys = 2;
	conf.upstreams = &upstream;
	conf.n_upstreams = 1;
	conf.routes = routes;
	conf.n_routes = 1;
	brief.numbers = (struct stats_numbers){ .keys = numbers, .n_keys = 2 };
	facts.stats = stats_new_reader(memory, &brief.numbers);
	decide(0, KEY_ENDING);
	assert_false(is_told("key team-a", 990 * DAY));
	/* The longer one is off, or as short, or another route has none. */
	decide(1, KEY_OFF_DISABLED);
	assert_true(is_told("key team-a expires in 10 days", 990 * DAY));
	decide(1, 0);
	keys[1].expires = 1000 * DAY;
	assert_true(is_told("key team-a expires in 10 days", 990 * DAY));
	keys[1].expires = CONF_NO_TIME;
	assert_false(is_told("key team-a", 990 * DAY));
	conf.n_routes = 2;
	assert_true(is_told("key team-a expires in 10 days: add the next one, "
	    "list it in 'keys' of route s", 990 * DAY));
	/* It serves until the next one does. */
	assert_true(is_told(" -c /etc/x\",\"then\":[\"sallyport reload -c "
	    "/etc/x\",\"sallyport key promote team-a-2 -c /etc/x\","
	    "\"sallyport key disable team-a -c /etc/x\"],"
	    "\"next\":\"team-a-2\"}", 990 * DAY));
	stats_free(facts.stats);
}

static void
a_key_that_is_off_needs_attention_where_a_route_lists_it(void **state)
{
	struct conf_key keys[] = {
		{ .name = name, .expires = CONF_NO_TIME,
			.where.file = key_file },
		{ .name = (char []){ "b" }, .expires = CONF_NO_TIME,
			.where.file = key_file },
	};
	struct conf_upstream upstream = { .host = (char []){ "h" } };
	size_t listed[] = { 0, 1 };
	struct conf_route route = { .name = (char []){ "r" }, .keys = listed,
		.n_keys = 2 };
	uint32_t numbers[] = { 0, 1 };

	(void)state;
	conf.keys = keys;
	conf.n_keys = 2;
	conf.upstreams = &upstream;
	conf.n_upstreams = 1;
	brief.numbers = (struct stats_numbers){ .keys = numbers, .n_keys = 2 };
	facts.stats = stats_new_reader(memory, &brief.numbers);
	decide(0, KEY_OFF_DISABLED);
	assert_true(is_told("\"attention\":[]", 1000));
	conf.routes = &route;
	conf.n_routes = 1;
	assert_true(is_told("[{\"key\":\"team-a\","
	    "\"what\":\"key team-a is disabled; b takes over: "
	    "revoke team-a at the API, take it out of 'keys' of route r, "
	    "reload, and remove it; only to take it back: sallyport key enable "
	    "team-a -c /etc/x\",\"command\":\"sallyport reload -c /etc/x\","
	    "\"then\":[\"sallyport key remove team-a --from /etc/keys.age "
	    "-c /etc/x\"],\"next\":null}]", 1000));
	decide(0, KEY_OFF_REJECTED);
	assert_true(is_told("[{\"key\":\"team-a\","
	    "\"what\":\"key team-a was rejected by the API; "
	    "b takes over: take it out of 'keys' of route r, reload, and "
	    "remove it: sallyport key remove team-a --from /etc/keys.age -c "
	    "/etc/x\",\"command\":\"sallyport reload -c /etc/x\","
	    "\"then\":[\"sallyport key remove team-a --from /etc/keys.age "
	    "-c /etc/x\"],\"next\":null}]", 1000));
	decide(1, KEY_OFF_DISABLED);
	decide(0, KEY_OFF_EXPIRED);
	assert_true(is_told("[{\"key\":\"team-a\","
	    "\"what\":\"route r has no usable key: add the "
	    "next one, list it in its 'keys', and reload\",\"command\":"
	    "\"sallyport key add team-a-2 --to /etc/keys.age -c /etc/x\","
	    "\"then\":[\"sallyport reload -c /etc/x\"],\"next\":"
	    "\"team-a-2\"},{\"key\":\"team-a\","
	    "\"what\":\"key team-a has expired: add the next one, list it in "
	    "'keys' of route r, and reload\"", 1000));
	assert_true(is_told("{\"key\":\"b\","
	    "\"what\":\"key b is disabled: revoke it at the "
	    "API, add a new one, list it in 'keys' of route r, and reload; "
	    "only to take it back: sallyport key enable b -c /etc/x\","
	    "\"command\":\"sallyport key add b-2 --to /etc/keys.age -c "
	    "/etc/x\",\"then\":[\"sallyport reload -c /etc/x\"],"
	    "\"next\":\"b-2\"}]", 1000));
	/* What no route lists, nobody will use. */
	conf.n_routes = 0;
	assert_true(is_told("[{\"key\":\"team-a\","
	    "\"what\":\"key team-a has expired, and no route "
	    "lists it: remove it, and reload\",\"command\":\"sallyport key "
	    "remove team-a --from /etc/keys.age -c /etc/x\",\"then\":[],"
	    "\"next\":null}]", 1000));
	stats_free(facts.stats);
}

/* Requests go out with it for a minute, as the route has no other. */
static void
a_key_that_was_rejected_takes_over_from_no_other(void **state)
{
	struct conf_key keys[] = {
		{ .name = name, .expires = CONF_NO_TIME,
			.where.file = key_file },
		{ .name = (char []){ "b" }, .expires = CONF_NO_TIME,
			.where.file = key_file },
	};
	struct conf_upstream upstream = { .host = (char []){ "h" } };
	size_t listed[] = { 0, 1 };
	struct conf_route route = { .name = (char []){ "r" }, .keys = listed,
		.n_keys = 2 };
	uint32_t numbers[] = { 0, 1 };

	(void)state;
	conf.keys = keys;
	conf.n_keys = 2;
	conf.upstreams = &upstream;
	conf.n_upstreams = 1;
	conf.routes = &route;
	conf.n_routes = 1;
	brief.numbers = (struct stats_numbers){ .keys = numbers, .n_keys = 2 };
	facts.stats = stats_new_reader(memory, &brief.numbers);
	stats_decide(memory, 1, (struct stats_decision){
		.facts = KEY_OFF_REJECTED, .rejected_ns = clock_boot(),
		.off_ns = clock_boot() });
	decide(0, KEY_OFF_EXPIRED);
	assert_true(admin_route_is_usable(&facts, 0));
	assert_false(is_told("takes over", 1000));
	assert_true(is_told("key team-a has expired: add the next one, list it "
	    "in 'keys' of route r, and reload", 1000));
	assert_true(is_told("key b was rejected by the API: add the next one, "
	    "list it in 'keys' of route r, and reload", 1000));
	decide(0, KEY_OFF_DISABLED);
	assert_false(is_told("takes over", 1000));
	assert_true(is_told("key team-a is disabled: revoke it at the API, add "
	    "a new one", 1000));
	stats_free(facts.stats);
}

static void
the_key_of_a_proxy_is_needed_by_its_upstream(void **state)
{
	struct conf_key key = { .name = name, .expires = 1000 * DAY,
		.where.file = key_file, .plain = true };
	struct conf_upstream upstream = { .name = (char []){ "u" },
		.host = (char []){ "h" },
		.proxy = { .host = (char []){ "p" }, .key = 0 } };
	uint32_t number = 0, at = 0;

	(void)state;
	conf.keys = &key;
	conf.n_keys = 1;
	conf.upstreams = &upstream;
	conf.n_upstreams = 1;
	brief.numbers = (struct stats_numbers){ .keys = &number, .n_keys = 1,
		.upstreams = &at, .n_upstreams = 1 };
	facts.stats = stats_new_reader(memory, &brief.numbers);
	decide(0, KEY_ENDING);
	assert_true(is_told("[{\"key\":\"team-a\","
	    "\"what\":\"key team-a expires in 3 days: add "
	    "the next one, make it 'proxy_key' of upstream u, and reload\","
	    "\"command\":\"sallyport key add team-a-2 --to /etc/keys.age "
	    "--plain -c /etc/x\",\"then\":[\"sallyport reload -c /etc/x\"],"
	    "\"next\":\"team-a-2\"}]", 997 * DAY));
	decide(0, KEY_OFF_DISABLED);
	assert_true(is_told("[{\"key\":\"team-a\","
	    "\"what\":\"key team-a is disabled: revoke it at "
	    "the proxy, add a new one, make it 'proxy_key' of upstream u, and "
	    "reload; only to take it back: ", 997 * DAY));
	stats_free(facts.stats);
}

static void
a_route_whose_proxy_has_no_key_reaches_nobody(void **state)
{
	struct conf_key keys[] = {
		{ .name = name, .expires = CONF_NO_TIME,
			.where.file = key_file },
		{ .name = (char []){ "b" }, .expires = CONF_NO_TIME,
			.where.file = key_file },
	};
	struct conf_upstream upstream = { .name = (char []){ "u" },
		.host = (char []){ "h" },
		.proxy = { .host = (char []){ "p" }, .key = 1 } };
	size_t listed[] = { 0 };
	struct conf_route route = { .name = (char []){ "r" }, .keys = listed,
		.n_keys = 1 };
	uint32_t numbers[] = { 0, 1 }, at = 0;

	(void)state;
	conf.keys = keys;
	conf.n_keys = 2;
	conf.upstreams = &upstream;
	conf.n_upstreams = 1;
	conf.routes = &route;
	conf.n_routes = 1;
	brief.numbers = (struct stats_numbers){ .keys = numbers, .n_keys = 2,
		.upstreams = &at, .n_upstreams = 1 };
	facts.stats = stats_new_reader(memory, &brief.numbers);
	assert_true(admin_route_is_usable(&facts, 0));
	decide(1, KEY_OFF_DISABLED);
	assert_false(admin_route_is_usable(&facts, 0));
	assert_true(is_told("[{\"key\":\"b\","
	    "\"what\":\"route r reaches nobody, as key b of its proxy is "
	    "disabled: add the next one, make it 'proxy_key' of upstream u, "
	    "and reload\",\"command\":\"sallyport key add b-2 --to "
	    "/etc/keys.age -c /etc/x\"", 1000));
	decide(1, KEY_OFF_EXPIRED);
	assert_true(is_told("[{\"key\":\"b\","
	    "\"what\":\"route r reaches nobody, as key b of its proxy is "
	    "expired: add the next one, make it 'proxy_key' of upstream u, "
	    "and reload\"", 1000));
	decide(1, KEY_OFF_REJECTED);
	assert_true(admin_route_is_usable(&facts, 0));
	stats_free(facts.stats);
}

static void
routes_that_list_a_key_are_named_but_not_thousands(void **state)
{
	struct conf_key key = { .name = name, .expires = CONF_NO_TIME,
		.where.file = key_file };
	char names[] = "a\0b\0c\0d\0e\0f\0g";
	size_t listed[] = { 0 };
	struct conf_route routes[7];
	struct conf_upstream upstream = { .host = (char []){ "h" } };
	uint32_t number = 0;

	(void)state;
	for (size_t i = 0; i < 7; i++)
		routes[i] = (struct conf_route){ .keys = listed, .n_keys = 1,
			.name = &names[2 * i] };
	conf.keys = &key;
	conf.n_keys = 1;
	conf.upstreams = &upstream;
	conf.n_upstreams = 1;
	conf.routes = routes;
	brief.numbers = (struct stats_numbers){ .keys = &number, .n_keys = 1 };
	facts.stats = stats_new_reader(memory, &brief.numbers);
	decide(0, KEY_OFF_REJECTED);
	conf.n_routes = 2;
	assert_true(is_told("list it in 'keys' of routes a, b, and reload",
	    1000));
	conf.n_routes = 7;
	assert_true(is_told("list it in 'keys' of routes a, b, c, d, e and 2 "
	    "more, and reload", 1000));
	stats_free(facts.stats);
}

/* -- certificates -- */

static struct conf_threshold some[] = { { .before = 7 * DAY } };
static char listener[] = "tls";

static struct admin_end
a_certificate(int64_t until, bool watched)
{
	return (struct admin_end){ .name = listener, .due = {
	    .what = "option 'certificate': /etc/tls.pem",
	    .kind = CONF_DUE_LISTENER, .upstream = CONF_NONE,
	    .watched = watched, .until = until } };
}

static void
files_that_are_refused_are_told_with_the_reason(void **state)
{
	struct admin_watched all[] = {
		{ .listener = "good" },
		{ .listener = "tls", .refused = "x:3: it is broken",
		    .since = 100 * DAY },
	};

	(void)state;
	news.watched = all;
	news.n_watched = 2;
	assert_true(is_told("[{\"key\":null,\"what\":\"listener tls: its "
	    "files on disk are refused since 1970-04-11T00:00:00Z, and what "
	    "was there before goes on: x:3: it is broken\",\"command\":"
	    "\"sallyport check -c /etc/x\",\"then\":[],\"next\":null}]",
	    101 * DAY));
}

static void
a_certificate_that_expires_is_told_with_what_to_do(void **state)
{
	struct admin_end end = a_certificate(100 * DAY, false);

	(void)state;
	conf.expiry.warn = (struct conf_thresholds){ .v = some, .n = 1 };
	news.ends = &end;
	news.n_ends = 1;
	assert_true(is_told("\"attention\":[]", 92 * DAY));
	assert_true(is_told("[{\"key\":null,"
	    "\"what\":\"listener tls: option 'certificate': "
	    "/etc/tls.pem: it expires at 1970-04-11T00:00:00Z, in 6 days: put "
	    "a newer one there and reload\",\"command\":\"sallyport reload -c "
	    "/etc/x\",\"then\":[],\"next\":null}]", 94 * DAY));
	assert_true(is_told("it expired at 1970-04-11T00:00:00Z, and clients "
	    "refuse it", 100 * DAY));
}

static void
one_that_is_watched_needs_no_command(void **state)
{
	struct admin_end end = a_certificate(100 * DAY, true);

	(void)state;
	conf.expiry.warn = (struct conf_thresholds){ .v = some, .n = 1 };
	news.ends = &end;
	news.n_ends = 1;
	assert_true(is_told("in 6 days: put a newer one there\",\"command\":"
	    "null,\"then\":[],\"next\":null}]", 94 * DAY));
	end.due.until = 300 * DAY;
	assert_true(is_told("\"attention\":[]", 94 * DAY));
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		CASE(commands_can_be_pasted_into_a_shell),
		CASE(a_worker_that_survives_is_told_with_how_to_look_at_it),
		CASE(nothing_is_told_where_all_is_well),
		CASE(lost_lines_are_told_for_an_hour),
		CASE(those_that_were_lost_before_it_looked_are_not),
		CASE(a_worker_that_was_replaced_is_told_for_an_hour),
		CASE(one_that_waits_is_told_as_that),
		CASE(a_reload_that_was_refused_is_told_with_its_reasons),
		CASE(who_is_not_confined_is_told_where_that_was_tried),
		CASE(a_key_needs_attention_once_it_was_warned_of),
		CASE(that_a_key_is_taken_after_its_end_is_told_where_it_was),
		CASE(a_key_that_ends_needs_no_attention_with_a_longer_one),
		CASE(a_key_that_is_off_needs_attention_where_a_route_lists_it),
		CASE(a_key_that_was_rejected_takes_over_from_no_other),
		CASE(the_key_of_a_proxy_is_needed_by_its_upstream),
		CASE(a_route_whose_proxy_has_no_key_reaches_nobody),
		CASE(routes_that_list_a_key_are_named_but_not_thousands),
		CASE(files_that_are_refused_are_told_with_the_reason),
		CASE(a_certificate_that_expires_is_told_with_what_to_do),
		CASE(one_that_is_watched_needs_no_command),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
