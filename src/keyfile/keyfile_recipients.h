/*
 * The recipients to which a keyfile will be sealed when it is saved.
 *
 * An age file does not tell its recipients.  They are known from the lines that
 * this program keeps at the end of the text; else, if there is only one, it is
 * the identity that opened the file; else the user must name them.  A
 * passphrase is kept.
 */
#ifndef KEYFILE_KEYFILE_RECIPIENTS_H
#define KEYFILE_KEYFILE_RECIPIENTS_H

#include <stdbool.h>

#include "keyfile/keyfile.h"
#include "keyfile/unlock.h"
#include "seal/recipient.h"

/*
 * Decides that it will be sealed as before, where given (may be empty) must be
 * among the recipients.  If those are not known, or the file is new, it will be
 * sealed to those given; a new file for which none were given, to the
 * identities' own recipients.  False, and what is missing.
 */
bool	keyfile_recipients_keep(struct keyfile *,
	    const struct recipients *given, struct unlock *);

/*
 * The recipients that the file itself tells; the caller's.  NULL if it does
 * not, or is sealed with a passphrase.
 */
struct recipients *keyfile_recipients_known(const struct keyfile *,
	    const struct unlock *);

/* Decides for other recipients, which the keyfile takes over. */
void	keyfile_recipients_set(struct keyfile *, struct recipients *);

#endif
