/*
 * Tables of keys: whatever comes is read without harm, every cell lies in
 * the text, and a column that is offered is there.
 */
#include "fuzz.h"

#include <string.h>

#include "base/secret.h"
#include "cli/csv.h"
#include "cli/import.h"

static void
check_cells(const struct csv *c, const struct secret *s)
{
	const char *from = (const char *)secret_read(s);

	for (size_t r = 0; r < c->n_rows; r++) {
		for (size_t i = 0; i < csv_width(c, r); i++) {
			struct text cell = csv_cell(c, r, i);
			char name[IMPORT_NAME];

			fuzz_assert(cell.n == 0 || (cell.p >= from &&
			    cell.p + cell.n <= from + secret_len(s)));
			import_make_name(cell, name);
			fuzz_assert(strlen(name) < IMPORT_NAME);
		}
	}
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
	for (size_t i = 0; i < m.n_keys; i++)
		(void)import_heading(&m, &c, m.keys[i]);
	import_free(&m);
	csv_free(&c);
	secret_free(s);
	return 0;
}
