/*
 * Credentials of systemd; see credential.h and systemd.exec(5).
 */
#include "conf/credential.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"

/* NULL: there is none. */
static const char *
folder(void)
{
	const char *path = getenv("CREDENTIALS_DIRECTORY");

	return path != NULL && path[0] == '/' ? path : NULL;
}

bool
credential_is_there(void)
{
	return folder() != NULL;
}

bool
credential_owns(const char *path)
{
	const char *prefix = folder();

	return prefix != NULL &&
	    text_starts_with(text_of(path), text_of(prefix)) &&
	    path[strlen(prefix)] == '/' &&
	    !text_contains(text_of(path), TEXT("/../"));
}

static char *
stored_identity(void)
{
	static const char path[] = CREDENTIAL_STORE "/" CREDENTIAL_IDENTITY;

	return access(path, R_OK) == 0 ? xstrdup(path) : NULL;
}

/* A file that exists and cannot be reached is reported by its reader. */
char *
credential_identity(void)
{
	char *path;

	if (!credential_is_there())
		return stored_identity();
	path = xasprintf("%s/" CREDENTIAL_IDENTITY, folder());
	if (access(path, F_OK) == 0 || errno != ENOENT)
		return path;
	free(path);
	return NULL;
}

#define ENCRYPTED	CREDENTIAL_ENCRYPTED "/" CREDENTIAL_IDENTITY

const char *
credential_advice(void)
{
	if (credential_is_there() || access(ENCRYPTED, F_OK) != 0)
		return "";
	return "; " ENCRYPTED " holds it encrypted: add '-i -' here and put "
	    "'systemd-creds decrypt --name=" CREDENTIAL_IDENTITY " "
	    ENCRYPTED " - |' in front";
}
