/*
 * Secrets out of a file or a pipe, as long as nobody interrupts: the bytes
 * land in memory for secrets and nowhere else.
 */
#ifndef TTY_SECRET_FILE_H
#define TTY_SECRET_FILE_H

#include <stddef.h>

#include "base/file.h"
#include "base/reasons.h"
#include "base/secret.h"

/*
 * All bytes of a file, at most max.  NULL, and the reason, but for a signal
 * that waits, which says it all.  what names them in messages, "the key".
 */
struct secret	*secret_file_read(const struct file_request *,
		    const char *what, size_t max, struct reasons *why);

/* The same of a descriptor, which has this name. */
struct secret	*secret_file_drain(int fd, const char *name, const char *what,
		    size_t max, struct reasons *why);

/* Takes a UTF-8 byte order mark off. */
void		 secret_file_skip_mark(struct secret *);

/* Warns of what others may do to a file that was judged. */
void		 secret_file_warn(const char *file, const struct file_judge *,
		    struct reasons *why);

#endif
