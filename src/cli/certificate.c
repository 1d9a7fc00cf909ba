/*
 * The certificate of a client; see certificate.h.
 */
#include "cli/certificate.h"

#include "base/alloc.h"
#include "cert/names.h"
#include "cli/input.h"
#include "conf/source.h"

char *
certificate_take(struct principal *p, const char *file)
{
	struct secret *pem = input_read(file, FILE_DATA, "the certificate",
	    INPUT_MAX);
	struct cert_names names;
	const char *why;

	if (pem == NULL)
		return xasprintf("%s: no certificate was read",
		    source_name(file));
	why = cert_names_read_pem(&names, secret_text(pem));
	secret_free(pem);
	if (why != NULL)
		return xasprintf("%s: the listener would refuse this "
		    "certificate: %s", source_name(file), why);
	p->certificate = xcalloc(1, sizeof(*p->certificate));
	*p->certificate = names;
	return NULL;
}
