/*
 * Who may use a route, in words for people: "user build", "client_key ci",
 * "certificate spiffe://corp/a", "10.0.0.0/8".  What its conditions do not say,
 * those of its listeners do; where neither says anything it is "anybody at
 * listener local".
 */
#ifndef PAGES_ROUTE_CLIENTS_H
#define PAGES_ROUTE_CLIENTS_H

#include <stddef.h>

#include "conf/conf.h"

/* So many are named, then how many more there are: people read no more. */
#define ROUTE_CLIENTS	12

struct route_clients {
	char *v[ROUTE_CLIENTS + 1];
	size_t n;
	size_t more;			/* that are not among them */
};

/* Asks the user database for names.  To be released. */
void	route_clients_find(struct route_clients *, const struct conf *,
	    const struct conf_route *);
void	route_clients_release(struct route_clients *);

#endif
