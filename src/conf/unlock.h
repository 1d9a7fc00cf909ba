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

/*
 * How a private file is to be read: a credential of systemd's as what it is,
 * any other as said.
 */
enum source_access unlock_access(const char *path,
	    enum source_access elsewhere);

/* Whom the loader asks for passphrases; unlock_end() forgets all secrets. */
void	unlock_begin(struct loader *);
void	unlock_end(struct loader *);

/*
 * Opens the main file or a part of it: by the identity that opened the one
 * before, else by what was passed in, else by the one of the configuration
 * as far as it is read, else by systemd's.  False after a fault.
 */
bool	unlock_part(struct loader *, struct source *);

/*
 * Once all parts are read: the identity of sealed files, by the configuration
 * or else by what was passed in.  .identities stays NULL after a fault, and
 * where there is none.
 */
void	unlock_find(struct loader *);

/* Opens a sealed file by what unlock_find() found; false after a fault. */
bool	unlock_sealed(struct loader *, struct source *);

#endif
