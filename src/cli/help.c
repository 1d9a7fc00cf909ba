/*
 * The verb `help`.
 */
#include <string.h>

#include "cli/say.h"
#include "cli/unknown.h"
#include "cli/usage.h"
#include "cli/verb.h"
#include "conf/reference.h"

/*
 * Prints help for "configuration", or for the words of a verb, or for the first
 * of them.  Returns how many words these are; 0: neither.
 */
static size_t
print_topic(const struct cli_args *args)
{
	const struct verb *v;
	size_t used;

	if (strcmp(args->operands[0], "configuration") == 0) {
		if (args->n_operands == 1)
			conf_print_reference(say_output());
		return 1;
	}
	v = verb_find(args->verbs, args->operands, args->n_operands, &used);
	if (v == NULL)
		return args->n_operands == 1 &&
		    usage_print_of(args->verbs, args->operands[0],
		    say_output());
	if (used == args->n_operands)
		usage_print(v, say_output());
	return used;
}

static enum cli_exit
run_help(const struct cli_args *args)
{
	size_t used;

	if (args->n_operands == 0) {
		usage_print_all(args->verbs, say_output());
		return CLI_DONE;
	}
	used = print_topic(args);
	if (used == 0)
		return unknown_verb(args->verbs, args->operands,
		    args->n_operands);
	if (used < args->n_operands)
		return say_usage(args->verb->name, "unexpected '%s'",
		    args->operands[used]);
	return CLI_DONE;
}

static const struct cli_option no_options[] = { { .name = NULL } };

const struct verb verb_help = {
	.name = "help",
	.summary = "explains the verbs",
	.options = no_options,
	.operands = "VERB | configuration",
	.max_operands = 2,
	.about = "Lists the verbs, explains one of them, or explains every "
	    "option of the\nconfiguration.\n",
	.example = "sallyport help check\n",
	.run = run_help,
};
