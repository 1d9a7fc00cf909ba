/*
 * Certificates in DER, as clients send them: names that are read are bounded
 * and can be shown as they are, and a refusal leaves none.
 */
#include <openssl/x509.h>

#include "fuzz_cert_names.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const unsigned char *der = p;
	X509 *x = d2i_X509(NULL, &der, (long)n);
	struct cert_names names;
	const char *why;

	if (x == NULL)
		return 0;
	why = cert_names_read(&names, x);
	if (why == NULL)
		fuzz_check_names(&names);
	else
		fuzz_check_refused(&names, why);
	cert_names_release(&names);
	X509_free(x);
	return 0;
}
