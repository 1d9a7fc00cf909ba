/*
 * Session tickets; see tls_tickets.h.  Called by OpenSSL within handshakes.  It
 * knows how long a session may be resumed, and not by whom: that is in the
 * context's own name (see tls_server.c).
 */
#include "net/tls_tickets.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/secret.h"

#define DAY_S		(24 * 3600)

/* One key, as bytes: the name that tickets show, and two secrets. */
#define NAME		16
#define CIPHER_KEY	32
#define MAC_KEY		32
#define KEY		(NAME + CIPHER_KEY + MAC_KEY)

enum place { PREVIOUS, CURRENT, NEXT, PLACES };

_Static_assert(PLACES * KEY == TLS_TICKET_KEYS, "a set is of three keys");

struct tls_tickets {
	struct secret *keys;
	EVP_CIPHER *cipher;
};

/* -- the parent's -- */

bool
tls_ticket_keys_make(uint8_t keys[TLS_TICKET_KEYS])
{
	return RAND_priv_bytes(keys, TLS_TICKET_KEYS) == 1;
}

bool
tls_ticket_keys_rotate(uint8_t keys[TLS_TICKET_KEYS])
{
	uint8_t fresh[KEY];
	bool good = RAND_priv_bytes(fresh, sizeof(fresh)) == 1;

	if (good) {
		memmove(keys, keys + KEY, (PLACES - 1) * KEY);
		memcpy(keys + NEXT * KEY, fresh, KEY);
	}
	explicit_bzero(fresh, sizeof(fresh));
	return good;
}

/* -- the worker's -- */

void
tls_tickets_renew(struct tls_tickets *t, const uint8_t keys[TLS_TICKET_KEYS])
{
	memcpy(secret_bytes(t->keys), keys, TLS_TICKET_KEYS);
}

struct tls_tickets *
tls_tickets_new(const uint8_t keys[TLS_TICKET_KEYS])
{
	struct tls_tickets *t = xcalloc(1, sizeof(*t));

	t->keys = secret_copy(keys, TLS_TICKET_KEYS);
	t->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
	return t;
}

void
tls_tickets_free(struct tls_tickets *t)
{
	if (t == NULL)
		return;
	secret_free(t->keys);
	EVP_CIPHER_free(t->cipher);
	free(t);
}

/* -- sealing and opening -- */

static const uint8_t *
key_at(const struct tls_tickets *t, enum place place)
{
	return secret_read(t->keys) + place * KEY;
}

/* The key of this name, and its place; NULL: it is not among them. */
static const uint8_t *
find_key(const struct tls_tickets *t, const unsigned char *name,
    enum place *place)
{
	for (*place = PREVIOUS; *place < PLACES; (*place)++) {
		if (memcmp(key_at(t, *place), name, NAME) == 0)
			return key_at(t, *place);
	}
	return NULL;
}

static bool
set_mac(EVP_MAC_CTX *mac, const uint8_t *key)
{
	union { const uint8_t *in; void *out; } u = { .in = key + NAME +
	    CIPHER_KEY };
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, u.out,
		    MAC_KEY),
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
		    0),
		OSSL_PARAM_construct_end(),
	};

	return EVP_MAC_CTX_set_params(mac, params) == 1;
}

static int
seal(const struct tls_tickets *t, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	const uint8_t *key = key_at(t, CURRENT);

	memcpy(name, key, NAME);
	return RAND_bytes(iv, EVP_CIPHER_get_iv_length(t->cipher)) == 1 &&
	    EVP_EncryptInit_ex2(cipher, t->cipher, key + NAME, iv, NULL) == 1 &&
	    set_mac(mac, key) ? 1 : -1;
}

/* 0: no key of ours; 2: the ticket is to be replaced by a new one. */
static int
open_sealed(const struct tls_tickets *t, const unsigned char *name,
    const unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
	enum place place;
	const uint8_t *key = find_key(t, name, &place);

	if (key == NULL)
		return 0;
	if (!set_mac(mac, key) || EVP_DecryptInit_ex2(cipher, t->cipher,
	    key + NAME, iv, NULL) != 1)
		return -1;
	return place == PREVIOUS ? 2 : 1;
}

static int
tls_tickets_on_key(SSL *ssl, unsigned char *name, unsigned char *iv,
    EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int sealing)
{
	const struct tls_tickets *t =
	    SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));

	if (t == NULL)
		return sealing ? -1 : 0;
	return sealing ? seal(t, name, iv, cipher, mac) :
	    open_sealed(t, name, iv, cipher, mac);
}

/* -- how long -- */

/* The end of all sessions that come of one verification; in each ticket. */
struct until {
	int64_t wall_s;		/* of what the client was verified by */
	int64_t boot_ns;	/* by clock_boot(), which nobody can set */
};

static int64_t
seconds_left(const struct until *until)
{
	int64_t wall = until->wall_s - clock_wall() / NS_PER_S;
	int64_t boot = (until->boot_ns - clock_boot()) / NS_PER_S;

	return wall < boot ? wall : boot;
}

static struct until
until_at_most(void)
{
	return (struct until){ .wall_s = INT64_MAX,
		.boot_ns = clock_boot() + DAY_S * NS_PER_S };
}

bool
tls_tickets_verified(SSL *ssl, int64_t end)
{
	struct until until = until_at_most();

	until.wall_s = end;
	return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), &until,
	    sizeof(until)) == 1;
}

static bool
read_until(SSL_SESSION *session, struct until *until)
{
	void *p;
	size_t n;

	if (session == NULL ||
	    SSL_SESSION_get0_ticket_appdata(session, &p, &n) != 1 ||
	    n != sizeof(*until))
		return false;
	memcpy(until, p, n);
	return true;
}

bool
tls_tickets_until(SSL *ssl, int64_t *end)
{
	struct until until;

	if (!read_until(SSL_get_session(ssl), &until))
		return false;
	*end = until.wall_s;
	return true;
}

/*
 * A ticket is about to be made.  That of a resumed session, too, keeps the end
 * that was set when the client was verified.
 */
static int
tls_tickets_on_ticket(SSL *ssl, void *arg)
{
	SSL_SESSION *session = SSL_get_session(ssl);
	struct until until;
	int64_t left;

	(void)arg;
	if (!read_until(session, &until)) {
		/* Nobody was verified. */
		if (SSL_session_reused(ssl) == 1 ||
		    SSL_get0_peer_certificate(ssl) != NULL)
			return 0;
		until = until_at_most();
	}
	left = seconds_left(&until);
	SSL_SESSION_set_timeout(session, left > 0 ? (long)left : 1);
	return SSL_SESSION_set1_ticket_appdata(session, &until,
	    sizeof(until));
}

/*
 * With TLS 1.3 a client uses a ticket once, so that nobody on the way can tell
 * that two connections are its own (RFC 8446 section C.4); it gets another one.
 */
static SSL_TICKET_RETURN
tls_tickets_on_opened(SSL *ssl, SSL_SESSION *session,
    const unsigned char *name, size_t n, SSL_TICKET_STATUS status, void *arg)
{
	bool renew = status == SSL_TICKET_SUCCESS_RENEW;
	struct until until;

	(void)name;
	(void)n;
	(void)arg;
	if (status == SSL_TICKET_EMPTY || status == SSL_TICKET_NO_DECRYPT)
		return SSL_TICKET_RETURN_IGNORE_RENEW;
	if ((status != SSL_TICKET_SUCCESS && !renew) || session == NULL)
		return SSL_TICKET_RETURN_ABORT;
	if (!read_until(session, &until) || seconds_left(&until) <= 0)
		return SSL_TICKET_RETURN_IGNORE_RENEW;
	return renew || SSL_version(ssl) >= TLS1_3_VERSION ?
	    SSL_TICKET_RETURN_USE_RENEW : SSL_TICKET_RETURN_USE;
}

bool
tls_tickets_use(struct tls_tickets *t, SSL_CTX *ctx)
{
	/* Sessions live in tickets only: workers share no memory of them. */
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_app_data(ctx, t);
	if (t == NULL) {
		SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
		return SSL_CTX_set_num_tickets(ctx, 0) == 1;
	}
	SSL_CTX_set_timeout(ctx, DAY_S);
	return t->cipher != NULL && SSL_CTX_set_num_tickets(ctx, 1) == 1 &&
	    SSL_CTX_set_tlsext_ticket_key_evp_cb(ctx, tls_tickets_on_key) ==
	    1 && SSL_CTX_set_session_ticket_cb(ctx, tls_tickets_on_ticket,
	    tls_tickets_on_opened, NULL) == 1;
}
