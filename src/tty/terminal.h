/*
 * What is asked of the person in front of us.  Questions go to
 * the terminal itself, /dev/tty, so that they work while the standard
 * streams carry something else; nothing is asked where there is none.
 */
#ifndef TTY_TERMINAL_H
#define TTY_TERMINAL_H

#include <stdbool.h>

#include "base/reasons.h"
#include "base/secret.h"

/* There is somebody to ask. */
bool	terminal_there(void);

/*
 * Asks for a line without echo.  NULL where it was ended by a signal or the
 * end of the input, or where there is no terminal (terminal_there() was
 * false), none that is ours to ask on, or one whose echo cannot be switched
 * off, which is warned of.  Whoever stops the program meanwhile (^Z) has the
 * terminal back as it was, and is asked again when it goes on.
 */
struct secret *terminal_ask_secret(const char *question, struct reasons *why);

/* Asks for a line of text, to be freed; NULL as above. */
char	*terminal_ask(const char *question);

/* "QUESTION [y/N] "; no for everything but y or yes, also if no terminal. */
bool	terminal_confirm(const char *question);

#endif
