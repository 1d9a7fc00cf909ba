/*
 * A file for a text that must not reach a disk while other programs work on
 * it: in a private folder in memory, where their own backups and swap files
 * land too.  All of that is overwritten and removed at the end; what a killed
 * process left there is removed by the next.
 *
 * Memory that is swapped out is on a disk after all, unless swap is encrypted;
 * a file cannot avoid that.
 */
#ifndef TTY_MEMORY_FILE_H
#define TTY_MEMORY_FILE_H

#include "base/reasons.h"
#include "base/secret.h"
#include "base/text.h"

struct memory_file;

/*
 * Makes one with this text, named so that editors know its type.  NULL, and
 * why: there is no file system in memory.  Signals that end the program must be
 * held back from here to memory_file_free().
 */
struct memory_file *memory_file_new(const char *name, struct text,
		    struct reasons *why);

const char	*memory_file_path(const struct memory_file *);

/* Its present content, at most max bytes; NULL, and why it cannot be read. */
struct secret	*memory_file_read(const struct memory_file *, size_t max,
		    struct reasons *why);

/* Wipes and removes it; NULL is fine. */
void		 memory_file_free(struct memory_file *);

#endif
