/*
 * What the files of a session share: session.c has its life, session_look.c
 * what others may know of it, session_tls.c what its client proved.
 */
#ifndef CLIENT_SESSION_PARTS_H
#define CLIENT_SESSION_PARTS_H

#include "client/session.h"
#include "conn/conn.h"

/* What the session waits for while it has no exchange. */
enum quiet {
	QUIET_NOT,		/* it has one */
	QUIET_IDLE,
	QUIET_HEAD,		/* a head has begun */
};

struct session {
	struct session_place place;	/* first, see session_of() */
	const struct session_owner *owner;
	struct conn conn;	/* its timer is for quiet sessions */
	struct exchange *exchanges;	/* in the order of their heads */
	struct exchange_client client;
	struct principal principal;
	uint64_t taken;			/* bytes the client had read, when
					   last seen */
	int64_t head_ns;		/* when the head of QUIET_HEAD began */
	enum quiet quiet;
	bool by_tls;
	bool drains;			/* its next response is the last */
};

/*
 * Why its client, which came by TLS, is not served any more; NULL: it is.  The
 * next response is the last where that will soon be so.
 */
const char	*session_tls_fault(struct session *);

#endif
