/* The proven identity of a client, as plain data. */
#ifndef POLICY_PRINCIPAL_H
#define POLICY_PRINCIPAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "cert/names.h"

struct principal {
	struct addr_ip ip;		/* of TCP clients */
	bool has_user;			/* known by SO_PEERCRED, so it came
					   through a Unix socket */
	uint32_t uid;
	uint32_t *groups;		/* the client's, primary one first */
	size_t n_groups;
	const char *user_name;		/* of uid, or NULL; for the log */
	struct cert_names *certificate;	/* those of the client's certificate,
					   which was verified; NULL: it has
					   none.  None of them is a user or a
					   group */
};

/*
 * What the client is called: the URI name of its certificate, else the first
 * DNS name, else the subject; the name of its user.  NULL: it is called
 * nothing.
 */
const char	*principal_name(const struct principal *);

/*
 * How long the certificate of the client is still good at now, a time of
 * clock_wall(), in milliseconds; 0: it has expired.  INT64_MAX: it has none.
 */
int64_t		 principal_ms_left(const struct principal *, int64_t now);

/* Frees groups and certificate, which are its own. */
void		 principal_release(struct principal *);

#endif
