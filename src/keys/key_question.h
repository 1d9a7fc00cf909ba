/*
 * A question that was put to a worker: what does the API say of that key at
 * that upstream?  A worker may have several, also of one key, and may answer
 * late; so an answer names the question.
 */
#ifndef KEYS_KEY_QUESTION_H
#define KEYS_KEY_QUESTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "policy/fault.h"
#include "policy/key_suspicion.h"

struct key_question {
	pid_t worker;			/* 0: none was put */
	uint64_t id;			/* among those of this worker */
};

/* What a worker says of a key that it tried. */
struct key_said {
	enum key_answer answer;
	unsigned status;		/* 0: the upstream did not answer */
	enum fault fault;		/* why; FAULT_NONE: it did */
};

static inline bool
key_question_is(const struct key_question *a, const struct key_question *b)
{
	return a->worker != 0 && a->worker == b->worker && a->id == b->id;
}

#endif
