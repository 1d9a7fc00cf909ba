/*
 * Who a client is where clients of a route are told apart, for limits.  Pure.
 */
#ifndef POLICY_CLIENT_ID_H
#define POLICY_CLIENT_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "conf/conf.h"
#include "policy/principal.h"

enum client_kind {
	CLIENT_UNKNOWN,
	CLIENT_USER,		/* .id is the user's */
	CLIENT_CERTIFICATE,	/* .id is a digest of what it is called */
	CLIENT_KEY,		/* who has the route's client_key; .id is 0 */
	CLIENT_INET,		/* .id is the address */
	CLIENT_INET6,		/* .id is the first half of the address, for
				   who has one address of a /64 has them all */
};

struct client_id {
	enum client_kind kind;
	uint64_t id;
};

/*
 * The user, where the client came through a Unix socket; else what it is called
 * by its certificate; else its client_key, where the route asks for one; else
 * its address.
 */
struct client_id	client_id_of(const struct principal *,
			    const struct conf_route *);

/* By its address alone. */
struct client_id	client_id_of_address(const struct addr_ip *);

bool			client_id_same(struct client_id, struct client_id);

#endif
