/*
 * Our side of one client's connection: link and codec to exchanges, and who is
 * waited for.  Called by fronts.
 */
#ifndef CLIENT_FRONT_H
#define CLIENT_FRONT_H

#include <stddef.h>

#include "client/env.h"
#include "policy/principal.h"

struct front;

struct front_owner {
	struct env *env;
	size_t listener;		/* by which the clients come */
	void *owner;

	/* The front was closed; it is freed at the end of the turn. */
	void (*closed)(void *owner, struct front *);

	/*
	 * And its descriptor, at the end of that turn or, where it lingers
	 * (linger.h), some time later.
	 */
	void (*gone)(void *owner);
};

/* Its place in the owner's list. */
struct front_place {
	struct front_place *next, **prev;
	struct front *front;
};

/* Takes the descriptor and what principal points to.  Never NULL. */
struct front	*front_new(const struct front_owner *, int fd,
		    const struct principal *principal);

struct front_place *front_place(struct front *);

/* Closes it where it is idle, else when what runs has ended. */
void		 front_drain(struct front *);

/* Closes it now: exchanges that run are faults. */
void		 front_cut(struct front *);

#endif
