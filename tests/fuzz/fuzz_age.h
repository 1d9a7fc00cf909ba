/*
 * The common parts of the targets for the age format.
 */
#ifndef TESTS_FUZZ_FUZZ_AGE_H
#define TESTS_FUZZ_FUZZ_AGE_H

#include "base/buf.h"
#include "base/status.h"
#include "seal/writer.h"

static inline enum status
fuzz_keep(void *ctx, const uint8_t *p, size_t n)
{
	buf_append(ctx, p, n);
	return STATUS_OK;
}

/* Keeps all bytes that are written. */
static inline struct seal_writer
fuzz_writer(struct buf *out)
{
	return (struct seal_writer){ .write = fuzz_keep, .ctx = out };
}

#endif
