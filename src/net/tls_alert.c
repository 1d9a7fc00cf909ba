/*
 * Names of alerts; see tls_alert.h.  OpenSSL's own list ends before TLS 1.3.
 */
#include "net/tls_alert.h"

#include <stdio.h>

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
tls_alert_text(uint8_t alert, char *text, size_t size)
{
	const char *name = name_of(alert);

	if (name != NULL)
		(void)snprintf(text, size, "alert of the server: %s", name);
	else
		(void)snprintf(text, size, "alert of the server: number %u",
		    (unsigned)alert);
}
