/*
 * The parent's decisions about keys: which are disabled, rejected, expired or
 * promoted.  They belong to a key's value, by its number in the life of the
 * process (stats/numbers.h), and stand in the memory that workers can only read
 * (stats/decided.h); so reloads do not change them, nor do configurations
 * without the value.
 *
 * It knows no processes: what it decided is told to workers by its owner, and
 * its owner has a worker probe a key.  Numbers that come from workers are
 * checked by the owner.
 *
 * Clients and upstreams make a value suspect at most; what a probe says counts.
 * That the end of a value has passed, as a response told, switches it off at
 * once, and has it probed at once and then each hour.  Where the probe is
 * accepted, and told a later end or none, the value serves again, and for an
 * hour no other response's word of its end counts: else a service behind the
 * API could switch a key off by each of its answers.  A client's 401 makes it
 * suspect meanwhile, as ever.
 *
 * A worker that was taken over can lie in more: it answers probes, and writes
 * the ends and counts of values to the shared memory itself (stats/layout.h,
 * struct stats_known).  So it can have any value rejected, expired or accepted
 * again, or keep it from being tried.  It can neither disable nor enable one,
 * nor promote it, and what is disabled goes nowhere whatever is said.
 */
#ifndef KEYS_KEY_KEEPER_H
#define KEYS_KEY_KEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "conf/conf.h"
#include "keys/key_question.h"
#include "keys/key_store.h"
#include "policy/key_suspicion.h"
#include "stats/memory.h"
#include "stats/numbers.h"
#include "stats/stats.h"

struct key_keeper;

struct key_keeper_conf {
	struct stats_memory *memory;	/* borrowed */
	int64_t built;			/* of the program, see key_expiry.h */
	struct key_store *store;	/* what is decided is kept there; NULL:
					   nowhere */
	bool quiet;			/* logs nothing: nobody is served */

	/* -- calls, with the owner; NULL where nobody is to be told -- */

	/* Decisions changed: all workers are to look at them. */
	void (*tell)(void *owner);

	/*
	 * Has a worker probe that value at that upstream, by their numbers,
	 * another one each time.  Returns the question; its worker is 0 where
	 * nobody can be asked now.  The answer comes by key_keeper_probed().
	 */
	struct key_question (*probe)(void *owner, uint32_t key,
	    uint32_t upstream);

	void *owner;
};

struct key_keeper	*key_keeper_new(const struct key_keeper_conf *);
void			 key_keeper_free(struct key_keeper *);

/* -- configurations -- */

/*
 * A configuration is to serve: takes what outlived the parent.  After an error
 * it must not serve; it is to be forgotten, as any other.
 */
void	key_keeper_bring(struct key_keeper *, const struct conf *,
	    struct conf_diagnostics *);

/*
 * A configuration whose workers will start, which was brought: what is known of
 * its keys is decided before.
 */
void	key_keeper_meet(struct key_keeper *, const struct conf *,
	    const struct stats_numbers *);

/* As key_store_move(): that one is about to serve, which was met. */
enum key_store_move	key_keeper_move(struct key_keeper *,
			    const struct conf *, struct conf_diagnostics *);

/*
 * That one serves from now on, which was met; borrowed until it is forgotten.
 * Its names are those of orders, and so are those of the ones that served
 * before, until they are forgotten.
 */
void	key_keeper_serve(struct key_keeper *, const struct conf *,
	    struct stats *);

/* That one will be freed; what was decided about its keys stays. */
void	key_keeper_forget(struct key_keeper *, const struct conf *);

/* In a forked child: closes what the parent has. */
void	key_keeper_abandon(const struct key_keeper *);

/* A route of a configuration that is to serve, by its index. */
struct key_place {
	const struct conf *conf;
	const struct stats_numbers *numbers;
	size_t route;
};

/*
 * Whether a value need not be tried before it serves there: a route of the
 * configuration that serves lists it, it was used or accepted before, or is
 * disabled.  That a sealed file had it, and no route, says nothing of it.
 *
 * One that is rejected or expired is to be tried again where it is new to the
 * route or its upstream, or the route would be left with no key that is not
 * off, and was not before.
 */
bool	key_keeper_knows(const struct key_keeper *, const struct key_place *,
	    uint32_t key);

/* The same of the key of a proxy: it was used, is disabled, or expired. */
bool	key_keeper_knows_of_proxy(const struct key_keeper *, uint32_t key);

/*
 * What was said of a value before it serves there: one that is off comes back
 * if it was accepted.
 */
void	key_keeper_tried(struct key_keeper *, uint32_t key, uint32_t upstream,
	    enum key_answer, int64_t told);

/*
 * Adds, as warnings, what those are to know who had that configuration served:
 * routes whose keys are all off, and those that changed and where a key serves
 * because it was promoted, though another one is listed before it.
 */
void	key_keeper_advise(const struct key_keeper *,
	    struct conf_diagnostics *);

/* -- what workers tell, of values and upstreams by their numbers -- */

/*
 * An answer of that upstream makes that value suspect; ignored where no route
 * of the configuration that serves sends it there.
 */
void	key_keeper_suspect(struct key_keeper *, uint32_t key,
	    uint32_t upstream);

/*
 * What a probe said, and the end of the key that it was told (seconds since
 * 1970) or CONF_NO_TIME; only the question that was put last is heard.
 */
void	key_keeper_probed(struct key_keeper *, uint32_t key,
	    const struct key_question *, const struct key_said *,
	    int64_t told);

/* That worker has ended: what it was asked for another one is. */
void	key_keeper_lost(struct key_keeper *, pid_t worker);

/*
 * Takes the steps that are due; also to be called when a worker learnt
 * something of a key's end.  Returns when to call it again at the latest
 * (monotonic, ns), or INT64_MAX.
 */
int64_t	key_keeper_step(struct key_keeper *, int64_t now);

/* -- orders of people -- */

enum key_order { KEY_ORDER_DISABLE, KEY_ORDER_ENABLE, KEY_ORDER_PROMOTE };

/* "disable", "enable", "promote"; false: it is none of them. */
const char	*key_order_verb(enum key_order);
bool	key_order_parse(const char *, enum key_order *);

/* The configuration that serves has a key of that name. */
bool	key_keeper_has(const struct key_keeper *, const char *name);

/*
 * What became of an order.  The text is one line for people: what was done,
 * what it means for routes, and whether there is no folder to keep it; or why
 * nothing was done.  The number is that of key_store_note_disabled(): the order
 * is not to be answered before the store tells whether the disk knows it.  0:
 * nothing is to be waited for.
 */
#define KEY_ORDER_TEXT	900
struct key_order_result {
	uint64_t number;
	char text[KEY_ORDER_TEXT];
};

/*
 * Follows an order about the key of that name in the configuration that serves,
 * by that user.  Workers were told when it returns.  False: nothing was done.
 *
 * Workers of a configuration that served before may go on with what it had.  To
 * disable a name means its values there, too, where the one that serves does
 * not have them (under another name, perhaps: then they are not meant).  A name
 * that is only there can be disabled, and enabled.  To enable a name that the
 * one that serves has means its value there alone: one that it had before may
 * have leaked.
 */
bool	key_keeper_order(struct key_keeper *, enum key_order,
	    const char *name, uid_t who, struct key_order_result *);

#endif
