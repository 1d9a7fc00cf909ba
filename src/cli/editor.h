/*
 * The editor that somebody likes.
 */
#ifndef CLI_EDITOR_H
#define CLI_EDITOR_H

#include <stdbool.h>

/*
 * Runs $VISUAL, $EDITOR or vi on a file.  False after it said what went
 * wrong: the editor failed, or a signal came (which then is pending).
 * Signals that end the program must be held back.
 */
bool	editor_run(const char *path);

#endif
