/*
 * Asking the running daemon: one request over its admin listener, and the
 * answer.  Blocking, with time limits and a bound on the answer.  Knows no verb
 * and no configuration.
 */
#ifndef CLI_ASK_H
#define CLI_ASK_H

#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"

/* A longer answer is refused. */
#define ASK_MAX		((size_t)16 << 20)

struct ask {
	const struct addr *to;
	const char *host;		/* for Host */
	const char *method, *target;
	int64_t limit_ms;		/* until the answer is complete */
};

struct ask_answer {
	unsigned status;
	struct buf body;
};

/* How far it came. */
enum ask_result {
	ASK_ANSWERED,		/* whatever the status is */
	ASK_NOT_CONNECTED,	/* with errno */
	ASK_BROKEN,		/* *why, to be freed: it "ended the
				   connection", "sent no HTTP: ..." */
};

/* ask_answer_free() in every case. */
enum ask_result	 ask_daemon(const struct ask *, struct ask_answer *,
		    char **why);
void		 ask_answer_free(struct ask_answer *);

#endif
