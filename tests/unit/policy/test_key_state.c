/*
 * Unit tests of policy/key_state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "policy/key_state.h"

static const char *
state_of(unsigned facts)
{
	return key_state_name(key_state_of(facts));
}

static void
what_a_person_switched_off_is_disabled_whatever_else_holds(void **state)
{
	(void)state;
	for (unsigned facts = 0; facts <= 0xff; facts++)
		assert_int_equal(strcmp(state_of(facts), "disabled") == 0,
		    (facts & KEY_OFF_DISABLED) != 0);
}

static void
the_first_state_that_fits_is_told(void **state)
{
	const unsigned all = KEY_ENDING | KEY_LISTED | KEY_SERVES | KEY_USED;

	(void)state;
	assert_string_equal(state_of(all | KEY_OFF_REJECTED | KEY_OFF_EXPIRED),
	    "rejected");
	assert_string_equal(state_of(all | KEY_OFF_EXPIRED), "expired");
	assert_string_equal(state_of(all), "expiring");
	assert_string_equal(state_of(all & ~KEY_ENDING), "active");
	assert_string_equal(state_of(all & ~KEY_SERVES), "standby");
	assert_string_equal(state_of(KEY_LISTED | KEY_SERVES), "unused");
	assert_string_equal(state_of(KEY_USED), "unused");
	assert_string_equal(state_of(0), "unused");
}

static void
an_event_changes_its_fact_and_no_other(void **state)
{
	static const struct {
		enum key_event event;
		unsigned fact;
		bool holds;
	} rows[] = {
		{ KEY_EVENT_DISABLE, KEY_OFF_DISABLED, true },
		{ KEY_EVENT_ENABLE, KEY_OFF_DISABLED, false },
		{ KEY_EVENT_REJECT, KEY_OFF_REJECTED, true },
		{ KEY_EVENT_ACCEPT, KEY_OFF_REJECTED, false },
		{ KEY_EVENT_EXPIRE, KEY_OFF_EXPIRED, true },
		{ KEY_EVENT_EXTEND, KEY_OFF_EXPIRED, false },
		{ KEY_EVENT_PROMOTE, 0, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned facts = 0; facts <= 0xff; facts++) {
			unsigned after = key_event_apply(rows[i].event, facts);
			unsigned rest = ~(rows[i].fact | KEY_DOUBTED);

			assert_int_equal(after & rest, facts & rest);
			assert_int_equal(after & rows[i].fact,
			    rows[i].holds ? rows[i].fact : 0);
		}
	}
}

/* Programs look for these; what takes a key out of use is a warning. */
static void
each_event_is_logged_by_its_action_and_weight(void **state)
{
	static const struct {
		enum key_event event;
		enum log_level level;
		const char *action;
	} rows[KEY_EVENTS] = {
		{ KEY_EVENT_DISABLE, LOG_LEVEL_WARN, "key-disabled" },
		{ KEY_EVENT_ENABLE, LOG_LEVEL_INFO, "key-enabled" },
		{ KEY_EVENT_REJECT, LOG_LEVEL_ERROR, "key-rejected" },
		{ KEY_EVENT_ACCEPT, LOG_LEVEL_INFO, "key-recovered" },
		{ KEY_EVENT_EXPIRE, LOG_LEVEL_ERROR, "key-expired" },
		{ KEY_EVENT_EXTEND, LOG_LEVEL_INFO, "key-recovered" },
		{ KEY_EVENT_PROMOTE, LOG_LEVEL_INFO, "key-promoted" },
	};

	(void)state;
	for (size_t i = 0; i < KEY_EVENTS; i++) {
		assert_int_equal(key_event_level(rows[i].event),
		    rows[i].level);
		assert_string_equal(key_event_action(rows[i].event),
		    rows[i].action);
	}
}

static void
a_value_that_is_enabled_is_what_it_was_meanwhile(void **state)
{
	unsigned facts = KEY_LISTED | KEY_SERVES | KEY_USED;

	(void)state;
	facts = key_event_apply(KEY_EVENT_DISABLE, facts);
	facts = key_event_apply(KEY_EVENT_EXPIRE, facts);
	assert_string_equal(state_of(facts), "disabled");
	facts = key_event_apply(KEY_EVENT_ENABLE, facts);
	assert_string_equal(state_of(facts), "expired");
	facts = key_event_apply(KEY_EVENT_EXTEND, facts);
	assert_string_equal(state_of(facts), "active");
}

static void
each_reason_to_be_off_has_words(void **state)
{
	(void)state;
	for (unsigned off = 0; off <= KEY_OFF; off++) {
		const char *words = key_off_words(off);

		assert_int_equal(strstr(words, "disabled") != NULL,
		    (off & KEY_OFF_DISABLED) != 0);
		assert_int_equal(strstr(words, "rejected") != NULL,
		    (off & KEY_OFF_REJECTED) != 0);
		assert_int_equal(strstr(words, "expired") != NULL,
		    (off & KEY_OFF_EXPIRED) != 0);
	}
}

static void
a_proxy_is_not_sent_what_is_disabled_or_expired(void **state)
{
	(void)state;
	assert_int_equal(key_off_for_proxy(KEY_LISTED | KEY_USED), 0);
	assert_int_equal(key_off_for_proxy(KEY_OFF_REJECTED), 0);
	assert_int_equal(key_off_for_proxy(KEY_OFF_EXPIRED), KEY_OFF_EXPIRED);
	assert_int_equal(key_off_for_proxy(KEY_OFF_EXPIRED | KEY_DOUBTED), 0);
	assert_int_equal(key_off_for_proxy(KEY_OFF | KEY_DOUBTED),
	    KEY_OFF_DISABLED);
}

static bool
is_told(const char *text, const char *state, const char *before,
    const char *after)
{
	char what[64];

	(void)snprintf(what, sizeof(what), "%s%s%s", before, state, after);
	return strstr(text, what) != NULL;
}

static void
the_manual_has_a_way_to_each_state_and_from_it(void **state)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	(void)state;
	assert_non_null(out);
	key_state_print_reference(out);
	fclose(out);
	for (unsigned i = 0; i < KEY_STATES; i++) {
		const char *name = key_state_name((enum key_state)i);

		assert_true(is_told(text, name, " to ", "\n"));
		assert_true(is_told(text, name, "from ", " ") ||
		    is_told(text, name, " or ", " "));
	}
	free(text);
}

static void
the_manual_has_each_state_and_each_event(void **state)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	(void)state;
	assert_non_null(out);
	key_state_print_reference(out);
	fclose(out);
	for (unsigned i = 0; i < KEY_STATES; i++)
		assert_non_null(strstr(text,
		    key_state_name((enum key_state)i)));
	for (unsigned i = 0; i < KEY_EVENTS; i++)
		assert_non_null(strstr(text,
		    key_event_action((enum key_event)i)));
	assert_non_null(strstr(text,
	    "from every state but disabled and rejected to expired"));
	assert_non_null(strstr(text, "from every state to disabled"));
	assert_non_null(strstr(text, "    key-promoted: it was promoted\n"
	    "        from standby to expiring\n"
	    "        from standby to active\n"
	    "        from standby to unused\n"));
	assert_non_null(strstr(text,
	    "    the first request goes out with it\n"
	    "        from unused to active\n"));
	free(text);
}

static void
the_manual_tells_from_where_each_turn_leads(void **state)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	(void)state;
	assert_non_null(out);
	key_state_print_reference(out);
	fclose(out);
	assert_non_null(strstr(text, "    a reload has a route list it\n"
	    "        from unused to standby\n"));
	assert_non_null(strstr(text, "    a reload has no route list it\n"
	    "        from expiring or active or standby to unused\n"));
	assert_non_null(strstr(text,
	    "    the keys before it are off, or it is promoted\n"
	    "        from standby to expiring\n"
	    "        from standby to active\n"
	    "        from standby to unused\n"));
	assert_non_null(strstr(text, "promoted\n"
	    "        from expiring or active or unused to standby\n"));
	assert_non_null(strstr(text, "is passed (key-expiring)\n"
	    "        from active or unused to expiring\n"));
	assert_non_null(strstr(text, "    it expires later than was known\n"
	    "        from expiring to active\n"
	    "        from expiring to unused\n"));
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_a_person_switched_off_is_disabled_whatever_else_holds),
		cmocka_unit_test(the_first_state_that_fits_is_told),
		cmocka_unit_test(an_event_changes_its_fact_and_no_other),
		cmocka_unit_test(each_event_is_logged_by_its_action_and_weight),
		cmocka_unit_test(
		    a_value_that_is_enabled_is_what_it_was_meanwhile),
		cmocka_unit_test(each_reason_to_be_off_has_words),
		cmocka_unit_test(
		    a_proxy_is_not_sent_what_is_disabled_or_expired),
		cmocka_unit_test(the_manual_has_each_state_and_each_event),
		cmocka_unit_test(the_manual_tells_from_where_each_turn_leads),
		cmocka_unit_test(
		    the_manual_has_a_way_to_each_state_and_from_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
