/*
 * Keys in a table whose layout nobody documented, such as the one that the
 * Elastic Cloud console offers for download: found by the name of a column
 * or by the look of a key.  Pure.
 */
#ifndef CLI_IMPORT_H
#define CLI_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "cli/csv.h"

#define IMPORT_NO_COLUMN	SIZE_MAX

/* How the columns of a table are understood. */
struct import {
	bool headings;		/* the first row names the columns */
	size_t *keys;		/* columns that may hold keys */
	size_t n_keys;
	size_t name;		/* a column, or IMPORT_NO_COLUMN */
	size_t expires;
};

/*
 * Looks at a table, which is transposed where its first column is what
 * names things.  n_keys is 1 where all is clear.  import_free() it.
 */
void		 import_understand(struct import *, struct csv *);
void		 import_free(struct import *);

/*
 * The column that the user means: its heading or its number from 1;
 * IMPORT_NO_COLUMN where there is none like that.
 */
size_t		 import_find_column(const struct import *, const struct csv *,
		    struct text);

/* What to call a column: its heading, or empty. */
struct text	 import_heading(const struct import *, const struct csv *,
		    size_t column);

/*
 * The text has the look of a key of Elastic Cloud ("essu_...") or of
 * Elasticsearch and ECE (base64 of parts with ":" between).
 */
bool		 import_looks_like_key(struct text);

/*
 * A name that a key may have, made of any text: what may not be in it
 * becomes "-".  out takes IMPORT_NAME bytes; empty where nothing is left.
 */
#define IMPORT_NAME	65
void		 import_make_name(struct text, char *out);

#endif
