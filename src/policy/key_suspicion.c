/*
 * Probes of keys; see key_suspicion.h.
 */
#include "policy/key_suspicion.h"

#include <string.h>

#include "base/clock.h"

/* How long a key that was cleared is not suspected. */
#define CALM_NS		(60 * NS_PER_S)

/* The pauses between probes of a rejected key. */
#define PAUSE_LEAST_NS	(5 * NS_PER_S)
#define PAUSE_MOST_NS	(600 * NS_PER_S)

/* Longer than a probe takes. */
#define LATE_NS		(40 * NS_PER_S)

static const char *const names[KEY_ANSWERS] = {
	[KEY_ACCEPTED] = "accepted",
	[KEY_REJECTED] = "rejected",
	[KEY_UNCLEAR] = "unclear",
	[KEY_ASTRAY] = "astray",
};

const char *
key_answer_name(enum key_answer answer)
{
	return names[answer];
}

bool
key_answer_parse(const char *name, enum key_answer *answer)
{
	for (unsigned i = 0; i < KEY_ANSWERS; i++) {
		if (strcmp(names[i], name) == 0) {
			*answer = (enum key_answer)i;
			return true;
		}
	}
	return false;
}

bool
key_suspicion_raise(struct key_suspicion *s, int64_t now)
{
	return s->pause_ns == 0 && now >= s->calm_ns &&
	    key_suspicion_demand(s, now);
}

bool
key_suspicion_demand(struct key_suspicion *s, int64_t now)
{
	if (s->asked || s->pending)
		return false;
	s->pending = true;
	s->due_ns = now;
	return true;
}

bool
key_suspicion_is_due(const struct key_suspicion *s, int64_t now)
{
	return s->pending && s->due_ns <= now;
}

void
key_suspicion_asked(struct key_suspicion *s, int64_t now)
{
	s->pending = false;
	s->asked = true;
	s->asked_ns = now;
}

void
key_suspicion_ask_again(struct key_suspicion *s, int64_t now)
{
	s->asked = false;
	s->pending = true;
	s->due_ns = now;
}

void
key_suspicion_put_off(struct key_suspicion *s, int64_t now)
{
	s->asked = false;
	s->pending = true;
	s->due_ns = now + NS_PER_S;
}

static void
pause_longer(struct key_suspicion *s, int64_t now, uint32_t any)
{
	if (s->pause_ns == 0 && now < s->doubt_ns)
		s->pause_ns = s->doubted_pause_ns;
	s->pause_ns = s->pause_ns == 0 ? PAUSE_LEAST_NS :
	    clock_earlier(2 * s->pause_ns, PAUSE_MOST_NS);
	s->pending = true;
	s->due_ns = now + s->pause_ns +
	    (int64_t)(any % 256) * (s->pause_ns / 1024);
}

static void
come_back_in_doubt(struct key_suspicion *s, int64_t now)
{
	s->doubt_ns = now + PAUSE_MOST_NS;
	s->doubted_pause_ns = s->pause_ns;
	s->pause_ns = s->calm_ns = 0;
}

void
key_suspicion_answered(struct key_suspicion *s, enum key_answer answer,
    int64_t now, uint32_t any)
{
	s->asked = s->pending = false;
	if (answer == KEY_ASTRAY && s->pause_ns != 0) {
		come_back_in_doubt(s, now);
		return;
	}
	if (answer == KEY_ACCEPTED)
		s->pause_ns = s->doubt_ns = 0;
	if (answer == KEY_REJECTED || s->pause_ns != 0)
		pause_longer(s, now, any);
	else
		s->calm_ns = now + CALM_NS;
}

void
key_suspicion_resume(struct key_suspicion *s, bool rejected, int64_t now,
    uint32_t any)
{
	s->calm_ns = 0;
	if (!rejected || s->asked)
		return;
	s->pause_ns = s->doubt_ns = 0;
	pause_longer(s, now, any);
}

bool
key_suspicion_is_late(const struct key_suspicion *s, int64_t now)
{
	return s->asked && now - s->asked_ns >= LATE_NS;
}

int64_t
key_suspicion_next(const struct key_suspicion *s)
{
	if (s->asked)
		return s->asked_ns + LATE_NS;
	return s->pending ? s->due_ns : INT64_MAX;
}
