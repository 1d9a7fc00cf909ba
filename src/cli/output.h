/*
 * Where a verb writes bytes: a file that appears only when it is complete,
 * or standard output.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/replace.h"
#include "base/status.h"
#include "seal/writer.h"

struct output {
	const char *name;	/* for messages */
	struct replacement *file;	/* or: */
	int fd;
	uint64_t n;		/* bytes so far */
};

/*
 * path NULL or "-" is standard output; to a device or pipe it writes directly.
 * False after printing why not.  After true, output_end() it: as long as there
 * is an incomplete file, signals that end the program are held back.
 */
bool		 output_begin(struct output *, const char *path);

/* Whether it is standard output, and that is a terminal. */
bool		 output_is_terminal(const struct output *);

/* A writer for src/seal; it fails with STATUS_SYSTEM and errno. */
struct seal_writer output_writer(struct output *);

/* All was written: the file appears.  False after printing why not. */
bool		 output_commit(struct output *);

/* Removes a file that was not committed. */
void		 output_end(struct output *);

#endif
