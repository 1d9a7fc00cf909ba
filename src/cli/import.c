/*
 * Understanding tables of keys; see import.h.
 */
#include "cli/import.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "cli/cell.h"

/* "Name,terraform" and "API key,essu_..." below each other. */
static bool
is_upright(const struct csv *c)
{
	bool key = false;

	for (size_t r = 0; r < c->n_rows; r++) {
		enum cell_label left, right;

		if (csv_width(c, r) != 2)
			return false;
		left = cell_label(csv_cell(c, r, 0));
		right = cell_label(csv_cell(c, r, 1));
		/* A key that is called so. */
		if (left != CELL_KEY && cell_may_be_key(csv_cell(c, r, 1)))
			return false;
		key = key || (left == CELL_KEY && right != CELL_NAME &&
		    right != CELL_EXPIRES);
	}
	/* "API key,Name" above "essu_...,terraform" is not. */
	return key && c->n_rows >= 2 &&
	    !cell_may_be_key(csv_cell(c, 1, 0));
}

static bool
column_may_be_key(const struct csv *c, size_t column, size_t from)
{
	for (size_t r = from; r < c->n_rows; r++) {
		if (cell_may_be_key(csv_cell(c, r, column)))
			return true;
	}
	return false;
}

/*
 * The first row names the columns: it says so with a word that is known, or
 * is made of nothing but words above a key.  What stands above a key must be
 * either, since it may be another key, cut short.
 */
static bool
has_headings(const struct csv *c)
{
	bool known = false, words = true, keys = false;

	for (size_t i = 0; c->n_rows > 1 && i < csv_width(c, 0); i++) {
		struct text cell = csv_cell(c, 0, i);
		bool label = cell_label(cell) != CELL_NO_LABEL;
		bool above_key = column_may_be_key(c, i, 1);

		if (cell_may_be_key(cell) || (above_key && cell.n != 0 &&
		    !label && !cell_is_wordy(cell)))
			return false;
		known = known || label;
		words = words && (cell.n == 0 || label || cell_is_wordy(cell));
		keys = keys || (above_key && cell.n != 0);
	}
	return known || (words && keys);
}

size_t
import_first_row(const struct import *m)
{
	return m->headings ? 1 : 0;
}

static void
consider(struct import *m, const struct csv *c, size_t width, bool by_name,
    bool by_look)
{
	if (m->n_keys != 0)
		return;
	for (size_t i = 0; i < width; i++) {
		bool named = m->headings &&
		    cell_label(csv_cell(c, 0, i)) == CELL_KEY;

		if ((!by_name || named) && (!by_look ||
		    column_may_be_key(c, i, import_first_row(m))))
			m->keys[m->n_keys++] = i;
	}
}

static size_t
find_labelled(const struct import *m, const struct csv *c,
    enum cell_label label)
{
	for (size_t i = 0; m->headings && i < csv_width(c, 0); i++) {
		if (cell_label(csv_cell(c, 0, i)) == label)
			return i;
	}
	return IMPORT_NO_COLUMN;
}

void
import_understand(struct import *m, struct csv *c)
{
	size_t width = 0;

	*m = (struct import){ .name = IMPORT_NO_COLUMN,
		.expires = IMPORT_NO_COLUMN };
	if (is_upright(c))
		csv_transpose(c);
	for (size_t r = 0; r < c->n_rows; r++) {
		if (csv_width(c, r) > width)
			width = csv_width(c, r);
	}
	m->keys = xcalloc(width + 1, sizeof(*m->keys));
	if (c->n_rows == 0)
		return;
	m->headings = has_headings(c);
	/* The best evidence first. */
	consider(m, c, width, true, true);
	consider(m, c, width, false, true);
	consider(m, c, width, true, false);
	if (m->n_keys != 0)
		import_choose(m, c, m->keys[0]);
	m->name = find_labelled(m, c, CELL_NAME);
	m->expires = find_labelled(m, c, CELL_EXPIRES);
}

void
import_choose(struct import *m, const struct csv *c, size_t column)
{
	m->key = column;
	m->by_look = column_may_be_key(c, column, import_first_row(m));
}

void
import_free(struct import *m)
{
	free(m->keys);
	*m = (struct import){ .n_keys = 0 };
}

size_t
import_find_column(const struct import *m, const struct csv *c, struct text t)
{
	uint64_t number;

	for (size_t i = 0; m->headings && i < csv_width(c, 0); i++) {
		if (text_eq_nocase(csv_cell(c, 0, i), t))
			return i;
	}
	if (c->n_rows != 0 &&
	    text_parse_u64(t, csv_width(c, c->n_rows - 1), &number) &&
	    number > 0)
		return (size_t)number - 1;
	return IMPORT_NO_COLUMN;
}

struct text
import_heading(const struct import *m, const struct csv *c, size_t column)
{
	struct text cell = m->headings ? csv_cell(c, 0, column) : TEXT("");

	return cell_may_be_shown(cell) ? cell : TEXT("");
}

char *
import_headings(const struct import *m, const struct csv *c)
{
	struct buf all;
	char *text;

	if (!m->headings)
		return NULL;
	buf_init(&all, NULL);
	for (size_t i = 0; i < csv_width(c, 0); i++) {
		struct text heading = import_heading(m, c, i);

		buf_printf(&all, "%s%.*s", i != 0 ? ", " : "",
		    TEXT_ARG(heading.n != 0 ? heading : TEXT("?")));
	}
	text = xstrndup((const char *)buf_data(&all), buf_len(&all));
	buf_release(&all);
	return text;
}

static bool
row_may_have_key(const struct csv *c, size_t row)
{
	for (size_t i = 0; i < csv_width(c, row); i++) {
		if (cell_may_be_key(csv_cell(c, row, i)))
			return true;
	}
	return false;
}

enum import_key
import_judge(const struct import *m, const struct csv *c, size_t row)
{
	struct text key = csv_cell(c, row, m->key);

	if (key.n == 0)
		return row_may_have_key(c, row) ? IMPORT_KEY_ELSEWHERE :
		    IMPORT_KEY_NONE;
	if (cell_is_damaged(key))
		return IMPORT_KEY_DAMAGED;
	return m->by_look && !cell_may_be_key(key) ? IMPORT_KEY_UNLIKE :
	    IMPORT_KEY_GOOD;
}
