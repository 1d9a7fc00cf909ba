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
#include "upstream/keyring.h"

#define NOW	INT64_C(1800000000)

struct ring {
	char *hosts[1];
	struct conf_key keys[2];
	size_t order[2];
	struct conf_route route;
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
	(void)keyring_learn(&r->keyring, key, "cloud", &h, NOW);
	fields_release(&h.fields);
}

static void
the_first_key_of_a_route_is_the_current_one(void **state)
{
	struct ring r;

	(void)state;
	set_up(&r);
	assert_int_equal(keyring_pick(&r.keyring, &r.route, NOW), 0);
	tear_down(&r);
}

static void
a_key_past_the_expiry_in_its_file_gives_way_to_the_next(void **state)
{
	struct ring r;

	(void)state;
	set_up(&r);
	r.keys[0].expires = NOW;
	assert_int_equal(keyring_pick(&r.keyring, &r.route, NOW), 1);
	r.keys[0].expires = NOW + 1;
	assert_int_equal(keyring_pick(&r.keyring, &r.route, NOW), 0);
	tear_down(&r);
}

static void
what_a_response_told_overrides_the_file(void **state)
{
	struct ring r;

	(void)state;
	set_up(&r);
	r.keys[0].expires = NOW - 5;
	learn(&r, 0, "1900000000");
	assert_int_equal(keyring_pick(&r.keyring, &r.route, NOW), 0);
	learn(&r, 0, "1700000000");
	assert_int_equal(keyring_pick(&r.keyring, &r.route, NOW), 1);
	tear_down(&r);
}

static void
no_key_is_picked_when_all_have_expired(void **state)
{
	struct ring r;

	(void)state;
	set_up(&r);
	r.keys[0].expires = r.keys[1].expires = NOW - 1;
	assert_int_equal(keyring_pick(&r.keyring, &r.route, NOW), CONF_NONE);
	tear_down(&r);
}

static void
a_key_that_outlived_its_expiry_serves_where_there_is_no_other(void **state)
{
	struct ring r;
	struct head h = { .kind = HEAD_RESPONSE, .status = 200 };

	(void)state;
	set_up(&r);
	r.route.n_keys = 1;
	learn(&r, 0, "1700000000");
	assert_int_equal(keyring_pick(&r.keyring, &r.route, NOW), CONF_NONE);
	fields_add(&h.fields, FIELD_X_ELASTIC_API_KEY_EXPIRATION,
	    TEXT("X-Elastic-Api-Key-Expiration"), TEXT("1700000000"));
	(void)keyring_learn(&r.keyring, 0, "cloud", &h, NOW);
	assert_int_equal(keyring_pick(&r.keyring, &r.route, NOW), 0);
	r.route.n_keys = 2;
	assert_int_equal(keyring_pick(&r.keyring, &r.route, NOW), 1);
	fields_release(&h.fields);
	tear_down(&r);
}

static void
a_date_alone_counts_to_its_end_where_there_is_no_other_key(void **state)
{
	const int64_t day = INT64_C(1800057600);	/* 2027-01-16 */
	struct ring r;

	(void)state;
	set_up(&r);
	r.route.n_keys = 1;
	learn(&r, 0, "2027-01-16");
	assert_int_equal(keyring_pick(&r.keyring, &r.route, day + 3600), 0);
	assert_int_equal(keyring_pick(&r.keyring, &r.route, day + 86400),
	    CONF_NONE);
	r.route.n_keys = 2;
	assert_int_equal(keyring_pick(&r.keyring, &r.route, day + 3600), 1);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_key_of_a_route_is_the_current_one),
		cmocka_unit_test(
		    a_key_past_the_expiry_in_its_file_gives_way_to_the_next),
		cmocka_unit_test(what_a_response_told_overrides_the_file),
		cmocka_unit_test(no_key_is_picked_when_all_have_expired),
		cmocka_unit_test(
		    a_key_that_outlived_its_expiry_serves_where_there_is_no_other),
		cmocka_unit_test(
		    a_date_alone_counts_to_its_end_where_there_is_no_other_key),
		cmocka_unit_test(a_key_is_for_the_hosts_of_its_file_only),
		cmocka_unit_test(
		    an_expiry_is_logged_when_first_seen_and_when_it_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
