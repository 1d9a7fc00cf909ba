/*
 * The context of reading one source: the memory of values, the list of
 * diagnostics.
 */
#ifndef CONF_READER_H
#define CONF_READER_H

#include <stdbool.h>

#include "base/arena.h"
#include "conf/conf.h"
#include "conf/options.h"
#include "conf/tree.h"

struct reader {
	struct conf_diagnostics *diagnostics;
	struct arena *memory;		/* of the struct conf */
	struct arena *scratch;		/* of the draft */
	struct conf_texts *files;	/* files that were read; the names
					   stay */
	const char *file;		/* the one being read, one of files */
	const char *directory;		/* paths are relative to it */
	bool sealed;			/* it was sealed */
	const struct tree *presets;/* the defaults; see parse.h */
};

/* The name of a file, kept as long as the configuration. */
const char	*reader_file(struct reader *, const char *name);

struct conf_where reader_where(struct reader *, const struct setting *);

/* A path as written, made absolute or relative to our working directory. */
char		*reader_path(struct reader *, const char *path);

/* "host", "host:port", "[::1]:port"; without a port where it is 0. */
char		*reader_authority(struct reader *, const char *host,
		    uint16_t port);

/* An error at a place, and at a setting. */
void		 reader_error_at(struct reader *, struct conf_where,
		    const char *fmt, ...)
		    __attribute__((format(printf, 3, 4)));
void		 reader_error(struct reader *, const struct setting *,
		    const char *fmt, ...)
		    __attribute__((format(printf, 3, 4)));

#endif
