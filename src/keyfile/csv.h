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
	struct text *cells;	/* row by row, trimmed */
	unsigned *lines;	/* of the cells, from 1 */
	size_t n_cells;
	size_t *rows;		/* where each begins, and the end of the last */
	size_t n_rows;		/* without empty lines */
};

/*
 * Reads a table; the text is changed on the way, and must outlive it.  Returns
 * 0, or the line of a quote that is never closed.  csv_free() it in either
 * case.
 */
unsigned csv_parse(struct csv *, struct secret *);
void	csv_free(struct csv *);

/* The number of cells in a row, and one of them; empty behind the last. */
size_t	csv_width(const struct csv *, size_t row);
struct text csv_cell(const struct csv *, size_t row, size_t column);

/* The line of a cell, or of its row where there is no such cell. */
unsigned csv_line(const struct csv *, size_t row, size_t column);

/* Exchanges rows and columns; the cells are the same texts. */
void	csv_transpose(struct csv *);

#endif
