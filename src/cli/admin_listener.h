/*
 * The daemon that runs a configuration, asked through the admin listener that
 * the configuration names.  What cannot be done is explained in words for
 * people, with what to type.
 */
#ifndef CLI_ADMIN_LISTENER_H
#define CLI_ADMIN_LISTENER_H

#include <stdbool.h>

#include "base/addr.h"
#include "cli/access.h"
#include "cli/args.h"
#include "cli/ask.h"

/* The options of a verb that asks it. */
#define CLI_ADMIN_OPTIONS \
	CLI_CONFIG_OPTION, \
	{ .name = "identity", .letter = 'i', .argument = "FILE", \
	    .reads = true, \
	    .help = "Opens a configuration that is itself sealed." }, \
	CLI_PASSPHRASE_OPTION

struct admin_listener {
	const struct verb *const *verbs;
	char *file;		/* the configuration */
	char *address;		/* as it was written */
	char *host;
	struct addr to;
};

/*
 * Finds its address: the first Unix socket, or else the first.  The
 * configuration is only looked into; no key is opened.  False after printing
 * why not; admin_listener_free() in either case.
 */
bool	 admin_listener_find(struct admin_listener *, const struct cli_args *);
void	 admin_listener_free(struct admin_listener *);

/*
 * What changes something is told by a Unix socket only.  False after printing
 * that what needs one; instead is behind that: "" or ", or ...".
 */
bool	 admin_listener_takes_posts(const struct admin_listener *,
	    const char *what, const char *instead);

/*
 * Asks.  NULL and a response of status 200, or why not, to be freed: a text of
 * one or more lines.  ask_answer_free() in either case.
 */
char	*admin_listener_ask(const struct admin_listener *, const char *method,
	    const char *target, int64_t limit_ms, struct ask_answer *);

/*
 * The text of a member of the object that was answered, to be freed, in lines
 * that a terminal may show: that of the first error, if it lists errors.  NULL
 * where there is none.
 */
char	*admin_listener_text(const struct ask_answer *, const char *member);

#endif
