/*
 * A key that is to go into a sealed file: looked at, then written into the
 * text of the file.  Shared by `key add`, `key import` and `init`.
 */
#ifndef KEYFILE_KEY_NEW_H
#define KEYFILE_KEY_NEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/reasons.h"
#include "base/secret.h"
#include "keyfile/vault.h"

/* What is known of it, the value apart; the texts are borrowed. */
struct key_new {
	const char *name;
	const char **hosts;
	size_t n_hosts;
	const char *field, *scheme, *note;	/* may be NULL */
	int64_t expires, created;	/* seconds since 1970; CONF_NO_TIME */
};

/*
 * When a key that is added now was made, by what is known: now, unless it has
 * expired already.
 */
int64_t	key_new_created(int64_t expires);

/*
 * False, and what is wrong with name (if there is one), hosts, field, scheme
 * or note.
 */
bool	key_new_check(const struct key_new *, struct reasons *why);

/*
 * The value out of what was given for it, and what key_value.h has to say; it
 * need not have a name yet.  NULL, and why there is none.
 */
struct secret *key_new_take_value(const struct key_new *, struct text given,
	    struct reasons *why);

/*
 * Before anybody is asked for a value: keys can be added to this vault, and
 * none in it has that name, unless it is NULL.  False, and why.
 */
bool	key_new_may_join(const struct vault *, const char *name,
	    struct unlock *);

/*
 * The text of the vault with n keys and their values in it, the caller's.
 * NULL, and why: there is one with such a name, or the text is
 * odd.  Warns of two names of one value.
 */
struct secret *key_new_write(const struct key_new *,
	    struct secret *const *values, size_t n, const struct vault *,
	    struct text body);

/* First 8 hex digits of the SHA-256 of a value, and NUL. */
#define KEY_FINGERPRINT	9
void	key_new_fingerprint(const struct secret *value, char *out);

#endif
