/*
 * The oracles: rules that must hold in every run, whatever clients, upstreams
 * and wires do.  Each is a small function of one of the files oracle*.c, called
 * when the event happens that it judges.
 */
#ifndef TESTS_SIM_ORACLE_H
#define TESTS_SIM_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#include "keys/key_keeper.h"
#include "line.h"
#include "message.h"
#include "request.h"
#include "setting.h"
#include "stats/stats.h"
#include "wire.h"

/* -- clients -- */

/* A client was let in; a link was made for a wire, so it is served. */
void		 oracle_on_accept(struct wire *);
void		 oracle_on_served(const struct wire *);

/* The program closes the link of a wire. */
void		 oracle_on_close(const struct wire *, enum link_end);

/* So many clients waited at a socket when it was closed. */
void		 oracle_on_refused(size_t n);

/* -- what an upstream sees -- */

/* The program writes t; news: something came that it has not read. */
void		 oracle_on_sent(const struct wire *, bool news, struct text);

/* A head came by the wire: returns its request, with a new attempt. */
struct request	*oracle_on_request(struct wire *, const struct message *);
void		 oracle_on_request_end(const struct request *,
		    struct attempt *);

/* What it says of its trace. */
void		 oracle_on_trace(struct request *, const struct message *);

/* -- what a client sees -- */

/* The program has sent all of the head of a final answer. */
void		 oracle_on_answered(const struct wire *,
		    const struct message *);
void		 oracle_on_heard(const struct wire *, struct text);
void		 oracle_on_answer_of_ours(const struct request *);
void		 oracle_on_answer_head(struct request *,
		    const struct message *);
void		 oracle_on_answer_body(struct request *, struct text);
void		 oracle_on_answer_end(struct request *);

/* -- what the access log says -- */

void		 oracle_on_line(const struct line *, const char *text);

/* The same of its trace alone. */
void		 oracle_on_traced(struct request *, const struct line *);

/* An exchange is answered: compares the answer with what was received. */
void		 oracle_compare(const struct request *);

/* -- what is known of keys -- */

void		 oracle_known_begin(void);

/* The request's line was written. */
void		 oracle_on_told(const struct request *, const struct line *);

/* The statistics of a generation, which begins to serve, or ends. */
void		 oracle_on_known(const struct stats *, const struct setting *);

/* -- the life of keys -- */

void		 oracle_keys_begin(const struct stats_memory *);
void		 oracle_keys_end(void);

/* The keys of a configuration have numbers; the key keeper did something. */
void		 oracle_on_met(const struct setting *,
		    const struct stats_numbers *);
void		 oracle_on_decided(void);

/*
 * It followed an order about those values, or refused to: the first is that of
 * the configuration that serves.
 */
void		 oracle_on_order(enum key_order, const size_t *values, size_t n,
		    bool done);

/*
 * A worker is asked to probe a value, by its number; the upstream answers with
 * that status, and may say that the key is invalid; the worker says what that
 * meant.
 */
void		 oracle_on_asked(uint32_t number, unsigned worker,
		    unsigned long long question);
void		 oracle_on_probe_answer(unsigned worker, size_t value,
		    unsigned status, bool refuses);
void		 oracle_on_probed(unsigned worker, const char *text);

/* The parent has heard that; a worker that it may have asked is gone. */
void		 oracle_on_probed_heard(unsigned worker, uint32_t number,
		    unsigned long long question, enum key_answer);
void		 oracle_on_lost(unsigned worker);

/* What was asked may be asked anew, of what other routes have. */
void		 oracle_on_takeover(void);

/* A worker tells that a key is suspect; it had to since that time. */
void		 oracle_on_suspected(unsigned worker, const char *text);
bool		 oracle_is_suspected(unsigned worker, size_t value,
		    int64_t since_boot);

/* A client's request is answered that its key, of that value, is invalid. */
void		 oracle_keys_on_refusal(size_t value);

/* One is refused for whatever reason, and its key's end is told. */
void		 oracle_keys_on_end_told(size_t value);

/* A worker looked at the decisions. */
void		 oracle_on_obeyed(unsigned worker);

/*
 * The key of a route that is used now, or CONF_NONE; but is the number of a
 * value that is not, or CONF_NONE.  The same for a second try.
 */
size_t		 oracle_key(const struct setting *, const struct conf_route *,
		    size_t but);
size_t		 oracle_second_key(const struct setting *,
		    const struct conf_route *, size_t but);
bool		 oracle_key_is_off(const struct setting *, size_t key);

/* No proxy may be told it, as it is disabled, or its time is over. */
bool		 oracle_is_kept_from_proxies(size_t value);

/* It was disabled at that time or later, and may be enabled again. */
bool		 oracle_was_disabled_since(size_t value, int64_t at);

/* Whether a worker may have ended what goes by that value, since then. */
bool		 oracle_was_obeyed_since(size_t value, int64_t at);

/* -- quotas -- */

void		 oracle_quota_begin(void);

/* Proxies refused nobody; and one is told a request for a tunnel. */
void		 oracle_gates_begin(void);
void		 oracle_on_connect(void);

/* By what upstreams told, requests of that route may have to wait. */
bool		 oracle_quota_holds_up(const struct setting *,
		    const struct conf_route *);

/* How often something was decided. */
uint64_t	 oracle_decisions(void);

/* An upstream's wire takes these bytes; nothing happens for a while. */
void		 oracle_on_key_sent(const struct wire *, struct text);
void		 oracle_keys_on_time(void);

/* -- time -- */

/* Nothing happens until this time. */
void		 oracle_on_time(int64_t at);
void		 oracle_time_begin(void);

/* How many timers that worker has; none may be left at the end. */
size_t		 oracle_timers_of(unsigned worker);
void		 oracle_time_end(void);

/* -- the end of the run -- */

/* log_failed: exchanges may have been refused for that. */
void		 oracle_at_end(bool log_failed);

#endif
