/*
 * The credentials that systemd passes to a service: a folder, and in it the
 * identity that opens sealed files, where the configuration names none.
 */
#ifndef CONF_CREDENTIAL_H
#define CONF_CREDENTIAL_H

#include <stdbool.h>

/* The name of the identity. */
#define CREDENTIAL_IDENTITY	"sallyport.identity"

/* Where LoadCredential= without a path finds credentials (systemd.exec(5)). */
#define CREDENTIAL_STORE	"/etc/credstore"
#define CREDENTIAL_ENCRYPTED	"/etc/credstore.encrypted"

/* Some credentials were passed. */
bool	credential_is_there(void);

/* This path, which need not exist, is one of theirs. */
bool	credential_owns(const char *path);

/*
 * The path of the identity, to be freed; NULL: there is none.  A process to
 * which systemd passed nothing finds it where systemd would take it from, in
 * CREDENTIAL_STORE, if it may read there: so root's commands open what the
 * service does.
 */
char	*credential_identity(void);

/*
 * What to do where there is none, as the end of a message; "" unless it is
 * there, but encrypted, and so only for systemd.
 */
const char	*credential_advice(void);

#endif
