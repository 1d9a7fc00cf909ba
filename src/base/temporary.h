/*
 * Temporary files beside a file, ".NAME.sallyport-" and six letters, for
 * replace.h.  The process that uses one holds a lock on it (flock), so that
 * files in use can be told from those that a killed process left.  Between
 * making one and locking it a sweep may remove it: then another is made.
 */
#ifndef BASE_TEMPORARY_H
#define BASE_TEMPORARY_H

#include "base/status.h"

/* The prefix of their names, owned by the caller. */
char		*temporary_prefix(const char *name);

/* Removes what killed processes left in a folder. */
void		 temporary_sweep(int dir, const char *prefix);

/*
 * Makes an empty one of mode 0600, locked; name and descriptor are the
 * caller's.  STATUS_SYSTEM with errno: none was made.
 */
enum status	 temporary_create(int dir, const char *prefix, char **name,
		    int *fd) MUST_CHECK;

/*
 * The same as a second name of the file of in there, which the caller locks.
 * STATUS_SYSTEM with errno, as of linkat().
 */
enum status	 temporary_link(int dir, const char *prefix, const char *of,
		    char **name) MUST_CHECK;

/* Removes one and frees its name; a NULL is fine.  Keeps errno. */
void		 temporary_remove(int dir, char **name);

#endif
