/*
 * A link and its codec; see junction.h.
 */
#include "conn/junction.h"

static void
settle(void *owner)
{
	struct junction *j = owner;

	j->events->settle(j->owner);
}

static void
reap(void *owner)
{
	struct junction *j = owner;

	timer_end(&j->timer);
	codec_free(j->codec);
	j->events->freed(j->owner);
}

static void
link_input(void *owner, const uint8_t *bytes, size_t n)
{
	struct junction *j = owner;

	j->events->input(j->owner);
	if (!j->closed)
		codec_input(j->codec, bytes, n);
	if (!j->closed)
		settle(j);
}

static void
link_eof(void *owner, bool clean)
{
	struct junction *j = owner;

	j->ended = true;
	codec_input_eof(j->codec, clean);
	if (!j->closed)
		settle(j);
}

static void
link_failed(void *owner, enum link_error why)
{
	struct junction *j = owner;

	(void)why;
	j->ended = true;
	j->events->failed(j->owner);
}

static struct text
link_output(void *owner)
{
	struct junction *j = owner;

	return codec_output(j->codec);
}

static void
link_output_done(void *owner, size_t n)
{
	struct junction *j = owner;

	codec_output_done(j->codec, n);
	/* That the link is blocked now is news, too. */
	if (link_is_blocked(j->link) || codec_has_events(j->codec))
		settle(j);
}

const struct link_events junction_link_events = {
	.input = link_input,
	.eof = link_eof,
	.error = link_failed,
	.output = link_output,
	.output_done = link_output_done,
};

void
junction_init(struct junction *j, struct loop *loop, struct codec *codec,
    struct link *link, const struct junction_events *events, void *owner)
{
	*j = (struct junction){
		.loop = loop,
		.link = link,
		.codec = codec,
		.events = events,
		.owner = owner,
	};
	timer_init(&j->timer, loop, events->late, owner);
	deferred_init(&j->settle, LOOP_SOON, settle, j);
	deferred_init(&j->reap, LOOP_LATE, reap, j);
	link_want_input(link, true);
}

void
junction_close(struct junction *j, enum link_end how)
{
	j->closed = true;
	deferred_cancel(&j->settle);
	timer_clear(&j->timer);
	link_close(&j->link, how);
	deferred_queue(j->loop, &j->reap);
}

void
junction_wake(struct junction *j)
{
	if (!j->closed)
		deferred_queue(j->loop, &j->settle);
}

void
junction_go_on(struct junction *j, bool wants_input)
{
	link_want_input(j->link, wants_input);
	if (codec_output(j->codec).n != 0)
		link_wake(j->link);
}
