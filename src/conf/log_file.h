/*
 * The file of the access log: opening it, and whether it can be.
 */
#ifndef CONF_LOG_FILE_H
#define CONF_LOG_FILE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A descriptor that appends to the file at path, which is made if need be.
 * -1 with *why, valid until the next call.  uid is whom workers become, or
 * CONF_NO_ID: who may write in the folder, as a worker that was taken over
 * may, would choose what root writes to, so that root follows no symbolic
 * link there.  A folder that only root may change, such as that of
 * /dev/stdout, may hold one.
 */
int	log_file_open(const char *path, uint32_t uid, const char **why);

/*
 * Whether that could be done now: NULL, or why not, to be freed.  Nothing is
 * made.  fifo: it is one, which is not opened, as its reader would take that
 * for a log that begins and ends; so nobody can tell whether it has one.
 */
char	*log_file_check(const char *path, uint32_t uid, bool *fifo)
	    __attribute__((warn_unused_result));

#endif
