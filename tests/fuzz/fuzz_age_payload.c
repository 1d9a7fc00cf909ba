/*
 * The payload of an age file.  The input is content and a change: it is sealed,
 * changed and opened again in pieces.  Unchanged it comes back; changed it is
 * refused, and the bytes released before are its beginning.
 *
 * Input: what to do, where (4 bytes), how often to repeat the rest (2 bytes),
 * the rest.
 */
#include "fuzz.h"
#include "fuzz_age.h"

#include <string.h>

#include "seal/file_key.h"
#include "seal/payload.h"

#define HEAD		7
#define LONGEST		((size_t)200000)
#define SEALED_CHUNK	((size_t)65536 + 16)

enum change { NOTHING, TURN_BIT, CUT, ADD, DROP_CHUNK, SWAP_CHUNKS };

static const uint8_t nonce[PAYLOAD_NONCE] = "not so random...";

/* A constant one. */
static struct secret *
fuzz_file_key(void)
{
	struct secret *s = secret_new(FILE_KEY);

	memset(secret_bytes(s), 'k', FILE_KEY);
	return s;
}

static void
make_plain(const uint8_t *p, size_t n, struct buf *plain)
{
	size_t times = 1 + (size_t)p[5] * 256 + p[6];

	p += HEAD;
	n -= HEAD;
	for (; times != 0 && buf_len(plain) + n <= LONGEST; times--)
		buf_append(plain, p, n);
}

static void
seal(const struct secret *key, const struct buf *plain, struct buf *sealed)
{
	struct seal_writer out = fuzz_writer(sealed);
	struct payload_sealer *s = payload_sealer_new(key, nonce);

	fuzz_assert(s != NULL);
	if (buf_len(plain) != 0)
		fuzz_assert(payload_seal(s, buf_data(plain), buf_len(plain),
		    out) == STATUS_OK);
	fuzz_assert(payload_seal_end(s, out) == STATUS_OK);
	payload_sealer_free(s);
}

static bool
swap_chunks(struct buf *b)
{
	static uint8_t first[SEALED_CHUNK];
	uint8_t *p = buf_data(b);

	if (buf_len(b) < 2 * SEALED_CHUNK ||
	    memcmp(p, p + SEALED_CHUNK, SEALED_CHUNK) == 0)
		return false;
	memcpy(first, p, SEALED_CHUNK);
	memcpy(p, p + SEALED_CHUNK, SEALED_CHUNK);
	memcpy(p + SEALED_CHUNK, first, SEALED_CHUNK);
	return true;
}

/* Whether the change made it another file. */
static bool
change(struct buf *b, enum change what, uint32_t where)
{
	switch (what) {
	case NOTHING:
		return false;
	case TURN_BIT:
		buf_data(b)[where / 8 % buf_len(b)] ^= (uint8_t)(1 <<
		    where % 8);
		return true;
	case CUT:
		b->end -= 1 + where % buf_len(b);
		return true;
	case ADD:
		buf_append(b, &where, 1 + where % 4);
		return true;
	case DROP_CHUNK:
		if (buf_len(b) <= SEALED_CHUNK)
			return false;
		buf_consume(b, SEALED_CHUNK);
		return true;
	case SWAP_CHUNKS:
		return swap_chunks(b);
	}
	return false;
}

static enum status
open_in_pieces(const struct secret *key, const struct buf *sealed,
    uint32_t state, struct buf *plain)
{
	struct seal_writer out = fuzz_writer(plain);
	struct payload_reader *r = payload_reader_new(key, nonce);
	enum status status = STATUS_OK;
	size_t n = buf_len(sealed), part;
	const uint8_t *p = buf_data(sealed);

	fuzz_assert(r != NULL);
	for (; n != 0 && status == STATUS_OK; p += part, n -= part) {
		part = fuzz_piece(&state, n);
		status = payload_read(r, p, part, out);
	}
	if (status == STATUS_OK)
		status = payload_read_end(r, out);
	payload_reader_free(r);
	return status;
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct secret *key;
	struct buf plain, sealed, opened;
	uint32_t where;
	bool changed;
	enum status status;

	if (n < HEAD)
		return 0;
	memcpy(&where, p + 1, sizeof(where));
	buf_init(&plain, NULL);
	buf_init(&sealed, NULL);
	buf_init(&opened, NULL);
	key = fuzz_file_key();
	make_plain(p, n, &plain);
	seal(key, &plain, &sealed);
	changed = change(&sealed, p[0] % 6, where);
	status = open_in_pieces(key, &sealed, where, &opened);
	fuzz_assert(status == (changed ? STATUS_PAYLOAD : STATUS_OK));
	fuzz_assert(changed ? buf_len(&opened) <= buf_len(&plain) :
	    buf_len(&opened) == buf_len(&plain));
	fuzz_assert(buf_len(&opened) == 0 || memcmp(buf_data(&opened),
	    buf_data(&plain), buf_len(&opened)) == 0);
	secret_free(key);
	buf_release(&plain);
	buf_release(&sealed);
	buf_release(&opened);
	return 0;
}
