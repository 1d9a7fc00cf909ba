/*
 * A CSV file as a table of cells (RFC 4180, and what spreadsheets make of
 * it: a byte order mark, semicolons or tabs, any line end).  Pure; the cells
 * stay in the secret that the text came in.
 */
#ifndef KEYFILE_CSV_H
#define KEYFILE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/secret.h"
#include "base/text.h"

struct csv {
	struct text *cells;	/* row by row, without space at their ends */
	unsigned *lines;	/* of the cells, from 1 */
	size_t n_cells;
	size_t *rows;		/* where each begins; one more at the end */
	size_t n_rows;		/* without empty lines */
};

/*
 * Reads a table; the text is changed on the way, and must outlive it.
 * 0, or the line of a quote that is never closed.  csv_free() in
 * either case.
 */
unsigned csv_parse(struct csv *, struct secret *);
void	csv_free(struct csv *);

/* How many cells a row has, and one of them; empty behind the last. */
size_t	csv_width(const struct csv *, size_t row);
struct text csv_cell(const struct csv *, size_t row, size_t column);

/* The line of a cell, or where there is none that of its row. */
unsigned csv_line(const struct csv *, size_t row, size_t column);

/* Columns for rows; the cells are the same texts. */
void	csv_transpose(struct csv *);

#endif
