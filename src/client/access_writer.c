/*
 * The access log of a worker; see access_writer.h.
 */
#include "client/access_writer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "client/access_log.h"
#include "client/losses.h"
#include "net/timer.h"

#define FLUSH_AGAIN_MS	100

struct access_writer {
	struct loop *loop;
	struct sink *sink;
	struct losses losses;		/* losses that were told of */
	struct deferred flush;		/* at the turn's end */
	struct timer flush_again;	/* for a slow reader */
	struct timer tell_again;	/* for news put off */
	const struct conf_log *conf;
};

/* -- lost lines, told of in the other log -- */

static const char *
error_text(const struct access_writer *w)
{
	int error = sink_error(w->sink);

	return error == EAGAIN ? "its reader is too slow" : strerror(error);
}

static void
tell_losses(void *owner)
{
	struct access_writer *w = owner;
	uint64_t n;

	switch (losses_look(&w->losses, sink_lost(w->sink),
	    sink_failing(w->sink), loop_now(w->loop), &n)) {
	case LOSSES_NONE:
		break;
	case LOSSES_BEGAN:
		log_warn("the access log cannot be written: %s; lines are "
		    "lost", error_text(w));
		break;
	case LOSSES_GO_ON:
		log_warn("the access log still cannot be written: %s; lines "
		    "lost so far: %" PRIu64, error_text(w), n);
		break;
	case LOSSES_OVER:
		log_warn("the access log is written again; lines lost: %"
		    PRIu64, n);
		break;
	case LOSSES_LATER:
		timer_set(&w->tell_again, LOSSES_PAUSE_MS);
		break;
	}
}

/* Nothing will be written any more. */
static void
tell_last_losses(struct access_writer *w)
{
	uint64_t n;

	sink_end(w->sink);
	n = sink_lost(w->sink) - w->losses.told;
	if (n != 0)
		log_warn("the access log could not be written: %s; lines "
		    "lost: %" PRIu64, error_text(w), n);
}

/* -- lines -- */

static void
flush(void *owner)
{
	struct access_writer *w = owner;

	sink_flush(w->sink);
	/* Where the reader is slow, the rest follows when it has caught up. */
	if (sink_pending(w->sink))
		timer_set(&w->flush_again, FLUSH_AGAIN_MS);
	tell_losses(w);
}

void
access_writer_add(struct access_writer *w, const struct record *record)
{
	if (w == NULL)
		return;
	access_log_format(record, w->conf->format, w->conf->query,
	    sink_line(w->sink));
	sink_line_end(w->sink);
	deferred_queue(w->loop, &w->flush);
}

bool
access_writer_fails(const struct access_writer *w)
{
	return w != NULL && sink_failing(w->sink);
}

struct access_writer *
access_writer_new(struct loop *loop, struct sink *sink,
    const struct conf_log *conf)
{
	struct access_writer *w = xcalloc(1, sizeof(*w));

	w->loop = loop;
	w->sink = sink;
	w->conf = conf;
	deferred_init(&w->flush, LOOP_LATE, flush, w);
	timer_init(&w->flush_again, loop, flush, w);
	timer_init(&w->tell_again, loop, tell_losses, w);
	return w;
}

void
access_writer_free(struct access_writer *w)
{
	if (w == NULL)
		return;
	deferred_cancel(&w->flush);
	tell_last_losses(w);
	timer_end(&w->flush_again);
	timer_end(&w->tell_again);
	free(w);
}
