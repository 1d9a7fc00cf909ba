/*
 * Dials of a test that drives its network by hand.
 */
#ifndef TESTS_SIM_DIAL_H
#define TESTS_SIM_DIAL_H

#include <stdint.h>

#include "net/dial.h"

/* Forgets all dials. */
void		 dials_begin(void);

/* The oldest that has not ended, or NULL. */
struct dial	*dials_oldest(void);

const struct dial_conf *dial_conf_of(const struct dial *);

/* It will end like this in ns nanoseconds; called once. */
void		 dial_end_in(struct dial *, enum dial_result, int64_t ns);

#endif
