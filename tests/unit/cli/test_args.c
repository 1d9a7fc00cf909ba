/*
 * Options of a verb: every usual spelling is read, wrong ones are explained.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/args.h"

static const struct cli_option options[] = {
	{ .name = "config", .letter = 'c', .argument = "FILE" },
	{ .name = "probe" },
	{ .name = "header", .letter = 'H', .argument = "TEXT", .many = true },
	{ .name = "armor", .letter = 'a' },
	{ .name = "note", .argument = "TEXT", .may_be_empty = true },
	{ .name = NULL },
};

static const struct cli_option strict[] = {
	{ .name = "recipient", .letter = 'r', .argument = "R",
	    .required = true },
	{ .name = NULL },
};

/* The words of a line, separated by single spaces, until NULL. */
static char *
parse(struct cli_args *a, const struct cli_option *o, const char *line,
    char *buf)
{
	const char *argv[16];
	char *save = NULL, *word;
	int argc = 0;

	strcpy(buf, line);
	for (word = strtok_r(buf, " ", &save); word != NULL;
	    word = strtok_r(NULL, " ", &save))
		argv[argc++] = word;
	return cli_args_parse(a, o, argc, argv);
}

static void
assert_wrong(const struct cli_option *o, const char *line, const char *expect)
{
	char buf[200], *why;
	struct cli_args a;

	why = parse(&a, o, line, buf);
	assert_non_null(why);
	assert_string_equal(why, expect);
	free(why);
	cli_args_free(&a);
}

static void
every_spelling_of_an_option_with_a_value_is_read(void **state)
{
	static const char *const lines[] = { "-c x", "-cx", "--config x",
		"--config=x", "-a -c x", "-acx", "-ac x" };

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char buf[200];
		struct cli_args a;

		assert_null(parse(&a, options, lines[i], buf));
		assert_string_equal(cli_args_value(&a, "config"), "x");
		assert_int_equal(a.n_operands, 0);
		cli_args_free(&a);
	}
}

static void
options_and_operands_may_be_mixed(void **state)
{
	char buf[200];
	struct cli_args a;

	(void)state;
	assert_null(parse(&a, options, "GET -H a:b /x --probe -H c:d -- -y -",
	    buf));
	assert_int_equal(a.n_operands, 4);
	assert_string_equal(a.operands[0], "GET");
	assert_string_equal(a.operands[2], "-y");
	assert_string_equal(a.operands[3], "-");
	assert_true(cli_args_has(&a, "probe"));
	assert_false(cli_args_has(&a, "armor"));
	assert_null(cli_args_value(&a, "config"));
	assert_int_equal(a.n_given, 3);
	assert_string_equal(a.given[0].value, "a:b");
	assert_string_equal(a.given[2].value, "c:d");
	cli_args_free(&a);
}

static void
an_option_may_be_empty_where_it_says_so(void **state)
{
	char buf[200];
	struct cli_args a;

	(void)state;
	assert_null(parse(&a, options, "--note= x", buf));
	assert_string_equal(cli_args_value(&a, "note"), "");
	assert_int_equal(a.n_operands, 1);
	cli_args_free(&a);
}

static void
help_is_taken_before_anything_missing_is_noticed(void **state)
{
	char buf[200];
	struct cli_args a;

	(void)state;
	assert_null(parse(&a, strict, "--help", buf));
	assert_true(a.help);
	cli_args_free(&a);
	assert_null(parse(&a, strict, "-h", buf));
	assert_true(a.help);
	cli_args_free(&a);
}

static void
what_is_wrong_is_said(void **state)
{
	(void)state;
	assert_wrong(options, "--porbe",
	    "unknown option '--porbe' (did you mean '--probe'?)");
	assert_wrong(options, "--zzz", "unknown option '--zzz'");
	assert_wrong(options, "-x", "unknown option '-x'");
	assert_wrong(options, "-ax", "unknown option '-x'");
	assert_wrong(options, "-c", "option '--config' needs FILE");
	assert_wrong(options, "-c a --config=b",
	    "option '--config' is given twice");
	assert_wrong(options, "--probe=1", "option '--probe' takes no value");
	assert_wrong(options, "--config=", "option '--config': FILE is empty");
	assert_wrong(strict, "x", "option '--recipient' is missing");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_spelling_of_an_option_with_a_value_is_read),
		cmocka_unit_test(options_and_operands_may_be_mixed),
		cmocka_unit_test(an_option_may_be_empty_where_it_says_so),
		cmocka_unit_test(
		    help_is_taken_before_anything_missing_is_noticed),
		cmocka_unit_test(what_is_wrong_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
