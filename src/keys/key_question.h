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

struct key_question {
	pid_t worker;			/* 0: none was put */
	uint64_t id;			/* among those of this worker */
};

static inline bool
key_question_is(const struct key_question *a, const struct key_question *b)
{
	return a->worker != 0 && a->worker == b->worker && a->id == b->id;
}

#endif
