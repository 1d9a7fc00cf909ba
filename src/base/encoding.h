/* Texts as Windows programs write them: UTF-8 behind a mark, or UTF-16. */
#ifndef BASE_ENCODING_H
#define BASE_ENCODING_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

/* The length of a UTF-8 byte order mark at the beginning of a text, or 0. */
size_t	encoding_mark(struct text);

/*
 * The text is in UTF-16, in either byte order: it has its mark, or every
 * second byte at its beginning is NUL.  False where that is not certain.
 */
bool	encoding_is_utf16(struct text);

#endif
