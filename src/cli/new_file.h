/*
 * Files that a verb makes and never overwrites, such as identities.
 */
#ifndef CLI_NEW_FILE_H
#define CLI_NEW_FILE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Makes one of mode 0600: complete and on the disk, or not at all, even if the
 * program is killed.  False after printing why not; it may exist already.
 */
bool	new_file_write(const char *path, const void *bytes, size_t n);

/* The same for what is no secret; see replace_share(). */
bool	new_file_write_shared(const char *path, const void *bytes, size_t n);

#endif
