#include "net/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <string.h>

#include "net/timer.h"

/* Work that writes its letter. */
struct work {
	struct deferred d;
	struct loop *loop;
	char letter;
	struct work *queues;	/* when it runs; may be itself */
	unsigned times;		/* it does so */
	struct work *cancels;
};

static char trace[64];

static void
run_work(void *arg)
{
	struct work *w = arg;
	size_t n = strlen(trace);

	assert_true(n < sizeof(trace) - 1);
	trace[n] = w->letter;
	trace[n + 1] = '\0';
	if (w->cancels != NULL)
		deferred_cancel(&w->cancels->d);
	if (w->times > 0) {
		w->times--;
		deferred_queue(w->loop, &w->queues->d);
	}
}

static void
work_init(struct work *w, struct loop *l, char letter, enum loop_phase phase)
{
	*w = (struct work){ .loop = l, .letter = letter };
	deferred_init(&w->d, phase, run_work, w);
}

static int
setup(void **state)
{
	*state = loop_new();
	trace[0] = '\0';
	return 0;
}

static int
teardown(void **state)
{
	loop_free(*state);
	return 0;
}

static void
work_runs_in_the_order_it_was_put_off(void **state)
{
	struct loop *l = *state;
	struct work a, b, c;

	work_init(&a, l, 'a', LOOP_SOON);
	work_init(&b, l, 'b', LOOP_SOON);
	work_init(&c, l, 'c', LOOP_SOON);
	deferred_queue(l, &b.d);
	deferred_queue(l, &a.d);
	deferred_queue(l, &b.d);
	deferred_queue(l, &c.d);
	deferred_cancel(&c.d);
	deferred_cancel(&c.d);
	loop_run(l);
	assert_string_equal(trace, "ba");
}

static void
late_work_waits_for_all_other(void **state)
{
	struct loop *l = *state;
	struct work late, a, b;

	work_init(&late, l, 'L', LOOP_LATE);
	work_init(&a, l, 'a', LOOP_SOON);
	work_init(&b, l, 'b', LOOP_SOON);
	a.queues = &a;
	a.times = 2;
	late.queues = &b;
	late.times = 1;
	deferred_queue(l, &late.d);
	deferred_queue(l, &a.d);
	loop_run(l);
	assert_string_equal(trace, "aaaLb");
}

static void
work_may_cancel_other_work(void **state)
{
	struct loop *l = *state;
	struct work a, b;

	work_init(&a, l, 'a', LOOP_SOON);
	work_init(&b, l, 'b', LOOP_SOON);
	a.cancels = &b;
	deferred_queue(l, &a.d);
	deferred_queue(l, &b.d);
	loop_run(l);
	assert_string_equal(trace, "a");
}

static void
work_of_the_end_waits_for_it(void **state)
{
	struct loop *l = loop_new();
	struct work end, b;

	(void)state;
	work_init(&end, l, 'E', LOOP_END);
	work_init(&b, l, 'b', LOOP_SOON);
	end.queues = &b;
	end.times = 1;
	deferred_queue(l, &end.d);
	loop_run(l);
	assert_string_equal(trace, "");
	loop_free(l);
	assert_string_equal(trace, "Eb");
}

static void
stop_ends_the_turn_that_called_it(void *arg)
{
	loop_stop(arg);
}

static void
the_loop_stops_and_runs_again(void **state)
{
	struct loop *l = *state;
	struct timer t;

	timer_init(&t, l, stop_ends_the_turn_that_called_it, l);
	for (unsigned i = 0; i < 3; i++) {
		timer_set(&t, 1);
		loop_run(l);
		assert_false(timer_is_set(&t));
	}
	timer_end(&t);
}

struct heavy {
	struct timer timer;
	struct loop *loop;
	unsigned turns, allowed;
};

static void
heavy_on_turn(void *owner)
{
	struct heavy *h = owner;

	while (loop_allows_heavy(h->loop))
		h->allowed++;
	if (++h->turns < 3)
		timer_set(&h->timer, 1);
	else
		loop_stop(h->loop);
}

static void
each_turn_allows_so_much_heavy_work(void **state)
{
	struct heavy h = { .loop = *state };

	timer_init(&h.timer, h.loop, heavy_on_turn, &h);
	timer_set(&h.timer, 1);
	loop_run(h.loop);
	assert_int_equal(h.turns, 3);
	assert_int_equal(h.allowed, 3 * LOOP_HEAVY);
	timer_end(&h.timer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    work_runs_in_the_order_it_was_put_off, setup, teardown),
		cmocka_unit_test_setup_teardown(late_work_waits_for_all_other,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(work_may_cancel_other_work,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(work_of_the_end_waits_for_it,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(the_loop_stops_and_runs_again,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    each_turn_allows_so_much_heavy_work, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
