/* Giving a file a new name without replacing another file. */
#ifndef BASE_RENAME_H
#define BASE_RENAME_H

#include <stdbool.h>

/*
 * Renames within a folder, if the new name is free at that moment.  False
 * with errno: EEXIST where it is not; the old name stays then.
 *
 * Linux does that at once (renameat2).  Where the kernel or the file system
 * cannot, the file gets the new name as a second one and loses the old one.
 * Where there are no second names either, an empty file takes the new name
 * first, which others may see for a moment, and which a crash may leave.
 */
bool	rename_if_free(int folder, const char *from, const char *to);

#endif
