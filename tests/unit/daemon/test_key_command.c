/*
 * Unit tests of daemon/key_command: what an order about a key waits for before
 * it is answered, with a real folder.
 */
#include "daemon/key_command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "keys/key_store.h"
#include "keys/key_warnings.h"
#include "policy/key_state.h"
#include "stats/decided.h"

static char key_name[] = "a", route_name[] = "one", upstream_name[] = "cloud";

struct fixture {
	char folder[40];
	struct conf conf;
	struct conf_key key;
	struct conf_route route;
	struct conf_upstream upstream;
	size_t listed;
	struct stats_memory *memory;
	struct stats *stats;
	struct key_warnings *warnings;
	struct key_store *store;
	struct key_keeper *keys;
	struct key_commands *commands;
	bool obeyed;			/* by all workers, whatever it is */
	unsigned kills;			/* of those that did not */
	unsigned answers;
	uint64_t answered;		/* the last one */
	enum admin_outcome outcome;
	char text[KEY_ORDER_TEXT + 128];
};

static int64_t now;

static int64_t
get_now(void)
{
	return now;
}

static void
on_answer(void *owner, uint64_t id, enum admin_outcome outcome,
    const char *text)
{
	struct fixture *f = owner;

	f->answers++;
	f->answered = id;
	f->outcome = outcome;
	(void)snprintf(f->text, sizeof(f->text), "%s", text);
}

static bool
on_obeyed(void *owner, uint64_t decisions)
{
	const struct fixture *f = owner;

	assert_true(decisions <= stats_decisions(f->memory));
	return f->obeyed;
}

static void
on_deaf(void *owner, uint64_t decisions)
{
	struct fixture *f = owner;

	assert_int_equal(decisions, stats_decisions(f->memory));
	f->kills++;
}

static void
on_kept(void *owner, uint64_t number, const char *why)
{
	const struct fixture *f = owner;

	key_commands_kept(f->commands, number, why);
}

static void
configure(struct fixture *f)
{
	char why[256];

	f->key = (struct conf_key){ .name = key_name,
		.value = secret_copy("x", 1), .expires = CONF_NO_TIME };
	f->upstream.name = upstream_name;
	f->route = (struct conf_route){ .name = route_name,
		.keys = &f->listed, .n_keys = 1 };
	f->conf = (struct conf){ .workers = 1, .keys = &f->key, .n_keys = 1,
		.routes = &f->route, .n_routes = 1,
		.upstreams = &f->upstream, .n_upstreams = 1,
		.state_dir = f->folder, .uid = CONF_NO_ID };
	f->stats = stats_new(f->memory, &f->conf, why, sizeof(why));
	assert_non_null(f->stats);
}

static void
serve(struct fixture *f)
{
	struct conf_diagnostics diagnostics = { .n = 0 };

	key_keeper_bring(f->keys, &f->conf, &diagnostics);
	assert_int_equal(diagnostics.n, 0);
	key_keeper_meet(f->keys, &f->conf, stats_numbers(f->stats));
	key_keeper_serve(f->keys, &f->conf, f->stats);
}

static int
setup(void **state)
{
	static const struct clock_source source = { get_now, get_now,
	    get_now };
	struct fixture *f = xcalloc(1, sizeof(*f));
	char why[256];

	*state = f;
	now = 1000 * NS_PER_S;
	clock_replace(&source);
	log_start(STDERR_FILENO, LOG_LEVEL_ERROR, NULL);
	(void)snprintf(f->folder, sizeof(f->folder),
	    "/tmp/sallyport-command-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	f->memory = stats_memory_new(10, why, sizeof(why));
	assert_non_null(f->memory);
	f->warnings = key_warnings_new(f->memory);
	f->store = key_store_new(&(struct key_store_conf){
		.memory = f->memory, .warnings = f->warnings,
		.kept = on_kept, .owner = f });
	f->keys = key_keeper_new(&(struct key_keeper_conf){
		.memory = f->memory, .store = f->store });
	f->commands = key_commands_new(&(struct key_commands_conf){
		.keys = f->keys, .memory = f->memory,
		.answer = on_answer, .owner = f,
		.obeyed = on_obeyed, .end_deaf = on_deaf, .workers = f });
	f->obeyed = true;
	configure(f);
	serve(f);
	return 0;
}

static void
remove_file(const struct fixture *f, const char *name)
{
	char *path = xasprintf("%s/%s", f->folder, name);

	(void)unlink(path);
	free(path);
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	key_commands_free(f->commands);
	key_keeper_free(f->keys);
	key_store_free(f->store);
	key_warnings_free(f->warnings);
	stats_free(f->stats);
	stats_memory_free(f->memory);
	secret_free(f->key.value);
	remove_file(f, "disabled.json");
	remove_file(f, "keys.json");
	remove_file(f, "lock");
	assert_int_equal(rmdir(f->folder), 0);
	log_start(STDERR_FILENO, LOG_LEVEL_INFO, NULL);
	clock_replace(NULL);
	free(f);
	return 0;
}

static void
order(struct fixture *f, uint64_t id, enum key_order what, const char *key)
{
	key_commands_follow(f->commands, id, &(struct admin_command){
		.key = key, .order = what }, 1000);
}

static void
assert_answer(const struct fixture *f, uint64_t id, enum admin_outcome outcome,
    const char *text)
{
	assert_int_equal(f->answered, id);
	assert_int_equal(f->outcome, outcome);
	assert_non_null(strstr(f->text, text));
}

/* Time goes by, in which the parent takes its turns when it wants them. */
static void
pass(const struct fixture *f, int64_t ms)
{
	int64_t end = now + ms * NS_PER_MS, until;

	while ((until = key_commands_step(f->commands)) < end)
		now = until;
	now = end;
	(void)key_commands_step(f->commands);
}

/* -- tests -- */

static void
the_effect_is_had_at_once_and_the_answer_waits_for_the_disk(void **state)
{
	struct fixture *f = *state;

	order(f, 7, KEY_ORDER_DISABLE, "a");
	assert_int_equal(stats_key_off(f->stats, 0), KEY_OFF_DISABLED);
	assert_true(key_commands_step(f->commands) == INT64_MAX);
	now += 3600 * NS_PER_S;
	assert_true(key_commands_step(f->commands) == INT64_MAX);
	assert_int_equal(f->answers, 0);
	assert_true(key_commands_wait(f->commands));
	key_store_end(f->store);
	(void)key_commands_step(f->commands);
	assert_int_equal(f->answers, 1);
	assert_answer(f, 7, ADMIN_DONE, "key a is disabled");
	assert_false(key_commands_wait(f->commands));
}

static void
the_answer_waits_until_the_workers_obey(void **state)
{
	struct fixture *f = *state;
	int64_t until;

	f->obeyed = false;
	order(f, 1, KEY_ORDER_DISABLE, "a");
	key_store_end(f->store);
	until = key_commands_step(f->commands);
	assert_true(until > now && until < now + 10 * NS_PER_S);
	assert_int_equal(f->answers, 0);
	f->obeyed = true;
	(void)key_commands_step(f->commands);
	assert_int_equal(f->answers, 1);
	assert_answer(f, 1, ADMIN_DONE, "key a is disabled");
}

static void
a_worker_that_does_not_obey_is_killed_and_its_end_waited_for(void **state)
{
	struct fixture *f = *state;

	f->obeyed = false;
	order(f, 1, KEY_ORDER_DISABLE, "a");
	key_store_end(f->store);
	pass(f, 1999);
	assert_int_equal(f->kills, 0);
	pass(f, 1);
	assert_int_equal(f->kills, 1);
	assert_int_equal(f->answers, 0);
	/* As it has ended. */
	f->obeyed = true;
	(void)key_commands_step(f->commands);
	assert_int_equal(f->kills, 1);
	assert_int_equal(f->answers, 1);
	assert_answer(f, 1, ADMIN_DONE, "key a is disabled; no usable key is "
	    "left for route one; a worker that did not answer was killed");
}

static void
a_worker_that_does_not_even_end_makes_the_order_fail(void **state)
{
	struct fixture *f = *state;

	f->obeyed = false;
	order(f, 1, KEY_ORDER_DISABLE, "a");
	key_store_end(f->store);
	pass(f, 2999);
	assert_int_equal(f->answers, 0);
	pass(f, 1);
	assert_int_equal(f->kills, 1);
	assert_int_equal(f->answers, 1);
	assert_answer(f, 1, ADMIN_NOT_OBEYED, "; a worker that did not answer "
	    "was killed, and may use it until it has ended");
	assert_true(key_commands_step(f->commands) == INT64_MAX);
}

static void
an_order_that_is_neither_obeyed_nor_kept_says_both(void **state)
{
	struct fixture *f = *state;

	f->obeyed = false;
	order(f, 1, KEY_ORDER_DISABLE, "a");
	key_commands_kept(f->commands, 1, "the disk is full");
	pass(f, 3000);
	assert_answer(f, 1, ADMIN_NOT_OBEYED, "may use it until it has ended; "
	    "a restart will forget it: the disk is full");
}

/* The parent had no turn in this time, nor had they. */
static void
nobody_is_killed_for_time_in_which_the_machine_stood_still(void **state)
{
	struct fixture *f = *state;

	f->obeyed = false;
	order(f, 1, KEY_ORDER_DISABLE, "a");
	key_store_end(f->store);
	now += 3600 * NS_PER_S;
	(void)key_commands_step(f->commands);
	pass(f, 1000);
	assert_int_equal(f->kills, 0);
	/* Nor where each turn comes a second late. */
	for (unsigned i = 0; i < 2; i++) {
		now = key_commands_step(f->commands) + NS_PER_S;
		(void)key_commands_step(f->commands);
	}
	assert_int_equal(f->kills, 0);
	pass(f, 250);
	assert_int_equal(f->kills, 1);
	now += 3600 * NS_PER_S;
	(void)key_commands_step(f->commands);
	assert_int_equal(f->answers, 0);
}

static void
a_worker_is_not_left_to_go_on_while_the_disk_works(void **state)
{
	struct fixture *f = *state;

	f->obeyed = false;
	order(f, 1, KEY_ORDER_DISABLE, "a");
	pass(f, 2000);
	assert_int_equal(f->kills, 1);
	assert_int_equal(f->answers, 0);
	f->obeyed = true;
	(void)key_commands_step(f->commands);
	assert_int_equal(f->answers, 0);
	key_store_end(f->store);
	(void)key_commands_step(f->commands);
	assert_int_equal(f->answers, 1);
	assert_answer(f, 1, ADMIN_DONE, "key a is disabled");
}

/* What comes back into use hurts nobody that uses it later. */
static void
to_enable_waits_for_no_worker(void **state)
{
	struct fixture *f = *state;

	f->obeyed = false;
	order(f, 1, KEY_ORDER_ENABLE, "a");
	(void)key_commands_step(f->commands);
	assert_int_equal(f->answers, 0);
	key_store_end(f->store);
	(void)key_commands_step(f->commands);
	assert_int_equal(f->answers, 1);
	assert_answer(f, 1, ADMIN_DONE, "key a was not disabled");
}

static void
what_the_disk_does_not_take_is_told(void **state)
{
	struct fixture *f = *state;

	order(f, 1, KEY_ORDER_DISABLE, "a");
	key_commands_kept(f->commands, 1, "the disk is full");
	(void)key_commands_step(f->commands);
	assert_int_equal(f->answers, 1);
	assert_answer(f, 1, ADMIN_NOT_KEPT,
	    "a restart will forget it: the disk is full");
}

static void
what_is_not_done_is_answered_at_once(void **state)
{
	struct fixture *f = *state;

	order(f, 1, KEY_ORDER_DISABLE, "b");
	assert_answer(f, 1, ADMIN_UNKNOWN, "there is no key b");
	order(f, 2, KEY_ORDER_DISABLE, "a");
	order(f, 3, KEY_ORDER_PROMOTE, "a");
	assert_answer(f, 3, ADMIN_REFUSED, "is disabled and cannot");
	assert_int_equal(f->answers, 2);
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_effect_is_had_at_once_and_the_answer_waits_for_the_disk
		    ),
		TEST(the_answer_waits_until_the_workers_obey),
		TEST(
		a_worker_that_does_not_obey_is_killed_and_its_end_waited_for),
		TEST(a_worker_that_does_not_even_end_makes_the_order_fail),
		TEST(an_order_that_is_neither_obeyed_nor_kept_says_both),
		TEST(
		nobody_is_killed_for_time_in_which_the_machine_stood_still),
		TEST(a_worker_is_not_left_to_go_on_while_the_disk_works),
		TEST(to_enable_waits_for_no_worker),
		TEST(what_the_disk_does_not_take_is_told),
		TEST(what_is_not_done_is_answered_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
