/*
 * Unit tests of pages/admin_keys: what is told of the keys of a configuration,
 * by their values.
 */
#include "pages/admin_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "stats/counting.h"
#include "stats/decided.h"

#define KEYS	3
#define NOW	INT64_C(1800000000)

static char key_names[KEYS][2] = { "a", "b", "c" };
static char route_name[] = "one", upstream_name[] = "cloud";

/* a and b have values of their own, c has that of a; a route lists a and b. */
struct fixture {
	struct conf conf;
	struct conf_key keys[KEYS];
	size_t listed[2];
	struct conf_route route;
	struct conf_upstream upstream;
	struct stats_memory *memory;
	struct stats *stats;
	struct admin_brief brief;
	struct admin_news news;
	struct admin_facts facts;
	struct admin_key *told;
};

static void
configure(struct fixture *f)
{
	char why[256];

	for (size_t i = 0; i < KEYS; i++)
		f->keys[i] = (struct conf_key){ .name = key_names[i],
			.value = secret_copy(&"xyx"[i], 1),
			.expires = CONF_NO_TIME };
	f->listed[1] = 1;
	f->route = (struct conf_route){ .name = route_name,
		.keys = f->listed, .n_keys = 2 };
	f->upstream.name = upstream_name;
	f->conf = (struct conf){ .workers = 1,
		.keys = f->keys, .n_keys = KEYS,
		.routes = &f->route, .n_routes = 1,
		.upstreams = &f->upstream, .n_upstreams = 1 };
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
	f->facts = (struct admin_facts){ .brief = &f->brief,
		.news = &f->news, .memory = f->memory, .stats = f->stats };
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	free(f->told);
	stats_free(f->stats);
	stats_memory_free(f->memory);
	for (size_t i = 0; i < KEYS; i++)
		secret_free(f->keys[i].value);
	free(f);
	return 0;
}

static void
use(struct fixture *f, size_t key)
{
	struct stats *worker = stats_of_worker(f->stats, 0);

	stats_count_use(worker, key, NOW);
	stats_leave(worker);
}

static void
decide(struct fixture *f, size_t key, unsigned facts)
{
	stats_decide(f->memory, stats_numbers(f->stats)->keys[key],
	    (struct stats_decision){ .facts = facts,
	    .rejected_ns = INT64_MIN / 2 });
}

static enum key_state
state_of(struct fixture *f, size_t key, int64_t now)
{
	free(f->told);
	f->told = admin_keys_look(&f->facts, now);
	return f->told[key].state;
}

/* -- tests -- */

static void
a_key_is_unused_until_the_first_request_goes_out_with_it(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(state_of(f, 0, NOW), KEY_STATE_UNUSED);
	use(f, 0);
	assert_int_equal(state_of(f, 0, NOW), KEY_STATE_ACTIVE);
	assert_int_equal(f->told[1].state, KEY_STATE_STANDBY);
}

static void
names_of_one_value_have_one_state(void **state)
{
	struct fixture *f = *state;

	use(f, 0);
	assert_int_equal(state_of(f, 2, NOW), KEY_STATE_ACTIVE);
	decide(f, 2, KEY_OFF_REJECTED);
	assert_int_equal(state_of(f, 0, NOW), KEY_STATE_REJECTED);
	assert_int_equal(f->told[2].state, KEY_STATE_REJECTED);
	assert_int_equal(f->told[2].facts, f->told[0].facts);
}

static void
the_next_key_is_what_the_one_before_it_was(void **state)
{
	struct fixture *f = *state;

	use(f, 0);
	use(f, 1);
	decide(f, 0, KEY_OFF_EXPIRED);
	decide(f, 1, KEY_ENDING);
	assert_int_equal(state_of(f, 0, NOW), KEY_STATE_EXPIRED);
	assert_int_equal(f->told[1].state, KEY_STATE_EXPIRING);
	decide(f, 1, 0);
	assert_int_equal(state_of(f, 1, NOW), KEY_STATE_ACTIVE);
	decide(f, 0, 0);
	assert_int_equal(state_of(f, 1, NOW), KEY_STATE_STANDBY);
}

static void
a_key_is_safe_to_revoke_a_minute_after_another_one_took_over(void **state)
{
	struct fixture *f = *state;

	use(f, 0);
	(void)state_of(f, 0, NOW + 3600);
	assert_int_equal(f->told[0].revoke, KEY_REVOKE_SERVES);
	assert_int_equal(f->told[1].revoke, KEY_REVOKE_NEXT);
	assert_int_equal(f->told[0].route, 0);
	decide(f, 0, KEY_OFF_DISABLED);
	(void)state_of(f, 0, NOW + 1);
	assert_int_equal(f->told[0].revoke, KEY_REVOKE_LATELY);
	(void)state_of(f, 0, NOW + 3600);
	assert_int_equal(f->told[0].revoke, KEY_REVOKE_SAFE);
	assert_int_equal(f->told[0].route, CONF_NONE);
	decide(f, 1, KEY_OFF_EXPIRED);
	(void)state_of(f, 0, NOW + 3600);
	assert_int_equal(f->told[0].revoke, KEY_REVOKE_ALONE);
}

static void
reject_now(struct fixture *f, size_t key)
{
	stats_decide(f->memory, stats_numbers(f->stats)->keys[key],
	    (struct stats_decision){ .facts = KEY_OFF_REJECTED,
	    .rejected_ns = clock_boot(), .off_ns = clock_boot() });
}

static void
a_rejected_key_that_still_serves_makes_no_other_safe_to_revoke(void **state)
{
	struct fixture *f = *state;

	decide(f, 0, KEY_OFF_EXPIRED);
	reject_now(f, 1);
	(void)state_of(f, 0, NOW + 3600);
	assert_int_equal(f->told[0].revoke, KEY_REVOKE_BRIEF);
	assert_int_equal(f->told[0].route, 0);
	assert_int_equal(f->told[1].revoke, KEY_REVOKE_SERVES);
	assert_int_equal(f->told[1].state, KEY_STATE_REJECTED);
}

/* At midnight of the day that the API told. */
static void
nor_does_an_expired_key_that_serves_on(void **state)
{
	struct fixture *f = *state;

	decide(f, 0, KEY_OFF_DISABLED);
	decide(f, 1, KEY_OFF_EXPIRED | KEY_DOUBTED);
	(void)state_of(f, 0, NOW + 3600);
	assert_int_equal(f->told[0].revoke, KEY_REVOKE_BRIEF);
	assert_int_equal(f->told[1].revoke, KEY_REVOKE_SERVES);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_key_is_unused_until_the_first_request_goes_out_with_it),
		TEST(names_of_one_value_have_one_state),
		TEST(the_next_key_is_what_the_one_before_it_was),
		TEST(a_key_is_safe_to_revoke_a_minute_after_another_one_took_over
		    ),
		TEST(a_rejected_key_that_still_serves_makes_no_other_safe_to_revoke
		    ),
		TEST(nor_does_an_expired_key_that_serves_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
