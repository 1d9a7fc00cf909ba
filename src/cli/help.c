/*
 * The verb `help`.
 */
#include <stdio.h>
#include <string.h>

#include "cli/say.h"
#include "cli/unknown.h"
#include "cli/usage.h"
#include "cli/verb.h"
#include "conf/reference.h"
#include "policy/key_state.h"
#include "stats/metrics.h"

/* What is explained besides the verbs. */
static const struct {
	const char *name;
	void (*print)(FILE *);
} topics[] = {
	{ "configuration", conf_print_reference },
	{ "metrics", metrics_print_reference },
	{ "states", key_state_print_reference },
};

#define N_TOPICS	(sizeof(topics) / sizeof(topics[0]))

/*
 * Prints help for a topic, or for the words of a verb, or for the first
 * of them.  Returns how many words these are; 0: neither.
 */
static size_t
print_topic(const struct cli_args *args)
{
	const struct verb *v;
	size_t used;

	for (size_t i = 0; i < N_TOPICS; i++) {
		if (strcmp(args->operands[0], topics[i].name) != 0)
			continue;
		if (args->n_operands == 1)
			topics[i].print(say_output());
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

/* A part of the configuration, or an option by its name. */
static enum cli_exit
print_part(const struct cli_args *args)
{
	const char *name = args->operands[1], *near;

	if (conf_print_part(name, say_output()))
		return CLI_DONE;
	near = conf_nearest_part(name);
	if (near == NULL)
		return say_usage(args->verb->name, "neither a part nor an "
		    "option of the configuration is called '%s'", name);
	return say_usage(args->verb->name, "neither a part nor an option of "
	    "the configuration is called '%s' (did you mean '%s'?)", name,
	    near);
}

static enum cli_exit
run_help(const struct cli_args *args)
{
	size_t used;

	if (args->n_operands == 0) {
		usage_print_all(args->verbs, say_output());
		return CLI_DONE;
	}
	if (args->n_operands == 2 &&
	    strcmp(args->operands[0], "configuration") == 0)
		return print_part(args);
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
	.operands = "VERB | configuration [PART] | metrics | states",
	.max_operands = 2,
	.about = "Lists the verbs, explains one of them, or explains every "
	    "option of the\nconfiguration, every metric, or the states of "
	    "keys.\n\nPART is a part of the configuration, as its options "
	    "are grouped: route,\nupstream, listener, key and so on; or the "
	    "name of an option, wherever there\nis one.\n",
	.example = "sallyport help check\n"
	    "sallyport help configuration route\n",
	.run = run_help,
};
