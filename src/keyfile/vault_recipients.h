/*
 * The recipients to which a vault will be sealed when it is saved.
 *
 * An age file does not tell its recipients.  They are known from the lines that
 * this program keeps at the end of the text; else, if there is only one, it is
 * the identity that opened the file; else the user must name them.  A
 * passphrase is kept.
 */
#ifndef KEYFILE_VAULT_RECIPIENTS_H
#define KEYFILE_VAULT_RECIPIENTS_H

#include <stdbool.h>

#include "keyfile/unlock.h"
#include "keyfile/vault.h"
#include "seal/recipient.h"

/*
 * Decides that it will be sealed as before, where given (may be empty) must be
 * among the recipients.  If those are not known, or the file is new, it will be
 * sealed to those given; a new file for which none were given, to the
 * identities' own recipients.  False, and what is missing.
 */
bool	vault_recipients_keep(struct vault *, const struct recipients *given,
	    struct unlock *);

/*
 * The recipients that the file itself tells; the caller's.  NULL if it does
 * not, or is sealed with a passphrase.
 */
struct recipients *vault_recipients_known(const struct vault *,
	    const struct unlock *);

/* Decides for other recipients, which the vault takes over. */
void	vault_recipients_set(struct vault *, struct recipients *);

#endif
