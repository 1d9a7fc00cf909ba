/*
 * Oracles for how clients come in; see oracle.h.
 */
#ifndef TESTS_SIM_ORACLE_WAY_H
#define TESTS_SIM_ORACLE_WAY_H

#include <stdint.h>

#include "line.h"
#include "wire.h"

/* A client that was let in gets a link, or loses its connection before. */
void	oracle_on_in(const struct wire *);
void	oracle_on_shut_out(const struct wire *);

/* The line of one of its requests. */
void	oracle_on_told_client(const struct wire *, const struct line *);

/* Nothing happens until this time. */
void	oracle_ways_on_time(int64_t at);

#endif
