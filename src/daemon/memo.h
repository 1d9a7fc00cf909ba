/*
 * What was derived from passphrases, so that a reload need not derive it again:
 * that takes a second for each file, in which the parent would not watch its
 * workers.  A child may derive it beforehand and note it here; it lies in
 * memory that is shared with children.
 */
#ifndef DAEMON_MEMO_H
#define DAEMON_MEMO_H

#include <stddef.h>

#include "seal/passphrase.h"

struct memo;

struct memo	*memo_new(void);

/* Wipes; NULL is fine. */
void		 memo_free(struct memo *);

/* For loading; lives as long as the memo. */
const struct passphrase_memo	*memo_interface(const struct memo *);

/*
 * Moves what was noted or recalled since the last move to secret memory of
 * the epoch that is current (see base/secret.h), with room for MEMO_MORE
 * besides, and forgets the rest.  What finds no room later is not noted.
 */
#define MEMO_MORE	64
void		 memo_move(struct memo *);

#endif
