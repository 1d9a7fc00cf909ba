/*
 * Oracles for how clients come in; see oracle.h.
 */
#ifndef TESTS_SIM_ORACLE_WAY_H
#define TESTS_SIM_ORACLE_WAY_H

#include <stdbool.h>
#include <stdint.h>

#include "line.h"
#include "message.h"
#include "policy/principal.h"
#include "wire.h"

/* A client that was let in gets a link, or loses its connection before. */
void	oracle_on_in(const struct wire *);
void	oracle_on_shut_out(const struct wire *);

/* Clients are on their way into that worker; by any listener: CONF_NONE. */
bool	oracle_has_arrivals(unsigned worker, size_t listener);

/* With this one, its worker, or else its listener, has all that it may have. */
bool	oracle_is_at_limit(const struct wire *, bool of_all);

/* Its handshake begins; it is told that it spoke plain text instead. */
void	oracle_on_handshake(const struct wire *);
void	oracle_on_plain(struct wire *);

/* What it is taken for when it is let in. */
void	oracle_on_principal(const struct wire *, const struct principal *);

/*
 * What it was verified by was renewed since its handshake began, maybe to be
 * what it was again; or its certificate is good no more, for that reason or as
 * it has ended.
 */
bool	oracle_is_outdated(const struct wire *);
bool	oracle_is_over(const struct wire *);

/* An answer to it is under way, whose request began at that time. */
void	oracle_on_last_answers(const struct wire *, const struct message *,
	    int64_t began_ns);

/* The line of one of its requests. */
void	oracle_on_told_client(const struct wire *, const struct line *);

/* Nothing happens until this time. */
void	oracle_ways_on_time(int64_t at);
void	oracle_certificates_on_time(int64_t at);

#endif
