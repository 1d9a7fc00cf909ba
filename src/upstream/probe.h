/*
 * Trying keys: one harmless GET with each key to each upstream that a route
 * combines it with, through the same caller as any request.
 */
#ifndef UPSTREAM_PROBE_H
#define UPSTREAM_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "net/loop.h"
#include "policy/fault.h"
#include "upstream/call.h"

/* A call that lists and changes nothing; any valid key may make it. */
#define PROBE_TARGET	"/api/v1/deployments"

struct probe_result {
	const struct conf_upstream *upstream;
	const struct conf_key *key;
	enum fault fault;	/* FAULT_NONE: it answered, with status */
	const char *detail;	/* of a fault, or NULL; valid in the call */
	unsigned status;
	bool expiry_read;	/* the response told the key's expiry */
	int64_t expires;
};

struct probes;

/*
 * Starts all of them.  report is called when each ends, done after the last
 * one, also if there is none; neither from within this call.
 */
struct probes	*probes_start(const struct conf *, struct loop *,
		    struct caller *, void (*report)(void *owner,
		    const struct probe_result *), void (*done)(void *owner),
		    void *owner);

/* Cancels those that still run; NULL is fine. */
void		 probes_free(struct probes *);

#endif
