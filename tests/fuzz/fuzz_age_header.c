/*
 * The header of an age file: parsed from memory of exactly its size.
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

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct header h;

	if (header_parse(&h, p, n) == STATUS_OK) {
		fuzz_assert(h.n_stanzas >= 1);
		fuzz_assert(h.signed_part.p == p && h.signed_part.n < n);
		for (size_t i = 0; i < h.n_stanzas; i++)
			check_stanza(&h.stanzas[i]);
	}
	header_free(&h);
	return 0;
}
