/*
 * One admin process, as its parent sees it: a process, a control channel, and
 * what goes over it.  Called by the keeper, which knows which of several
 * serves.
 */
#ifndef DAEMON_ADMIN_CHILD_H
#define DAEMON_ADMIN_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/admin_command.h"
#include "daemon/admin_exec.h"

struct admin_child {
	struct admin_child *next;	/* of the keeper's */
	pid_t pid;
	int control;			/* -1: closed */
	uint64_t serial;		/* no two of a daemon have the same */
	bool ready;
	int64_t ready_by_ns;		/* INT64_MAX: it was ended for it */
	bool serves;			/* clients may reach it */
	bool left;			/* it retired, and listens no more */
	unsigned on_way;		/* news that it has not yet taken */
	unsigned awaited;		/* those of them that it shall take
					   before others are told */
	bool wants_news;		/* there are newer ones */
	bool ending;			/* it was told to end */
	int64_t kill_ns;		/* INT64_MAX: never */
	char *failure;			/* why it could not start, or NULL */
};

/* Who is told what it asks for. */
struct admin_child_events {
	void (*command)(void *owner, struct admin_child *,
	    const struct admin_message *);
	void *owner;
};

/* Starts one; NULL with errno. */
struct admin_child	*admin_child_new(int program,
			    const struct admin_order *, uint64_t serial);

/*
 * Ends one that is not ready within ADMIN_START_MS, by force; it has a failure
 * then.  Returns when to look again, or INT64_MAX.  NULL is fine.
 */
#define ADMIN_START_MS	30000
int64_t	admin_child_watch(struct admin_child *, int64_t now);

/*
 * Tells it to end, with the answers that it owes, within ADMIN_STOP_MS; kill_ns
 * is a moment later then.  Once.
 */
#define ADMIN_STOP_MS	1000
void	admin_child_end(struct admin_child *);

/* Logs how it ended, by its status as waitpid() tells. */
void	admin_child_explain(const struct admin_child *, int wait_status);

/* It has ended.  NULL is fine. */
void	admin_child_free(struct admin_child *);

/*
 * Sends the news, unless many are on their way to it; then it is told later.
 * news is a descriptor, -1: there are none.
 */
void	admin_child_tell(struct admin_child *, int news);

/*
 * The same, however many are on their way; all that are, are awaited from then
 * on, but of one that clients cannot reach.
 */
void	admin_child_await(struct admin_child *, int news);

/* Whether it took those that are awaited, or ended. */
bool	admin_child_is_heard(const struct admin_child *);

/* It takes clients; what was told before, it knows then. */
void	admin_child_serve(struct admin_child *);

/* The result of the command that is `its` to the process. */
void	admin_child_answer(const struct admin_child *, uint64_t its,
	    enum admin_outcome, const char *text);

/* Of a list, which may be empty. */
bool	admin_child_all_left(const struct admin_child *);

/*
 * Takes what came by its channel.  news is as above, for when it took the ones
 * before.
 */
void	admin_child_read(struct admin_child *, int news,
	    const struct admin_child_events *);

#endif
