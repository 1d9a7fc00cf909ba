/*
 * That one daemon has a `state_dir`: each writes its files as a whole, from
 * what it knows, so that two would erase what the other keeps disabled.  A
 * record lock (fcntl_locking(2)) on a file `lock` of the folder says so, which
 * ends with the process, however it ends, and which no child inherits.
 *
 * A process loses such a lock when it closes any descriptor of the file.  So
 * the one who has it must not ask here about a folder that it may have.
 */
#ifndef KEYS_STATE_LOCK_H
#define KEYS_STATE_LOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct state_lock;

/*
 * Takes the folder for this process.  Returns NULL, or why it cannot be had, as
 * "FOLDER ..." or "PATH: ...", to be freed.  *lock is NULL in that case and
 * where nothing can be written into the folder, by anybody like us; otherwise
 * to be left.  held, or NULL, is another one that this process has, perhaps of
 * the same folder.  uid is the user that root becomes, or CONF_NO_ID: a lock of
 * anybody but him, root and us is not one.
 */
char	*state_lock_take(const char *folder, uint32_t uid,
	    struct state_lock *held, struct state_lock **lock)
	    __attribute__((warn_unused_result));

/*
 * Why the file is none that state_lock_take() takes, in its words, whoever has
 * it; NULL: it is one, or there is none yet.  Takes nothing and makes no file.
 */
char	*state_lock_check(const char *folder, uint32_t uid)
	    __attribute__((warn_unused_result));

/* NULL is fine. */
void	state_lock_leave(struct state_lock *);

/* In a forked child, which has none: closes what it need not have. */
void	state_lock_abandon(const struct state_lock *);

/*
 * Whether a process has the folder, as far as we may see that, and which one;
 * 0: it is of another PID namespace.  Takes nothing and makes no file.
 */
bool	state_lock_find(const char *folder, pid_t *);

/* What is said of that: "FOLDER is in use by process N"; to be freed. */
char	*state_lock_text(const char *folder, pid_t)
	    __attribute__((warn_unused_result));

#endif
