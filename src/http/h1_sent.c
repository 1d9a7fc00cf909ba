/*
 * Which stream the output belongs to; see h1_sent.h.
 */
#include "http/h1_sent.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "http/rules.h"

#define FIRST_PARTS	8

void
h1_sent_release(struct h1_sent *s)
{
	free(s->more);
	s->more = NULL;
	s->first = s->n = s->cap = 0;
}

static struct h1_part *
part_at(struct h1_sent *s, size_t i)
{
	return s->more != NULL ? &s->more[s->first + i] : &s->own;
}

static const struct h1_part *
part_of(const struct h1_sent *s, size_t i)
{
	return s->more != NULL ? &s->more[s->first + i] : &s->own;
}

static void
make_room(struct h1_sent *s)
{
	uint32_t cap = s->cap != 0 ? 2 * s->cap : FIRST_PARTS;

	if (s->n == 0 || (s->more != NULL && s->first + s->n < s->cap))
		return;
	if (s->first > s->n) {
		memcpy(s->more, part_at(s, 0), s->n * sizeof(*s->more));
		s->first = 0;
		return;
	}
	s->more = xreallocarray(s->more, cap, sizeof(*s->more));
	if (s->cap == 0)
		s->more[0] = s->own;
	s->cap = cap;
}

/* The last part, if it belongs to that stream and may grow; or NULL. */
static struct h1_part *
open_part(struct h1_sent *s, const struct stream_events *on,
    void *owner)
{
	struct h1_part *p;

	if (s->n == 0)
		return NULL;
	p = part_at(s, s->n - 1);
	return !p->last && p->on == on && p->owner == owner ? p : NULL;
}

static struct h1_part *
push(struct h1_sent *s, const struct stream_events *on, void *owner)
{
	struct h1_part *p;

	make_room(s);
	p = part_at(s, s->n++);
	*p = (struct h1_part){ .on = on, .owner = owner };
	return p;
}

void
h1_sent_frame(struct h1_sent *s, const struct stream_events *on, void *owner,
    size_t n)
{
	struct h1_part *p = open_part(s, on, owner);

	if (p == NULL || p->body != 0 || p->chunks != 0)
		p = push(s, on, owner);
	assert(n <= UINT32_MAX - p->frame);
	p->frame += (uint32_t)n;
}

void
h1_sent_body(struct h1_sent *s, const struct stream_events *on, void *owner,
    size_t n)
{
	struct h1_part *p = open_part(s, on, owner);

	if (n == 0)
		return;
	if (p == NULL)
		p = push(s, on, owner);
	assert(n <= UINT32_MAX - p->body - p->gone);
	p->body += (uint32_t)n;
}

#define LINE_END	2

void
h1_sent_chunk(struct h1_sent *s, const struct stream_events *on, void *owner,
    size_t line, size_t n)
{
	struct h1_part *p = open_part(s, on, owner);
	size_t all = line + n + LINE_END;

	if (p == NULL)
		p = push(s, on, owner);
	assert(all <= UINT32_MAX - p->frame - p->body - p->chunks - p->gone);
	if (p->body != 0 || p->chunks != 0) {
		p->chunks += (uint32_t)all;
		return;
	}
	p->frame += (uint32_t)line;
	p->body = (uint32_t)n;
	p->chunks = LINE_END;
}

void
h1_sent_end(struct h1_sent *s, const struct stream_events *on, void *owner)
{
	struct h1_part *p = open_part(s, on, owner);

	if (p == NULL)
		p = push(s, on, owner);
	p->last = true;
}

static size_t
take(uint32_t *from, size_t n)
{
	if (n > *from)
		n = *from;
	*from -= (uint32_t)n;
	return n;
}

static bool
is_empty(const struct h1_part *p)
{
	return p->frame == 0 && p->body == 0 && p->chunks == 0;
}

/* The end of one chunk, and the first line of the next if there is one. */
static void
next_chunk(struct h1_part *p, const char *at)
{
	const char *line = at + LINE_END, *end;
	uint64_t size = 0;

	p->frame = LINE_END;
	if (p->chunks > LINE_END) {
		end = memchr(line, '\r', p->chunks - LINE_END);
		assert(end != NULL);
		(void)chunk_size_parse(text_range(line, end), &size);
		p->frame += (uint32_t)(end - line) + LINE_END;
	}
	p->body = (uint32_t)size;
	p->chunks -= p->frame + p->body;
}

/* At most n bytes of it leave; how many did. */
static size_t
part_left(struct h1_part *p, const char *at, size_t n)
{
	size_t all = 0;

	do {
		size_t frame = take(&p->frame, n - all);
		size_t body = take(&p->body, n - all - frame);

		p->gone += (uint32_t)body;
		all += frame + body;
		if (p->frame == 0 && p->body == 0 && p->chunks != 0)
			next_chunk(p, at + all);
	} while (all < n && !is_empty(p));
	p->left |= all != 0;
	return all;
}

void
h1_sent_left(struct h1_sent *s, const char *at, size_t n)
{
	for (size_t i = 0; i < s->n && n != 0; i++) {
		size_t left = part_left(part_at(s, i), at, n);

		at += left;
		n -= left;
	}
}

static bool
has_news(const struct h1_part *p, bool idle)
{
	return p->gone != 0 || (p->last && is_empty(p)) ||
	    (idle && p->left && is_empty(p));
}

bool
h1_sent_has_news(const struct h1_sent *s, bool idle)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct h1_part *p = part_of(s, i);

		if (has_news(p, idle))
			return true;
		if (!is_empty(p))
			return false;
	}
	return false;
}

bool
h1_sent_next(struct h1_sent *s, bool idle, struct h1_news *news)
{
	while (s->n != 0) {
		struct h1_part *p = part_at(s, 0);
		bool any = has_news(p, idle), empty = is_empty(p);

		*news = (struct h1_news){
			.on = p->on, .owner = p->owner, .n = p->gone,
			.closed = p->last && empty,
			.sent = p->gone != 0 || (idle && p->left && empty),
		};
		p->gone = 0;
		p->left = false;
		if (empty) {
			s->n--;
			s->first++;
		}
		if (s->n == 0)
			h1_sent_release(s);
		if (any && news->on != NULL)
			return true;
		if (!empty)
			break;
	}
	return false;
}

void
h1_sent_forget(struct h1_sent *s)
{
	for (size_t i = 0; i < s->n; i++)
		part_at(s, i)->on = NULL;
}
