/*
 * Texts in lines of at most 80 columns.
 */
#ifndef BASE_WRAP_H
#define BASE_WRAP_H

#include <stddef.h>
#include <stdio.h>

#define WRAP_WIDTH	80

/*
 * Prints the words of a text on a line that is at this column, and a newline;
 * further lines begin with indent blanks.  There is a blank before the first
 * word unless the column is indent.  A word that is too long has a line to
 * itself.
 */
void	wrap_print(const char *text, size_t column, size_t indent, FILE *);

/* The same for an item that is not divided; returns the column behind it. */
size_t	wrap_item(const char *item, size_t column, size_t indent, FILE *);

#endif
