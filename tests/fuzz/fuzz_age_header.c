/*
 * The header of an age file: a header that parses, written again, is the same
 * bytes up to its code.
 */
#include "fuzz.h"

#include <string.h>

#include "seal/header.h"

static void
check_stanza(const struct stanza *s)
{
	fuzz_assert(s->n_args >= 1);
	for (size_t i = 0; i < s->n_args; i++) {
		fuzz_assert(s->args[i].n != 0);
		fuzz_assert(memchr(s->args[i].p, '\n', s->args[i].n) == NULL);
	}
}

static void
write_again(const struct header *h)
{
	struct buf b;
	const struct stanza *s;

	buf_init(&b, NULL);
	header_write_start(&b);
	for (size_t i = 0; i < h->n_stanzas; i++) {
		s = &h->stanzas[i];
		header_write_stanza(&b, s->args, s->n_args,
		    (struct span){ s->body, s->n_body });
	}
	buf_append_text(&b, TEXT("---"));
	fuzz_assert(buf_len(&b) == h->signed_part.n);
	fuzz_assert(memcmp(buf_data(&b), h->signed_part.p, buf_len(&b)) == 0);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct header h;

	if (header_parse(&h, p, n) == STATUS_OK) {
		fuzz_assert(h.n_stanzas >= 1);
		fuzz_assert(h.signed_part.p == p && h.signed_part.n < n);
		for (size_t i = 0; i < h.n_stanzas; i++)
			check_stanza(&h.stanzas[i]);
		write_again(&h);
	}
	header_free(&h);
	return 0;
}
