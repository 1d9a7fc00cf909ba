/*
 * Certificates of listeners that are renewed on disk while they serve, for
 * listeners whose `tls` says `watch`: in the parent.  Another process
 * watches and reads the files (tls_watch.h), and is replaced when it dies,
 * or does nothing for a minute; what it read goes to the workers of the
 * generation that serves, and to those that replace them.  Generations that
 * retire take no new clients: they have only to end those whom it concerns,
 * by generation_distrust().
 */
#ifndef DAEMON_TLS_RENEWALS_H
#define DAEMON_TLS_RENEWALS_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/generation.h"
#include "daemon/passphrases.h"
#include "pages/admin_news.h"

struct tls_renewals;

struct tls_renewals_conf {
	struct passphrases *passphrases;	/* for keys that are sealed */
	/* The generation that serves has what was renewed. */
	void (*renewed)(void *owner);
	/* In the child: closes what the parent has. */
	void (*left)(void *owner);
	void *owner;
};

struct tls_renewals *tls_renewals_new(const struct tls_renewals_conf *);

/* NULL is fine. */
void	tls_renewals_free(struct tls_renewals *);

/*
 * This generation serves, with this configuration, whose ends are kept up to
 * date; both are borrowed until the next one does, or tls_renewals_stop().
 */
void	tls_renewals_serve(struct tls_renewals *, struct conf *,
	    struct generation *);

/* For poll(): fills in at most one, returns how many. */
size_t	tls_renewals_poll(const struct tls_renewals *, struct pollfd *);
void	tls_renewals_read(struct tls_renewals *);

/* A child ended; true when it was that process. */
bool	tls_renewals_reap(struct tls_renewals *, pid_t);

/*
 * Starts the process where it is due.  Returns when to call it again at the
 * latest (monotonic, ns), or INT64_MAX.
 */
int64_t	tls_renewals_step(struct tls_renewals *, int64_t now);

/* Adds the listeners that are watched to news, as tls_refused.h has it. */
void	tls_renewals_describe(const struct tls_renewals *,
	    struct admin_news *);

/* Nothing is watched any more. */
void	tls_renewals_stop(struct tls_renewals *);

/* In a forked child: closes what the parent has of it. */
void	tls_renewals_abandon(const struct tls_renewals *);

#endif
