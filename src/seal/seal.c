/*
 * Whole sealed files in memory; see seal.h.
 */
#include "seal/seal.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"
#include "seal/open.h"

bool
seal_is_sealed(const uint8_t *p, size_t n)
{
	struct text t = { .p = (const char *)p, .n = n };

	return text_starts_with(t, TEXT("age-encryption.org/")) ||
	    text_starts_with(t, TEXT("-----BEGIN AGE ENCRYPTED FILE-----"));
}

/* What was opened so far; room for all of it. */
struct collector {
	struct secret *plain;
	size_t n;
};

static enum status
collect(void *ctx, const uint8_t *p, size_t n)
{
	struct collector *c = ctx;

	assert(n <= secret_len(c->plain) - c->n);
	memcpy(secret_bytes(c->plain) + c->n, p, n);
	c->n += n;
	return STATUS_OK;
}

enum status
seal_open(const struct identities *ids, const uint8_t *sealed, size_t n,
    struct secret **plain)
{
	/* The content is always shorter than the file. */
	struct collector c = { .plain = secret_new(n) };
	struct seal_writer out = { .write = collect, .ctx = &c };
	struct opener *o = opener_new(ids);
	enum status status;

	status = opener_push(o, sealed, n, out);
	if (status == STATUS_OK)
		status = opener_end(o, out);
	opener_free(o);
	if (status != STATUS_OK) {
		secret_free(c.plain);
		return status;
	}
	secret_truncate(c.plain, c.n);
	*plain = c.plain;
	return STATUS_OK;
}
