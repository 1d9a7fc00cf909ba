/*
 * Files of upstreams and listeners: the authorities to trust, and our
 * certificates.
 */
#ifndef CONF_TRUST_H
#define CONF_TRUST_H

#include "conf/loader.h"

/*
 * Read the files that upstreams name, and those of listeners, into the draft
 * and check them; each may be sealed.  To be called when identities are known.
 */
void	trust_load(struct loader *);
void	trust_load_listeners(struct loader *);

/* Those of one listener, which has the index in the configuration. */
void	trust_load_listener(struct loader *, struct draft_listener *,
	    size_t index);

#endif
