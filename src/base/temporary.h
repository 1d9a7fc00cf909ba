/*
 * Temporary files beside a file, ".NAME.sallyport-" and six letters, for
 * replace.h.  Whoever uses one holds a lock on it (flock), so that those
 * that a killed process left can be told from those in use.  Between making
 * one and locking it a sweep may remove it: then another is made.
 */
#ifndef BASE_TEMPORARY_H
#define BASE_TEMPORARY_H

#include "base/status.h"

/* What their names begin with, the caller's. */
char		*temporary_prefix(const char *name);

/* Removes what killed processes left in a folder. */
void		 temporary_sweep(int dir, const char *prefix);

/*
 * Makes an empty one of mode 0600, locked; name and descriptor are the
 * caller's.  STATUS_SYSTEM with errno: there is none.
 */
enum status	 temporary_create(int dir, const char *prefix, char **name,
		    int *fd) MUST_CHECK;

/*
 * The same as a second name of a file there, which is for the caller to
 * lock.  STATUS_SYSTEM with errno, as of linkat().
 */
enum status	 temporary_link(int dir, const char *prefix, const char *of,
		    char **name) MUST_CHECK;

/* Removes one and frees its name; a NULL is fine.  Keeps errno. */
void		 temporary_remove(int dir, char **name);

#endif
