/*
 * Questions to the user.  They go to the terminal itself, /dev/tty, so that
 * they work while the standard streams carry something else; without a terminal
 * nothing is asked.
 */
#ifndef TTY_TERMINAL_H
#define TTY_TERMINAL_H

#include <stdbool.h>

#include "base/reasons.h"
#include "base/secret.h"

/* Whether there is a terminal to ask on. */
bool	terminal_there(void);

/*
 * Asks for a line without echo.  NULL where it was ended by a signal or the end
 * of the input, or where there is no terminal (terminal_there() was false),
 * none that is ours to ask on, or one whose echo cannot be switched off, which
 * is warned of.  A user who stops the program meanwhile (^Z) has the terminal
 * back as it was, and is asked again when the program continues.
 */
struct secret *terminal_ask_secret(const char *question, struct reasons *why);

/* Asks for a line of text, to be freed; NULL as above. */
char	*terminal_ask(const char *question);

/*
 * Asks "QUESTION [y/N] "; false for any answer but y or yes, also without a
 * terminal.
 */
bool	terminal_confirm(const char *question);

#endif
