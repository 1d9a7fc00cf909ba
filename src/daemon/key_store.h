/*
 * What the parent knows of keys, kept in `state_dir` until the next start: what
 * the API told of them, how they were used, which warnings were given.  It is
 * read before any worker starts, and written when a warning was given, within a
 * minute when anything else changed, and at the end.
 *
 * What is in the records is the business of key_notes.
 */
#ifndef DAEMON_KEY_STORE_H
#define DAEMON_KEY_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "daemon/key_warnings.h"
#include "stats/memory.h"
#include "stats/numbers.h"

struct key_store;

/* Both are borrowed. */
struct key_store	*key_store_new(struct stats_memory *,
			    struct key_warnings *);
void			 key_store_free(struct key_store *);

/*
 * Finds out whether `state_dir` can be used: errors where it says which keys
 * are disabled and that cannot be read, warnings where what is lost does not
 * matter as much.
 */
void			 key_store_check(const struct conf *,
			    struct conf_diagnostics *);

/* Reads what is kept where the first configuration says. */
void			 key_store_open(struct key_store *,
			    const struct conf *);

/*
 * A configuration whose workers will start: what is kept of its keys is known
 * from now on, also what is kept in a folder that it brings.
 */
void			 key_store_meet(struct key_store *,
			    const struct conf *, const struct stats_numbers *);

/*
 * That one, which was met, serves from now on; it may keep it elsewhere, or
 * nowhere.  disabled is called for each value that was used until now and that
 * a folder which it brings calls disabled: what is so here or there is so from
 * now on, and kept there.
 */
void			 key_store_serve(struct key_store *,
			    const struct conf *,
			    void (*disabled)(void *owner, uint32_t number),
			    void *owner);

/*
 * Writes what is due; returns when to call again (monotonic), or INT64_MAX.
 */
int64_t			 key_store_step(struct key_store *);

/*
 * By the order of that user something was disabled, or is no longer: the disk
 * knows it when this returns.  NULL, or why a restart will forget it, to be
 * freed; key_store_step() tries again then, within a minute.
 */
char			*key_store_keep_disabled(struct key_store *,
			    uint32_t who) __attribute__((warn_unused_result));

/* The last promotion that is known, of any value; 0: of none. */
uint32_t		 key_store_promoted(const struct key_store *);

/* Whether anything is kept: there is a folder for it. */
bool			 key_store_keeps(const struct key_store *);

/* Writes what was learnt since. */
void			 key_store_write(struct key_store *);

#endif
