/*
 * The verb `check`: loads everything as `run` would and prints every fault
 * that would keep it from listening.  What is a fault is decided elsewhere, by
 * the same code for both; here it is printed.  Touches no network unless asked
 * to.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cli/opening.h"
#include "cli/passed.h"
#include "cli/probe.h"
#include "cli/running.h"
#include "cli/verbs.h"
#include "conf/conf.h"
#include "daemon/preflight.h"

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
print_summary(const char *file, const struct conf *conf,
    const struct running *running)
{
	(void)printf("%s: configuration ok (%zu listener%s, "
	    "%zu upstream%s, %zu route%s, %zu key%s)\n", file,
	    conf->n_listeners, conf->n_listeners == 1 ? "" : "s",
	    conf->n_upstreams, conf->n_upstreams == 1 ? "" : "s",
	    conf->n_routes, conf->n_routes == 1 ? "" : "s",
	    conf->n_keys, conf->n_keys == 1 ? "" : "s");
	if (running->pid != 0)
		(void)printf("process %d runs it now\n", (int)running->pid);
	print_passed(conf);
	print_dues(conf);
}

/* All that `run` would find before it listens; NULL: it would not start. */
static struct conf *
judge(const char *file, const struct conf_opening *opening,
    struct running *running, struct conf_faults *faults)
{
	const struct sockets_asker asker = { .is_ours = running_is_ours,
		.ctx = running };
	struct conf *conf = conf_load_opening(file, opening, faults);

	if (conf != NULL)
		preflight_only(conf, &asker, faults);
	if (faults->n_fatal == 0)
		return conf;
	conf_free(conf);
	return NULL;
}

static enum cli_exit
run_check(const struct cli_args *args)
{
	char *file = config_file_find(args);
	struct conf_faults faults = { .n = 0 };
	struct input_passphrases passphrases;
	const struct conf_opening opening = cli_opening(args, &passphrases);
	struct running running = { .file = file };
	struct conf *conf = judge(file, &opening, &running, &faults);
	enum cli_exit result = conf != NULL ? CLI_DONE : CLI_FAILED;

	conf_faults_print(&faults, stderr);
	if (conf != NULL)
		print_summary(file, conf, &running);
	if (conf != NULL && cli_args_has(args, "probe") && !cli_probe(conf))
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
	    "exactly as\n'run' would, looks at where it would listen and log, "
	    "and prints every\nfault as FILE:LINE: TEXT.  Exit status 0 means "
	    "that 'run' would start with\nit, for whoever asks and as things "
	    "are now, 1 that it would refuse.\n\n"
	    "It never listens and leaves nothing.  An address that is in use "
	    "is a\nwarning, with the process that has it where that can be "
	    "seen; it is none\nif a 'sallyport run' with this configuration "
	    "is there, which goes by\ncommand lines.  What only systemd knows, "
	    "as whether it passes a socket, is a\nwarning, too.\n\n"
	    "The configuration and what it includes may be sealed "
	    "themselves: with a\npassphrase, which is asked for or comes from "
	    "--passphrase-file; or to an\nidentity, which -i names.\n\n"
	    "With --probe it then connects to each upstream, verifies its "
	    "TLS and tries\neach key that a route uses there with one "
	    "harmless GET.\n",
	.example = "sallyport check -c /etc/sallyport/sallyport.conf\n",
	.run = run_check,
};
