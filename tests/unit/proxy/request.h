/*
 * For the tests of what judges a request: heads as the real codec makes them.
 */
#ifndef TESTS_UNIT_PROXY_REQUEST_H
#define TESTS_UNIT_PROXY_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/blocks.h"
#include "base/buf.h"
#include "http/codec.h"

struct requests {
	struct blocks *blocks;
	struct arena arena;
	struct fields scratch;
	struct head *head;	/* of the last request, or NULL */
};

static void
requests_on_head(void *owner, stream_id id, const struct head *head, bool end)
{
	struct requests *r = owner;

	(void)id;
	(void)end;
	r->head = head_copy(&r->arena, head);
}

static void
requests_on_body(void *owner, stream_id id, const uint8_t *p, size_t n,
    bool end)
{
	(void)owner;
	(void)id;
	(void)p;
	(void)n;
	(void)end;
}

static void
requests_on_room(void *owner, stream_id id)
{
	(void)owner;
	(void)id;
}

static void
requests_on_reset(void *owner, stream_id id, enum codec_error why)
{
	(void)owner;
	(void)id;
	(void)why;
}

static void
requests_on_drain(void *owner)
{
	(void)owner;
}

static inline void
requests_init(struct requests *r)
{
	*r = (struct requests){ .blocks = blocks_new(4096, 16) };
	arena_init(&r->arena, r->blocks);
}

static inline void
requests_release(struct requests *r)
{
	arena_release(&r->arena);
	fields_release(&r->scratch);
	blocks_free(r->blocks);
}

/* NULL where the codec refuses it.  Lives until the next call. */
static inline const struct head *
requests_parse(struct requests *r, struct text request)
{
	static const struct codec_events events = {
		.head = requests_on_head,
		.body = requests_on_body,
		.room = requests_on_room,
		.reset = requests_on_reset,
		.drain = requests_on_drain,
	};
	struct codec_shared shared = {
		.limits = &codec_limits_default,
		.blocks = r->blocks,
		.scratch = &r->scratch,
	};
	struct codec *codec = h1_codec_new(CODEC_SERVER, &shared, &events, r);

	arena_release(&r->arena);
	r->head = NULL;
	codec_input(codec, (const uint8_t *)request.p, request.n);
	codec_free(codec);
	return r->head;
}

/* METHOD TARGET with a Host and, each ended by CRLF, other fields. */
static inline const struct head *
requests_make(struct requests *r, const char *method, const char *target,
    const char *host, const char *fields)
{
	struct buf text;
	const struct head *head;

	buf_init(&text, NULL);
	buf_printf(&text, "%s %s HTTP/1.1\r\n", method, target);
	if (host != NULL)
		buf_printf(&text, "Host: %s\r\n", host);
	buf_printf(&text, "%s\r\n", fields);
	head = requests_parse(r, buf_text(&text));
	buf_release(&text);
	return head;
}

#endif
