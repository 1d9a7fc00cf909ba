/*
 * Files of upstreams: whom they trust, who they are to whom they call.
 */
#ifndef CONF_TRUST_H
#define CONF_TRUST_H

#include "conf/loader.h"

/*
 * Reads the files that upstreams name into the draft, each of which may be
 * sealed, and looks into them; when identities are known.
 */
void	trust_load(struct loader *);

#endif
