/* The keys of a draft: what holds for values, and warnings. */
#ifndef CONF_KEYS_H
#define CONF_KEYS_H

#include "conf/draft.h"
#include "conf/reader.h"

/*
 * Gives all names of one value the same life: one beginning and one end.
 * Checks the look of each value, times that are past or contradict each other,
 * and two names of one value.
 */
void	keys_settle(struct reader *, struct draft *);

#endif
