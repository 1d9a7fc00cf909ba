/*
 * A configuration file's text: as it is on disk, or as it was sealed.  It is
 * kept as a secret in either case: who writes a key into the wrong file is
 * told so, and conf_load() leaves nothing of it behind in memory.
 */
#ifndef CONF_SOURCE_H
#define CONF_SOURCE_H

#include <stdbool.h>

#include "base/secret.h"
#include "base/status.h"
#include "base/text.h"
#include "seal/identity.h"
#include "seal/opener.h"

struct source {
	const char *file;	/* borrowed */
	bool sealed;		/* the text is what was sealed in it */
	struct text text;	/* followed by a NUL, inside of: */
	struct secret *bytes;
};

/* What a file must be. */
enum source_access {
	SOURCE_ANY,		/* a pipe will do */
	SOURCE_REGULAR,		/* a file on a disk: reading never waits */
	SOURCE_PRIVATE,		/* nobody but its owner may use it; it may be
				   a pipe that was passed to us */
	SOURCE_PRIVATE_OR_SEALED, /* the same, but for who may use it where it
				   is sealed */
	SOURCE_CREDENTIAL,	/* the same, and others take care of who may */
};

/* Configuration files are small; what is larger is something else. */
#define SOURCE_MAX	((size_t)16 * 1024 * 1024)

/*
 * The bytes of a file.  NULL, or why it could not be read; valid until the
 * next call.
 */
const char *source_read(struct source *, const char *file,
	    enum source_access);

/* The file that was read is an age file. */
bool	source_is_sealed(const struct source *);

/*
 * Replaces the bytes of a sealed file by its content.  Errors as of
 * seal_open_fault(); nothing has changed then.
 */
enum status source_open(struct source *, const struct identities *,
	    struct seal_fault *) MUST_CHECK;

/* The same bytes as text, to be changed. */
char	*source_writable(struct source *);

/* The bytes, as long as the text, which are the caller's now. */
struct secret *source_take(struct source *);

/* A source that was not read, or could not be, is fine. */
void	source_free(struct source *);

#endif
