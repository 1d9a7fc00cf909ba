/*
 * The verb `admin`, with which `run` starts its admin process.  Nobody types
 * it, so help does not list it.
 */
#include "cli/verb.h"
#include "daemon/admin.h"

static enum cli_exit
run_admin(const struct cli_args *args)
{
	(void)args;
	if (!admin_was_started())
		return say_failed("this is the process that 'sallyport run' "
		    "starts where the configuration has the option 'admin'; "
		    "see 'sallyport help configuration'");
	return (enum cli_exit)admin_run();
}

static const struct cli_option options[] = {
	{ .name = NULL },
};

const struct verb verb_admin = {
	.name = "admin",
	.summary = "what 'run' starts to answer at the admin listeners",
	.options = options,
	.about = "Started by 'sallyport run' where the configuration has the "
	    "option 'admin'; of\nno use to people.\n",
	.example = "sallyport run\n",
	.run = run_admin,
};
