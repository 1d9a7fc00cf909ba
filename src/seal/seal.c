/*
 * Whole sealed files in memory; see seal.h.
 */
#include "seal/seal.h"

#include <assert.h>
#include <string.h>

#include "base/encoding.h"
#include "base/text.h"
#include "seal/armor.h"
#include "seal/opener.h"
#include "seal/sealer.h"

bool
seal_is_sealed(const uint8_t *p, size_t n)
{
	struct text t = { .p = (const char *)p, .n = n };
	size_t mark = encoding_mark(t);

	return text_starts_with(t, TEXT("age-encryption.org/")) ||
	    armor_is(p + mark, n - mark);
}

/* The content opened so far, with room for all of it. */
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
    struct secret **plain, struct seal_fault *fault)
{
	/* The content is always shorter than the file: zeros follow it. */
	struct collector c = { .plain = secret_new(n) };
	struct seal_writer out = { .write = collect, .ctx = &c };
	struct opener *o = opener_new(ids);
	enum status status;

	status = opener_push(o, sealed, n, out);
	if (status == STATUS_OK)
		status = opener_end(o, out);
	if (fault != NULL)
		*fault = opener_fault(o);
	opener_free(o);
	if (status != STATUS_OK) {
		secret_free(c.plain);
		return status;
	}
	secret_truncate(c.plain, c.n);
	*plain = c.plain;
	return STATUS_OK;
}

static enum status
append(void *ctx, const uint8_t *p, size_t n)
{
	buf_append(ctx, p, n);
	return STATUS_OK;
}

enum status
seal_close(const struct recipients *recipients, bool armored,
    const uint8_t *plain, size_t n, struct buf *sealed)
{
	struct seal_writer out = { .write = append, .ctx = sealed };
	struct sealer *s;
	enum status status;

	status = sealer_new(recipients, armored, &s);
	if (status != STATUS_OK)
		return status;
	status = sealer_push(s, plain, n, out);
	if (status == STATUS_OK)
		status = sealer_end(s, out);
	sealer_free(s);
	return status;
}

enum status
seal_read_identities(struct identities *ids, const struct identities *by,
    const uint8_t *p, size_t n, struct seal_fault *fault)
{
	struct secret *plain;
	enum status status;

	*fault = (struct seal_fault){ .line = 0 };
	if (!seal_is_sealed(p, n))
		return identities_parse(ids, p, n, &fault->line);
	status = seal_open(by, p, n, &plain, fault);
	if (status != STATUS_OK)
		return status;
	status = identities_parse(ids, secret_read(plain), secret_len(plain),
	    &fault->line);
	secret_free(plain);
	return status;
}
