/* The texts of TLS alerts of the other side; private to net/. */
#ifndef NET_TLS_ALERT_H
#define NET_TLS_ALERT_H

#include <stddef.h>
#include <stdint.h>

/* The end in order, not a failure. */
#define TLS_ALERT_CLOSE_NOTIFY	0

/* "alert of the server: certificate required", or with its number. */
void	tls_alert_text(uint8_t alert, char *text, size_t size);

#endif
