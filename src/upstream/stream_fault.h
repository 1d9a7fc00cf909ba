/*
 * Why a stream of an upstream's connection failed: as a fault, and in words for
 * the log.  Called by attempt.
 */
#ifndef UPSTREAM_STREAM_FAULT_H
#define UPSTREAM_STREAM_FAULT_H

#include <stddef.h>

#include "http/codec.h"
#include "policy/fault.h"
#include "upstream/connection.h"

/* Room for the words; longer ones are cut. */
#define STREAM_FAULT_TEXT	160

/* The upstream sent it before it can have received the request. */
#define STREAM_FAULT_EARLY	"a response came before its request"

enum fault	stream_fault(struct connection *, enum codec_error, char *text,
		    size_t size);

#endif
