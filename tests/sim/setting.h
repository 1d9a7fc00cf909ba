/*
 * The configuration of a run, and how bad its world is: chosen by chance, but
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

/* Uids from here on are strangers if the Unix socket lists users. */
#define STRANGERS	6000

struct setting {
	struct conf conf;
	size_t dials_fail;		/* one in this many */
	size_t answers_lie;		/* the same */
	size_t clients_err;
	size_t rooms_are_small;
	bool users_are_listed;
	bool log_may_fail;
	uint32_t clients;		/* the worker's limit */
	unsigned turned_away;		/* that may linger */
	int64_t longest_ns;		/* the longest timeout of all */
};

/* The setting of this run. */
const struct setting *setting(void);

/* Called once per process, before any run. */
void	setting_make_keys(void);
void	setting_free_keys(void);

void	setting_begin(void);

/* The beginning of every key's value, and of nothing else. */
#define KEY_MARK	"SECRETKEY"

/* The key with this value, or CONF_NONE. */
size_t	setting_key_of(struct text value);

/* Whether the key may be sent to this host. */
bool	setting_key_names(size_t key, const char *host);

/*
 * The expected route and key of a request, by rules as simple as the setting's
 * routes: the first route that matches, and its first key that has not expired.
 * NULL, and CONF_NONE: none.
 */
struct asked {
	size_t listener;
	const char *method, *path;
	const char *token;		/* or NULL */
};
const struct conf_route *setting_route(const struct asked *);
size_t	setting_key(const struct conf_route *);

#endif
