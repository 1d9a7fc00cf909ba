/*
 * The payload of an age file; see payload.h.
 */
#include "seal/payload.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "seal/crypto.h"

#define CHUNK		((size_t)64 * 1024)
#define SEALED_CHUNK	(CHUNK + CRYPTO_TAG)

struct payload_reader {
	struct aead *aead;
	uint8_t nonce[CRYPTO_NONCE];	/* a counter, then the mark */
	bool began;			/* a chunk was read */
	bool ended;			/* the last one was read */
	uint8_t *sealed;		/* SEALED_CHUNK bytes */
	size_t n_sealed;
	struct secret *plain;		/* room for the first chunk, or NULL */
};

static struct aead *
payload_aead(const struct secret *file_key,
    const uint8_t nonce[PAYLOAD_NONCE])
{
	struct span ikm = { secret_read(file_key), secret_len(file_key) };
	uint8_t key[CRYPTO_KEY];
	struct aead *aead = NULL;

	if (crypto_hkdf(ikm, (struct span){ nonce, PAYLOAD_NONCE },
	    SPAN("payload"), key, sizeof(key)))
		aead = aead_new(key);
	explicit_bzero(key, sizeof(key));
	return aead;
}

struct payload_reader *
payload_reader_new(const struct secret *file_key,
    const uint8_t nonce[PAYLOAD_NONCE])
{
	struct aead *aead = payload_aead(file_key, nonce);
	struct payload_reader *r;

	if (aead == NULL)
		return NULL;
	r = xcalloc(1, sizeof(*r));
	r->aead = aead;
	r->sealed = xmalloc(SEALED_CHUNK);
	return r;
}

void
payload_reader_free(struct payload_reader *r)
{
	if (r == NULL)
		return;
	aead_free(r->aead);
	secret_free(r->plain);
	free(r->sealed);
	free(r);
}

/* The counter is 88 bits, big-endian: no file is long enough to wrap it. */
static void
count(uint8_t nonce[CRYPTO_NONCE])
{
	for (size_t i = CRYPTO_NONCE - 1; i-- > 0;) {
		if (++nonce[i] != 0)
			return;
	}
}

static bool
open_chunk(struct payload_reader *r, bool last)
{
	struct span sealed = { r->sealed, r->n_sealed }, none = { .n = 0 };

	/*
	 * The first chunk is the largest: one shorter than CHUNK is the only
	 * one.
	 */
	if (r->plain == NULL)
		r->plain = secret_new(r->n_sealed);
	r->nonce[CRYPTO_NONCE - 1] = last;
	return aead_open(r->aead, r->nonce, none, sealed,
	    secret_bytes(r->plain));
}

static enum status
write_chunk(struct payload_reader *r, struct seal_writer out)
{
	size_t n = r->n_sealed - CRYPTO_TAG;
	enum status status = STATUS_OK;

	if (n != 0)
		status = out.write(out.ctx, secret_read(r->plain), n);
	explicit_bzero(secret_bytes(r->plain), n);
	count(r->nonce);
	r->began = true;
	r->n_sealed = 0;
	return status;
}

/* A full chunk may be the last one: only its mark shows that. */
static enum status
read_full_chunk(struct payload_reader *r, struct seal_writer out)
{
	if (!open_chunk(r, false)) {
		if (!open_chunk(r, true))
			return STATUS_PAYLOAD;
		r->ended = true;
	}
	return write_chunk(r, out);
}

enum status
payload_read(struct payload_reader *r, const uint8_t *p, size_t n,
    struct seal_writer out)
{
	enum status status;
	size_t part;

	while (n != 0) {
		if (r->ended)
			return STATUS_PAYLOAD;
		part = SEALED_CHUNK - r->n_sealed;
		part = n < part ? n : part;
		memcpy(r->sealed + r->n_sealed, p, part);
		r->n_sealed += part;
		p += part;
		n -= part;
		if (r->n_sealed == SEALED_CHUNK &&
		    (status = read_full_chunk(r, out)) != STATUS_OK)
			return status;
	}
	return STATUS_OK;
}

enum status
payload_read_end(struct payload_reader *r, struct seal_writer out)
{
	if (r->ended)
		return STATUS_OK;
	/* Only an empty payload may have an empty last chunk. */
	if (r->n_sealed == CRYPTO_TAG && r->began)
		return STATUS_PAYLOAD;
	if (!open_chunk(r, true))
		return STATUS_PAYLOAD;
	r->ended = true;
	return write_chunk(r, out);
}

struct payload_sealer {
	struct aead *aead;
	uint8_t nonce[CRYPTO_NONCE];
	struct secret *plain;		/* CHUNK bytes */
	size_t n_plain;
	uint8_t *sealed;		/* SEALED_CHUNK bytes */
};

struct payload_sealer *
payload_sealer_new(const struct secret *file_key,
    const uint8_t nonce[PAYLOAD_NONCE])
{
	struct aead *aead = payload_aead(file_key, nonce);
	struct payload_sealer *s;

	if (aead == NULL)
		return NULL;
	s = xcalloc(1, sizeof(*s));
	s->aead = aead;
	s->plain = secret_new(CHUNK);
	s->sealed = xmalloc(SEALED_CHUNK);
	return s;
}

void
payload_sealer_free(struct payload_sealer *s)
{
	if (s == NULL)
		return;
	aead_free(s->aead);
	secret_free(s->plain);
	free(s->sealed);
	free(s);
}

static enum status
seal_chunk(struct payload_sealer *s, bool last, struct seal_writer out)
{
	struct span plain = { secret_read(s->plain), s->n_plain };
	struct span none = { .n = 0 };

	s->nonce[CRYPTO_NONCE - 1] = last;
	if (!aead_seal(s->aead, s->nonce, none, plain, s->sealed))
		return STATUS_CRYPTO;
	explicit_bzero(secret_bytes(s->plain), s->n_plain);
	count(s->nonce);
	s->n_plain = 0;
	return out.write(out.ctx, s->sealed, plain.n + CRYPTO_TAG);
}

/* A full chunk is kept until more bytes follow: it may be the last one. */
enum status
payload_seal(struct payload_sealer *s, const uint8_t *p, size_t n,
    struct seal_writer out)
{
	enum status status;
	size_t part;

	while (n != 0) {
		if (s->n_plain == CHUNK &&
		    (status = seal_chunk(s, false, out)) != STATUS_OK)
			return status;
		part = CHUNK - s->n_plain;
		part = n < part ? n : part;
		memcpy(secret_bytes(s->plain) + s->n_plain, p, part);
		s->n_plain += part;
		p += part;
		n -= part;
	}
	return STATUS_OK;
}

enum status
payload_seal_end(struct payload_sealer *s, struct seal_writer out)
{
	return seal_chunk(s, true, out);
}
