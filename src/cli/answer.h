/*
 * What `explain` found out, said to people or to programs.
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

/* What is explained, and how far it got. */
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

/* To standard output; of a refusal, each route and why it is none. */
void	answer_print(struct question *);

/*
 * The members of an object.  conf NULL, or the listener CONF_NONE: the
 * question could not be asked, and there is nothing to say but null.
 */
void	answer_write(struct question *, struct json *);

#endif
