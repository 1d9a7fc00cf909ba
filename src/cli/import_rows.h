/*
 * The rows of a table of keys, judged as a whole before any of them is used:
 * what is wrong is collected with its line.  Shows nothing that is in the
 * table.
 */
#ifndef CLI_IMPORT_ROWS_H
#define CLI_IMPORT_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/csv.h"
#include "cli/import.h"
#include "conf/conf.h"

/* A row that holds a key. */
struct import_row {
	size_t row;
	unsigned line;
	char *name;
	char *expires;			/* NULL: none */
	bool unlike;			/* it may be no key at all */
};

struct import_rows {
	const char *file;		/* for messages */
	const struct csv *csv;
	const struct import *import;	/* a column was chosen */
	const char *name, *expires;	/* for the one key; NULL: as written */
	bool force;			/* take what does not look like one */
	struct import_row *v;
	size_t n;
	struct conf_faults faults;
};

/*
 * Fills in v and faults.  May ask on the terminal about what does not look like
 * a key, where nothing else is wrong.  import_rows_free() it.
 */
void	import_rows_judge(struct import_rows *);
void	import_rows_free(struct import_rows *);

#endif
