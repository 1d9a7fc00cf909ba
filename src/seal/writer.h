/*
 * Where the bytes of a sealed file go as they are read or made.
 */
#ifndef SEAL_WRITER_H
#define SEAL_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/*
 * Whoever is called takes all of the bytes or says what went wrong, which
 * then is the result of the call that pushed.  They are gone when it returns.
 */
struct seal_writer {
	enum status (*write)(void *ctx, const uint8_t *, size_t n);
	void *ctx;
};

#endif
