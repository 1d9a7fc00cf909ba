/*
 * Rows of keys; see import_rows.h.  Knows no sealed file.
 */
#include "keyfile/import_rows.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/date.h"
#include "base/lookup.h"
#include "conf/value.h"
#include "keyfile/cell.h"
#include "keyfile/key_value.h"

/* One row. */

/* NULL: it has no name, or an error was added. */
static char *
find_name(struct import_rows *r, const struct import_row *e)
{
	char name[CELL_NAME_SIZE];
	const char *why;
	struct text cell;

	if (r->options->name != NULL)
		return xstrdup(r->options->name);
	if (r->import->name == IMPORT_NO_COLUMN)
		return NULL;
	cell = csv_cell(r->csv, e->row, r->import->name);
	cell_make_name(cell, name);
	why = cell_may_be_key(cell) ?
	    "looks like a key itself, not like the name of one" :
	    value_name(text_of(name));
	if (why == NULL)
		return xstrdup(name);
	conf_error(&r->diagnostics, r->file, csv_line(r->csv, e->row,
	    r->import->name), "the name of the key: %s", why);
	return NULL;
}

/* The time in a column; CONF_NO_TIME if there is none, or it cannot be read. */
static int64_t
read_time(struct import_rows *r, const struct import_row *e, size_t column,
    int64_t now, const char *warning)
{
	struct text cell = column == IMPORT_NO_COLUMN ? TEXT("") :
	    csv_cell(r->csv, e->row, column);
	int64_t seconds;

	if (cell.n == 0 || date_is_none(cell))
		return CONF_NO_TIME;
	if (date_parse_lenient(cell, now, &seconds))
		return seconds;
	conf_warning(&r->diagnostics, r->file, csv_line(r->csv, e->row, column),
	    "%s", warning);
	return CONF_NO_TIME;
}

/* The options' own times have been checked already. */
static void
find_times(struct import_rows *r, struct import_row *e)
{
	int64_t now = clock_wall() / NS_PER_S;

	e->expires = r->options->expires;
	if (e->expires == CONF_NO_TIME) {
		e->expires = read_time(r, e, r->import->expires, now, "the "
		    "expiry is written in a way that is not understood, and "
		    "left out: give it with --expires");
		if (e->expires != CONF_NO_TIME && e->expires <= now)
			conf_warning(&r->diagnostics, r->file, csv_line(r->csv,
			    e->row, r->import->expires), "the key has "
			    "expired");
	}
	e->created = r->options->created;
	if (e->created == CONF_NO_TIME)
		e->created = read_time(r, e, r->import->created, now, "when "
		    "the key was made is written in a way that is not "
		    "understood: taken to be now");
}

/* Whether this row has a key. */
static bool
has_key(struct import_rows *r, const struct import_row *e)
{
	switch (import_find_key(r->import, r->csv, e->row)) {
	case IMPORT_KEY_THERE:
		return true;
	case IMPORT_KEY_NONE:
		conf_warning(&r->diagnostics, r->file, e->line,
		    "holds no key, and is left out");
		return false;
	case IMPORT_KEY_ELSEWHERE:
		conf_error(&r->diagnostics, r->file, e->line, "its key is not "
		    "in column %zu", r->import->key + 1);
		return false;
	}
	return false;
}

static void
take_value(struct import_rows *r, struct import_row *e)
{
	struct key_value v;

	key_value_read(&v, csv_cell(r->csv, e->row, r->import->key),
	    r->options->field, r->options->scheme);
	if (v.value == NULL)
		conf_error(&r->diagnostics, r->file, e->line, "the value of "
		    "the key %s", v.refused);
	for (size_t i = 0; i < v.n_remarks; i++)
		conf_warning(&r->diagnostics, r->file, e->line, "the key %s",
		    v.remarks[i]);
	e->value = v.value;
	v.value = NULL;
	key_value_free(&v);
}

static void
judge_row(struct import_rows *r, size_t row)
{
	struct import_row e = { .row = row,
		.line = csv_line(r->csv, row, r->import->key) };

	if (!has_key(r, &e))
		return;
	take_value(r, &e);
	e.name = find_name(r, &e);
	find_times(r, &e);
	r->v[r->n++] = e;
}

/* All of them. */

static void
find_twins(struct import_rows *r)
{
	struct lookup names = { .n = 0 };

	for (size_t i = 0; i < r->n; i++) {
		const struct import_row *e = &r->v[i];
		size_t first = e->name == NULL ? LOOKUP_NONE :
		    lookup_add(&names, e->name, i);

		if (first != LOOKUP_NONE)
			conf_error(&r->diagnostics, r->file, e->line, "the key "
			    "has the same name as that of line %u",
			    r->v[first].line);
	}
	lookup_free(&names);
}

/* Errors of the table as a whole, at the row where they show. */
static void
judge_table(struct import_rows *r)
{
	const char *name = r->options->name;

	if (r->n == 0 && r->diagnostics.n_errors == 0)
		conf_error(&r->diagnostics, r->file, csv_line(r->csv, 0, 0),
		    "that column is empty");
	if (name != NULL && r->n > 1)
		conf_error(&r->diagnostics, r->file, r->v[1].line, "a second "
		    "key, of %zu, and --name is for one", r->n);
	if (name == NULL && r->n != 0 &&
	    r->import->name == IMPORT_NO_COLUMN)
		conf_error(&r->diagnostics, r->file, r->v[0].line, "nothing "
		    "names the key%s: %s", r->n == 1 ? "" : "s", r->n == 1 ?
		    "give a name with --name" : "a column called 'name' is "
		    "needed");
	if (name == NULL)
		find_twins(r);
}

void
import_rows_judge(struct import_rows *r)
{
	const struct conf_texts none = { .v = NULL };

	r->v = xcalloc(r->csv->n_rows, sizeof(*r->v));
	for (size_t i = import_first_row(r->import); i < r->csv->n_rows; i++)
		judge_row(r, i);
	judge_table(r);
	conf_diagnostics_sort(&r->diagnostics, &none);
}

void
import_rows_free(struct import_rows *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].name);
		secret_free(r->v[i].value);
	}
	free(r->v);
	conf_diagnostics_free(&r->diagnostics);
	*r = (struct import_rows){ .v = NULL };
}
