/*
 * Reading CSV; see csv.h.  Knows nothing of keys.
 */
#include "keyfile/csv.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/encoding.h"

struct parser {
	struct csv *csv;
	char *p, *end;
	char separator;
	unsigned line;
	unsigned open_quote;	/* line of a quote that was not closed */
};

/* The separator that occurs most often in the first line, outside of quotes. */
static char
find_separator(const char *p, const char *end)
{
	static const char candidates[] = ",;\t|";
	size_t count[sizeof(candidates) - 1] = { 0 }, best = 0;
	bool quoted = false;

	for (; p < end && (quoted || (*p != '\n' && *p != '\r')); p++) {
		const char *at = *p == '\0' ? NULL : strchr(candidates, *p);

		if (*p == '"')
			quoted = !quoted;
		else if (!quoted && at != NULL)
			count[at - candidates]++;
	}
	for (size_t i = 1; i < sizeof(count) / sizeof(count[0]); i++) {
		if (count[i] > count[best])
			best = i;
	}
	return candidates[best];
}

static bool
ends_cell(const struct parser *p)
{
	return p->p == p->end || *p->p == p->separator || *p->p == '\n' ||
	    *p->p == '\r';
}

/* Counts any line end: "\n", "\r\n" or "\r". */
static void
count_line(struct parser *p)
{
	if (*p->p == '\n' || (*p->p == '\r' &&
	    (p->p + 1 == p->end || p->p[1] != '\n')))
		p->line++;
}

/* The content of a quoted cell, with its quotes undoubled in place. */
static struct text
read_quoted(struct parser *p)
{
	char *from = ++p->p, *to = from;
	unsigned line = p->line;

	for (; p->p < p->end; p->p++) {
		if (*p->p == '"' && (++p->p == p->end || *p->p != '"'))
			return text_range(from, to);
		count_line(p);
		*to++ = *p->p;
	}
	p->open_quote = line;
	return text_range(from, to);
}

static struct text
read_cell(struct parser *p)
{
	char *from;
	struct text cell;

	while (p->p < p->end && *p->p == ' ')
		p->p++;
	from = p->p;
	if (p->p == p->end || *p->p != '"') {
		while (!ends_cell(p))
			p->p++;
		return text_trim(text_range(from, p->p));
	}
	cell = text_trim(read_quoted(p));
	/* Text behind a closing quote belongs to no cell. */
	while (!ends_cell(p))
		p->p++;
	return cell;
}

static void
add_cell(struct csv *c, struct text cell, unsigned line)
{
	if ((c->n_cells & (c->n_cells - 1)) == 0) {
		size_t n = c->n_cells == 0 ? 1 : c->n_cells * 2;

		c->cells = xreallocarray(c->cells, n, sizeof(*c->cells));
		c->lines = xreallocarray(c->lines, n, sizeof(*c->lines));
	}
	c->cells[c->n_cells] = cell;
	c->lines[c->n_cells++] = line;
}

/* Ends the row that began at a cell; drops it if all of it is empty. */
static void
add_row(struct csv *c, size_t begin)
{
	bool empty = true;

	for (size_t i = begin; i < c->n_cells; i++)
		empty = empty && c->cells[i].n == 0;
	if (empty) {
		c->n_cells = begin;
		return;
	}
	/* Room for the end of the last row, too. */
	if ((c->n_rows & (c->n_rows - 1)) == 0)
		c->rows = xreallocarray(c->rows, c->n_rows * 2 + 2,
		    sizeof(*c->rows));
	c->rows[c->n_rows++] = begin;
	c->rows[c->n_rows] = c->n_cells;
}

static void
read_row(struct parser *p)
{
	struct csv *c = p->csv;
	size_t begin = c->n_cells;
	bool more;

	do {
		unsigned line = p->line;

		add_cell(c, read_cell(p), line);
		more = p->p < p->end && *p->p == p->separator;
		if (more)
			p->p++;
	} while (more);
	add_row(c, begin);
	if (p->p < p->end && *p->p == '\r') {
		count_line(p);
		p->p++;
	}
	if (p->p < p->end && *p->p == '\n') {
		count_line(p);
		p->p++;
	}
}

unsigned
csv_parse(struct csv *c, struct secret *text)
{
	struct parser p = { .csv = c, .line = 1 };

	*c = (struct csv){ .n_rows = 0 };
	p.p = (char *)secret_bytes(text);
	p.end = p.p + secret_len(text);
	p.p += encoding_mark(secret_text(text));
	p.separator = find_separator(p.p, p.end);
	while (p.p < p.end && p.open_quote == 0)
		read_row(&p);
	return p.open_quote;
}

void
csv_free(struct csv *c)
{
	free(c->cells);
	free(c->lines);
	free(c->rows);
	*c = (struct csv){ .n_rows = 0 };
}

size_t
csv_width(const struct csv *c, size_t row)
{
	return c->rows[row + 1] - c->rows[row];
}

struct text
csv_cell(const struct csv *c, size_t row, size_t column)
{
	if (column >= csv_width(c, row))
		return TEXT("");
	return c->cells[c->rows[row] + column];
}

unsigned
csv_line(const struct csv *c, size_t row, size_t column)
{
	if (column >= csv_width(c, row))
		column = 0;
	return c->lines[c->rows[row] + column];
}

void
csv_transpose(struct csv *c)
{
	struct csv t = { .n_rows = 0 };
	size_t width = 0;

	for (size_t r = 0; r < c->n_rows; r++) {
		if (csv_width(c, r) > width)
			width = csv_width(c, r);
	}
	for (size_t column = 0; column < width; column++) {
		size_t begin = t.n_cells;

		for (size_t r = 0; r < c->n_rows; r++)
			add_cell(&t, csv_cell(c, r, column),
			    csv_line(c, r, column));
		add_row(&t, begin);
	}
	csv_free(c);
	*c = t;
}
