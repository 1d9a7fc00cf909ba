/*
 * All that the parent has about keys, and how it hangs together: what becomes
 * of them (key_keeper), what people order (key_command), what is told of their
 * ends (key_warnings), and what of it outlives the parent (key_store).
 */
#ifndef DAEMON_PARENT_KEYS_H
#define DAEMON_PARENT_KEYS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/conf.h"
#include "daemon/admin_command.h"
#include "daemon/generations.h"
#include "keys/key_events.h"
#include "keys/key_keeper.h"
#include "stats/memory.h"
#include "stats/numbers.h"

struct parent_keys;

struct parent_keys_conf {
	struct stats_memory *memory;	/* borrowed */

	/* What became of a command; see key_command.h. */
	void (*answer)(void *owner, uint64_t id, enum admin_outcome,
	    const char *text);
	void *owner;
};

struct parent_keys	*parent_keys_new(const struct parent_keys_conf *);
void			 parent_keys_free(struct parent_keys *);

struct key_keeper	*parent_keys_keeper(const struct parent_keys *);

/* Whose workers they are; borrowed.  Before anything is decided. */
void			 parent_keys_watch(struct parent_keys *,
			    struct generations *);

/* The first configuration; before its workers start. */
void			 parent_keys_open(struct parent_keys *,
			    const struct conf *);

/*
 * That one serves now, as the key keeper was told; both are borrowed until the
 * next one does, or until the stop.
 */
void			 parent_keys_serve(struct parent_keys *,
			    const struct conf *, const struct stats_numbers *);

/* Follows a command, by that user; it is answered now or later. */
void			 parent_keys_follow(struct parent_keys *, uint64_t id,
			    const struct admin_command *, uid_t who);

/* Takes the steps that are due; returns when to call it again (monotonic). */
int64_t			 parent_keys_step(struct parent_keys *);

/* A child ended; false: it was another's. */
bool			 parent_keys_reap(struct parent_keys *, pid_t,
			    int wait_status);

/* What became of keys lately; borrowed. */
const struct key_events	*parent_keys_events(const struct parent_keys *);

/* -- the end -- */

/* Nobody is warned any more. */
void			 parent_keys_stop(struct parent_keys *);

/* Whether a command has no answer yet; and answers all. */
bool			 parent_keys_wait(const struct parent_keys *);
void			 parent_keys_cut(struct parent_keys *);

/* Writes the last of what is kept. */
void			 parent_keys_end(struct parent_keys *);

#endif
