/*
 * Keys that are to go into a sealed file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "keyfile/key_new.h"
#include "tests/unit/keyfile/box.h"

#define ONE_KEY \
	"keys = (\n" \
	"\t{ name = \"a\"; value = \"aaaa\"; hosts = [ \"h.example\" ]; }\n" \
	");\n"

static const char *hosts[] = { "h.example" };

static struct box box;
static struct keyfile keyfile;

static int
make(void **state)
{
	(void)state;
	box_make(&box);
	box_seal(&box, ONE_KEY);
	return keyfile_open(&keyfile, box.keys, KEYFILE_CHANGE, &box.unlock) ? 0 :
	    -1;
}

static int
clear(void **state)
{
	(void)state;
	keyfile_close(&keyfile);
	box_remove(&box);
	return 0;
}

static struct key_new
key(const char *name)
{
	return (struct key_new){ .name = name, .hosts = hosts, .n_hosts = 1,
		.expires = CONF_NO_TIME, .created = CONF_NO_TIME };
}

static struct secret *
add(const char *name, const char *value)
{
	const struct key_new k = key(name);
	struct secret *s = secret_copy(value, strlen(value));
	struct secret *text = key_new_write(&k, &s, 1, &keyfile, keyfile.body);

	secret_free(s);
	return text;
}

static void
a_key_is_written_behind_the_others(void **state)
{
	struct secret *text = add("b", "bbbb");
	struct contents keys;

	(void)state;
	assert_non_null(text);
	assert_int_equal(box.why.n, 0);
	assert_true(keyfile_read_keys(&keyfile, secret_text(text), &keys));
	assert_int_equal(contents_count(&keys), 2);
	assert_string_equal(contents_name(&keys, 0), "a");
	assert_string_equal(contents_name(&keys, 1), "b");
	contents_free(&keys);
	secret_free(text);
}

static void
two_names_of_one_value_are_warned_of(void **state)
{
	struct secret *text = add("b", "aaaa");

	(void)state;
	assert_non_null(text);
	box_assert_reason(&box, REASON_WARNING,
	    "key 'b' has the same value as key 'a'");
	secret_free(text);
}

static void
a_name_that_is_taken_is_refused(void **state)
{
	char *text = xasprintf("%s: has a key 'a' already: choose another "
	    "name, or remove that first", box.keys);

	(void)state;
	assert_null(add("a", "bbbb"));
	box_assert_reason(&box, REASON_FAILURE, text);
	assert_false(key_new_may_join(&keyfile, "a", &box.unlock));
	box_assert_reason(&box, REASON_FAILURE, text);
	assert_true(key_new_may_join(&keyfile, "b", &box.unlock));
	free(text);
}

static void
what_cannot_be_is_refused_by_its_option(void **state)
{
	struct key_new k = key("two words");

	(void)state;
	assert_false(key_new_check(&k, &box.why));
	assert_int_equal(box.why.n, 1);
	assert_memory_equal(box.why.v[0].text, "name 'two words': ", 18);
	reasons_free(&box.why);
	k = key("a");
	k.note = "a\033b";
	assert_false(key_new_check(&k, &box.why));
	box_assert_reason(&box, REASON_FAILURE,
	    "--note: holds a control character");
	k = key("a");
	assert_true(key_new_check(&k, &box.why));
}

static void
a_value_is_taken_with_remarks_or_refused(void **state)
{
	const struct key_new k = key("a"), unnamed = key(NULL);
	struct secret *s = key_new_take_value(&k, TEXT("\"abcdefgh\"\n"),
	    &box.why);

	(void)state;
	assert_non_null(s);
	assert_true(text_eq(secret_text(s), TEXT("abcdefgh")));
	secret_free(s);
	assert_true(box.why.n != 0);
	assert_int_equal(box.why.v[0].kind, REASON_WARNING);
	assert_string_equal(box.why.v[0].text, "key 'a' was given with "
	    "quotes around it, which is left out");
	reasons_free(&box.why);
	assert_null(key_new_take_value(&unnamed, TEXT("https://x.example/"),
	    &box.why));
	box_assert_reason(&box, REASON_FAILURE,
	    "the key: its value is a URL, and no key");
}

/* What is written of one that was made and expires then. */
static int64_t
written(int64_t created, int64_t expires)
{
	struct key_new k = key("b");
	struct secret *s = secret_copy("bbbb", 4), *text;
	struct contents keys;
	int64_t at;

	k.created = created;
	k.expires = expires;
	text = key_new_write(&k, &s, 1, &keyfile, keyfile.body);
	assert_non_null(text);
	assert_true(keyfile_read_keys(&keyfile, secret_text(text), &keys));
	at = contents_key(&keys, contents_find(&keys, "b"))->created;
	contents_free(&keys);
	secret_free(text);
	secret_free(s);
	return at;
}

static void
a_key_was_made_when_it_is_told_else_now_unless_it_has_expired(void **state)
{
	int64_t now = clock_wall() / NS_PER_S;

	(void)state;
	assert_true(written(CONF_NO_TIME, CONF_NO_TIME) >= now);
	assert_true(written(CONF_NO_TIME, now + 1000) >= now);
	assert_int_equal(written(CONF_NO_TIME, now - 1000), CONF_NO_TIME);
	assert_int_equal(written(now - 2000, CONF_NO_TIME), now - 2000);
	assert_int_equal(written(now - 2000, now - 1000), now - 2000);
}

static void
a_fingerprint_is_the_beginning_of_sha_256(void **state)
{
	struct secret *s = secret_copy("abc", 3);
	char fingerprint[KEY_FINGERPRINT];

	(void)state;
	key_new_fingerprint(s, fingerprint);
	assert_string_equal(fingerprint, "ba7816bf");
	secret_free(s);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, make, clear)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_key_is_written_behind_the_others),
		CASE(two_names_of_one_value_are_warned_of),
		CASE(a_name_that_is_taken_is_refused),
		CASE(what_cannot_be_is_refused_by_its_option),
		CASE(a_value_is_taken_with_remarks_or_refused),
		CASE(a_key_was_made_when_it_is_told_else_now_unless_it_has_expired),
		cmocka_unit_test(a_fingerprint_is_the_beginning_of_sha_256),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
