/*
 * The options table as text for people.
 */
#ifndef CONF_REFERENCE_H
#define CONF_REFERENCE_H

#include <stdbool.h>
#include <stdio.h>

/* Every option of every group, in lines of at most 80 columns. */
void	conf_print_reference(FILE *);

/*
 * Only the options of the group with this title ("route", in any case) and of
 * those that an option of this name holds ("routes"), and in other groups the
 * option of this name.  Returns whether there are any.
 */
bool	conf_print_part(const char *name, FILE *);

/* The nearest such name; NULL: none is near. */
const char *conf_nearest_part(const char *name);

#endif
