/*
 * The verb `check`: loads everything as `run` would and prints every error that
 * would keep it from listening.  Both verbs find errors with the same code,
 * elsewhere; here they are printed.  Touches no network unless asked to.
 */
#include "cli/check.h"

#include <stdlib.h>

#include "cli/document.h"
#include "cli/passed.h"
#include "cli/probe.h"
#include "cli/running.h"
#include "cli/say.h"
#include "cli/verb.h"
#include "conf/conf.h"
#include "conf/source.h"
#include "daemon/preflight.h"
#include "policy/due_warning.h"

/* All that expires, whether or not it is time to warn of it. */
static void
print_dues(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_dues; i++) {
		const struct conf_due *due = &conf->dues[i];
		char *text = due_text(due);

		say("%s:%u: %s\n", due->where.file, due->where.line,
		    text);
		free(text);
	}
}

/* What is right, and most likely not meant. */
static void
print_advice(const struct conf *conf)
{
	struct conf_diagnostics advice = { .n = 0 };

	conf_advise(conf, &advice);
	for (size_t i = 0; i < advice.n; i++)
		say("%s:%u: %s\n", advice.v[i].file, advice.v[i].line,
		    advice.v[i].text);
	conf_diagnostics_free(&advice);
}

/* Facts that a reader new to the configuration must know. */
static void
print_passed(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_routes; i++) {
		const struct conf_route *r = &conf->routes[i];

		if (r->pass.n == 0)
			continue;
		say("route %s passes fields of its clients: ",
		    r->name);
		passed_print(&r->pass);
		say("\n");
	}
}

/* Over TCP it takes no reload. */
static bool
takes_reloads(const struct conf *conf)
{
	for (size_t i = 0; i < conf->n_admin; i++) {
		if (conf->admin[i].address.kind == ADDR_UNIX)
			return true;
	}
	return false;
}

static void
print_running(const char *file, const struct conf *conf, pid_t pid)
{
	char *word = source_word(file);

	say("process %d runs it now\n", (int)pid);
	if (takes_reloads(conf))
		say("to have it go by what is written here: sallyport reload "
		    "-c %s\n", word);
	free(word);
}

static void
print_summary(const char *file, const struct conf *conf,
    const struct running *running)
{
	say("%s: configuration ok (%zu listener%s, "
	    "%zu upstream%s, %zu route%s, %zu key%s)\n", file,
	    conf->n_listeners, conf->n_listeners == 1 ? "" : "s",
	    conf->n_upstreams, conf->n_upstreams == 1 ? "" : "s",
	    conf->n_routes, conf->n_routes == 1 ? "" : "s",
	    conf->n_keys, conf->n_keys == 1 ? "" : "s");
	if (running->pid != 0)
		print_running(file, conf, running->pid);
	print_passed(conf);
	print_dues(conf);
	print_advice(conf);
}

/* Finds all that `run` would before it listens; NULL: `run` would not start. */
static struct conf *
judge(const char *file, const struct conf_opening *opening,
    struct running *running, struct conf_diagnostics *diagnostics)
{
	const struct sockets_asker asker = { .is_ours = running_is_ours,
		.ctx = running };
	struct conf *conf = conf_load(file, opening, diagnostics);

	if (conf != NULL)
		preflight_only(conf, &asker, diagnostics);
	if (diagnostics->n_errors == 0)
		return conf;
	conf_free(conf);
	return NULL;
}

static bool
say_to_people(const struct checking *c, const struct conf *conf,
    const struct running *running, const struct conf_diagnostics *diagnostics)
{
	say_diagnostics(diagnostics);
	if (conf == NULL)
		return false;
	print_summary(conf->file, conf, running);
	return !c->probe || cli_probe(conf, NULL);
}

/* -- the same for programs -- */

static void
write_counts(struct json *j, const struct conf *conf)
{
	json_u64(j, "listeners", conf->n_listeners);
	json_u64(j, "upstreams", conf->n_upstreams);
	json_u64(j, "routes", conf->n_routes);
	json_u64(j, "keys", conf->n_keys);
}

static void
write_passed(struct json *j, const struct conf *conf)
{
	json_array(j, "passes");
	for (size_t i = 0; i < conf->n_routes; i++) {
		const struct conf_route *r = &conf->routes[i];

		if (r->pass.n == 0)
			continue;
		json_object(j, NULL);
		json_str(j, "route", r->name);
		passed_write(&r->pass, j, "fields");
		json_object_end(j);
	}
	json_array_end(j);
}

static void
write_dues(struct json *j, const struct conf *conf)
{
	json_array(j, "ends");
	for (size_t i = 0; i < conf->n_dues; i++) {
		const struct conf_due *due = &conf->dues[i];

		json_object(j, NULL);
		json_str(j, "file", due->where.file);
		json_u64(j, "line", due->where.line);
		json_str(j, "what", due->what);
		json_str_or_null(j, "subject", due->subject[0] != '\0' ?
		    due->subject : NULL);
		document_time(j, "until", due->until != INT64_MAX ?
		    due->until : CONF_NO_TIME);
		json_object_end(j);
	}
	json_array_end(j);
}

static void
write_advice(struct json *j, const struct conf *conf)
{
	struct conf_diagnostics advice = { .n = 0 };

	conf_advise(conf, &advice);
	json_array(j, "advice");
	for (size_t i = 0; i < advice.n; i++) {
		json_object(j, NULL);
		json_str(j, "file", advice.v[i].file);
		json_u64(j, "line", advice.v[i].line);
		json_str(j, "text", advice.v[i].text);
		json_object_end(j);
	}
	json_array_end(j);
	conf_diagnostics_free(&advice);
}

/* Members that only a configuration without errors has. */
static bool
write_conf(struct json *j, const struct conf *conf,
    const struct running *running, bool probe)
{
	bool good = true;

	write_counts(j, conf);
	if (running->pid != 0)
		json_u64(j, "running", (uint64_t)running->pid);
	else
		json_null(j, "running");
	write_passed(j, conf);
	write_dues(j, conf);
	write_advice(j, conf);
	if (probe) {
		json_array(j, "probe");
		good = cli_probe(conf, j);
		json_array_end(j);
	}
	return good;
}

static bool
say_to_programs(const struct checking *c, const struct conf *conf,
    const struct running *running, const struct conf_diagnostics *diagnostics)
{
	struct document d;
	bool good = conf != NULL;

	document_begin(&d);
	json_object(&d.json, NULL);
	json_str(&d.json, "file", source_name(running->file));
	document_diagnostics(&d.json, diagnostics);
	if (conf != NULL)
		good = write_conf(&d.json, conf, running, c->probe);
	json_bool(&d.json, "ok", good);
	json_object_end(&d.json);
	document_end(&d);
	return good;
}

enum cli_exit
check_file(const struct checking *c)
{
	struct running running = { .file = c->file, .verbs = c->verbs };
	struct conf_diagnostics diagnostics = { .n = 0 };
	struct conf *conf = judge(c->file, &c->opening, &running, &diagnostics);
	bool good = c->json ? say_to_programs(c, conf, &running, &diagnostics) :
	    say_to_people(c, conf, &running, &diagnostics);

	conf_free(conf);
	conf_diagnostics_free(&diagnostics);
	return good ? CLI_DONE : CLI_FAILED;
}

static enum cli_exit
run_check(const struct cli_args *args)
{
	char *file = config_file_find(args);
	struct input_passphrases passphrases;
	struct checking c = {
		.file = file, .verbs = args->verbs,
		.opening = cli_opening(args, &passphrases),
		.probe = cli_args_has(args, "probe"),
		.json = cli_args_has(args, "json"),
	};
	enum cli_exit result;

	/* Keys that are to be tried must be readable here. */
	c.opening.elsewhere = !c.probe;
	result = check_file(&c);
	free(file);
	return result;
}

static const struct cli_option check_options[] = {
	CLI_OPENING_OPTIONS,
	{ .name = "probe", .help = "Also tries every key at its upstream, by "
	    "one harmless GET." },
	CLI_JSON_OPTION,
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
	    "It never listens and leaves nothing.  An address or a folder "
	    "(state_dir)\nthat is in use is a warning, with the process that "
	    "has it where that can be\nseen; it is none if a 'sallyport run' "
	    "with this configuration is there,\nwhich goes by command "
	    "lines.  What only systemd knows, as whether it passes a\n"
	    "socket or the identity, is a warning, too.\n\n"
	    "The configuration and what it includes may be sealed "
	    "themselves: with a\npassphrase, which is asked for or comes from "
	    "--passphrase-file; or to an\nidentity, which -i names.\n\n"
	    "With --probe it then connects to each upstream, verifies its "
	    "TLS and tries\neach key that a route uses there with one "
	    "harmless GET.  A key that the API\nrejects, for which a reload "
	    "would be refused, shows only so.\n\n"
	    "The JSON document is an object: file, ok, diagnostics (objects: "
	    "severity,\nwhich is error or warning, file, line or null, text); "
	    "where 'run' would\nstart, the numbers of listeners, upstreams, "
	    "routes and keys, running (the\nprocess that runs it, or null), "
	    "passes (objects: route, fields), ends (of\ncertificates, "
	    "authorities and lists: file, line, what, subject (of the\n"
	    "authority, or null), until), advice (of what is right and most "
	    "likely not\nmeant: file, line, text), with --probe also probe\n"
	    "(objects: upstream, key, ok, status, expires, fault, "
	    "text).\n",
	.example = "sallyport check -c /etc/sallyport/sallyport.conf\n",
	.run = run_check,
};
