/*
 * The credentials that systemd passes to a service: a folder, and in it the
 * identity that opens sealed files, where the configuration names none.
 */
#ifndef CONF_CREDENTIAL_H
#define CONF_CREDENTIAL_H

#include <stdbool.h>

/* The name of the identity. */
#define CREDENTIAL_IDENTITY	"sallyport.identity"

/* Some credentials were passed. */
bool	credential_is_there(void);

/* This path, which need not exist, is one of theirs. */
bool	credential_owns(const char *path);

/* The path of the identity, to be freed; NULL: none was passed. */
char	*credential_identity(void);

#endif
