/*
 * What the files of a generation share: generation.c has its workers,
 * generation_keys.c what these tell of keys and try for the parent,
 * generation_tls.c what they are told of TLS with clients.
 */
#ifndef DAEMON_GENERATION_PARTS_H
#define DAEMON_GENERATION_PARTS_H

#include "daemon/generation.h"
#include "daemon/worker_child.h"
#include "keys/key_trial.h"

struct generation {
	struct generation_conf conf;
	struct worker_child *slots;
	size_t n;
	bool serving;
	int64_t watched_ns;		/* when loops were last looked at */
	bool stopping;
	char *failure;
	size_t prober;			/* who probed a key last */
	uint64_t questions;		/* put to its workers so far */
	struct key_trial *trial;	/* of its keys; NULL: not begun */
	struct secret **renewed;	/* of each listener, for tls_renewal.h;
					   NULL: as it was loaded */
};

/* A message about keys; owner is the generation. */
void	generation_heard(void *owner, pid_t worker,
	    const struct control_message *);

/* When all workers are ready: tries the keys, before they serve. */
void	generation_try_keys(struct generation *);

/*
 * What a worker that starts is to know of TLS with clients: keys of tickets,
 * and what was renewed.  In the latter case it is told to serve behind that, if
 * its generation does: no client is to meet what was replaced.
 */
void	generation_brief_tls(struct generation *, size_t worker, int control);

/* Sends it to those workers that could not be sent it before. */
void	generation_renew_late(struct generation *);
bool	generation_was_renewed(const struct generation *);
void	generation_forget_tls(struct generation *);

#endif
