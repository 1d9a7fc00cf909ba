/*
 * What the files of the key store share: key_store.c has what is due and the
 * whole, key_store_folder.c which folder it is and what was read there,
 * key_store_move.c what is written into the next one, and key_store_file.c how
 * a file is written and what comes of it.
 */
#ifndef KEYS_KEY_STORE_PARTS_H
#define KEYS_KEY_STORE_PARTS_H

#include "base/buf.h"
#include "keys/key_notes.h"
#include "keys/key_records.h"
#include "keys/key_store.h"
#include "keys/state_lock.h"
#include "keys/state_writer.h"

/* A file, and who writes it. */
struct half {
	enum records_file file;
	struct state_writer writer;
	bool due;			/* to be written anew */
	bool failing;			/* it could not be */
	struct buf text;		/* that was or is written last */
};

/* A configuration that may come to serve, and what its folder says. */
struct brought {
	const struct conf *conf;	/* NULL: none */
	struct state_lock *lock;	/* NULL: it brings no other folder, or
					   one that cannot be written */
	struct key_records found;

	/* Who writes there what is disabled, before it serves. */
	struct state_writer writer;
	struct buf text;		/* that was or is written */
	bool written;			/* there was one */
	char *why;			/* that failed; NULL: it did not */
};

struct key_store {
	struct key_store_conf conf;
	struct key_notes *notes;
	char *folder;			/* NULL: nothing is kept */
	uint32_t uid;			/* that root becomes */
	struct state_lock *lock;	/* NULL: not taken yet, as it cannot be
					   written */
	const struct key_records *now;	/* as noted last */
	struct half keys, disabled;
	int64_t look_ns;		/* when to look next, monotonic */
	uint64_t told, decided;		/* warnings and decisions, when it
					   looked last */
	/* Orders: how many, in the text above, and that were answered. */
	uint64_t noted, sent, answered;
	struct brought brought;
};

/* -- files -- */

/*
 * Writes it if it is due, and ends a write that is late.  Returns when to call
 * it again (monotonic), or INT64_MAX.
 */
int64_t	key_store_step_file(struct key_store *, struct half *, int64_t now);

/* That child ended; false: it was not the one that writes this file. */
bool	key_store_reap_file(struct key_store *, struct half *, pid_t,
	    int wait_status);

/* Writes the last of it, and waits for the disk until then. */
void	key_store_finish_file(struct key_store *, struct half *,
	    int64_t until);

/* Forgets what is being written. */
void	key_store_stop_writing(struct half *);

/* Tells once what became of the orders up to that number; see kept(). */
void	key_store_answer(struct key_store *, uint64_t number,
	    const char *why);

/* -- folders -- */

/* What was read of a folder that this configuration brings, or NULL. */
const struct key_records *key_store_brought_by(const struct key_store *,
	    const struct conf *);

/* That child ended; false: it was not the one that writes into this folder. */
bool	key_store_reap_move(struct brought *, pid_t, int wait_status);

/* Gives up the folder that a configuration would have brought. */
void	key_store_let_go(struct brought *);

#endif
