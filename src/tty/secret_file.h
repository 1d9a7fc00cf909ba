/*
 * Secrets from a file or a pipe, until a signal interrupts: the bytes are in
 * memory for secrets and nowhere else.
 */
#ifndef TTY_SECRET_FILE_H
#define TTY_SECRET_FILE_H

#include <stddef.h>

#include "base/file.h"
#include "base/reasons.h"
#include "base/secret.h"

/*
 * All bytes of a file, at most max.  NULL, and the reason; none is given for a
 * pending signal.  what names them in messages, "the key".
 */
struct secret	*secret_file_read(const struct file_request *,
		    const char *what, size_t max, struct reasons *why);

/* The same from a descriptor; name is its name in messages. */
struct secret	*secret_file_drain(int fd, const char *name, const char *what,
		    size_t max, struct reasons *why);

/* Removes a UTF-8 byte order mark. */
void		 secret_file_skip_mark(struct secret *);

/* Warns of what other users may do to a file, as file_judge found it. */
void		 secret_file_warn(const char *file, const struct file_judge *,
		    struct reasons *why);

#endif
