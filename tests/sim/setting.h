/*
 * The configuration of a run, and how bad its world is: as chance wants, but
 * always with routes of every kind.
 */
#ifndef TESTS_SIM_SETTING_H
#define TESTS_SIM_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"

/* Listeners. */
enum { BY_UNIX, BY_TCP, N_LISTENERS };

#define N_UPSTREAMS	3
#define N_KEYS		6
#define N_ROUTES	9

/* Uids from here on are not listed, where the Unix socket lists some. */
#define STRANGERS	6000

struct setting {
	struct conf conf;
	size_t dials_fail;		/* one in so many */
	size_t answers_lie;		/* the same */
	size_t clients_err;
	size_t rooms_are_small;
	bool users_are_listed;
	bool log_may_fail;
	uint32_t clients;		/* at a time, of the worker */
	unsigned turned_away;		/* that may linger */
	int64_t longest_ns;		/* of all the times that are set */
};

/* Of this run. */
const struct setting *setting(void);

/* Once per process, before any run. */
void	setting_make_keys(void);
void	setting_free_keys(void);

void	setting_begin(void);

/* What every key's value begins with, and nothing else. */
#define KEY_MARK	"SECRETKEY"

/* The key with this value, or CONF_NONE. */
size_t	setting_key_of(struct text value);

/* The key may be sent to this host. */
bool	setting_key_names(size_t key, const char *host);

/*
 * What a request must get, by rules as simple as the routes of a setting are:
 * the first that holds, and its first key that has not expired.  NULL, and
 * CONF_NONE: none.
 */
struct asked {
	size_t listener;
	const char *method, *path;
	const char *token;		/* or NULL */
};
const struct conf_route *setting_route(const struct asked *);
size_t	setting_key(const struct conf_route *);

#endif
