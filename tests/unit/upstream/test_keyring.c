/*
 * Unit tests of upstream/keyring.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "policy/key_state.h"
#include "stats/decided.h"
#include "upstream/keyring.h"

#define NOW	INT64_C(1800000000)
#define BOOT	(1000 * NS_PER_S)

struct ring {
	char *hosts[1];
	struct conf_key keys[2];
	size_t order[2];
	struct conf_route route;
	struct conf_upstream upstream;
	struct conf conf;
	struct stats *stats;
	struct keyring keyring;
	int log[2];
};

static void
set_up(struct ring *r)
{
	static char host[] = "api.example", one[] = "one", two[] = "two";

	memset(r, 0, sizeof(*r));
	r->hosts[0] = host;
	for (size_t i = 0; i < 2; i++) {
		r->keys[i].name = i == 0 ? one : two;
		r->keys[i].value = secret_copy(r->keys[i].name, 3);
		r->keys[i].expires = CONF_NO_TIME;
		r->keys[i].hosts = (struct conf_texts){
			.v = r->hosts, .n = 1,
		};
		r->order[i] = i;
	}
	r->route.keys = r->order;
	r->route.n_keys = 2;
	r->conf.workers = 1;
	r->upstream.name = host;
	r->conf.upstreams = &r->upstream;
	r->conf.n_upstreams = 1;
	r->conf.keys = r->keys;
	r->conf.n_keys = 2;
	r->stats = stats_new_alone(&r->conf);
	r->keyring = (struct keyring){
		.conf = &r->conf, .stats = r->stats,
	};
	assert_int_equal(pipe2(r->log, O_NONBLOCK), 0);
	log_start(r->log[1], LOG_LEVEL_INFO, NULL);
}

static void
tear_down(struct ring *r)
{
	log_start(STDERR_FILENO, LOG_LEVEL_INFO, NULL);
	close(r->log[0]);
	close(r->log[1]);
	stats_free(r->stats);
	for (size_t i = 0; i < 2; i++)
		secret_free(r->keys[i].value);
}

/* What was logged since the last call. */
static const char *
logged(struct ring *r)
{
	static char text[4096];
	ssize_t n = read(r->log[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static void
learn(struct ring *r, size_t key, const char *value)
{
	struct head h = { .kind = HEAD_RESPONSE, .status = 401 };

	fields_add(&h.fields, FIELD_X_ELASTIC_API_KEY_EXPIRATION,
	    TEXT("X-Elastic-Api-Key-Expiration"), text_of(value));
	(void)keyring_learn(&r->keyring, key, "cloud", &h, NOW, false);
	fields_release(&h.fields);
}

/* -- the choice -- */

static void
decide(struct ring *r, size_t key, struct stats_decision d)
{
	stats_decide(stats_shared(r->stats),
	    stats_numbers(r->stats)->keys[key], d);
}

static void
set(struct ring *r, size_t key, unsigned facts)
{
	decide(r, key, (struct stats_decision){ .facts = facts });
}

static size_t
pick(const struct ring *r)
{
	return keyring_pick(&r->keyring, &r->route, BOOT, CONF_NONE);
}

static void
the_first_key_of_a_route_is_the_current_one(void **state)
{
	struct ring r;

	(void)state;
	set_up(&r);
	assert_int_equal(pick(&r), 0);
	tear_down(&r);
}

static void
no_key_is_usable_where_that_of_the_proxy_is_off(void **state)
{
	static char proxy[] = "proxy.example";
	struct ring r;

	(void)state;
	set_up(&r);
	r.route.n_keys = 1;
	r.upstream.proxy = (struct conf_proxy){ .host = proxy, .key = 1 };
	assert_int_equal(keyring_pick(&r.keyring, &r.route, BOOT,
	    CONF_NONE), 0);
	assert_int_equal(keyring_only(&r.keyring, &r.route), 0);
	assert_false(keyring_cuts_way(&r.keyring, &r.upstream));
	/* What an API says of the value, the proxy need not say. */
	set(&r, 1, KEY_OFF_REJECTED);
	assert_int_equal(keyring_pick(&r.keyring, &r.route, BOOT,
	    CONF_NONE), 0);
	/* It is better than none, and the proxy has no other. */
	set(&r, 1, KEY_OFF_EXPIRED | KEY_DOUBTED);
	assert_int_equal(keyring_pick(&r.keyring, &r.route, BOOT,
	    CONF_NONE), 0);
	set(&r, 1, KEY_OFF_EXPIRED);
	assert_int_equal(keyring_pick(&r.keyring, &r.route, BOOT,
	    CONF_NONE), CONF_NONE);
	assert_int_equal(keyring_only(&r.keyring, &r.route), CONF_NONE);
	assert_false(keyring_cuts_way(&r.keyring, &r.upstream));
	assert_string_equal(keyring_why_none(&r.keyring, &r.route),
	    "the key of its proxy is expired");
	set(&r, 1, KEY_OFF_DISABLED | KEY_OFF_EXPIRED | KEY_DOUBTED);
	assert_true(keyring_cuts_way(&r.keyring, &r.upstream));
	assert_int_equal(keyring_pick(&r.keyring, &r.route, BOOT,
	    CONF_NONE), CONF_NONE);
	assert_int_equal(keyring_only(&r.keyring, &r.route), CONF_NONE);
	assert_string_equal(keyring_why_none(&r.keyring, &r.route),
	    "the key of its proxy is disabled");
	/* The key itself is as good as before. */
	r.keyring.keys_alone = true;
	assert_int_equal(pick(&r), 0);
	tear_down(&r);
}

static void
a_key_that_is_off_gives_way_to_the_next(void **state)
{
	static const unsigned reasons[] = {
		KEY_OFF_DISABLED, KEY_OFF_REJECTED, KEY_OFF_EXPIRED,
		KEY_OFF_EXPIRED | KEY_DOUBTED, KEY_OFF,
	};
	struct ring r;

	(void)state;
	set_up(&r);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		set(&r, 0, reasons[i]);
		assert_int_equal(pick(&r), 1);
		set(&r, 0, 0);
		assert_int_equal(pick(&r), 0);
	}
	tear_down(&r);
}

static void
the_key_that_was_promoted_last_comes_first(void **state)
{
	struct ring r;

	(void)state;
	set_up(&r);
	decide(&r, 1, (struct stats_decision){ .promoted = 1 });
	assert_int_equal(pick(&r), 1);
	decide(&r, 0, (struct stats_decision){ .promoted = 2 });
	assert_int_equal(pick(&r), 0);
	decide(&r, 0, (struct stats_decision){ .promoted = 2,
	    .facts = KEY_OFF_EXPIRED });
	assert_int_equal(pick(&r), 1);
	tear_down(&r);
}

static void
the_value_that_is_left_out_is_not_picked_under_any_name(void **state)
{
	struct ring r;

	(void)state;
	set_up(&r);
	assert_int_equal(keyring_pick(&r.keyring, &r.route, BOOT, 0), 1);
	assert_int_equal(keyring_pick(&r.keyring, &r.route, BOOT, 1), 0);
	stats_free(r.stats);
	secret_free(r.keys[1].value);
	r.keys[1].value = secret_copy("one", 3);
	r.keyring.stats = r.stats = stats_new_alone(&r.conf);
	assert_int_equal(keyring_pick(&r.keyring, &r.route, BOOT, 0),
	    CONF_NONE);
	tear_down(&r);
}

static void
no_key_is_picked_when_all_are_off_and_the_reasons_are_told(void **state)
{
	struct ring r;

	(void)state;
	set_up(&r);
	set(&r, 0, KEY_OFF_EXPIRED);
	set(&r, 1, KEY_OFF_DISABLED | KEY_DOUBTED);
	assert_int_equal(pick(&r), CONF_NONE);
	assert_string_equal(keyring_why_none(&r.keyring, &r.route),
	    "all are disabled or expired");
	tear_down(&r);
}

static void
a_key_whose_end_is_in_doubt_serves_where_there_is_no_other(void **state)
{
	struct ring r;

	(void)state;
	set_up(&r);
	set(&r, 0, KEY_OFF_EXPIRED);
	set(&r, 1, KEY_OFF_EXPIRED | KEY_DOUBTED);
	assert_int_equal(pick(&r), 1);
	set(&r, 1, KEY_OFF_EXPIRED | KEY_OFF_REJECTED | KEY_DOUBTED);
	assert_int_equal(pick(&r), CONF_NONE);
	tear_down(&r);
}

static void
a_key_in_doubt_serves_before_one_that_was_rejected(void **state)
{
	const struct stats_decision rejected = {
		.facts = KEY_OFF_REJECTED,
		.rejected_ns = BOOT - 1,
	};
	struct ring r;

	(void)state;
	set_up(&r);
	decide(&r, 0, rejected);
	set(&r, 1, KEY_OFF_EXPIRED | KEY_DOUBTED);
	assert_int_equal(pick(&r), 1);
	decide(&r, 1, rejected);
	set(&r, 0, KEY_OFF_EXPIRED | KEY_DOUBTED);
	assert_int_equal(pick(&r), 0);
	tear_down(&r);
}

static void
the_last_key_serves_for_a_minute_after_it_was_rejected(void **state)
{
	struct stats_decision rejected = {
		.facts = KEY_OFF_REJECTED,
		.rejected_ns = BOOT - KEYRING_GRACE_NS + 1,
	};
	struct ring r;

	(void)state;
	set_up(&r);
	decide(&r, 0, rejected);
	assert_int_equal(pick(&r), 1);
	set(&r, 1, KEY_OFF_DISABLED);
	assert_int_equal(pick(&r), 0);
	rejected.rejected_ns--;
	decide(&r, 0, rejected);
	assert_int_equal(pick(&r), CONF_NONE);
	tear_down(&r);
}

static void
one_that_was_not_the_last_when_it_was_rejected_serves_no_more(void **state)
{
	const struct stats_decision rejected = {
		.facts = KEY_OFF_REJECTED,
		.rejected_ns = BOOT - KEYRING_GRACE_NS / 2,
		.off_ns = BOOT - KEYRING_GRACE_NS / 2,
	};
	struct stats_decision other = {
		.facts = KEY_OFF_DISABLED, .off_ns = rejected.off_ns + 1,
	};
	struct ring r;

	(void)state;
	set_up(&r);
	decide(&r, 0, rejected);
	decide(&r, 1, other);
	assert_int_equal(pick(&r), CONF_NONE);
	other.facts = KEY_OFF_EXPIRED;
	decide(&r, 1, other);
	assert_int_equal(pick(&r), CONF_NONE);
	other.off_ns = rejected.off_ns - 1;
	decide(&r, 1, other);
	assert_int_equal(pick(&r), 0);
	tear_down(&r);
}

static void
of_those_rejected_the_last_one_serves_on(void **state)
{
	struct stats_decision rejected = {
		.facts = KEY_OFF_REJECTED,
		.rejected_ns = BOOT - KEYRING_GRACE_NS / 2,
	};
	struct ring r;

	(void)state;
	set_up(&r);
	decide(&r, 0, rejected);
	rejected.rejected_ns++;
	decide(&r, 1, rejected);
	assert_int_equal(pick(&r), 1);
	rejected.rejected_ns++;
	decide(&r, 0, rejected);
	assert_int_equal(pick(&r), 0);
	tear_down(&r);
}

static void
which_keys_serve_and_which_are_listed_is_told(void **state)
{
	unsigned facts[2];
	struct ring r;

	(void)state;
	set_up(&r);
	r.conf.routes = &r.route;
	r.conf.n_routes = 1;
	keyring_facts(&r.keyring, BOOT, facts);
	assert_int_equal(facts[0], KEY_LISTED | KEY_SERVES);
	assert_int_equal(facts[1], KEY_LISTED);
	set(&r, 0, KEY_OFF_EXPIRED);
	keyring_facts(&r.keyring, BOOT, facts);
	assert_int_equal(facts[0], KEY_LISTED | KEY_OFF_EXPIRED);
	assert_int_equal(facts[1], KEY_LISTED | KEY_SERVES);
	set(&r, 0, KEY_OFF_REJECTED);
	r.route.n_keys = 1;
	keyring_facts(&r.keyring, BOOT, facts);
	assert_int_equal(facts[0], KEY_LISTED | KEY_OFF_REJECTED);
	assert_int_equal(facts[1], 0);
	r.conf.n_routes = 0;
	tear_down(&r);
}

static void
what_nobody_knew_of_an_end_is_told_to_be_learnt(void **state)
{
	struct ring r;
	struct head h = { .kind = HEAD_RESPONSE, .status = 200 };

	(void)state;
	set_up(&r);
	fields_add(&h.fields, FIELD_X_ELASTIC_API_KEY_EXPIRATION,
	    TEXT("X-Elastic-Api-Key-Expiration"), TEXT("1900000000"));
	assert_true(keyring_learn(&r.keyring, 0, "cloud", &h, NOW,
	    false).learnt);
	assert_false(keyring_learn(&r.keyring, 0, "cloud", &h, NOW,
	    false).learnt);
	/* That it works after that end is none. */
	assert_false(keyring_learn(&r.keyring, 0, "cloud", &h,
	    INT64_C(1900000001), false).learnt);
	fields_release(&h.fields);
	tear_down(&r);
}

static void
a_failure_that_calls_a_key_over_only_makes_it_suspect(void **state)
{
	struct ring r;
	struct head h = { .kind = HEAD_RESPONSE, .status = 404 };
	struct keyring_expiry e;
	int64_t told;

	(void)state;
	set_up(&r);
	fields_add(&h.fields, FIELD_X_ELASTIC_API_KEY_EXPIRATION,
	    TEXT("X-Elastic-Api-Key-Expiration"), TEXT("1600000001"));
	e = keyring_learn(&r.keyring, 0, "cloud", &h, NOW, false);
	assert_int_equal(e.result, EXPIRY_READ);
	assert_true(e.suspect);
	assert_false(e.learnt);
	assert_false(stats_expiry(r.stats, 0, &told));
	/* To a probe the API itself says it. */
	e = keyring_learn(&r.keyring, 0, "cloud", &h, NOW, true);
	assert_false(e.suspect);
	assert_true(e.learnt);
	assert_true(stats_expiry(r.stats, 0, &told));
	assert_int_equal(told, 1600000001);
	fields_release(&h.fields);
	tear_down(&r);
}

/* A probe was told of its end, and believed. */
static void
no_other_word_of_an_end_counts_while_a_probe_is_believed(
    void **state)
{
	struct ring r;
	struct head h = { .kind = HEAD_RESPONSE, .status = 200 };
	struct keyring_expiry e;
	int64_t told;

	(void)state;
	set_up(&r);
	fields_add(&h.fields, FIELD_X_ELASTIC_API_KEY_EXPIRATION,
	    TEXT("X-Elastic-Api-Key-Expiration"), TEXT("1600000001"));
	decide(&r, 0, (struct stats_decision){
	    .believed_ns = clock_boot() + 3600 * NS_PER_S });
	e = keyring_learn(&r.keyring, 0, "cloud", &h, NOW, false);
	/* The line of the exchange has it. */
	assert_int_equal(e.result, EXPIRY_READ);
	assert_false(e.learnt);
	assert_false(stats_expiry(r.stats, 0, &told));
	assert_string_equal(logged(&r), "");
	assert_true(keyring_learn(&r.keyring, 0, "cloud", &h, NOW,
	    true).learnt);
	assert_true(stats_expiry(r.stats, 0, &told));
	fields_release(&h.fields);
	tear_down(&r);
	set_up(&r);
	fields_add(&h.fields, FIELD_X_ELASTIC_API_KEY_EXPIRATION,
	    TEXT("X-Elastic-Api-Key-Expiration"), TEXT("1600000001"));
	decide(&r, 0, (struct stats_decision){ .believed_ns = clock_boot() });
	assert_true(keyring_learn(&r.keyring, 0, "cloud", &h, NOW,
	    false).learnt);
	fields_release(&h.fields);
	tear_down(&r);
}

static void
a_key_is_for_the_hosts_of_its_file_only(void **state)
{
	struct ring r;

	(void)state;
	set_up(&r);
	assert_true(keyring_allows(&r.keyring, 0, "api.example"));
	assert_false(keyring_allows(&r.keyring, 0, "api.example.net"));
	assert_false(keyring_allows(&r.keyring, 0, "example"));
	assert_false(keyring_allows(&r.keyring, 0, ""));
	tear_down(&r);
}

static void
an_expiry_is_logged_when_first_seen_and_when_it_changes(void **state)
{
	struct ring r;

	(void)state;
	set_up(&r);
	learn(&r, 0, "2027-02-23T00:00:00Z");
	assert_non_null(strstr(logged(&r), "key-expiration-seen"));
	learn(&r, 0, "2027-02-23T00:00:00Z");
	assert_string_equal(logged(&r), "");
	learn(&r, 0, "2027-02-24T00:00:00Z");
	assert_non_null(strstr(logged(&r), "2027-02-24T00:00:00Z"));
	learn(&r, 1, "2027-02-24T00:00:00Z");
	assert_non_null(strstr(logged(&r), "\"two\""));
	learn(&r, 1, "soon");
	assert_string_equal(logged(&r), "");
	tear_down(&r);
}

static void
ends_that_alternate_are_few_lines_and_the_word_of_a_probe_counts(void **state)
{
	struct head h = { .kind = HEAD_RESPONSE, .status = 200 };
	size_t seen = 0, told = 0;
	int64_t at;
	struct ring r;

	(void)state;
	set_up(&r);
	for (int i = 0; i < 200; i++) {
		const char *line;

		learn(&r, 0, i % 2 == 0 ? "2027-02-23" : "2029-02-23");
		line = logged(&r);
		seen += strstr(line, "key-expiration-seen") != NULL;
		told += strstr(line, "more than one end") != NULL;
	}
	assert_int_equal(seen, 5);
	assert_int_equal(told, 1);
	fields_add(&h.fields, FIELD_X_ELASTIC_API_KEY_EXPIRATION,
	    TEXT("X-Elastic-Api-Key-Expiration"), TEXT("2028-02-23"));
	assert_false(keyring_learn(&r.keyring, 0, "cloud", &h, NOW,
	    false).learnt);
	assert_true(keyring_learn(&r.keyring, 0, "cloud", &h, NOW,
	    true).learnt);
	fields_release(&h.fields);
	assert_true(stats_expiry(r.stats, 0, &at));
	assert_int_equal(at, 1834876800);
	tear_down(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_key_of_a_route_is_the_current_one),
		cmocka_unit_test(a_key_that_is_off_gives_way_to_the_next),
		cmocka_unit_test(
		    no_key_is_usable_where_that_of_the_proxy_is_off),
		cmocka_unit_test(the_key_that_was_promoted_last_comes_first),
		cmocka_unit_test(
		    the_value_that_is_left_out_is_not_picked_under_any_name),
		cmocka_unit_test(
		    no_key_is_picked_when_all_are_off_and_the_reasons_are_told),
		cmocka_unit_test(
		    a_key_whose_end_is_in_doubt_serves_where_there_is_no_other),
		cmocka_unit_test(
		    a_key_in_doubt_serves_before_one_that_was_rejected),
		cmocka_unit_test(
		    the_last_key_serves_for_a_minute_after_it_was_rejected),
		cmocka_unit_test(
		    one_that_was_not_the_last_when_it_was_rejected_serves_no_more),
		cmocka_unit_test(of_those_rejected_the_last_one_serves_on),
		cmocka_unit_test(which_keys_serve_and_which_are_listed_is_told),
		cmocka_unit_test(
		    what_nobody_knew_of_an_end_is_told_to_be_learnt),
		cmocka_unit_test(
		    a_failure_that_calls_a_key_over_only_makes_it_suspect),
		cmocka_unit_test(
		    no_other_word_of_an_end_counts_while_a_probe_is_believed),
		cmocka_unit_test(a_key_is_for_the_hosts_of_its_file_only),
		cmocka_unit_test(
	    ends_that_alternate_are_few_lines_and_the_word_of_a_probe_counts),
		cmocka_unit_test(
		    an_expiry_is_logged_when_first_seen_and_when_it_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
