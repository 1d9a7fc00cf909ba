/*
 * A key that is to be added to a sealed file: it is checked, then written into
 * the text of the file.  Shared by `key add`, `key import` and `init`.
 */
#ifndef KEYFILE_KEY_NEW_H
#define KEYFILE_KEY_NEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reasons.h"
#include "base/secret.h"
#include "keyfile/keyfile.h"

/* All that is known of a key but its value; the texts are borrowed. */
struct key_new {
	const char *name;
	const char **hosts;
	size_t n_hosts;
	const char *field, *scheme, *note;	/* may be NULL */
	bool plain;
	int64_t expires, created;	/* seconds since 1970; CONF_NO_TIME:
					   none; not known */
};

/*
 * Checks name (if there is one), hosts, field, scheme and note.  False, and
 * what is wrong.
 */
bool	key_new_check(const struct key_new *, struct reasons *why);

/*
 * Finds the value in the text that was given, with the remarks of key_value.h;
 * it need not have a name yet.  NULL, and why there is none.
 */
struct secret *key_new_take_value(const struct key_new *, struct text given,
	    struct reasons *why);

/*
 * Asked before the user types a value: whether keys can be added to this file,
 * and none in it has that name (NULL: any).  False, and why not.
 */
bool	key_new_may_join(const struct keyfile *, const char *name,
	    struct unlock *);

/*
 * The text of the file with n more keys and their values; the caller's.  NULL,
 * and why: there is a key with such a name, or the text cannot be edited.
 * Warns of two names for one value.  Where it is not known when a key was made,
 * that is taken to be now, unless it has expired already.
 */
struct secret *key_new_write(const struct key_new *,
	    struct secret *const *values, size_t n, const struct keyfile *,
	    struct text body);

/* The first 8 hex digits of the SHA-256 of a value, and NUL. */
#define KEY_FINGERPRINT	9
void	key_new_fingerprint(const struct secret *value, char *out);

#endif
