/*
 * The verb `init`: from nothing to a configuration that works, with one key.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/check.h"
#include "cli/config_file.h"
#include "cli/input.h"
#include "cli/key_options.h"
#include "cli/next_steps.h"
#include "cli/say.h"
#include "cli/setup.h"
#include "cli/setup_conf.h"
#include "cli/setup_options.h"
#include "cli/verb.h"
#include "conf/credential.h"
#include "conf/source.h"
#include "conf/value.h"
#include "tty/interrupt.h"
#include "tty/terminal.h"

#define DEFAULT_NAME	"elastic-cloud"

static bool
set_name(struct setup *s, struct text name)
{
	const char *why;

	name = text_trim(name);
	if (name.n == 0)
		name = TEXT(DEFAULT_NAME);
	why = value_name(name);
	if (why != NULL) {
		/*
		 * The name is not shown: if the lines are mixed up, it is the
		 * key.
		 */
		(void)say_failed("the name of the key: %s (the key comes "
		    "first, its name second)", why);
		return false;
	}
	memcpy(s->name, name.p, name.n);
	s->name[name.n] = '\0';
	return true;
}

/* Takes the next line that is not empty, trimmed. */
static struct text
take_line(struct text *rest)
{
	struct text line = TEXT("");

	while (line.n == 0 && text_split(rest, '\n', &line)) {
		if (text_ends_with(line, TEXT("\r")))
			line.n--;
		line = text_trim(line);
	}
	return line;
}

/* Whether it is JSON, or a file of variables that begins with a remark. */
static bool
is_one_text(struct text given)
{
	struct text line = take_line(&given);

	return line.n != 0 && ascii_is_one_of(line.p[0], "{[#");
}

/* The first line is the key; a second one, its name. */
static bool
read_input(struct setup *s, const char *file, const char *name)
{
	struct secret *all = input_read(file, FILE_DATA, "the key",
	    INPUT_MAX);
	struct text given, rest, second = TEXT("");
	bool good;

	if (all == NULL)
		return false;
	given = rest = secret_text(all);
	if (name == NULL && !is_one_text(given)) {
		given = take_line(&rest);
		second = take_line(&rest);
	}
	good = set_name(s, name != NULL ? text_of(name) : second);
	if (good)
		s->value = key_options_take_value(&(struct key_new){
		    .name = s->name }, given);
	secret_free(all);
	return good && s->value != NULL;
}

/* Asks again if the answer cannot be a key; an empty line ends that. */
static bool
ask_for_value(struct setup *s)
{
	struct secret *given;

	while (s->value == NULL) {
		given = input_ask("Elastic Cloud API key (not "
		    "shown): ");
		if (given == NULL || secret_len(given) == 0) {
			secret_free(given);
			(void)say_failed("no key was given");
			return false;
		}
		s->value = key_options_take_value(&(struct key_new){
		    .name = NULL }, secret_text(given));
		secret_free(given);
	}
	return true;
}

static bool
ask_for_key(struct setup *s, const char *name)
{
	char *answer;
	bool good;

	say("This makes %s: an identity, one sealed key and a "
	    "configuration.\n\n", s->folder);
	say_flush();
	if (!ask_for_value(s))
		return false;
	if (name != NULL)
		return set_name(s, text_of(name));
	answer = terminal_ask("A name for it [" DEFAULT_NAME "]: ");
	if (answer == NULL) {
		(void)say_failed("no name was given");
		return false;
	}
	good = set_name(s, text_of(answer));
	free(answer);
	return good;
}

static bool
get_key(struct setup *s, const struct cli_args *args)
{
	const char *file = cli_args_value(args, "value-file");
	const char *name = cli_args_value(args, "name");

	if (input_is_asked(file))
		return ask_for_key(s, name);
	if (file == NULL)
		say_remark("there is no terminal to ask "
		    "on: reading the key from standard input%s",
		    name == NULL ? ", its name from a second line" : "");
	return read_input(s, file != NULL ? file : "-", name);
}

/* Prints what `sallyport check -c CONF` does. */
static enum cli_exit
check(const struct setup *s, const struct cli_args *args)
{
	const struct cli_args nothing = { .n_given = 0 };
	struct input_passphrases passphrases;
	struct checking c = {
		.file = s->conf, .verbs = args->verbs,
		.opening = cli_opening(&nothing, &passphrases),
		.probe = cli_args_has(args, "probe"),
	};

	c.opening.elsewhere = !c.probe;
	return check_file(&c);
}

/* By say(), like all that names files. */
static void
say_next_steps(const struct setup *s)
{
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	if (out == NULL)
		alloc_failed();
	next_steps_print(s, out);
	if (fclose(out) != 0)
		alloc_failed();
	say("%s", text);
	free(text);
}

static enum cli_exit
set_up(struct setup *s, const struct cli_args *args)
{
	enum cli_exit result;
	char *conf;
	bool made;

	/*
	 * The paths first: if a set-up exists already, its port may well be in
	 * use.
	 */
	if (!setup_find_place(s, cli_args_value(args, "dir")) ||
	    !setup_take_options(s, args) ||
	    !get_key(s, args))
		return CLI_FAILED;
	interrupt_hold();
	made = setup_make(s);
	interrupt_release();
	if (!made)
		return CLI_FAILED;
	result = check(s, args);
	conf = source_word(s->conf);
	if (result != CLI_DONE)
		(void)say_failed("what is listed below was made all the same; "
		    "see to the above, then: sallyport check --probe -c %s",
		    conf);
	free(conf);
	say_next_steps(s);
	return result;
}

static enum cli_exit
run_init(const struct cli_args *args)
{
	struct setup s = { .value = NULL };
	enum cli_exit result = set_up(&s, args);

	setup_free(&s);
	return result;
}

static const struct cli_option init_options[] = {
	{ .name = "dir", .argument = "DIR",
	    .help = "Where (default: " CONFIG_FOLDER " for root, else "
	    CONFIG_FOLDER_OF_USER ")." },
	{ .name = "name", .argument = "NAME",
	    .help = "The key's name (default: asked for, else "
	    DEFAULT_NAME ")." },
	{ .name = "value-file", .argument = "FILE", .reads = true,
	    .help = "Reads the key from here; - is standard input." },
	{ .name = "expires", .argument = "TIME",
	    .help = "When the key expires, 2027-02-23 or "
	    "2027-02-23T00:00:00Z." },
	{ .name = "created", .argument = "TIME",
	    .help = "When it was made (default now), for warnings by its "
	    "life." },
	{ .name = "url", .argument = "URL",
	    .help = "The API (default " SETUP_URL ")." },
	{ .name = "listen", .argument = "ADDRESS",
	    .help = "Where clients connect (default " SETUP_LISTEN ")." },
	{ .name = "ca-file", .argument = "FILE",
	    .help = "The authorities that its certificate must lead to, PEM "
	    "(default: the system's)." },
	{ .name = "probe",
	    .help = "Also tries the key by one harmless GET." },
	{ .name = NULL },
};

const struct verb verb_init = {
	.name = "init",
	.summary = "first-time set-up: identity, sealed key, configuration",
	.options = init_options,
	.about = "Asks for one Elastic Cloud key and a name for it, or reads "
	    "them from the first\ntwo lines of --value-file or of standard "
	    "input; makes an identity, seals the key\nfor the host of the "
	    "API, writes a configuration, checks it, and prints what to\n"
	    "type next.  Overwrites nothing.  An address that is in use is "
	    "refused before\nanything is asked.\n\n"
	    "Root, without --dir, sets up sallyport.service where its user '"
	    SETUP_USER "'\nexists: the service may read " CONFIG_FOLDER
	    ", and gets the identity from\nsystemd, which takes it from "
	    CREDENTIAL_STORE ", where only root can read.\n",
	.example = "sallyport init\n"
	    "sallyport init --dir ./sallyport --probe < key.txt\n",
	.run = run_init,
};
