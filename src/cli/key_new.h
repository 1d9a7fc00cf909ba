/*
 * A key that is to go into a sealed file: looked at, then written into the
 * text of the file.  Shared by `key add`, `key import` and `init`.
 */
#ifndef CLI_KEY_NEW_H
#define CLI_KEY_NEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "cli/args.h"
#include "cli/vault.h"

/* What is known of it, the value apart; the texts are borrowed. */
struct key_new {
	const char *name;
	const char **hosts;
	size_t n_hosts;
	const char *field, *scheme, *note;	/* may be NULL */
	int64_t expires, created;	/* seconds since 1970; CONF_NO_TIME */
};

/* Options about the key, for the verbs that add some. */
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
	{ .name = "note", .argument = "TEXT", .may_be_empty = true, \
	    .help = "A remark for people." }

/*
 * What an option says of an expiry, read leniently as in base/date.h;
 * NULL, and "never": CONF_NO_TIME.  Warns of one that is past.  False after it
 * said what is wrong.
 */
bool	key_new_read_expiry(const char *text, int64_t *seconds);

/*
 * When a key that is added now was made, by what is known: now, unless it has
 * expired already.
 */
int64_t	key_new_created(int64_t expires);

/*
 * Fills in what the options say.  False after it said what is wrong with one.
 * hosts is the caller's array in either case, to be freed.
 */
bool	key_new_from_args(struct key_new *, const struct cli_args *);

/*
 * False after it said what is wrong with name (if there is one), hosts,
 * field, scheme or note.
 */
bool	key_new_check(const struct key_new *);

/*
 * The value, read by input.h: asked for again where it can be none.  It says
 * what key_value.h has to say.  NULL after it said why there is none.
 */
struct secret *key_new_read_value(const struct key_new *, const char *file,
	    const char *question);

/* The same out of what was given for it; it need not have a name yet. */
struct secret *key_new_take_value(const struct key_new *, struct text given);

/*
 * Before anybody is asked for a value: keys can be added to this vault, and
 * none in it has that name, unless it is NULL.  False after it said why not.
 */
bool	key_new_may_join(const struct vault *, const char *name,
	    struct unlock *);

/*
 * The text of the vault with n keys and their values in it, the caller's.
 * NULL after it said why not: there is one with such a name, or the text is
 * odd.  Warns of two names of one value.
 */
struct secret *key_new_write(const struct key_new *,
	    struct secret *const *values, size_t n, const struct vault *,
	    struct text body);

/* First 8 hex digits of the SHA-256 of a value, and NUL. */
#define KEY_FINGERPRINT	9
void	key_new_fingerprint(const struct secret *value, char *out);

#endif
