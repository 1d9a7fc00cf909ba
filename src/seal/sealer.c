/*
 * Sealing; see sealer.h.
 */
#include "seal/sealer.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "seal/armor.h"
#include "seal/file_key.h"
#include "seal/header.h"
#include "seal/payload.h"

struct sealer {
	struct buf header;		/* with the nonce; until it is
					   written */
	struct armor_sealer *armor;	/* NULL: binary */
	struct payload_sealer *payload;
};

static enum status
make_header(struct sealer *s, const struct recipients *recipients,
    const struct secret *file_key)
{
	enum status status;

	header_write_start(&s->header);
	status = recipients_wrap(recipients, file_key, &s->header);
	if (status == STATUS_OK)
		status = header_write_end(&s->header, file_key);
	return status;
}

static enum status
make_payload(struct sealer *s, const struct secret *file_key)
{
	uint8_t nonce[PAYLOAD_NONCE];

	if (!crypto_random(nonce, sizeof(nonce)))
		return STATUS_CRYPTO;
	buf_append(&s->header, nonce, sizeof(nonce));
	s->payload = payload_sealer_new(file_key, nonce);
	return s->payload != NULL ? STATUS_OK : STATUS_CRYPTO;
}

enum status
sealer_new(const struct recipients *recipients, bool armored,
    struct sealer **sealer)
{
	struct sealer *s = xcalloc(1, sizeof(*s));
	struct secret *file_key = file_key_new();
	enum status status = STATUS_CRYPTO;

	buf_init(&s->header, NULL);
	if (armored)
		s->armor = armor_sealer_new();
	if (file_key != NULL)
		status = make_header(s, recipients, file_key);
	if (status == STATUS_OK)
		status = make_payload(s, file_key);
	secret_free(file_key);
	if (status == STATUS_OK)
		*sealer = s;
	else
		sealer_free(s);
	return status;
}

void
sealer_free(struct sealer *s)
{
	if (s == NULL)
		return;
	buf_release(&s->header);
	armor_sealer_free(s->armor);
	payload_sealer_free(s->payload);
	free(s);
}

/* The writer for sealed bytes. */
struct outlet {
	struct armor_sealer *armor;
	struct seal_writer out;
};

static enum status
write_sealed(void *ctx, const uint8_t *p, size_t n)
{
	const struct outlet *o = ctx;

	if (o->armor != NULL)
		return armor_seal(o->armor, p, n, o->out);
	return o->out.write(o->out.ctx, p, n);
}

static enum status
write_header(struct sealer *s, struct outlet *outlet)
{
	enum status status;

	if (buf_len(&s->header) == 0)
		return STATUS_OK;
	status = write_sealed(outlet, buf_data(&s->header),
	    buf_len(&s->header));
	buf_release(&s->header);
	return status;
}

enum status
sealer_push(struct sealer *s, const uint8_t *p, size_t n,
    struct seal_writer out)
{
	struct outlet outlet = { .armor = s->armor, .out = out };
	enum status status = write_header(s, &outlet);

	if (status == STATUS_OK)
		status = payload_seal(s->payload, p, n, (struct seal_writer){
		    .write = write_sealed, .ctx = &outlet });
	return status;
}

enum status
sealer_end(struct sealer *s, struct seal_writer out)
{
	struct outlet outlet = { .armor = s->armor, .out = out };
	enum status status = write_header(s, &outlet);

	if (status == STATUS_OK)
		status = payload_seal_end(s->payload, (struct seal_writer){
		    .write = write_sealed, .ctx = &outlet });
	if (status == STATUS_OK && s->armor != NULL)
		status = armor_seal_end(s->armor, out);
	return status;
}
