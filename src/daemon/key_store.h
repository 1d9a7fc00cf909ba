/*
 * What the parent knows of keys, kept in `state_dir` until the next start: what
 * the API told of them, how they were used, which warnings were given.  It is
 * read before any worker starts, and written when a warning was given, within a
 * minute when anything else changed, and at the end.
 *
 * What it restores goes by the numbers of values (stats/numbers.h), which it
 * gives to those it knows; so configurations that come later find it.
 */
#ifndef DAEMON_KEY_STORE_H
#define DAEMON_KEY_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "daemon/key_warnings.h"
#include "stats/memory.h"

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

/*
 * Reads what is kept where this configuration says, and restores what is not
 * known yet.  To be called before the first one's workers start.
 */
void			 key_store_open(struct key_store *,
			    const struct conf *);

/*
 * That configuration serves from now on; it may keep it elsewhere, or nowhere.
 */
void			 key_store_serve(struct key_store *,
			    const struct conf *);

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

/* Whether anything is kept: there is a folder for it. */
bool			 key_store_keeps(const struct key_store *);

/* Writes what was learnt since. */
void			 key_store_write(struct key_store *);

#endif
