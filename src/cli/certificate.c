/*
 * The certificate of a client; see certificate.h.
 */
#include "cli/certificate.h"

#include "base/alloc.h"
#include "cert/names.h"
#include "cli/input.h"
#include "conf/source.h"
#include "net/client_judge.h"

/* NULL, or why a handshake would fail. */
static char *
judge(const struct conf_listener *l, const char *file, struct text pem)
{
	const struct tls_server_conf conf = {
		.client_ca = l->tls.client_ca,
		.client_crl = l->tls.client_crl,
		.required = l->tls.required,
	};
	struct client_judgement j;

	client_judge(&conf, pem, &j);
	if (j.why == NULL)
		return NULL;
	return j.subject[0] == '\0' ?
	    xasprintf("%s: listener %s would refuse this certificate: %s",
	    source_name(file), l->name, j.why) :
	    xasprintf("%s: listener %s would refuse this certificate for "
	    "\"%s\" above it: %s", source_name(file), l->name, j.subject,
	    j.why);
}

char *
certificate_take(struct principal *p, const struct conf_listener *l,
    const char *file)
{
	struct secret *pem = input_read(file, FILE_DATA, "the certificate",
	    INPUT_MAX);
	struct cert_names names;
	char *why;

	if (pem == NULL)
		return xasprintf("%s: no certificate was read",
		    source_name(file));
	why = judge(l, file, secret_text(pem));
	/* Whose names can be read was judged before. */
	if (why == NULL &&
	    cert_names_read_pem(&names, secret_text(pem)) == NULL) {
		p->certificate = xcalloc(1, sizeof(*p->certificate));
		*p->certificate = names;
	}
	secret_free(pem);
	return why;
}
