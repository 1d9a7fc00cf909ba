/*
 * An editor for a text that must not reach a disk: it gets a file in a
 * private folder in memory, where its own backups and swap files land too.
 * All of that is overwritten and removed at the end; what a killed process
 * left there is removed by the next.
 *
 * Memory that is swapped out is on a disk after all, unless swap is
 * encrypted; there is no way for an editor around that.
 */
#ifndef CLI_EDITOR_H
#define CLI_EDITOR_H

#include <stdbool.h>

#include "base/secret.h"
#include "base/text.h"

struct editor;

/*
 * A place for the text, named so that editors see what it is.  NULL after it
 * said why not: there is no file system in memory.  Signals that end the
 * program must be held back from here to editor_end().
 */
struct editor	*editor_begin(const char *name, struct text);

/*
 * Runs $VISUAL, $EDITOR or vi on it.  False after it said what went wrong:
 * the editor failed, or a signal came (which then is pending).
 */
bool		 editor_run(struct editor *);

/* What the file holds now; NULL after it said why it cannot be read. */
struct secret	*editor_text(const struct editor *);

/* The path, for messages about lines in it. */
const char	*editor_path(const struct editor *);

/* Wipes; NULL is fine. */
void		 editor_end(struct editor *);

#endif
