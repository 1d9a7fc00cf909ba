/*
 * Keys in a table whose layout nobody documented, such as the one that the
 * Elastic Cloud console offers for download.  They are found by the name of a
 * column or by the look of a key.  Pure.
 */
#ifndef KEYFILE_IMPORT_H
#define KEYFILE_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "keyfile/csv.h"

#define IMPORT_NO_COLUMN	SIZE_MAX

/* How the columns of a table are understood. */
struct import {
	bool headings;		/* the first row names the columns, and holds
				   no key nor part of one */
	bool upright;		/* it was turned: its columns were lines */
	size_t *keys;		/* columns that may hold keys */
	size_t n_keys;
	size_t key;		/* the first of them, until one is chosen */
	size_t name;		/* a column, or IMPORT_NO_COLUMN */
	size_t expires, created;
};

/*
 * Finds out how a table is laid out; it is transposed where its first column
 * holds the names.  n_keys is 1 where all is clear.  import_free() it.
 */
void		 import_understand(struct import *, struct csv *);
void		 import_free(struct import *);

/*
 * The column that the user means, by its heading or its number from 1;
 * IMPORT_NO_COLUMN if there is none.
 */
size_t		 import_find_column(const struct import *, const struct csv *,
		    struct text);

/*
 * What to call a column: its heading, where that is one of those known or made
 * of words; else empty.  Nothing else in a table is ever shown, since it may be
 * part of a key.
 */
struct text	 import_heading(const struct import *, const struct csv *,
		    size_t column);

/*
 * All of them, "Name, (column 2), API key", to be freed; NULL: there are none.
 */
char		*import_headings(const struct import *, const struct csv *);

/* The first row after the headings. */
size_t		 import_first_row(const struct import *);

/* Where the key of a row is. */
enum import_key {
	IMPORT_KEY_THERE,	/* in its column */
	IMPORT_KEY_NONE,	/* the row has none: perhaps a remark */
	IMPORT_KEY_ELSEWHERE,	/* it is in another column */
};
enum import_key	 import_find_key(const struct import *, const struct csv *,
		    size_t row);

#endif
