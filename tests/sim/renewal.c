/*
 * Renewals and tickets; see renewal.h.
 */
#include "renewal.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "daemon/tls_renewal.h"
#include "net/tls_tickets.h"

static struct tls_renewal next;

void
renewal_set(size_t listener, struct text client_ca)
{
	next = (struct tls_renewal){
		.listener = listener,
		.certificate = TEXT("renewed"),
		.certificate_key = TEXT("renewed"),
		.client_ca = client_ca,
	};
}

struct secret *
tls_renewal_from(const struct control_message *m)
{
	(void)m;
	return secret_new(1);
}

bool
tls_renewal_read(const struct secret *bytes, const struct conf *conf,
    struct tls_renewal *r)
{
	(void)bytes;
	(void)conf;
	*r = next;
	return true;
}

/* -- net/tls_tickets.h: nobody resumes -- */

struct tls_tickets {
	int none;
};

bool
tls_ticket_keys_make(uint8_t keys[TLS_TICKET_KEYS])
{
	memset(keys, 0, TLS_TICKET_KEYS);
	return true;
}

bool
tls_ticket_keys_rotate(uint8_t keys[TLS_TICKET_KEYS])
{
	return tls_ticket_keys_make(keys);
}

struct tls_tickets *
tls_tickets_new(const uint8_t keys[TLS_TICKET_KEYS])
{
	(void)keys;
	return xcalloc(1, sizeof(struct tls_tickets));
}

void
tls_tickets_renew(struct tls_tickets *t, const uint8_t keys[TLS_TICKET_KEYS])
{
	(void)t;
	(void)keys;
}

void
tls_tickets_free(struct tls_tickets *t)
{
	free(t);
}
