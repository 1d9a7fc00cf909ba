/*
 * The lines at the end of the text of a sealed file in which its recipients are
 * noted: an age file does not tell its recipients.  Pure; knows neither what a
 * recipient is nor whether the lines are true.
 */
#ifndef KEYFILE_NOTES_H
#define KEYFILE_NOTES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"
#include "base/text.h"

/* The text without the lines, and the lines: empty if there are none. */
struct text	 notes_split(struct text, struct text *lines);

/* Takes the next recipient from such lines.  False at their end. */
bool		 notes_next(struct text *lines, struct text *recipient);

/*
 * The body followed by lines for these recipients; the caller's.  Without
 * recipients it is a copy.
 */
struct secret	*notes_write(struct text body, const char *const *recipients,
		    size_t n);

#endif
