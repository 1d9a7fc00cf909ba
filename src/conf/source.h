/*
 * A configuration file's text, read from disk or opened from a sealed file.  It
 * is kept as a secret in either case: a key in the wrong file is reported, and
 * conf_load() leaves nothing of it behind in memory.
 */
#ifndef CONF_SOURCE_H
#define CONF_SOURCE_H

#include <stdbool.h>

#include "base/file_judge.h"
#include "base/secret.h"
#include "base/status.h"
#include "base/text.h"
#include "conf/conf.h"
#include "seal/identity.h"
#include "seal/opener.h"

struct source {
	const char *file;	/* its name in messages, borrowed */
	bool sealed;		/* the text is the opened content */
	struct text text;	/* followed by a NUL, inside of: */
	struct secret *bytes;
	bool marked;		/* a byte order mark was left out */
	struct file_judge judge;	/* of the file and its folders */
};

/* What a file must be, and what it is to us: see file_judge.h. */
enum source_access {
	SOURCE_ANY,		/* obeyed; may be a pipe */
	SOURCE_REGULAR,		/* obeyed; a file on a disk: reading never
				   waits */
	SOURCE_PRIVATE,		/* a secret; it may be a pipe that was passed
				   to us */
	SOURCE_PRIVATE_OR_SEALED, /* the same, but obeyed where it is sealed */
	SOURCE_CREDENTIAL,	/* a secret that systemd passed */
};

/* The largest file that is read; configuration files are small. */
#define SOURCE_MAX	((size_t)16 * 1024 * 1024)

/*
 * The bytes of a file, without a UTF-8 byte order mark.  NULL, or why it could
 * not be read or is refused, valid until source_free().
 */
const char *source_read(struct source *, const char *file,
	    enum source_access);

/* The same for root, who will become another user. */
const char *source_read_as(struct source *, const char *file,
	    enum source_access, struct file_us);

/* The same for standard input, of whatever kind it is. */
const char *source_read_standard(struct source *);

/*
 * Standard input in messages, and for a path on a command line, where it is
 * "-".
 */
#define SOURCE_STANDARD	"standard input"
bool	source_is_standard(const char *path);
const char *source_name(const char *path);

/*
 * The path of a file, or its name in messages, as a word of a command that
 * people paste into a shell, in any folder; to be freed.
 */
char	*source_word(const char *path) __attribute__((warn_unused_result));

/*
 * The path of a file that a configuration in that folder names, to be freed.
 * No name in a configuration means standard input.
 */
char	*source_beside(const char *folder, const char *path);

/* Adds the warnings, each folder once. */
void	source_warn(const struct source *, struct conf_diagnostics *);

/* The file that was read is an age file. */
bool	source_is_sealed(const struct source *);

/*
 * Replaces the bytes of a sealed file by its content.  Errors as of
 * seal_open(); nothing has changed then.
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
