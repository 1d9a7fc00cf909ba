/*
 * What needs attention of keys that serve, though it is not known whether they
 * work, or an upstream refuses them.
 */
#include "pages/admin_attention.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "pages/admin_page.h"
#include "policy/key_state.h"
#include "stats/counting.h"
#include "stats/decided.h"
#include "stats/probed.h"

#define NOW	INT64_C(1800000000)
#define HOUR	3600
#define KEYS	2
#define UPSTREAMS	2

static char key_names[KEYS][2] = { "a", "b" };
static char upstream_names[UPSTREAMS][8] = { "cloud", "other" };
static char hosts[UPSTREAMS][8] = { "cloud.x", "other.x" };
static char route_names[UPSTREAMS][8] = { "one", "two" };
static char path[] = "/p", file[] = "/etc/x", key_file[] = "/etc/keys.age";

/* A route to each upstream lists both keys. */
struct fixture {
	struct conf conf;
	struct conf_key keys[KEYS];
	struct conf_upstream upstreams[UPSTREAMS];
	struct conf_route routes[UPSTREAMS];
	size_t listed[KEYS];
	struct stats_memory *memory;
	struct stats *stats;
	struct admin_brief brief;
	struct admin_news news;
	struct sandbox_report sandbox;
	struct admin_mishap losses, deaths;
	struct admin_facts facts;
};

static void
configure(struct fixture *f)
{
	char why[256];

	for (size_t i = 0; i < KEYS; i++) {
		f->keys[i] = (struct conf_key){ .name = key_names[i],
			.value = secret_copy(key_names[i], 1),
			.where.file = key_file, .expires = CONF_NO_TIME };
		f->listed[i] = i;
	}
	for (size_t i = 0; i < UPSTREAMS; i++) {
		f->upstreams[i] = (struct conf_upstream){
			.name = upstream_names[i], .host = hosts[i],
			.probe_path = path };
		f->routes[i] = (struct conf_route){ .name = route_names[i],
			.upstream = i, .keys = f->listed, .n_keys = KEYS };
	}
	f->conf = (struct conf){ .file = file, .workers = 1,
		.keys = f->keys, .n_keys = KEYS,
		.upstreams = f->upstreams, .n_upstreams = UPSTREAMS,
		.routes = f->routes, .n_routes = UPSTREAMS };
	f->stats = stats_new(f->memory, &f->conf, why, sizeof(why));
	assert_non_null(f->stats);
}

static int
setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	char why[256];

	*state = f;
	f->memory = stats_memory_new(4, why, sizeof(why));
	assert_non_null(f->memory);
	configure(f);
	f->brief = (struct admin_brief){ .conf = &f->conf,
		.numbers = *stats_numbers(f->stats) };
	f->sandbox.option = CONF_SANDBOX_OFF;
	f->facts = (struct admin_facts){ .brief = &f->brief,
		.news = &f->news, .sandbox = &f->sandbox,
		.memory = f->memory, .stats = f->stats,
		.losses = &f->losses, .deaths = &f->deaths };
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	stats_free(f->stats);
	stats_memory_free(f->memory);
	for (size_t i = 0; i < KEYS; i++)
		secret_free(f->keys[i].value);
	free(f);
	return 0;
}

static uint32_t
number(const struct fixture *f, size_t key)
{
	return f->brief.numbers.keys[key];
}

static uint32_t
place(const struct fixture *f, size_t upstream)
{
	return f->brief.numbers.upstreams[upstream];
}

static bool
is_told(struct fixture *f, const char *what, int64_t now)
{
	struct json j;
	struct buf b;
	bool told;

	buf_init(&b, NULL);
	json_start(&j, &b);
	json_object(&j, NULL);
	admin_attention_put(&j, &f->facts, now);
	json_object_end(&j);
	buf_append(&b, "", 1);
	told = strstr(buf_text(&b).p, what) != NULL;
	buf_release(&b);
	return told;
}

#define NOTHING	"\"attention\":[]"

/* So many, one each hour, the last one an hour ago. */
static void
be_unclear(struct fixture *f, uint32_t n, unsigned status, enum fault fault)
{
	stats_note_unclear(f->memory, number(f, 0), &(struct stats_unclear){
		.n = n, .since = NOW - n * HOUR, .last = NOW - HOUR,
		.upstream = place(f, 1), .status = status, .fault = fault });
}

static void
decide(struct fixture *f, size_t key, unsigned facts)
{
	stats_decide(f->memory, number(f, key), (struct stats_decision){
		.facts = facts, .rejected_ns = INT64_MIN / 2 });
}

static void
a_key_of_which_probes_say_nothing_is_named_with_the_way_out(void **state)
{
	struct fixture *f = *state;

	be_unclear(f, 2, 404, FAULT_NONE);
	assert_true(is_told(f, NOTHING, NOW));
	be_unclear(f, 5, 404, FAULT_NONE);
	assert_true(is_told(f, "\"attention\":[{\"key\":\"a\",\"what\":\"it is "
	    "not known whether key a works: its last 5 probes, within 4 hours, "
	    "told nothing of it: upstream other answers /p with 404, which "
	    "finds fault with the path; set its 'probe_path' to a GET that "
	    "needs a valid key, and reload\",\"command\":\"sallyport check "
	    "--probe -c /etc/x\",\"then\":[\"sallyport reload -c /etc/x\"],"
	    "\"next\":null}]", NOW));
	/* They may all be of one bad moment. */
	stats_note_unclear(f->memory, number(f, 0), &(struct stats_unclear){
		.n = 5, .since = NOW - 590, .last = NOW - 500,
		.upstream = place(f, 1), .status = 503 });
	assert_true(is_told(f, NOTHING, NOW));
	assert_true(is_told(f, "key a works", NOW + 10));
}

static void
the_reason_is_told_in_words(void **state)
{
	struct fixture *f = *state;

	be_unclear(f, 3, 403, FAULT_NONE);
	assert_true(is_told(f, "with 403, which does not say why; set its",
	    NOW));
	be_unclear(f, 3, 302, FAULT_NONE);
	assert_true(is_told(f, "with 302, which leads elsewhere; set its",
	    NOW));
	be_unclear(f, 3, 401, FAULT_NONE);
	assert_true(is_told(f, "with 401, which does not say that the key is "
	    "invalid; set its", NOW));
	be_unclear(f, 3, 503, FAULT_NONE);
	assert_true(is_told(f, "with 503, which says nothing of the key; find "
	    "out why\",\"command\":\"sallyport check --probe -c /etc/x\","
	    "\"then\":[]", NOW));
	be_unclear(f, 3, 0, FAULT_UPSTREAM_UNREACHABLE);
	assert_true(is_told(f, "upstream other cannot be reached; find out "
	    "why", NOW));
}

static void
a_request_that_was_not_refused_says_that_the_key_works(void **state)
{
	struct fixture *f = *state;
	struct stats *worker = stats_of_worker(f->stats, 0);

	be_unclear(f, 3, 404, FAULT_NONE);
	stats_count_use(worker, 0, NOW - HOUR);
	assert_true(is_told(f, "key a works", NOW));
	stats_count_use(worker, 0, NOW - 1);
	assert_true(is_told(f, NOTHING, NOW));
	stats_leave(worker);
}

static void
what_serves_nobody_is_not_told_of(void **state)
{
	struct fixture *f = *state;

	be_unclear(f, 3, 404, FAULT_NONE);
	decide(f, 0, KEY_OFF_DISABLED);
	assert_false(is_told(f, "key a works", NOW));
	decide(f, 0, KEY_OFF_EXPIRED);
	assert_false(is_told(f, "key a works", NOW));
	decide(f, 0, KEY_OFF_REJECTED);
	assert_true(is_told(f, "\"key a was rejected, and it is not known "
	    "whether it works again: its last 3 probes", NOW));
	decide(f, 0, 0);
	f->conf.n_routes = 0;
	assert_true(is_told(f, NOTHING, NOW));
}

static void
refuse(struct fixture *f)
{
	struct stats_refusing r = { .n = 1, .taking = place(f, 0) };

	r.upstreams[0] = place(f, 1);
	stats_note_refusing(f->memory, number(f, 0), &r);
}

static void
an_upstream_that_refuses_what_another_one_takes_is_named(void **state)
{
	struct fixture *f = *state;

	refuse(f);
	assert_true(is_told(f, "\"attention\":[{\"key\":\"a\",\"what\":"
	    "\"upstream other refuses key a, and upstream cloud does not: add "
	    "another one for upstream other, list it in 'keys' of route two "
	    "instead of a, and reload\",\"command\":\"sallyport key add a-2 "
	    "--to /etc/keys.age --host other.x -c /etc/x\",\"then\":["
	    "\"sallyport reload -c /etc/x\"],\"next\":\"a-2\"}]", NOW));
	/* No route sends it there any more. */
	f->conf.n_routes = 1;
	assert_true(is_told(f, NOTHING, NOW));
	f->conf.n_routes = 2;
	decide(f, 0, KEY_OFF_DISABLED);
	assert_false(is_told(f, "refuses key a", NOW));
}

int
main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_key_of_which_probes_say_nothing_is_named_with_the_way_out),
		TEST(the_reason_is_told_in_words),
		TEST(a_request_that_was_not_refused_says_that_the_key_works),
		TEST(what_serves_nobody_is_not_told_of),
		TEST(an_upstream_that_refuses_what_another_one_takes_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
