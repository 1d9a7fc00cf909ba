/*
 * The verb `check`: loads everything as `run` would and prints every fault.
 * Touches no network unless asked to.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/opening.h"
#include "cli/passed.h"
#include "cli/probe.h"
#include "cli/verbs.h"
#include "conf/conf.h"
#include "proxy/upstreams.h"

/* What the workers of 'run' would fail for. */
static bool
check_upstreams(const struct conf *conf)
{
	char why[256];
	const struct conf_upstream *u = upstreams_check(conf, why,
	    sizeof(why));

	if (u != NULL)
		(void)fprintf(stderr, "%s:%u: upstream %s: %s\n",
		    u->where.file, u->where.line, u->name, why);
	return u == NULL;
}

/* What ends some day, whether or not it is time to warn of it. */
static void
print_dues(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_dues; i++) {
		const struct conf_due *due = &conf->dues[i];
		char *text = conf_due_text(due);

		(void)printf("%s:%u: %s\n", due->where.file, due->where.line,
		    text);
		free(text);
	}
}

/* What somebody who reads the configuration for the first time must know. */
static void
print_passed(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_routes; i++) {
		const struct conf_route *r = &conf->routes[i];

		if (r->pass.n == 0)
			continue;
		(void)printf("route %s passes fields of its clients: ",
		    r->name);
		passed_print(&r->pass, stdout);
		(void)printf("\n");
	}
}

static void
print_summary(const char *file, const struct conf *conf)
{
	(void)printf("%s: configuration ok (%zu listener%s, "
	    "%zu upstream%s, %zu route%s, %zu key%s)\n", file,
	    conf->n_listeners, conf->n_listeners == 1 ? "" : "s",
	    conf->n_upstreams, conf->n_upstreams == 1 ? "" : "s",
	    conf->n_routes, conf->n_routes == 1 ? "" : "s",
	    conf->n_keys, conf->n_keys == 1 ? "" : "s");
	print_passed(conf);
	print_dues(conf);
}

static enum cli_exit
run_check(const struct cli_args *args)
{
	char *file = config_file_find(args);
	struct conf_faults faults = { .n = 0 };
	struct input_passphrases passphrases;
	const struct conf_opening opening = cli_opening(args, &passphrases);
	struct conf *conf = conf_load_opening(file, &opening, &faults);
	enum cli_exit result = CLI_DONE;

	conf_faults_print(&faults, stderr);
	if (conf != NULL && check_upstreams(conf))
		print_summary(file, conf);
	else
		result = CLI_FAILED;
	if (result == CLI_DONE && cli_args_has(args, "probe") &&
	    !cli_probe(conf))
		result = CLI_FAILED;
	conf_free(conf);
	conf_faults_free(&faults);
	free(file);
	return result;
}

static const struct cli_option check_options[] = {
	CLI_OPENING_OPTIONS,
	{ .name = "probe", .help = "Also tries every key at its upstream, by "
	    "one harmless GET." },
	{ .name = NULL },
};

const struct verb verb_check = {
	.name = "check",
	.summary = "loads the configuration and reports every fault in it",
	.options = check_options,
	.about = "Loads the configuration, the identity and the sealed files "
	    "exactly as\n'run' would, and prints every fault as "
	    "FILE:LINE: TEXT.  Exit status 0\nmeans that 'run' would start "
	    "with it, 1 that it would refuse.  An address\nthat is in use is "
	    "no fault, as the daemon itself may be running.\n\n"
	    "The configuration and what it includes may be sealed "
	    "themselves: with a\npassphrase, which is asked for or comes from "
	    "--passphrase-file; or to an\nidentity, which -i names.\n\n"
	    "With --probe it then connects to each upstream, verifies its "
	    "TLS and tries\neach key that a route uses there with one "
	    "harmless GET.\n",
	.example = "sallyport check -c /etc/sallyport/sallyport.conf\n",
	.run = run_check,
};
