/*
 * Editing the text of a sealed file: what is added can be read, what is
 * removed is gone, and everything else is as it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libconfig.h>

#include "base/alloc.h"
#include "keyfile/key_list.h"

static const char *const one_host[] = { "api.elastic-cloud.com" };

static const struct key_entry simple = {
	.name = { "new", 3 }, .value = { "v4lue", 5 },
	.hosts = one_host, .n_hosts = 1,
};

static char *
to_string(struct secret *s)
{
	char *text = xstrndup((const char *)secret_read(s), secret_len(s));

	secret_free(s);
	return text;
}

static char *
add(const char *text)
{
	struct secret *out;

	assert_int_equal(key_list_add(text_of(text), &simple, 1, &out),
	    KEY_LIST_OK);
	return to_string(out);
}

static char *
without(const char *text, size_t index)
{
	struct secret *out;

	assert_int_equal(key_list_remove(text_of(text), index, &out),
	    KEY_LIST_OK);
	return to_string(out);
}

/* The names of the keys as libconfig reads them, "a b "; "!" if it cannot. */
static const char *
names(const char *text)
{
	static char out[256];
	config_setting_t *keys;
	config_t c;

	out[0] = '\0';
	config_init(&c);
	if (config_read_string(&c, text) != CONFIG_TRUE)
		strcpy(out, "!");
	keys = config_lookup(&c, "keys");
	for (int i = 0; keys != NULL && i < config_setting_length(keys); i++) {
		const char *name = "?";

		(void)config_setting_lookup_string(config_setting_get_elem(
		    keys, (unsigned)i), "name", &name);
		strcat(strcat(out, name), " ");
	}
	config_destroy(&c);
	return out;
}

static const char *const texts[] = {
	"",
	"# only a comment\n",
	"keys = ();",
	"keys = (\n);\n",
	"keys = ( # why\n);\n",
	"keys = ( { name = \"a\"; } );",
	"keys=({name=\"a\"},{name=\"b\"})",
	"keys : (\n  { name = \"a\"; },\n  { name = \"b\"; }\n);\n",
	"keys = (\n  { name = \"a\"; } // mine }\n  , /* ( */\n"
	"  { name = \"b\";\n    note = \"keys = ( \\\" } \\\\\"; } # last {\n"
	"  # end\n  );\nclients = ( { name = \"c\"; } );\n",
	"clients = ( { keys = 1; name = \"keys = (\"; } );\n"
	"keys = (\n\t{ name = \"a\"; hosts = [ \"x\", \"y\" ]; }\n\t)\n",
	"note = \"keys\"; x = { keys = ( 1, 2 ); };\r\n"
	"keys = (\r\n  { name = \"a\"; }\r\n);\r\n",
};

#define N_TEXTS	(sizeof(texts) / sizeof(texts[0]))

static void
an_added_key_is_the_last_one(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_TEXTS; i++) {
		char *text = add(texts[i]), *expected;

		expected = xasprintf("%snew ", names(texts[i]));
		assert_string_equal(names(text), expected);
		free(expected);
		free(text);
	}
}

static void
adding_and_removing_gives_the_same_bytes(void **state)
{
	(void)state;
	for (size_t i = 5; i < N_TEXTS; i++) {
		size_t n = strstr(names(texts[i]), "b ") != NULL ? 2 : 1;
		char *more = add(texts[i]), *same = without(more, n);

		/* A list of one line got a line end it may keep. */
		if (strstr(texts[i], "} );") == NULL &&
		    strstr(texts[i], "})") == NULL)
			assert_string_equal(same, texts[i]);
		assert_string_equal(names(same), names(texts[i]));
		free(same);
		free(more);
	}
}

static void
nothing_but_the_key_changes_when_one_is_added(void **state)
{
	char *text;

	(void)state;
	text = add("# top\nkeys = (\n  { name = \"a\"; } # about a\n"
	    "  # at the end\n);\nclients = ();\n");
	assert_string_equal(text,
	    "# top\nkeys = (\n  { name = \"a\"; }, # about a\n"
	    "  # at the end\n"
	    "  { name = \"new\";\n"
	    "    value = \"v4lue\";\n"
	    "    hosts = [ \"api.elastic-cloud.com\" ]; }\n"
	    ");\nclients = ();\n");
	free(text);
}

static void
every_key_can_be_removed_and_the_others_stay(void **state)
{
	const char *text = "keys = (\n  # first\n  { name = \"a\"; },\n"
	    "  # second\n  { name = \"b\"; },\n  { name = \"c\"; } # third\n"
	    ");\n";
	char *out;

	(void)state;
	out = without(text, 0);
	assert_string_equal(out, "keys = (\n  # first\n  # second\n"
	    "  { name = \"b\"; },\n  { name = \"c\"; } # third\n);\n");
	free(out);
	out = without(text, 1);
	assert_string_equal(names(out), "a c ");
	assert_non_null(strstr(out, "# second\n"));
	free(out);
	out = without(text, 2);
	assert_string_equal(names(out), "a b ");
	assert_non_null(strstr(out, "# third"));
	free(out);
}

static void
the_only_key_can_be_removed(void **state)
{
	char *out = without("keys = ( { name = \"a\"; } );", 0);

	(void)state;
	assert_string_equal(names(out), "");
	free(out);
}

static void
a_comma_behind_a_comment_is_found(void **state)
{
	const char *text = "keys = (\n  { name = \"a\"; } // mine\n  ,\n"
	    "  { name = \"b\"; }\n);\n";
	char *out = without(text, 0);

	(void)state;
	assert_string_equal(names(out), "b ");
	assert_non_null(strstr(out, "// mine"));
	free(out);
	out = without(text, 1);
	assert_string_equal(names(out), "a ");
	free(out);
}

static void
a_key_that_is_not_there_is_said_so(void **state)
{
	struct secret *out;

	(void)state;
	assert_int_equal(key_list_remove(TEXT("keys = ( { } );"), 1, &out),
	    KEY_LIST_NOT_THERE);
	assert_int_equal(key_list_remove(TEXT("clients = ();"), 0, &out),
	    KEY_LIST_NOT_THERE);
}

static void
texts_of_another_form_are_not_touched(void **state)
{
	static const char *const odd[] = {
		"keys = 1;", "keys = [ ];", "keys = ( 1 );", "keys = ( { ;",
		"keys = ( { } ", "} keys = ( );", "keys", "keys = ( ( ) );",
	};
	struct secret *out;

	(void)state;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_int_equal(key_list_add(text_of(odd[i]), &simple, 1, &out),
		    KEY_LIST_ODD);
		assert_int_equal(key_list_remove(text_of(odd[i]), 0, &out),
		    KEY_LIST_ODD);
	}
}

static void
any_cut_of_a_text_is_survived(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_TEXTS; i++) {
		for (size_t n = strlen(texts[i]); n > 0; n--) {
			char *cut = xstrndup(texts[i], n);
			struct secret *out = NULL;

			(void)key_list_add(text_of(cut), &simple, 1, &out);
			secret_free(out);
			out = NULL;
			(void)key_list_remove(text_of(cut), 0, &out);
			secret_free(out);
			free(cut);
		}
	}
}

static void
several_keys_are_added_at_once(void **state)
{
	static const struct key_entry three[] = {
		{ .name = { "x", 1 }, .value = { "1", 1 }, .hosts = one_host,
		    .n_hosts = 1 },
		{ .name = { "y", 1 }, .value = { "2", 1 }, .hosts = one_host,
		    .n_hosts = 1 },
		{ .name = { "z", 1 }, .value = { "3", 1 }, .hosts = one_host,
		    .n_hosts = 1 },
	};
	static const char *const before[] = { "", "keys = ();\n",
		"keys = ( { name = \"a\"; } );\n",
		"keys = (\n  { name = \"a\"; },\n  { name = \"b\"; }\n);\n" };
	static const char *const after[] = { "x y z ", "x y z ",
		"a x y z ", "a b x y z " };

	(void)state;
	for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
		struct secret *out;
		char *text;

		assert_int_equal(key_list_add(text_of(before[i]), three, 3,
		    &out), KEY_LIST_OK);
		text = to_string(out);
		assert_string_equal(names(text), after[i]);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_added_key_is_the_last_one),
		cmocka_unit_test(adding_and_removing_gives_the_same_bytes),
		cmocka_unit_test(nothing_but_the_key_changes_when_one_is_added),
		cmocka_unit_test(every_key_can_be_removed_and_the_others_stay),
		cmocka_unit_test(the_only_key_can_be_removed),
		cmocka_unit_test(a_comma_behind_a_comment_is_found),
		cmocka_unit_test(a_key_that_is_not_there_is_said_so),
		cmocka_unit_test(texts_of_another_form_are_not_touched),
		cmocka_unit_test(any_cut_of_a_text_is_survived),
		cmocka_unit_test(several_keys_are_added_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
