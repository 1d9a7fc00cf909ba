/*
 * conf/parts: which files are read, in which order and by which names, for
 * whoever reads them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* cmocka.h needs four of the above. */
#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "conf/parts.h"

static char folder[] = "/tmp/sallyport-parts-XXXXXX";

static int
setup(void **state)
{
	(void)state;
	strcpy(folder + strlen(folder) - 6, "XXXXXX");
	return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static int
teardown(void **state)
{
	char *command = xasprintf("rm -rf %s", folder);
	int failed = chdir("/");

	(void)state;
	failed |= system(command);
	free(command);
	return failed;
}

static void
write_text(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_not_equal(fputs(text, f), EOF);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0600), 0);
}

/* A reader that notes what it was given and refuses one of them. */
struct noting {
	struct buf names;
	const char *refused;
};

static bool
note(void *ctx, struct part *part, struct source *s,
    struct scan_includes *includes)
{
	struct noting *n = ctx;
	struct conf_diagnostics diagnostics = { .n = 0 };
	bool refused = n->refused != NULL &&
	    strcmp(part->path, n->refused) == 0;

	buf_printf(&n->names, "%s<%s:%u ", part->path,
	    part->named.line != 0 ? part->named.file : "",
	    part->named.line);
	assert_true(scan_text(source_writable(s), s->text.n, false, s->file,
	    includes, &diagnostics));
	conf_diagnostics_free(&diagnostics);
	return !refused;
}

static const char *
fault_text(const struct conf_diagnostics *diagnostics, size_t i)
{
	static char text[512];
	const struct conf_diagnostic *f = &diagnostics->v[i];

	assert_in_range(i, 0, diagnostics->n - 1);
	(void)snprintf(text, sizeof(text), "%s:%u: %s%s", f->file, f->line,
	    f->warning ? "warning: " : "", f->text);
	return text;
}

/* Walks from a main file; what the reader was given must be as expected. */
static bool
walk(const char *main_file, const char *refused, bool advise,
    const char *expected, struct conf_diagnostics *diagnostics)
{
	struct noting n = { .refused = refused };
	const struct parts_reader reader = { .read = note, .ctx = &n,
		.advise = advise };
	struct parts parts = { .v = NULL };
	char *names;
	bool good;

	*diagnostics = (struct conf_diagnostics){ .n = 0 };
	buf_init(&n.names, NULL);
	good = parts_walk(&parts, main_file, &reader, diagnostics);
	names = xstrndup(buf_text(&n.names).p, buf_text(&n.names).n);
	assert_string_equal(names, expected);
	free(names);
	buf_release(&n.names);
	parts_free(&parts);
	return good;
}

static void
each_part_is_read_before_what_it_includes(void **state)
{
	struct conf_diagnostics diagnostics;

	(void)state;
	write_text("main", "\n@include \"a\"\n@include \"c\"\n");
	write_text("a", "@include \"b\"\n");
	write_text("b", "");
	write_text("c", "");
	assert_true(walk("main", NULL, true,
	    "main<:0 a<main:2 b<a:1 c<main:3 ", &diagnostics));
	assert_int_equal(diagnostics.n, 0);
}

static void
paths_count_from_the_folder_of_the_main_file(void **state)
{
	struct conf_diagnostics diagnostics;
	char *expected = xasprintf("s/main<:0 s/a<s/main:1 s/b<s/a:1 "
	    "%s/c<s/main:2 ", folder);
	char *text = xasprintf("@include \"a\"\n@include \"%s/c\"\n", folder);

	(void)state;
	assert_int_equal(mkdir("s", 0700), 0);
	write_text("s/main", text);
	write_text("s/a", "@include \"b\"\n");
	write_text("s/b", "");
	write_text("c", "");
	assert_true(walk("s/main", NULL, true, expected, &diagnostics));
	assert_int_equal(diagnostics.n, 0);
	free(expected);
	free(text);
}

static void
what_is_included_below_a_part_that_is_refused_is_not_read(void **state)
{
	struct conf_diagnostics diagnostics;

	(void)state;
	write_text("main", "@include \"a\"\n@include \"c\"\n");
	write_text("a", "@include \"b\"\n");
	write_text("b", "");
	write_text("c", "");
	assert_false(walk("main", "a", true,
	    "main<:0 a<main:1 c<main:2 ", &diagnostics));
	assert_int_equal(diagnostics.n, 0);
}

static void
a_part_is_read_once_and_the_second_line_that_names_it_is_told(void **state)
{
	struct conf_diagnostics diagnostics;

	(void)state;
	write_text("main", "@include \"a\"\n@include \"b\"\n"
	    "@include \"a\"\n");
	write_text("a", "\n@include \"main\"\n");
	write_text("b", "");
	assert_false(walk("main", NULL, false,
	    "main<:0 a<main:1 b<main:2 ", &diagnostics));
	assert_int_equal(diagnostics.n, 2);
	assert_string_equal(fault_text(&diagnostics, 0),
	    "a:2: @include: main is the main file");
	assert_string_equal(fault_text(&diagnostics, 1),
	    "main:3: @include: a is included already, in main:1");
	conf_diagnostics_free(&diagnostics);
}

static void
a_part_that_cannot_be_read_is_told_where_it_is_named(void **state)
{
	struct conf_diagnostics diagnostics;

	(void)state;
	write_text("main", "\n@include \"a\"\n@include \"b\"\n");
	write_text("b", "");
	assert_false(walk("main", NULL, true, "main<:0 b<main:3 ",
	    &diagnostics));
	assert_int_equal(diagnostics.n, 1);
	assert_string_equal(fault_text(&diagnostics, 0),
	    "main:2: @include: a: No such file or directory");
	conf_diagnostics_free(&diagnostics);
}

static void
advice_is_for_who_wants_the_whole(void **state)
{
	struct conf_diagnostics diagnostics;

	(void)state;
	assert_false(walk("main", NULL, true, "", &diagnostics));
	assert_int_equal(diagnostics.n, 1);
	assert_string_equal(fault_text(&diagnostics, 0),
	    "main:0: No such file or directory: " PARTS_MISSING);
	conf_diagnostics_free(&diagnostics);
	assert_false(walk("main", NULL, false, "", &diagnostics));
	assert_int_equal(diagnostics.n, 1);
	assert_string_equal(fault_text(&diagnostics, 0),
	    "main:0: No such file or directory");
	conf_diagnostics_free(&diagnostics);
}

static void
warnings_are_for_who_wants_the_whole(void **state)
{
	struct conf_diagnostics diagnostics;

	(void)state;
	write_text("main", "");
	assert_int_equal(chmod("main", 0620), 0);
	(void)walk("main", NULL, true, "main<:0 ", &diagnostics);
	assert_int_equal(diagnostics.n, 1);
	assert_true(diagnostics.v[0].warning);
	conf_diagnostics_free(&diagnostics);
	assert_true(walk("main", NULL, false, "main<:0 ", &diagnostics));
	assert_int_equal(diagnostics.n, 0);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_part_is_read_before_what_it_includes),
		TEST(paths_count_from_the_folder_of_the_main_file),
		TEST(what_is_included_below_a_part_that_is_refused_is_not_read),
		TEST(a_part_is_read_once_and_the_second_line_that_names_it_is_told),
		TEST(a_part_that_cannot_be_read_is_told_where_it_is_named),
		TEST(advice_is_for_who_wants_the_whole),
		TEST(warnings_are_for_who_wants_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
