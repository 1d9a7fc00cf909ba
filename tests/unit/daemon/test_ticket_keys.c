/*
 * The keys of session tickets: made when a worker asks, rotated as time passes,
 * and the same for all workers.
 */
#include "daemon/ticket_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "daemon/control_channel.h"

#define HOUR_NS	(3600 * NS_PER_S)

/* A set is the previous key, the current one and the next. */
#define KEY	(TLS_TICKET_KEYS / 3)

struct fixture {
	struct ticket_keys *keys;
	int parent, worker;		/* a control channel */
	uint8_t got[TLS_TICKET_KEYS];	/* what the worker was sent last */
};

static int64_t now_ns, slept_ns;

static int64_t
now(void)
{
	return now_ns;
}

static int64_t
now_with_sleep(void)
{
	return now_ns + slept_ns;
}

static const struct clock_source steered = {
	.monotonic = now, .wall = now_with_sleep, .boot = now_with_sleep,
};

static int
setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	now_ns = 1000 * HOUR_NS;
	slept_ns = 0;
	clock_replace(&steered);
	f->keys = ticket_keys_new();
	assert_true(control_open(&f->parent, &f->worker));
	*state = f;
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	ticket_keys_free(f->keys);
	close(f->parent);
	close(f->worker);
	free(f);
	clock_replace(NULL);
	return 0;
}

static void
send_keys(struct fixture *f)
{
	struct control_message m;

	ticket_keys_send(f->keys, f->parent);
	assert_int_equal(control_receive(f->worker, &m), CONTROL_MESSAGE);
	assert_int_equal(m.kind, CONTROL_TICKETS);
	assert_int_equal(m.fd, -1);
	assert_true(ticket_keys_read(m.text, f->got));
}

static bool
step(struct fixture *f, int64_t *left)
{
	bool rotated = ticket_keys_step(f->keys, now_ns, left);

	*left -= now_ns;
	return rotated;
}

static void
where_nobody_needs_keys_there_are_none(void **state)
{
	struct fixture *f = *state;
	int64_t next;

	now_ns += 100 * HOUR_NS;
	assert_false(ticket_keys_step(f->keys, now_ns, &next));
	assert_true(next == INT64_MAX);
}

static void
each_worker_gets_the_same(void **state)
{
	struct fixture *f = *state;
	uint8_t first[TLS_TICKET_KEYS];
	int64_t left;

	send_keys(f);
	memcpy(first, f->got, sizeof(first));
	now_ns += 11 * HOUR_NS;
	assert_false(step(f, &left));
	assert_int_equal(left, HOUR_NS);
	send_keys(f);
	assert_memory_equal(first, f->got, sizeof(first));
}

static void
after_half_a_day_the_next_key_is_the_current_one(void **state)
{
	struct fixture *f = *state;
	uint8_t before[TLS_TICKET_KEYS];
	int64_t left;

	send_keys(f);
	for (unsigned i = 0; i < 3; i++) {
		memcpy(before, f->got, sizeof(before));
		now_ns += 12 * HOUR_NS;
		assert_true(step(f, &left));
		assert_int_equal(left, 12 * HOUR_NS);
		assert_false(step(f, &left));
		send_keys(f);
		assert_memory_equal(f->got, before + KEY, 2 * KEY);
		assert_memory_not_equal(f->got + 2 * KEY, before + 2 * KEY,
		    KEY);
	}
}

/* It counts although the monotonic clock stood still. */
static void
a_machine_that_slept_rotates_when_it_wakes(void **state)
{
	struct fixture *f = *state;
	int64_t left;

	send_keys(f);
	slept_ns = 50 * HOUR_NS;
	assert_true(step(f, &left));
	assert_int_equal(left, 12 * HOUR_NS);
}

static void
what_is_no_set_of_keys_is_not_read(void **state)
{
	struct fixture *f = *state;
	struct control_message m;
	uint8_t got[TLS_TICKET_KEYS] = { 0 }, none[TLS_TICKET_KEYS] = { 0 };

	ticket_keys_send(f->keys, f->parent);
	assert_int_equal(control_receive(f->worker, &m), CONTROL_MESSAGE);
	assert_false(ticket_keys_read("", got));
	assert_false(ticket_keys_read(&m.text[4], got));
	m.text[17] = '*';
	assert_false(ticket_keys_read(m.text, got));
	assert_memory_equal(got, none, sizeof(got));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    where_nobody_needs_keys_there_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(each_worker_gets_the_same,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    after_half_a_day_the_next_key_is_the_current_one,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_machine_that_slept_rotates_when_it_wakes,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    what_is_no_set_of_keys_is_not_read, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
