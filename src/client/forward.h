/*
 * The steps of an exchange: judge, open, then bodies both ways.  The
 * session calls in with what the client sent; what the upstream says comes by
 * events of the egress half.
 */
#ifndef CLIENT_FORWARD_H
#define CLIENT_FORWARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/exchange.h"

/* Takes a new exchange through its first steps. */
void	forward_start(struct exchange *);

/* Request body from the client; end also alone, with n 0. */
void	forward_request_body(struct exchange *, const uint8_t *, size_t n,
	    bool end);

/* The client's link took output: more of the response may come. */
void	forward_client_sent(struct exchange *);

/* The client's stream ended badly; complaint, may be NULL, says where. */
void	forward_client_reset(struct exchange *, enum codec_error,
	    const char *complaint);

/* The fault that a codec's complaint about a request amounts to. */
enum fault forward_fault_of(enum codec_error);

#endif
