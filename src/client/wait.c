/*
 * A session's deadline; see wait.h.
 */
#include "client/wait.h"

void
wait_begin(struct wait *w, const struct conf *conf)
{
	*w = (struct wait){ .what = WAIT_NOTHING };
	patience_begin(&w->reading, conf->timeouts.send);
}

int64_t
wait_reading_left(struct wait *w, const struct conf *conf,
    const struct junction *j)
{
	uint64_t sent = link_sent(j->link), waiting = link_waiting(j->link);
	uint64_t taken = sent > waiting ? sent - waiting : 0;
	int64_t now = loop_now(j->loop);

	if (taken > w->taken) {
		patience_feed(&w->reading, conf->timeouts.send,
		    conf->limits.body_rate, (size_t)(taken - w->taken), now);
		w->taken = taken;
	}
	return patience_left(&w->reading, now);
}

/* Time runs out only while the client is waited for. */
static void
move_patience(struct wait *w, enum wait_for what, struct patience *body,
    int64_t now)
{
	if (body != NULL && (what == WAIT_BODY || w->what == WAIT_BODY))
		patience_run(body, what == WAIT_BODY, now);
	if (what == WAIT_SEND || w->what == WAIT_SEND)
		patience_run(&w->reading, what == WAIT_SEND, now);
}

void
wait_move(struct wait *w, const struct conf *conf, struct junction *j,
    enum wait_for what, struct patience *body)
{
	const struct conf_client_timeouts *t = &conf->timeouts;

	if (what == w->what && !w->progress)
		return;
	move_patience(w, what, body, loop_now(j->loop));
	if (what != WAIT_HEAD)
		w->head_ns = 0;
	else if (w->what != WAIT_HEAD)
		w->head_ns = loop_now(j->loop);
	switch (what) {
	case WAIT_NOTHING:
		timer_clear(&j->timer);
		break;
	case WAIT_REQUEST:
		timer_set(&j->timer, t->idle);
		break;
	case WAIT_HEAD:
		/* The whole head in that time, however it trickles in. */
		if (w->what != WAIT_HEAD)
			timer_set(&j->timer, t->head);
		break;
	case WAIT_BODY:
		timer_set(&j->timer,
		    patience_left(body, loop_now(j->loop)));
		break;
	case WAIT_SEND:
		timer_set(&j->timer, wait_reading_left(w, conf, j));
		break;
	}
	w->what = what;
	w->progress = false;
}

enum wait_for
wait_passed(struct wait *w)
{
	enum wait_for what = w->what;

	w->what = WAIT_NOTHING;
	return what;
}
