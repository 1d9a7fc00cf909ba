/*
 * The options table, the example configuration and the reference agree.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "conf/options.h"
#include "conf/reference.h"
#include "texts.h"

static const char sealed_text[] =
    "keys = ( { name = \"team-a\"; value = \"YWFhYWFhYWE6YWFhYWFhYWE=\"; "
    "hosts = [ \"api.elastic-cloud.com\" ]; }, "
    "{ name = \"billing\"; value = \"YmJiYmJiYmI6YmJiYmJiYmI=\"; "
    "hosts = [ \"api.elastic-cloud.com\" ]; }, "
    "{ name = \"ci\"; value = \"Y2NjY2NjY2M6Y2NjY2NjY2M=\"; "
    "hosts = [ \"api.elastic-cloud.com\" ]; } );";

static char *
read_example(void)
{
	const char *top = getenv("top_srcdir");
	char *path = xasprintf("%s/etc/sallyport.conf",
	    top != NULL ? top : ".");
	char *text = xcalloc(1, 65536);
	FILE *f = fopen(path, "r");

	free(path);
	if (f == NULL)
		skip();
	(void)!fread(text, 1, 65535, f);
	(void)fclose(f);
	return text;
}

/* "#name =" to " name =" in all lines. */
static void
set_everything(char *text)
{
	for (char *p = strchr(text, '#'); p != NULL; p = strchr(p + 1, '#')) {
		const char *end = p + 1;

		while (islower((unsigned char)*end) || *end == '_')
			end++;
		if (end > p + 1 && strncmp(end, " =", 2) == 0)
			*p = ' ';
	}
}

static bool
mentions(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = strstr(text, word); p != NULL;
	    p = strstr(p + 1, word)) {
		if ((p == text || !isalnum((unsigned char)p[-1])) &&
		    !isalnum((unsigned char)p[n]) && p[n] != '_')
			return true;
	}
	return false;
}

static void
every_option_has_a_help_text_and_one_word_on_its_absence(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_OPTIONS; i++) {
		const struct option_info *o = &options[i];

		assert_int_equal(o->id, i);
		if (o->later || o->renamed != NULL)
			continue;
		assert_non_null(o->help);
		assert_int_equal(o->help[strlen(o->help) - 1], '.');
		assert_int_equal((o->required ? 1 : 0) +
		    (o->preset != NULL ? 1 : 0) + (o->absent != NULL ? 1 : 0),
		    1);
		assert_non_null(option_type_text(o->type));
	}
}

static void
the_example_is_a_configuration_without_faults(void **state)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	char *text = read_example();
	struct conf *c = texts_load(text, sealed_text, &diagnostics);

	(void)state;
	conf_diagnostics_print(&diagnostics, stderr);
	assert_int_equal(diagnostics.n, 0);
	conf_free(c);
	conf_diagnostics_free(&diagnostics);
	free(text);
}

static void
the_example_shows_every_option_where_it_belongs(void **state)
{
	struct conf_diagnostics diagnostics = { .n = 0 };
	char *text = read_example();
	bool given[N_OPTIONS];

	(void)state;
	set_everything(text);
	texts_given(text, given, &diagnostics);
	/* Users and groups of the example need not exist here. */
	if (diagnostics.n != texts_count(&diagnostics, "there is no such")) {
		conf_diagnostics_print(&diagnostics, stderr);
		fail();
	}
	for (size_t i = 0; i < N_OPTIONS; i++) {
		const struct option_info *o = &options[i];
		bool elsewhere = o->later || o->group == GROUP_SEALED ||
		    o->group == GROUP_KEY || o->group == GROUP_CLIENT ||
		    o->type == OPTION_TYPE_SEALED_LIST;

		if (o->renamed != NULL)
			continue;
		if (elsewhere ? !mentions(text, o->name) : !given[i])
			fail_msg("the example has no '%s' (%s)", o->name,
			    option_groups[o->group].title);
	}
	conf_diagnostics_free(&diagnostics);
	free(text);
}

/* Whether an option of this name has this default, or none has any. */
static bool
is_default(const char *name, size_t n, const char *value, size_t n_value)
{
	bool any = false;

	for (size_t i = 0; i < N_OPTIONS; i++) {
		const struct option_info *o = &options[i];

		if (strlen(o->name) != n || strncmp(o->name, name, n) != 0 ||
		    o->preset == NULL)
			continue;
		any = true;
		if (strlen(o->preset) == n_value &&
		    strncmp(o->preset, value, n_value) == 0)
			return true;
	}
	return !any;
}

static void
what_the_example_leaves_out_is_shown_with_its_default(void **state)
{
	char *text = read_example();
	size_t n_seen = 0;

	(void)state;
	for (char *p = strchr(text, '#'); p != NULL; p = strchr(p + 1, '#')) {
		const char *end = p + 1, *value;

		while (islower((unsigned char)*end) || *end == '_')
			end++;
		if (end == p + 1 || strncmp(end, " = ", 3) != 0)
			continue;
		value = end + 3;
		n_seen++;
		if (!is_default(p + 1, (size_t)(end - p - 1), value,
		    strcspn(value, ";")))
			fail_msg("not the default: %.40s", p);
	}
	assert_true(n_seen > 30);
	free(text);
}

static void
the_reference_has_every_option(void **state)
{
	char *text = NULL;
	size_t n = 0;
	FILE *f = open_memstream(&text, &n);

	(void)state;
	assert_non_null(f);
	conf_print_reference(f);
	assert_int_equal(fclose(f), 0);
	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (!mentions(text, options[i].name))
			fail_msg("the reference has no '%s'",
			    options[i].name);
	}
	for (const char *line = text; *line != '\0';) {
		size_t len = strcspn(line, "\n");

		if (len > 80)
			fail_msg("too long: %.*s", (int)len, line);
		line += len + 1;
	}
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_option_has_a_help_text_and_one_word_on_its_absence),
		cmocka_unit_test(the_example_is_a_configuration_without_faults),
		cmocka_unit_test(
		    the_example_shows_every_option_where_it_belongs),
		cmocka_unit_test(
		    what_the_example_leaves_out_is_shown_with_its_default),
		cmocka_unit_test(the_reference_has_every_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
