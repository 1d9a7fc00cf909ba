/*
 * Keys that a reload brings to routes, and of which nothing is known yet, are
 * tried before they serve, each value once at each upstream that a route
 * combines it with; so also one that was in a sealed file before, and in no
 * route.  Only that the API rejects one speaks against the configuration; where
 * nothing clear was said in time, that is a warning.  The key of a proxy is
 * tried with any of those that go through the proxy, and that the proxy refuses
 * it speaks against the configuration, too.  It knows no processes: its owner
 * asks workers.
 */
#ifndef KEYS_KEY_TRIAL_H
#define KEYS_KEY_TRIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "keys/key_question.h"
#include "stats/numbers.h"

struct key_trial;

struct key_trial_of {
	const struct conf *conf;
	const struct stats_numbers *numbers;

	/*
	 * Whether that value, by its number, need not be tried for that route,
	 * by its index.
	 */
	bool (*is_known)(void *owner, size_t route, uint32_t key);

	/*
	 * Whether the proxy's key of that upstream, by its index, need not be
	 * tried; and whether the proxy refused it, once it was.
	 */
	bool (*is_proxy_known)(void *owner, size_t upstream);
	bool (*proxy_refuses)(void *owner, size_t upstream);

	/* Has a worker try it; its worker is 0 where none can. */
	struct key_question (*ask)(void *owner, uint32_t key,
	    uint32_t upstream);
	void *owner;
};

/* Begins; all is borrowed until freed.  Time is monotonic, in ns. */
struct key_trial	*key_trial_new(const struct key_trial_of *,
			    int64_t now);
void			 key_trial_free(struct key_trial *);

/* What was said to that question; false: it is none of its own. */
bool			 key_trial_heard(struct key_trial *,
			    const struct key_question *,
			    const struct key_said *);

/* Ends it where it takes too long.  True: it has ended. */
bool			 key_trial_is_over(struct key_trial *, int64_t now);

/* When it ends by itself. */
int64_t			 key_trial_until(const struct key_trial *);

/* Why that configuration may not serve; NULL: nothing says so. */
const char		*key_trial_failure(const struct key_trial *);

/* Adds what else those are to know who reload, as warnings. */
void			 key_trial_warn(const struct key_trial *,
			    struct conf_diagnostics *);

#endif
