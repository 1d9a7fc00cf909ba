/* The texts of TLS alerts of the other side; private to net/. */
#ifndef NET_TLS_ALERT_H
#define NET_TLS_ALERT_H

#include <stddef.h>
#include <stdint.h>

typedef struct ssl_st SSL;

/* The end in order, not a failure. */
#define TLS_ALERT_CLOSE_NOTIFY	0

/*
 * "alert of the server: certificate required", or with its number; of the
 * client where the SSL is a server's.
 */
void	tls_alert_text(const SSL *, uint8_t alert, char *text, size_t size);

#endif
