/*
 * The rows of a table of keys, judged as a whole before any of them is used:
 * all errors are collected with their lines.  Shows nothing that is in the
 * table.
 */
#ifndef KEYFILE_IMPORT_ROWS_H
#define KEYFILE_IMPORT_ROWS_H

#include <stddef.h>
#include <stdint.h>

#include "base/secret.h"
#include "conf/conf.h"
#include "keyfile/csv.h"
#include "keyfile/import.h"
#include "keyfile/key_new.h"

/* A row that holds a key. */
struct import_row {
	size_t row;
	unsigned line;
	char *name;
	struct secret *value;		/* NULL: it is not a key */
	int64_t expires, created;	/* or CONF_NO_TIME */
};

struct import_rows {
	const char *file;		/* for messages */
	const struct csv *csv;
	const struct import *import;	/* its column is chosen */
	const struct key_new *options;	/* for all of them; a name only where
					   there is one key */
	struct import_row *v;
	size_t n;
	struct conf_diagnostics diagnostics;
};

/* Fills in v and diagnostics.  import_rows_free() wipes the values. */
void	import_rows_judge(struct import_rows *);
void	import_rows_free(struct import_rows *);

#endif
