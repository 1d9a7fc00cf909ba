/*
 * Tables for people; see table.h.  A column is counted in characters, of which
 * each is taken for one column of the terminal.
 */
#include "cli/table.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

#define GAP		2

/* What is left of a cell that is cut has at least so many characters. */
#define LEAST		8

#define CUT		"..."

void
table_init(struct table *t, const struct table_column *columns, size_t n)
{
	*t = (struct table){ .columns = columns, .n_columns = n };
}

void
table_free(struct table *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->cells[i]);
	free(t->cells);
	*t = (struct table){ .columns = NULL };
}

void
table_add(struct table *t, char *cell)
{
	if (t->n == t->cap) {
		t->cap = t->cap != 0 ? t->cap * 2 : TABLE_COLUMNS;
		t->cells = xreallocarray(t->cells, t->cap, sizeof(*t->cells));
	}
	text_defuse(cell, "");
	t->cells[t->n++] = cell;
}

static bool
begins_character(char c)
{
	return ((uint8_t)c & 0xc0) != 0x80;
}

static size_t
characters(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += begins_character(*s);
	return n;
}

/* The bytes of the first n characters, or of all of them. */
static size_t
bytes_of(const char *s, size_t n)
{
	const char *p = s;

	for (; *p != '\0'; p++) {
		if (begins_character(*p) && n-- == 0)
			break;
	}
	return (size_t)(p - s);
}

static void
measure(const struct table *t, size_t *widths)
{
	for (size_t c = 0; c < t->n_columns; c++)
		widths[c] = characters(t->columns[c].name);
	for (size_t i = 0; i < t->n; i++) {
		size_t n = characters(t->cells[i]);

		if (n > widths[i % t->n_columns])
			widths[i % t->n_columns] = n;
	}
}

/* Takes one character at a time off the widest column that may be cut. */
static void
fit(const struct table *t, size_t *widths, size_t width)
{
	size_t all = 0, widest;

	for (size_t c = 0; c < t->n_columns; c++)
		all += GAP + widths[c];
	for (; all > width; all--, widths[widest]--) {
		widest = t->n_columns;
		for (size_t c = 0; c < t->n_columns; c++) {
			if (t->columns[c].bends && widths[c] > LEAST &&
			    (widest == t->n_columns ||
			    widths[c] > widths[widest]))
				widest = c;
		}
		if (widest == t->n_columns)
			return;
	}
}

static void
append_blanks(struct buf *out, size_t n)
{
	for (; n > 0; n--)
		buf_append(out, " ", 1);
}

static void
append_cell(struct buf *out, const char *cell, size_t width, bool right,
    bool last)
{
	size_t n = characters(cell), kept = n <= width ? n :
	    width - strlen(CUT);

	append_blanks(out, right ? width - (n < width ? n : width) : 0);
	buf_append(out, cell, bytes_of(cell, kept));
	if (n > width)
		buf_append_text(out, TEXT(CUT));
	else if (!right && !last)
		append_blanks(out, width - n);
}

static void
append_row(const struct table *t, const char *const *row,
    const size_t *widths, struct buf *out)
{
	size_t last = t->n_columns - 1;

	while (last > 0 && row[last][0] == '\0')
		last--;
	for (size_t c = 0; c <= last; c++) {
		append_blanks(out, GAP);
		append_cell(out, row[c], widths[c], t->columns[c].right,
		    c == last);
	}
	buf_append(out, "\n", 1);
}

void
table_format(const struct table *t, size_t width, struct buf *out)
{
	size_t widths[TABLE_COLUMNS];
	const char *names[TABLE_COLUMNS];

	measure(t, widths);
	fit(t, widths, width);
	for (size_t c = 0; c < t->n_columns; c++)
		names[c] = t->columns[c].name;
	append_row(t, names, widths, out);
	for (size_t i = 0; i < t->n; i += t->n_columns)
		append_row(t, (const char *const *)t->cells + i, widths, out);
}
