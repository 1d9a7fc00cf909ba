/*
 * daemon/balance: which of several workers should take the next client.
 */
#include "daemon/balance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define WORKERS		3
#define LISTENERS	5
#define NOW		(INT64_C(1000) * NS_PER_S)

static struct balance *balance;

static int
set_up(void **state)
{
	(void)state;
	balance = balance_new(WORKERS, LISTENERS);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	balance_free(balance);
	return 0;
}

static struct balance_place
place(size_t worker, size_t listener)
{
	return (struct balance_place){ balance, worker, listener };
}

static void
set(size_t worker, enum balance_state state)
{
	struct balance_place p = place(worker, 0);

	balance_set(&p, state);
}

static void
note(size_t worker, unsigned n, int64_t now)
{
	struct balance_place p = place(worker, 0);

	while (n-- > 0)
		balance_note(&p, now);
}

static bool
is_ahead(size_t worker, int64_t now)
{
	struct balance_place p = place(worker, 0);
	enum balance_state state;
	size_t other;

	return balance_is_ahead(&p, now, &other, &state);
}

static void
alone_nobody_is_ahead(void **state)
{
	(void)state;
	set(0, BALANCE_WAITS);
	note(0, 1000, NOW);
	assert_false(is_ahead(0, NOW));
}

static void
who_has_a_lead_lets_the_one_with_the_fewest_go_first(void **state)
{
	struct balance_place p = place(0, 0);
	enum balance_state its;
	size_t other;

	(void)state;
	set(0, BALANCE_WAITS);
	set(1, BALANCE_WAITS);
	set(2, BALANCE_AWAY);
	note(0, BALANCE_LEAD, NOW);
	note(1, 1, NOW);
	assert_true(balance_is_ahead(&p, NOW, &other, &its));
	assert_int_equal(other, 2);
	assert_int_equal(its, BALANCE_AWAY);
	assert_false(is_ahead(1, NOW));
	assert_false(is_ahead(2, NOW));
	note(2, 1, NOW);
	assert_false(is_ahead(0, NOW));
}

static void
who_takes_none_is_not_waited_for(void **state)
{
	struct balance_place p = place(0, 0);
	enum balance_state its;
	size_t other;

	(void)state;
	set(0, BALANCE_WAITS);
	note(0, 100, NOW);
	set(1, BALANCE_NONE);
	assert_false(is_ahead(0, NOW));
	assert_false(balance_has_other(&p, &other, &its));
	set(1, BALANCE_AWAY);
	assert_true(is_ahead(0, NOW));
	assert_true(balance_has_other(&p, &other, &its));
	assert_int_equal(its, BALANCE_AWAY);
	set(2, BALANCE_WAITS);
	assert_true(balance_has_other(&p, &other, &its));
	assert_int_equal(other, 2);
	assert_int_equal(its, BALANCE_WAITS);
}

static void
who_is_full_is_asked_last(void **state)
{
	struct balance_place p = place(0, 0);
	enum balance_state its;
	size_t other;

	(void)state;
	set(0, BALANCE_FULL);
	assert_false(balance_has_full(&p, &other));
	set(2, BALANCE_FULL);
	assert_true(balance_has_full(&p, &other));
	assert_int_equal(other, 2);
	assert_false(balance_has_other(&p, &other, &its));
	note(0, 100, NOW);
	assert_false(is_ahead(0, NOW));
	set(2, BALANCE_NONE);
	assert_false(balance_has_full(&p, &other));
}

static void
a_lead_is_halved_every_second_and_forgotten(void **state)
{
	(void)state;
	set(0, BALANCE_WAITS);
	set(1, BALANCE_WAITS);
	note(0, 8 * BALANCE_LEAD, NOW);
	assert_true(is_ahead(0, NOW));
	assert_true(is_ahead(0, NOW + 3 * NS_PER_S));
	assert_false(is_ahead(0, NOW + 4 * NS_PER_S));
	/* What comes then counts beside what is left. */
	note(0, 2 * BALANCE_LEAD, NOW + 5 * NS_PER_S);
	assert_true(is_ahead(0, NOW + 6 * NS_PER_S));
	assert_false(is_ahead(0, NOW + 100 * NS_PER_S));
	/* Another's clock may be a moment behind. */
	note(1, 100, NOW + 200 * NS_PER_S);
	assert_true(is_ahead(1, NOW + 199 * NS_PER_S));
}

static void
a_listener_has_nothing_to_do_with_another(void **state)
{
	struct balance_place p = place(0, 4), q = place(1, 4);
	enum balance_state its;
	size_t other;

	(void)state;
	set(0, BALANCE_WAITS);
	set(1, BALANCE_WAITS);
	balance_set(&p, BALANCE_WAITS);
	balance_note(&p, NOW);
	balance_note(&p, NOW);
	assert_false(balance_has_other(&p, &other, &its));
	assert_false(is_ahead(0, NOW));
	balance_set(&q, BALANCE_WAITS);
	assert_true(balance_is_ahead(&p, NOW, &other, &its));
	assert_int_equal(other, 1);
}

static void
who_died_takes_none_and_begins_anew(void **state)
{
	(void)state;
	set(0, BALANCE_WAITS);
	set(1, BALANCE_WAITS);
	note(0, 10, NOW);
	note(1, 10, NOW);
	balance_reset(balance, 1);
	assert_false(is_ahead(0, NOW));
	set(1, BALANCE_WAITS);
	assert_true(is_ahead(0, NOW));
	balance_reset(balance, 0);
	assert_false(is_ahead(1, NOW));
}

static void
what_a_child_does_is_seen(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (pid == 0) {
		set(2, BALANCE_WAITS);
		note(2, 10, NOW);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	set(0, BALANCE_WAITS);
	assert_true(is_ahead(2, NOW));
}

int
main(void)
{
#define CASE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		CASE(alone_nobody_is_ahead),
		CASE(who_has_a_lead_lets_the_one_with_the_fewest_go_first),
		CASE(who_takes_none_is_not_waited_for),
		CASE(who_is_full_is_asked_last),
		CASE(a_lead_is_halved_every_second_and_forgotten),
		CASE(a_listener_has_nothing_to_do_with_another),
		CASE(who_died_takes_none_and_begins_anew),
		CASE(what_a_child_does_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
