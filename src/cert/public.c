/*
 * The public part of PEM files; see public.h.
 */
#include "cert/public.h"

#include <string.h>

#include "cert/pem.h"

struct text
cert_public(struct arena *memory, struct text text)
{
	char *p = arena_alloc(memory, text.n + 1);
	struct pem_block b;
	struct pem pem;
	size_t n = 0;

	pem_begin(&pem, text);
	while (pem_next(&pem, &b)) {
		if (b.kind != PEM_KIND_KEY && b.der != NULL) {
			memcpy(p + n, b.text.p, b.text.n);
			n += b.text.n;
		}
		pem_block_free(&b);
	}
	return (struct text){ .p = p, .n = n };
}
