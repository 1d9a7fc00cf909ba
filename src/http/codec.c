/*
 * The way from the one interface of codec.h to the protocol behind it.
 */
#include "http/codec.h"

#include "http/codec_ops.h"

const struct codec_limits codec_limits_default = {
	.head = 32 * 1024,
	.target = 8 * 1024,
	.fields = 100,
	.trailers = 8 * 1024,
	.interim = 16,
	.room = 64 * 1024,
};

void
codec_free(struct codec *c)
{
	if (c != NULL)
		c->ops->free(c);
}

void
codec_input(struct codec *c, const uint8_t *p, size_t n)
{
	c->ops->input(c, p, n);
}

void
codec_input_eof(struct codec *c, bool clean)
{
	c->ops->input_eof(c, clean);
}

bool
codec_has_events(const struct codec *c)
{
	return c->ops->has_events(c);
}

bool
codec_wants_input(const struct codec *c)
{
	return c->ops->wants_input(c);
}

struct text
codec_output(struct codec *c)
{
	return c->ops->output(c);
}

void
codec_output_done(struct codec *c, size_t n)
{
	c->ops->output_done(c, n);
}

const char *
codec_complaint(const struct codec *c)
{
	return c->ops->complaint(c);
}

stream_id
codec_refuse(struct codec *c, struct head *read)
{
	return c->ops->refuse(c, read);
}

void
codec_own(struct codec *c, stream_id stream, const struct stream_events *on,
    void *owner)
{
	c->ops->own(c, stream, on, owner);
}

stream_id
codec_open(struct codec *c, const struct stream_events *on, void *owner)
{
	return c->ops->open(c, on, owner);
}

void
codec_send_head(struct codec *c, stream_id stream, const struct head *h,
    bool end)
{
	c->ops->send_head(c, stream, h, end);
}

void
codec_send_body(struct codec *c, stream_id stream, const uint8_t *p, size_t n,
    bool end)
{
	c->ops->send_body(c, stream, p, n, end);
}

size_t
codec_room(const struct codec *c, stream_id stream)
{
	return c->ops->room(c, stream);
}

void
codec_credit(struct codec *c, stream_id stream, size_t n)
{
	c->ops->credit(c, stream, n);
}

void
codec_reset(struct codec *c, stream_id stream, enum codec_reason why)
{
	c->ops->reset(c, stream, why);
}

void
codec_drain(struct codec *c)
{
	c->ops->drain(c);
}

enum codec_state
codec_state(const struct codec *c)
{
	return c->ops->state(c);
}

size_t
codec_held(const struct codec *c)
{
	return c->ops->held(c);
}
