/*
 * Opening the files of a configuration: by a passphrase where they were sealed
 * with one, otherwise by an identity.  An identity is looked for only where a
 * file needs it.
 */
#ifndef CONF_UNLOCK_H
#define CONF_UNLOCK_H

#include <stdbool.h>

#include "conf/loader.h"
#include "conf/source.h"

/* The advice where an identity that files are sealed to is lost. */
#define UNLOCK_LOST "restore it from a backup; a new one opens nothing that " \
	"is sealed already: whoever holds the identity of another " \
	"recipient can seal that to it, with 'sallyport rekey'"

/*
 * How to read a private file: a credential of systemd as one, any other as
 * elsewhere.
 */
enum source_access unlock_access(const char *path,
	    enum source_access elsewhere);

/*
 * Reads a file in that way, also for the user and group of the options, and
 * reports warnings.  Returns as source_read().
 */
const char *unlock_read(struct loader *, struct source *, const char *path,
	    enum source_access elsewhere);

/* Sets the loader's source of passphrases; unlock_end() forgets all secrets. */
void	unlock_begin(struct loader *);
void	unlock_end(struct loader *);

/*
 * Opens the main file or a part of it: by the identity that opened the one
 * before, or the one passed in, or the one of the configuration as far as it is
 * read, or systemd's.  False after an error.
 */
bool	unlock_part(struct loader *, struct source *);

/*
 * To be called once all parts are read: finds the identity for sealed files, by
 * the configuration, otherwise the one passed in.  .identities stays NULL after
 * an error, and where there is none.
 */
void	unlock_find(struct loader *);

/*
 * Opens a sealed file by the identity of unlock_find(); false after an error.
 */
bool	unlock_sealed(struct loader *, struct source *);

#endif
