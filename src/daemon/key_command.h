/*
 * Commands about keys, as the parent follows them and answers what became of
 * each: the effect is had at once, the answer waits until the disk knows what
 * it must know, and until workers said that they obey: what they had in hand
 * has left them then, and nothing more will.  So no command waits for the disk
 * of another one.
 *
 * A worker that does not say so within two seconds might still send the key: it
 * is killed.  One that has not ended a second later, as the kernel does not let
 * it, makes the command one that was not obeyed.  Time does not pass where the
 * parent itself gets no turn, so a busy machine costs no worker its life.
 */
#ifndef DAEMON_KEY_COMMAND_H
#define DAEMON_KEY_COMMAND_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/admin_command.h"
#include "keys/key_keeper.h"

struct key_commands;

struct key_commands_conf {
	struct key_keeper *keys;	/* borrowed, as is this */
	struct stats_memory *memory;

	/*
	 * What became of the command of that id; the text is one line for
	 * people, in each case.
	 */
	void (*answer)(void *owner, uint64_t id, enum admin_outcome,
	    const char *text);
	void *owner;

	/* -- calls, with the workers -- */

	/* Whether all obey so many decisions, or have ended. */
	bool (*obeyed)(void *workers, uint64_t decisions);

	/* Kills those that do not. */
	void (*end_deaf)(void *workers, uint64_t decisions);
	void *workers;
};

struct key_commands	*key_commands_new(const struct key_commands_conf *);

/* Those that wait get no answer. */
void			 key_commands_free(struct key_commands *);

/* By that user; answered now or later. */
void			 key_commands_follow(struct key_commands *,
			    uint64_t id, const struct admin_command *,
			    uid_t who);

/* As kept() of key_store.h; of those that wait for it. */
void			 key_commands_kept(struct key_commands *,
			    uint64_t number, const char *why);

/*
 * Ends workers that are late, and answers those that have nothing to wait for
 * any more.  Returns when to call it again at the latest (monotonic), or
 * INT64_MAX.
 */
int64_t			 key_commands_step(struct key_commands *);

/* Answers all that wait for workers. */
void			 key_commands_cut(struct key_commands *);

/* Whether one waits. */
bool			 key_commands_wait(const struct key_commands *);

#endif
