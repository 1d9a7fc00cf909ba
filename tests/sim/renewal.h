/*
 * What listeners of TLS have in the simulated world, renewed: the texts that
 * daemon/worker_tls.c gets by daemon/tls_renewal.h, without a process that
 * encrypts them; and tickets without keys.
 */
#ifndef TESTS_SIM_RENEWAL_H
#define TESTS_SIM_RENEWAL_H

#include <stddef.h>

#include "base/text.h"

/* The next that is read: of this listener, with another certificate. */
void	renewal_set(size_t listener, struct text client_ca);

#endif
