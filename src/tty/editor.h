/*
 * The editor that somebody likes.
 */
#ifndef TTY_EDITOR_H
#define TTY_EDITOR_H

#include <stdbool.h>

#include "base/reasons.h"

/*
 * Runs $VISUAL, $EDITOR or vi on a file.  False, and
 * why: the editor failed, or for no reason where a signal came, which then is
 * pending.
 * Signals that end the program must be held back.
 */
bool	editor_run(const char *path, struct reasons *why);

#endif
