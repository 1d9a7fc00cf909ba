/*
 * Results of commands that the parent owes to admin processes: who passed one
 * on, and what became of it until that is sent.  Knows no process and no
 * channel.
 */
#ifndef DAEMON_ADMIN_OWED_H
#define DAEMON_ADMIN_OWED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/admin_command.h"

/*
 * How many can be owed at a time, to all processes; and besides, how many of
 * urgent commands (admin_command.h).
 */
#define ADMIN_OWED	256

struct admin_owed {
	uint64_t id;
	uint64_t serial;		/* of the process that asked */
	uint64_t its;			/* its number for it */
	bool urgent;
	char *text;			/* of the result; NULL: there is none */
	enum admin_outcome outcome;
};

/* All zero: nothing is owed. */
struct admin_debts {
	struct admin_owed *list;
	size_t n, n_urgent;
	uint64_t n_ever;
};

/* That process asked.  Its id, or 0: too many of its kind are owed. */
uint64_t	admin_debts_add(struct admin_debts *, uint64_t serial,
		    uint64_t its, bool urgent);

/* The result of the one with that id; for others nothing. */
void		admin_debts_settle(struct admin_debts *, uint64_t id,
		    enum admin_outcome, const char *text);

/* For all that have none yet: they are refused. */
void		admin_debts_refuse_all(struct admin_debts *,
		    const char *text);

/*
 * Takes one that has its result, in the order in which they asked.  Its text is
 * the caller's.  False: none has.
 */
bool		admin_debts_take(struct admin_debts *, struct admin_owed *);

void		admin_debts_release(struct admin_debts *);

#endif
