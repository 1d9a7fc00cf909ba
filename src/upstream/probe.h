/*
 * Trying all keys: each at each upstream that a route combines it with.
 */
#ifndef UPSTREAM_PROBE_H
#define UPSTREAM_PROBE_H

#include "conf/conf.h"
#include "net/loop.h"
#include "upstream/call.h"
#include "upstream/key_probe.h"

struct probes;

/*
 * Starts all of them.  report is called when each ends, done after the last
 * one, also if there is none; neither from within this call.
 */
struct probes	*probes_start(const struct conf *, struct loop *,
		    struct caller *, void (*report)(void *owner,
		    const struct key_probe_result *), void (*done)(void *owner),
		    void *owner);

/* Cancels those that still run; NULL is fine. */
void		 probes_free(struct probes *);

#endif
