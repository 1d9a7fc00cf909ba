/*
 * Names of alerts; see tls_alert.h.  OpenSSL's own list ends before TLS 1.3.
 */
#include "net/tls_alert.h"

#include <stdio.h>

#include <openssl/ssl.h>

static const char *
name_of(uint8_t alert)
{
	switch (alert) {
#define ALERT(number, name)	case number: return name;
#include "net/tls_alert.tbl"
#undef ALERT
	}
	return NULL;
}

void
tls_alert_text(const SSL *ssl, uint8_t alert, char *text, size_t size)
{
	const char *other = SSL_is_server(ssl) ? "client" : "server";
	const char *name = name_of(alert);

	if (name != NULL)
		(void)snprintf(text, size, "alert of the %s: %s", other, name);
	else
		(void)snprintf(text, size, "alert of the %s: number %u",
		    other, (unsigned)alert);
}
