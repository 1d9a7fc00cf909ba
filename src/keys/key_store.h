/*
 * What the parent knows of keys, kept in `state_dir` until the next start: what
 * the API told of them, how they were used, which warnings were given.  It is
 * read before any worker starts, and written when a warning was given, within a
 * minute when anything else changed, and at the end.
 *
 * What is in the records is the business of key_notes.  A start, and a reload
 * that brings a folder, wait for its disk; so does the end, but not for ever.
 * Nothing else does, but where a folder that could not be written can be: to
 * take it.
 */
#ifndef KEYS_KEY_STORE_H
#define KEYS_KEY_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/conf.h"
#include "keys/key_warnings.h"
#include "stats/memory.h"
#include "stats/numbers.h"

struct key_store;

struct key_store_conf {
	struct stats_memory *memory;	/* borrowed, as what follows */
	struct key_warnings *warnings;

	/* -- calls, with the owner; NULL where there is nothing to do -- */

	/*
	 * What was noted up to that number is on the disk, or why is not NULL:
	 * why a restart will forget it.
	 */
	void (*kept)(void *owner, uint64_t number, const char *why);

	/* In a forked child that only writes: closes what the parent has. */
	void (*left)(void *owner);
	void *owner;
};

struct key_store	*key_store_new(const struct key_store_conf *);
void			 key_store_free(struct key_store *);

/*
 * Finds out whether `state_dir` can be used: errors where it says which keys
 * are disabled and that cannot be read, warnings where what is lost does not
 * matter as much.
 */
void			 key_store_check(const struct conf *,
			    struct conf_diagnostics *);

/*
 * A configuration is to serve: finds the same out, takes the folder that it
 * brings for this process (state_lock.h), where another one having it is an
 * error, and reads what is kept there.  There is no second reading, so that
 * none can fail and enable what is disabled.  After an error it must not
 * serve.  The folder is had until another one is brought, or this one is
 * forgotten, which must come before it is freed; or, if it comes to serve,
 * until another folder does.  A warning where it brings none, and keys are
 * disabled in the one that is left: a restart will forget that.
 */
void			 key_store_bring(struct key_store *,
			    const struct conf *, struct conf_diagnostics *);
void			 key_store_forget(struct key_store *,
			    const struct conf *);

/* In a forked child: closes what the parent has. */
void			 key_store_abandon(const struct key_store *);

/* The first configuration, which was brought: what is kept is known. */
void			 key_store_open(struct key_store *,
			    const struct conf *);

/*
 * A configuration whose workers will start, which was brought: what is kept of
 * its keys is known from now on, also what is kept in a folder that it brings.
 */
void			 key_store_meet(struct key_store *,
			    const struct conf *, const struct stats_numbers *);

/*
 * That one, which was met, is about to serve: has a folder that it brings know
 * everything that is disabled here or there, on the disk, so that no crash
 * enables any of it.  To be called until it is MOVED, and then it serves at
 * once; and again after each step and each child that ended, for what is
 * disabled here may change meanwhile.  STUCK with an error: it cannot be
 * written, or not in time, and the configuration must not serve.  What was
 * written by then stays there, which is the safe side: a later reload or start
 * with that folder disables it.
 */
enum key_store_move { KEY_STORE_MOVING, KEY_STORE_MOVED, KEY_STORE_STUCK };
enum key_store_move	 key_store_move(struct key_store *, const struct conf *,
			    struct conf_diagnostics *);

/*
 * That one, which was met and moved, serves from now on; it may keep it
 * elsewhere, or nowhere.  disabled is called for each value that was used until
 * now and that a folder which it brings calls disabled: what is so here or
 * there is so from now on.
 */
void			 key_store_serve(struct key_store *,
			    const struct conf *,
			    void (*disabled)(void *owner, uint32_t number),
			    void *owner);

/*
 * By the order of that user something was disabled, or is no longer.  Returns
 * the number by which kept() tells later whether the disk knows it, after
 * key_store_step(); what cannot be written is tried again within a minute.  0:
 * there is no folder, and a restart will forget it.
 */
uint64_t		 key_store_note_disabled(struct key_store *,
			    uint32_t who);

/* The last promotion that is known, of any value; 0: of none. */
uint32_t		 key_store_promoted(const struct key_store *);

/* Whether anything is kept: there is a folder for it. */
bool			 key_store_keeps(const struct key_store *);

/*
 * Begins to write what is due, in a child (state_writer.h).  Returns when to
 * call it again at the latest (monotonic), or INT64_MAX.
 */
int64_t			 key_store_step(struct key_store *);

/* A child ended; false: it was not one of these. */
bool			 key_store_reap(struct key_store *, pid_t,
			    int wait_status);

/*
 * Writes what was learnt since, and waits for the disk, but not for one that
 * does not answer.
 */
void			 key_store_end(struct key_store *);

#endif
