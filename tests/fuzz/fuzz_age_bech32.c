/*
 * Bech32 texts, and files of recipients and identities, which are made of them:
 * a text that decodes is what encoding gives again.
 */
#include "fuzz.h"

#include <string.h>

#include "seal/bech32.h"
#include "seal/identity.h"
#include "seal/recipient.h"

#define LONGEST	128

static void
decode(struct text t, size_t n)
{
	uint8_t bytes[LONGEST];
	char again[BECH32_LEN(3, LONGEST) + 1];

	if (bech32_decode(t, TEXT("age"), bytes, n) != BECH32_OK)
		return;
	bech32_encode(TEXT("age"), bytes, n, again);
	fuzz_assert(text_eq_nocase(t, text_of(again)));
}

static void
parse_recipients(const uint8_t *p, size_t n)
{
	struct recipients *r = recipients_new();
	char text[RECIPIENT_TEXT];
	enum status status;
	unsigned line;

	status = recipients_parse(r, p, n, &line);
	fuzz_assert((recipients_count(r) != 0) == (status == STATUS_OK));
	fuzz_assert(status != STATUS_OK || line == 0);
	for (size_t i = 0; i < recipients_count(r); i++) {
		recipients_text(r, i, text);
		fuzz_assert(memmem(p, n, text, strlen(text)) != NULL);
	}
	recipients_free(r);
}

static void
parse_identities(const uint8_t *p, size_t n)
{
	struct identities *ids = identities_new();
	enum status status;
	unsigned line;

	status = identities_parse(ids, p, n, &line);
	fuzz_assert((identities_count(ids) != 0) == (status == STATUS_OK));
	fuzz_assert(status != STATUS_OK || line == 0);
	identities_free(ids);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct text t = { .p = (const char *)p, .n = n };

	decode(t, 32);
	if (n != 0)
		decode(t, p[n - 1] % LONGEST);
	parse_recipients(p, n);
	parse_identities(p, n);
	return 0;
}
