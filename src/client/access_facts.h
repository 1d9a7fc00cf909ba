/*
 * What the line of an exchange tells: chosen from its record, cut to a length
 * that does not fill the log, and freed of what looks like a key.  Decided here
 * once, for every form of line.
 */
#ifndef CLIENT_ACCESS_FACTS_H
#define CLIENT_ACCESS_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/text.h"
#include "stats/record.h"

/*
 * Texts are empty, and names NULL, where there is nothing to tell.  They are
 * not escaped: what clients and upstreams wrote may hold any byte.
 */
struct access_facts {
	char when[CLOCK_TEXT];		/* it began; RFC 3339 */
	enum log_level level;
	struct text outcome;		/* "success", "failure", "unknown" */
	uint64_t duration_ns;

	struct text method, id, path, query, version, user_agent;
	uint64_t request_bytes;
	unsigned status;		/* 0: no response was sent */
	uint64_t response_bytes;

	const char *fault;		/* its code */
	struct text detail;		/* of the fault */
	struct text reason;		/* the fault in words, the detail among
					   them */

	struct text ip;			/* and port; or else: */
	uint16_t port;
	struct text uid;
	struct text user_name;		/* or what its certificate calls it */
	struct text subject, issuer, certificate;	/* the digest of it */

	const char *listener, *route, *key, *upstream;
	unsigned attempts;
	bool reused;			/* of the last attempt, if any */
	bool answered;			/* the upstream, after upstream_ns */
	uint64_t upstream_ns;
	struct text upstream_request_id;
	struct text key_expires;	/* RFC 3339; or else: */
	struct text key_expires_raw;
	const char *diagnosis, *refused_key;

	struct text trace_id, span_id;
	bool trace_made;
	const char *trace_dropped;

	/* Where texts from above may lie. */
	struct buf words;
	char made_id[RECORD_RUN + 1 + TEXT_DIGITS], digits[TEXT_DIGITS];
	char address[ADDR_TEXT], expires[CLOCK_TEXT];
	char sha256[2 * DIGEST_SIZE];
};

/*
 * Texts are borrowed from the record or lie in the facts, which must not be
 * copied.  with_query: what follows the path of the target is told, too.
 */
void	access_facts_read(struct access_facts *, const struct record *,
	    bool with_query);
void	access_facts_release(struct access_facts *);

#endif
