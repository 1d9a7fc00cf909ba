/*
 * PEM files of certificates, lists and keys: a file that the checks accept can
 * be used, and the public part has nothing of a private key.
 */
#include <string.h>

#include <openssl/x509_vfy.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "cert/crls.h"
#include "cert/pair.h"
#include "cert/public.h"
#include "cert/roots.h"
#include "fuzz.h"

static void
on_finding(void *owner, bool warning, const char *text)
{
	(void)owner;
	(void)warning;
	fuzz_assert(text[0] != '\0' && strchr(text, '\n') == NULL);
}

static void
use_roots(struct text t, struct text public)
{
	const struct cert_roots_use uses[] = {
		{ .of_clients = false }, { .of_clients = true },
	};

	for (size_t i = 0; i < sizeof(uses) / sizeof(*uses); i++) {
		struct cert_report report = { .tell = on_finding };
		X509_STORE *store = X509_STORE_new();
		struct cert_span span;

		cert_check_roots(t, &uses[i], &span, &report);
		fuzz_assert(report.failed || (cert_add_roots(store, public) &&
		    memchr(span.subject, '\0', sizeof(span.subject)) != NULL));
		X509_STORE_free(store);
	}
}

static void
use_crls(struct text t, struct text public)
{
	struct cert_report report = { .tell = on_finding };
	X509_STORE *store = X509_STORE_new();
	struct cert_span span;

	cert_check_crls(t, t, &span, &report);
	fuzz_assert(report.failed || cert_add_crls(store, public));
	X509_STORE_free(store);
}

static void
use_pair(struct text t, struct text public)
{
	struct cert_report report = { .tell = on_finding };
	struct cert_pair pair;
	struct cert_span span;

	cert_check_server_chain(t, 0, &span, &report);
	report.failed = false;
	cert_check_chain(t, &span, &report);
	cert_check_key(t, public, &report);
	if (cert_pair_read(&pair, public, t))
		cert_pair_release(&pair);
	else
		fuzz_assert(report.failed);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	/* A NUL follows it, as in a file that was read. */
	char *copy = xmalloc(n + 1);
	struct text t = { .p = copy, .n = n }, public;
	struct blocks *blocks = blocks_new(4096, 0);
	struct arena memory;

	if (n != 0)
		memcpy(copy, p, n);
	copy[n] = '\0';
	arena_init(&memory, blocks);
	public = cert_public(&memory, t);
	fuzz_assert(!text_contains(public, TEXT("PRIVATE KEY-----")));
	use_roots(t, public);
	use_crls(t, public);
	use_pair(t, public);
	arena_release(&memory);
	blocks_free(blocks);
	free(copy);
	return 0;
}
