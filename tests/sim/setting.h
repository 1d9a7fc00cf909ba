/*
 * The configurations of a run, one for each generation of workers, and how bad
 * its world is: chosen by chance, but always with routes of nearly every kind.
 */
#ifndef TESTS_SIM_SETTING_H
#define TESTS_SIM_SETTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conf/conf.h"

/* Listeners. */
enum { BY_UNIX, BY_TCP, BY_BALANCER, BY_TLS, N_LISTENERS };

#define N_UPSTREAMS	3
#define N_KEYS		10
#define N_ROUTES	11
#define MOST_ROUTE_KEYS	4

/* Those of proxies, by their kind. */
enum { KEY_CORP = 8, KEY_CORP_TLS };

/* Configurations of a run, and values that a key has, one after the other. */
#define MOST_SETTINGS	4
#define N_VALUES	3
#define ALL_VALUES	(N_KEYS * N_VALUES)

/* Clients' certificates, by what is in them. */
enum { OF_TEAM, OF_OTHER_TEAM, OF_CI, OF_NOBODY, N_CERTIFICATES };

/* Uids from here on are strangers if the Unix socket lists users. */
#define STRANGERS	6000

struct setting {
	struct conf conf;
	bool users_are_listed;
	bool names_are_listed;		/* by listeners of TLS */
	unsigned authority[N_LISTENERS];	/* of clients' certificates */
	uint32_t clients;		/* each worker's limit */
	unsigned turned_away;		/* that may linger */
	int64_t longest_ns;		/* the longest timeout of all */

	/* The parts of conf. */
	struct conf_listener listeners[N_LISTENERS];
	struct conf_upstream upstreams[N_UPSTREAMS];
	struct conf_key keys[N_KEYS];
	struct conf_route routes[N_ROUTES];
	size_t route_keys[N_ROUTES][MOST_ROUTE_KEYS];
	size_t places[N_KEYS];		/* of keys by their kind, in conf */
	size_t values[N_KEYS];		/* of the keys by their kind */
	size_t value_at[N_KEYS];	/* of keys by their place in conf: the
					   number of its value */
};

/* What all configurations of this run have in common. */
struct mood {
	size_t dials_fail;		/* one in this many */
	size_t answers_lie;		/* the same */
	size_t clients_err;
	bool proxied;			/* some upstreams have a proxy */
	size_t proxies_lie;
	size_t headers_lie;		/* those of balancers */
	size_t handshakes_fail;		/* those of clients */
	bool balancer_shakes;		/* behind its header TLS is spoken */
	bool certificate_is_required;
	bool floods;			/* many of these stall at once */
	size_t rooms_are_small;
	bool log_may_fail;
	bool quotas_end;
	bool keys_change;		/* and people give orders */
};
const struct mood *mood(void);

/* Called once per process, before any run. */
void	setting_make_keys(void);
void	setting_free_keys(void);

/* The first one, for this many workers. */
void	setting_begin(uint32_t workers);

/* One more, which differs from the one before. */
void	setting_next(uint32_t workers);

/* By number, from 0 on; and the latest. */
const struct setting *setting_of(unsigned);
const struct setting *setting(void);
unsigned	settings(void);

/* The beginning of every key's value, and of nothing else. */
#define KEY_MARK	"SECRETKEY"

/* Bytes of each. */
#define SETTING_VALUE_N	48

/*
 * The number of this value among those of all keys, or CONF_NONE; the value,
 * the key's name, and whether it may be sent to this host.
 */
size_t		setting_value_of(struct text);
struct text	setting_value(size_t value);
const char	*setting_value_name(size_t value);
bool		setting_value_is_for(size_t value, const char *host);

/* -- TLS of listeners -- */

bool		 setting_speaks_tls(size_t listener);

/* As names are written in rules. */
const char	*setting_certificate_name(size_t certificate);

/* A client with it, or without, may not come by that listener. */
bool		 setting_refuses_certificate(const struct setting *,
		    size_t listener, size_t certificate);

/*
 * A listener gets another authority, which the next configuration has, too.
 * Returns its number, which is in its text.
 */
unsigned	 setting_renew_authority(size_t listener);
struct text	 setting_authority(unsigned number);

/*
 * What stands for all by which a configuration with that authority judges the
 * certificates of clients.
 */
unsigned	 setting_judges_by(const struct setting *, unsigned its);

/* The target of probes. */
#define SETTING_PROBE	"/api/v1/deployments"

/*
 * The expected route of a request, by rules as simple as the setting's routes:
 * the first one that matches, or NULL.
 */
struct asked {
	size_t listener;
	const char *method, *path;
	const char *token;		/* or NULL */
	size_t certificate;		/* or NO_CERTIFICATE, see way.h */
};
const struct conf_route *setting_route(const struct setting *,
	    const struct asked *);

#endif
