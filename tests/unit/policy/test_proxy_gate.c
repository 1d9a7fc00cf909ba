/*
 * policy/proxy_gate: when a proxy is asked that refused whoever asked it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h needs the four above. */
#include <cmocka.h>

#include "base/clock.h"
#include "policy/proxy_gate.h"

#define NOW	(1000 * NS_PER_S)

static void
a_proxy_that_refused_nobody_is_asked(void **state)
{
	struct proxy_gate g = { .refused = 0 };

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		assert_true(proxy_gate_pass(&g, 1, NOW));
	assert_false(proxy_gate_refuses(&g, 1));
}

static void
one_asks_when_a_pause_is_over_and_pauses_grow(void **state)
{
	struct proxy_gate g = { .refused = 0 };
	int64_t now = NOW, pause = NS_PER_S;

	(void)state;
	assert_true(proxy_gate_refuse(&g, 1, now, now));
	for (unsigned i = 0; i < 10; i++) {
		assert_false(proxy_gate_pass(&g, 1, now));
		assert_false(proxy_gate_pass(&g, 1, now + pause - 1));
		now += pause;
		assert_true(proxy_gate_pass(&g, 1, now));
		assert_false(proxy_gate_pass(&g, 1, now));
		assert_false(proxy_gate_refuse(&g, 1, now, now + 1));
		now++;
		pause = pause < 30 * NS_PER_S ? 2 * pause : 60 * NS_PER_S;
	}
	assert_true(proxy_gate_refuses(&g, 1));
}

static void
those_that_asked_together_are_refused_once(void **state)
{
	struct proxy_gate g = { .refused = 0 };

	(void)state;
	assert_true(proxy_gate_refuse(&g, 1, NOW, NOW + 5));
	for (int64_t i = 0; i < 64; i++)
		assert_false(proxy_gate_refuse(&g, 1, NOW, NOW + 6 + i));
	assert_true(proxy_gate_pass(&g, 1, NOW + 5 + NS_PER_S));
}

static void
who_is_lost_while_it_asks_closes_it_for_one_pause_only(void **state)
{
	struct proxy_gate g = { .refused = 0 };

	(void)state;
	(void)proxy_gate_refuse(&g, 1, NOW, NOW);
	assert_true(proxy_gate_pass(&g, 1, NOW + NS_PER_S));
	assert_false(proxy_gate_pass(&g, 1, NOW + 2 * NS_PER_S - 1));
	assert_true(proxy_gate_pass(&g, 1, NOW + 2 * NS_PER_S));
}

static void
a_tunnel_opens_it_and_another_key_finds_it_open(void **state)
{
	struct proxy_gate g = { .refused = 0 };

	(void)state;
	(void)proxy_gate_refuse(&g, 1, NOW, NOW);
	assert_true(proxy_gate_pass(&g, 2, NOW));
	proxy_gate_open(&g, 2);
	assert_false(proxy_gate_pass(&g, 1, NOW));
	proxy_gate_open(&g, 1);
	assert_true(proxy_gate_pass(&g, 1, NOW));
	/* It begins anew. */
	assert_true(proxy_gate_refuse(&g, 1, NOW, NOW));
	assert_true(proxy_gate_pass(&g, 1, NOW + NS_PER_S));
}

static void
what_a_worker_left_closes_it_for_no_longer_than_a_minute(void **state)
{
	struct proxy_gate g = { .refused = 1, .opens_at = INT64_MAX,
	    .closed_at = INT64_MAX, .pause = INT64_MAX };

	(void)state;
	assert_true(proxy_gate_pass(&g, 1, NOW));
	assert_false(proxy_gate_pass(&g, 1, NOW + 60 * NS_PER_S - 1));
	assert_true(proxy_gate_pass(&g, 1, NOW + 60 * NS_PER_S));
	assert_false(proxy_gate_refuse(&g, 1, NOW, NOW));
	g.opens_at = g.pause = INT64_MIN;
	assert_true(proxy_gate_pass(&g, 1, NOW));
	assert_false(proxy_gate_pass(&g, 1, NOW));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proxy_that_refused_nobody_is_asked),
		cmocka_unit_test(one_asks_when_a_pause_is_over_and_pauses_grow),
		cmocka_unit_test(those_that_asked_together_are_refused_once),
		cmocka_unit_test(
		    who_is_lost_while_it_asks_closes_it_for_one_pause_only),
		cmocka_unit_test(
		    a_tunnel_opens_it_and_another_key_finds_it_open),
		cmocka_unit_test(
		    what_a_worker_left_closes_it_for_no_longer_than_a_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
