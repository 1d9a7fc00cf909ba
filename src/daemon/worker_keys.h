/*
 * What a worker and its parent have to say to each other about keys: the worker
 * tells what responses say of them, obeys when decisions change, and tries a
 * key where the parent wants to know.  Such a probe is nobody's request: it has
 * no access line, and counters of its own.
 */
#ifndef DAEMON_WORKER_KEYS_H
#define DAEMON_WORKER_KEYS_H

#include "conf/conf.h"
#include "daemon/control_channel.h"
#include "net/loop.h"
#include "stats/stats.h"
#include "upstream/call.h"

struct worker_keys;

/*
 * All is borrowed until freed; control is the channel to the parent.  The
 * caller's events are set.
 */
struct worker_keys	*worker_keys_new(const struct conf *, struct stats *,
			    struct loop *, struct caller *, int control);

/* Cancels probes that run; before the caller is freed.  NULL is fine. */
void			 worker_keys_free(struct worker_keys *);

/*
 * No request gets a key that is off from now on; those are ended that have it.
 * NULL is fine.
 */
void			 worker_keys_obey(struct worker_keys *);

/* A message of the parent about keys. */
void			 worker_keys_take(struct worker_keys *,
			    const struct control_message *);

#endif
