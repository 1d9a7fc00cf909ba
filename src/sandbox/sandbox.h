/*
 * The sandbox of a process that talks to the network: which system calls it may
 * make (seccomp) and what they may reach (Landlock).  A worker and the admin
 * process close it when they have read all files and have given up root.
 */
#ifndef SANDBOX_SANDBOX_H
#define SANDBOX_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/conf.h"
#include "sandbox/syscall_filter.h"

struct sandbox_plan {
	enum conf_sandbox option;
	enum syscall_caller caller;
	/* Whose upstreams' ports it may connect to; NULL: to none. */
	const struct conf *conf;
};

/* Texts for people, "" where there is nothing to say. */
struct sandbox_report {
	enum conf_sandbox option;
	bool seccomp;			/* only the calls of the table */
	int landlock;			/* the version of its interface, or 0 */
	char holds[256];		/* what Landlock keeps from it */
	char reason[256];		/* why it is less than could be */
};

/*
 * Closes it as the plan says, for good, and says how far.  False where that is
 * not enough for the option: the process must not go on.  "required" means that
 * seccomp holds; Landlock holds as far as the kernel has it.
 */
bool	sandbox_enter(const struct sandbox_plan *, struct sandbox_report *);

/*
 * Finds out by a child what a worker would meet: an error where the option
 * would not hold, a warning where it need not.
 */
void	sandbox_check(const struct conf *, struct conf_diagnostics *,
	    struct sandbox_report *);

/* One line for the log. */
#define SANDBOX_LINE	640
const char	*sandbox_line(const struct sandbox_report *,
		    char line[SANDBOX_LINE]);

/* Logs that line: called once, and not by each worker. */
void	sandbox_log(const struct sandbox_report *);

#endif
