/*
 * Files that a verb makes and never overwrites, such as identities.
 */
#ifndef CLI_NEW_FILE_H
#define CLI_NEW_FILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Makes one of mode 0600: whole and on the disk, or not at all, whatever ends
 * the program.  False after it said why not; there may be one already.
 */
bool	new_file_write(const char *path, const void *bytes, size_t n);

#endif
