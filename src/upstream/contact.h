/*
 * What the log says of whether an upstream can be reached: that it cannot, for
 * each reason when that begins, and at most once a minute how many more times;
 * and that it can be again.  Requests to one that is down fail as fast as
 * clients send them, and each has a line of its own in the access log, with its
 * reason.  One for each upstream of a worker, whatever the key is; told by the
 * pools.
 */
#ifndef UPSTREAM_CONTACT_H
#define UPSTREAM_CONTACT_H

#include "net/loop.h"

struct contact;

/* The name is borrowed. */
struct contact	*contact_new(struct loop *, const char *upstream);

/* Tells what was left out.  NULL is fine. */
void		 contact_free(struct contact *);

/* No connection could be made; what is put before the reason, and may be "". */
void		 contact_failed(struct contact *, const char *what,
		    const char *why);

/* At one of its addresses is somebody else; there are others. */
void		 contact_strayed(struct contact *, const char *why);

/* One was made. */
void		 contact_made(struct contact *);

#endif
