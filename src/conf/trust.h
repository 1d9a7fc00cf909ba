/*
 * Files of upstreams: the authorities to trust, and our certificate for the
 * upstream.
 */
#ifndef CONF_TRUST_H
#define CONF_TRUST_H

#include "conf/loader.h"

/*
 * Reads the files that upstreams name into the draft and checks them; each may
 * be sealed.  To be called when identities are known.
 */
void	trust_load(struct loader *);

#endif
