/*
 * The passphrases that opened a configuration, and what was derived from them,
 * kept for its reloads: nobody can be asked then.  They lie in memory that no
 * worker has.
 */
#ifndef DAEMON_PASSPHRASES_H
#define DAEMON_PASSPHRASES_H

#include <stdbool.h>

#include "conf/conf.h"

struct passphrases;

/* opening is borrowed, and asked until passphrases_keep(). */
struct passphrases	*passphrases_new(const struct conf_opening *opening);

/*
 * The opening to load with: it asks as the original does and remembers what was
 * said; after passphrases_keep() it answers by itself, for the same files.
 */
const struct conf_opening *passphrases_opening(const struct passphrases *);

/*
 * The first load is over.  What is kept moves to memory of a new epoch, so that
 * workers do not have it; see base/secret.h.
 */
void			 passphrases_keep(struct passphrases *);

/* What a child that is forked now derives is known here, too. */
void			 passphrases_prepare(struct passphrases *);

/*
 * For a child that is forked next and keeps no secrets but these: moves the
 * passphrases, without what was derived of them, to memory of a new epoch,
 * whose number it returns.
 */
unsigned		 passphrases_epoch(struct passphrases *);

/* Wipes them; NULL is fine. */
void			 passphrases_free(struct passphrases *);

#endif
