/*
 * To whom a vault will be sealed when it is saved.
 *
 * An age file does not tell to whom it was sealed.  Who that is comes from
 * the lines that this program keeps at the end of the text; else, where
 * there is only one recipient, it is whoever opened it; else the user must
 * say it.  A passphrase is kept.
 */
#ifndef KEYFILE_VAULT_RECIPIENTS_H
#define KEYFILE_VAULT_RECIPIENTS_H

#include <stdbool.h>

#include "keyfile/unlock.h"
#include "keyfile/vault.h"
#include "seal/recipient.h"

/*
 * Decides to whom it will be sealed: as before, and given (may be empty)
 * must then be among those; where that is not known, or the file is new, to
 * those given; a new one to the identities' own recipients if none were.
 * False, and what is missing.
 */
bool	vault_recipients_keep(struct vault *, const struct recipients *given,
	    struct unlock *);

/*
 * Whom the file itself tells, the caller's; NULL where it does not, or is
 * sealed with a passphrase.
 */
struct recipients *vault_recipients_known(const struct vault *,
	    const struct unlock *);

/* Decides for others: they are the vault's now. */
void	vault_recipients_set(struct vault *, struct recipients *);

#endif
