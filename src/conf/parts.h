/*
 * The main file and what it includes by lines of their own, outside of all
 * brackets: its parts.  Finds and reads the files, each once; the caller parses
 * them, and opens sealed ones.
 */
#ifndef CONF_PARTS_H
#define CONF_PARTS_H

#include <stdbool.h>

#include "conf/conf.h"
#include "conf/scan.h"
#include "conf/source.h"

/* The main file or one that is included. */
struct part {
	char *path;			/* see source_name() */
	struct conf_where named;	/* where; line 0: it is the main file */
	bool sealed;
	bool holds_keys;		/* set by the reader, if at all */
};

/* In the order in which they were met. */
struct parts {
	struct part *v;
	size_t n, cap;
};
void	parts_free(struct parts *);

/* The caller of a walk. */
struct parts_reader {
	/*
	 * Reads a part, opens it where it is sealed, and adds the files that it
	 * includes.  False after an error that leaves the rest without meaning.
	 */
	bool (*read)(void *ctx, struct part *, struct source *,
	    struct scan_includes *);
	void *ctx;
	bool advise;	/* the whole configuration is wanted: with warnings, and
			   advice where there is no main file */
};

/*
 * Adds all of them to the list, which may be looked at meanwhile.  Paths are
 * relative to the main file's folder.  False after an error that leaves the
 * rest without meaning: a part that the reader refuses, that cannot be read,
 * or that is included a second time or without end.
 */
bool	parts_walk(struct parts *, const char *main_file,
	    const struct parts_reader *, struct conf_diagnostics *);

/* There is no such main file; and the advice then. */
bool	parts_main_is_missing(const char *file);
#define PARTS_MISSING \
	"name the configuration with -c, or make one with 'sallyport init'"

#endif
