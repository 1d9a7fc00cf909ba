/*
 * The dials of the simulated world, as seen by those who decide how they end.
 */
#ifndef TESTS_SIM_DIAL_H
#define TESTS_SIM_DIAL_H

#include <stdint.h>

#include "net/dial.h"

/* None is under way. */
void		 dials_begin(void);

/* The oldest that has not ended, or NULL. */
struct dial	*dials_oldest(void);

const struct dial_conf *dial_conf_of(const struct dial *);

/* It ends so, in so many ns; said once. */
void		 dial_end_in(struct dial *, enum dial_result, int64_t ns);

#endif
