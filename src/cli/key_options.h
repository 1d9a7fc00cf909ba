/*
 * Options about a key, of the verbs that add keys.
 */
#ifndef CLI_KEY_OPTIONS_H
#define CLI_KEY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/secret.h"
#include "cli/args.h"
#include "keyfile/key_new.h"

#define CLI_KEY_OPTIONS \
	{ .name = "host", .argument = "HOST", .many = true, \
	    .required = true, \
	    .help = "A host it may be sent to, such as " \
	    "api.elastic-cloud.com; no other ever gets it." }, \
	{ .name = "field", .argument = "NAME", \
	    .help = "The field it stands in (default Authorization), such " \
	    "as X-Api-Key." }, \
	{ .name = "scheme", .argument = "WORD", \
	    .help = "The word before it (default ApiKey, and none with " \
	    "--field); Bearer for other APIs." }, \
	{ .name = "expires", .argument = "TIME", \
	    .help = "When it expires, 2027-02-23 or 2027-02-23T00:00:00Z." }, \
	{ .name = "created", .argument = "TIME", \
	    .help = "When it was made (default now), for warnings by its " \
	    "life." }, \
	{ .name = "note", .argument = "TEXT", .may_be_empty = true, \
	    .help = "A remark for people." }

/*
 * The time in an option, read leniently as in base/date.h; NULL and "never":
 * CONF_NO_TIME.  Warns of a time in the past.  False after printing what is
 * wrong.
 */
bool	key_options_expiry(const char *text, int64_t *seconds);

/*
 * The same of when a key was made that expires then; refuses a time in the
 * future, and one that is not before its end.
 */
bool	key_options_created(const char *text, int64_t expires,
	    int64_t *seconds);

/*
 * Fills in the options' values.  False after printing what is wrong with one.
 * hosts is the caller's array in either case, to be freed.
 */
bool	key_options_take(struct key_new *, const struct cli_args *);

/* key_new_check(); false after printing what is wrong. */
bool	key_options_check(const struct key_new *);

/*
 * The value, read by input.h; a value that cannot be a key is asked for again.
 * Prints the remarks of key_value.h.  NULL after printing why there is none.
 */
struct secret *key_options_value(const struct key_new *, const char *file,
	    const char *question);

/* key_new_take_value(), and prints its reasons. */
struct secret *key_options_take_value(const struct key_new *,
	    struct text given);

#endif
