/*
 * The verb `reload`.
 */
#include <stdlib.h>
#include <string.h>

#include "cli/admin_listener.h"
#include "cli/say.h"
#include "cli/verb.h"

/*
 * It waits until generations before have ended, and for passphrases to be
 * turned into keys.
 */
#define LIMIT_MS	(10 * 60 * 1000)

#define REFUSED		"sallyport.reload_refused"

/* The daemon's own words: "FILE:LINE: text" in most cases. */
static void
say_lines(const char *lines)
{
	say_aside("%s%s", lines,
	    text_line_end(text_of(lines)).n != 0 ? "\n" : "");
}

static enum cli_exit
say_success(const struct admin_listener *a, const struct ask_answer *answer)
{
	char *warnings = admin_listener_text(answer, "warnings");

	if (warnings != NULL)
		say_lines(warnings);
	free(warnings);
	say("%s was reloaded\n", a->file);
	return CLI_DONE;
}

static enum cli_exit
say_failure(const struct ask_answer *answer, const char *why)
{
	char *code = admin_listener_text(answer, "code");
	bool refused = code != NULL && strcmp(code, REFUSED) == 0;

	free(code);
	if (!refused)
		return say_failed("%s", why);
	say_lines(why);
	return say_failed("the configuration was refused; the daemon goes on "
	    "with the one it has");
}

static enum cli_exit
ask(const struct admin_listener *a)
{
	struct ask_answer answer;
	char *why = admin_listener_ask(a, "POST", "/reload", LIMIT_MS,
	    &answer);
	enum cli_exit result = why == NULL ? say_success(a, &answer) :
	    say_failure(&answer, why);

	ask_answer_free(&answer);
	free(why);
	return result;
}

static enum cli_exit
run_reload(const struct cli_args *args)
{
	struct admin_listener a;
	enum cli_exit result = CLI_FAILED;

	if (admin_listener_find(&a, args) &&
	    admin_listener_takes_posts(&a, "a reload",
	    ", or send SIGHUP to the daemon"))
		result = ask(&a);
	admin_listener_free(&a);
	return result;
}

static const struct cli_option reload_options[] = {
	CLI_ADMIN_OPTIONS,
	{ .name = NULL },
};

const struct verb verb_reload = {
	.name = "reload",
	.summary = "has the running daemon read its configuration again",
	.options = reload_options,
	.about = "Asks the running daemon, by a Unix socket of option 'admin', "
	    "to read its\nconfiguration, sealed files and certificates "
	    "again, and waits for the result.\nNo request fails meanwhile.  "
	    "What keeps it from taking them is printed as\n'check' would, "
	    "and it goes on with what it has; the exit status then is 1.\n"
	    "Warnings are printed, too, also those of the trial of new keys, "
	    "and change\nnothing about the status.\n\n"
	    "The configuration given here is only looked into to find the "
	    "socket.  SIGHUP\ndoes the same, and says how it went in the "
	    "log.\n",
	.example = "sallyport reload\n",
	.run = run_reload,
};
