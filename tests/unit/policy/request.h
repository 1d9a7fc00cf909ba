/*
 * For the tests of what judges a request: heads as the real codec makes them.
 */
#ifndef TESTS_UNIT_POLICY_REQUEST_H
#define TESTS_UNIT_POLICY_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/blocks.h"
#include "base/buf.h"
#include "http/request.h"

struct requests {
	struct blocks *blocks;
	struct arena arena;
};

/* What cmocka calls before and after each test: *state is a struct requests. */
static inline int
requests_setup(void **state)
{
	static struct requests r;

	r.blocks = blocks_new(4096, 16);
	arena_init(&r.arena, r.blocks);
	*state = &r;
	return 0;
}

static inline int
requests_teardown(void **state)
{
	struct requests *r = *state;

	arena_release(&r->arena);
	blocks_free(r->blocks);
	return 0;
}

/* NULL where the codec refuses it.  Lives until the next call. */
static inline const struct head *
requests_parse(struct requests *r, struct text request)
{
	enum codec_error why;
	const char *complaint;

	arena_release(&r->arena);
	return request_read(request, &codec_limits_default, r->blocks,
	    &r->arena, &why, &complaint);
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
