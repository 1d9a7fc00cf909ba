/*
 * Writing to a descriptor that may block, until all of it is written.
 */
#ifndef BASE_WRITE_H
#define BASE_WRITE_H

#include <stdbool.h>
#include <stddef.h>

/* False with errno where some of it was not written. */
bool	write_all(int fd, const void *, size_t n);

#endif
