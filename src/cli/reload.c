/*
 * The verb `reload`.
 */
#include <stdlib.h>

#include "cli/admin_listener.h"
#include "cli/say.h"
#include "cli/verb.h"

/*
 * It waits until generations before have ended, and for passphrases to be
 * turned into keys.
 */
#define LIMIT_MS	(10 * 60 * 1000)

/* The daemon's own words: "FILE:LINE: text" in most cases. */
static enum cli_exit
say_refused(const char *reason)
{
	say_aside("%s%s", reason,
	    text_line_end(text_of(reason)).n != 0 ? "\n" : "");
	return say_failed("the configuration was refused; the daemon goes on "
	    "with the one it has");
}

static enum cli_exit
ask(const struct admin_listener *a)
{
	struct ask_answer answer;
	char *why = admin_listener_ask(a, "POST", "/reload", LIMIT_MS,
	    &answer);
	enum cli_exit result = CLI_DONE;

	if (why == NULL)
		say("%s was reloaded\n", a->file);
	else if (answer.status != 0)
		result = say_refused(why);
	else
		result = say_failed("%s", why);
	ask_answer_free(&answer);
	free(why);
	return result;
}

static enum cli_exit
run_reload(const struct cli_args *args)
{
	struct admin_listener a;
	enum cli_exit result = CLI_FAILED;

	if (admin_listener_find(&a, args)) {
		if (a.to.kind == ADDR_UNIX)
			result = ask(&a);
		else
			(void)say_failed("%s: over TCP nobody is known, so a "
			    "reload needs a Unix socket: add one to option "
			    "'admin', or send SIGHUP to the daemon",
			    a.address);
	}
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
	    "and it goes on with what it has; the exit status then is 1.\n\n"
	    "The configuration given here is only looked into to find the "
	    "socket.  SIGHUP\ndoes the same, and says how it went in the "
	    "log.\n",
	.example = "sallyport reload\n",
	.run = run_reload,
};
