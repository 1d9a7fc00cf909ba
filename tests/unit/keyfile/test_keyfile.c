/*
 * Sealed files while they are changed, and to whom they are sealed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/alloc.h"
#include "keyfile/keyfile.h"
#include "keyfile/keyfile_recipients.h"
#include "keyfile/recipients.h"
#include "seal/identity.h"
#include "tests/unit/keyfile/box.h"

#define TWO_KEYS \
	"keys = (\n" \
	"\t{ name = \"a\"; value = \"aaaa\"; hosts = [ \"h.example\" ]; },\n" \
	"\t{ name = \"b\"; value = \"bbbb\"; hosts = [ \"h.example\" ]; }\n" \
	");\n"

static struct box box;

/* For this reason, behind the name of the file. */
static void
assert_refused(const char *why)
{
	char *text = xasprintf("%s: %s", box.keys, why);

	box_assert_reason(&box, REASON_FAILURE, text);
	free(text);
}

static void
what_was_saved_is_opened_again(void **state)
{
	struct contents keys;
	struct keyfile v;

	(void)state;
	box_seal(&box, TWO_KEYS);
	assert_true(keyfile_open(&v, box.keys, KEYFILE_READ, &box.unlock));
	assert_true(text_eq(v.body, TEXT(TWO_KEYS)));
	assert_true(keyfile_read_keys(&v, v.body, &keys));
	assert_int_equal(contents_count(&keys), 2);
	assert_string_equal(contents_name(&keys, 1), "b");
	contents_free(&keys);
	keyfile_close(&v);
	assert_int_equal(box.why.n, 0);
}

static void
faults_in_the_keys_are_given_by_their_line(void **state)
{
	struct contents keys;
	struct keyfile v;
	char *text = xasprintf("%s:1: \"keys\" is no list\n", box.keys);

	(void)state;
	box_seal(&box, TWO_KEYS);
	assert_true(keyfile_open(&v, box.keys, KEYFILE_READ, &box.unlock));
	assert_false(keyfile_read_keys(&v, TEXT("keys = 1;\n"), &keys));
	assert_int_equal(box.why.n, 1);
	assert_int_equal(box.why.v[0].kind, REASON_LINES);
	assert_memory_equal(box.why.v[0].text, text, strlen(box.keys) + 4);
	reasons_free(&box.why);
	contents_free(&keys);
	keyfile_close(&v);
	free(text);
}

static void
what_is_not_sealed_is_refused(void **state)
{
	struct keyfile v;

	(void)state;
	free(box_put(&box, "keys.age", TWO_KEYS, sizeof(TWO_KEYS) - 1));
	assert_false(keyfile_open(&v, box.keys, KEYFILE_READ, &box.unlock));
	keyfile_close(&v);
	assert_int_equal(box.why.n, 1);
	assert_non_null(strstr(box.why.v[0].text, ": not an age file: seal it "
	    "first: sallyport seal -r RECIPIENT -o OUT /"));
}

static void
standard_input_cannot_be_changed(void **state)
{
	struct keyfile v;

	(void)state;
	assert_false(keyfile_open(&v, "-", KEYFILE_CHANGE, &box.unlock));
	keyfile_close(&v);
	assert_int_equal(box.why.n, 1);
	assert_non_null(strstr(box.why.v[0].text, "standard input cannot be "
	    "changed in its place"));
}

static void
what_was_changed_meanwhile_is_left_alone(void **state)
{
	struct keyfile v, w;

	(void)state;
	box_seal(&box, TWO_KEYS);
	assert_true(keyfile_open(&v, box.keys, KEYFILE_CHANGE, &box.unlock));
	assert_true(keyfile_recipients_keep(&v, box.own, &box.unlock));
	/* By a program that knows no lock. */
	free(box_put(&box, "keys.age", "other", 5));
	assert_false(keyfile_save(&v, TEXT("keys = ();\n")));
	keyfile_close(&v);
	assert_refused("another program changed it meanwhile; nothing "
	    "was written");
	assert_false(keyfile_open(&w, box.keys, KEYFILE_READ, &box.unlock));
	keyfile_close(&w);
}

static void
the_recipients_stay_and_must_be_known(void **state)
{
	struct recipients *none = recipients_new(), *others = recipients_new();
	struct secret *identity = NULL;
	char other[RECIPIENT_TEXT];
	struct keyfile v;

	(void)state;
	assert_int_equal(identity_generate(0, &identity, other), STATUS_OK);
	secret_free(identity);
	assert_int_equal(recipients_add(others, text_of(other)), STATUS_OK);
	box_seal(&box, TWO_KEYS);
	assert_true(keyfile_open(&v, box.keys, KEYFILE_CHANGE, &box.unlock));
	assert_false(keyfile_recipients_keep(&v, others, &box.unlock));
	assert_refused("it is sealed to others than -r says, and stays "
	    "so: leave -r out, or use 'sallyport rekey' first");
	keyfile_close(&v);
	assert_true(keyfile_open(&v, box.keys, KEYFILE_CHANGE, &box.unlock));
	assert_true(keyfile_recipients_keep(&v, none, &box.unlock));
	assert_int_equal(recipients_count(v.recipients), 1);
	assert_true(recipients_has(v.recipients, text_of(box.recipient)));
	keyfile_close(&v);
	recipients_free(others);
	recipients_free(none);
}

static void
a_new_file_is_sealed_to_those_who_make_it_and_says_so(void **state)
{
	struct recipients *none = recipients_new();
	char *text = xasprintf("%s: a new file, sealed to the recipient of "
	    "%s\n", box.keys, box.identity);
	struct keyfile v;

	(void)state;
	assert_true(keyfile_open_or_new(&v, box.keys, &box.unlock));
	assert_false(v.exists);
	assert_true(keyfile_recipients_keep(&v, none, &box.unlock));
	assert_true(keyfile_save(&v, TEXT(TWO_KEYS)));
	keyfile_close(&v);
	box_assert_reason(&box, REASON_LINES, text);
	free(text);
	recipients_free(none);
}

static void
without_the_identity_it_stays_shut(void **state)
{
	const struct unlock_options how = { .why = &box.why };
	struct unlock nobody;
	struct keyfile v;

	(void)state;
	box_seal(&box, TWO_KEYS);
	unlock_init(&nobody, &how);
	assert_false(keyfile_open(&v, box.keys, KEYFILE_READ, &nobody));
	keyfile_close(&v);
	unlock_free(&nobody);
	assert_refused("no identity to open it with (none was found): "
	    "give one with -i FILE");
}

static void
a_change_can_be_undone_until_it_is_finished(void **state)
{
	struct keyfile v;

	(void)state;
	box_seal(&box, TWO_KEYS);
	assert_true(keyfile_open(&v, box.keys, KEYFILE_CHANGE, &box.unlock));
	assert_true(keyfile_recipients_keep(&v, box.own, &box.unlock));
	assert_true(keyfile_prepare(&v, TEXT("keys = ();\n")));
	assert_true(keyfile_commit(&v));
	assert_true(keyfile_undo(&v));
	keyfile_close(&v);
	assert_true(keyfile_open(&v, box.keys, KEYFILE_READ, &box.unlock));
	assert_true(text_eq(v.body, TEXT(TWO_KEYS)));
	keyfile_close(&v);
}

#define CASE(test) cmocka_unit_test_prestate_setup_teardown(test, box_set_up, \
	box_tear_down, &box)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(what_was_saved_is_opened_again),
		CASE(faults_in_the_keys_are_given_by_their_line),
		CASE(what_is_not_sealed_is_refused),
		CASE(standard_input_cannot_be_changed),
		CASE(what_was_changed_meanwhile_is_left_alone),
		CASE(the_recipients_stay_and_must_be_known),
		CASE(a_new_file_is_sealed_to_those_who_make_it_and_says_so),
		CASE(without_the_identity_it_stays_shut),
		CASE(a_change_can_be_undone_until_it_is_finished),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
