/* The checks of the keys of a draft: only warnings. */
#ifndef CONF_KEYS_H
#define CONF_KEYS_H

#include "conf/draft.h"
#include "conf/reader.h"

/*
 * Checks the look of each value, times that are past or contradict each other,
 * and two names of one value.
 */
void	keys_check(struct reader *, const struct draft *);

#endif
