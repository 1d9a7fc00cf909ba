/*
 * ASCII armor: read at once or in pieces it gives the same bytes, and there is
 * only one way to armor them, except for blanks around it and CRLF.
 */
#include "fuzz.h"
#include "fuzz_age.h"

#include <string.h>

#include "base/text.h"
#include "seal/armor.h"

static enum status
unarmor(const uint8_t *p, size_t n, bool in_pieces, struct buf *out)
{
	struct seal_writer writer = fuzz_writer(out);
	struct armor_reader *r = armor_reader_new();
	uint32_t state = (uint32_t)n * 2654435761U;
	enum status status = STATUS_OK;
	size_t part;

	for (; n != 0 && status == STATUS_OK; p += part, n -= part) {
		part = in_pieces ? fuzz_piece(&state, n) : n;
		status = armor_read(r, p, part, writer);
	}
	if (status == STATUS_OK)
		status = armor_read_end(r, writer);
	armor_reader_free(r);
	return status;
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Removes blanks around it and the CR of its lines. */
static void
normalise(const uint8_t *p, size_t n, struct buf *out)
{
	while (n != 0 && is_blank(*p)) {
		p++;
		n--;
	}
	while (n != 0 && is_blank(p[n - 1]))
		n--;
	for (size_t i = 0; i < n; i++) {
		if (p[i] != '\r')
			buf_append(out, &p[i], 1);
	}
	buf_append(out, "\n", 1);
}

static void
armor(const struct buf *plain, struct buf *out)
{
	struct seal_writer writer = fuzz_writer(out);
	struct armor_sealer *s = armor_sealer_new();

	if (buf_len(plain) != 0)
		fuzz_assert(armor_seal(s, buf_data(plain), buf_len(plain),
		    writer) == STATUS_OK);
	fuzz_assert(armor_seal_end(s, writer) == STATUS_OK);
	armor_sealer_free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct buf whole, pieces, normal, again;
	enum status status;

	buf_init(&whole, NULL);
	buf_init(&pieces, NULL);
	buf_init(&normal, NULL);
	buf_init(&again, NULL);
	status = unarmor(p, n, false, &whole);
	fuzz_assert(unarmor(p, n, true, &pieces) == status);
	fuzz_assert(text_eq(buf_text(&whole), buf_text(&pieces)));
	if (status == STATUS_OK) {
		fuzz_assert(armor_is(p, n));
		normalise(p, n, &normal);
		armor(&whole, &again);
		fuzz_assert(text_eq(buf_text(&normal), buf_text(&again)));
	}
	buf_release(&whole);
	buf_release(&pieces);
	buf_release(&normal);
	buf_release(&again);
	return 0;
}
