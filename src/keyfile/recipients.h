/*
 * Sets of recipients as users name them, one by one or in files.
 */
#ifndef KEYFILE_RECIPIENTS_H
#define KEYFILE_RECIPIENTS_H

#include <stdbool.h>

#include "base/reasons.h"
#include "base/text.h"
#include "seal/recipient.h"

/* Adds one, or all lines of a file with this name.  False, and why. */
bool	recipients_add_word(struct recipients *, const char *,
	    struct reasons *why);
bool	recipients_add_lines(struct recipients *, const char *file,
	    struct text, struct reasons *why);

/* Whether one of them has this text. */
bool	recipients_has(const struct recipients *, struct text);

/* Whether every one of a is one of b. */
bool	recipients_are_among(const struct recipients *a,
	    const struct recipients *b);

#endif
