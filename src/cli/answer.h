/*
 * The result of `explain`, printed for people or for programs.
 */
#ifndef CLI_ANSWER_H
#define CLI_ANSWER_H

#include "base/arena.h"
#include "base/blocks.h"
#include "base/json.h"
#include "conf/conf.h"
#include "http/head.h"
#include "policy/judge.h"
#include "policy/principal.h"

/* The request that is explained, and how far it got. */
struct question {
	const struct conf *conf;
	size_t listener;
	struct principal who;
	struct blocks *blocks;
	struct arena arena;
	struct head *head;		/* NULL: the codec refused it */
	struct verdict verdict;
	size_t key;
};

/*
 * Prints it to standard output; for a refusal, each route and why it did not
 * match.
 */
void	answer_print(struct question *);

/*
 * The members of an object.  If conf is NULL, or the listener CONF_NONE, the
 * request could not be judged, and all is null.
 */
void	answer_write(struct question *, struct json *);

#endif
