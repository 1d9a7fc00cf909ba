/*
 * The parent's side of the admin process: starts it, replaces it when it dies,
 * tells it news, and takes what it is asked for.  At a reload the next one is
 * started beside the one that serves, and takes its place when all of the
 * reload went well.
 */
#ifndef DAEMON_ADMIN_KEEPER_H
#define DAEMON_ADMIN_KEEPER_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/admin_command.h"
#include "daemon/admin_order.h"
#include "pages/admin_news.h"

struct admin_keeper;

struct admin_keeper_conf {
	/*
	 * Somebody who may gave a command; the result is owed by
	 * admin_keeper_answer().  id is not 0.
	 */
	void (*command)(void *owner, uint64_t id, const struct admin_command *,
	    uid_t who);
	void *owner;
	int memory;		/* the descriptor of stats/memory.h; borrowed */
};

/*
 * Opens our program, to be executed later; where that fails, no process can be
 * started.
 */
struct admin_keeper	*admin_keeper_new(const struct admin_keeper_conf *);

/* Ends what is left of it.  NULL is fine. */
void	admin_keeper_free(struct admin_keeper *);

/*
 * Starts one for this configuration, beside the one that serves, if any; none
 * where it has no admin listener.  It takes clients when it takes over, but the
 * first at once, which says that the daemon starts.  The signals that the
 * parent handles must be blocked.
 */
void	admin_keeper_start(struct admin_keeper *, const struct admin_for *);

/* Whether that one serves; why it cannot, or NULL. */
bool	admin_keeper_is_ready(const struct admin_keeper *);
const char	*admin_keeper_failure(const struct admin_keeper *);

/*
 * That one takes over: the one before finishes what runs and ends.  Or it is
 * given up, and the one before goes on.  Harmless when repeated.
 */
void	admin_keeper_take_over(struct admin_keeper *);
void	admin_keeper_give_up(struct admin_keeper *);

/* Those that do not serve any more have closed their listening sockets. */
bool	admin_keeper_has_left(const struct admin_keeper *);

/* They are copied, and told anew until the process took them. */
void	admin_keeper_news(struct admin_keeper *, const struct admin_news *);

/*
 * Something is about to be said to others, who may ask then: from now on it is
 * waited until the processes that clients may reach have taken all news, for a
 * second at most.  is_heard() tells whether that is over; admin_keeper_step()
 * when to look again.
 */
void	admin_keeper_await(struct admin_keeper *);
bool	admin_keeper_is_heard(const struct admin_keeper *, int64_t now);

/*
 * The result of a command, for the one who gave it; others are ignored.  It is
 * sent by admin_keeper_step() when all have taken the news, as above.
 */
void	admin_keeper_answer(struct admin_keeper *, uint64_t id,
	    enum admin_outcome, const char *text);

/*
 * For poll(): fills in at most admin_keeper_alive() entries, returns how many;
 * admin_keeper_read() takes what came.
 */
size_t	admin_keeper_poll(const struct admin_keeper *, struct pollfd *);
void	admin_keeper_read(struct admin_keeper *);

/* A child ended.  True when it was one of these. */
bool	admin_keeper_reap(struct admin_keeper *, pid_t, int wait_status);

/*
 * Starts the replacement that is due, sends answers that are, and kills
 * processes that are over their time to be ready, or to end; returns the time
 * (monotonic, ns) at which the next one is, or INT64_MAX.
 */
int64_t	admin_keeper_step(struct admin_keeper *, int64_t now);

/*
 * All end, with the answers that they owe, as admin_child_end() says.  None is
 * replaced.
 */
void	admin_keeper_stop(struct admin_keeper *);

/* How many processes are alive, and the CPU time that they used. */
size_t	admin_keeper_alive(const struct admin_keeper *);
uint64_t	admin_keeper_cpu_ns(const struct admin_keeper *);

/* In a forked child: closes what the keeper has open. */
void	admin_keeper_abandon(const struct admin_keeper *);

#endif
