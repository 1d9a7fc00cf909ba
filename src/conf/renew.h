/*
 * The files of a listener's TLS, read anew for a configuration that serves: by
 * the same rules as when it was loaded, and without anything else of it.
 */
#ifndef CONF_RENEW_H
#define CONF_RENEW_H

#include <stdbool.h>
#include <stddef.h>

#include "cert/span.h"
#include "conf/conf.h"

struct conf_renewal {
	struct conf_listener_tls tls;
	struct cert_span span[CONF_TLS_FILES];	/* of those files that have an
						   end; else all zero */
	struct conf_memory *memory;
};

/*
 * False: they cannot be used, and each reason is an error in the list, which
 * may have warnings in either case.  The result is then to be freed.
 */
bool	conf_renew(const struct conf *, size_t listener,
	    const struct conf_opening *, struct conf_renewal *,
	    struct conf_diagnostics *);

/* Wipes the key. */
void	conf_renewal_free(struct conf_renewal *);

/* They serve: the warnings of their ends are for these from now on. */
void	conf_renewed(struct conf *, size_t listener,
	    const struct cert_span span[CONF_TLS_FILES]);

#endif
