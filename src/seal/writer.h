/* The receiver of bytes of a sealed file, as they are read or made. */
#ifndef SEAL_WRITER_H
#define SEAL_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/*
 * write() takes all of the bytes or fails with a status, which is then the
 * result of the call that pushed.  The bytes are invalid after it returns.
 */
struct seal_writer {
	enum status (*write)(void *ctx, const uint8_t *, size_t n);
	void *ctx;
};

#endif
