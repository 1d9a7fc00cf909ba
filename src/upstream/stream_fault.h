/*
 * Why a stream of an upstream's connection failed: as a fault, and in words for
 * the log; and why there is no connection.  Called by attempt and pool.
 */
#ifndef UPSTREAM_STREAM_FAULT_H
#define UPSTREAM_STREAM_FAULT_H

#include <stddef.h>

#include "http/codec.h"
#include "net/dial.h"
#include "policy/fault.h"
#include "upstream/connection.h"

/* Room for the words; longer ones are cut. */
#define STREAM_FAULT_TEXT	160

/* The upstream sent it before it can have received the request. */
#define STREAM_FAULT_EARLY	"a response came before its request"

/* The fault of a dial that failed. */
enum fault	stream_fault_of_dial(enum dial_result);

enum fault	stream_fault(struct connection *, enum codec_error, char *text,
		    size_t size);

#endif
