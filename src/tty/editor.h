/*
 * Running the user's editor.
 */
#ifndef TTY_EDITOR_H
#define TTY_EDITOR_H

#include <stdbool.h>

#include "base/reasons.h"

/*
 * Runs $VISUAL, $EDITOR or vi on a file.  False, and why: the editor failed;
 * there is no reason where a signal came, which then is pending.  The caller
 * holds back the signals that end the program.
 */
bool	editor_run(const char *path, struct reasons *why);

#endif
