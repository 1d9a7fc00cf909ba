/*
 * What has to be said on a connection before TLS may begin on it, such as
 * CONNECT to a proxy: some bytes go out, and bytes come until the answer is
 * whole.  The words are the business of a higher layer, which hands down
 * struct preface; the socket, or TLS with who is told them, is that of this
 * module.
 *
 * Nothing else is ever sent on a connection whose preface has not ended well.
 */
#ifndef NET_PREFACE_H
#define NET_PREFACE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "net/loop.h"

typedef struct ssl_st SSL;

enum preface_state { PREFACE_MORE, PREFACE_DONE, PREFACE_REFUSED };

struct preface {
	const char		*whose;	/* "proxy": who answers, for the log */

	/*
	 * Begins one: appends what is to be sent, which is overwritten in
	 * memory when it has left.  Returns what the other two are called
	 * with; NULL: nothing may be said, and why is one line.
	 */
	void			*(*begin)(void *ctx, struct buf *out, char *why,
				    size_t why_size);

	/*
	 * n bytes more came.  With PREFACE_REFUSED why is one line; after
	 * PREFACE_DONE the bytes that come next are those of TLS.
	 */
	enum preface_state	 (*input)(void *state, const uint8_t *,
				    size_t n, char *why, size_t why_size);

	/* Frees the state; called after either end, and when cancelled. */
	void			 (*end)(void *state);

	void			*ctx;
};

enum preface_end {
	PREFACE_END_DONE,
	PREFACE_END_REFUSED,	/* by the other side, or not begun */
	PREFACE_END_LOST,	/* the connection ended */
};

/* why is one line, unless it is done. */
typedef void	 preface_done(void *owner, enum preface_end, const char *why);

struct speech;

/*
 * Begins on a connected descriptor or, unless ssl is NULL, in TLS on it whose
 * other end was verified; both stay the caller's, and so does the time limit.
 * done is called once, from the loop, never from within this call.
 */
struct speech	*preface_start(struct loop *, const struct preface *, int fd,
		    SSL *ssl, preface_done *done, void *owner);

/* To be called before done was; nothing is called after it.  NULL is fine. */
void		 preface_cancel(struct speech *);

#endif
