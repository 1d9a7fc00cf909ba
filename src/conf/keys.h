/*
 * What there is to say of the keys of a draft: all of it warnings.
 */
#ifndef CONF_KEYS_H
#define CONF_KEYS_H

#include "conf/draft.h"
#include "conf/reader.h"

/*
 * The look of each value, times that are past or contradict each other, and
 * two names of one value.
 */
void	keys_check(struct reader *, const struct draft *);

#endif
