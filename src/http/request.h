/*
 * One request out of a text, without a connection: to find what would happen to
 * it.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "base/arena.h"
#include "base/blocks.h"
#include "base/text.h"
#include "http/codec.h"

/*
 * The head of the request that a text begins with, as a server's codec reads
 * it; the text may end with it.  It lives in the arena.  NULL where the codec
 * refuses it; *why and *complaint are set then.  The complaint is that of
 * codec_complaint(), in the arena, too.
 */
struct head	*request_read(struct text, const struct codec_limits *,
		    struct blocks *, struct arena *, enum codec_error *why,
		    const char **complaint);

#endif
