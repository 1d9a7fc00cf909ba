/*
 * Tables of keys: any input is read without harm, every cell is within the
 * text, a column that is offered exists, and no message has a key or a part of
 * one.
 */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "keyfile/cell.h"
#include "keyfile/csv.h"
#include "keyfile/import.h"
#include "keyfile/import_rows.h"

static void
check_cells(const struct csv *c, const struct secret *s)
{
	const char *from = (const char *)secret_read(s);

	for (size_t r = 0; r < c->n_rows; r++) {
		for (size_t i = 0; i < csv_width(c, r); i++) {
			struct text cell = csv_cell(c, r, i);
			char name[CELL_NAME_SIZE];

			fuzz_assert(cell.n == 0 || (cell.p >= from &&
			    cell.p + cell.n <= from + secret_len(s)));
			cell_make_name(cell, name);
			fuzz_assert(strlen(name) < CELL_NAME_SIZE);
		}
	}
}

/* A text that is shown is short, and cannot be part of a key. */
static void
check_shown(const struct csv *c, const char *shown)
{
	struct text rest = text_of(shown), item;

	fuzz_assert(!text_contains(rest, TEXT("essu_")));
	for (size_t r = 0; r < c->n_rows; r++) {
		for (size_t i = 0; i < csv_width(c, r); i++) {
			struct text cell = csv_cell(c, r, i);

			fuzz_assert(!cell_looks_like_key(cell) ||
			    !text_contains(rest, cell));
		}
	}
	while (text_split(&rest, ',', &item)) {
		fuzz_assert(item.n <= 64);
		for (size_t i = 0; i < item.n; i++)
			fuzz_assert(ascii_is_alnum(item.p[i]) ||
			    ascii_is_one_of(item.p[i], " _-.()"));
	}
}

/* Messages that are constant, whatever is in the table. */
static void
check_fault(const struct csv *c, const char *text)
{
	for (size_t r = 0; r < c->n_rows; r++) {
		for (size_t i = 0; i < csv_width(c, r); i++) {
			struct text cell = csv_cell(c, r, i);

			fuzz_assert(!cell_may_be_key(cell) ||
			    cell.n < 8 || !text_contains(text_of(text), cell));
		}
	}
}

/* All messages of key import about a table before it takes its keys. */
static void
check_messages(struct import *m, const struct csv *c)
{
	const struct key_new common = { .expires = CONF_NO_TIME,
		.created = CONF_NO_TIME };
	struct import_rows rows = { .file = "t", .csv = c, .import = m,
		.options = &common };
	char *headings = import_headings(m, c);

	if (headings != NULL)
		check_shown(c, headings);
	free(headings);
	for (size_t i = 0; i < m->n_keys; i++) {
		struct text heading = import_heading(m, c, m->keys[i]);

		fuzz_assert(heading.n <= 64);
		fuzz_assert(!cell_may_be_key(heading));
	}
	if (m->n_keys == 0)
		return;
	import_rows_judge(&rows);
	for (size_t i = 0; i < rows.diagnostics.n; i++)
		check_fault(c, rows.diagnostics.v[i].text);
	import_rows_free(&rows);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct secret *s = secret_new(n);
	struct import m;
	struct csv c;

	if (n != 0)
		memcpy(secret_bytes(s), p, n);
	(void)csv_parse(&c, s);
	check_cells(&c, s);
	import_understand(&m, &c);
	check_cells(&c, s);
	fuzz_assert(m.n_keys == 0 || c.n_rows != 0);
	check_messages(&m, &c);
	import_free(&m);
	csv_free(&c);
	secret_free(s);
	return 0;
}
