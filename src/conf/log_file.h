/*
 * The file of the access log: opening it, and whether it can be.
 */
#ifndef CONF_LOG_FILE_H
#define CONF_LOG_FILE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A descriptor that appends to the file at path, which is made if it does not
 * exist.  -1 with *why, valid until the next call.  uid is the user that
 * workers become, or CONF_NO_ID: a worker that was taken over and may write in
 * the folder could choose the file that root writes to, so root follows no
 * symbolic link there.  A folder that only root may change, such as that of
 * /dev/stdout, may hold one.  made: the file did not exist, and was made here.
 */
int	log_file_open(const char *path, uint32_t uid, bool *made,
	    const char **why);

/*
 * Removes the file that was made, unless something was written to it, or path
 * is another file by now.  fd is the descriptor of it.
 */
void	log_file_take_back(const char *path, int fd);

/*
 * NULL if log_file_open() would succeed now, or why not, to be freed.  Nothing
 * is made.  fifo: it is one, which is not opened, for a reader would take that
 * for a log that begins and ends; so it is unknown whether it has a reader.
 */
char	*log_file_check(const char *path, uint32_t uid, bool *fifo)
	    __attribute__((warn_unused_result));

#endif
