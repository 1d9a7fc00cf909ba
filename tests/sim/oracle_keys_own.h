/*
 * What the oracles for the life of keys keep of each value, for oracle_keys.c
 * and oracle_pick.c.
 */
#ifndef TESTS_SIM_ORACLE_KEYS_OWN_H
#define TESTS_SIM_ORACLE_KEYS_OWN_H

#include "clock.h"
#include "oracle.h"
#include "stats/decided.h"

struct value_seen {
	struct stats_decision before;	/* as it was looked at last */
	bool met;
	uint32_t number;		/* in the memory */
	bool disabled;			/* by an order */
	int64_t disabled_ns;
	unsigned refused[CLOCK_BASES], accepted[CLOCK_BASES];	/* probes of
					   that worker, by the API, of which
					   the parent has not heard */
	int64_t told, told_ns;		/* its end, and when that was seen */
	unsigned asked;			/* 1 + the worker that probes it, for
					   this: */
	unsigned long long question;
	int64_t asked_ns;		/* by clock_boot() */
	int64_t suspected[CLOCK_BASES];	/* when it told that, by clock_boot() */
	uint64_t sent;			/* heads of clients' requests */
	uint64_t refusals;		/* answers that say it is invalid */
	uint64_t over;			/* or refuse something, and that its
					   end has passed */
	uint64_t suspicions;		/* that workers told */
	uint64_t probed[KEY_ANSWERS];
	bool obeyed[CLOCK_BASES];	/* that worker knows it is disabled */
};
extern struct value_seen values[ALL_VALUES];

/* NULL: the parent has ended. */
extern const struct stats_memory *memory;

/* What is decided of a value. */
static inline struct stats_decision
decision_of(size_t value)
{
	return stats_decision(memory, values[value].number);
}

/* Nothing happens for a while: see oracle_keys_on_time(). */
void	oracle_pick_on_time(void);

#endif
