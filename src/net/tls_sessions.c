/*
 * Sessions of TLS; see tls_sessions.h.  Called by OpenSSL within handshakes and
 * when tickets come.  It knows when a session ends, not why it is trusted.
 *
 * A ticket of TLS 1.3 is used once, so that nobody on the way can tell that two
 * connections are of the same client (RFC 8446 section C.4); a session of TLS
 * 1.2, which is visible in the clear each time anyway, is used as long as it
 * lasts.
 */
#include "net/tls_sessions.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "cert/span.h"

#define DAY_S		(24 * 3600)

/* The end of all sessions that come of one verification; all zero: over. */
struct until {
	int64_t wall_s;		/* the earliest notAfter */
	int64_t boot_ns;	/* by clock_boot(), which nobody can set */
};

struct kept {
	SSL_SESSION *session;
	struct until until;
	int64_t expires_ns;	/* the end of this session, by clock_boot() */
};

struct tls_sessions {
	size_t users;		/* the owner, and the SSLs that use it */
	bool ended;		/* its owner has gone */
	size_t most, cap, n;
	struct kept *v;		/* the newest last */
};

/* The data of an SSL for the sessions that it will get. */
struct origin {
	struct tls_sessions *store;
	struct until until;
};

static int origin_index;
static CRYPTO_ONCE origin_once = CRYPTO_ONCE_STATIC_INIT;

/* -- the store -- */

static void
drop(struct tls_sessions *s, size_t i)
{
	SSL_SESSION_free(s->v[i].session);
	s->n--;
	memmove(&s->v[i], &s->v[i + 1], (s->n - i) * sizeof(*s->v));
}

static void
leave(struct tls_sessions *s)
{
	if (--s->users != 0)
		return;
	free(s->v);
	free(s);
}

static bool
is_used_once(const SSL_SESSION *s)
{
	return SSL_SESSION_get_protocol_version(s) >= TLS1_3_VERSION;
}

/* -- how long -- */

static bool
is_over(const struct until *until)
{
	return clock_wall() / NS_PER_S >= until->wall_s ||
	    clock_boot() >= until->boot_ns;
}

static bool
is_good(const struct kept *k)
{
	return !is_over(&k->until) && clock_boot() < k->expires_ns &&
	    SSL_SESSION_is_resumable(k->session) == 1;
}

/*
 * The lifetime that the server gives.  Without one, TLS 1.2 sets no limit, and
 * TLS 1.3 forbids using the ticket.
 */
static int64_t
lifetime_ns(const SSL_SESSION *s)
{
	unsigned long hint = SSL_SESSION_get_ticket_lifetime_hint(s);

	if (hint == 0 && is_used_once(s))
		return 0;
	return (hint != 0 && hint < DAY_S ? (int64_t)hint : DAY_S) * NS_PER_S;
}

void
tls_sessions_verified(SSL *ssl, const STACK_OF(X509) *chain)
{
	struct origin *o = SSL_get_ex_data(ssl, origin_index);
	int64_t earliest = INT64_MAX, end;

	if (o == NULL)
		return;
	for (int i = 0; i < sk_X509_num(chain); i++) {
		end = cert_seconds(X509_get0_notAfter(
		    sk_X509_value(chain, i)));
		if (end < earliest)
			earliest = end;
	}
	o->until = (struct until){ .wall_s = earliest,
		.boot_ns = clock_boot() + DAY_S * NS_PER_S };
}

/* -- what OpenSSL calls -- */

/* Takes the session.  One of TLS 1.2 replaces the others of TLS 1.2. */
static void
add(struct tls_sessions *s, SSL_SESSION *session, struct until until)
{
	for (size_t i = s->n; !is_used_once(session) && i-- > 0;) {
		if (!is_used_once(s->v[i].session))
			drop(s, i);
	}
	if (s->n == s->most)
		drop(s, 0);
	if (s->n == s->cap) {
		s->cap = s->cap == 0 ? 4 : s->cap * 2;
		s->v = xreallocarray(s->v, s->cap, sizeof(*s->v));
	}
	s->v[s->n++] = (struct kept){ .session = session, .until = until,
		.expires_ns = clock_boot() + lifetime_ns(session) };
}

/* OpenSSL made a session; 1: it is ours now. */
static int
tls_sessions_on_session(SSL *ssl, SSL_SESSION *session)
{
	struct origin *o = SSL_get_ex_data(ssl, origin_index);

	if (o == NULL || o->store->ended || is_over(&o->until))
		return 0;
	add(o->store, session, o->until);
	return 1;
}

static void
free_origin(void *ssl, void *p, CRYPTO_EX_DATA *data, int index, long argl,
    void *argp)
{
	struct origin *o = p;

	(void)ssl;
	(void)data;
	(void)index;
	(void)argl;
	(void)argp;
	if (o != NULL)
		leave(o->store);
	free(o);
}

static void
make_index(void)
{
	origin_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, free_origin);
	if (origin_index == -1)
		abort();
}

/* -- for tls.c -- */

void
tls_sessions_enable(SSL_CTX *ctx)
{
	if (CRYPTO_THREAD_run_once(&origin_once, make_index) == 0)
		abort();
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_CLIENT |
	    SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(ctx, tls_sessions_on_session);
}

/* Gives ssl the newest session that is still good, if any. */
static void
offer(struct tls_sessions *s, SSL *ssl, struct origin *o)
{
	while (s->n > 0) {
		struct kept k = s->v[s->n - 1];

		if (!is_good(&k)) {
			drop(s, s->n - 1);
			continue;
		}
		/*
		 * If the server declines it, verification sets a new end, see
		 * there.
		 */
		o->until = k.until;
		SSL_set_session(ssl, k.session);
		if (is_used_once(k.session))
			drop(s, s->n - 1);
		return;
	}
}

bool
tls_sessions_use(struct tls_sessions *s, SSL *ssl)
{
	struct origin *o = xcalloc(1, sizeof(*o));

	o->store = s;
	if (SSL_set_ex_data(ssl, origin_index, o) != 1) {
		free(o);
		return false;
	}
	s->users++;
	offer(s, ssl, o);
	return true;
}

/* -- for the owner -- */

struct tls_sessions *
tls_sessions_new(size_t most)
{
	struct tls_sessions *s = xcalloc(1, sizeof(*s));

	s->users = 1;
	s->most = most;
	return s;
}

void
tls_sessions_free(struct tls_sessions *s)
{
	if (s == NULL)
		return;
	s->ended = true;
	while (s->n > 0)
		drop(s, s->n - 1);
	leave(s);
}
