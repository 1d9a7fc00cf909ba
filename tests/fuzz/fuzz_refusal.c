/*
 * A response that refuses a request: any bytes are read without harm; only a
 * 401 speaks against a key; what a body says, it says compressed, too; and a
 * body that is cut says nothing.
 *
 * Input: a byte that chooses the status and the fields, the length of the value
 * of a field, that value, then the body.
 */
#include "fuzz.h"

#include <string.h>

#include "../lib/gzip.h"
#include "upstream/refusal.h"

static const unsigned statuses[] = { 401, 403, 429, 200 };

static struct blocks *blocks;

static enum refusal
refusal_by(unsigned status, struct text name, struct text value,
    struct text body)
{
	struct field v[] = { { .name = name, .value = value } };
	const struct head head = { .kind = HEAD_RESPONSE, .version = 11,
		.status = (uint16_t)status,
		.fields = { .v = v, .n = 1 } };
	enum refusal all = refusal_of(&head, body, blocks), alone;

	fuzz_assert((all == REFUSAL_NONE) == (status == 200));
	fuzz_assert((refusal_words(all) == NULL) == (status == 200));
	fuzz_assert(!refusal_is_of_key(all) || status == 401);
	if (refusal_of_head(&head, &alone))
		fuzz_assert(alone == all);
	return all;
}

static void
check_packed(unsigned status, struct text body, enum refusal plain)
{
	size_t n;
	char *z = gzip_of(body, &n);

	if (n <= REFUSAL_BODY)
		fuzz_assert(refusal_by(status, TEXT("Content-Encoding"),
		    TEXT("gzip"), (struct text){ .p = z, .n = n }) == plain);
	free(z);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	struct text value, body;
	unsigned status;
	size_t n;

	if (size < 2 || (n = data[1]) > size - 2)
		return 0;
	blocks = blocks_new(4096, 4);
	status = statuses[data[0] % 4];
	value = (struct text){ .p = p + 2, .n = n };
	body = (struct text){ .p = p + 2 + n, .n = size - 2 - n };
	(void)refusal_by(status, TEXT("x-cloud-error-codes"), value, body);
	(void)refusal_by(status, TEXT("content-encoding"), TEXT("gzip"), body);
	if (body.n <= REFUSAL_BODY)
		check_packed(status, body, refusal_by(status, TEXT("x"), value,
		    body));
	blocks_free(blocks);
	return 0;
}
