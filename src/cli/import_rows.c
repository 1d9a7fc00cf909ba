/*
 * Rows of keys; see import_rows.h.  Knows no sealed file.
 */
#include "cli/import_rows.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/lookup.h"
#include "cli/cell.h"
#include "cli/terminal.h"
#include "conf/value.h"
#include "proxy/expiry.h"

/* One row. */

/* NULL: it has none, or after it said why not. */
static char *
find_name(struct import_rows *r, const struct import_row *e)
{
	char name[CELL_NAME_SIZE];
	const char *why;
	struct text cell;

	if (r->name != NULL)
		return xstrdup(r->name);
	if (r->import->name == IMPORT_NO_COLUMN)
		return NULL;
	cell = csv_cell(r->csv, e->row, r->import->name);
	cell_make_name(cell, name);
	why = cell_may_be_key(cell) ?
	    "looks like a key itself, not like the name of one" :
	    value_name(text_of(name));
	if (why == NULL)
		return xstrdup(name);
	conf_fault(&r->faults, r->file, e->line, "the name of the key: %s",
	    why);
	return NULL;
}

/* RFC 3339, or NULL: none, never, or not to be read. */
static char *
find_expiry(struct import_rows *r, const struct import_row *e)
{
	struct text cell = r->import->expires == IMPORT_NO_COLUMN ?
	    TEXT("") : csv_cell(r->csv, e->row, r->import->expires);
	char text[CLOCK_TEXT];
	int64_t seconds;

	if (r->expires != NULL)
		return xstrdup(r->expires);
	if (cell.n == 0 || text_eq_nocase(cell, TEXT("never")) ||
	    text_eq(cell, TEXT("-")))
		return NULL;
	if (expiry_parse(cell, &seconds)) {
		(void)clock_format_s(text, seconds);
		return xstrdup(text);
	}
	conf_warning(&r->faults, r->file, e->line, "the expiry is written "
	    "in a way that is not understood, and left out: give it with "
	    "--expires");
	return NULL;
}

/* There is a key in this row. */
static bool
has_key(struct import_rows *r, struct import_row *e)
{
	switch (import_judge(r->import, r->csv, e->row)) {
	case IMPORT_KEY_GOOD:
		return true;
	case IMPORT_KEY_NONE:
		conf_warning(&r->faults, r->file, e->line,
		    "holds no key, and is left out");
		return false;
	case IMPORT_KEY_ELSEWHERE:
		conf_fault(&r->faults, r->file, e->line, "its key is not "
		    "in column %zu", r->import->key + 1);
		return false;
	case IMPORT_KEY_DAMAGED:
		conf_warning(&r->faults, r->file, e->line, "the key looks "
		    "mistyped: the check sum inside does not match; is part "
		    "of it missing?");
		return true;
	case IMPORT_KEY_UNLIKE:
		break;
	}
	e->unlike = true;
	return true;
}

static void
judge_row(struct import_rows *r, size_t row)
{
	struct import_row e = { .row = row,
		.line = csv_line(r->csv, row, r->import->key) };
	struct text value = csv_cell(r->csv, row, r->import->key);
	const char *why;

	if (!has_key(r, &e))
		return;
	why = value_secret(value);
	if (why != NULL)
		conf_fault(&r->faults, r->file, e.line, "the value of "
		    "the key %s", why);
	e.name = find_name(r, &e);
	e.expires = find_expiry(r, &e);
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
			conf_fault(&r->faults, r->file, e->line, "the key "
			    "has the same name as that of line %u",
			    r->v[first].line);
	}
	lookup_free(&names);
}

/* Where all else is good there may be somebody to ask. */
static void
settle_doubts(struct import_rows *r)
{
	static const char doubt[] = "this does not look like a key, as others "
	    "in its column do; is part of it missing?";
	bool ask = r->faults.n_fatal == 0 && terminal_there();

	for (size_t i = 0; i < r->n; i++) {
		const struct import_row *e = &r->v[i];

		if (!e->unlike)
			continue;
		if (ask && !r->force)
			terminal_warn("%s:%u: %s", r->file, e->line, doubt);
		if (r->force)
			conf_warning(&r->faults, r->file, e->line, "%s",
			    doubt);
		else if (!ask)
			conf_fault(&r->faults, r->file, e->line, "%s "
			    "(--force takes it all the same)", doubt);
		else if (!terminal_confirm("Take it all the same?"))
			conf_fault(&r->faults, r->file, e->line,
			    "the key was not taken");
	}
}

/* What holds for the table as a whole. */
static void
judge_table(struct import_rows *r)
{
	if (r->n == 0 && r->faults.n_fatal == 0)
		conf_fault(&r->faults, r->file, 0, "that column is empty");
	if (r->name != NULL && r->n > 1)
		conf_fault(&r->faults, r->file, 0, "holds %zu keys, and "
		    "--name is for one", r->n);
	if (r->name == NULL && r->n != 0 &&
	    r->import->name == IMPORT_NO_COLUMN)
		conf_fault(&r->faults, r->file, 0, "does not name the key%s: "
		    "%s", r->n == 1 ? "" : "s", r->n == 1 ?
		    "give a name with --name" : "a column called 'name' is "
		    "needed");
	if (r->name == NULL)
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
	settle_doubts(r);
	conf_faults_sort(&r->faults, &none);
}

void
import_rows_free(struct import_rows *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].name);
		free(r->v[i].expires);
	}
	free(r->v);
	conf_faults_free(&r->faults);
	*r = (struct import_rows){ .v = NULL };
}
