/*
 * client/env: what sessions and exchanges share.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client_rig.h"

static void
the_date_is_that_of_the_second(void **state)
{
	struct client_rig *r = *state;
	char first[CLOCK_HTTP_TEXT];

	client_rig_open(r, 10);
	(void)snprintf(first, sizeof(first), "%.*s",
	    TEXT_ARG(env_date(r->env)));
	memory_pass(999);
	assert_true(text_eq(env_date(r->env), text_of(first)));
	memory_pass(1);
	assert_false(text_eq(env_date(r->env), text_of(first)));
}

static void
two_workers_lives_have_two_names(void **state)
{
	struct client_rig *r = *state;
	struct env *other;

	client_rig_open(r, 10);
	other = env_new(&r->conf, r->loop, r->stats,
	    NULL);
	assert_int_equal(strlen(other->run), RECORD_RUN - 1);
	assert_string_not_equal(other->run, r->env->run);
	env_free(other);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, client_rig_set_up, client_rig_tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_date_is_that_of_the_second),
		TEST(two_workers_lives_have_two_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
