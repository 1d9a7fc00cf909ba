/*
 * A terminal's screen that shows a text anew from time to time, until the user
 * ends it.  Signals are held back meanwhile, and the terminal is as it was when
 * the program is stopped or ends.
 */
#ifndef TTY_SCREEN_H
#define TTY_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* Whether standard output is a terminal that has a screen. */
bool	screen_there(void);

/* The columns of standard output; where they are not known, 80. */
size_t	screen_width(void);

struct screen;

/* Takes the screen of standard output. */
struct screen	*screen_new(void);

/* Gives it back; NULL is fine. */
void		 screen_free(struct screen *);

/*
 * Shows the lines of the text in place of what was there, each cut at the right
 * margin, and as many as there is room for.
 */
void		 screen_show(struct screen *, struct text);

/*
 * Waits; false when the user ended it, by q or a signal such as that of ^C,
 * which takes effect when the screen is given back.
 */
bool		 screen_wait(struct screen *, int limit_ms);

#endif
