/*
 * A whole age file, opened at once and in pieces: both must end the same way,
 * and the bytes released in pieces must be the beginning of the whole.
 */
#include "fuzz.h"
#include "fuzz_age.h"

#include <string.h>

#include "seal/bech32.h"
#include "seal/mlkem.h"
#include "seal/opener.h"
#include "seal/seal.h"

static void
add_identity(struct identities *ids, struct text prefix)
{
	char text[BECH32_LEN(18, 32) + 1];
	uint8_t secret[32];
	unsigned line;

	for (size_t i = 0; i < sizeof(secret); i++)
		secret[i] = (uint8_t)(i + 1);
	bech32_encode(prefix, secret, sizeof(secret), text);
	for (size_t i = 0; text[i] != '\0'; i++) {
		if (text[i] >= 'a' && text[i] <= 'z')
			text[i] = (char)(text[i] - 'a' + 'A');
	}
	fuzz_assert(identities_parse(ids, (const uint8_t *)text, strlen(text),
	    &line) == STATUS_OK);
}

/* Two constant identities: the corpus is sealed to them. */
static struct identities *
fuzz_identities(void)
{
	struct identities *ids = identities_new();

	add_identity(ids, TEXT("age-secret-key-"));
	if (mlkem_offered())
		add_identity(ids, TEXT("age-secret-key-pq-"));
	return ids;
}

static enum status
open_in_pieces(const struct identities *ids, const uint8_t *p, size_t n,
    struct buf *plain)
{
	struct seal_writer out = fuzz_writer(plain);
	struct opener *o = opener_new(ids);
	uint32_t state = n != 0 ? (uint32_t)p[n / 2] * 2654435761U : 0;
	enum status status = STATUS_OK;
	size_t part;

	for (; n != 0 && status == STATUS_OK; p += part, n -= part) {
		part = fuzz_piece(&state, n);
		status = opener_push(o, p, part, out);
	}
	if (status == STATUS_OK)
		status = opener_end(o, out);
	opener_free(o);
	return status;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct identities *ids;
	struct secret *whole = NULL;
	struct buf plain;
	enum status status;

	if (ids == NULL)
		ids = fuzz_identities();
	buf_init(&plain, NULL);
	status = seal_open(ids, p, n, &whole, NULL);
	fuzz_assert(open_in_pieces(ids, p, n, &plain) == status);
	fuzz_assert((whole != NULL) == (status == STATUS_OK));
	if (whole != NULL)
		fuzz_assert(secret_equal_bytes(whole, buf_data(&plain),
		    buf_len(&plain)));
	secret_free(whole);
	buf_release(&plain);
	return 0;
}
