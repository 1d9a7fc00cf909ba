/*
 * Files of certificates in PEM, as explain reads them: names that are read are
 * bounded and can be shown, a refusal leaves none, and what stands in front of
 * the first block changes nothing.
 */
#include "fuzz_cert_names.h"

#include "base/alloc.h"

static const char front[] = "Subject: CN=somebody else\n";

static void
check_same(const char *a, const char *b)
{
	fuzz_assert((a == NULL) == (b == NULL));
	fuzz_assert(a == NULL || strcmp(a, b) == 0);
}

/* The same behind a line of text. */
static void
check_behind(const uint8_t *p, size_t n, const struct cert_names *names,
    const char *why)
{
	const size_t most = sizeof(front) - 1;
	char *all = xmalloc(most + n);
	const struct text text = { .p = all, .n = most + n };
	struct cert_names again = { .uri = NULL };

	memcpy(all, front, most);
	memcpy(all + most, p, n);
	check_same(cert_names_read_pem(&again, text), why);
	check_same(again.uri, names->uri);
	check_same(again.subject, names->subject);
	check_same(again.issuer, names->issuer);
	fuzz_assert(again.n_dns == names->n_dns);
	fuzz_assert(again.until == names->until);
	fuzz_assert(memcmp(again.sha256, names->sha256, DIGEST_SIZE) == 0);
	cert_names_release(&again);
	free(all);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct text text = { .p = (const char *)p, .n = n };
	struct cert_names names = { .uri = NULL };
	const char *why = cert_names_read_pem(&names, text);

	if (why != NULL)
		fuzz_check_refused(&names, why);
	else
		fuzz_check_names(&names);
	if (n != 0)
		check_behind(p, n, &names, why);
	cert_names_release(&names);
	return 0;
}
