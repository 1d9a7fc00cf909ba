/*
 * How many clients a worker's descriptors allow.  Those that upstreams, logs
 * and name look-ups need are kept back, so that clients never take the last
 * one, however many come.
 *
 * Called by the worker.  Pure.
 */
#ifndef CLIENT_DESCRIPTORS_H
#define CLIENT_DESCRIPTORS_H

#include <stdint.h>

#include "conf/conf.h"

/*
 * limits.clients, or less where no more than `most` descriptors may be open
 * (RLIMIT_NOFILE); at least 1.
 */
uint32_t	descriptors_clients(const struct conf *, uint64_t most);

/*
 * How many clients that are turned away may linger: TURNED_AWAY, or less where
 * they would take descriptors that were kept back; at least 1.
 */
unsigned	descriptors_turned_away(const struct conf *, uint64_t most);

#endif
