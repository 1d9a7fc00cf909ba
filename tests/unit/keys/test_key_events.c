/* The last events of keys, as the log has them. */
#include "keys/key_events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static void
note(struct key_events *all, const char *key, const char *message)
{
	key_events_note(all, &(struct log_key_event){
		.action = "key-expired", .key = key }, message);
}

static void
the_last_ones_are_kept_the_newest_first(void **state)
{
	struct key_events all = { .n = 0 };
	char name[8];

	(void)state;
	for (unsigned i = 0; i < KEY_EVENTS_KEPT + 5; i++) {
		(void)snprintf(name, sizeof(name), "k%u", i);
		note(&all, name, "it is so");
	}
	assert_int_equal(all.n, KEY_EVENTS_KEPT);
	assert_string_equal(all.v[0].key, "k24");
	assert_string_equal(all.v[KEY_EVENTS_KEPT - 1].key, "k5");
	assert_string_equal(all.v[0].action, "key-expired");
	assert_string_equal(all.v[0].text, "it is so");
	assert_true(all.v[0].at > 0);
	key_events_release(&all);
	assert_int_equal(all.n, 0);
}

static void
a_long_message_is_cut(void **state)
{
	struct key_events all = { .n = 0 };
	char message[KEY_EVENTS_TEXT * 2];

	(void)state;
	memset(message, 'm', sizeof(message));
	message[sizeof(message) - 1] = '\0';
	note(&all, "a", message);
	assert_int_equal(strlen(all.v[0].text), KEY_EVENTS_TEXT - 1);
	key_events_release(&all);
}

static void
what_the_log_tells_of_keys_is_noted_while_it_is_watched(void **state)
{
	const struct log_key_event event = { .level = LOG_LEVEL_DEBUG,
		.action = "key-promoted", .key = "b" };
	struct key_events all = { .n = 0 };

	(void)state;
	log_watch_keys(key_events_note, &all);
	log_key(&event, "key %s was promoted", "b");
	log_watch_keys(NULL, NULL);
	log_key(&event, "key %s was promoted", "b");
	assert_int_equal(all.n, 1);
	assert_string_equal(all.v[0].text, "key b was promoted");
	key_events_release(&all);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_ones_are_kept_the_newest_first),
		cmocka_unit_test(a_long_message_is_cut),
		cmocka_unit_test(
		    what_the_log_tells_of_keys_is_noted_while_it_is_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
