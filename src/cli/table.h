/*
 * Tables for people: columns as wide as their cells, below their names.
 */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define TABLE_COLUMNS	8

/* No bound on the width of a line. */
#define TABLE_UNBOUND	SIZE_MAX

struct table_column {
	const char *name;		/* "EXPIRES" */
	bool right;			/* for numbers */
	bool bends;			/* its cells may be cut where a line
					   has not enough room */
};

struct table {
	const struct table_column *columns;	/* borrowed */
	size_t n_columns;
	char **cells;			/* row by row */
	size_t n, cap;
};

/* An empty table of at most TABLE_COLUMNS columns. */
void	table_init(struct table *, const struct table_column *, size_t n);
void	table_free(struct table *);

/* The next cell of the row, or the first of a new one; it is taken over. */
void	table_add(struct table *, char *cell);

/*
 * Appends the lines, each within width columns if cutting the cells that may be
 * cut is enough, with two blanks before and between the columns.  Blanks at the
 * end of a line, and empty cells there, are left out.  Controls in cells become
 * '?'.
 */
void	table_format(const struct table *, size_t width, struct buf *);

#endif
