/*
 * Trying a key: one harmless GET with it, through the same caller as any
 * request, whatever its state is, but never with one that is disabled.
 */
#ifndef UPSTREAM_KEY_PROBE_H
#define UPSTREAM_KEY_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"
#include "net/loop.h"
#include "policy/fault.h"
#include "policy/key_suspicion.h"
#include "upstream/call.h"
#include "upstream/refusal.h"

/* What is tried; indices into the configuration. */
struct key_probe_of {
	size_t key, upstream;
	const char *target;		/* borrowed */
};

struct key_probe_result {
	struct key_probe_of of;
	enum fault fault;	/* FAULT_NONE: it answered, with status */
	const char *detail;	/* of a fault, or NULL; valid in the call */
	unsigned status;
	enum refusal refusal;	/* as far as the answer says why */
	bool expiry_read;	/* the response told the key's expiry */
	int64_t expires;
};

struct key_probe;

/*
 * done is called once, not from within this call, 25 s later at the latest; the
 * probe may be freed then.  Where no route uses the upstream it ends with
 * UPSTREAM_UNREACHABLE, and the key goes nowhere.
 */
struct key_probe	*key_probe_start(struct caller *, struct loop *,
			    const struct key_probe_of *,
			    void (*done)(void *owner,
			    const struct key_probe_result *), void *owner);

/* Cancels it if it still runs; NULL is fine. */
void			 key_probe_free(struct key_probe *);

/*
 * What a result says of the key.  It is rejected by a 401 that says that it is
 * invalid, and by nothing else.  It is accepted by a success, and by a 403 with
 * a reason that only somebody who was let in is told.  It is astray where the
 * path is wrong: that says something of the key only where the upstream answers
 * the same path 401 to a bad one, as it looks at keys first then.  The rest
 * says nothing: what lies between may answer it, too.
 */
enum key_answer		 key_probe_answer(const struct key_probe_result *);

#endif
