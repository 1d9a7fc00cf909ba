/*
 * Oracles for dials, and for what is said to proxies on the way; see oracle.h.
 */
#ifndef TESTS_SIM_ORACLE_ROAD_H
#define TESTS_SIM_ORACLE_ROAD_H

#include "base/text.h"
#include "road.h"

/* TLS is about to begin on a wire that is dialled. */
void	oracle_on_tls(struct wire *, const struct tls_client *,
	    const struct tls_sessions *);

/* Bytes leave before the dial has ended. */
void	oracle_on_sent_early(const struct wire *, struct text);

/* What was to be said to a proxy has ended. */
void	oracle_on_told_by_proxy(const struct road *, enum preface_end,
	    const char *why);

/* A dial tries once more; one has ended. */
void	oracle_on_second_try(const struct road *);
void	oracle_on_dialled(const struct road *, enum dial_result,
	    const char *why);

/* Nothing happens until this time. */
void	oracle_roads_on_time(int64_t at);

#endif
