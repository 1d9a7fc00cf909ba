/*
 * What a session by TLS rests on, and whether that holds; see session.h.
 */
#include "base/clock.h"
#include "client/session_parts.h"
#include "client/tls_servers.h"

/*
 * When the certificate of its client is good for less, a response is the last
 * of the connection: who renews it comes again in time, and is never refused.
 */
#define LAST_MS			60000

const char session_outdated[1];

/* Another process has other authorities, or this one is about to. */
static bool
is_outdated(const struct session *s)
{
	const struct exchange_terms *terms = &s->owner->terms;
	const struct env *env = terms->env;

	if (s->place.verified == session_outdated)
		return true;
	return !tls_servers_trusts(env->tls,
	    (size_t)(terms->listener - env->conf->listeners),
	    s->principal.certificate != NULL, env->stats);
}

const char *
session_tls_fault(struct session *s)
{
	int64_t left = principal_ms_left(&s->principal, clock_wall());

	if (left < LAST_MS)
		codec_drain(s->conn.codec);
	if (is_outdated(s)) {
		codec_drain(s->conn.codec);
		return "what clients are verified by was renewed since it "
		    "connected";
	}
	return left != 0 ? NULL :
	    "the client's certificate has expired since it connected";
}
