/*
 * The options table as text for people.
 */
#ifndef CONF_REFERENCE_H
#define CONF_REFERENCE_H

#include <stdio.h>

/* Every option of every group, in lines of at most 80 columns. */
void	conf_print_reference(FILE *);

#endif
