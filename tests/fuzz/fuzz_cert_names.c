/*
 * Certificates in DER, as clients send them: names that are read are bounded
 * and can be shown as they are, and a refusal leaves none.
 */
#include <string.h>

#include <openssl/x509.h>

#include "cert/names.h"
#include "fuzz.h"

static void
is_shown(const char *name, size_t most, char least)
{
	fuzz_assert(strlen(name) <= most);
	for (; *name != '\0'; name++)
		fuzz_assert(*name >= least && *name <= '~');
}

static void
look(const struct cert_names *names)
{
	if (names->uri != NULL) {
		fuzz_assert(names->uri[0] != '\0');
		is_shown(names->uri, CERT_URI_MOST, '!');
	}
	fuzz_assert(names->n_dns <= CERT_DNS_NAMES_MOST);
	for (size_t i = 0; i < names->n_dns; i++)
		is_shown(names->dns[i], CERT_DNS_MOST, '!');
	is_shown(names->subject, CERT_SUBJECT_MOST, ' ');
	is_shown(names->issuer, CERT_SUBJECT_MOST, ' ');
}

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
		look(&names);
	else
		fuzz_assert(why[0] != '\0' && names.subject == NULL &&
		    names.n_dns == 0);
	cert_names_release(&names);
	X509_free(x);
	return 0;
}
