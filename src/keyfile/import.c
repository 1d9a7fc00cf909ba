/*
 * Finding keys in tables; see import.h.
 */
#include "keyfile/import.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "keyfile/cell.h"
#include "keyfile/label.h"

/* Whether "Name,terraform" and "API key,essu_..." are below each other. */
static bool
is_upright(const struct csv *c)
{
	bool key = false;

	for (size_t r = 0; r < c->n_rows; r++) {
		enum label left, right;

		if (csv_width(c, r) != 2)
			return false;
		left = label_of(csv_cell(c, r, 0));
		right = label_of(csv_cell(c, r, 1));
		/* A key has the heading of a key on its left. */
		if (left != LABEL_KEY && cell_may_be_key(csv_cell(c, r, 1)))
			return false;
		key = key || (left == LABEL_KEY && right != LABEL_NAME &&
		    right != LABEL_EXPIRES);
	}
	/* "API key,Name" above "essu_...,terraform" is not upright. */
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
 * Whether the first row names the columns: one of its words is a known heading,
 * or all of it is words and a key stands below.  A cell above a key must be
 * either, since it might be another key, cut short.
 */
static bool
has_headings(const struct csv *c)
{
	bool known = false, words = true, keys = false;

	for (size_t i = 0; c->n_rows > 1 && i < csv_width(c, 0); i++) {
		struct text cell = csv_cell(c, 0, i);
		bool label = label_of(cell) != LABEL_NONE;
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
		    label_of(csv_cell(c, 0, i)) == LABEL_KEY;

		if ((!by_name || named) && (!by_look ||
		    column_may_be_key(c, i, import_first_row(m))))
			m->keys[m->n_keys++] = i;
	}
}

static size_t
find_labelled(const struct import *m, const struct csv *c,
    enum label label)
{
	for (size_t i = 0; m->headings && i < csv_width(c, 0); i++) {
		if (label_of(csv_cell(c, 0, i)) == label)
			return i;
	}
	return IMPORT_NO_COLUMN;
}

void
import_understand(struct import *m, struct csv *c)
{
	size_t width = 0;

	*m = (struct import){ .name = IMPORT_NO_COLUMN,
		.expires = IMPORT_NO_COLUMN, .created = IMPORT_NO_COLUMN };
	m->upright = is_upright(c);
	if (m->upright)
		csv_transpose(c);
	for (size_t r = 0; r < c->n_rows; r++) {
		if (csv_width(c, r) > width)
			width = csv_width(c, r);
	}
	m->keys = xcalloc(width + 1, sizeof(*m->keys));
	if (c->n_rows == 0)
		return;
	m->headings = has_headings(c);
	/* In the order of evidence, the best first. */
	consider(m, c, width, true, true);
	consider(m, c, width, false, true);
	consider(m, c, width, true, false);
	m->key = m->keys[0];
	m->name = find_labelled(m, c, LABEL_NAME);
	m->expires = find_labelled(m, c, LABEL_EXPIRES);
	m->created = find_labelled(m, c, LABEL_CREATED);
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
		    TEXT_ARG(heading));
		if (heading.n == 0)
			buf_printf(&all, "(column %zu)", i + 1);
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
import_find_key(const struct import *m, const struct csv *c, size_t row)
{
	if (csv_cell(c, row, m->key).n != 0)
		return IMPORT_KEY_THERE;
	return row_may_have_key(c, row) ? IMPORT_KEY_ELSEWHERE :
	    IMPORT_KEY_NONE;
}
