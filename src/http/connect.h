/*
 * A tunnel through a proxy (RFC 9110 section 9.3.6): the request that asks for
 * it, and its answer.  Bytes go in and out; nothing is known of sockets.
 *
 * The answer is judged as strictly as any response.  Nothing of it but its
 * status is ever told, for a proxy may answer with what it was sent.
 */
#ifndef HTTP_CONNECT_H
#define HTTP_CONNECT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/text.h"
#include "http/codec.h"

/*
 * Appends the request for a tunnel to HOST:PORT.  The credential is the value
 * of Proxy-Authorization, or empty: then there is no such field.  The buffer
 * is made large enough first, so that no copy of it is left in freed memory.
 */
void	connect_request(struct buf *, struct text authority,
	    struct text credential);

enum connect_result {
	CONNECT_MORE,		/* the answer has not come whole */
	CONNECT_OPEN,		/* there is a tunnel */
	CONNECT_FAILED,		/* there is none */
};

struct connect_answer;

/* The limits are borrowed. */
struct connect_answer *connect_answer_new(const struct codec_limits *)
	    __attribute__((returns_nonnull));
void	connect_answer_free(struct connect_answer *);

/*
 * Takes the bytes that came next.  With CONNECT_FAILED why is one line, such as
 * "the proxy answered 407 Proxy Authentication Required".
 *
 * Any 2xx opens the tunnel, of HTTP/1.0 too, and interim responses before it
 * are skipped.  It must not announce a body: what RFC 9110 has clients ignore
 * there is a page in place of a tunnel.  No byte may come behind it, for the
 * other end waits for us to begin.
 */
enum connect_result connect_answer_input(struct connect_answer *,
	    const uint8_t *, size_t n, char *why, size_t why_size);

/* Its status, once it ended in a head that is valid; else 0. */
unsigned connect_answer_status(const struct connect_answer *);

#endif
