/*
 * The options of a verb; see args.h.  Knows no verb and no file.
 */
#include "cli/args.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/nearest.h"

struct reader {
	struct cli_args *args;
	const struct cli_option *options;
	const char *const *next, *const *end;
};

static const struct cli_option help_option = {
	.name = "help", .letter = 'h', .help = "Shows this text."
};

static bool
was_given(const struct cli_args *a, const struct cli_option *o)
{
	for (size_t i = 0; i < a->n_given; i++) {
		if (a->given[i].option == o)
			return true;
	}
	return false;
}

static const struct cli_option *
find_letter(const struct cli_option *o, char letter)
{
	if (letter == help_option.letter)
		return &help_option;
	for (; o->name != NULL; o++) {
		if (o->letter == letter)
			return o;
	}
	return NULL;
}

static const struct cli_option *
find_name(const struct cli_option *o, const char *name, size_t n)
{
	if (strlen(help_option.name) == n &&
	    memcmp(help_option.name, name, n) == 0)
		return &help_option;
	for (; o->name != NULL; o++) {
		if (strlen(o->name) == n && memcmp(o->name, name, n) == 0)
			return o;
	}
	return NULL;
}

static char *
unknown_name(const struct cli_option *o, const char *name, size_t n)
{
	char *typed = xstrndup(name, n), *why;
	struct nearest near;

	nearest_start(&near, typed);
	for (; o->name != NULL; o++)
		nearest_offer(&near, o->name);
	why = near.best == NULL ? xasprintf("unknown option '--%s'", typed) :
	    xasprintf("unknown option '--%s' (did you mean '--%s'?)", typed,
	    near.best);
	free(typed);
	return why;
}

/* value NULL: the value is the next word, if the option takes one. */
static char *
take(struct reader *r, const struct cli_option *o, const char *value)
{
	struct cli_args *a = r->args;

	if (o == &help_option) {
		a->help = true;
		return NULL;
	}
	if (o->argument != NULL && value == NULL) {
		if (r->next == r->end)
			return xasprintf("option '--%s' needs %s", o->name,
			    o->argument);
		value = *r->next++;
	}
	if (value != NULL && *value == '\0' && !o->may_be_empty)
		return xasprintf("option '--%s': %s is empty", o->name,
		    o->argument);
	if (!o->many && was_given(a, o))
		return xasprintf("option '--%s' is given twice", o->name);
	a->given[a->n_given++] =
	    (struct cli_given){ .option = o, .value = value };
	return NULL;
}

/* "--name", "--name=value", "--name value" */
static char *
read_name(struct reader *r, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t n = equals != NULL ? (size_t)(equals - word) : strlen(word);
	const struct cli_option *o = find_name(r->options, word, n);

	if (o == NULL)
		return unknown_name(r->options, word, n);
	if (equals != NULL && o->argument == NULL)
		return xasprintf("option '--%s' takes no value", o->name);
	return take(r, o, equals != NULL ? equals + 1 : NULL);
}

/* "-a", "-ab", "-cvalue", "-c value" */
static char *
read_letters(struct reader *r, const char *word)
{
	size_t n = strcspn(word, "=");

	if (n > 1 && find_name(r->options, word, n) != NULL)
		return xasprintf("unknown option '-%.*s' (did you mean "
		    "'--%.*s'?)", (int)n, word, (int)n, word);
	for (; *word != '\0'; word++) {
		const struct cli_option *o = find_letter(r->options, *word);
		char *why;

		if (o == NULL)
			return xasprintf("unknown option '-%c'", *word);
		if (o->argument != NULL && word[1] != '\0')
			return take(r, o, word + 1);
		why = take(r, o, NULL);
		if (why != NULL || o->argument != NULL)
			return why;
	}
	return NULL;
}

static void
take_operand(struct reader *r, const char *word)
{
	r->args->operands[r->args->n_operands++] = word;
}

static char *
read_words(struct reader *r)
{
	char *why = NULL;

	while (why == NULL && r->next < r->end) {
		const char *word = *r->next++;

		if (strcmp(word, "--") == 0) {
			while (r->next < r->end)
				take_operand(r, *r->next++);
		} else if (word[0] != '-' || word[1] == '\0') {
			take_operand(r, word);
		} else if (word[1] == '-') {
			why = read_name(r, word + 2);
		} else {
			why = read_letters(r, word + 1);
		}
	}
	return why;
}

char *
cli_args_parse(struct cli_args *a, const struct cli_option *options,
    int argc, const char *const *argv)
{
	struct reader r = { .args = a, .options = options, .next = argv,
		.end = argv + argc };
	size_t letters = 0;
	char *why;

	/* "-abc" is one word and three options. */
	for (int i = 0; i < argc; i++)
		letters += strlen(argv[i]);
	*a = (struct cli_args){
		.given = xcalloc(letters + 1, sizeof(*a->given)),
		.operands = xcalloc((size_t)argc + 1, sizeof(*a->operands)),
	};
	why = read_words(&r);
	if (why != NULL || a->help)
		return why;
	for (const struct cli_option *o = options; o->name != NULL; o++) {
		if (o->required && !was_given(a, o))
			return xasprintf("option '--%s' is missing", o->name);
	}
	return NULL;
}

void
cli_args_free(struct cli_args *a)
{
	free(a->given);
	free(a->operands);
	*a = (struct cli_args){ .given = NULL };
}

static const struct cli_given *
find_given(const struct cli_args *a, const char *name)
{
	for (size_t i = a->n_given; i > 0; i--) {
		if (strcmp(a->given[i - 1].option->name, name) == 0)
			return &a->given[i - 1];
	}
	return NULL;
}

const char *
cli_args_value(const struct cli_args *a, const char *name)
{
	const struct cli_given *g = find_given(a, name);

	return g != NULL ? g->value : NULL;
}

bool
cli_args_has(const struct cli_args *a, const char *name)
{
	return find_given(a, name) != NULL;
}
