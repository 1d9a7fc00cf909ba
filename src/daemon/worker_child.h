/*
 * One worker, as its parent sees it: a process, a control channel, and what
 * came over it.  Called by the generation, which knows what it was started for.
 */
#ifndef DAEMON_WORKER_CHILD_H
#define DAEMON_WORKER_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/backoff.h"
#include "daemon/control_channel.h"
#include "net/name_servers.h"

struct owed_message;

struct worker_child {
	pid_t pid;			/* 0: none */
	int control;			/* -1: none */
	bool ready;
	bool left;			/* it retired, and listens no more */
	int64_t since;			/* its start, seconds since 1970 */
	unsigned servers_version;	/* of the name servers it knows */
	uint64_t obeyed;		/* so many decisions about keys */
	bool outdated;			/* it was not sent what was renewed */
	bool stuck;			/* and was killed for it */
	int64_t killed_ns;		/* when it first was; 0: never */
	bool told;			/* that it survives that */
	struct owed_message *owed;	/* in their order; NULL: none */
	struct backoff backoff;
};

/* Where it goes what workers say. */
struct worker_child_events {
	struct name_servers *servers;

	/* It could not start, and says why. */
	void (*failed)(void *owner, const char *why);

	/* It says something of a key. */
	void (*key)(void *owner, pid_t, const struct control_message *);
	void *owner;
};

/* Takes what came by its channel, and closes that when the process is gone. */
void	worker_child_read(struct worker_child *,
	    const struct worker_child_events *);

/*
 * Tells it something, or owes it that while its channel is full: it may have
 * been stopped, or hang, and go on.  fd is for CONTROL_LOG.  What is owed
 * already is not owed a second time.
 */
void	worker_child_tell(struct worker_child *, enum control_kind, int fd,
	    const char *text);

/* Sends what is owed, as far as there is room; log is the access log's fd. */
void	worker_child_pay(struct worker_child *, int log);

/* Nothing is owed any more. */
void	worker_child_forgive(struct worker_child *);

/*
 * Kills it, as often as it is called.  A process that waits in the kernel ends
 * when that lets it go; one that survives is logged once.
 */
void	worker_child_kill(struct worker_child *, int64_t now);

/* It was killed a while ago and has not ended. */
bool	worker_child_survives(const struct worker_child *, int64_t now);

/* It was reaped: nothing but its back-off is kept. */
void	worker_child_ended(struct worker_child *);

/* Logs how it ended, as waitpid() tells. */
void	worker_child_explain_end(const struct worker_child *, int wait_status);

#endif
