/*
 * Dialling; see dial.h.
 *
 * The addresses of the name race; on the first connection the preface is said,
 * if there is one, perhaps within TLS, and hands are shaken.  Where that fails,
 * the addresses are doubted, the name is looked up again and everything is done
 * once more, unless the preface was refused.  A peer that answered but is
 * unfit, such as one that cannot prove to be the host, is left out then; one
 * that was lost in its handshake comes last.
 */
#include "net/dial.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/log.h"
#include "net/race.h"
#include "net/timer.h"
#include "net/tls_bio.h"
#include "net/tls_connect.h"

struct dial {
	struct loop *loop;
	struct dial_conf conf;
	dial_done *done;
	void *owner;
	struct resolve *resolve;
	size_t n;			/* addresses that were tried */
	struct race *race;
	struct speech *speech;		/* the preface, while it is said */
	struct tls_connect *handshake;
	bool outer;			/* it is that for the preface */
	SSL *ssl;			/* the innermost so far */
	int fd;				/* of the connection that won */
	struct addr peer;		/* of that connection; kept when it
					   failed */
	bool unfit;			/* the peer answers, but is not the
					   host */
	int64_t connect_until;		/* loop_now() */
	bool again;			/* the second attempt */
	bool refused;			/* by who was told the preface: once is
					   enough */
	struct timer deadline;
	struct deferred finish;
	enum dial_result result;
	char why[256];
};

/* -- the end -- */

static void
drop_connection(struct dial *d)
{
	SSL_free(d->ssl);
	if (d->fd != -1)
		close(d->fd);
	d->ssl = NULL;
	d->fd = -1;
}

/* What is under way is no more. */
static void
cancel_steps(struct dial *d)
{
	race_cancel(d->race);
	preface_cancel(d->speech);
	tls_connect_cancel(d->handshake);
	d->race = NULL;
	d->speech = NULL;
	d->handshake = NULL;
}

/* Frees everything except what is handed over. */
static void
dial_free(struct dial *d)
{
	resolve_cancel(d->resolve);
	cancel_steps(d);
	drop_connection(d);
	timer_end(&d->deadline);
	deferred_cancel(&d->finish);
	free(d);
}

static void
hand_over(struct dial *d)
{
	dial_done *done = d->done;
	void *done_owner = d->owner;
	enum dial_result result = d->result;
	SSL *ssl = NULL;
	int fd = -1;
	char why[sizeof(d->why)];

	memcpy(why, d->why, sizeof(why));
	if (result == DIAL_OK) {
		ssl = d->ssl;
		fd = d->fd;
		d->ssl = NULL;
		d->fd = -1;
	}
	dial_free(d);
	done(done_owner, result, ssl, fd, why);
}

static void dial_on_resolved(void *, const struct addr *, size_t, const char *);

/*
 * Begins the second attempt.  Nothing but greetings was sent so far, so this
 * does no harm.
 */
static void
go_again(struct dial *d)
{
	int64_t left = d->connect_until - loop_now(d->loop);

	log_debug("%s: %s; once more", d->conf.host, d->why);
	drop_connection(d);
	d->n = 0;
	d->again = true;
	timer_set(&d->deadline, (left + NS_PER_MS - 1) / NS_PER_MS);
	d->resolve = resolve_start(d->conf.resolver, d->conf.host,
	    d->conf.port, dial_on_resolved, d);
}

static bool
may_go_again(const struct dial *d)
{
	return !d->again && d->n != 0 && d->result != DIAL_TIMEOUT &&
	    d->result != DIAL_STALLED && !d->refused &&
	    loop_now(d->loop) < d->connect_until;
}

static void
finish(void *owner)
{
	struct dial *d = owner;

	if (d->result != DIAL_OK && d->n != 0)
		resolve_doubt(d->conf.resolver, d->conf.host);
	if (d->result != DIAL_OK && may_go_again(d))
		go_again(d);
	else
		hand_over(d);
}

/* Ends the dial at the end of the turn; events until then do not count. */
static void
stop(struct dial *d)
{
	timer_clear(&d->deadline);
	cancel_steps(d);
	deferred_queue(d->loop, &d->finish);
}

static void
end(struct dial *d, enum dial_result result, const char *what,
    const char *why)
{
	d->result = result;
	snprintf(d->why, sizeof(d->why), "%s%s%s", what,
	    why[0] != '\0' ? ": " : "", why);
	stop(d);
}

/* Who is told the preface was reached, and is silent. */
static void
end_stalled(struct dial *d, const char *why)
{
	end(d, DIAL_STALLED, d->conf.preface->whose, why);
}

static void
dial_on_deadline(void *owner)
{
	struct dial *d = owner;
	bool resolving = d->resolve != NULL;
	const char *what = d->handshake != NULL ? "TLS handshake" :
	    resolving ? "name look-up" : "connect";

	resolve_cancel(d->resolve);
	d->resolve = NULL;
	if (resolving && d->again)
		stop(d);	/* as the first go ended */
	else if (d->speech != NULL)
		end_stalled(d, "no answer in time");
	else if (d->handshake != NULL && d->outer)
		end_stalled(d, "TLS handshake: no answer in time");
	else
		end(d, DIAL_TIMEOUT, what, "no answer in time");
}

/* -- the connection -- */

static void
dial_on_handshake(void *owner, enum tls_connect_result result,
    const char *why)
{
	struct dial *d = owner;
	bool broken = tls_bio_is_broken(tls_bio_of(d->ssl));

	d->handshake = NULL;
	d->unfit = result == TLS_CONNECT_UNFIT;
	if (result == TLS_CONNECT_OK)
		end(d, DIAL_OK, "connected", "");
	else
		end(d, broken ? DIAL_UNREACHABLE : DIAL_TLS, why, "");
}

/* Within what is there, or on the connection itself. */
static void
begin_handshake(struct dial *d)
{
	SSL *ssl = d->ssl != NULL ? tls_client_ssl_within(d->conf.tls,
	    d->conf.sessions, d->ssl) :
	    tls_client_ssl(d->conf.tls, d->conf.sessions, d->fd);

	if (ssl == NULL) {
		end(d, DIAL_TLS, "TLS", "cannot begin a handshake");
		return;
	}
	d->ssl = ssl;
	d->outer = false;
	timer_set(&d->deadline, d->conf.handshake_ms);
	d->handshake = tls_connect_start(d->loop, d->conf.tls, d->ssl, d->fd,
	    dial_on_handshake, d);
}

static void
dial_on_preface(void *owner, enum preface_end how, const char *why)
{
	struct dial *d = owner;

	d->speech = NULL;
	switch (how) {
	case PREFACE_END_DONE:
		begin_handshake(d);
		break;
	case PREFACE_END_REFUSED:
		d->refused = true;
		end(d, DIAL_UNREACHABLE, why, "");
		break;
	case PREFACE_END_LOST:
		end(d, DIAL_UNREACHABLE, d->conf.preface->whose, why);
		break;
	}
}

static void
begin_preface(struct dial *d)
{
	timer_set(&d->deadline, d->conf.preface_ms);
	d->speech = preface_start(d->loop, d->conf.preface, d->fd, d->ssl,
	    dial_on_preface, d);
}

/* Nothing is said before who is to hear it is known. */
static void
dial_on_outer_handshake(void *owner, enum tls_connect_result result,
    const char *why)
{
	struct dial *d = owner;

	d->handshake = NULL;
	d->unfit = result == TLS_CONNECT_UNFIT;
	if (result == TLS_CONNECT_OK)
		begin_preface(d);
	else
		end(d, DIAL_UNREACHABLE, d->conf.preface->whose, why);
}

static void
begin_outer_handshake(struct dial *d)
{
	d->ssl = tls_client_ssl(d->conf.preface_tls, NULL, d->fd);
	if (d->ssl == NULL) {
		end(d, DIAL_UNREACHABLE, d->conf.preface->whose,
		    "cannot begin a TLS handshake");
		return;
	}
	d->outer = true;
	timer_set(&d->deadline, d->conf.handshake_ms);
	d->handshake = tls_connect_start(d->loop, d->conf.preface_tls, d->ssl,
	    d->fd, dial_on_outer_handshake, d);
}

static void
dial_on_raced(void *owner, int fd, const struct addr *peer, int error)
{
	struct dial *d = owner;
	int on = 1;

	d->race = NULL;
	if (fd == -1) {
		end(d, DIAL_UNREACHABLE, "connect", strerror(error));
		return;
	}
	d->fd = fd;
	d->peer = *peer;
	(void)setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (d->conf.preface == NULL)
		begin_handshake(d);
	else if (d->conf.preface_tls == NULL)
		begin_preface(d);
	else
		begin_outer_handshake(d);
}

static bool
is_peer(const struct dial *d, const struct addr *a)
{
	return a->len == d->peer.len &&
	    memcmp(&a->ss, &d->peer.ss, a->len) == 0;
}

/*
 * Writes the addresses into to: all of them, or those worth a second attempt.
 */
static size_t
choose(const struct dial *d, const struct addr *addrs, size_t n,
    struct addr *to)
{
	const struct addr *last = NULL;
	size_t chosen = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_peer(d, &addrs[i]))
			last = &addrs[i];
		else
			to[chosen++] = addrs[i];
	}
	if (last != NULL && !d->unfit)
		to[chosen++] = *last;
	return chosen;
}

static void
race(struct dial *d, const struct addr *addrs, size_t n)
{
	struct addr *to = xcalloc(n, sizeof(*to));

	d->n = choose(d, addrs, n, to);
	if (d->n == 0)
		stop(d);	/* as the first go ended */
	else
		d->race = race_start(d->loop, to, d->n, dial_on_raced, d);
	if (d->n != 0 && d->unfit && d->conf.unfit != NULL)
		d->conf.unfit(d->owner, d->why);
	free(to);
}

static void
dial_on_resolved(void *owner, const struct addr *addrs, size_t n,
    const char *why)
{
	struct dial *d = owner;

	d->resolve = NULL;
	if (n == 0)
		end(d, DIAL_UNREACHABLE, why, "");
	else
		race(d, addrs, n);
}

/* -- the beginning -- */

struct dial *
dial_start(struct loop *loop, const struct dial_conf *conf, dial_done *done,
    void *owner)
{
	struct dial *d = xcalloc(1, sizeof(*d));

	d->loop = loop;
	d->conf = *conf;
	d->done = done;
	d->owner = owner;
	d->fd = -1;
	timer_init(&d->deadline, loop, dial_on_deadline, d);
	deferred_init(&d->finish, LOOP_SOON, finish, d);
	d->connect_until = loop_now(loop) + conf->connect_ms * NS_PER_MS;
	timer_set(&d->deadline, conf->connect_ms);
	d->resolve = resolve_start(conf->resolver, conf->host, conf->port,
	    dial_on_resolved, d);
	return d;
}

void
dial_cancel(struct dial *d)
{
	if (d != NULL)
		dial_free(d);
}
