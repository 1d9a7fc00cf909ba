/*
 * Unit tests of keys/key_trial.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/log.h"
#include "keys/key_trial.h"

#define NOW		(1000 * NS_PER_S)
#define WORKER		100
#define SELF(s)		((char *)(uintptr_t)(s))

static uint32_t key_numbers[] = { 10, 11, 10 }, upstream_numbers[] = { 5, 6 };
static size_t first[] = { 0, 1, 2 }, second[] = { 1 };
static unsigned asked;
static bool known, nobody;
static bool proxy_known, refused;
static struct conf_key keys[3];
static struct conf_upstream upstreams[2];
static struct conf_route routes[2];
static struct conf conf;

static bool
is_known(void *owner, size_t route, uint32_t key)
{
	(void)owner;
	assert_in_range(route, 0, 1);
	return known && key == 10;
}

static bool
is_proxy_known(void *owner, size_t upstream)
{
	(void)owner;
	assert_int_equal(upstream, 0);
	return proxy_known;
}

static bool
proxy_refuses(void *owner, size_t upstream)
{
	(void)owner;
	assert_int_equal(upstream, 0);
	return refused;
}

static struct key_question
ask(void *owner, uint32_t key, uint32_t upstream)
{
	(void)owner;
	assert_in_range(key, 10, 11);
	assert_in_range(upstream, 5, 6);
	asked++;
	return (struct key_question){ .worker = nobody ? 0 : WORKER,
	    .id = asked };
}

/* To the question of that number. */
static void
hear(struct key_trial *t, unsigned n, enum key_answer answer)
{
	key_trial_heard(t, &(struct key_question){ .worker = WORKER,
	    .id = n }, &(struct key_said){ .answer = answer, .status = 404 });
}

static struct key_trial *
begin(void)
{
	const struct stats_numbers numbers = {
		.keys = key_numbers, .n_keys = 3,
		.upstreams = upstream_numbers, .n_upstreams = 2,
	};
	static struct stats_numbers kept;

	kept = numbers;
	return key_trial_new(&(struct key_trial_of){
		.conf = &conf, .numbers = &kept, .is_known = is_known,
		.is_proxy_known = is_proxy_known,
		.proxy_refuses = proxy_refuses, .ask = ask }, NOW);
}

static int
set_up(void **state)
{
	(void)state;
	asked = 0;
	known = nobody = proxy_known = refused = false;
	for (size_t i = 0; i < 3; i++)
		keys[i] = (struct conf_key){ .name = SELF("k"),
		    .where = { .file = "f", .line = 7 } };
	for (size_t i = 0; i < 2; i++)
		upstreams[i] = (struct conf_upstream){ .name = SELF("u"),
		    .proxy.key = CONF_NONE };
	routes[0] = (struct conf_route){ .upstream = 0, .keys = first,
	    .n_keys = 3 };
	routes[1] = (struct conf_route){ .upstream = 1, .keys = second,
	    .n_keys = 1 };
	conf = (struct conf){ .keys = keys, .n_keys = 3,
	    .upstreams = upstreams, .n_upstreams = 2, .routes = routes,
	    .n_routes = 2 };
	log_start(STDERR_FILENO, LOG_LEVEL_ERROR, NULL);
	return 0;
}

static void
each_value_is_tried_once_at_each_of_its_upstreams(void **state)
{
	struct key_trial *t = begin();

	(void)state;
	assert_int_equal(asked, 3);
	assert_false(key_trial_is_over(t, NOW));
	hear(t, 1, KEY_ACCEPTED);
	hear(t, 2, KEY_UNCLEAR);
	/* Another worker, another question, and an answer that was heard. */
	key_trial_heard(t, &(struct key_question){ .worker = WORKER + 1,
	    .id = 3 }, &(struct key_said){ .answer = KEY_REJECTED });
	hear(t, 4, KEY_REJECTED);
	hear(t, 1, KEY_REJECTED);
	assert_false(key_trial_is_over(t, NOW));
	hear(t, 3, KEY_ACCEPTED);
	assert_true(key_trial_is_over(t, NOW));
	assert_true(key_trial_until(t) == INT64_MAX);
	assert_null(key_trial_failure(t));
	key_trial_free(t);
}

static void
values_that_are_known_are_not_tried(void **state)
{
	struct key_trial *t;

	(void)state;
	known = true;
	t = begin();
	assert_int_equal(asked, 2);
	key_trial_free(t);
}

static void
only_a_rejection_is_a_failure(void **state)
{
	struct key_trial *t = begin();

	(void)state;
	hear(t, 3, KEY_REJECTED);
	assert_string_equal(key_trial_failure(t), "f:7: key k: upstream u "
	    "rejects it; try = \"warn\" of expiry takes it anyway");
	key_trial_free(t);
	conf.expiry.try_new = CONF_TRY_WARN;
	t = begin();
	hear(t, 6, KEY_REJECTED);
	assert_null(key_trial_failure(t));
	key_trial_free(t);
}

static void
expect_warnings(const struct key_trial *t, size_t n, const char *last)
{
	struct conf_diagnostics d = { .n = 0 };

	key_trial_warn(t, &d);
	assert_int_equal(d.n, n);
	assert_int_equal(d.n_errors, 0);
	for (size_t i = 0; i < n; i++)
		assert_string_equal(d.v[i].file, "f");
	if (n != 0)
		assert_string_equal(d.v[n - 1].text, last);
	conf_diagnostics_free(&d);
}

static void
warnings_say_what_was_tried_and_what_was_not(void **state)
{
	struct key_trial *t = begin();

	(void)state;
	expect_warnings(t, 0, NULL);
	hear(t, 1, KEY_ACCEPTED);
	hear(t, 2, KEY_UNCLEAR);
	expect_warnings(t, 1, "key k was tried at upstream u, and the answer "
	    "was unclear (404): it neither accepts nor rejects the key; it "
	    "serves untried");
	key_trial_heard(t, &(struct key_question){ .worker = WORKER,
	    .id = 3 }, &(struct key_said){ .answer = KEY_UNCLEAR,
	    .fault = FAULT_UPSTREAM_UNREACHABLE });
	expect_warnings(t, 2, "upstream u cannot be reached, so key k serves "
	    "untried");
	key_trial_free(t);
	conf.expiry.try_new = CONF_TRY_WARN;
	t = begin();
	hear(t, 6, KEY_REJECTED);
	expect_warnings(t, 1, "key k serves now, and upstream u rejects it");
	assert_true(key_trial_is_over(t, key_trial_until(t)));
	expect_warnings(t, 3, "key k serves now, and upstream u rejects it");
	key_trial_free(t);
	nobody = true;
	t = begin();
	expect_warnings(t, 3, "no worker could try key k at upstream u: it "
	    "serves untried");
	key_trial_free(t);
}

static void
where_nobody_answers_it_ends_in_time(void **state)
{
	struct key_trial *t = begin();

	(void)state;
	assert_true(key_trial_until(t) > NOW);
	assert_false(key_trial_is_over(t, key_trial_until(t) - 1));
	assert_true(key_trial_is_over(t, key_trial_until(t)));
	assert_null(key_trial_failure(t));
	key_trial_free(t);
	nobody = true;
	t = begin();
	assert_true(key_trial_is_over(t, NOW));
	key_trial_free(t);
}

static void
nothing_is_tried_where_that_is_off(void **state)
{
	struct key_trial *t;

	(void)state;
	conf.expiry.try_new = CONF_TRY_OFF;
	t = begin();
	assert_int_equal(asked, 0);
	assert_true(key_trial_is_over(t, NOW));
	key_trial_free(t);
}

/* Of the first upstream, with a key of its own. */
static void
have_proxy(void)
{
	upstreams[0].proxy = (struct conf_proxy){ .host = SELF("proxy"),
	    .port = 3128, .key = 1 };
}

static void
the_key_of_a_proxy_is_tried_with_one_that_is_known(void **state)
{
	struct key_trial *t;

	(void)state;
	have_proxy();
	known = true;
	t = begin();
	assert_int_equal(asked, 3);
	/* It speaks neither for nor against a key that is known. */
	hear(t, 1, KEY_REJECTED);
	assert_null(key_trial_failure(t));
	key_trial_free(t);
	asked = 0;
	proxy_known = true;
	key_trial_free(begin());
	assert_int_equal(asked, 2);
}

static void
lose_at_proxy(struct key_trial *t, unsigned n)
{
	key_trial_heard(t, &(struct key_question){ .worker = WORKER,
	    .id = n }, &(struct key_said){ .answer = KEY_UNCLEAR,
	    .fault = FAULT_UPSTREAM_UNREACHABLE });
}

static void
that_a_proxy_refuses_its_key_is_a_failure(void **state)
{
	struct key_trial *t;

	(void)state;
	have_proxy();
	t = begin();
	lose_at_proxy(t, 1);
	assert_null(key_trial_failure(t));
	refused = true;
	lose_at_proxy(t, 2);
	assert_string_equal(key_trial_failure(t), "f:7: key k: the proxy of "
	    "upstream u refuses it (407); try = \"warn\" of expiry takes it "
	    "anyway");
	key_trial_free(t);
	conf.expiry.try_new = CONF_TRY_WARN;
	asked = 0;
	t = begin();
	lose_at_proxy(t, 1);
	assert_null(key_trial_failure(t));
	expect_warnings(t, 1, "key k serves now, and the proxy of upstream u "
	    "refuses it (407)");
	key_trial_free(t);
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup(test, set_up)
	const struct CMUnitTest tests[] = {
		CASE(each_value_is_tried_once_at_each_of_its_upstreams),
		CASE(values_that_are_known_are_not_tried),
		CASE(only_a_rejection_is_a_failure),
		CASE(warnings_say_what_was_tried_and_what_was_not),
		CASE(where_nobody_answers_it_ends_in_time),
		CASE(nothing_is_tried_where_that_is_off),
		CASE(the_key_of_a_proxy_is_tried_with_one_that_is_known),
		CASE(that_a_proxy_refuses_its_key_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
