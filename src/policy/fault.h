/*
 * Faults: named ways in which an exchange ends badly.
 */
#ifndef POLICY_FAULT_H
#define POLICY_FAULT_H

#include "base/buf.h"
#include "base/text.h"
#include "http/codec.h"

enum fault {
	FAULT_NONE,
#define FAULT(name, code, status, text) FAULT_##name,
#include "policy/fault.tbl"
#undef FAULT
	FAULT_COUNT
};

/* "no_route"; NULL for FAULT_NONE. */
const char	*fault_code(enum fault);

/* "sallyport.no_route", as clients are told. */
const char	*fault_full_code(enum fault);

/* 421; 0 where no client is left to be answered. */
unsigned	 fault_status(enum fault);

/* The fault of a request that a codec refused. */
enum fault	 fault_of_codec(enum codec_error);

/*
 * Appends "TEXT" or "TEXT: detail", for people.  subject completes texts that
 * name an upstream or a route; detail, may be NULL, adds a reason.
 */
void		 fault_message(enum fault, const char *subject,
		    const char *detail, struct buf *out);

/*
 * Appends {"errors":[{"code":"sallyport.CODE","message":"..."}]}, the shape
 * of Elastic's own errors, which its clients print.
 */
void		 fault_body(enum fault, const char *subject,
		    const char *detail, struct buf *out);

#endif
