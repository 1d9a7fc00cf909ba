/*
 * What opens the files of a configuration: a passphrase where they were
 * sealed with one, else an identity.  Which one that is, and whether there is
 * any, matters only where a file needs it.
 */
#ifndef CONF_UNLOCK_H
#define CONF_UNLOCK_H

#include <stdbool.h>

#include "conf/loader.h"
#include "conf/source.h"

/* What helps where an identity is lost that files are sealed to. */
#define UNLOCK_LOST "restore it from a backup; a new one opens nothing that " \
	"is sealed already: whoever holds the identity of another " \
	"recipient can seal that to it, with 'sallyport rekey'"

/*
 * How a private file is to be read: a credential of systemd's as what it is,
 * any other as said.
 */
enum source_access unlock_access(const char *path,
	    enum source_access elsewhere);

/*
 * Reads one so, for whom the options 'user' and 'group' name, too, and tells
 * of what is to be warned of.  As source_read().
 */
const char *unlock_read(struct loader *, struct source *, const char *path,
	    enum source_access elsewhere);

/* Whom the loader asks for passphrases; unlock_end() forgets all secrets. */
void	unlock_begin(struct loader *);
void	unlock_end(struct loader *);

/*
 * Opens the main file or a part of it: by the identity that opened the one
 * before, else by what was passed in, else by the one of the configuration
 * as far as it is read, else by systemd's.  False after an error.
 */
bool	unlock_part(struct loader *, struct source *);

/*
 * Once all parts are read: the identity of sealed files, by the configuration
 * or else by what was passed in.  .identities stays NULL after an error, and
 * where there is none.
 */
void	unlock_find(struct loader *);

/* Opens a sealed file by what unlock_find() found; false after an error. */
bool	unlock_sealed(struct loader *, struct source *);

#endif
