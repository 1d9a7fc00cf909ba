/*
 * Unit tests of keys/key_keeper: what is decided, when, and what is told of
 * it.
 */
#include "keys/key_keeper_parts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "policy/key_state.h"
#include "stats/counting.h"
#include "stats/decided.h"
#include "stats/kept.h"
#include "stats/probed.h"
#include "upstream/keyring.h"

#define NOW	INT64_C(1800000000)	/* seconds, of the wall clock */
#define BUILT	INT64_C(1790000000)
#define KEYS	4
#define ROUTES	3
#define UPSTREAMS	2

static char key_names[KEYS][2] = { "a", "b", "c", "d" };
static char route_names[ROUTES][8] = { "one", "two", "three" };
static char paths[2][8] = { "/one", "/two" };
static char upstream_names[UPSTREAMS][8] = { "cloud", "other" };

/* A configuration: the values of its keys are one letter each. */
struct config {
	struct conf conf;
	struct conf_key keys[KEYS];
	struct conf_route routes[ROUTES];
	size_t listed[ROUTES][KEYS];
	struct conf_upstream upstreams[UPSTREAMS];
	struct stats *stats;
};

/* Whom it asks for a probe: one more than that, then two more, and so on. */
#define PROBER	1000

struct fixture {
	struct stats_memory *memory;
	struct key_keeper *k;
	struct config config;
	int log[2];
	unsigned told, probes;
	uint32_t probed, probed_at;
	bool nobody;			/* is there to probe */
};

static int64_t wall, boot;

static int64_t
get_boot(void)
{
	return boot;
}

static int64_t
get_wall(void)
{
	return wall;
}

static void
pass(int64_t seconds)
{
	boot += seconds * NS_PER_S;
	wall += seconds * NS_PER_S;
}

/* -- configurations -- */

/*
 * Keys are named in order; routes list them by their letters.  All routes go to
 * the first upstream.
 */
static void
make(struct fixture *f, struct config *c, const char *values,
    const char *const *routes)
{
	char why[256];

	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < strlen(values); i++)
		c->keys[i] = (struct conf_key){
			.name = key_names[i],
			.value = secret_copy(values + i, 1),
			.expires = CONF_NO_TIME,
		};
	for (size_t i = 0; i < UPSTREAMS; i++)
		c->upstreams[i] = (struct conf_upstream){
			.name = upstream_names[i], .probe_path = paths[0],
		};
	c->conf = (struct conf){
		.workers = 1,
		.keys = c->keys, .n_keys = strlen(values),
		.routes = c->routes,
		.upstreams = c->upstreams, .n_upstreams = UPSTREAMS,
	};
	for (size_t i = 0; routes[i] != NULL; i++) {
		for (size_t j = 0; routes[i][j] != '\0'; j++)
			c->listed[i][j] = (size_t)(routes[i][j] - 'a');
		c->routes[i] = (struct conf_route){
			.name = route_names[i],
			.where = { "sallyport.conf", (unsigned)i + 1 },
			.keys = c->listed[i], .n_keys = strlen(routes[i]),
		};
		c->conf.n_routes = i + 1;
	}
	c->stats = stats_new(f->memory, &c->conf, why, sizeof(why));
	assert_non_null(c->stats);
}

static void
unmake(struct fixture *f, struct config *c)
{
	key_keeper_forget(f->k, &c->conf);
	stats_free(c->stats);
	for (size_t i = 0; i < c->conf.n_keys; i++)
		secret_free(c->keys[i].value);
}

static void
serve(struct fixture *f, struct config *c)
{
	key_keeper_meet(f->k, &c->conf, stats_numbers(c->stats));
	key_keeper_serve(f->k, &c->conf, c->stats);
}

static uint32_t
number(const struct fixture *f, size_t key)
{
	return stats_numbers(f->config.stats)->keys[key];
}

static uint32_t
place(const struct fixture *f, size_t upstream)
{
	return stats_numbers(f->config.stats)->upstreams[upstream];
}

static unsigned
off(const struct fixture *f, size_t key)
{
	return stats_key_off(f->config.stats, key);
}

/* -- the surroundings -- */

static void
on_tell(void *owner)
{
	struct fixture *f = owner;

	f->told++;
}

/* The questions to all of them are counted together. */
static struct key_question
question(unsigned n)
{
	return (struct key_question){ .worker = PROBER + (pid_t)n, .id = n };
}

static struct key_question
on_probe(void *owner, uint32_t key, uint32_t upstream)
{
	struct fixture *f = owner;

	f->probes++;
	f->probed = key;
	f->probed_at = upstream;
	return f->nobody ? (struct key_question){ .worker = 0 } :
	    question(f->probes);
}

static const struct key_said refusal = { .answer = KEY_REJECTED,
	.status = 401 };

/* The one that was asked last says that. */
static void
probed(struct fixture *f, uint32_t key, enum key_answer answer)
{
	const struct key_question q = question(f->probes);
	const struct key_said said = { .answer = answer };

	key_keeper_probed(f->k, key, &q, &said, CONF_NO_TIME);
}

/* The same, and it was told that end. */
static void
probed_until(struct fixture *f, uint32_t key, enum key_answer answer,
    int64_t told)
{
	const struct key_question q = question(f->probes);
	const struct key_said said = { .answer = answer };

	key_keeper_probed(f->k, key, &q, &said, told);
	(void)key_keeper_step(f->k, boot);
}

/* Serves a configuration with a key that is over by its file, and so it is. */
static void
give_up(struct fixture *f, struct config *c, size_t key)
{
	serve(f, c);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(stats_key_off(c->stats, key), 0);
	assert_int_equal(f->probed, stats_numbers(c->stats)->keys[key]);
	probed(f, f->probed, KEY_REJECTED);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(stats_key_off(c->stats, key), KEY_OFF_EXPIRED);
}

/* What was logged since the last call. */
static const char *
logged(struct fixture *f)
{
	static char text[16384];
	ssize_t n = read(f->log[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static unsigned
times(const char *text, const char *what)
{
	unsigned n = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		n++;
	return n;
}

/* a and b have values of their own, c has that of a. */
static int
setup(void **state)
{
	static const struct clock_source source = { get_boot, get_wall,
	    get_boot };
	static const char *const routes[] = { "ab", "b", NULL };
	struct fixture *f = xcalloc(1, sizeof(*f));
	char why[256];

	*state = f;
	boot = 1000 * NS_PER_S;
	wall = NOW * NS_PER_S;
	clock_replace(&source);
	assert_int_equal(pipe2(f->log, O_NONBLOCK | O_CLOEXEC), 0);
	log_start(f->log[1], LOG_LEVEL_INFO, NULL);
	f->memory = stats_memory_new(10, why, sizeof(why));
	assert_non_null(f->memory);
	f->k = key_keeper_new(&(struct key_keeper_conf){
		.memory = f->memory,
		.built = BUILT,
		.tell = on_tell,
		.probe = on_probe,
		.owner = f,
	});
	make(f, &f->config, "xyx", routes);
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *f = *state;

	unmake(f, &f->config);
	key_keeper_free(f->k);
	stats_memory_free(f->memory);
	log_start(STDERR_FILENO, LOG_LEVEL_INFO, NULL);
	close(f->log[0]);
	close(f->log[1]);
	clock_replace(NULL);
	free(f);
	return 0;
}

/* -- orders -- */

/* That no machine has a name for. */
#define SOMEBODY	4000000001U

static char answer[KEY_ORDER_TEXT];
static uint64_t ordered;

static bool
order(struct fixture *f, enum key_order what, const char *name)
{
	struct key_order_result result;
	bool done = key_keeper_order(f->k, what, name, SOMEBODY,
	    &result);

	memcpy(answer, result.text, sizeof(answer));
	ordered = result.number;
	return done;
}

static void
a_value_is_disabled_under_each_of_its_names(void **state)
{
	struct fixture *f = *state;
	const char *log;

	serve(f, &f->config);
	f->told = 0;
	assert_true(order(f, KEY_ORDER_DISABLE, "c"));
	assert_string_equal(answer, "key c is disabled");
	assert_int_equal(off(f, 0), KEY_OFF_DISABLED);
	assert_int_equal(off(f, 2), KEY_OFF_DISABLED);
	assert_int_equal(off(f, 1), 0);
	assert_int_equal(f->told, 1);
	log = logged(f);
	assert_int_equal(times(log, "key-disabled"), 1);
	assert_non_null(strstr(log, "key a alias c was disabled by user "
	    "4000000001\""));
}

static void
who_gave_an_order_is_logged_by_name_and_number(void **state)
{
	struct fixture *f = *state;
	struct key_order_result result;
	const char *log;

	serve(f, &f->config);
	assert_true(key_keeper_order(f->k, KEY_ORDER_DISABLE, "b", 0,
	    &result));
	log = logged(f);
	assert_non_null(strstr(log, "key b was disabled by user root (0)\""));
}

static void
what_was_done_before_is_not_done_again_and_said(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	assert_true(order(f, KEY_ORDER_ENABLE, "a"));
	assert_string_equal(answer, "key a was not disabled");
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	(void)logged(f);
	f->told = 0;
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	assert_string_equal(answer, "key a was disabled already");
	assert_int_equal(f->told, 0);
	assert_string_equal(logged(f), "");
	assert_true(order(f, KEY_ORDER_ENABLE, "a"));
	assert_string_equal(answer, "key a is enabled");
	assert_non_null(strstr(logged(f), "key-enabled"));
	assert_int_equal(off(f, 0), 0);
}

static void
to_disable_the_last_key_says_which_routes_have_none(void **state)
{
	struct fixture *f = *state;
	const char *log;

	serve(f, &f->config);
	assert_true(order(f, KEY_ORDER_DISABLE, "b"));
	assert_string_equal(answer, "key b is disabled; no usable key is left "
	    "for route two");
	(void)logged(f);
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	assert_string_equal(answer, "key a is disabled; no usable key is left "
	    "for route one");
	log = logged(f);
	assert_int_equal(times(log, "has no usable key"), 1);
	assert_non_null(strstr(log, "route one has no usable key, and its "
	    "requests are answered 503: key a is disabled, key b is "
	    "disabled"));
}

static void
an_unknown_name_is_told(void **state)
{
	struct fixture *f = *state;

	assert_false(order(f, KEY_ORDER_DISABLE, "a"));
	assert_string_equal(answer, "key a: nothing serves");
	serve(f, &f->config);
	for (unsigned i = 0; i <= KEY_ORDER_PROMOTE; i++) {
		assert_false(order(f, (enum key_order)i, "e"));
		assert_string_equal(answer, "there is no key e");
	}
}

static void
a_key_that_is_promoted_serves_the_routes_that_list_it(void **state)
{
	struct fixture *f = *state;
	const struct keyring keyring = {
		.conf = &f->config.conf, .stats = f->config.stats,
	};

	serve(f, &f->config);
	assert_true(order(f, KEY_ORDER_PROMOTE, "b"));
	assert_string_equal(answer, "key b is used from now on by route one, "
	    "two");
	assert_non_null(strstr(logged(f), "key-promoted"));
	assert_int_equal(stats_key_promoted_at(f->config.stats, 1), NOW);
	assert_int_equal(stats_key_promoted_at(f->config.stats, 0), 0);
	assert_int_equal(keyring_pick(&keyring, &f->config.routes[0], boot,
	    CONF_NONE), 1);
	assert_true(order(f, KEY_ORDER_PROMOTE, "a"));
	assert_int_equal(keyring_pick(&keyring, &f->config.routes[0], boot,
	    CONF_NONE), 0);
}

static void
a_key_that_was_promoted_already_is_so_and_nothing_is_logged(void **state)
{
	struct fixture *f = *state;
	const struct keyring keyring = {
		.conf = &f->config.conf, .stats = f->config.stats,
	};

	serve(f, &f->config);
	assert_true(order(f, KEY_ORDER_PROMOTE, "a"));
	assert_true(order(f, KEY_ORDER_PROMOTE, "b"));
	assert_int_equal(times(logged(f), "key-promoted"), 2);
	assert_true(order(f, KEY_ORDER_PROMOTE, "b"));
	assert_string_equal(answer, "key b was promoted already; it is used by "
	    "route one, two");
	assert_string_equal(logged(f), "");
	assert_int_equal(stats_key_promoted_at(f->config.stats, 1), NOW);
	/* Another one came before it since. */
	pass(5);
	assert_true(order(f, KEY_ORDER_PROMOTE, "a"));
	assert_true(order(f, KEY_ORDER_PROMOTE, "b"));
	assert_int_equal(times(logged(f), "key-promoted"), 2);
	assert_int_equal(keyring_pick(&keyring, &f->config.routes[0], boot,
	    CONF_NONE), 1);
}

static void
an_order_that_changes_nothing_is_not_logged(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	(void)logged(f);
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	assert_string_equal(logged(f), "");
	assert_true(order(f, KEY_ORDER_ENABLE, "a"));
	(void)logged(f);
	assert_true(order(f, KEY_ORDER_ENABLE, "a"));
	assert_string_equal(answer, "key a was not disabled");
	assert_string_equal(logged(f), "");
}

static void
a_rejected_key_is_not_promoted(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	key_keeper_suspect(f->k, number(f, 1), place(f, 0));
	probed(f, number(f, 1), KEY_REJECTED);
	assert_false(order(f, KEY_ORDER_PROMOTE, "b"));
	assert_string_equal(answer, "key b is rejected and cannot be "
	    "promoted");
}

static void
a_key_that_is_off_or_in_no_route_is_not_promoted(void **state)
{
	static const char *const routes[] = { "a", NULL };
	struct fixture *f = *state;
	struct config other;

	make(f, &other, "xzw", routes);
	(void)stats_note_expiry(other.stats, 0, NOW, true);
	serve(f, &other);
	assert_false(order(f, KEY_ORDER_PROMOTE, "a"));
	assert_string_equal(answer, "key a is expired and cannot be promoted");
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	assert_false(order(f, KEY_ORDER_PROMOTE, "a"));
	assert_string_equal(answer, "key a is disabled and cannot be promoted: "
	    "enable it first");
	assert_true(order(f, KEY_ORDER_ENABLE, "a"));
	assert_string_equal(answer, "key a is enabled, but it is expired");
	assert_false(order(f, KEY_ORDER_PROMOTE, "b"));
	assert_string_equal(answer, "key b is listed by no route");
	unmake(f, &other);
}

static void
orders_have_their_words(void **state)
{
	enum key_order o;

	(void)state;
	assert_true(key_order_parse("disable", &o) && o == KEY_ORDER_DISABLE);
	assert_true(key_order_parse("enable", &o) && o == KEY_ORDER_ENABLE);
	assert_true(key_order_parse("promote", &o) && o == KEY_ORDER_PROMOTE);
	assert_false(key_order_parse("remove", &o));
}

static void
a_value_stays_disabled_when_no_configuration_had_it_meanwhile(void **state)
{
	static const char *const routes[] = { "a", NULL };
	struct fixture *f = *state;
	struct config other, again;

	serve(f, &f->config);
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	make(f, &other, "zw", routes);
	serve(f, &other);
	/* A new value under an old name. */
	assert_int_equal(stats_key_off(other.stats, 0), 0);
	make(f, &again, "wx", routes);
	serve(f, &again);
	assert_int_equal(stats_key_off(again.stats, 0), 0);
	assert_int_equal(stats_key_off(again.stats, 1), KEY_OFF_DISABLED);
	assert_true(order(f, KEY_ORDER_ENABLE, "b"));
	assert_string_equal(answer, "key b is enabled");
	unmake(f, &again);
	unmake(f, &other);
}

static void
a_new_value_is_disabled_with_the_one_that_drains_under_its_name(void **state)
{
	static const char *const routes[] = { "a", NULL };
	struct fixture *f = *state;
	struct config next;
	const char *log;

	serve(f, &f->config);
	make(f, &next, "z", routes);
	serve(f, &next);
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	assert_string_equal(answer, "key a is disabled, and so is its value "
	    "of before the last reload, with which requests may be under way; "
	    "no usable key is left for route one");
	assert_int_equal(stats_key_off(next.stats, 0), KEY_OFF_DISABLED);
	assert_int_equal(off(f, 0), KEY_OFF_DISABLED);
	assert_int_equal(off(f, 1), 0);
	log = logged(f);
	assert_int_equal(times(log, "key-disabled"), 2);
	assert_int_equal(times(log, "in its value of before the last reload"),
	    1);
	/* That one may have leaked. */
	assert_true(order(f, KEY_ORDER_ENABLE, "a"));
	assert_string_equal(answer, "key a is enabled");
	assert_int_equal(stats_key_off(next.stats, 0), 0);
	assert_int_equal(off(f, 0), KEY_OFF_DISABLED);
	unmake(f, &next);
}

static void
a_name_that_a_reload_dropped_is_found_until_its_workers_are_done(void **state)
{
	static const char *const routes[] = { "a", NULL };
	struct fixture *f = *state;
	struct config next;

	serve(f, &f->config);
	make(f, &next, "z", routes);
	serve(f, &next);
	assert_false(order(f, KEY_ORDER_PROMOTE, "b"));
	assert_string_equal(answer, "there is no key b");
	assert_true(order(f, KEY_ORDER_DISABLE, "b"));
	assert_string_equal(answer, "key b is disabled, which only requests "
	    "of before the last reload may carry");
	assert_int_equal(off(f, 1), KEY_OFF_DISABLED);
	assert_int_equal(stats_key_off(next.stats, 0), 0);
	assert_true(order(f, KEY_ORDER_ENABLE, "b"));
	assert_int_equal(off(f, 1), 0);
	key_keeper_forget(f->k, &f->config.conf);
	assert_false(order(f, KEY_ORDER_DISABLE, "b"));
	assert_string_equal(answer, "there is no key b");
	unmake(f, &next);
}

/* Names may be swapped by a reload: those of the one that serves count. */
static void
no_order_disables_a_value_that_serves_under_a_name_it_does_not_tell(
    void **state)
{
	static const char *const routes[] = { "ab", NULL };
	struct fixture *f = *state;
	struct config next;

	serve(f, &f->config);
	make(f, &next, "yx", routes);
	serve(f, &next);
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	assert_string_equal(answer, "key a is disabled");
	assert_int_equal(stats_key_off(next.stats, 0), KEY_OFF_DISABLED);
	assert_int_equal(stats_key_off(next.stats, 1), 0);
	/* No other is meant by a name that is no more. */
	assert_true(order(f, KEY_ORDER_DISABLE, "c"));
	assert_string_equal(answer, "key c is disabled, which is key b now; "
	    "no usable key is left for route one");
	assert_int_equal(stats_key_off(next.stats, 1), KEY_OFF_DISABLED);
	unmake(f, &next);
}

/* It was removed, so it was written again. */
static void
assert_written(struct key_store *store, const char *path)
{
	key_store_end(store);
	assert_int_equal(access(path, F_OK), 0);
	assert_int_equal(unlink(path), 0);
}

static void
what_is_disabled_is_kept_before_the_order_is_answered(void **state)
{
	struct fixture *f = *state;
	char folder[] = "/tmp/sallyport-keeper-XXXXXX", *path, *keys, *lock;
	struct key_warnings *warnings = key_warnings_new(f->memory);
	struct key_store *store = key_store_new(&(struct key_store_conf){
		.memory = f->memory, .warnings = warnings });
	struct conf_diagnostics diagnostics = { .n = 0 };

	assert_non_null(mkdtemp(folder));
	path = xasprintf("%s/disabled.json", folder);
	keys = xasprintf("%s/keys.json", folder);
	lock = xasprintf("%s/lock", folder);
	key_keeper_free(f->k);
	f->k = key_keeper_new(&(struct key_keeper_conf){
		.memory = f->memory, .built = BUILT, .store = store,
		.tell = on_tell, .owner = f });
	serve(f, &f->config);
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	assert_string_equal(answer, "key a is disabled; a restart will forget "
	    "it: there is no state_dir");
	assert_int_equal(ordered, 0);
	assert_true(order(f, KEY_ORDER_ENABLE, "a"));
	assert_string_equal(answer, "key a is enabled");
	assert_int_equal(ordered, 0);
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	f->config.conf.state_dir = folder;
	f->config.conf.uid = CONF_NO_ID;
	key_keeper_bring(f->k, &f->config.conf, &diagnostics);
	assert_int_equal(diagnostics.n, 0);
	key_keeper_serve(f->k, &f->config.conf, f->config.stats);
	assert_written(store, path);
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	assert_string_equal(answer, "key a was disabled already");
	assert_int_equal(ordered, 1);
	assert_written(store, path);
	assert_true(order(f, KEY_ORDER_ENABLE, "a"));
	assert_string_equal(answer, "key a is enabled");
	assert_int_equal(ordered, 2);
	assert_written(store, path);
	/* It outlives the store. */
	key_keeper_free(f->k);
	f->k = key_keeper_new(&(struct key_keeper_conf){
		.memory = f->memory, .built = BUILT });
	key_store_free(store);
	key_warnings_free(warnings);
	assert_int_equal(unlink(keys), 0);
	assert_int_equal(unlink(lock), 0);
	assert_int_equal(rmdir(folder), 0);
	free(lock);
	free(keys);
	free(path);
}

static void
what_was_decided_before_a_restart_goes_on(void **state)
{
	struct fixture *f = *state;
	uint32_t a = number(f, 0), b = number(f, 1);
	const struct keyring keyring = {
		.conf = &f->config.conf, .stats = f->config.stats,
	};

	stats_decide(f->memory, b, (struct stats_decision){ .promoted = 7 });
	stats_decide(f->memory, a, (struct stats_decision){
		.facts = KEY_OFF_REJECTED, .rejected_ns = boot });
	serve(f, &f->config);
	assert_int_equal(f->probes, 0);
	pass(60);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 1);
	assert_int_equal(f->probed, a);
	assert_int_equal(f->probed_at, place(f, 0));
	probed(f, a, KEY_ACCEPTED);
	assert_int_equal(keyring_pick(&keyring, &f->config.routes[0], boot,
	    CONF_NONE), 1);
	assert_true(order(f, KEY_ORDER_PROMOTE, "a"));
	assert_int_equal(keyring_pick(&keyring, &f->config.routes[0], boot,
	    CONF_NONE), 0);
}

static void
what_was_rejected_before_a_restart_is_probed_once_a_route_lists_it(
    void **state)
{
	static const char *const without[] = { "b", NULL };
	struct fixture *f = *state;
	struct config first;
	int64_t due;

	stats_decide(f->memory, number(f, 0), (struct stats_decision){
		.facts = KEY_OFF_REJECTED, .rejected_ns = boot });
	make(f, &first, "xyx", without);
	serve(f, &first);
	pass(3600);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 0);
	serve(f, &f->config);
	due = key_keeper_step(f->k, boot);
	assert_true(due <= boot + 10 * NS_PER_S);
	/* No reload puts it off. */
	for (unsigned i = 0; i < 5; i++)
		serve(f, &f->config);
	assert_true(key_keeper_step(f->k, boot) == due);
	boot = due;
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 1);
	assert_int_equal(f->probed, number(f, 0));
	assert_int_equal(f->probed_at, place(f, 0));
	unmake(f, &first);
}

/* -- ends -- */

static void
a_key_expires_at_the_very_time_and_that_is_told_once(void **state)
{
	struct fixture *f = *state;
	const char *log;

	f->config.keys[0].expires = NOW + 10;
	f->k->conf.probe = NULL;
	serve(f, &f->config);
	(void)logged(f);
	assert_true(key_keeper_step(f->k, boot) == boot + 10 * NS_PER_S);
	pass(9);
	assert_true(key_keeper_step(f->k, boot) == boot + NS_PER_S);
	assert_int_equal(off(f, 0), 0);
	f->told = 0;
	pass(1);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	assert_int_equal(f->told, 1);
	for (unsigned i = 0; i < 5; i++) {
		pass(3600);
		(void)key_keeper_step(f->k, boot);
	}
	log = logged(f);
	assert_int_equal(times(log, "key-expired"), 1);
	assert_non_null(strstr(log, "key a alias c has expired"));
	assert_non_null(strstr(log, "2027-01-15T08:00:10Z"));
}

static void
what_the_api_tells_extends_a_key_or_ends_it(void **state)
{
	struct fixture *f = *state;

	f->config.keys[0].expires = NOW - 10;
	give_up(f, &f->config, 0);
	(void)logged(f);
	(void)stats_note_expiry(f->config.stats, 2, NOW + 100, true);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), 0);
	assert_int_equal(times(logged(f), "key-recovered"), 1);
	(void)stats_note_expiry(f->config.stats, 0, NOW - 100, true);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	assert_int_equal(times(logged(f), "key-expired"), 1);
	assert_int_equal(stats_key_facts(f->config.stats, 0) & KEY_DOUBTED, 0);
}

static void
a_clock_that_is_set_back_and_forth_tells_nothing_twice(void **state)
{
	struct fixture *f = *state;
	unsigned expired = 0;

	f->config.keys[0].expires = NOW + 10;
	f->k->conf.probe = NULL;
	serve(f, &f->config);
	for (unsigned i = 0; i < 3; i++) {
		wall += 3600 * NS_PER_S;
		(void)key_keeper_step(f->k, boot);
		assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
		expired += times(logged(f), "\"sallyport.key\"");
		wall -= 3600 * NS_PER_S;
		(void)key_keeper_step(f->k, boot);
		assert_int_equal(off(f, 0), 0);
		expired += times(logged(f), "\"sallyport.key\"");
	}
	assert_int_equal(expired, 1);
}

static void
with_a_clock_from_before_the_program_nothing_expires(void **state)
{
	struct fixture *f = *state;

	wall = (BUILT - 5) * NS_PER_S;
	f->config.keys[0].expires = BUILT - 100;
	f->k->conf.probe = NULL;
	serve(f, &f->config);
	assert_int_equal(off(f, 0), 0);
	assert_true(key_keeper_step(f->k, boot) == boot + 5 * NS_PER_S);
	pass(5);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
}

static void
any_time_that_a_worker_tells_is_one(void **state)
{
	static const int64_t times_told[] = {
		INT64_MAX, INT64_MAX - 1, INT64_MIN + 1, 0, -1, 1,
	};
	struct fixture *f = *state;

	serve(f, &f->config);
	for (size_t i = 0; i < 6; i++) {
		(void)stats_note_expiry(f->config.stats, 0, times_told[i], true);
		assert_true(key_keeper_step(f->k, boot) >= boot);
	}
}

static void
a_configuration_that_only_starts_changes_no_end_of_one_that_serves(
    void **state)
{
	static const char *const routes[] = { "a", NULL };
	struct fixture *f = *state;
	struct config next;

	f->k->conf.probe = NULL;
	serve(f, &f->config);
	make(f, &next, "x", routes);
	next.keys[0].expires = NOW - 1;
	key_keeper_meet(f->k, &next.conf, stats_numbers(next.stats));
	assert_int_equal(off(f, 0), 0);
	key_keeper_serve(f->k, &next.conf, next.stats);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	unmake(f, &next);
}

/* -- suspicion -- */

static void
suspect(struct fixture *f, size_t key)
{
	key_keeper_suspect(f->k, number(f, key), place(f, 0));
}

static void
only_what_a_probe_says_rejects_a_key(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	(void)logged(f);
	for (unsigned i = 0; i < 100; i++)
		suspect(f, 0);
	assert_int_equal(f->probes, 1);
	assert_int_equal(f->probed, number(f, 0));
	assert_int_equal(f->probed_at, place(f, 0));
	assert_int_equal(off(f, 0), 0);
	probed(f, number(f, 0), KEY_REJECTED);
	assert_int_equal(off(f, 0), KEY_OFF_REJECTED);
	assert_true(stats_key_rejected_ns(f->config.stats, 0) == boot);
	assert_int_equal(times(logged(f), "key-rejected"), 1);
}

static void
an_answer_that_nobody_asked_for_counts_for_nothing(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	probed(f, number(f, 0), KEY_REJECTED);
	probed(f, 12345, KEY_REJECTED);
	key_keeper_suspect(f->k, 12345, 0);
	assert_int_equal(off(f, 0), 0);
	suspect(f, 0);
	probed(f, number(f, 1), KEY_REJECTED);
	assert_int_equal(off(f, 1), 0);
	probed(f, number(f, 0), KEY_ACCEPTED);
	probed(f, number(f, 0), KEY_REJECTED);
	assert_int_equal(off(f, 0), 0);
}

static void
no_order_of_clients_401s_rejects_a_key_that_works(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	for (unsigned i = 0; i < 600; i++) {
		suspect(f, 0);
		if (i % 3 == 0)
			probed(f, number(f, 0), i % 2 == 0 ?
			    KEY_ACCEPTED : KEY_UNCLEAR);
		pass(1);
		(void)key_keeper_step(f->k, boot);
		assert_int_equal(off(f, 0), 0);
	}
	/* At most one a minute. */
	assert_true(f->probes <= 11);
}

/* Until it has asked so often; longer than a day it never waits. */
static void
pass_until_probes(struct fixture *f, unsigned n)
{
	for (unsigned s = 0; f->probes < n && s < 86400; s++) {
		pass(1);
		(void)key_keeper_step(f->k, boot);
	}
	assert_true(f->probes >= n);
}

static void
a_rejected_key_is_probed_again_and_comes_back(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	suspect(f, 0);
	probed(f, number(f, 0), KEY_REJECTED);
	(void)logged(f);
	for (unsigned i = 2; i < 6; i++) {
		int64_t next = key_keeper_step(f->k, boot);

		assert_true(next > boot);
		pass((next - boot) / NS_PER_S);
		(void)key_keeper_step(f->k, boot);
		pass_until_probes(f, i);
		if (i < 5)
			probed(f, number(f, 0), KEY_REJECTED);
	}
	/* The time of its rejection is that of the first one. */
	assert_int_equal(off(f, 0), KEY_OFF_REJECTED);
	assert_int_equal(times(logged(f), "key-rejected"), 0);
	probed(f, number(f, 0), KEY_ACCEPTED);
	assert_int_equal(off(f, 0), 0);
	assert_int_equal(times(logged(f), "key-recovered"), 1);
}

/* Until it is put the next question, and says that. */
static void
say_next(struct fixture *f, enum key_answer says)
{
	pass_until_probes(f, f->probes + 1);
	probed(f, f->probed, says);
}

static void
a_key_comes_back_where_its_upstream_refuses_the_path_and_not_the_key(
    void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	suspect(f, 0);
	probed(f, number(f, 0), KEY_REJECTED);
	assert_int_equal(off(f, 0), KEY_OFF_REJECTED);
	(void)logged(f);
	say_next(f, KEY_ASTRAY);
	assert_int_equal(off(f, 0), 0);
	assert_int_equal(times(logged(f), "key-recovered"), 1);
	/* If that was wrong, one client is enough to find it out. */
	suspect(f, 0);
	probed(f, number(f, 0), KEY_REJECTED);
	assert_int_equal(off(f, 0), KEY_OFF_REJECTED);
}

static void
a_key_does_not_come_back_by_another_path_that_is_refused(void **state)
{
	static const char *const routes[] = { "ab", "b", NULL };
	struct fixture *f = *state;
	struct config moved;

	serve(f, &f->config);
	suspect(f, 0);
	probed(f, number(f, 0), KEY_REJECTED);
	make(f, &moved, "xyx", routes);
	moved.upstreams[0].probe_path = paths[1];
	serve(f, &moved);
	(void)logged(f);
	say_next(f, KEY_ASTRAY);
	say_next(f, KEY_ASTRAY);
	assert_int_equal(off(f, 0), KEY_OFF_REJECTED);
	/* Which is told once. */
	assert_int_equal(times(logged(f), "set probe_path"), 1);
	say_next(f, KEY_REJECTED);
	say_next(f, KEY_ASTRAY);
	assert_int_equal(off(f, 0), 0);
	unmake(f, &moved);
}

static void
paths_that_no_generation_asks_for_are_forgotten(void **state)
{
	static const char *const routes[] = { "ab", "b", NULL };
	static char names[20][8];
	struct fixture *f = *state;
	struct config moved[2];

	serve(f, &f->config);
	suspect(f, 0);
	probed(f, number(f, 0), KEY_REJECTED);
	for (size_t i = 0; i < 20; i++) {
		struct config *now = &moved[i % 2], *before = &moved[1 - i % 2];

		(void)snprintf(names[i], sizeof(names[i]), "/%zu", i);
		make(f, now, "xyx", routes);
		now->upstreams[0].probe_path = names[i];
		serve(f, now);
		say_next(f, KEY_REJECTED);
		/* That of the one before counts until its workers are done. */
		assert_int_equal(f->k->n_checks, 2);
		if (i > 0)
			unmake(f, before);
		else
			key_keeper_forget(f->k, &f->config.conf);
		assert_int_equal(f->k->n_checks, 1);
	}
	unmake(f, &moved[1]);
}

static void
what_was_asked_of_another_path_counts_no_more(void **state)
{
	static const char *const routes[] = { "ab", "b", NULL };
	struct fixture *f = *state;
	struct config moved;

	serve(f, &f->config);
	suspect(f, 0);
	make(f, &moved, "xyx", routes);
	moved.upstreams[0].probe_path = paths[1];
	serve(f, &moved);
	probed(f, number(f, 0), KEY_REJECTED);
	assert_int_equal(off(f, 0), 0);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 2);
	unmake(f, &moved);
}

static void
a_key_that_was_rejected_before_a_restart_comes_back_as_well(void **state)
{
	struct fixture *f = *state;

	stats_decide(f->memory, number(f, 0), (struct stats_decision){
		.facts = KEY_OFF_REJECTED });
	serve(f, &f->config);
	say_next(f, KEY_ASTRAY);
	assert_int_equal(off(f, 0), 0);
}

static void
a_key_that_is_over_by_its_file_works_where_only_the_path_is_refused(
    void **state)
{
	static const char *const routes[] = { "ab", "b", NULL };
	struct fixture *f = *state;
	struct config over;

	serve(f, &f->config);
	suspect(f, 1);
	probed(f, number(f, 1), KEY_REJECTED);
	make(f, &over, "xyx", routes);
	over.keys[0].expires = over.keys[2].expires = NOW - 100;
	serve(f, &over);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probed, number(f, 0));
	probed(f, f->probed, KEY_ASTRAY);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), 0);
	unmake(f, &over);
}

static void
only_an_upstream_that_a_route_sends_a_key_to_makes_it_suspect(void **state)
{
	struct fixture *f = *state;

	suspect(f, 0);
	serve(f, &f->config);
	key_keeper_suspect(f->k, number(f, 0), place(f, 1));
	key_keeper_suspect(f->k, number(f, 0), 7);
	assert_int_equal(f->probes, 0);
	suspect(f, 0);
	assert_int_equal(f->probes, 1);
}

static void
a_rejected_key_is_probed_where_routes_send_it_after_a_reload(void **state)
{
	static const char *const with[] = { "ab", "b", NULL };
	static const char *const without[] = { "b", NULL };
	struct fixture *f = *state;
	struct config moved, gone;

	serve(f, &f->config);
	suspect(f, 0);
	probed(f, number(f, 0), KEY_REJECTED);
	make(f, &moved, "xyx", with);
	moved.routes[0].upstream = 1;
	serve(f, &moved);
	pass(60);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 2);
	assert_int_equal(f->probed_at, place(f, 1));
	probed(f, number(f, 0), KEY_REJECTED);
	make(f, &gone, "xyx", without);
	serve(f, &gone);
	for (unsigned i = 0; i < 60; i++) {
		pass(60);
		(void)key_keeper_step(f->k, boot);
	}
	assert_int_equal(f->probes, 2);
	serve(f, &f->config);
	pass(1200);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 3);
	assert_int_equal(f->probed_at, place(f, 0));
	unmake(f, &gone);
	unmake(f, &moved);
}

/* After an hour of pauses that grew. */
static void
be_rejected_for_long(struct fixture *f)
{
	suspect(f, 0);
	probed(f, number(f, 0), KEY_REJECTED);
	for (unsigned i = 0; i < 720; i++) {
		pass(5);
		(void)key_keeper_step(f->k, boot);
		probed(f, number(f, 0), KEY_REJECTED);
	}
	assert_int_equal(off(f, 0), KEY_OFF_REJECTED);
	f->probes = 0;
}

static void
is_probed_soon(struct fixture *f)
{
	assert_int_equal(f->probes, 0);
	pass(7);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 1);
	assert_int_equal(f->probed, number(f, 0));
	probed(f, number(f, 0), KEY_ACCEPTED);
	assert_int_equal(off(f, 0), 0);
}

static void
a_rejected_key_is_probed_soon_after_a_route_lists_it_again(void **state)
{
	static const char *const without[] = { "b", NULL };
	struct fixture *f = *state;
	struct config gone;

	serve(f, &f->config);
	be_rejected_for_long(f);
	make(f, &gone, "xyx", without);
	serve(f, &gone);
	pass(3600);
	(void)key_keeper_step(f->k, boot);
	serve(f, &f->config);
	is_probed_soon(f);
	unmake(f, &gone);
}

static void
a_rejected_key_is_probed_soon_after_it_was_enabled(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	be_rejected_for_long(f);
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	pass(3600);
	(void)key_keeper_step(f->k, boot);
	assert_true(order(f, KEY_ORDER_ENABLE, "a"));
	assert_string_equal(answer, "key a is enabled, but it is rejected");
	is_probed_soon(f);
}

static void
what_was_asked_of_a_key_before_it_was_disabled_counts_no_more(void **state)
{
	struct fixture *f = *state;
	const struct key_question q = question(1);

	serve(f, &f->config);
	suspect(f, 0);
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	key_keeper_probed(f->k, number(f, 0), &q, &refusal, CONF_NO_TIME);
	assert_int_equal(off(f, 0), KEY_OFF_DISABLED);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 1);
	assert_true(order(f, KEY_ORDER_ENABLE, "a"));
	/* That it was not tried has cleared it of nothing. */
	suspect(f, 0);
	assert_int_equal(f->probes, 2);
	probed(f, number(f, 0), KEY_REJECTED);
	assert_int_equal(off(f, 0), KEY_OFF_REJECTED);
}

static void
no_failure_elsewhere_moves_the_probes_of_a_rejected_key(void **state)
{
	static const char *const routes[] = { "ab", "a", NULL };
	struct fixture *f = *state;
	struct config both;

	make(f, &both, "xyx", routes);
	both.routes[1].upstream = 1;
	serve(f, &both);
	key_keeper_suspect(f->k, number(f, 0), place(f, 1));
	assert_int_equal(f->probed_at, place(f, 1));
	probed(f, number(f, 0), KEY_REJECTED);
	/* Each is asked, at once, and then in turn. */
	assert_int_equal(f->probes, 2);
	assert_int_equal(f->probed_at, place(f, 0));
	assert_int_equal(off(f, 0), 0);
	probed(f, number(f, 0), KEY_REJECTED);
	assert_int_equal(off(f, 0), KEY_OFF_REJECTED);
	suspect(f, 0);
	assert_int_equal(f->probes, 2);
	say_next(f, KEY_REJECTED);
	assert_int_equal(f->probed_at, place(f, 0));
	say_next(f, KEY_REJECTED);
	assert_int_equal(f->probed_at, place(f, 1));
	say_next(f, KEY_ACCEPTED);
	assert_int_equal(off(f, 0), 0);
	unmake(f, &both);
}

static void
a_key_that_one_upstream_refuses_is_not_rejected_where_it_works(void **state)
{
	static const char *const routes[] = { "ab", "a", NULL };
	static const enum key_answer others[] = {
		KEY_ACCEPTED, KEY_ASTRAY, KEY_UNCLEAR, KEY_ACCEPTED,
	};
	struct fixture *f = *state;
	struct config both;

	make(f, &both, "xyx", routes);
	both.routes[1].upstream = 1;
	serve(f, &both);
	(void)logged(f);
	for (size_t i = 0; i < 4; i++) {
		key_keeper_suspect(f->k, number(f, 0), place(f, 1));
		assert_int_equal(f->probed_at, place(f, 1));
		probed(f, number(f, 0), KEY_REJECTED);
		assert_int_equal(f->probed_at, place(f, 0));
		probed(f, number(f, 0), others[i]);
		assert_int_equal(off(f, 0), 0);
		pass(61);
	}
	assert_int_equal(f->probes, 8);
	assert_int_equal(times(logged(f), "upstream other does not accept key "
	    "a alias c, and upstream cloud does not refuse it"), 1);
	unmake(f, &both);
}

static void
assert_refusing(const struct fixture *f, uint32_t n)
{
	const struct stats_refusing r = stats_refusing(f->memory, number(f, 0));

	assert_int_equal(r.n, n);
	if (n == 0)
		return;
	assert_int_equal(r.upstreams[0], place(f, 1));
	assert_int_equal(r.taking, place(f, 0));
}

/* The second upstream is asked first, and says that; then the first one. */
static void
ask_both(struct fixture *f, enum key_answer second, enum key_answer first)
{
	pass(61);
	key_keeper_suspect(f->k, number(f, 0), place(f, 1));
	assert_int_equal(f->probed_at, place(f, 1));
	probed(f, number(f, 0), second);
	if (second != KEY_REJECTED)
		return;
	assert_int_equal(f->probed_at, place(f, 0));
	probed(f, number(f, 0), first);
}

static void
which_upstream_refuses_what_another_takes_is_known_while_it_does(void **state)
{
	static const char *const routes[] = { "ab", "a", NULL };
	struct fixture *f = *state;
	struct config both;

	make(f, &both, "xyx", routes);
	both.routes[1].upstream = 1;
	serve(f, &both);
	assert_refusing(f, 0);
	ask_both(f, KEY_REJECTED, KEY_UNCLEAR);
	assert_refusing(f, 0);
	ask_both(f, KEY_REJECTED, KEY_ACCEPTED);
	assert_refusing(f, 1);
	ask_both(f, KEY_UNCLEAR, KEY_UNCLEAR);
	assert_refusing(f, 1);
	ask_both(f, KEY_ACCEPTED, KEY_ACCEPTED);
	assert_refusing(f, 0);
	/* It is told anew, and it is over where it is rejected. */
	ask_both(f, KEY_REJECTED, KEY_ACCEPTED);
	assert_refusing(f, 1);
	assert_int_equal(times(logged(f), "upstream other does not accept key "
	    "a alias c"), 2);
	ask_both(f, KEY_REJECTED, KEY_REJECTED);
	assert_int_equal(stats_key_off(both.stats, 0), KEY_OFF_REJECTED);
	assert_refusing(f, 0);
	unmake(f, &both);
}

static void
what_an_upstream_refuses_is_forgotten_with_its_routes(void **state)
{
	static const char *const routes[] = { "ab", "a", NULL };
	struct fixture *f = *state;
	struct config both;

	make(f, &both, "xyx", routes);
	both.routes[1].upstream = 1;
	serve(f, &both);
	ask_both(f, KEY_REJECTED, KEY_ACCEPTED);
	serve(f, &both);
	assert_refusing(f, 1);
	serve(f, &f->config);
	assert_refusing(f, 0);
	unmake(f, &both);
}

/* -- probes that say nothing -- */

static void
say_nothing(struct fixture *f, unsigned status, enum fault fault)
{
	const struct key_said said = { .answer = KEY_UNCLEAR,
		.status = status, .fault = fault };
	const struct key_question q = question(f->probes);

	key_keeper_probed(f->k, number(f, 0), &q, &said, CONF_NO_TIME);
}

static void
probes_that_say_nothing_are_counted_until_one_does(void **state)
{
	struct fixture *f = *state;
	struct stats_unclear u;

	serve(f, &f->config);
	suspect(f, 0);
	say_nothing(f, 403, FAULT_NONE);
	pass(61);
	suspect(f, 0);
	say_nothing(f, 0, FAULT_UPSTREAM_UNREACHABLE);
	u = stats_unclear(f->memory, number(f, 0));
	assert_int_equal(u.n, 2);
	assert_int_equal(u.since, NOW);
	assert_int_equal(u.last, NOW + 61);
	assert_int_equal(u.upstream, place(f, 0));
	assert_int_equal(u.status, 0);
	assert_int_equal(u.fault, FAULT_UPSTREAM_UNREACHABLE);
	pass(61);
	suspect(f, 0);
	probed(f, number(f, 0), KEY_ACCEPTED);
	assert_int_equal(stats_unclear(f->memory, number(f, 0)).n, 0);
	/* That it is rejected is clear, too. */
	pass(61);
	suspect(f, 0);
	probed(f, number(f, 0), KEY_ASTRAY);
	assert_int_equal(stats_unclear(f->memory, number(f, 0)).n, 1);
	pass(61);
	suspect(f, 0);
	probed(f, number(f, 0), KEY_REJECTED);
	assert_int_equal(stats_unclear(f->memory, number(f, 0)).n, 0);
}

static void
that_nobody_could_try_a_key_says_nothing_of_its_upstream(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	f->nobody = true;
	suspect(f, 0);
	for (unsigned i = 0; i < 10; i++) {
		pass(61);
		(void)key_keeper_step(f->k, boot);
	}
	assert_int_equal(stats_unclear(f->memory, number(f, 0)).n, 0);
}

static void
another_probe_path_is_tried_at_once_where_the_one_before_said_nothing(
    void **state)
{
	static const char *const routes[] = { "ab", "b", NULL };
	struct fixture *f = *state;
	struct config same, other;

	serve(f, &f->config);
	suspect(f, 0);
	say_nothing(f, 404, FAULT_NONE);
	assert_int_equal(f->probes, 1);
	make(f, &same, "xyx", routes);
	serve(f, &same);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 1);
	assert_int_equal(stats_unclear(f->memory, number(f, 0)).n, 1);
	make(f, &other, "xyx", routes);
	other.upstreams[0].probe_path = paths[1];
	serve(f, &other);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 2);
	assert_int_equal(f->probed, number(f, 0));
	assert_int_equal(stats_unclear(f->memory, number(f, 0)).n, 0);
	unmake(f, &same);
	unmake(f, &other);
}

static void
a_key_that_nobody_could_try_was_not(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	f->nobody = true;
	suspect(f, 0);
	assert_int_equal(f->probes, 1);
	assert_true(stats_kept(f->memory, number(f, 0)).probed == 0);
	f->nobody = false;
	pass(1);
	(void)key_keeper_step(f->k, boot);
	assert_true(stats_kept(f->memory, number(f, 0)).probed == NOW + 1);
}

static void
a_disabled_key_is_not_probed(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	suspect(f, 0);
	probed(f, number(f, 0), KEY_REJECTED);
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	suspect(f, 0);
	for (unsigned i = 0; i < 3600; i++) {
		pass(1);
		(void)key_keeper_step(f->k, boot);
	}
	assert_int_equal(f->probes, 1);
}

static void
where_nobody_probes_or_answers_nothing_is_rejected(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	f->nobody = true;
	suspect(f, 0);
	assert_int_equal(off(f, 0), 0);
	for (unsigned i = 0; i < 60; i++) {
		pass(1);
		(void)key_keeper_step(f->k, boot);
	}
	assert_int_equal(off(f, 0), 0);
	/* It was tried three times to find somebody. */
	assert_int_equal(f->probes, 3);
	f->nobody = false;
	suspect(f, 1);
	assert_int_equal(f->probes, 4);
	for (unsigned i = 0; i < 3; i++) {
		pass(60);
		(void)key_keeper_step(f->k, boot);
	}
	/* Two others were asked. */
	assert_int_equal(f->probes, 6);
	probed(f, number(f, 1), KEY_REJECTED);
	assert_int_equal(off(f, 1), 0);
}

static void
when_the_worker_that_was_asked_ends_another_one_is(void **state)
{
	const struct key_question q = question(1);
	struct fixture *f = *state;
	pid_t first;

	serve(f, &f->config);
	suspect(f, 0);
	assert_int_equal(f->probes, 1);
	first = PROBER + 1;
	key_keeper_lost(f->k, first + 7);
	assert_int_equal(f->probes, 1);
	key_keeper_lost(f->k, first);
	assert_int_equal(f->probes, 2);
	/* Only the one that was asked is heard. */
	key_keeper_probed(f->k, number(f, 0), &q, &refusal, CONF_NO_TIME);
	assert_int_equal(off(f, 0), 0);
	probed(f, number(f, 0), KEY_REJECTED);
	assert_int_equal(off(f, 0), KEY_OFF_REJECTED);
	/* The next answer may take as many again. */
	key_keeper_lost(f->k, first + 1);
	assert_int_equal(f->probes, 2);
}

static void
a_late_answer_is_none_to_the_next_question(void **state)
{
	struct key_question q;
	struct fixture *f = *state;

	serve(f, &f->config);
	suspect(f, 0);
	pass(60);
	/* It is put to the same worker again. */
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 2);
	f->k->values[number(f, 0)].asked.worker = question(1).worker;
	q = question(1);
	key_keeper_probed(f->k, number(f, 0), &q, &refusal, CONF_NO_TIME);
	assert_int_equal(off(f, 0), 0);
	q.id = 2;
	key_keeper_probed(f->k, number(f, 0), &q, &refusal, CONF_NO_TIME);
	assert_int_equal(off(f, 0), KEY_OFF_REJECTED);
}

static void
what_an_upstream_says_counts_no_more_once_no_route_sends_the_key_there(
    void **state)
{
	static const char *const routes[] = { "ab", "b", NULL };
	struct key_question q = question(1);
	struct fixture *f = *state;
	struct config moved;

	serve(f, &f->config);
	suspect(f, 0);
	make(f, &moved, "xyx", routes);
	moved.routes[0].upstream = 1;
	serve(f, &moved);
	key_keeper_probed(f->k, number(f, 0), &q, &refusal, CONF_NO_TIME);
	assert_int_equal(off(f, 0), 0);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 2);
	assert_int_equal(f->probed_at, place(f, 1));
	probed(f, number(f, 0), KEY_REJECTED);
	assert_int_equal(off(f, 0), KEY_OFF_REJECTED);
	unmake(f, &moved);
}

static void
no_more_than_three_workers_are_asked_for_one_answer(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	suspect(f, 0);
	for (unsigned i = 1; i < 10; i++)
		key_keeper_lost(f->k, PROBER + (pid_t)i);
	assert_int_equal(f->probes, 3);
	assert_int_equal(off(f, 0), 0);
}

static void
a_key_that_nobody_uses_is_tried_and_no_other(void **state)
{
	struct fixture *f = *state;
	struct stats *worker = stats_of_worker(f->config.stats, 0);

	serve(f, &f->config);
	f->config.conf.expiry.probe = 3600 * INT64_C(1000);
	for (unsigned i = 0; i < 7000; i += 10) {
		pass(10);
		stats_count_use(worker, 1, wall / NS_PER_S);
		(void)key_keeper_step(f->k, boot);
		if (f->probes == 1)
			probed(f, number(f, 0), KEY_ACCEPTED);
		if (i < 3590)
			assert_int_equal(f->probes, 0);
	}
	assert_int_equal(f->probes, 1);
	assert_int_equal(f->probed, number(f, 0));
	stats_leave(worker);
}

/* It is in the sealed files of both. */
static bool
knows(const struct fixture *f, const struct config *c, size_t route,
    uint32_t key)
{
	return key_keeper_knows(f->k, &(struct key_place){ .conf = &c->conf,
	    .numbers = stats_numbers(c->stats), .route = route }, key);
}

static void
turn_off(const struct fixture *f, uint32_t key, unsigned facts)
{
	struct stats_decision d = stats_decision(f->memory, key);

	d.facts |= facts;
	stats_decide(f->memory, key, d);
}

static void
a_value_that_is_off_is_tried_again_where_a_reload_has_it_serve(void **state)
{
	static const char *const before[] = { "ab", NULL },
	    *const another[] = { "ab", "ab", NULL },
	    *const alone[] = { "a", NULL };
	struct fixture *f = *state;
	struct config one, two, three;
	uint32_t x, y;

	make(f, &one, "xy", before);
	make(f, &two, "xy", another);
	make(f, &three, "xy", alone);
	x = stats_numbers(one.stats)->keys[0];
	y = stats_numbers(one.stats)->keys[1];
	serve(f, &one);
	turn_off(f, x, KEY_OFF_REJECTED);
	/* Where it is listed already, and the route has another one. */
	assert_true(knows(f, &one, 0, x));
	assert_true(knows(f, &two, 0, x));
	/* Another route lists it, and one loses the key that serves. */
	assert_false(knows(f, &two, 1, x));
	assert_true(knows(f, &two, 1, y));
	assert_false(knows(f, &three, 0, x));
	/* In an incident no reload is refused for what was before. */
	turn_off(f, y, KEY_OFF_EXPIRED);
	assert_true(knows(f, &three, 0, x));
	assert_false(knows(f, &two, 1, y));
	turn_off(f, x, KEY_OFF_DISABLED);
	assert_true(knows(f, &two, 1, x));
	unmake(f, &three);
	unmake(f, &two);
	unmake(f, &one);
}

static void
a_rejected_value_comes_back_when_its_trial_is_accepted(void **state)
{
	static const char *const routes[] = { "b", NULL };
	struct fixture *f = *state;
	struct config one;
	uint32_t x;

	make(f, &one, "xy", routes);
	x = stats_numbers(one.stats)->keys[0];
	serve(f, &one);
	turn_off(f, x, KEY_OFF_REJECTED);
	key_keeper_tried(f->k, x, place(f, 0), KEY_UNCLEAR, CONF_NO_TIME);
	assert_int_equal(stats_key_off(one.stats, 0), KEY_OFF_REJECTED);
	key_keeper_tried(f->k, x, place(f, 0), KEY_ACCEPTED, CONF_NO_TIME);
	assert_int_equal(stats_key_off(one.stats, 0), 0);
	unmake(f, &one);
}

/* One warning, or none where that is NULL. */
static void
expect_advice(const struct fixture *f, const char *text)
{
	struct conf_diagnostics d = { .n = 0 };

	key_keeper_advise(f->k, &d);
	assert_int_equal(d.n, text != NULL);
	if (text != NULL)
		assert_string_equal(d.v[0].text, text);
	assert_int_equal(d.n_errors, 0);
	conf_diagnostics_free(&d);
}

static void
who_reloads_is_told_why_a_route_does_not_go_by_its_list(void **state)
{
	static const char *const before[] = { "ab", NULL },
	    *const after[] = { "cb", NULL };
	struct fixture *f = *state;
	struct config one, two, three;
	char text[200];

	make(f, &one, "xyz", before);
	make(f, &two, "xyz", after);
	make(f, &three, "xyz", after);
	serve(f, &one);
	assert_true(order(f, KEY_ORDER_PROMOTE, "b"));
	expect_advice(f, NULL);
	serve(f, &two);
	(void)snprintf(text, sizeof(text), "route %s: key b, which was "
	    "promoted, serves before c, which its list names first: sallyport "
	    "key promote c", route_names[0]);
	expect_advice(f, text);
	/* The list stays: it was told. */
	serve(f, &three);
	expect_advice(f, NULL);
	assert_true(order(f, KEY_ORDER_DISABLE, "b"));
	expect_advice(f, NULL);
	assert_true(order(f, KEY_ORDER_DISABLE, "c"));
	(void)snprintf(text, sizeof(text), "route %s is left without a usable "
	    "key: key c is disabled, key b is disabled", route_names[0]);
	expect_advice(f, text);
	unmake(f, &three);
	unmake(f, &two);
	unmake(f, &one);
}

static void
a_key_is_to_be_tried_before_the_first_route_lists_it(void **state)
{
	static const char *const routes[] = { "b", NULL };
	struct fixture *f = *state;
	struct stats *worker;
	struct config one;
	uint32_t x, y;

	make(f, &one, "xy", routes);
	x = stats_numbers(one.stats)->keys[0];
	y = stats_numbers(one.stats)->keys[1];
	serve(f, &one);
	assert_false(knows(f, &one, 0, x));
	assert_true(knows(f, &one, 0, y));
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	assert_true(knows(f, &one, 0, x));
	assert_true(order(f, KEY_ORDER_ENABLE, "a"));
	assert_false(knows(f, &one, 0, x));
	worker = stats_of_worker(one.stats, 0);
	stats_count_use(worker, 0, NOW);
	assert_true(knows(f, &one, 0, x));
	stats_leave(worker);
	unmake(f, &one);
}

static void
a_key_over_by_its_file_alone_is_tried_before_and_hourly(void **state)
{
	struct fixture *f = *state;

	f->config.keys[0].expires = NOW + 100;
	serve(f, &f->config);
	pass(100);
	(void)key_keeper_step(f->k, boot);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 1);
	assert_int_equal(off(f, 0), 0);
	probed(f, number(f, 0), KEY_ACCEPTED);
	(void)key_keeper_step(f->k, boot);
	pass(3500);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 1);
	assert_int_equal(off(f, 0), 0);
	pass(101);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 2);
	/* It is expired, and not rejected. */
	probed(f, number(f, 0), KEY_REJECTED);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	pass(3601);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 3);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	probed(f, number(f, 0), KEY_ACCEPTED);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), 0);
}

static void
a_key_over_by_its_file_alone_serves_from_the_start_until_it_was_tried(
    void **state)
{
	struct fixture *f = *state;

	f->config.keys[0].expires = NOW - 86400;
	key_keeper_meet(f->k, &f->config.conf, stats_numbers(
	    f->config.stats));
	assert_int_equal(off(f, 0), 0);
	assert_int_equal(f->probes, 0);
	key_keeper_serve(f->k, &f->config.conf, f->config.stats);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), 0);
	assert_int_equal(f->probes, 1);
	assert_string_equal(logged(f), "");
	probed(f, number(f, 0), KEY_REJECTED);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	assert_int_equal(times(logged(f), "key-expired"), 1);
	/* No reload tries it with requests again. */
	key_keeper_meet(f->k, &f->config.conf, stats_numbers(
	    f->config.stats));
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	key_keeper_serve(f->k, &f->config.conf, f->config.stats);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	assert_string_equal(logged(f), "");
}

static void
a_key_over_by_its_file_alone_goes_on_where_the_api_accepts_it(void **state)
{
	struct fixture *f = *state;

	f->config.keys[0].expires = NOW - 86400;
	serve(f, &f->config);
	(void)key_keeper_step(f->k, boot);
	probed(f, number(f, 0), KEY_ACCEPTED);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), 0);
	serve(f, &f->config);
	assert_int_equal(off(f, 0), 0);
	assert_string_equal(logged(f), "");
	/* What clients then are told rejects it as any other. */
	pass(120);
	suspect(f, 0);
	assert_int_equal(f->probes, 2);
	probed(f, number(f, 0), KEY_REJECTED);
	assert_true(off(f, 0) & KEY_OFF_REJECTED);
	assert_int_equal(times(logged(f), "key-rejected"), 1);
	/* Without its minute, as its time is over. */
	(void)key_keeper_step(f->k, boot);
	assert_true(off(f, 0) & KEY_OFF_EXPIRED);
}

static void
a_key_over_by_its_file_alone_is_asked_soon_after_a_pause_unless_believed(
    void **state)
{
	struct fixture *f = *state;

	f->config.keys[0].expires = NOW - 86400;
	give_up(f, &f->config, 0);
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	pass(600);
	(void)key_keeper_step(f->k, boot);
	f->probes = 0;
	assert_true(order(f, KEY_ORDER_ENABLE, "a"));
	assert_string_equal(answer, "key a is enabled, but it is expired");
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 1);
	probed(f, number(f, 0), KEY_ACCEPTED);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), 0);
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	assert_true(order(f, KEY_ORDER_ENABLE, "a"));
	assert_true(key_keeper_step(f->k, boot) > boot);
	assert_int_equal(f->probes, 1);
}

static void
a_key_over_by_its_file_alone_is_not_given_up_while_it_cannot_be_tried(
    void **state)
{
	struct fixture *f = *state;

	f->config.keys[0].expires = NOW - 86400;
	f->nobody = true;
	serve(f, &f->config);
	for (unsigned i = 0; i < 20; i++) {
		(void)key_keeper_step(f->k, boot);
		assert_int_equal(off(f, 0), 0);
		pass(1);
	}
	f->nobody = false;
	(void)key_keeper_step(f->k, boot);
	/* It is disabled meanwhile, which ends the probe. */
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	probed(f, number(f, 0), KEY_UNCLEAR);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_DISABLED);
	f->probes = 0;
	assert_true(order(f, KEY_ORDER_ENABLE, "a"));
	assert_string_equal(answer, "key a is enabled");
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 1);
	assert_int_equal(off(f, 0), 0);
	probed(f, number(f, 0), KEY_REJECTED);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
}

static void
a_key_over_by_its_file_is_tried_before_it_is_given_up_once_a_route_lists_it(
    void **state)
{
	static const char *const without[] = { "b", NULL };
	struct fixture *f = *state;
	struct config first;

	make(f, &first, "xyx", without);
	first.keys[0].expires = f->config.keys[0].expires = NOW - 86400;
	serve(f, &first);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	assert_int_equal(f->probes, 0);
	assert_int_equal(times(logged(f), "key-expired"), 1);
	serve(f, &f->config);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), 0);
	assert_int_equal(f->probes, 1);
	probed(f, number(f, 0), KEY_REJECTED);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	/* Nothing of that is news. */
	assert_int_equal(times(logged(f), "sallyport.key"), 0);
	pass(3601);
	(void)key_keeper_step(f->k, boot);
	probed(f, number(f, 0), KEY_ACCEPTED);
	assert_int_equal(off(f, 0), 0);
	assert_int_equal(times(logged(f), "key-recovered"), 1);
	unmake(f, &first);
}

static void
a_key_that_nobody_answered_of_is_given_up_and_tried_again_soon(void **state)
{
	struct fixture *f = *state;

	f->config.keys[0].expires = NOW - 86400;
	serve(f, &f->config);
	(void)key_keeper_step(f->k, boot);
	probed(f, number(f, 0), KEY_UNCLEAR);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	pass(61);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 2);
	probed(f, number(f, 0), KEY_ACCEPTED);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), 0);
	assert_int_equal(times(logged(f), "key-recovered"), 1);
}

static void
what_the_api_told_while_a_key_was_tried_counts_more_than_its_file(
    void **state)
{
	struct fixture *f = *state;

	f->config.keys[0].expires = NOW - 86400;
	serve(f, &f->config);
	(void)key_keeper_step(f->k, boot);
	(void)stats_note_expiry(f->config.stats, 0, NOW + 86400, true);
	probed(f, number(f, 0), KEY_REJECTED);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_REJECTED);
}

/* Another keeper, with what is kept of the decisions. */
static void
restart(struct fixture *f)
{
	key_keeper_free(f->k);
	f->k = key_keeper_new(&(struct key_keeper_conf){
		.memory = f->memory, .built = BUILT, .tell = on_tell,
		.probe = on_probe, .owner = f });
	for (size_t i = 0; i < f->config.conf.n_keys; i++) {
		struct stats_decision d = stats_decision(f->memory,
		    number(f, i));

		d.facts &= ~KEY_OFF_EXPIRED;
		stats_decide(f->memory, number(f, i), d);
	}
}

static void
no_restart_tries_a_key_with_requests_that_was_given_up(void **state)
{
	struct fixture *f = *state;

	f->config.keys[0].expires = NOW - 86400;
	give_up(f, &f->config, 0);
	assert_int_equal(times(logged(f), "key-expired"), 1);
	restart(f);
	key_keeper_meet(f->k, &f->config.conf, stats_numbers(
	    f->config.stats));
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	key_keeper_serve(f->k, &f->config.conf, f->config.stats);
	f->probes = 0;
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	assert_int_equal(f->probes, 1);
	assert_int_equal(times(logged(f), "key-expired"), 0);
	probed(f, number(f, 0), KEY_ACCEPTED);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), 0);
	/* Another end in its file is another question. */
	restart(f);
	f->config.keys[0].expires = NOW - 10;
	serve(f, &f->config);
	assert_int_equal(off(f, 0), 0);
}

static void
that_a_key_has_expired_is_told_once_across_restarts(void **state)
{
	struct fixture *f = *state;

	(void)stats_note_expiry(f->config.stats, 0, NOW - 10, true);
	for (unsigned i = 0; i < 3; i++) {
		serve(f, &f->config);
		(void)key_keeper_step(f->k, boot);
		assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
		assert_int_equal(times(logged(f), "key-expired"), i == 0);
		restart(f);
	}
	/* Another end is told again. */
	(void)stats_note_expiry(f->config.stats, 0, NOW - 5, true);
	serve(f, &f->config);
	assert_int_equal(times(logged(f), "key-expired"), 1);
}

/* -- ends that responses told -- */

/* A response told that it is over. */
static void
end_by_word(struct fixture *f, int64_t end)
{
	(void)stats_note_expiry(f->config.stats, 0, end, true);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
}

static bool
is_believed(const struct fixture *f)
{
	return boot < stats_key_believed_ns(f->config.stats, 0);
}

static void
a_key_that_a_response_calls_over_is_off_and_tried_at_once_and_hourly(
    void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	end_by_word(f, NOW - 100);
	assert_int_equal(f->probes, 1);
	assert_int_equal(f->probed, number(f, 0));
	/* It works, but that is its end. */
	probed_until(f, number(f, 0), KEY_ACCEPTED, NOW - 100);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	assert_false(is_believed(f));
	pass(3599);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 1);
	pass(1);
	assert_true(key_keeper_step(f->k, boot) > boot);
	assert_int_equal(f->probes, 2);
	/* It is expired, and not rejected. */
	probed_until(f, number(f, 0), KEY_REJECTED, CONF_NO_TIME);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	assert_int_equal(times(logged(f), "\"sallyport.key\""), 1);
	pass(3600);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 3);
	probed_until(f, number(f, 0), KEY_ACCEPTED, NOW + 86400);
	assert_int_equal(off(f, 0), 0);
	assert_int_equal(times(logged(f), "key-recovered"), 1);
	assert_true(stats_kept(f->memory, number(f, 0)).expires ==
	    NOW + 86400);
}

static void
where_a_probe_is_told_no_end_none_is_known_but_that_of_the_file(void **state)
{
	struct fixture *f = *state;

	f->config.keys[0].expires = NOW + 4000;
	serve(f, &f->config);
	end_by_word(f, NOW - 100);
	probed_until(f, number(f, 0), KEY_ACCEPTED, CONF_NO_TIME);
	assert_int_equal(off(f, 0), 0);
	assert_true(stats_kept(f->memory, number(f, 0)).expires == 0);
	pass(3999);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 1);
	pass(1);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 2);
	probed_until(f, number(f, 0), KEY_REJECTED, CONF_NO_TIME);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
}

static void
after_a_probe_was_accepted_other_words_of_its_end_count_in_an_hour(
    void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	end_by_word(f, NOW - 100);
	assert_false(is_believed(f));
	/* Its worker noted the end before the parent hears the rest. */
	(void)stats_note_expiry(f->config.stats, 0, NOW + 86400, true);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), 0);
	/* And was lied to again. */
	end_by_word(f, NOW - 100);
	probed_until(f, number(f, 0), KEY_ACCEPTED, NOW + 86400);
	assert_int_equal(off(f, 0), 0);
	assert_true(is_believed(f));
	pass(3599);
	assert_true(is_believed(f));
	pass(1);
	assert_false(is_believed(f));
	(void)logged(f);
	/* Then it is news again. */
	end_by_word(f, NOW - 100);
	assert_int_equal(times(logged(f), "key-expired"), 1);
	assert_int_equal(f->probes, 2);
}

static void
an_end_that_a_probe_told_is_tried_once_it_comes(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	end_by_word(f, NOW - 100);
	probed_until(f, number(f, 0), KEY_ACCEPTED, NOW + 100);
	assert_int_equal(off(f, 0), 0);
	pass(100);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	assert_int_equal(f->probes, 2);
	probed_until(f, number(f, 0), KEY_REJECTED, CONF_NO_TIME);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
}

static void
a_key_that_is_believed_is_rejected_as_any_other(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	end_by_word(f, NOW - 100);
	probed_until(f, number(f, 0), KEY_ACCEPTED, CONF_NO_TIME);
	pass(61);
	suspect(f, 0);
	assert_int_equal(f->probes, 2);
	probed_until(f, number(f, 0), KEY_REJECTED, CONF_NO_TIME);
	assert_int_equal(off(f, 0), KEY_OFF_REJECTED);
}

static void
a_key_called_over_that_nothing_clear_is_said_of_is_tried_again_soon(
    void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	end_by_word(f, NOW - 100);
	probed_until(f, number(f, 0), KEY_UNCLEAR, CONF_NO_TIME);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	pass(59);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 1);
	pass(1);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 2);
}

static void
what_was_asked_before_a_key_was_called_over_proves_nothing(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	suspect(f, 0);
	end_by_word(f, NOW);
	assert_int_equal(f->probes, 1);
	assert_true(key_keeper_step(f->k, boot) > boot);
	probed_until(f, number(f, 0), KEY_ACCEPTED, CONF_NO_TIME);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	assert_int_equal(f->probes, 2);
	probed_until(f, number(f, 0), KEY_ACCEPTED, CONF_NO_TIME);
	assert_int_equal(off(f, 0), 0);
}

static void
a_key_in_doubt_that_a_probe_rejects_is_rejected(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	end_by_word(f, NOW - NOW % 86400);
	assert_true(stats_key_facts(f->config.stats, 0) & KEY_DOUBTED);
	probed_until(f, number(f, 0), KEY_REJECTED, CONF_NO_TIME);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED | KEY_OFF_REJECTED);
	pass(7);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 2);
	probed_until(f, number(f, 0), KEY_ACCEPTED, CONF_NO_TIME);
	assert_int_equal(off(f, 0), 0);
}

static void
a_disabled_key_is_not_tried_for_its_end_until_it_is_enabled(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	(void)stats_note_expiry(f->config.stats, 0, NOW - 100, true);
	for (unsigned i = 0; i < 3; i++) {
		(void)key_keeper_step(f->k, boot);
		pass(3600);
	}
	assert_int_equal(f->probes, 0);
	assert_true(order(f, KEY_ORDER_ENABLE, "a"));
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(f->probes, 1);
}

static void
what_was_called_over_before_a_restart_is_tried_after_it(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	end_by_word(f, NOW - 100);
	probed_until(f, number(f, 0), KEY_REJECTED, CONF_NO_TIME);
	(void)logged(f);
	restart(f);
	f->probes = 0;
	serve(f, &f->config);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	assert_string_equal(logged(f), "");
	assert_int_equal(f->probes, 1);
	probed_until(f, number(f, 0), KEY_ACCEPTED, NOW + 86400);
	assert_int_equal(off(f, 0), 0);
}

/* -- routes -- */

static void
a_route_without_a_key_is_warned_of_once(void **state)
{
	struct fixture *f = *state;
	struct config again;
	static const char *const routes[] = { "ab", "b", NULL };
	const char *log;

	f->config.keys[1].expires = NOW;
	give_up(f, &f->config, 1);
	log = logged(f);
	assert_int_equal(times(log, "has no usable key"), 1);
	assert_non_null(strstr(log, "route two has no usable key, and its "
	    "requests are answered 503: key b is expired"));
	make(f, &again, "xyx", routes);
	again.keys[1].expires = NOW;
	serve(f, &again);
	for (unsigned i = 0; i < 10; i++) {
		pass(1);
		(void)key_keeper_step(f->k, boot);
	}
	assert_int_equal(times(logged(f), "has no usable key"), 0);
	(void)stats_note_expiry(f->config.stats, 1, NOW + 1000, true);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(times(logged(f), "route two has a usable key again"),
	    1);
	/* Another episode. */
	(void)stats_note_expiry(f->config.stats, 1, NOW, true);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(times(logged(f), "has no usable key"), 1);
	unmake(f, &again);
}

static void
a_route_loses_its_last_key_a_minute_after_it_was_rejected(void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	suspect(f, 1);
	probed(f, number(f, 1), KEY_REJECTED);
	for (unsigned i = 0; i < 59; i++) {
		pass(1);
		(void)key_keeper_step(f->k, boot);
		probed(f, number(f, 1), KEY_REJECTED);
	}
	assert_int_equal(times(logged(f), "has no usable key"), 0);
	assert_true(key_keeper_step(f->k, boot) <= boot + NS_PER_S);
	pass(1);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(times(logged(f),
	    "route two has no usable key, and its requests are answered 503: "
	    "key b is rejected"), 1);
}

static void
a_rejected_key_serves_not_again_when_the_next_one_is_disabled(void **state)
{
	struct fixture *f = *state;
	const struct keyring keyring = {
		.conf = &f->config.conf, .stats = f->config.stats };

	serve(f, &f->config);
	key_keeper_suspect(f->k, number(f, 0), place(f, 0));
	probed(f, number(f, 0), KEY_REJECTED);
	assert_int_equal(keyring_pick(&keyring, &f->config.routes[0], boot,
	    CONF_NONE), 1);
	pass(20);
	assert_true(order(f, KEY_ORDER_DISABLE, "b"));
	assert_int_equal(keyring_pick(&keyring, &f->config.routes[0], boot,
	    CONF_NONE), CONF_NONE);
	assert_non_null(strstr(logged(f), "route one has no usable key"));
	/* It was off before that one was rejected. */
	assert_true(order(f, KEY_ORDER_ENABLE, "b"));
	assert_true(order(f, KEY_ORDER_DISABLE, "b"));
	pass(3600);
	probed(f, number(f, 0), KEY_ACCEPTED);
	(void)key_keeper_step(f->k, boot);
	probed(f, number(f, 0), KEY_ACCEPTED);
	assert_int_equal(off(f, 0), 0);
	pass(3600);
	key_keeper_suspect(f->k, number(f, 0), place(f, 0));
	probed(f, number(f, 0), KEY_REJECTED);
	assert_int_equal(keyring_pick(&keyring, &f->config.routes[0], boot,
	    CONF_NONE), 0);
	pass(60);
	assert_int_equal(keyring_pick(&keyring, &f->config.routes[0], boot,
	    CONF_NONE), CONF_NONE);
}

static void
to_disable_the_other_key_says_that_none_is_left_also_in_that_minute(
    void **state)
{
	struct fixture *f = *state;

	serve(f, &f->config);
	(void)stats_note_expiry(f->config.stats, 0, NOW + 5, true);
	pass(10);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 0), KEY_OFF_EXPIRED);
	suspect(f, 1);
	probed(f, number(f, 1), KEY_REJECTED);
	assert_true(order(f, KEY_ORDER_DISABLE, "a"));
	assert_string_equal(answer, "key a is disabled; no usable key is left "
	    "for route one");
}

/* None of those is a failure of the other key just now. */
static void
the_last_minute_of_a_rejected_key_ends_by_no_key_that_was_off_before(
    void **state)
{
	struct fixture *f = *state;
	const struct keyring keyring = {
		.conf = &f->config.conf, .stats = f->config.stats };

	serve(f, &f->config);
	(void)stats_note_expiry(f->config.stats, 1, NOW + 30, true);
	assert_true(order(f, KEY_ORDER_DISABLE, "b"));
	pass(10);
	suspect(f, 0);
	probed(f, number(f, 0), KEY_REJECTED);
	/* It is disabled, and expires. */
	pass(20);
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 1), KEY_OFF_DISABLED | KEY_OFF_EXPIRED);
	assert_int_equal(keyring_pick(&keyring, &f->config.routes[0], boot,
	    CONF_NONE), 0);
	/* It is over again, by a clock that was set back. */
	assert_true(order(f, KEY_ORDER_ENABLE, "b"));
	wall -= 3600 * NS_PER_S;
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 1), 0);
	pass(1);
	wall += 3600 * NS_PER_S;
	(void)key_keeper_step(f->k, boot);
	assert_int_equal(off(f, 1), KEY_OFF_EXPIRED);
	assert_int_equal(keyring_pick(&keyring, &f->config.routes[0], boot,
	    CONF_NONE), 0);
}

static void
a_quiet_one_decides_the_same_and_says_nothing(void **state)
{
	struct fixture *f = *state;
	struct key_keeper *k = key_keeper_new(&(struct key_keeper_conf){
		.memory = f->memory, .built = BUILT, .quiet = true });

	f->config.keys[1].expires = NOW;
	key_keeper_meet(k, &f->config.conf, stats_numbers(f->config.stats));
	key_keeper_serve(k, &f->config.conf, f->config.stats);
	assert_int_equal(off(f, 1), KEY_OFF_EXPIRED);
	assert_string_equal(logged(f), "");
	key_keeper_free(k);
}

#define TEST(fn)	cmocka_unit_test_setup_teardown(fn, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_value_is_disabled_under_each_of_its_names),
		TEST(who_gave_an_order_is_logged_by_name_and_number),
		TEST(what_was_done_before_is_not_done_again_and_said),
		TEST(to_disable_the_last_key_says_which_routes_have_none),
		TEST(an_unknown_name_is_told),
		TEST(a_key_that_is_promoted_serves_the_routes_that_list_it),
		TEST(a_key_that_is_off_or_in_no_route_is_not_promoted),
		TEST(a_rejected_key_is_not_promoted),
		TEST(
		a_key_that_was_promoted_already_is_so_and_nothing_is_logged),
		TEST(an_order_that_changes_nothing_is_not_logged),
		TEST(orders_have_their_words),
		TEST(a_value_stays_disabled_when_no_configuration_had_it_meanwhile),
		TEST(
		    a_new_value_is_disabled_with_the_one_that_drains_under_its_name),
		TEST(
		    a_name_that_a_reload_dropped_is_found_until_its_workers_are_done),
		TEST(
		    no_order_disables_a_value_that_serves_under_a_name_it_does_not_tell),
		TEST(what_is_disabled_is_kept_before_the_order_is_answered),
		TEST(what_was_decided_before_a_restart_goes_on),
		TEST(
		    what_was_rejected_before_a_restart_is_probed_once_a_route_lists_it),
		TEST(a_key_expires_at_the_very_time_and_that_is_told_once),
		TEST(what_the_api_tells_extends_a_key_or_ends_it),
		TEST(a_clock_that_is_set_back_and_forth_tells_nothing_twice),
		TEST(with_a_clock_from_before_the_program_nothing_expires),
		TEST(any_time_that_a_worker_tells_is_one),
		TEST(
		    a_configuration_that_only_starts_changes_no_end_of_one_that_serves),
		TEST(only_what_a_probe_says_rejects_a_key),
		TEST(an_answer_that_nobody_asked_for_counts_for_nothing),
		TEST(no_order_of_clients_401s_rejects_a_key_that_works),
		TEST(a_rejected_key_is_probed_again_and_comes_back),
		TEST(a_key_comes_back_where_its_upstream_refuses_the_path_and_not_the_key),
		TEST(a_key_does_not_come_back_by_another_path_that_is_refused),
		TEST(paths_that_no_generation_asks_for_are_forgotten),
		TEST(what_was_asked_of_another_path_counts_no_more),
		TEST(a_key_that_was_rejected_before_a_restart_comes_back_as_well),
		TEST(a_key_that_is_over_by_its_file_works_where_only_the_path_is_refused),
		TEST(only_an_upstream_that_a_route_sends_a_key_to_makes_it_suspect),
		TEST(a_rejected_key_is_probed_where_routes_send_it_after_a_reload),
		TEST(a_rejected_key_is_probed_soon_after_a_route_lists_it_again),
		TEST(a_rejected_key_is_probed_soon_after_it_was_enabled),
		TEST(what_was_asked_of_a_key_before_it_was_disabled_counts_no_more),
		TEST(no_failure_elsewhere_moves_the_probes_of_a_rejected_key),
		TEST(a_key_that_one_upstream_refuses_is_not_rejected_where_it_works),
		TEST(which_upstream_refuses_what_another_takes_is_known_while_it_does),
		TEST(what_an_upstream_refuses_is_forgotten_with_its_routes),
		TEST(probes_that_say_nothing_are_counted_until_one_does),
		TEST(that_nobody_could_try_a_key_says_nothing_of_its_upstream),
		TEST(another_probe_path_is_tried_at_once_where_the_one_before_said_nothing),
		TEST(a_key_that_nobody_could_try_was_not),
		TEST(a_disabled_key_is_not_probed),
		TEST(where_nobody_probes_or_answers_nothing_is_rejected),
		TEST(a_key_over_by_its_file_alone_is_tried_before_and_hourly),
		TEST(
		    a_key_over_by_its_file_alone_serves_from_the_start_until_it_was_tried),
		TEST(
		    a_key_over_by_its_file_alone_goes_on_where_the_api_accepts_it),
		TEST(
		    a_key_over_by_its_file_alone_is_asked_soon_after_a_pause_unless_believed),
		TEST(
		    a_key_over_by_its_file_alone_is_not_given_up_while_it_cannot_be_tried),
		TEST(
		    a_key_over_by_its_file_is_tried_before_it_is_given_up_once_a_route_lists_it),
		TEST(
		    a_key_that_nobody_answered_of_is_given_up_and_tried_again_soon),
		TEST(
		    what_the_api_told_while_a_key_was_tried_counts_more_than_its_file),
		TEST(no_restart_tries_a_key_with_requests_that_was_given_up),
		TEST(that_a_key_has_expired_is_told_once_across_restarts),
		TEST(
		    a_key_that_a_response_calls_over_is_off_and_tried_at_once_and_hourly),
		TEST(
		    where_a_probe_is_told_no_end_none_is_known_but_that_of_the_file),
		TEST(
		    after_a_probe_was_accepted_other_words_of_its_end_count_in_an_hour),
		TEST(an_end_that_a_probe_told_is_tried_once_it_comes),
		TEST(a_key_that_is_believed_is_rejected_as_any_other),
		TEST(
		    a_key_called_over_that_nothing_clear_is_said_of_is_tried_again_soon),
		TEST(what_was_asked_before_a_key_was_called_over_proves_nothing),
		TEST(a_key_in_doubt_that_a_probe_rejects_is_rejected),
		TEST(a_disabled_key_is_not_tried_for_its_end_until_it_is_enabled),
		TEST(what_was_called_over_before_a_restart_is_tried_after_it),
		TEST(a_key_that_nobody_uses_is_tried_and_no_other),
		TEST(a_key_is_to_be_tried_before_the_first_route_lists_it),
		TEST(a_value_that_is_off_is_tried_again_where_a_reload_has_it_serve),
		TEST(a_rejected_value_comes_back_when_its_trial_is_accepted),
		TEST(who_reloads_is_told_why_a_route_does_not_go_by_its_list),
		TEST(when_the_worker_that_was_asked_ends_another_one_is),
		TEST(a_late_answer_is_none_to_the_next_question),
		TEST(
		    what_an_upstream_says_counts_no_more_once_no_route_sends_the_key_there),
		TEST(no_more_than_three_workers_are_asked_for_one_answer),
		TEST(a_route_without_a_key_is_warned_of_once),
		TEST(a_route_loses_its_last_key_a_minute_after_it_was_rejected),
		TEST(
		    a_rejected_key_serves_not_again_when_the_next_one_is_disabled),
		TEST(
		    to_disable_the_other_key_says_that_none_is_left_also_in_that_minute),
		TEST(
		    the_last_minute_of_a_rejected_key_ends_by_no_key_that_was_off_before),
		TEST(a_quiet_one_decides_the_same_and_says_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
